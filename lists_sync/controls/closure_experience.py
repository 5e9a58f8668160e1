"""Control 3.3, closure experience: have the complaints about what a proposed line is to mend fallen?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.closure_words import tell_why
from lists_sync.controls.findings import refs
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import Bools, Ints, micros_of
from lists_sync.controls.percent import one_decimal
from lists_sync.controls.proof import Experience, experience, linked_before
from lists_sync.controls.proposals import not_yet_recorded, objects, proposed_lines, today
from lists_sync.controls.reviews import read_reviews

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar


def closure_experience(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Count the complaints linked to each proposed line, and compare them with its earlier review day.

    Args:
        lists: frames `actions`, `complaints` and `closure_reviews`.
        settings: `complaints_within_days`, `previous_within_days`, local days.
        remembered: `records`: those of earlier days to compare with; those of today say which lines were
            seen to this morning.

    Returns:
        measures Compared and NotFallenCount, the record's rows and finding `not_fallen`, of lines that no
        earlier slot of the day has seen; ComplaintsLinked, ComplaintsClosed and MedianClosureDays on the
        reviews of all proposed lines.
    Source:
        Operational example 3, step 3; controls.md 3.3.
    """
    lines, day = read_lines(lists, calendar.zone), today(moment, calendar)
    proposed = proposed_lines(lines)
    places = np.flatnonzero(proposed)
    found = experience(lists, lines, places, day=day, within_days=int(settings["complaints_within_days"]))
    back = int(settings["previous_within_days"])
    previous = linked_before(remembered.records, lines, zone=calendar.zone, day=day, within_days=back)
    seen = not_yet_recorded(remembered.records, lines, zone=calendar.zone, day=day)
    stays = (found.linked > 0) & (found.linked >= previous[places])  # never at or above NaN
    not_fallen = np.zeros(len(proposed), dtype=bool)
    not_fallen[places[stays]] = True
    not_fallen &= seen
    words = {
        place: (f"linked complaints: {linked} now, {previous[place]:g} at its earlier review",)
        for place, linked in zip(places.tolist(), found.linked.tolist(), strict=True)
        if not_fallen[place]
    }
    return Judged(
        measures={"Compared": int(seen.sum()), "NotFallenCount": int(not_fallen.sum())},
        columns={"closure_reviews": _on_reviews(lists, lines, proposed, found)},
        findings={"not_fallen": tell_why(lines, not_fallen, words, micros_of(moment))},
        record_rows=_record_rows(lines, places, found, previous, not_fallen)[seen[places]],
    )


def _shown(found: Experience) -> pd.DataFrame:
    """Give the three figures as lists hold them."""
    return pd.DataFrame(
        {
            "ComplaintsLinked": found.linked,
            "ComplaintsClosed": found.closed,
            "MedianClosureDays": np.array([one_decimal(one) for one in found.median_days], dtype="float64"),
        }
    )


def _on_reviews(lists: Lists, lines: Lines, proposed: Bools, found: Experience) -> pd.DataFrame:
    reviews = read_reviews(lists, lines)
    review, line = reviews.shown_on(proposed, lines.frame.index.to_numpy())
    position = np.searchsorted(np.flatnonzero(proposed), line)
    return _shown(found).iloc[position].set_index(reviews.frame.index[review])


def _record_rows(
    lines: Lines, places: Ints, found: Experience, previous: np.ndarray[Any, Any], not_fallen: Bools
) -> pd.DataFrame:
    rows = _shown(found).set_index(lines.frame.index[places])
    rows.insert(0, "ActionRef", objects(refs(lines.frame, places)))
    return rows.assign(PreviousLinked=previous[places], NotFallen=not_fallen[places])
