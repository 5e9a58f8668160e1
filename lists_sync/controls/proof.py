"""What proves that a risk is reduced: a lower failure rate, fewer complaints, somebody from outside.

Source: controls.md 3.2, 3.3 and 3.4, outcome movement and external assurance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.files import pairs
from lists_sync.controls.findings import refs
from lists_sync.controls.local import NAT, Bools, Ints, days, micros
from lists_sync.controls.matching import BLANK, is_in, normal_all, ref_codes
from lists_sync.controls.percent import exact
from lists_sync.controls.proposals import record_rows_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from lists_sync.controls.base import Lists
    from lists_sync.controls.lines import Lines
    from lists_sync.controls.reviews import Reviews

Shares = Sequence[Fraction | None]


@dataclass(frozen=True)
class Terms:
    """By what proof is judged.

    Args:
        day: today, days since 1970.
        zone: whose days count.
        reduction_percent: from which reduction on an outcome has moved.
        complaints_within_days: how far back complaints count.
        previous_within_days: how far back an earlier review day counts.
    """

    day: int
    zone: ZoneInfo
    reduction_percent: Fraction
    complaints_within_days: int
    previous_within_days: int


def terms_of(settings: Mapping[str, Any], *, day: int, zone: ZoneInfo) -> Terms:
    """Give the terms that a job's settings name."""
    return Terms(
        day=day,
        zone=zone,
        reduction_percent=exact(settings["reduction_percent"]),
        complaints_within_days=int(settings["complaints_within_days"]),
        previous_within_days=int(settings["previous_within_days"]),
    )


def reductions(lines: Lines, places: Ints) -> Shares:
    """Give PercentReduction of these lines, exactly; None where a rate is missing or the baseline is 0.

    Source: controls.md 3.2.
    """
    columns = lines.frame[["BaselineFailureRate", "CurrentFailureRate"]].iloc[places]
    known: dict[tuple[float, float], Fraction | None] = {}
    found = []
    for rates in zip(*(columns[name].tolist() for name in columns), strict=True):
        if rates not in known:
            known[rates] = reduction(*rates)
        found.append(known[rates])
    return found


def reduction(baseline: float, current: float) -> Fraction | None:
    """Give by how many percent a rate fell, below 0 where it rose; NaN is a rate that is missing."""
    if np.isnan(baseline) or np.isnan(current) or not baseline:
        return None
    return 100 * (exact(baseline) - exact(current)) / exact(baseline)


def reduces_enough(share: Fraction | None, least: Fraction) -> bool:
    """Tell whether a reduction is there and reaches the least that counts."""
    return share is not None and share >= least


def linked_complaints(lists: Lists, lines: Lines, places: Ints) -> tuple[Ints, Ints]:
    """Match these lines with the complaints linked to them, however old.

    A complaint is linked where its reference names the line, or where its theme is the line's and its service
    is too, or one of the two names none.

    Returns:
        `(positions in places, places of complaints)`, ascending.
    """
    mine, complaints = lines.frame.iloc[places], lists.frames["complaints"]
    (theme, themes), _ = ref_codes(mine["RiskTheme"], complaints["RiskTheme"])
    (service, services), _ = ref_codes(mine["Service"], complaints["Service"])
    named, naming = pairs(complaints["ActionRef"], mine["ActionRef"])
    found = []
    for position in range(len(places)):
        alike = (themes == theme[position]) & (theme[position] != BLANK)
        anywhere = (services == BLANK) | (service[position] == BLANK)
        alike &= anywhere | (services == service[position])
        alike[named[naming == position]] = True
        found.append(np.flatnonzero(alike))
    positions = np.repeat(np.arange(len(places)), [len(one) for one in found])
    return positions, np.concatenate([*found, np.array([], dtype=np.int64)])


@dataclass(frozen=True, eq=False)
class Experience:
    """What complaints say of some lines, one place each.

    Args:
        linked: complaints received of late and linked.
        closed: those of them that are closed.
        median_days: exact, over those closed with two dates that can be used; None without any.
    """

    linked: Ints
    closed: Ints
    median_days: Shares


def experience(lists: Lists, lines: Lines, places: Ints, *, day: int, within_days: int) -> Experience:
    """Count the complaints of the last days that are linked to these lines.

    Args:
        day: today, days since 1970.

    Source:
        controls.md 3.3; section 9, a complaint closed before it was received.
    """
    frame = lists.frames["complaints"]
    received, closed_on = days(frame["ReceivedOn"]), days(frame["ClosedOn"])
    lately = (received != NAT) & (received <= day) & (received >= day - within_days)
    is_closed = lately & is_in(frame["State"], ("Closed",))
    timed = is_closed & (closed_on != NAT) & (closed_on >= received)
    position, complaint = linked_complaints(lists, lines, places)
    took: list[list[int]] = [[] for _ in places]
    for where, one in zip(position[timed[complaint]], complaint[timed[complaint]], strict=True):
        took[where].append(int(closed_on[one] - received[one]))
    return Experience(
        linked=np.bincount(position[lately[complaint]], minlength=len(places)),
        closed=np.bincount(position[is_closed[complaint]], minlength=len(places)),
        median_days=[median(one) for one in took],
    )


def median(values: Sequence[int]) -> Fraction | None:
    """Give the median exactly; None of nothing."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return Fraction(ordered[half] + ordered[~half], 2)


def previous_linked(records: pd.DataFrame, lines: Lines, terms: Terms) -> np.ndarray[Any, Any]:
    """Give `linked_before` as the terms have it."""
    within = terms.previous_within_days
    return linked_before(records, lines, zone=terms.zone, day=terms.day, within_days=within)


def linked_before(
    records: pd.DataFrame, lines: Lines, *, zone: ZoneInfo, day: int, within_days: int
) -> np.ndarray[Any, Any]:
    """Give each line's ComplaintsLinked on its latest earlier review day, NaN where there is none to use.

    Args:
        records: rows of closure_experience. Where lines share their reference, the row that a line's own id
            names comes before those that name none, and these before other lines' rows.
        zone: whose days count.
        day: today, days since 1970; what stands of today does not count.
        within_days: how far back an earlier day counts.

    Returns:
        float array, one place a line.
    """
    found = np.full(len(lines.frame), np.nan)
    rows = record_rows_of(records, lines, zone)
    lately = (rows["day"] < day) & (rows["day"] >= day - within_days)
    rows = rows[lately]
    if rows.empty:
        return found
    told = records.iloc[rows["row"]]
    rows = rows.assign(own=_own(told, lines, rows["line"].to_numpy()), slot=micros(told["Slot"]))
    rows = rows.sort_values(["day", "own", "slot", "row"], kind="stable")
    figures = records["ComplaintsLinked"].to_numpy(dtype="float64")
    found[rows["line"].to_numpy()] = figures[rows["row"].to_numpy()]  # the last of a line wins
    return found


def _own(told: pd.DataFrame, lines: Lines, line: Ints) -> list[int]:
    """Tell how well each record's key fits the line: 2 by its id, 1 where it names no id, else 0."""
    names = normal_all(refs(lines.frame, line))
    keys = normal_all(told["RecordKey"].fillna("").tolist())
    ids = lines.frame.index[line]
    fits = []
    for key, name, id_ in zip(keys, names, ids, strict=True):
        by_id = f"/{name}#{id_}/" in key
        fits.append(2 if by_id else int(f"/{name}#" not in key))
    return fits


@dataclass(frozen=True, eq=False)
class Proofs:
    """What proves the case of each review, in the order of the frame; those not looked at prove nothing.

    Where lines share a review each of them must have moved, or be assured by its complaints.

    Args:
        movement: the failure rate has fallen enough.
        assurance: somebody from outside confirmed it, or complaints have fallen.
        reduction: the least of its lines', None where one is not available.
        has_line: it names a line.
    """

    movement: Bools
    assurance: Bools
    reduction: Shares
    has_line: Bools

    @property
    def neither(self) -> Bools:
        """Where a review of a line has neither proof."""
        found: Bools = self.has_line & ~self.movement & ~self.assurance
        return found

    @property
    def both(self) -> Bools:
        """Where a review of a line has both proofs."""
        found: Bools = self.has_line & self.movement & self.assurance
        return found


def proofs(
    lists: Lists,
    lines: Lines,
    reviews: Reviews,
    *,
    among: Bools,
    previous: np.ndarray[Any, Any],
    terms: Terms,
) -> Proofs:
    """Look for outcome movement and external assurance of some reviews, by their lines as they are now.

    Args:
        among: which reviews.
        previous: ComplaintsLinked at each line's earlier review day, NaN where there is none.
    """
    kept = among[reviews.review]
    review, line = reviews.review[kept], reviews.line[kept]
    places, position = np.unique(line, return_inverse=True)
    shares = reductions(lines, places)
    linked = experience(lists, lines, places, day=terms.day, within_days=terms.complaints_within_days).linked
    enough = np.array([reduces_enough(one, terms.reduction_percent) for one in shares], dtype=bool)
    fewer = linked < previous[places]  # never below NaN
    has_line = np.zeros(len(among), dtype=bool)
    has_line[review] = True
    return Proofs(
        movement=has_line & _all(review, enough[position], len(among)),
        assurance=among & (_confirmed(reviews) | (has_line & _all(review, fewer[position], len(among)))),
        reduction=_least(review, [shares[one] for one in position], len(among)),
        has_line=has_line,
    )


def _confirmed(reviews: Reviews) -> Bools:
    """Tell where somebody from outside confirmed the result."""
    given = reviews.frame["ExternalAssurance"]
    found: Bools = given.notna().to_numpy() & ~is_in(given, ("None",))
    return found


def _all(review: Ints, holds: Bools, count: int) -> Bools:
    found = np.ones(count, dtype=bool)
    np.logical_and.at(found, review, holds)
    return found


def _least(review: Ints, shares: Shares, count: int) -> Shares:
    """Give the least share of each review; one that is not available is less than any."""
    found: list[list[Fraction | None]] = [[] for _ in range(count)]
    for where, share in zip(review, shares, strict=True):
        found[where].append(share)
    return [None if None in one or not one else min(x for x in one if x is not None) for one in found]
