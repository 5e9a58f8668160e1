"""Values that are there but cannot be used, gathered while frames are built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lists_sync.controls.matching import clean
from lists_sync.model import DataFault, ListSchema

if TYPE_CHECKING:
    import pandas as pd

NOT_NUMBER = "is text where a number belongs"
NEGATIVE = "is below zero"
NO_RATE = "is a rate outside 0 to 100"
NO_DATE = "is no date"
TOO_EARLY = "is before 1990"
TOO_FAR = "is more than 5 years ahead"
NOT_YET = "is a date still to come for something that has happened"
NO_CHOICE = "is none of the words this column offers"
NO_YES_NO = "is neither yes nor no"
BLANK_STATUS = "is blank, so the line counts as live"
SHARED = "is shared with another item"
NAMES_NO_LINE = "names no line of Enforcement actions"
NAMES_NO_BURST = "names no burst"
MORE_MATCHED = "is more than RecordsChecked"
MORE_CORRECT = "is more than StagesTotal"

_REF_LENGTH = 64


class Faults:
    """What could not be used, each value once, with the first reason found."""

    def __init__(self) -> None:
        self._why: dict[tuple[str, int, str], str] = {}

    def add(self, key: str, column: str, ids: Iterable[int], why: str) -> None:
        """Note that the values of these items in that column cannot be used."""
        for id_ in ids:
            self._why.setdefault((key, int(id_), column), why)

    def take(self, others: Faults) -> None:
        """Note what others have found, where nothing was noted before."""
        for place, why in others._why.items():  # of the same class
            self._why.setdefault(place, why)

    def take_out(
        self, frame: pd.DataFrame, where: tuple[str, str], marks: np.ndarray[Any, Any], why: str
    ) -> None:
        """Note the marked values of `where` (list key, column) and make them missing in the frame."""
        if not marks.any():
            return
        key, column = where
        self.add(key, column, frame.index[marks], why)
        frame[column] = frame[column].mask(marks)

    def unusable(self) -> dict[tuple[str, str], frozenset[int]]:
        """Give the ids by list key and column."""
        found: dict[tuple[str, str], set[int]] = {}
        for key, id_, column in self._why:
            found.setdefault((key, column), set()).add(id_)
        return {place: frozenset(found[place]) for place in sorted(found)}

    def told(
        self, frames: Mapping[str, pd.DataFrame], schemas: Mapping[str, ListSchema]
    ) -> tuple[DataFault, ...]:
        """Tell each fault by list, item, column and the row's reference, sorted; never by the value."""
        faults = [
            DataFault(key, id_, column, why, _ref(frames[key], schemas[key], id_, column, why))
            for (key, id_, column), why in self._why.items()
        ]
        return tuple(sorted(faults))


def _ref(frame: pd.DataFrame, schema: ListSchema, id_: int, column: str, why: str) -> str:
    """Give the reference people know the row by; a reference that names nothing is itself the value."""
    if not schema.ref or schema.ref not in frame.columns or (column == schema.ref and why != SHARED):
        return f"#{id_}"
    ref = frame[schema.ref].loc[id_]
    return (clean(ref)[:_REF_LENGTH] if isinstance(ref, str) else "") or f"#{id_}"
