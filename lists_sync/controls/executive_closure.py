"""Control 3.5, executive closure control: the day's final batch, and what risk is left in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.closure_words import tell_why
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import Bools, local_time, micros_of
from lists_sync.controls.matching import is_in
from lists_sync.controls.proposals import today
from lists_sync.controls.reviews import APPROVED, DEFERRED, NONE, Reviews, read_reviews

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar

RESIDUAL = ("Medium", "High")


def executive_closure(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],  # noqa: ARG001  # every control is called alike
    remembered: Remembered,  # noqa: ARG001  # as above
) -> Judged:
    """Count what was approved today, what of it is closed, and what risk is left.

    Args:
        lists: frames `actions` and `closure_reviews`.

    Returns:
        measures ActionsApproved, ActionsClosed and ResidualMediumHigh, reviews of the batch, and
        DeferredAwaiting, lines; findings `approved` and `ResidualMediumHigh`, the lines of those reviews.
    Source:
        Operational example 3, step 5; controls.md 3.5.
    """
    lines, now = read_lines(lists, calendar.zone), micros_of(moment)
    reviews = read_reviews(lists, lines)
    day = local_time(calendar.zone).day_of(reviews.decided_at)
    batch = (reviews.decision == APPROVED) & (day == today(moment, calendar))
    residual = batch & _is_residual(lists, lines, reviews)
    named = reviews.any_of_review(np.ones(len(lines.frame), dtype=bool))
    closed = batch & named & ~reviews.any_of_review(~lines.closed)
    current = reviews.of_lines(len(lines.frame))
    waiting = lines.live & (np.append(reviews.decision, NONE)[current] == DEFERRED)
    found = {"approved": batch, "ResidualMediumHigh": residual}
    marks = {name: reviews.any_of_line(chosen, len(lines.frame)) for name, chosen in found.items()}
    words = {place: _words(lines, place) for place in np.flatnonzero(marks["approved"]).tolist()}
    return Judged(
        measures={
            "ActionsApproved": int(batch.sum()),
            "ActionsClosed": int(closed.sum()),
            "ResidualMediumHigh": int(residual.sum()),
            "DeferredAwaiting": int(waiting.sum()),
        },
        findings={name: tell_why(lines, mark, words, now) for name, mark in marks.items()},
        facts={"from_history": {"closure_reviews.PanelDecidedAt": int((reviews.from_history & batch).sum())}},
    )


def _is_residual(lists: Lists, lines: Lines, reviews: Reviews) -> Bools:
    """Tell which reviews leave a medium or high risk; one that says nothing leaves that of its lines."""
    left = reviews.frame["ResidualRisk"]
    blank = left.isna().to_numpy() & ~lists.is_unusable("closure_reviews", "ResidualRisk")
    of_lines = reviews.any_of_review(is_in(lines.frame["RiskRating"], RESIDUAL))
    found: Bools = is_in(left, RESIDUAL) | (blank & of_lines)
    return found


def _words(lines: Lines, place: int) -> tuple[str, ...]:
    """Say of an approved line what still has to be done in the list."""
    return () if lines.closed[place] else ("not closed yet",)
