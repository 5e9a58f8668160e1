"""The views that managers open first; plain ones, made once and never changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class View:
    """A view of one list.

    Args:
        fields: internal names, in order.
        query: CAML, without its outer element.
    """

    title: str
    fields: tuple[str, ...]
    query: str

    def body(self) -> dict[str, Any]:
        """Give the parameters by which SharePoint makes the view."""
        parameters = {
            "Title": self.title,
            "ViewFields": list(self.fields),
            "Query": self.query,
            "PersonalView": False,
            "SetAsDefaultView": False,
            "Paged": True,
            "RowLimit": 30,
        }
        return {"parameters": parameters}


_LINE = ("ActionRef", "LinkTitle", "Service", "Owner", "DueDate", "RiskRating", "Status", "DeadlineState")
_SOONEST = "<OrderBy><FieldRef Name='DueDate' Ascending='TRUE'/></OrderBy>"


def _equals(column: str, kind: str, value: str) -> str:
    return f"<Eq><FieldRef Name='{column}'/><Value Type='{kind}'>{value}</Value></Eq>"


_GOOD_RUNS = (
    # A time first, so that a list of many thousand rows still shows the view.
    "<Where><And><Geq><FieldRef Name='RanAt'/><Value Type='DateTime'><Today OffsetDays='-14'/></Value></Geq>"
    f"<Or>{_equals('Result', 'Choice', 'Completed')}"
    f"{_equals('Result', 'Choice', 'Completed with faults')}</Or></And></Where>"
    "<OrderBy><FieldRef Name='RanAt' Ascending='FALSE'/></OrderBy>"
)

VIEWS: dict[str, tuple[View, ...]] = {
    "actions": (
        View(
            "Overdue high-risk",
            (*_LINE, "EvidenceState"),
            f"<Where>{_equals('HighRiskOverdue', 'Boolean', '1')}</Where>{_SOONEST}",
        ),
        View(
            "Due within 48 h",
            _LINE,
            f"<Where>{_equals('DeadlineState', 'Choice', 'Due within 48 h')}</Where>{_SOONEST}",
        ),
    ),
    "escalations": (
        View(
            "Open escalations",
            (
                "EscalationKey",
                "Severity",
                "ToRole",
                "ToPerson",
                "ActBy",
                "Status",
                "Message",
                "AcknowledgedBy",
            ),
            "<Where><Neq><FieldRef Name='Status'/><Value Type='Choice'>Resolved</Value></Neq></Where>"
            "<OrderBy><FieldRef Name='ActBy' Ascending='TRUE'/></OrderBy>",
        ),
    ),
    "control_runs": (
        View(
            "Last good runs",
            ("Control", "Slot", "RanAt", "LateMinutes", "Result", "DataFaults", "Escalations"),
            _GOOD_RUNS,
        ),
        View(
            "Missed windows",
            ("Control", "Slot", "Result"),
            f"<Where>{_equals('Result', 'Choice', 'Missed')}</Where>"
            "<OrderBy><FieldRef Name='Slot' Ascending='FALSE'/></OrderBy>",
        ),
    ),
}
