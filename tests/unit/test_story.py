"""The story of a rehearsal is told from its runs: when a threshold was crossed, and when it was cleared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from lists_sync.cli.rehearsal import Deed
from lists_sync.cli.story import print_deeds, print_story, story_json, thresholds
from lists_sync.context import load_definitions

LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def jobs():
    return load_definitions({"LISTS_SYNC_EMULATOR_URL": "http://127.0.0.1:1"}, None).jobs


def run(job, slot, *, raised=(), records=True, rows=None, defers=False, **measures):
    """Give what a run leaves, as far as the story looks at it."""
    outcome = SimpleNamespace(
        job=job,
        slot=datetime.fromisoformat(f"2026-11-{slot}").replace(tzinfo=UTC),
        records=records,
        measures=measures,
        record_rows=rows,
    )
    decided = SimpleNamespace(list="closure_reviews", values={"SystemDecision": (None, "Deferred")})
    return SimpleNamespace(
        outcome=outcome,
        escalations=[SimpleNamespace(rule=rule) for rule in raised],
        changes=[decided] if defers else [],
    )


def story(jobs, *reports):
    """Give crossed and cleared, as day and time, by the threshold's words."""
    found = thresholds(jobs.values(), reports)
    return {one.words: (_when(one.crossed), _when(one.cleared)) for one in found}


def _when(slot):
    return f"{slot:%d %H:%M}" if slot else None


def test_a_threshold_is_cleared_at_the_first_later_record_that_does_not_meet_it(jobs):
    """The limit is the job's own, and stands in the words."""
    told = story(
        jobs,
        run("deadline-integrity", "23 09:45", raised=["defects"], IntegrityDefects=6),
        run("deadline-integrity", "24 09:45", raised=["defects"], IntegrityDefects=6),
        run("deadline-integrity", "25 09:45", IntegrityDefects=5),
        run("deadline-integrity", "26 09:45", raised=["defects"], IntegrityDefects=9),
    )
    assert told == {"Integrity defects above 5": ("23 09:45", "25 09:45")}


def test_a_slot_that_only_proposes_clears_nothing(jobs):
    """A run that writes no record may cross a threshold, and does not clear it."""
    told = story(
        jobs,
        run("deadline-status", "23 08:15", raised=["overdue-high-risk"]),
        run("deadline-status", "23 08:16", records=False),
        run("deadline-status", "24 08:15"),
    )
    assert told == {"High-risk lines newly overdue": ("23 08:15", "24 08:15")}


def test_of_a_later_burst_the_last_state_counts(jobs):
    """That a new burst begins without a finding clears nothing; that it ends without one does."""
    told = story(
        jobs,
        run("evidence-validity", "23 14:00", raised=["invalid"], InvalidFiles=3, ReviewsOverdue=0),
        run("evidence-validity", "23 17:30", InvalidFiles=3, ReviewsOverdue=0),
        run("evidence-validity", "24 11:30", InvalidFiles=0, ReviewsOverdue=0),
        run("evidence-validity", "24 17:30", InvalidFiles=4, ReviewsOverdue=0),
        run("evidence-validity", "25 11:30", InvalidFiles=0, ReviewsOverdue=0),
        run("evidence-validity", "25 17:30", InvalidFiles=2, ReviewsOverdue=0),
    )
    assert told["Invalid files above 2"] == ("23 14:00", "25 17:30")
    assert told["Reviews overdue above 0"] == (None, None)


def test_a_figure_that_is_not_available_clears_nothing(jobs):
    """A blank match is no good match; only a rule that asks for the blank is cleared by a figure."""
    told = story(
        jobs,
        run("live-proof-comparison", "23 15:30", raised=["revisit"], MatchPercent=80.0),
        run("live-proof-comparison", "23 20:00", MatchPercent=None),
        run("live-proof-comparison", "24 20:00", raised=["missing"], MatchPercent=None),
        run("live-proof-comparison", "25 20:00", MatchPercent=95.0),
    )
    assert told["Match percent below 87"] == ("23 15:30", "25 20:00")
    assert told["Match percent missing at shift end"] == ("24 20:00", "25 20:00")


def test_an_afternoon_of_new_lines_clears_nothing(jobs):
    """Records with a row a line are compared by the first run of a later day that has any."""
    line = [{"ActionRef": "A"}]
    told = story(
        jobs,
        run("closure-experience", "25 10:00", raised=["not-fallen"], rows=line, NotFallenCount=1),
        run("closure-experience", "25 15:25", rows=line, NotFallenCount=0),
        run("closure-experience", "27 10:00", rows=[], NotFallenCount=0),
        run("closure-experience", "27 15:25", rows=line, NotFallenCount=0),
    )
    assert told == {"Complaints not fallen at a review point": ("25 10:00", "27 15:25")}


def test_the_deferral_of_itself_is_told_from_what_was_written(jobs):
    """It raises nothing, so the decision on the review is looked for."""
    told = story(
        jobs,
        run("closure-decisions", "23 11:15", defers=True),
        run("closure-decisions", "23 15:45", records=False),
        run("closure-decisions", "23 16:45"),
    )
    assert told["Deferred of itself, for want of both proofs"] == ("23 11:15", "23 16:45")


def test_the_table_fits_and_names_what_is_open(jobs, capsys):
    """Every line has at most 80 characters; what was not crossed or not cleared is said plainly."""
    reports = [
        run("deadline-integrity", "23 09:45", raised=["defects"], IntegrityDefects=6),
        run("deadline-challenge", "24 14:30", OverdueHighRisk=1),
    ]
    found = thresholds(jobs.values(), reports)
    print_story(found, LONDON)
    told = capsys.readouterr().out
    assert "Mon 23 09:45  -" in told
    assert "Not crossed: 1.5 Overdue high risk above 4, twice running." in told
    assert "Crossed and not cleared: 1.2 Integrity defects above 5." in told
    assert max(map(len, told.splitlines())) <= 80
    assert story_json(found)[0] == {
        "control": "1.2",
        "job": "deadline-integrity",
        "threshold": "Integrity defects above 5",
        "crossed_at": "2026-11-23T09:45:00Z",
        "cleared_at": None,
    }


def test_what_many_did_alike_is_counted(capsys):
    """An act that comes more than twice a day is told once, with how often."""
    at = datetime(2026, 11, 23, 8, 40, tzinfo=LONDON)
    deeds = [Deed(at + timedelta(hours=place), "Amara Nwosu", "takes it up") for place in range(3)]
    print_deeds([*deeds, Deed(at + timedelta(hours=3), "Rhys Morgan", "closes a line")])
    assert capsys.readouterr().out.splitlines() == [
        "What people did",
        "  Monday 23 November 2026",
        "    08:40 3 times somebody takes it up",
        "    11:40 Rhys Morgan closes a line",
    ]
