"""What every control takes and gives: lists in, columns out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from lists_sync.controls.local import Bools


@dataclass(frozen=True)
class Lists:
    """The typed frames of a snapshot, and what could not be used of them.

    Args:
        frames: by list key, index `id`; a value that could not be used is missing here. `accounts`, where
            the directory was asked, is a frame with `Email` (str) and `Enabled` (bool; gone is False).
        unusable: by (list key, column): ids whose value is there but cannot be used.
        first_seen: by `list.column` of a time that people forgot to type: when the value beside it was
            first seen, by item id (datetime64[us, UTC]).
    """

    frames: Mapping[str, pd.DataFrame]
    unusable: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    first_seen: Mapping[str, pd.Series[Any]] = field(default_factory=dict)

    def is_unusable(self, key: str, column: str) -> Bools:
        """Tell, item by item, whether its value in that column cannot be used."""
        return self._marks(key, self.unusable.get((key, column), frozenset()))

    def has_unusable(self, key: str) -> Bools:
        """Tell, item by item, whether any of its values cannot be used."""
        hits = [ids for (list_key, _), ids in self.unusable.items() if list_key == key]
        return self._marks(key, frozenset().union(*hits))

    def _marks(self, key: str, ids: frozenset[int]) -> Bools:
        index = self.frames[key].index
        marks = np.zeros(len(index), dtype=bool)
        if ids:
            marks = np.isin(index.to_numpy(), np.fromiter(ids, dtype=np.int64, count=len(ids)))
        return marks

    def or_first_seen(self, key: str, column: str) -> tuple[pd.Series[Any], Bools]:
        """Give a column of times with blanks filled from history.

        Returns:
            `(times, filled)`: the column, and where history stood in; an unusable time stays missing.
        """
        times = self.frames[key][column]
        seen = self.first_seen.get(f"{key}.{column}")
        blank = times.isna().to_numpy() & ~self.is_unusable(key, column)
        if seen is None or seen.empty or not blank.any():
            return times, np.zeros(len(times), dtype=bool)
        known = seen.reindex(times.index)
        filled = blank & known.notna().to_numpy()
        return times.where(~filled, known), filled


@dataclass(frozen=True)
class Remembered:
    """What a job knows of its earlier runs; what nobody can know any more is None or empty.

    Args:
        previous_at: moment of the previous record, None on a first run.
        cycle_start: not itself in the cycle.
        cycle_end: the cycle's last instant.
        raised_keys: keys of escalations that were ever raised.
        standing: by rule: the slot since which its threshold has been reached without a break.
        stood: by rule: in how many records running, up to the previous one, its threshold was reached.
        records: the job's own record rows of earlier slots, as the record list holds them, by `Slot`.
        slot: the slot of the previous record, None on a first run.
        earlier: the job's lists as they stood at the previous record; None on a first run, and where the
            local state is younger than that record.
        proposed_since: by item id of actions: when the present unbroken stretch as `Proposed for closure`
            began (datetime64[us, UTC]); lines that were proposed when the list was first read are absent.
        held_since: by item id of actions: an instant since which the line has surely held its Status without
            a break (datetime64[us, UTC]); of lines that a review deferred by rule names.
        due_days: by item id of actions: how many distinct due days its versions of late held.
        fixed: unique ids of the files that the first run of this burst drew; () before it.
        reinstated: pairs of ids, of a Burst sample and a line of it, whose reinstatement was dealt with.
        put_back: item ids of lines that a run of this job put back before it broke off.
        left_behind: item ids of escalations that an earlier run moved to `Overdue` before it could raise the
            step that goes with it.
        services: Service by the reference of a line, in normal form; only for those that ask for it.
    """

    previous_at: datetime | None
    first_run: bool
    cycle_start: datetime
    cycle_end: datetime
    raised_keys: frozenset[str] = frozenset()
    standing: Mapping[str, datetime] = field(default_factory=dict)
    stood: Mapping[str, int] = field(default_factory=dict)
    records: pd.DataFrame = field(default_factory=pd.DataFrame)
    slot: datetime | None = None
    earlier: Lists | None = None
    proposed_since: pd.Series[Any] = field(default_factory=lambda: pd.Series(dtype="datetime64[us, UTC]"))
    held_since: pd.Series[Any] = field(default_factory=lambda: pd.Series(dtype="datetime64[us, UTC]"))
    due_days: pd.Series[Any] = field(default_factory=lambda: pd.Series(dtype="int64"))
    fixed: tuple[str, ...] = ()
    reinstated: frozenset[tuple[int, int]] = frozenset()
    put_back: frozenset[int] = frozenset()
    left_behind: frozenset[int] = frozenset()
    services: Mapping[str, str] = field(default_factory=dict)


Figure = int | float | Fraction | bool | str | None
"""A measure: exact where it is a ratio; None is not available."""


@dataclass(frozen=True)
class Judged:
    """What a control found.

    Args:
        measures: by column of the record list; None is not available.
        columns: by list key: result columns, same index as the frame; a list whose rows stay as history
            may have only the items that are settled now.
        moves: by list key: the columns of people that the control moves, only the items it moves.
        rows: by list key: the rows to make, in order: values by column. The unique column names the row; in
            a list without one `Title` does.
        record_rows: for a record with a row a line: indexed by the line's id, its columns by name.
        findings: the items behind a figure, most pressing first (findings.py names the columns), by the
            measure's name or the finding's.
        facts: `totals` (how many lines a finding stands for, by its name), `from_history` (how many times
            were taken from history, by `list.column`) and `notes` (sentences for the run's report).
    """

    measures: Mapping[str, Figure]
    columns: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    findings: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    moves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    rows: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    record_rows: pd.DataFrame | None = None


Control = Callable[..., Judged]
"""`control(lists, *, moment, calendar, settings, remembered) -> Judged`; pure, whole columns at a time.

`calendar` is that of the control's days: for section 3 of the operational days. `settings` are the job's, and
besides: `records` (whether this slot writes the record; a control that only screens or proposes at the others
asks for it), `salt` (the provider's secret of the draw) and `link` (address of an item by list key and id).
"""
