"""What a sitting of the closure panel has before it: the gate's word on each review, what the rule settles.

Source: Operational example 3, step 4; controls.md 3.4; section 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lists_sync.controls.gate import SUSPENDED, Gate, read_gate
from lists_sync.controls.holds import held_at
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import NAT, Bools, Ints, micros, micros_of
from lists_sync.controls.proof import Proofs, Terms, previous_linked, proofs, terms_of
from lists_sync.controls.proposals import proposed_lines, today
from lists_sync.controls.reviews import APPROVED, DEFERRED, REINSTATED, REJECTED, Reviews, read_reviews

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.controls.base import Lists, Remembered
    from lists_sync.worktime import Calendar

OUTCOMES = ("Auto-deferred", "Panel to decide", "Eligible")
AUTO_DEFERRED, PANEL, ELIGIBLE = range(3)
_SECOND_US = 1_000_000


@dataclass(frozen=True, eq=False)
class Sitting:
    """The reviews before the panel, in the order of the frame, and all that the gate knows of them.

    Args:
        now: the moment, in microseconds.
        cycle: its start and end, in microseconds.
        terms: by what proof is judged.
        judged: what the gate speaks on: open reviews of proposed lines, those that the panel decided in the
            cycle or after the system had, and those that this very run has settled.
        just_settled: of those, what this run has settled before it had to judge again.
        decided: what was decided in the cycle, by whom ever.
        suspended: what the panel decided while approvals were suspended.
        bits: reasons of its lines, together.
        outcome: a place in OUTCOMES.
        held_since: by line: since when it has surely held its Status; NAT where nobody knows.
    """

    lines: Lines
    reviews: Reviews
    gate: Gate
    proofs: Proofs
    now: int
    cycle: tuple[int, int]
    terms: Terms
    judged: Bools
    just_settled: Bools
    decided: Bools
    suspended: Bools
    bits: Ints
    outcome: Ints
    held_since: Ints

    @property
    def deferrable(self) -> Bools:
        """Where the rule defers: neither proof, and the panel has not rejected it."""
        found: Bools = self.judged & (self.outcome == AUTO_DEFERRED) & (self.reviews.panel != REJECTED)
        return found

    @property
    def breaches(self) -> Bools:
        """Where the panel approved what has neither proof, or approved while approvals were suspended.

        An approval whose line was reinstated since was before an earlier sitting.
        """
        put = self.judged | (self.decided & (self.reviews.decision != REINSTATED))
        approved = put & self.proofs.has_line & (self.reviews.panel == APPROVED)
        found: Bools = approved & (self.proofs.neither | self.suspended)
        return found


def open_sitting(
    lists: Lists, *, moment: datetime, calendar: Calendar, settings: Mapping[str, Any], remembered: Remembered
) -> Sitting:
    """Give what is before the panel at a moment."""
    zone, now = calendar.zone, micros_of(moment)
    lines = read_lines(lists, zone)
    reviews, terms = read_reviews(lists, lines), terms_of(settings, day=today(moment, calendar), zone=zone)
    cycle = (micros_of(remembered.cycle_start), micros_of(remembered.cycle_end))
    decided = reviews.decided_between(*cycle)
    just = reviews.by_rule & (reviews.decision == DEFERRED)
    just &= reviews.decided_at // _SECOND_US == now // _SECOND_US
    judged = reviews.open & reviews.any_of_review(proposed_lines(lines))
    judged |= (decided & ~reviews.by_rule) | reviews.reopened | just
    judged &= reviews.any_of_review(np.ones(len(lines.frame), dtype=bool))
    before = previous_linked(lists.frames["closure_experience"], lines, terms)
    found = proofs(lists, lines, reviews, among=judged | decided, previous=before, terms=terms)
    within = int(settings["validation_days"])
    gate = read_gate(lists, lines, moment=moment, zone=zone, within_days=within)
    bits = np.zeros(len(reviews.frame), dtype=np.int64)
    np.bitwise_or.at(bits, reviews.review, gate.bits[reviews.line])
    is_eligible = found.both & (bits == 0)
    return Sitting(
        lines=lines,
        reviews=reviews,
        gate=gate,
        proofs=found,
        now=now,
        cycle=cycle,
        terms=terms,
        judged=judged,
        just_settled=just,
        decided=decided,
        suspended=held_at(lists, SUSPENDED, reviews.panel_at),
        bits=bits,
        outcome=np.select([found.neither, is_eligible], [AUTO_DEFERRED, ELIGIBLE], default=PANEL),
        held_since=micros(remembered.held_since.reindex(lines.frame.index)),
    )


@dataclass(frozen=True, eq=False)
class Settling:
    """What the rule settles.

    Args:
        deferred: reviews that it defers.
        given_back: reviews whose panel decided anew, and where the rule has nothing to say any more.
        moved: lines that become Deferred.
    """

    deferred: Bools
    given_back: Bools
    moved: Bools


def settle(sitting: Sitting, *, settles: bool, applies: bool) -> Settling:
    """Say what the rule settles now.

    A line moves by its present proposal while it is proposed, and once closed by the decision made last. One
    that an earlier sitting meant to move and could not, because the service refused it, is moved now.

    Args:
        settles: no is a screening, which settles nothing.
        applies: no leaves every decision to the panel.
    """
    lines, reviews = sitting.lines, sitting.reviews
    deferred = sitting.deferrable & (settles and applies)
    given_back = reviews.reopened & sitting.judged & ~deferred & settles
    count = len(lines.frame)
    is_deferred = np.append(deferred, False)  # the last place is for NONE
    moved = proposed_lines(lines) & is_deferred[reviews.of_lines(count)]
    moved |= lines.closed & is_deferred[reviews.of_lines(count, reviews.decision >= 0)]
    if settles and applies:
        moved |= _never_moved(sitting, given_back)
    return Settling(deferred, given_back, moved)


def _never_moved(sitting: Sitting, given_back: Bools) -> Bools:
    """Tell which lines their latest review deferred by rule and that have stood as they were ever since."""
    lines, reviews = sitting.lines, sitting.reviews
    by_rule = reviews.by_rule & (reviews.decision == DEFERRED) & ~given_back
    latest = reviews.of_lines(len(lines.frame))
    decided_at = np.append(np.where(by_rule, reviews.decided_at, NAT), NAT)[latest]
    known = (decided_at != NAT) & (sitting.held_since != NAT)
    stood: Bools = known & (sitting.held_since <= decided_at) & (proposed_lines(lines) | lines.closed)
    return stood
