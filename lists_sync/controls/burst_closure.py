"""Control 2.5, burst-cycle closure: what was reinstated, what was corrected, and which risks remain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.bursts import Bursts, read_bursts
from lists_sync.controls.files import VALID, Samples
from lists_sync.controls.lines import read_lines
from lists_sync.controls.local import Bools, Ints
from lists_sync.controls.matching import clean, is_in
from lists_sync.controls.reviews import APPROVED, NONE, OPEN, Reviews, read_reviews

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar

GIVEN_UP = ("Closed", "Proposed for closure")
"""The statuses from which a reinstated line goes back."""
BACK_TO = "In progress"
MOVED, BY_HAND, LEFT = (("back to In progress",), ("to be put back by hand",), ("left as it was",))
"""What a message says became of a reinstated line."""


def burst_closure(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Close the day's burst, and put back the lines whose evidence was reinstated as open.

    Args:
        lists: frames `actions`, `burst_samples`, `closure_reviews`; `first_seen` stands in for ReviewedAt and
            PanelDecidedAt.
        settings: `settle_days`, operational days; `look_back_days`; `apply_reinstatement`.
        remembered: `reinstated`: the pairs of sample and line that an earlier run has dealt with; `put_back`.

    Returns:
        measures BurstId, ReinstatedAsOpen and AcceptedAfterCorrection of the day's burst (None where there is
        none) and ResidualRisks of the last days; moves of Status and ClosedOn of lines put back, and the
        SystemDecision of the reviews of all lines dealt with anew; findings `ResidualRisks` (the lines of
        those files) and `reinstated` (the lines dealt with anew, with what became of each).
    Source:
        Operational example 2, step 5; controls.md 2.5 and section 9.
    """
    lines = read_lines(lists, calendar.zone)
    reviews = read_reviews(lists, lines)
    bursts = read_bursts(
        lists, lines, moment=moment, calendar=calendar, days_back=int(settings["settle_days"])
    )
    reinstated = is_in(bursts.samples.frame["Disposition"], ("Reinstated as open",))
    residual = _residual(bursts, reinstated, settings["look_back_days"])
    anew = _reinstate(bursts, reinstated, remembered.reinstated, apply=bool(settings["apply_reinstatement"]))
    is_there = bool(bursts.mine.any())
    of_lines = int(bursts.lines_of(bursts.mine & reinstated).sum()) if is_there else None
    decided = _decisions(bursts, reviews, anew, moment)
    told, told_count = bursts.tell(bursts.lines_of(residual))
    moves = _moves(lines.frame.index[anew.moved])
    from_history = int((reviews.from_history & reviews.any_of_review(anew.lines)).sum())
    return Judged(
        {
            "BurstId": bursts.id,
            "ReinstatedAsOpen": of_lines,
            "AcceptedAfterCorrection": bursts.count(bursts.samples.corrected),
            "ResidualRisks": int(residual.sum()),
        },
        {"closure_reviews": decided} if len(decided) else {},
        findings={"ResidualRisks": told, "reinstated": _told(bursts, anew, remembered.put_back)},
        facts={
            "totals": {"ResidualRisks": told_count, "reinstated": int(anew.lines.sum())},
            "from_history": {"closure_reviews.PanelDecidedAt": from_history},
            "notes": bursts.notes,
        },
        moves={"actions": moves} if len(moves) else {},
    )


def _residual(bursts: Bursts, reinstated: Bools, days: int) -> Bools:
    """Tell which samples are the latest of their file and leave a risk that is still active."""
    samples = bursts.samples
    word = is_in(samples.frame["Disposition"], ("Residual risk",))
    at_risk = ~reinstated & ~samples.corrected & (word | (samples.verdict != VALID))
    latest = np.zeros(len(samples.frame), dtype=bool)
    latest[samples.latest(bursts.within(days)).to_numpy()] = True
    found: Bools = latest & at_risk
    return found


@dataclass(frozen=True, eq=False)
class _Anew:
    """The reinstatements that no earlier run has dealt with.

    Args:
        lines: which lines they are of.
        waiting: those of them that are closed, or proposed for it.
        sample: for each line: the place of the sample drawn last among its own, NONE without one.
        apply: whether this run may put anything back.
    """

    lines: Bools
    waiting: Bools
    sample: Ints
    apply: bool

    @property
    def moved(self) -> Bools:
        """Those lines that this run puts back."""
        return self.waiting & self.apply


def _reinstate(
    bursts: Bursts, reinstated: Bools, dealt_with: frozenset[tuple[int, int]], *, apply: bool
) -> _Anew:
    """Find the pairs of sample and line to deal with now; each is dealt with once."""
    samples, frame = bursts.samples.frame, bursts.lines.frame
    chosen = np.flatnonzero((reinstated & bursts.late)[bursts.sample])
    ids = zip(
        samples.index[bursts.sample[chosen]].tolist(), frame.index[bursts.line[chosen]].tolist(), strict=True
    )
    fresh = chosen[np.array([pair not in dealt_with for pair in ids], dtype=bool)]
    order = _by_draw(bursts.samples, bursts.sample[fresh])
    latest = np.full(len(frame), NONE, dtype=np.int64)
    latest[bursts.line[fresh[order]]] = bursts.sample[fresh[order]]  # the last of a line wins
    found = latest != NONE
    return _Anew(found, found & is_in(frame["Status"], GIVEN_UP), latest, apply)


def _by_draw(samples: Samples, places: Ints) -> Ints:
    ids = samples.frame.index.to_numpy()[places]
    return np.lexsort((ids, samples.sampled_at[places])).astype(np.int64)


def _moves(ids: pd.Index[Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Status": pd.Series(BACK_TO, index=ids, dtype="str"),
            "ClosedOn": pd.Series(pd.NaT, index=ids, dtype="datetime64[us, UTC]"),
        }
    )


def _decisions(bursts: Bursts, reviews: Reviews, anew: _Anew, moment: datetime) -> pd.DataFrame:
    """Give the system's decision of the review of each line dealt with anew, where it is open or approved.

    It does not ask for the line's Status: that may be back already, by hand or by a run that broke off.
    """
    of_line = reviews.of_lines(len(bursts.lines.frame))
    named: dict[int, str] = {}
    for line in np.flatnonzero(anew.lines & anew.apply & (of_line != NONE)).tolist():
        review = int(of_line[line])
        if reviews.decision[review] in (OPEN, APPROVED):
            burst = clean(str(bursts.samples.frame["BurstId"].iloc[anew.sample[line]]))
            named[review] = f"Its evidence was reinstated as open in the burst {burst}."
    ids = reviews.frame.index[sorted(named)]
    decided = {
        "SystemDecision": pd.Series("Reinstated", index=ids, dtype="str"),
        "SystemDecidedAt": pd.Series(moment, index=ids, dtype="datetime64[us, UTC]"),
        "SystemReason": pd.Series([named[place] for place in sorted(named)], index=ids, dtype="str"),
    }
    return pd.DataFrame(decided)


def _told(bursts: Bursts, anew: _Anew, put_back: frozenset[int]) -> pd.DataFrame:
    """Name the lines dealt with anew, and what became of each, by a run that broke off before it too."""
    told, _ = bursts.tell(anew.lines, live_again=anew.moved)
    ids = bursts.lines.frame.index
    moved, waiting = frozenset(ids[anew.moved]) | put_back, frozenset(ids[anew.waiting])
    became = [MOVED if id_ in moved else BY_HAND if id_ in waiting else LEFT for id_ in told.index]
    told["defects"] = pd.Series(became, index=told.index, dtype=object)
    return told
