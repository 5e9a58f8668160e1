"""The lines behind a figure, in the order in which a manager would take them up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.local import HOUR_US, NAT, Bools, Ints
from lists_sync.controls.matching import clean_all, texts

if TYPE_CHECKING:
    from lists_sync.controls.lines import Lines

TOLD_COUNT = 200
"""How many lines a finding names at most; its measure counts them all."""

_HIGH_FIRST = np.int64(1) << 61
_NO_DUE = np.int64(1) << 60


def most_pressing(lines: Lines, chosen: Bools, limit: int | None = TOLD_COUNT) -> Ints:
    """Give the places of chosen lines: high risk first, then earliest due, then ActionRef, then id.

    Earliest due is longest overdue first and then soonest due; lines without a due date come last.
    """
    places = np.flatnonzero(chosen)
    order = np.where(lines.due[places] == NAT, _NO_DUE, lines.due[places])
    order += np.where(lines.high[places], 0, _HIGH_FIRST)
    if limit is not None and 0 < limit < len(places):
        kept = order <= np.partition(order, limit - 1)[limit - 1]
        places, order = places[kept], order[kept]
    names = refs(lines.frame, places)
    by_name = np.array(sorted(range(len(places)), key=names.__getitem__), dtype=np.int64)  # ids ascend
    ranked = by_name[np.argsort(order[by_name], kind="stable")]
    return places[ranked[:limit]]


def refs(frame: pd.DataFrame, places: Ints) -> list[str]:
    """Give the name of each line: its ActionRef without what nobody sees, else `#<item id>`."""
    words, present = texts(frame["ActionRef"].iloc[places])
    cleaned = clean_all(np.where(present, words, "").tolist())
    return [word or f"#{id_}" for word, id_ in zip(cleaned, frame.index[places], strict=True)]


def tell(lines: Lines, places: Ints, late_us: Ints) -> pd.DataFrame:
    """Describe lines for whoever must act on them; no free text and nobody but the owner.

    Args:
        places: which lines, in the order to tell them.
        late_us: lateness of every line, as long as the frame; `NAT` where there is none.

    Returns:
        index `id`; `ref`, `due` (DueDate as typed, UTC), `due_day` (ISO), `hours_overdue` (missing where not
        late), `high`, `owner`, `service`.
    """
    frame = lines.frame.iloc[places]
    late = late_us[places]
    hours = np.where((late != NAT) & (late > 0), late / HOUR_US, np.nan)
    return pd.DataFrame(
        {
            "ref": pd.Series(refs(lines.frame, places), index=frame.index, dtype="str"),
            "due": frame["DueDate"],
            "due_day": pd.Series(_iso_days(lines.due_day[places]), index=frame.index, dtype="str"),
            "hours_overdue": pd.Series(hours, index=frame.index),
            "high": pd.Series(lines.high[places], index=frame.index),
            "owner": frame["Owner"],
            "service": frame["Service"],
        }
    )


def _iso_days(days: Ints) -> list[Any]:
    written = np.where(days == NAT, 0, days).astype("datetime64[D]").astype(str).tolist()
    return [word if day != NAT else None for word, day in zip(written, days, strict=True)]
