"""What a job's own records tell: its cycle, what stands, what was raised."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from lists_sync.controls import Remembered
from lists_sync.evaluate.escalate import is_met

if TYPE_CHECKING:
    from lists_sync.definitions.jobs import EscalateRule, Job
    from lists_sync.model import Snapshot
    from lists_sync.worktime import Calendar


def remembered(
    job: Job, snapshot: Snapshot, *, slot: datetime, moment: datetime, calendar: Calendar
) -> Remembered:
    """Give what the job's previous record says, and which escalations stand.

    Args:
        job: its record list, where it keeps one, is in the snapshot.

    Returns:
        the cycle from the moment of the record of the latest earlier slot (on a first run: from the same
        local time on the working day before) to this slot's own recorded moment, else to `moment`.
    Source:
        controls.md section 1: cycle, previous record; section 9: a second run never moves a cycle.
    """
    rows = _rows(job, snapshot)
    earlier = rows[rows["Slot"] < pd.Timestamp(slot)]
    own = rows[rows["Slot"] == pd.Timestamp(slot)]
    previous = earlier["RanAt"].iloc[-1].to_pydatetime() if len(earlier) else None
    end = own["RanAt"].iloc[-1].to_pydatetime() if len(own) else moment
    start = previous or calendar.same_time_previous_working_day(end)  # a later second run starts there too
    keys = snapshot.frames["escalations"]["EscalationKey"].dropna()
    stood = {name: _stood(rule, earlier) for name, rule in job.escalate.items()}
    return Remembered(
        previous_at=previous,
        first_run=previous is None,
        cycle_start=start,
        cycle_end=end,
        raised_keys=frozenset(keys),
        standing={name: slots[-1] for name, slots in stood.items() if slots},
        stood={name: len(slots) for name, slots in stood.items() if slots},
        records=earlier,
        slot=earlier["Slot"].iloc[-1].to_pydatetime() if len(earlier) else None,
    )


def _rows(job: Job, snapshot: Snapshot) -> pd.DataFrame:
    """Give the job's record rows by slot; of a job that keeps none an empty frame."""
    if not job.record:
        empty = pd.Series(dtype="datetime64[us, UTC]")
        return pd.DataFrame({"Slot": empty, "RanAt": empty})
    return snapshot.frames[job.record].dropna(subset=["Slot", "RanAt"]).sort_values("Slot", kind="stable")


def _stood(rule: EscalateRule, earlier: pd.DataFrame) -> list[datetime]:
    """List the slots, latest first, at which a rule on a measure was met without a break up to now."""
    slots: list[datetime] = []
    if rule.finding or rule.measure not in earlier.columns:
        return slots
    for slot, value in zip(earlier["Slot"][::-1], earlier[rule.measure][::-1], strict=True):
        if not is_met(rule, None if pd.isna(value) else float(value)):
            break
        slots.append(slot.to_pydatetime())
    return slots
