"""What a job remembers: read from its own records and the mirror's versions, never from a side file."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from lists_sync.controls import Remembered
from lists_sync.evaluate.escalate import is_met

if TYPE_CHECKING:
    from lists_sync.definitions.jobs import Job
    from lists_sync.mirror.versions import Mirror
    from lists_sync.model import Snapshot
    from lists_sync.worktime import Calendar


def remembered(
    job: Job, snapshot: Snapshot, *, slot: datetime, moment: datetime, calendar: Calendar
) -> Remembered:
    """Give what the job's previous record says, and which escalations stand.

    Args:
        job: its record list is in the snapshot.

    Returns:
        the cycle from the moment of the record of the latest earlier slot (on a first run: from the same
        local time on the working day before) to this slot's own recorded moment, else to `moment`.
    Source:
        controls.md section 1: cycle, previous record; section 9: a second run never moves a cycle.
    """
    rows = snapshot.frames[job.record].dropna(subset=["Slot", "RanAt"]).sort_values("Slot")
    earlier = rows[rows["Slot"] < pd.Timestamp(slot)]
    own = rows[rows["Slot"] == pd.Timestamp(slot)]
    previous = earlier["RanAt"].iloc[-1].to_pydatetime() if len(earlier) else None
    start = previous or calendar.same_time_previous_working_day(moment)
    end = own["RanAt"].iloc[-1].to_pydatetime() if len(own) else moment
    keys = snapshot.frames["escalations"]["EscalationKey"].dropna()
    return Remembered(
        previous_at=previous,
        first_run=previous is None,
        cycle_start=start,
        cycle_end=end,
        raised_keys=frozenset(keys),
        standing=_standing(job, earlier),
    )


def _standing(job: Job, earlier: pd.DataFrame) -> dict[str, datetime]:
    """Give, for each rule on a measure that the record before met, the slot since which it has stood."""
    since: dict[str, datetime] = {}
    for name, rule in job.escalate.items():
        if rule.finding or rule.measure not in earlier.columns:
            continue
        for slot, value in zip(earlier["Slot"][::-1], earlier[rule.measure][::-1], strict=True):
            if not is_met(rule, None if pd.isna(value) else float(value)):
                break
            since[name] = slot.to_pydatetime()
    return since


def first_seen(
    mirror: Mirror, snapshot: Snapshot, *, column: str, value: str, at_pull: int | None = None
) -> pd.Series[pd.Timestamp]:
    """Tell when actions that hold a value were first seen with it, where people forgot to type a time.

    Returns:
        by item id: the Modified time of the earliest version of the present unbroken stretch with that
        value; items that held it in the first pull are left out, for nobody saw when it began.
    Source:
        controls.md section 1, times people forget; section 9.
    """
    frame = snapshot.frames["actions"]
    ids = frame.index[(frame[column] == value) & frame["ClosedOn"].isna()]
    before = mirror.cursor("actions")
    found: dict[int, pd.Timestamp] = {}
    for id_, versions in mirror.history("actions", [int(one) for one in ids], at_pull).items():
        since = None
        for number, item in reversed(versions):
            if item.deleted or item.fields.get(column) != value:
                break
            since = (number, item.modified)
        if since and since[1] and before and since[0] > before.first_pull:
            found[id_] = pd.Timestamp(since[1])
    return pd.Series(found, dtype="datetime64[us, UTC]", name="first_seen")
