"""Closure reviews as a control sees them: what was decided and when, which are open, and of which lines.

Source: controls.md section 1, decision of a review; section 4; section 9, when a review is decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.local import NAT, Bools, Ints, micros
from lists_sync.controls.matching import normal, word_table
from lists_sync.controls.proposals import named_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lists_sync.controls.base import Lists
    from lists_sync.controls.lines import Lines

DECISIONS = ("Approved", "Deferred", "Rejected", "Reinstated")
APPROVED, DEFERRED, REJECTED, REINSTATED = range(4)
OPEN = -1
"""The decision of a review that nobody has decided."""
UNCLEAR = -2
"""The decision of a review on which stands a word that cannot be used: neither open nor decided."""
NONE = -1
"""The place of what is not there."""


@dataclass(frozen=True, eq=False)
class Reviews:
    """The rows of Closure reviews, one place each, in the order of the frame.

    Args:
        decision: a place in DECISIONS, OPEN or UNCLEAR: what the system decided, else what the panel did.
        decided_at: microseconds; `NAT` while undecided, and where nobody knows.
        by_rule: the decision is the system's.
        panel: the panel's own decision, a place in DECISIONS, OPEN or UNCLEAR.
        panel_at: when the panel decided, in microseconds, blanks filled from history.
        from_history: where history stood in for PanelDecidedAt.
        review: place of the pair's review, ascending.
        line: place of the pair's line among the lines; lines that share their reference share its reviews.
    """

    frame: pd.DataFrame
    decision: Ints
    decided_at: Ints
    by_rule: Bools
    panel: Ints
    panel_at: Ints
    from_history: Bools
    review: Ints
    line: Ints

    @property
    def open(self) -> Bools:
        """Where nothing is decided."""
        found: Bools = self.decision == OPEN
        return found

    @property
    def reopened(self) -> Bools:
        """Where the panel decided after the system had."""
        known = self.by_rule & (self.decision >= 0) & (self.panel >= 0) & (self.panel_at != NAT)
        found: Bools = known & (self.panel_at > self.decided_at)
        return found

    def decided_between(self, start_us: int, end_us: int) -> Bools:
        """Tell which were decided after the start and not after the end."""
        known = (self.decision >= 0) & (self.decided_at != NAT)
        found: Bools = known & (self.decided_at > start_us) & (self.decided_at <= end_us)
        return found

    def of_lines(self, count: int, among: Bools | None = None) -> Ints:
        """Give for each of `count` lines the place of its review, NONE where it has none.

        It is the open one, else one that cannot be read, else the one decided latest; of several the newest.

        Args:
            among: which reviews count; None for all.
        """
        kept = slice(None) if among is None else among[self.review]
        review, line = self.review[kept], self.line[kept]
        waiting = np.where(self.decision < 0, self.decision, UNCLEAR - 1)[review]
        order = np.lexsort((self.frame.index.to_numpy()[review], self.decided_at[review], waiting))
        found = np.full(count, NONE, dtype=np.int64)
        found[line[order]] = review[order]  # the last of a line wins
        return found

    def any_of_review(self, of_lines: Bools) -> Bools:
        """Tell for each review whether any of its lines is marked."""
        found = np.zeros(len(self.frame), dtype=bool)
        found[self.review[of_lines[self.line]]] = True
        return found

    def any_of_line(self, of_reviews: Bools, count: int) -> Bools:
        """Tell for each of `count` lines whether any of its reviews is marked."""
        found = np.zeros(count, dtype=bool)
        found[self.line[of_reviews[self.review]]] = True
        return found

    def shown_on(self, marked: Bools, ids: Ints) -> tuple[Ints, Ints]:
        """Give the reviews on which the figures of marked lines are shown, each with one line.

        Args:
            marked: which lines have figures.
            ids: of every line; of lines that share a review the one of the lowest id is shown.

        Returns:
            `(places of reviews, places of lines)`, ascending by the first.
        """
        current = self.of_lines(len(marked))
        kept = np.flatnonzero(marked & (current != NONE))
        kept = kept[np.argsort(ids[kept], kind="stable")]
        found, first = np.unique(current[kept], return_index=True)
        return found, kept[first]


def read_reviews(lists: Lists, lines: Lines) -> Reviews:
    """Read the reviews, and match each one's reference with the lines'; `#<item id>` names a line too."""
    frame = lists.frames["closure_reviews"]
    review, line = named_lines(frame["ActionRef"], lines)
    panel = _decisions(frame["PanelDecision"], DECISIONS[:REINSTATED])
    panel[lists.is_unusable("closure_reviews", "PanelDecision")] = UNCLEAR
    system = _decisions(frame["SystemDecision"], DECISIONS)
    panel_times, filled = lists.or_first_seen("closure_reviews", "PanelDecidedAt")
    panel_at, system_at = micros(panel_times), micros(frame["SystemDecidedAt"])
    by_rule = system != OPEN
    decision = np.where(by_rule, system, panel)
    decided_at = np.where(by_rule & (system_at != NAT), system_at, panel_at)
    return Reviews(
        frame=frame,
        decision=decision,
        decided_at=np.where(decision >= 0, decided_at, NAT),
        by_rule=by_rule,
        panel=panel,
        panel_at=panel_at,
        from_history=filled & (panel >= 0),
        review=review,
        line=line,
    )


def _decisions(series: pd.Series[Any], words: Sequence[str]) -> Ints:
    """Give each word's place, OPEN for a blank, UNCLEAR for any other word."""
    known = {normal(word): place for place, word in enumerate(words)}
    codes, plain = word_table(series)
    table = [known.get(word, UNCLEAR if word else OPEN) for word in plain]
    found: Ints = np.array([*table, OPEN], dtype=np.int64)[codes]
    return found
