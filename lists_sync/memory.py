"""What a job remembers: read from its own records and the mirror's versions, never from a side file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from lists_sync.controls import Remembered
from lists_sync.controls.matching import is_in, normal
from lists_sync.evaluate.escalate import is_met

if TYPE_CHECKING:
    from lists_sync.definitions.jobs import Job
    from lists_sync.definitions.mapping import ListMapping
    from lists_sync.mirror.versions import Mirror
    from lists_sync.model import Item, Snapshot
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
    end = own["RanAt"].iloc[-1].to_pydatetime() if len(own) else moment
    start = previous or calendar.same_time_previous_working_day(end)  # a later second run starts there too
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


FORGOTTEN = (
    ("actions", "ClosedOn", "Status", "Closed"),
    ("deadline_changes", "ApprovedOn", "Decision", "Approved"),
)
"""Times that people forget to type: list, the time, the column beside it, the word that means it."""


def first_seen(
    mirror: Mirror,
    snapshot: Snapshot,
    mappings: Mapping[str, ListMapping],
    *,
    at_pull: int | None = None,
) -> dict[str, pd.Series[pd.Timestamp]]:
    """Tell when values whose time was not typed were first seen.

    Args:
        mappings: the provider's own names and words, by list key.
        at_pull: the pull that is judged; None for the newest.

    Returns:
        by `list.column` of the time, by item id: the Modified time of the earliest version of the present
        unbroken stretch with the value. Items that held it in the first pull are left out, for nobody saw
        when it began.
    Source:
        controls.md section 1, times people forget; section 9.
    """
    found = {}
    for key, time, column, word in FORGOTTEN:
        if key not in snapshot.frames:
            continue
        frame = snapshot.frames[key]
        ids = frame.index[is_in(frame[column], [word]) & frame[time].isna().to_numpy()]
        versions = mirror.history(key, [int(one) for one in ids], at_pull)
        tell = _Word(mappings.get(key), column, word)
        found[f"{key}.{time}"] = _since(mirror, key, versions, tell)
    return found


def _since(
    mirror: Mirror, key: str, versions: Mapping[int, list[tuple[int, Item]]], tell: _Word
) -> pd.Series[pd.Timestamp]:
    before = mirror.cursor(key)
    found: dict[int, pd.Timestamp] = {}
    for id_, history in versions.items():
        earliest = None
        for number, item in reversed(history):
            if item.deleted or not tell.stands_in(item):
                break
            earliest = (number, item.modified)
        if earliest and earliest[1] and before and earliest[0] > before.first_pull:
            found[id_] = pd.Timestamp(earliest[1])
    return pd.Series(found, dtype="datetime64[us, UTC]", name="first_seen")


class _Word:
    """A choice word as it may stand on the wire of a provider's own list."""

    def __init__(self, mapping: ListMapping | None, column: str, word: str) -> None:
        theirs = mapping.choices.get(column, {}) if mapping else {}
        words = {word, *(their for their, our in theirs.items() if normal(our) == normal(word))}
        self._words = {normal(one) for one in words}
        self._column = mapping.theirs(column) if mapping else column

    def stands_in(self, item: Item) -> bool:
        """Whether that version of the item holds the word."""
        return normal(str(item.fields.get(self._column, ""))) in self._words
