"""Control 3.4, closure decisions: what the gate says of each proposal, and what is deferred by rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.closure_words import breach_words, missing_words, system_reason, tell_why
from lists_sync.controls.findings import most_pressing, tell
from lists_sync.controls.gate import reason_words
from lists_sync.controls.lines import Lines
from lists_sync.controls.local import NAT
from lists_sync.controls.proposals import deferred_lines, objects, or_present, proposed_lines
from lists_sync.controls.reviews import APPROVED, DEFERRED, NONE, REJECTED
from lists_sync.controls.sitting import AUTO_DEFERRED, OUTCOMES, Settling, Sitting, open_sitting, settle

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar


def closure_decisions(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Say what the gate makes of each proposal; where the record is written, defer what has neither proof.

    Args:
        lists: frames `actions`, `closure_reviews`, `complaints`, `closure_holds`, `evidence`,
            `burst_samples`, and the record `closure_experience`.
        settings: `reduction_percent`, `complaints_within_days`, `previous_within_days`, `validation_days`,
            `apply_deferral`, and `records`: no is a screening.
        remembered: the cycle.

    Returns:
        measures Approved, Deferred, Rejected: reviews decided in the cycle, as they stand after settling;
        columns GateOutcome and GateReasons of lines (deferred ones keep theirs) and of reviews judged; when
        settling, the system's decision on reviews, moves of their lines, and findings `breach` and `settled`.
    Source:
        Operational example 3, step 4; controls.md 3.4; section 9.
    """
    sitting = open_sitting(lists, moment=moment, calendar=calendar, settings=settings, remembered=remembered)
    settles = bool(settings["records"])
    settling = settle(sitting, settles=settles, applies=bool(settings["apply_deferral"]))
    lines, reviews, judged = sitting.lines, sitting.reviews, sitting.judged
    on_reviews = _on_reviews(sitting)
    if settles:
        on_reviews = on_reviews.join(_system_columns(sitting, settling, moment)[judged])
    history = {
        "burst_samples.ReviewedAt": int(sitting.gate.from_history[proposed_lines(lines)].sum()),
        "closure_reviews.PanelDecidedAt": int((reviews.from_history & judged).sum()),
    }
    return Judged(
        measures=_measures(sitting, settling),
        columns={"actions": _on_lines(sitting, settling), "closure_reviews": on_reviews},
        findings=_findings(sitting, settling) if settles else {},
        facts={"from_history": history},
        moves={"actions": _moves(lines, settling)} if settling.moved.any() else {},
    )


def _measures(sitting: Sitting, settling: Settling) -> dict[str, int]:
    """Count the reviews decided in the cycle by their decision, the settling included."""
    reviews, (start, end) = sitting.reviews, sitting.cycle
    anew = settling.deferred & ~sitting.just_settled
    decision = np.select([anew, settling.given_back], [DEFERRED, reviews.panel], default=reviews.decision)
    at = np.select([anew, settling.given_back], [sitting.now, reviews.panel_at], default=reviews.decided_at)
    decided = (at != NAT) & (at > start) & (at <= end)
    codes = {"Approved": APPROVED, "Deferred": DEFERRED, "Rejected": REJECTED}
    return {name: int((decided & (decision == code)).sum()) for name, code in codes.items()}


def _on_lines(sitting: Sitting, settling: Settling) -> pd.DataFrame:
    """Give GateOutcome and GateReasons of proposed and moved lines.

    Deferred lines keep what they hold, and so does the outcome of a line whose review is not judged.
    """
    lines, reviews = sitting.lines, sitting.reviews
    proposed, deferred = proposed_lines(lines), deferred_lines(lines)
    current = reviews.of_lines(len(lines.frame))
    is_judged = np.append(sitting.judged, False)[current]
    code = np.where(is_judged & proposed, np.append(sitting.outcome, NONE)[current], NONE)
    words = np.array([*OUTCOMES, None], dtype=object)
    outcome = words[np.where(settling.moved, AUTO_DEFERRED, code)]
    kept = deferred | (proposed & ~is_judged & ~settling.moved)
    reasons = reason_words(np.where(proposed | settling.moved, sitting.gate.bits, 0))
    frame = lines.frame
    return pd.DataFrame(
        {
            "GateOutcome": pd.array(or_present(outcome, frame["GateOutcome"], kept), dtype="str"),
            "GateReasons": or_present(reasons, frame["GateReasons"], deferred),
        },
        index=frame.index,
    )


def _on_reviews(sitting: Sitting) -> pd.DataFrame:
    judged = sitting.judged
    words = np.array(OUTCOMES, dtype=object)
    return pd.DataFrame(
        {
            "GateOutcome": pd.array(words[sitting.outcome[judged]], dtype="str"),
            "GateReasons": reason_words(sitting.bits[judged]),
        },
        index=sitting.reviews.frame.index[judged],
    )


def _system_columns(sitting: Sitting, settling: Settling, moment: datetime) -> pd.DataFrame:
    """Give the system's decision on every review: set, cleared, or as it stands."""
    anew, back = settling.deferred & ~sitting.just_settled, settling.given_back
    frame, least = sitting.reviews.frame, sitting.terms.reduction_percent
    shares = sitting.proofs.reduction
    why = [system_reason(shares[place], least) if anew[place] else None for place in range(len(frame))]
    given = {
        "SystemDecision": "Deferred",
        "SystemDecidedAt": pd.Timestamp(moment),
        "SystemReason": pd.Series(why, index=frame.index, dtype="str"),
    }
    return pd.DataFrame({name: frame[name].mask(back).mask(anew, one) for name, one in given.items()})


def _moves(lines: Lines, settling: Settling) -> pd.DataFrame:
    """Move lines to Deferred, with ClosedOn cleared."""
    index = lines.frame.index[settling.moved]
    return pd.DataFrame(
        {
            "Status": pd.Series("Deferred", index=index, dtype="str"),
            "ClosedOn": pd.Series(pd.NaT, index=index, dtype="datetime64[us, UTC]"),
        }
    )


def _findings(sitting: Sitting, settling: Settling) -> dict[str, pd.DataFrame]:
    """Give the breaches, and the lines that the rule deferred in this cycle."""
    lines, reviews, found = sitting.lines, sitting.reviews, sitting.proofs
    by_rule = sitting.decided & reviews.by_rule & (reviews.decision == DEFERRED)
    deferred = settling.deferred | (by_rule & ~settling.given_back)
    words = {
        line: missing_words(found.reduction[review], sitting.terms.reduction_percent)
        for review, line in zip(reviews.review.tolist(), reviews.line.tolist(), strict=True)
        if deferred[review]
    }
    chosen = reviews.any_of_line(deferred, len(lines.frame))
    return {"breach": _breaches(sitting), "settled": tell_why(lines, chosen, words, sitting.now)}


def _breaches(sitting: Sitting) -> pd.DataFrame:
    """Describe each breach by each line of its review, the most pressing line first."""
    lines, reviews, chosen = sitting.lines, sitting.reviews, sitting.breaches
    kept = chosen[reviews.review]
    review, line = reviews.review[kept], reviews.line[kept]
    ranked = most_pressing(lines, reviews.any_of_line(chosen, len(lines.frame)), None)
    rank = np.full(len(lines.frame), NONE, dtype=np.int64)
    rank[ranked] = np.arange(len(ranked))
    order = np.lexsort((review, rank[line]))
    review, line = review[order], line[order]
    told = tell(lines, line, np.where(lines.overdue(sitting.now), sitting.now - lines.due, NAT))
    told["review"] = reviews.frame.index.to_numpy()[review]
    neither, suspended = sitting.proofs.neither, sitting.suspended
    words = [breach_words(neither=neither[one], suspended=suspended[one]) for one in review]
    told["defects"] = pd.Series(objects(words), index=told.index)
    return told
