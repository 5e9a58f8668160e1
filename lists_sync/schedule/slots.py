"""Which slots have come, which are to be run now, and which will never be: a pure function.

A slot is named by its job and its local time, so a time that clocks skip or repeat is one slot all the same.
Of each job only the latest slot of the present local day is ever run late; a control knows the moment at
which it judges, and a moment of another day would say nothing of that slot.

Source: controls.md section 7; section 9, a slot caught up late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from lists_sync.runner.day import place_in_day
from lists_sync.worktime import slots_on

if TYPE_CHECKING:
    from lists_sync.definitions.jobs import Job
    from lists_sync.worktime import Calendar

WAITS_MIN = (1, 2, 5, 10, 15)
"""Minutes after which a run that failed is tried again; the last holds from then on."""
LOOK_BACK = timedelta(days=31)
_DAY = timedelta(days=1)


class State(StrEnum):
    """How a slot stands."""

    DUE = "due"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """Tried, and to be tried again."""
    MISSED = "missed"
    """Never run, although its figures were to stand by a certain time."""
    PASSED = "passed"
    """Never run, and nothing was to stand by any time."""


OPEN = frozenset({State.DUE, State.RUNNING, State.FAILED})
"""The states of a slot that may still be run."""


@dataclass(frozen=True)
class Slot:
    """One scheduled minute of a job.

    Args:
        local: the local time as the job's file has it, `2026-11-23T08:15`; with the job it names the slot.
        at: the instant, UTC.
        closes_at: when its figures must stand; None where nobody relies on a time.
        tries: how often a run of it was begun.
        not_before: when a run that failed may be tried again.
        run: number of the run that did it, None where another machine did.
        late_minutes: whole minutes after the slot at which it was judged.
    """

    job: str
    local: str
    at: datetime
    closes_at: datetime | None = None
    state: State = State.DUE
    tries: int = 0
    not_before: datetime | None = None
    run: int | None = None
    late_minutes: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What names the slot."""
        return self.job, self.local

    @property
    def is_open(self) -> bool:
        """Whether it may still be run."""
        return self.state in OPEN

    def begun(self) -> Slot:
        """Give the slot as it stands while it is run."""
        return replace(self, state=State.RUNNING, tries=self.tries + 1, not_before=None)

    def done(self, *, run: int | None, late_minutes: int) -> Slot:
        """Give the slot as it stands once it was run."""
        return replace(self, state=State.DONE, not_before=None, run=run, late_minutes=late_minutes)

    def failed(self, now: datetime, *, at_least_s: float = 0) -> Slot:
        """Give a begun slot as it stands after its run failed.

        Args:
            at_least_s: the service asked for that much patience.
        """
        wait = timedelta(minutes=WAITS_MIN[min(self.tries, len(WAITS_MIN)) - 1])
        return replace(
            self, state=State.FAILED, not_before=now + max(wait, timedelta(seconds=round(at_least_s)))
        )


@dataclass(frozen=True)
class Agenda:
    """What is to be noted, and what is to be run now, each in order.

    Args:
        changed: slots that have come, or that will never be run now.
        due: of two at one minute the watch comes last.
    """

    changed: tuple[Slot, ...]
    due: tuple[Slot, ...]


def make_agenda(jobs: Mapping[str, Job], calendar: Calendar, now: datetime, rows: Iterable[Slot]) -> Agenda:
    """Say what is to be noted and what is to be run now.

    Args:
        rows: what is known, from the newest day on and all that is open. One that is `running` was cut off.

    Returns:
        Slots of days since the newest known one are missed unless they are known; where none is known,
        only those of today exist.
    """
    known = {row.key: row for row in rows}
    today = calendar.local_date(now)
    come = [
        slot
        for day in _days(known.values(), calendar, today)
        for job in jobs.values()
        for slot in slots_of(job, day, calendar)
        if slot.at <= now
    ]
    latest = set(_latest(one for one in come if calendar.local_date(one.at) == today))
    held = {one.key: one for one in come} | known
    settled = [_settled(one, is_latest=one.key in latest) for one in held.values()]
    due = [one for one in settled if one.is_open and (one.not_before is None or one.not_before <= now)]
    return Agenda(
        tuple(sorted((one for one in settled if known.get(one.key) != one), key=lambda one: one.at)),
        tuple(sorted(due, key=lambda one: place_in_day(one.at, jobs[one.job]))),
    )


def slots_of(job: Job, day: date, calendar: Calendar) -> Iterator[Slot]:
    """Yield a job's slots of a local day, ascending; of two that clocks put at one instant only the first."""
    seen = set[datetime]()
    windows = dict(zip(job.schedule.slots, job.schedule.stands_by, strict=False))
    for local in job.schedule.slots:
        for at in slots_on(day, job.schedule.days, [local], calendar):
            closes = calendar.instant(day, windows[local]) if local in windows else None
            if at not in seen:
                yield Slot(job.name, f"{day.isoformat()}T{local:%H:%M}", at, closes)
            seen.add(at)


def next_slot(job: Job, now: datetime, calendar: Calendar, *, within: int = 40) -> Slot | None:
    """Give a job's first slot after an instant; None where the days ahead hold none."""
    today = calendar.local_date(now)
    for ahead in range(within):
        for slot in slots_of(job, today + ahead * _DAY, calendar):
            if slot.at > now:
                return slot
    return None


def _days(known: Iterable[Slot], calendar: Calendar, today: date) -> Iterator[date]:
    """Yield the local days from the newest known one to today."""
    days = {calendar.local_date(one.at) for one in known}
    day = max((one for one in days if one <= today), default=today)
    day = max(day, today - LOOK_BACK)
    while day <= today:
        yield day
        day += _DAY


def _latest(slots: Iterable[Slot]) -> Iterable[tuple[str, str]]:
    """Give the key of each job's latest slot."""
    found: dict[str, Slot] = {}
    for one in slots:
        if one.job not in found or one.at > found[one.job].at:
            found[one.job] = one
    return (one.key for one in found.values())


def _settled(slot: Slot, *, is_latest: bool) -> Slot:
    """Give the slot as it stands when nobody is at work on it."""
    if not slot.is_open:
        return slot
    if is_latest:
        return replace(slot, state=State.DUE) if slot.state is State.RUNNING else slot
    return replace(slot, state=State.MISSED if slot.closes_at else State.PASSED, not_before=None)
