"""The rows of the records that have one a line: controls 3.1, 3.2 and 3.3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lists_sync.controls.gate import REASONS
from lists_sync.controls.local import NAT
from lists_sync.controls.percent import exact, one_decimal
from lists_sync.controls.proof import median, reduces_enough
from lists_sync.explain.complaints import (
    RATES,
    complaint_values,
    complaints_figures,
    linked_of,
    previous_of,
    reduction_figure,
    reduction_of,
)
from lists_sync.explain.gate import WORDS, valid_values, validated_figure, validated_us
from lists_sync.explain.told import Explained, FigureTold
from lists_sync.explain.view import View, instant_of
from lists_sync.explain.workload import percent_words


def register_row(view: View) -> Explained:
    """Explain a row of the closure-gate register; the conclusion is its columns.

    Source: Operational example 3, step 1; controls.md 3.1.
    """
    reasons = tuple(word for word in REASONS if WORDS[word](view).conclusion)
    at = validated_us(view)
    columns = {
        "BaselineRiskScore": view.cell("BaselineRiskScore"),
        "LatestValidationDate": instant_of(at) if at != NAT else None,
        "GateReady": not reasons,
        "GateReasons": reasons,
    }
    rule = (
        "A proposed line is ready when none of the seven reasons stands against it; GateReasons tells each."
    )
    values = (*view.values("Status", "BaselineRiskScore"), *valid_values(view))
    figures = (validated_figure(view), FigureTold("reasons", reasons, _reason_words(reasons)))
    return Explained(columns, rule, values, figures, (view.threshold("validation_days"),))


def _reason_words(reasons: tuple[str, ...]) -> str:
    return f"Reasons: {', '.join(reasons) or 'none'}."


def comparison_row(view: View) -> Explained:
    """Explain a row of the closure comparison; the conclusion is its columns.

    Source: Operational example 3, step 2; controls.md 3.2.
    """
    least, share = view.setting("reduction_percent"), reduction_of(view)
    claim = view.cell("ResolutionClaim")
    flagged = claim == "Fully resolved" and not reduces_enough(share, exact(least))
    rule = (
        "PercentReduction is 100 x (baseline - current) / baseline of the failure rate; a line presented "
        f"as Fully resolved is flagged when it is blank or below {least:g} %."
    )
    columns: dict[str, Any] = {name: view.cell(name) for name in RATES}
    columns |= {"PercentReduction": one_decimal(share), "Flagged": flagged}
    values = view.values("ResolutionClaim", *RATES)
    return Explained(columns, rule, values, (reduction_figure(view),), (view.threshold("reduction_percent"),))


def experience_row(view: View) -> Explained:
    """Explain a row of the closure experience; the conclusion is its columns.

    Source: Operational example 3, step 3; controls.md 3.3.
    """
    within, back = view.setting("complaints_within_days"), view.setting("previous_within_days")
    linked, previous = linked_of(view), previous_of(view, view.scene.remembered.records)
    count, middle = len(linked.lately), median(linked.took)
    rule = (
        "A complaint is linked where it names the line, or has its risk theme and its service or one of "
        f"the two names none; those received in the last {within:g} days count. They have not fallen when "
        f"there are some, and not fewer than on the line's latest earlier review day, at most {back:g} "
        "days ago."
    )
    columns = {
        "ComplaintsLinked": count,
        "ComplaintsClosed": len(linked.closed),
        "MedianClosureDays": one_decimal(middle),
        "PreviousLinked": previous.figure,
        "NotFallen": count > 0 and previous.figure is not None and count >= previous.figure,
    }
    values = [*view.values("RiskTheme", "Service"), *complaint_values(view, linked.lately)]
    if previous.item is not None:
        values += view.values("Slot", "ComplaintsLinked", key="closure_experience", id_=previous.item)
    took = ", ".join(map(str, linked.took)) or "none"
    told = percent_words(middle).removesuffix(" %") if middle is not None else "not available"
    words = f"Days from receipt to closing: {took}; the median is {told}."
    figures = (
        *complaints_figures(linked, previous),
        FigureTold("median_closure_days", middle and float(middle), words),
    )
    thresholds = (view.threshold("complaints_within_days"), view.threshold("previous_within_days"))
    return Explained(columns, rule, tuple(values), figures, thresholds)


ROWS: Mapping[str, Callable[[View], Explained]] = {
    "closure_gate_register": register_row,
    "closure_comparison": comparison_row,
    "closure_experience": experience_row,
}
"""By record list: what explains its row."""
