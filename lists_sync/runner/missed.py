"""Windows that closed without a run: found by whatever runs next, recorded, and told once a job and day.

A slot that is run after its own window has closed is found as well: its figures did not stand in time. Its
row in Control runs comes from the run itself and says how late it was.

Source: controls.md section 6, window missed; section 7; section 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from lists_sync.clock import iso, parse
from lists_sync.evaluate.people import Staff
from lists_sync.model import Change, Escalation, Severity
from lists_sync.plan.rows import new_row, slot_key
from lists_sync.worktime import slots_on

if TYPE_CHECKING:
    from lists_sync.definitions.jobs import Job
    from lists_sync.model import Snapshot
    from lists_sync.worktime import Calendar

TEMPLATE = "missed-window"
KIND = "missed"
"""What the key of their escalations begins with."""
LOOK_BACK = timedelta(days=31)
"""How far back windows are looked for; a machine that was off for longer has other worries."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class MissedSlot:
    """A slot whose window closed without a run.

    Args:
        late: it is the slot being run now, after its window.
    """

    job: Job
    slot: datetime
    closed_at: datetime
    late: bool = False

    @property
    def key(self) -> str:
        """The slot's key in Control runs."""
        return slot_key(self.job.name, self.slot)


def find_missed(
    jobs: Iterable[Job], snapshot: Snapshot, calendar: Calendar, *, slot: datetime, moment: datetime
) -> tuple[MissedSlot, ...]:
    """List the windows of these jobs that closed without a run since each job's last row in Control runs.

    Args:
        jobs: a job that has never run is looked at from the first run of any. One job alone is the one being
            run, and so its slot counts too.
        slot: the slot being run.

    Returns:
        in order of slots; none where nothing has ever run.
    """
    rows = snapshot.frames["control_runs"].dropna(subset=["Slot", "Control"])
    before = rows[rows["Slot"] < pd.Timestamp(slot)]
    if not len(before):
        return ()
    jobs = tuple(jobs)
    known = set(rows["RunKey"].dropna())
    last = before.groupby("Control")["Slot"].max()
    first = max(before["RanAt"].fillna(before["Slot"]).min(), moment - LOOK_BACK)
    until = slot if len(jobs) == 1 else slot - _MINUTE
    found = [
        replace(one, late=one.slot == slot)
        for job in jobs
        for one in _closed(job, calendar, first, max(last.get(job.name, first), first), moment)
        if one.slot <= until and one.key not in known
    ]
    return tuple(sorted(found, key=lambda one: (one.slot, one.job.control)))


def _closed(
    job: Job, calendar: Calendar, first: datetime, last: datetime, moment: datetime
) -> Iterator[MissedSlot]:
    """Yield the job's slots after the first run of any whose windows closed since its own last slot."""
    windows = dict(zip(job.schedule.slots, job.schedule.stands_by, strict=False))
    day = calendar.local_date(last)
    while windows and day <= calendar.local_date(moment):
        for at, by in windows.items():
            closes = calendar.instant(day, by)
            for begins in slots_on(day, job.schedule.days, [at], calendar):
                if first < begins and last < closes <= moment:
                    yield MissedSlot(job, begins, closes)
        day += timedelta(days=1)


def missed_rows(missed: Iterable[MissedSlot]) -> list[Change]:
    """Give the rows of Control runs that say so; a slot caught up later changes its row.

    The slot being run gets none: its row is that of the run.
    """
    return [
        new_row(
            "control_runs",
            one.key,
            {"RunKey": one.key, "Control": one.job.name, "Slot": one.slot, "Result": "Missed"},
        )
        for one in missed
        if not one.late
    ]


def missed_escalations(
    missed: Iterable[MissedSlot], snapshot: Snapshot, calendar: Calendar, staff: Staff, *, moment: datetime
) -> tuple[Escalation, ...]:
    """Give one escalation a job and local day, to the role that relies on the job."""
    days: dict[tuple[str, str], list[MissedSlot]] = {}
    for one in missed:
        days.setdefault((one.job.name, calendar.local_date(one.slot).isoformat()), []).append(one)
    told = _told_before(snapshot, calendar)
    return tuple(
        _escalation(slots, staff, moment=moment) for place, slots in days.items() if place not in told
    )


def _told_before(snapshot: Snapshot, calendar: Calendar) -> frozenset[tuple[str, str]]:
    """Give job and local day of the missed windows that stand in Control runs or Escalations already."""
    rows = snapshot.frames["control_runs"].dropna(subset=["Slot", "Control"])
    rows = rows[rows["Result"] == "Missed"]
    pairs = [*zip(rows["Control"], rows["Slot"], strict=True)]
    pairs += filter(None, map(_told_of, snapshot.frames["escalations"]["EscalationKey"].dropna()))
    return frozenset((job, calendar.local_date(slot).isoformat()) for job, slot in pairs)


def _told_of(key: str) -> tuple[str, datetime] | None:
    """Give job and slot that an escalation of a missed window names; None for any other."""
    kind, _, rest = key.partition("/")
    job, _, slot = rest.partition("/")
    if kind != KIND:
        return None
    try:
        return job, parse(slot.partition("/")[0])
    except ValueError:
        return None


def _escalation(slots: list[MissedSlot], staff: Staff, *, moment: datetime) -> Escalation:
    first = slots[0]
    role, holders, passed = staff.reached(first.job.role, staff.holders(first.job.role))
    return Escalation(
        key=f"{KIND}/{first.key}",
        control=first.job.name,
        rule=KIND,
        severity=Severity.WARNING,
        raised_at=moment,
        act_by=moment,
        to_role=role,
        to_person=holders[0] if holders else "",
        people=tuple(staff.name(one) for one in holders),
        facts={
            "template": TEMPLATE,
            "slot": iso(first.slot),
            "moment": iso(moment),
            "act_by": iso(moment),
            "about": first.job.title,
            "count": len(slots),
        },
        passed_over=passed,
    )
