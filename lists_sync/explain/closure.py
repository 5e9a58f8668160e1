"""What the closure gate says of a line: GateOutcome, and why the rule defers or puts back: 3.4 and 2.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lists_sync.controls.gate import reason_words
from lists_sync.controls.reviews import NONE
from lists_sync.controls.sitting import AUTO_DEFERRED, ELIGIBLE, OUTCOMES, PANEL
from lists_sync.explain.complaints import (
    RATES,
    complaint_values,
    complaints_figures,
    linked_of,
    previous_of,
    reduction_figure,
)
from lists_sync.explain.gate import is_deferred, is_moved, is_proposed, samples_of, sitting_of
from lists_sync.explain.told import Explained, FigureTold

if TYPE_CHECKING:
    import numpy as np

    from lists_sync.explain.view import View

_TERMS = ("reduction_percent", "complaints_within_days", "previous_within_days")


def gate_outcome(view: View) -> Explained:
    """Explain GateOutcome.

    Source: Operational example 3, step 4; controls.md 3.4.
    """
    review = review_of(view)
    judged = review != NONE and bool(sitting_of(view)[0].judged[review])
    if is_moved(view):
        return _judged(view, _moved_review(view))
    if is_deferred(view):
        return Explained(view.cell("GateOutcome"), "A deferred line keeps its outcome.", kept=True)
    if not is_proposed(view):
        return Explained(None, "Only lines proposed for closure have an outcome.", view.values("Status"))
    if not judged:
        rule = (
            "Its review is neither open nor decided since the previous record, so the gate says nothing new."
        )
        return Explained(view.cell("GateOutcome"), rule, view.values("Status"), kept=True)
    return _judged(view, review)


def review_of(view: View) -> int:
    """Give the place of the line's review, NONE where it has none."""
    sitting, _ = sitting_of(view)
    current: np.ndarray[tuple[int], np.dtype[np.int64]] = view.scene.once(
        view.job, "current reviews", lambda: sitting.reviews.of_lines(len(view.lines.frame))
    )
    return int(current[view.place])


def _moved_review(view: View) -> int:
    """Give the review by which a line is moved: of a closed line the one decided last."""
    reviews = sitting_of(view)[0].reviews
    if is_proposed(view):
        return review_of(view)
    return int(reviews.of_lines(len(view.lines.frame), reviews.decision >= 0)[view.place])


def _judged(view: View, review: int) -> Explained:
    """Explain the outcome of a review that was judged."""
    sitting, _ = sitting_of(view)
    moved, assured = bool(sitting.proofs.movement[review]), bool(sitting.proofs.assurance[review])
    reasons = reason_words(sitting.bits[[review]])[0] or ()
    code = (
        AUTO_DEFERRED if not (moved or assured) else ELIGIBLE if moved and assured and not reasons else PANEL
    )
    item = int(sitting.reviews.frame.index[review])
    linked, previous = linked_of(view), previous_of(view, view.scene.lists.frames["closure_experience"])
    values = [*view.values("Status", *RATES)]
    values += view.values("ExternalAssurance", "PanelDecision", key="closure_reviews", id_=item)
    values += complaint_values(view, linked.lately)
    if previous.item is not None:
        values += view.values("Slot", "ComplaintsLinked", key="closure_experience", id_=previous.item)
    figures = (
        reduction_figure(view),
        *complaints_figures(linked, previous),
        FigureTold("outcome_movement", moved, f"Outcome movement: {'yes' if moved else 'no'}."),
        FigureTold("external_assurance", assured, _assured_words(assured=assured)),
        FigureTold("reasons", reasons, f"Reasons against it: {', '.join(reasons) or 'none'}."),
    )
    thresholds = tuple(view.threshold(name) for name in _TERMS)
    return Explained(OUTCOMES[code], _rule(view), tuple(values), figures, thresholds)


def _rule(view: View) -> str:
    least, within = view.setting("reduction_percent"), view.setting("complaints_within_days")
    return (
        f"Two proofs count: outcome movement, a failure rate down by {least:g} % or more; and external "
        "assurance, somebody from outside on the review, or fewer linked complaints in the last "
        f"{within:g} days than at the line's review day before (at most "
        f"{view.setting('previous_within_days'):g} days ago). With neither it is auto-deferred; with both "
        "and no reason against it eligible; else the panel decides."
    )


def _assured_words(*, assured: bool) -> str:
    return (
        "External assurance: yes."
        if assured
        else "External assurance: no; none is recorded, and complaints are not shown to have fallen."
    )


def deferred(view: View) -> Explained:
    """Explain why the run moved the line to Deferred.

    Source: Operational example 3, step 4; controls.md 3.4, settling.
    """
    told = gate_outcome(view)
    rule = (
        "A review that lacks both proofs, and that the panel has not rejected, is deferred by rule; its "
        "line, if proposed or closed on that approval, becomes Deferred, and ClosedOn is cleared."
    )
    thresholds = (view.threshold("apply_deferral"), *told.thresholds)
    return Explained(is_moved(view), rule, told.values, told.figures, thresholds)


def put_back(view: View) -> Explained:
    """Explain why the run put the line back to In progress.

    Source: Operational example 2, step 5; controls.md 2.5.
    """
    rule = (
        "A line that is closed or proposed, and whose sampled evidence was reinstated as open in the "
        f"bursts of the last {view.setting('settle_days'):g} operational days, goes back to In progress, "
        "and ClosedOn is cleared; each sample does so once."
    )
    index = view.scene.samples.frame.index
    items = [int(index[place]) for place in samples_of(view)]
    items = [
        item for item in items if view.cell("Disposition", "burst_samples", item) == "Reinstated as open"
    ]
    values = [
        one for item in items for one in view.values("BurstId", "Disposition", key="burst_samples", id_=item)
    ]
    moves = view.scene.outcome.moves.get("actions")
    found = moves is not None and view.id in moves.index
    thresholds = (view.threshold("apply_reinstatement"), view.threshold("settle_days"))
    return Explained(found, rule, (*view.values("Status", "ClosedOn"), *values), (), thresholds)
