"""Lines proposed for closure: which they are, what names them, and what earlier records say of them.

Source: controls.md section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.findings import refs
from lists_sync.controls.local import DAY_US, NAT, Bools, Ints, local_time, micros, micros_of
from lists_sync.controls.matching import BLANK, is_in, ref_codes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from lists_sync.controls.lines import Lines
    from lists_sync.worktime import Calendar

PROPOSED = "Proposed for closure"
DEFERRED = "Deferred"


def proposed_lines(lines: Lines) -> Bools:
    """Tell which lines are proposed for closure."""
    found: Bools = is_in(lines.frame["Status"], (PROPOSED,))
    return found


def deferred_lines(lines: Lines) -> Bools:
    """Tell which lines are deferred."""
    found: Bools = is_in(lines.frame["Status"], (DEFERRED,))
    return found


def today(moment: datetime, calendar: Calendar) -> int:
    """Give the moment's local day, days since 1970."""
    return int(local_time(calendar.zone).day_of(np.array([micros_of(moment)], dtype=np.int64))[0])


def day_of(date: int) -> pd.Timestamp:
    """Give a day since 1970 as a naive midnight."""
    return pd.Timestamp(np.datetime64(date * DAY_US, "us"))


def named_lines(named: pd.Series[Any], lines: Lines) -> tuple[Ints, Ints]:
    """Match rows with the lines that they name, each row's reference taken whole.

    A line without a reference is named `#<item id>`; a reference that two lines share names both.

    Returns:
        `(places in named, places of lines)`, ascending by the first and then the second.
    """
    names = pd.Series(refs(lines.frame, np.arange(len(lines.frame))), dtype="str")
    (theirs, mine), _ = ref_codes(named, names)
    left = pd.DataFrame({"ref": theirs, "row": np.arange(len(named))})
    right = pd.DataFrame({"ref": mine, "line": np.arange(len(names))})
    both = left[left["ref"] != BLANK].merge(right, on="ref").sort_values(["row", "line"])
    return both["row"].to_numpy(dtype=np.int64), both["line"].to_numpy(dtype=np.int64)


def record_rows_of(records: pd.DataFrame, lines: Lines, zone: ZoneInfo) -> pd.DataFrame:
    """Match the record rows of earlier slots with the lines.

    Args:
        records: with `Slot` and `ActionRef`; empty, without any column, where there is none.

    Returns:
        one row a pair: `row` (place in records), `line` (place of the line), `day` (local day of its slot).
    """
    if "ActionRef" not in records.columns:
        return pd.DataFrame({"row": [], "line": [], "day": []}, dtype="int64")
    day = local_time(zone).day_of(micros(records["Slot"]))
    row, line = named_lines(records["ActionRef"], lines)
    found = pd.DataFrame({"row": row, "line": line, "day": day[row]})
    return found[found["day"] != NAT]


def not_yet_recorded(records: pd.DataFrame, lines: Lines, *, zone: ZoneInfo, day: int) -> Bools:
    """Tell which proposed lines have no record row of an earlier slot of that day.

    In the afternoon these are the lines proposed since the morning.

    Args:
        records: the job's own, of earlier slots.
        day: days since 1970.
    """
    found = proposed_lines(lines)
    rows = record_rows_of(records, lines, zone)
    found[rows["line"][rows["day"] == day].to_numpy()] = False
    return found


def or_present(words: np.ndarray[Any, Any], present: pd.Series[Any], kept: Bools) -> np.ndarray[Any, Any]:
    """Give result values, of the kept items those that stand there now.

    Args:
        words: objects, one an item; a blank is None.
        present: the column as it stands; several choices joined by `;#`.
        kept: whose value stays.
    """
    stays = np.array(present.array, dtype=object)  # a copy: the frame is not ours to change
    stays[present.isna().to_numpy()] = None
    found = words.copy()
    found[kept] = stays[kept]
    return found


def objects(values: Sequence[Any]) -> np.ndarray[Any, Any]:
    """Give values, tuples among them, as an array of objects of the same length."""
    found = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        found[place] = value
    return found
