"""Which explainer tells of which flag: one entry a column, and of several choices one a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lists_sync.explain import gate, integrity, warnings
from lists_sync.explain.closure import gate_outcome
from lists_sync.explain.deadlines import deadline_state, high_risk_overdue, slippage_band
from lists_sync.explain.evidence import evidence_state
from lists_sync.explain.told import Explained
from lists_sync.explain.view import View
from lists_sync.explain.workload import suggested_owner

Explainer = Callable[[View], Explained]

SINGLE: Mapping[str, Explainer] = {
    "DeadlineState": deadline_state,
    "HighRiskOverdue": high_risk_overdue,
    "SlippageBand": slippage_band,
    "EvidenceState": evidence_state,
    "SuggestedOwner": suggested_owner,
    "GateOutcome": gate_outcome,
}
"""Columns of one value."""

SEVERAL: Mapping[str, Mapping[str, Explainer]] = {
    "IntegrityDefects": integrity.WORDS,
    "EarlyWarnings": warnings.WORDS,
    "GateReasons": gate.WORDS,
}
"""Columns of several choices, by word."""

_SECTIONS = {"5": "section 5", "6": "section 6"}
"""Where controls.md has the rules of a control whose number is a section's."""
_ALSO = {"GateReasons": "3.1", "EvidenceState": "1.1"}
"""The control whose section has the rule of a column that others judge as well."""


def source_of(source: str, control: str, column: str = "") -> str:
    """Name the step of the source and the place of the rule."""
    also = _ALSO.get(column, control)
    places = [_SECTIONS.get(one, one) for one in dict.fromkeys((control, also))]
    return f"{source}; controls.md {' and '.join(places)}"
