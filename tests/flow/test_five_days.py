"""Five working days with the sample provider: every threshold of the seed is crossed and cleared."""

import json
import os
import subprocess
import sys
from itertools import pairwise

import pytest

pytestmark = pytest.mark.flow

WEEK = ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The one run of five days, as it prints itself for scripts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LISTS_SYNC_")}
    done = subprocess.run(
        [sys.executable, "-m", "lists_sync", "demo", "--days", "5", "--json"],
        cwd=tmp_path_factory.mktemp("demo"),
        env=kept,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def runs_of(told, job):
    return [run for run in told["runs"] if run["job"] == job]


def raised(run, key):
    return any(one["key"].startswith(key) for one in run["escalations"])


# By threshold: the job, what its escalations' keys begin with, and when a record is past the seed's limit.
SEED = {
    "1.2 defects exceed 5": (
        "deadline-integrity",
        "deadline-integrity/defects/",
        lambda run: run["measures"]["IntegrityDefects"] > 5,
    ),
    "1.3 a manager above 125 percent": (
        "workload-rebalance",
        "workload-rebalance/pressure/",
        lambda run: run["measures"]["OverloadedManagers"] > 0,
    ),
    "1.4 severe misses reach 3": (
        "slippage-review",
        "slippage-review/recovery/",
        lambda run: run["measures"]["SevereThisCycle"] >= 3,
    ),
    "2.2 invalid files exceed 2": (
        "evidence-validity",
        "evidence-validity/invalid/",
        lambda run: run["measures"]["InvalidFiles"] > 2,
    ),
    "2.2 reviews overdue": (
        "evidence-validity",
        "evidence-validity/overdue/",
        lambda run: run["measures"]["ReviewsOverdue"] > 0,
    ),
    "2.3 record match below 87": (
        "live-proof-comparison",
        "live-proof-comparison/revisit/",
        lambda run: (run["measures"]["MatchPercent"] or 100) < 87,
    ),
    "2.4 correct stages below 83": (
        "competence-retest",
        "competence-retest/supervision/",
        lambda run: (run["measures"]["AverageCorrectPercent"] or 100) < 83,
    ),
    "2.4 retests overdue": (
        "competence-retest",
        "competence-retest/overdue/",
        lambda run: run["measures"]["RetestsOverdue"] > 0,
    ),
    "2.5 residual risks above 3": (
        "burst-closure",
        "burst-closure/residual/",
        lambda run: run["measures"]["ResidualRisks"] > 3,
    ),
    "3.2 reduction below 15": (
        "closure-comparison",
        "closure-comparison/reduction/",
        lambda run: run["measures"]["FlaggedCount"] > 0,
    ),
    "3.3 complaints unchanged": (
        "closure-experience",
        "closure-experience/not-fallen/",
        lambda run: run["measures"]["NotFallenCount"] > 0,
    ),
    "3.5 residual risks above 5": (
        "executive-closure-control",
        "executive-closure-control/blocked/",
        lambda run: run["measures"]["ResidualMediumHigh"] > 5,
    ),
}


@pytest.mark.parametrize("threshold", SEED)
def test_a_threshold_is_crossed_and_then_cleared(told, threshold):
    """The first record past the limit raises its escalation; a later one is within it, and raises none."""
    job, key, is_past = SEED[threshold]
    runs = runs_of(told, job)
    first = next(place for place, run in enumerate(runs) if is_past(run))
    within = [run for run in runs[first + 1 :] if not is_past(run)]
    assert raised(runs[first], key)
    assert not any(raised(run, key) for run in runs[:first])
    assert within
    assert not any(raised(run, key) for run in within)


def test_high_risk_lines_become_overdue_and_then_none_does(told):
    """Control 1.1 raises each newly overdue high-risk line once, and finds a morning without a new one."""
    mornings = [
        [one["key"] for one in run["escalations"] if one["key"].startswith("overdue-high-risk/")]
        for run in runs_of(told, "deadline-status")
    ]
    keys = [key for morning in mornings for key in morning]
    assert len(mornings[0]) == 6
    assert [] in mornings
    assert len(keys) == len(set(keys))


def test_two_sessions_running_put_it_before_the_director(told):
    """Control 1.5 escalates on Tuesday, since last Thursday's record was above 4 too, and not on Thursday."""
    tuesday, thursday = runs_of(told, "deadline-challenge")
    assert not tuesday["first_run"]
    assert tuesday["measures"]["OverdueHighRisk"] > 4 >= thursday["measures"]["OverdueHighRisk"]
    assert raised(tuesday, "deadline-challenge/high-risk/")
    assert thursday["escalations"] == []


def test_a_shift_ends_without_a_match_once(told):
    """On Wednesday no record was compared by the end of the shift; on Thursday they were."""
    ends = [run for run in runs_of(told, "live-proof-comparison") if run["slot"][11:13] == "20"]
    assert [run["measures"]["MatchPercent"] is None for run in ends] == [False, False, True, False, False]
    assert [raised(run, "live-proof-comparison/missing/") for run in ends] == [
        False,
        False,
        True,
        False,
        False,
    ]


def test_what_has_neither_proof_is_deferred_of_itself(told):
    """Control 3.4 defers reviews and their lines, also one that the panel approved, and then none."""
    decisions = runs_of(told, "closure-decisions")
    deferred = [
        [item for item in run["items"] if item["changes"].get("SystemDecision", [0, 0])[1] == "Deferred"]
        for run in decisions
    ]
    settled = [
        found for run, found in zip(decisions, deferred, strict=True) if run["slot"][11:13] in ("11", "16")
    ]
    assert settled[0]
    assert [] in settled[1:]
    assert raised(decisions[1], "closure-decisions/breach/")


def test_an_approval_under_the_hold_is_a_breach(told):
    """What was approved on Monday evening, while approvals were suspended, is found on Wednesday."""
    (hold,) = [
        item
        for run in runs_of(told, "burst-closure")[:1]
        for item in run["items"]
        if item["list"] == "closure_holds"
    ]
    assert hold["changes"]["Kind"][1] == "Approvals suspended"
    assert hold["changes"]["Until"][1] == "2026-11-24T08:00:00Z"
    wednesday = [run for run in runs_of(told, "closure-decisions") if run["slot"][:10] == "2026-11-25"]
    assert raised(wednesday[1], "closure-decisions/breach/")


def test_the_closure_update_is_blocked_and_later_issued(told):
    """On Monday it is held back; on a later review day it goes out, and the hold ends."""
    blocked, passed, *_ = runs_of(told, "executive-closure-control")
    assert blocked["measures"]["UpdateBlocked"]
    assert not raised(blocked, "executive-closure-control/message/")
    assert not passed["measures"]["UpdateBlocked"]
    assert raised(passed, "executive-closure-control/message/")
    assert any(item["list"] == "closure_holds" and "Until" in item["changes"] for item in passed["items"])


def test_what_nobody_takes_up_goes_a_step_up(told):
    """The watch raises steps for some matters, and not for all; a role without people passes it on."""
    steps = [one for run in runs_of(told, "escalation-watch") for one in run["escalations"]]
    asked = [one for run in told["runs"] for one in run["escalations"] if one["act_by"]]
    assert 0 < len(steps) < len(asked) / 2
    assert any(
        "Nobody active holds the role Clinical Lead" in note for run in told["runs"] for note in run["notes"]
    )


def test_the_times_that_people_forgot_come_from_history(told):
    """A closing, a review and a panel's decision had no time typed."""
    notes = {note.split(" ")[0] for run in told["runs"] for note in run["notes"] if "from history" in note}
    assert notes == {"ClosedOn", "ReviewedAt", "PanelDecidedAt"}


def test_the_story_says_the_same(told):
    """Each threshold stands in the story as crossed and cleared, at slots of runs, in that order."""
    slots = {(run["job"], run["slot"]) for run in told["runs"]}
    first_raised = {}
    for run in told["runs"]:
        for job, key, _ in SEED.values():
            if run["job"] == job and raised(run, key):
                first_raised.setdefault(key, run["slot"])
    for one in told["story"]:
        assert one["crossed_at"], one
        assert one["cleared_at"], one
        assert (one["job"], one["crossed_at"]) in slots
        assert (one["job"], one["cleared_at"]) in slots
        assert one["crossed_at"] < one["cleared_at"]
    crossed = {(one["job"], one["crossed_at"]) for one in told["story"]}
    assert {(key.split("/")[0], slot) for key, slot in first_raised.items()} <= crossed
    assert len(told["story"]) == len(SEED) + 5


def test_days_and_runs_are_told_in_order(told):
    """The first day, all runs, and the same by day; no window was missed and nothing failed."""
    assert told["date"] == WEEK[0]
    assert [day["date"] for day in told["days"]] == WEEK
    assert [run for day in told["days"] for run in day["runs"]] == told["runs"]
    assert all(earlier["slot"] <= later["slot"] for earlier, later in pairwise(told["runs"]))
    assert not any(run["missed"] or run["refused"] or run["conflicts"] for run in told["runs"])
    assert len({run["job"] for run in told["runs"]}) == 16


def test_people_are_told_of_with_time_and_name(told):
    """What people did stands there in order, in short sentences."""
    times = [deed["at"] for deed in told["deeds"]]
    assert times == sorted(times)
    assert {time[:10] for time in times} == set(WEEK)
    assert all(deed["who"] and deed["what"] for deed in told["deeds"])
