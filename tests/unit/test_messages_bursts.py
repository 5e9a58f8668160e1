"""What the burst controls say to those who must act, in the words of the shipped templates."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from lists_sync.messages import Links, render
from lists_sync.model import Escalation, Severity
from lists_sync.shipped import shipped

SITE = "https://rosewood.sharepoint.com/sites/governance"
LISTS = ("actions", "burst_samples", "closure_reviews", "escalations", "retests")
LINKS = Links({key: f"{SITE}/Lists/{key}" for key in LISTS})
VALIDITY = {
    "BurstId": "B-2026-11-24",
    "MatchingLivePractice": 7,
    "OutdatedSourceDates": 1,
    "LackingOutcomeProof": 2,
    "InvalidFiles": 3,
    "AwaitingReview": 1,
    "ReviewsOverdue": 1,
}
PROOF = {"BurstId": "B-2026-11-24", "StepsObserved": 4, "RecordsMatched": 20, "StaffPrompts": 2}
RETEST = {
    "Retests": 4,
    "CorrectStages": 30,
    "CriticalOmissionsRepeated": 1,
    "CoachingMinutes": 45,
    "AverageCorrectPercent": 71.4,
    "RetestsOverdue": 2,
}
CLOSURE = {"BurstId": "B-2026-11-24", "ReinstatedAsOpen": 1, "AcceptedAfterCorrection": 2, "ResidualRisks": 4}
LINE = {"ref": "WN-014/03", "id": 3, "due": "2026-12-24T00:00:00Z", "high": True}


def told(template: str, measures, *, act_by=datetime(2026, 11, 24, 18, tzinfo=UTC), lines=(LINE,), **facts):
    """Give the message of a template at half past three."""
    given = {"template": template, "measures": measures, "moment": "2026-11-24T15:30:00Z", "lines": lines}
    one = Escalation(
        key=f"{template}/B-2026-11-24",
        control="evidence-validity",
        rule="any",
        severity=Severity.WARNING if act_by else Severity.INFORMATION,
        raised_at=datetime(2026, 11, 24, 15, 30, tzinfo=UTC),
        act_by=act_by,
        to_role="Clinical Lead",
        facts={**given, **facts},
    )
    return render(one, links=LINKS, zone=ZoneInfo("Europe/London"), templates=shipped("templates")).message


TODAY = "by 18:00 today, Tuesday 24 November 2026"
FIRST_LINES = [
    (
        "evidence-validity-invalid",
        (VALIDITY, {"count": 3, "limit": 2}),
        "Please decide on 3 invalid evidence files ",
        ": more than 2 in one burst sample comes to you.",
    ),
    (
        "evidence-validity-overdue",
        (VALIDITY, {"count": 1, "limit": 0}),
        "Please have 1 late evidence review of today's burst done ",
        ".",
    ),
    (
        "live-proof-revisit",
        ({**PROOF, "MatchPercent": 71.4}, {"count": 71.4, "limit": 87}),
        "Please revisit today's burst sample on the unit ",
        ": 71.4 percent of care records match the practice seen; less than 87 asks for it.",
    ),
    (
        "live-proof-missing",
        ({**PROOF, "MatchPercent": None}, {"count": 1}),
        "Please record the reality check of today's burst sample ",
        ": the shift has ended and no care record was compared.",
    ),
    (
        "competence-retest-supervision",
        (RETEST, {"count": 71.4, "limit": 83}),
        "Please arrange urgent supervision ",
        ": after retest, staff show 71.4 percent of stages correctly on average; below 83 requires it.",
    ),
    (
        "competence-retest-overdue",
        (RETEST, {"count": 2, "limit": 0}),
        "Please have staff re-tested ",
        ": 2 retests behind invalid evidence are overdue.",
    ),
    (
        "burst-closure-residual",
        (CLOSURE, {"count": 4, "limit": 3}),
        "Please settle 4 residual evidence risks ",
        ": above 3, all further closure approvals are suspended.",
    ),
]


@pytest.mark.parametrize(
    ("template", "given", "asked", "why"), FIRST_LINES, ids=[row[0] for row in FIRST_LINES]
)
def test_the_first_line_says_what_is_asked_and_by_when(template, given, asked, why):
    """Who reads one line knows what to do, by when and why; the line concerned and the way on follow."""
    measures, facts = given
    message = told(template, measures, **facts)
    assert message.splitlines()[0] == f"{asked}{TODAY}{why}"
    assert "WN-014/03 (HIGH RISK): due Thursday 24 December 2026" in message
    assert "What to do: " in message
    assert "not available" not in message


@pytest.mark.parametrize(
    ("template", "measures", "limit"),
    [
        ("live-proof-revisit", {**PROOF, "MatchPercent": 87.0}, 87),
        ("competence-retest-supervision", {**RETEST, "AverageCorrectPercent": 83.0}, 83),
    ],
)
def test_a_figure_that_rounds_to_its_limit_is_told_as_just_under_it(template, measures, limit):
    """86.96 is below 87 although it is shown as 87, and the reader must not wonder why it was raised."""
    first = told(template, measures, count=float(limit), limit=limit).splitlines()[0]
    assert f"just under {limit} percent" in first
    assert "asks for it" not in first
    assert "requires it" not in first


def test_a_message_leads_to_the_samples_of_its_own_burst():
    """The list opens on the burst and the verdict that the message is about."""
    message = told("evidence-validity-invalid", VALIDITY, count=3, limit=2)
    wanted = "FilterField1=BurstId&FilterValue1=B-2026-11-24&FilterField2=Verdict&FilterValue2=Invalid"
    assert f"{SITE}/Lists/burst_samples/AllItems.aspx?{wanted}" in message


def test_the_reinstatements_say_what_became_of_each_line():
    """It asks for nothing, counts the lines and names what was done with each."""
    lines = (
        {**LINE, "defects": ["back to In progress"]},
        {**LINE, "ref": "WN-014/04", "id": 4, "high": False, "defects": ["left as it was"]},
    )
    message = told("burst-closure-reinstated", CLOSURE, act_by=None, lines=lines, total=2)
    assert message.startswith(
        "For your information: 2 lines reinstated as open, because sampled evidence did not hold."
    )
    assert "WN-014/03 (HIGH RISK): back to In progress, due" in message
    assert "WN-014/04: left as it was, due" in message
    assert "Acknowledged" not in message
