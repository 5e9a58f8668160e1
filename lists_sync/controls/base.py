"""What every control takes and gives: lists in, columns out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
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
    """What a job knows of its earlier runs.

    Args:
        previous_at: moment of the previous record, None on a first run.
        cycle_start: not itself in the cycle.
        cycle_end: the cycle's last instant.
        raised_keys: keys of escalations that were ever raised.
        standing: by rule: the slot since which its threshold has been reached without a break.
    """

    previous_at: datetime | None
    first_run: bool
    cycle_start: datetime
    cycle_end: datetime
    raised_keys: frozenset[str] = frozenset()
    standing: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """What a control found.

    Args:
        measures: by column of the record list; None is not available.
        columns: by list key: result columns for every item of the list, same index.
        findings: the items behind a figure, most pressing first (findings.py names the columns), by the
            measure's name or the finding's.
        facts: `totals` (how many lines a finding stands for, by its name) and `from_history` (how many times
            were taken from history, by `list.column`).
    """

    measures: Mapping[str, int | float | None]
    columns: Mapping[str, pd.DataFrame]
    findings: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


Control = Callable[..., Judged]
"""`control(lists, *, moment, calendar, settings, remembered) -> Judged`; pure, whole columns at a time."""
