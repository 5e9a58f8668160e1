from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from lists_sync.model import Change, Escalation, Plan, Severity
from lists_sync.plan.render import plan_dict, render_plan

SLOT = datetime(2026, 7, 6, 7, 15, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def plan(**values):
    change = Change("actions", 17, "WN-014/03", values, etag='"a,1"')
    row = Change("deadline_status", None, "deadline-status/x", {"Overdue": (None, 14), "RanAt": (None, SLOT)})
    told = Escalation(
        key="overdue-high-risk/WN-014/03/2026-07-05",
        control="deadline-status",
        rule="overdue-high-risk",
        severity=Severity.CRITICAL,
        raised_at=SLOT,
        act_by=datetime(2026, 7, 6, 17, tzinfo=UTC),
        to_role="Action Owner",
    )
    return Plan("deadline-status", SLOT, (), (change,), (told,), (row,), "0123456789abcdef")


def test_a_plan_is_told_item_by_item():
    """A dry run shows each item with its columns as old -> new, rows to be made, and messages."""
    told = render_plan(
        plan(DeadlineState=("On track", "Overdue"), HighRiskOverdue=(False, True), Warnings=((), ("A", "B"))),
        LONDON,
    )
    assert told.splitlines() == [
        "deadline-status: 1 item to change, 1 message.",
        "Items",
        "  actions WN-014/03",
        "    DeadlineState: On track -> Overdue",
        "    HighRiskOverdue: no -> yes",
        "    Warnings: (blank) -> A, B",
        "Records",
        "  deadline_status deadline-status/x (new)",
        "    Overdue: 14",
        "    RanAt: 2026-07-06 08:15",
        "Messages",
        "  Critical to Action Owner, act by 2026-07-06 18:00",
        "    overdue-high-risk/WN-014/03/2026-07-05",
        "Plan 0123456789ab",
    ]


def test_a_value_cannot_break_its_line():
    """What somebody typed stays on its line, without controls."""
    told = render_plan(plan(Note=(None, "one\nItems\n\x1b[31mred")), LONDON)
    assert told.splitlines()[3] == "    Note: (blank) -> one Items [31mred"


def test_the_json_of_a_plan_is_plain():
    """For scripts instants are UTC, days are days, several choices are a list and a blank is null."""
    told = plan_dict(plan(Found=(None, date(2026, 7, 1)), At=(None, SLOT), Several=((), ("A",))))
    assert told["items"][0]["changes"] == {
        "Found": [None, "2026-07-01"],
        "At": [None, "2026-07-06T07:15:00Z"],
        "Several": [[], ["A"]],
    }
    assert told["record"][0]["id"] is None
