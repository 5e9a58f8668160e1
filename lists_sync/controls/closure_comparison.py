"""Control 3.2, closure comparison: by how much did the failure rate of a proposed line fall?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.closure_words import reduction_words, tell_why
from lists_sync.controls.findings import refs
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import Bools, micros_of
from lists_sync.controls.matching import is_in
from lists_sync.controls.percent import exact, one_decimal
from lists_sync.controls.proof import reduces_enough, reductions
from lists_sync.controls.proposals import not_yet_recorded, objects, proposed_lines, today
from lists_sync.controls.reviews import read_reviews

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar

FULLY = "Fully resolved"

Objects = np.ndarray[Any, Any]


def closure_comparison(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Compare each proposed line's failure rate with its baseline.

    Args:
        lists: frames `actions` and `closure_reviews`.
        settings: `reduction_percent`: the least that a line presented as fully resolved must show.
        remembered: `records`, of which those of today say which lines were seen to this morning.

    Returns:
        measures Compared and FlaggedCount, the record's rows and finding `flagged`, of lines that no earlier
        slot of the day has seen; PercentReduction on the reviews of all proposed lines.
    Source:
        Operational example 3, step 2; controls.md 3.2.
    """
    lines, day = read_lines(lists, calendar.zone), today(moment, calendar)
    proposed = proposed_lines(lines)
    shares = objects([None] * len(proposed))
    shares[proposed] = objects(reductions(lines, np.flatnonzero(proposed)))
    least = exact(settings["reduction_percent"])
    enough = np.array([reduces_enough(share, least) for share in shares], dtype=bool)
    seen = not_yet_recorded(remembered.records, lines, zone=calendar.zone, day=day)
    flagged = seen & ~enough & is_in(lines.frame["ResolutionClaim"], (FULLY,))
    words = {place: (reduction_words(shares[place], least),) for place in np.flatnonzero(flagged).tolist()}
    return Judged(
        measures={"Compared": int(seen.sum()), "FlaggedCount": int(flagged.sum())},
        columns={"closure_reviews": _on_reviews(lists, lines, proposed, shares)},
        findings={"flagged": tell_why(lines, flagged, words, micros_of(moment))},
        record_rows=_record_rows(lines, seen, shares, flagged),
    )


def _on_reviews(lists: Lists, lines: Lines, proposed: Bools, shares: Objects) -> pd.DataFrame:
    reviews = read_reviews(lists, lines)
    review, line = reviews.shown_on(proposed, lines.frame.index.to_numpy())
    shown = np.array([one_decimal(share) for share in shares[line]], dtype="float64")
    return pd.DataFrame({"PercentReduction": shown}, index=reviews.frame.index[review])


def _record_rows(lines: Lines, seen: Bools, shares: Objects, flagged: Bools) -> pd.DataFrame:
    frame = lines.frame[seen]
    return pd.DataFrame(
        {
            "ActionRef": objects(refs(lines.frame, np.flatnonzero(seen))),
            "BaselineFailureRate": frame["BaselineFailureRate"],
            "CurrentFailureRate": frame["CurrentFailureRate"],
            "PercentReduction": shares[seen],
            "Flagged": flagged[seen],
        },
        index=frame.index,
    )
