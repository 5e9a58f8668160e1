"""Why each flag on a line stands, told from the local state alone: the hand-worked day, and after it."""

import json
import shutil
from contextlib import contextmanager
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from house import a_house
from sqlalchemy import create_engine, update
from the_day import BOOK, EVE, People, content

from lists_sync.cli.main import main
from lists_sync.clock import iso
from lists_sync.context import load_definitions, open_context
from lists_sync.definitions.settings import load_settings
from lists_sync.explain.line import Explaining, explain_lines, wanted
from lists_sync.explain.ran import Ran
from lists_sync.explain.records import ROWS
from lists_sync.explain.standing import Standing
from lists_sync.explain.table import SEVERAL, SINGLE
from lists_sync.explain.view import View
from lists_sync.mirror.tables import outbox
from lists_sync.pull import pull
from lists_sync.replay.past import open_past
from lists_sync.runner import slots_of_day
from lists_sync.sample.provider import make
from lists_sync.shipped import shipped

pytestmark = pytest.mark.flow

SHORTENED = {
    "escalation-watch": ("10:00:00Z", "13:15:00Z"),
    "evidence-validity": ("10:30:00Z", "12:30:00Z", "16:30:00Z"),
}
"""Of jobs with many slots a day those that matter here."""
NEXT = datetime(2026, 9, 2, 7, 15, tzinfo=UTC)
WINTER = datetime(2026, 12, 23, 12, 15, tzinfo=UTC)
OVERRIDE = "thresholds:\n  deadline-status:\n    settings.due_soon_hours: 12\n"
OVERRIDE_LINE = 3
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    """Copies of the local state: after the day, after an edit, and after a run with a number of one's own."""
    root = tmp_path_factory.mktemp("explain")
    home = root / "home"
    with a_house(home, content(), clock=EVE) as house:
        _play(house)
        shutil.copytree(home, root / "day")
        _edit(house)
        shutil.copytree(home, root / "edited")
        _override(house, root)
        shutil.copytree(home, root / "override")
        shutil.copytree(home, root / "refused")
        _refuse(root / "refused")
        house.control("clock", {"now": iso(WINTER), "frozen": True})
        house.run("workload-rebalance", slot=WINTER)
        shutil.copytree(home, root / "winter")
    return {name: root / name for name in ("day", "edited", "override", "refused", "winter")}


def _play(house):
    people = People(house)
    for slot, job in slots_of_day(house.definitions, BOOK["date"]):
        if SHORTENED.get(job.name) is None or iso(slot).endswith(SHORTENED[job.name]):
            people.until(slot)
            house.run(job.name, slot=slot)


def _edit(house):
    """The day after, people change a due date, a flag and an escalation; the lists are read, nothing runs."""
    line, other = house.line("A-3"), house.line("A-4")
    house.control("clock", {"now": "2026-09-02T06:00:00Z", "frozen": True})
    edits = [{"id": line.id, "DueDate": "2026-09-20"}, {"id": other.id, "DeadlineState": "Overdue"}]
    added = [
        {"Title": "A line", "ActionRef": "a-\u200b8", "Status": "Closed"},
        {"Title": "A line", "Status": "Deferred"},
    ]
    house.control("load", {"lists": {"actions": [*edits, *added]}})
    rows = house.rows("Escalations")
    (mine,) = [row.id for row in rows if row.fields["EscalationKey"] == "overdue-high-risk/A-2/2026-08-31"]
    taken = {"Status": "Acknowledged", "AcknowledgedBy": "amara.nwosu@rosewood.example"}
    taken["AcknowledgedAt"] = "2026-09-01T08:00:00Z"
    house.control("load", {"lists": {"escalations": [{"id": mine, **taken}]}})
    with open_context(house.definitions) as context:
        pull(context.workspace, context.mirror, ["actions", "escalations"], "2026-09-02T06:00:00Z")


def _override(house, root):
    """The next morning's run judges by a number of the provider's own."""
    provider = root / "own" / "provider.yaml"
    provider.parent.mkdir()
    text = (shipped("templates") / "provider.yaml").read_text(encoding="utf-8")
    body = text.replace("thresholds: {}\n", "").replace("closure_days: []", "closure_days: [2026-12-24]")
    provider.write_text(OVERRIDE + body, encoding="utf-8")
    given = {"LISTS_SYNC_EMULATOR_URL": house.url, "LISTS_SYNC_HOME": str(root / "home")}
    house.definitions = load_definitions({**given, "LISTS_SYNC_CONFIG": str(provider)}, None)
    house.control("clock", {"now": iso(NEXT), "frozen": True})
    house.run("deadline-status", slot=NEXT)


def _refuse(home):
    """Let the last run's write of a line be one that the service refused."""
    engine = create_engine(f"sqlite:///{home / 'state.db'}")
    with engine.begin() as connection:
        mine = update(outbox).where(outbox.c.list == "actions", outbox.c.run == _last(connection))
        connection.execute(mine.values(state="refused", detail="accessDenied"))
    engine.dispose()


def _last(connection):
    return max(connection.scalars(outbox.select().with_only_columns(outbox.c.run)))


@contextmanager
def _past(home):
    given = {"LISTS_SYNC_HOME": str(home), "LISTS_SYNC_EMULATOR_URL": NOWHERE}
    with open_past(load_settings(given, None)) as past:
        yield past


class Book:
    """Explained lines of one local state by reference, each once."""

    def __init__(self, past, at=None):
        self.standing = Standing(Ran(past, at))
        frame = self.standing.read("actions").frames["actions"]
        self.items = {ref: int(id_) for id_, ref in frame["ActionRef"].dropna().items()}
        self.told = {}

    def line(self, ref):
        if ref not in self.told:
            self.told[ref] = Explaining(self.standing, self.items[ref]).line()
        return self.told[ref]

    def flag(self, ref, column, word=None):
        line = self.line(ref)
        mine = [one for one in (*line.flags, *line.blank) if one.column == column]
        (found,) = [one for one in mine if word in (None, one.flag)]
        return found

    def escalation(self, ref, key):
        (found,) = [one for one in self.line(ref).escalations if one.key == key]
        return found


def _book(name, at=None):
    @pytest.fixture(scope="module")
    def opened(homes):
        with _past(homes[name]) as past:
            yield Book(past, at)

    return opened


day = _book("day")
noon = _book("day", datetime(2026, 9, 1, 11, 20, tzinfo=UTC))
afternoon = _book("day", datetime(2026, 9, 1, 14, 15, tzinfo=UTC))
edited = _book("edited")
override = _book("override")
refused = _book("refused")
winter = _book("winter")


def _line_of(file, text):
    """The line, counted from 1, of the shipped file on which a text begins."""
    lines = (shipped("jobs") / file).read_text(encoding="utf-8").splitlines()
    (found,) = [number for number, line in enumerate(lines, start=1) if line.strip().startswith(text)]
    return f"jobs/{file}:{found}"


def _values(explained, key="actions"):
    return {one.column: one.value for one in explained.values if one.list == key}


def _where(explained):
    return {one.name: one.where for one in explained.thresholds}


def _words(explained):
    return " ".join(one.words for one in explained.figures)


# --- the conclusions agree with the controls -----------------------------------------------------------


def _disagreements(ran):
    """Every flag of every line and run, and every record row, whose explanation comes to something else."""
    seen = 0
    for brief in ran.runs:
        scene = ran.scene(brief.id)
        for column in (*SINGLE, *SEVERAL):
            job = scene.job_for(column)
            for place, item in enumerate(scene.lines.frame.index if job else ()):
                seen += 1
                found, told = wanted(scene, int(item), column), _concluded(column, View(scene, job, place))
                if (found or None) != (told or None):
                    yield brief, column, item, found, told
        for row in _rows(scene):
            told = ROWS[scene.judging.job.record](View(scene, scene.judging.job, scene.place_of(row["id"])))
            for name, value in told.conclusion.items():
                if (row[name] or None) != (value or None):
                    yield brief, name, row["id"], row[name], value
    assert seen


def _rows(scene):
    return (scene.outcome.record_rows or ()) if scene.judging.job.record in ROWS else ()


def _concluded(column, view):
    if column in SINGLE:
        return SINGLE[column](view).conclusion
    return tuple(word for word, explain in SEVERAL[column].items() if explain(view).conclusion)


def test_every_flag_of_the_day_comes_to_what_the_control_gave(day):
    """All lines, all flags, all runs of the hand-worked day."""
    assert list(_disagreements(day.standing.ran)) == []


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The shipped sample, each job that writes a flag run once over it."""
    home = tmp_path_factory.mktemp("sample") / "home"
    with a_house(home, make(2026, date(2026, 11, 23)), clock="2026-11-22T18:00:00Z") as house:
        for job, at in (
            ("deadline-status", "08:15"),
            ("closure-gate-register", "09:30"),
            ("deadline-integrity", "09:45"),
            ("closure-comparison", "09:50"),
            ("closure-experience", "10:00"),
            ("workload-rebalance", "12:15"),
            ("evidence-validity", "16:00"),
            ("closure-decisions", "16:45"),
            ("slippage-review", "17:00"),
        ):
            slot = datetime.fromisoformat(f"2026-11-23T{at}:00Z")
            house.control("clock", {"now": iso(slot), "frozen": True})
            house.run(job, slot=slot)
    with _past(home) as past:
        yield Ran(past)


def test_every_flag_of_the_sample_comes_to_what_the_control_gave(sample):
    """All lines, all flags of the shipped sample."""
    assert list(_disagreements(sample)) == []


# --- what is said of each flag -------------------------------------------------------------------------


def test_an_overdue_line_is_told_by_its_due_moment(day):
    """A day is in time to its end, and the lateness is exact."""
    flag = day.flag("A-1", "DeadlineState")
    assert (flag.flag, flag.job, flag.control) == ("Overdue", "deadline-status", "1.1")
    assert flag.source == "Operational example 1, step 1; controls.md 1.1"
    assert "its due moment is 00:00 on Friday 28 August 2026" in _words(flag.explained)
    late = {one.name: one.value for one in flag.explained.figures}["lateness_hours"]
    assert late == Fraction(104, 1) + Fraction(1, 4)


def test_the_number_in_the_rule_is_the_present_one(day):
    """Due soon: 48 hours, and where that stands."""
    flag = day.flag("A-3", "DeadlineState")
    assert flag.flag == "Due within 48 h"
    assert "at most 48 elapsed hours ahead" in flag.explained.rule
    assert _where(flag.explained) == {
        "settings.due_soon_hours": _line_of("deadline-status.yaml", "due_soon_hours:")
    }


def test_a_number_of_the_providers_own_is_told_with_its_own_line(override):
    """The rule says 12 hours, and that provider.yaml says so."""
    flag = override.flag("A-4", "DeadlineState")
    assert "at most 12 elapsed hours ahead" in flag.explained.rule
    assert _where(flag.explained) == {"settings.due_soon_hours": f"provider.yaml:{OVERRIDE_LINE}"}


def test_high_risk_overdue_shows_the_rating(day):
    """Yes, with the rating and the due date."""
    flag = day.flag("A-2", "HighRiskOverdue")
    assert flag.flag is True
    assert _values(flag.explained)["RiskRating"] == "High"


def test_a_closed_line_is_banded_by_its_closing(day):
    """Closed 48 and a half hours after its due moment."""
    flag = day.flag("A-8", "SlippageBand")
    assert flag.flag == "Missed 24 h or more"
    assert "48 h 30 min after its due moment" in _words(flag.explained)
    assert "severely missed from 24 elapsed hours on" in flag.explained.rule
    assert _where(flag.explained)["settings.severe_after_hours"] == _line_of(
        "slippage-review.yaml", "severe_after_hours:"
    )


def test_a_mismatched_deadline_shows_both_days(day):
    """The line's own day and the register's, each with its item and version."""
    explained = day.flag("A-3", "IntegrityDefects", "Mismatched deadline").explained
    assert _values(explained, "register") == {"RegisteredDueDate": date(2026, 9, 1)}
    assert "Due day: Wednesday 2 September 2026; registered day: Tuesday 1 September 2026." in _words(
        explained
    )
    assert {one.version for one in explained.values if one.list == "register"} == {1}


def test_an_inactive_owner_shows_the_row_of_managers(day):
    """The owner by address, for the owner is judged, and the row that says no."""
    explained = day.flag("A-2", "IntegrityDefects", "Inactive owner").explained
    assert _values(explained)["Owner"] == "dan@rosewood.example"
    assert _values(explained, "managers") == {"Active": False}


def test_a_missing_evidence_date_is_told_as_blank(day):
    """The value is blank, and the rule says that it must not be."""
    explained = day.flag("A-2", "IntegrityDefects", "Missing evidence due date").explained
    assert _values(explained)["EvidenceDueDate"] is None


def test_evidence_awaiting_review_shows_how_review_by_came_about(noon):
    """Four working hours after the draw, stretch by stretch, with the number's place."""
    flag = noon.flag("A-1", "EvidenceState")
    assert flag.flag == "Awaiting review"
    assert [step.ends for step in flag.explained.steps] == [datetime(2026, 9, 1, 14, tzinfo=UTC)] * 2
    assert _where(flag.explained)["settings.review_hours"] == _line_of("burst-sample.yaml", "review_hours:")
    files = [one.unique for one in flag.explained.values if one.list == "evidence"]
    assert files == [f"00000000-0000-4000-8000-{number:012d}" for number in (1, 2)]


def test_invalid_evidence_shows_the_three_answers(afternoon):
    """The sample that came to Invalid, with the version of its row."""
    flag = afternoon.flag("A-3", "EvidenceState")
    assert flag.flag == "Invalid"
    rows = [one for one in flag.explained.values if one.list == "burst_samples" and one.value == "No"]
    assert [(one.column, one.version is not None) for one in rows] == [("OutcomeProof", True)]
    assert flag.source.endswith("controls.md 2.2 and 1.1")


def test_a_suggested_owner_shows_both_pressures_and_the_horizon(noon):
    """Before and after the moves, and the days of the horizon with the weekend skipped."""
    flag = noon.flag("A-4", "SuggestedOwner")
    assert flag.flag == "ada@rosewood.example"
    words = _words(flag.explained)
    assert "cyd@rosewood.example: demand 6 h in 1 line, capacity 4 h; pressure 100 x 6 / 4 = 150 %." in words
    assert "After all proposed moves ada@rosewood.example has 10 h: 100 %." in words
    assert "every manager is at 125 % or less" in flag.explained.rule
    (horizon,) = flag.explained.steps
    assert [one.why for one in horizon.steps if not one.counted] == ["weekend", "weekend"]
    assert horizon.ends == date(2026, 9, 8)
    place = _line_of("workload-rebalance.yaml", "pressure_above:")
    assert _where(flag.explained)["settings.pressure_above"] == place


def test_the_demand_is_told_line_by_line(noon):
    """Every line that counts in the pressure stands there with its effort and version."""
    explained = noon.flag("A-4", "SuggestedOwner").explained
    effort = {one.ref: one.value for one in explained.values if one.column == "EffortHours"}
    assert effort == {"A-1": 4, "A-4": 6}


def test_a_horizon_over_christmas_names_each_day_that_is_skipped(winter):
    """Closure day, bank holidays by name, weekends; the fifth working day is the last."""
    (horizon,) = winter.flag("A-4", "SuggestedOwner").explained.steps
    assert [(one.day.day, one.why) for one in horizon.steps] == [
        (24, "closure day"),
        (25, "bank holiday: Christmas Day"),
        (26, "weekend"),
        (27, "weekend"),
        (28, "bank holiday: Boxing Day (observed)"),
        (29, ""),
        (30, ""),
        (31, ""),
        (1, "bank holiday: New Year's Day"),
        (2, "weekend"),
        (3, "weekend"),
        (4, ""),
        (5, ""),
    ]


def test_an_overloaded_owner_is_weighed(noon):
    """The warning shows the pressure and the overdue lines held."""
    flag = noon.flag("A-4", "EarlyWarnings", "Owner overloaded")
    assert "pressure 100 x 6 / 4 = 150 %" in _words(flag.explained)
    assert "The owner holds 0 of 3 overdue lines." in _words(flag.explained)
    assert flag.run.job in {"deadline-status", "evidence-validity"}
    assert flag.job == "early-warnings"


def test_an_improvement_not_shown_has_the_reduction_exactly(day):
    """The rates, the sum and the least that counts."""
    flag = day.flag("A-5", "EarlyWarnings", "Improvement not shown")
    assert "100 x (40 - 36) / 40 = 10 %." in _words(flag.explained)
    assert "not down by 15 % or more" in flag.explained.rule
    place = _line_of("early-warnings.yaml", "reduction_percent:")
    assert _where(flag.explained)["settings.reduction_percent"] == place


def test_closed_on_tasks_shows_the_review_and_the_complaints(day):
    """The panel's word, and what was missing beside it."""
    explained = day.flag("A-5", "EarlyWarnings", "Closed on tasks, not outcomes").explained
    assert _values(explained, "closure_reviews")["PanelDecision"] == "Approved"
    assert "Linked complaints: 2 now, and 2 at its earlier review day." in _words(explained)


def test_a_gate_outcome_names_both_proofs(day):
    """A deferred line keeps its outcome: told by the run that judged it last."""
    flag = day.flag("A-5", "GateOutcome")
    assert (flag.flag, iso(flag.run.slot)) == ("Auto-deferred", "2026-09-01T10:15:00Z")
    assert "Outcome movement: no. External assurance: no" in _words(flag.explained)
    assert any("left it as it stood" in note for note in flag.notes)
    place = _line_of("closure-decisions.yaml", "reduction_percent:")
    assert _where(flag.explained)["settings.reduction_percent"] == place


REASONS = {
    "No baseline risk score": ("A-3", {"BaselineRiskScore": None}),
    "Risk score not reduced": ("A-5", {"BaselineRiskScore": 12, "CurrentRiskScore": 12}),
    "Never validated": ("A-3", {"Status": "Proposed for closure"}),
}


@pytest.mark.parametrize("word", sorted(REASONS))
def test_a_reason_shows_its_values(day, word):
    """What the gate looked at, as it stood."""
    ref, values = REASONS[word]
    found = _values(day.flag(ref, "GateReasons", word).explained)
    assert {name: found[name] for name in values} == values


def test_invalid_evidence_outstanding_names_the_file_by_its_id(day):
    """No file name, and the sample that failed it."""
    explained = day.flag("A-5", "GateReasons", "Invalid evidence outstanding").explained
    (file,) = [one for one in explained.values if one.list == "evidence"]
    assert file.unique == "00000000-0000-4000-8000-000000000003"


def test_a_blank_column_says_why(day):
    """A line that is not proposed has no outcome."""
    flag = day.flag("A-2", "GateOutcome")
    assert flag.flag is None
    assert flag.explained.rule == "Only lines proposed for closure have an outcome."


# --- runs, versions and edits --------------------------------------------------------------------------


def test_the_run_that_found_it_and_the_run_that_wrote_it_are_both_named(day):
    """Found anew at 17:30, and written last in the morning."""
    flag = day.flag("A-2", "EvidenceState")
    assert (flag.run.job, iso(flag.run.slot)) == ("evidence-validity", "2026-09-01T16:30:00Z")
    written = day.standing.ran.by_id[flag.written_by]
    assert (written.job, iso(written.slot)) == ("deadline-status", "2026-09-01T07:15:00Z")


def test_an_edit_since_is_said(edited):
    """The due date was changed after the run; the flag is still that of the version it read."""
    flag = edited.flag("A-3", "DeadlineState")
    assert _values(flag.explained)["DueDate"] == datetime(2026, 9, 1, 23, tzinfo=UTC)
    assert flag.notes == (
        "Edited since the run read the line: DueDate, Status; the next run judges it anew.",
    )


def test_the_version_after_an_edit_is_the_edited_one(override):
    """The next run judges the new version, and says which."""
    flag = override.flag("A-3", "DeadlineState")
    (due,) = [one for one in flag.explained.values if one.column == "DueDate"]
    assert due.value == datetime(2026, 9, 19, 23, tzinfo=UTC)
    assert due.version == override.line("A-3").version
    assert due.modified == datetime(2026, 9, 2, 6, tzinfo=UTC)
    assert flag.notes == ()


def test_a_result_that_somebody_overwrote_is_said(edited):
    """The list holds another word than the run found."""
    flag = edited.flag("A-4", "DeadlineState")
    assert (flag.flag, flag.stands) == ("On track", "Overdue")
    (note,) = flag.notes
    assert note.startswith("The list holds `Overdue` now, the run found `On track`: edited since")


def test_a_refused_write_is_said(refused):
    """What the run found is not what stands, because the service refused it."""
    flag = refused.flag("A-3", "DeadlineState")
    assert (flag.flag, flag.stands) == ("On track", "Due within 48 h")
    (note,) = flag.notes
    assert "its write was refused by the service (accessDenied)" in note


def test_what_was_written_since_the_list_was_read_counts_as_standing(override):
    """The last run's own writes were not read back yet, and nobody is told that they differ."""
    flag = override.flag("A-3", "DeadlineState")
    assert (flag.flag, flag.stands) == ("On track", "On track")


def test_as_of_noon_only_the_runs_until_then_count(noon):
    """No flag is of a later run, and the slippage review has not come."""
    assert noon.flag("A-1", "SlippageBand").explained.rule == "No run that judges this column is known here."
    assert {one.run.moment <= noon.standing.ran.at for one in noon.line("A-5").flags} == {True}


# --- records, moves, escalations -----------------------------------------------------------------------


def test_a_line_at_the_gate_has_its_three_record_rows(day):
    """The latest row of 3.1, 3.2 and 3.3, each explained."""
    rows = {one.list: one for one in day.line("A-5").records}
    assert set(rows) == {"closure_gate_register", "closure_comparison", "closure_experience"}
    assert rows["closure_comparison"].columns["PercentReduction"] == 10
    assert rows["closure_experience"].columns == {
        "ComplaintsLinked": 2,
        "ComplaintsClosed": 1,
        "MedianClosureDays": 19,
        "PreviousLinked": 2,
        "NotFallen": True,
    }
    assert "Days from receipt to closing: 19; the median is 19." in _words(
        rows["closure_experience"].explained
    )
    assert all(one.run and one.explained.thresholds for one in rows.values())


def test_a_line_that_the_rule_deferred_says_by_which_run(day):
    """Status moved to Deferred, with the setting that allows it."""
    (move,) = day.line("A-5").moves
    assert move.columns["Status"] == "Deferred"
    assert (move.run.job, move.explained.conclusion) == ("closure-decisions", True)
    place = _line_of("closure-decisions.yaml", "apply_deferral:")
    assert _where(move.explained)["settings.apply_deferral"] == place


def test_a_line_that_was_put_back_names_the_sample(day):
    """Back to In progress because its evidence was reinstated as open."""
    (move,) = day.line("A-7").moves
    assert move.columns["Status"] == "In progress"
    assert (move.run.job, move.explained.conclusion) == ("burst-closure", True)
    assert _values(move.explained, "burst_samples")["Disposition"] == "Reinstated as open"


def test_an_escalation_in_working_hours_is_told_stretch_by_stretch(day):
    """Raised at 14:15, four working hours: the evening and the night are skipped."""
    told = day.escalation("A-5", "closure-experience/not-fallen/A-5/2026-09-01/step/1")
    (how,) = told.steps
    assert [(float(one.hours), one.why) for one in how.steps] == [
        (3.75, ""),
        (14.0, "outside working hours"),
        (0.25, ""),
    ]
    assert how.ends == told.act_by
    assert {one.name: one.where for one in told.thresholds} == {
        "escalate.step.act_by": _line_of("escalation-watch.yaml", "act_by:")
    }


def test_an_escalation_due_at_once_says_how_long_the_watch_waits(day):
    """One working hour of grace, from the watch's own file."""
    told = day.escalation("A-5", "closure-comparison/reduction/A-5/2026-09-01")
    (how,) = told.steps
    assert how.ends == datetime(2026, 9, 1, 9, 50, tzinfo=UTC)
    grace = {one.name: one.where for one in told.thresholds}["settings.grace_hours"]
    assert grace == _line_of("escalation-watch.yaml", "grace_hours:")


def test_an_escalation_on_a_figure_tells_the_number(day):
    """The comparator, the number and its line."""
    told = day.escalation("A-2", "slippage-review/recovery/2026-09-01T16:00Z")
    assert "SevereThisCycle is at or above 3" in told.rule
    assert {one.name: (one.value, one.where) for one in told.thresholds}["escalate.recovery.reaches"] == (
        3,
        _line_of("slippage-review.yaml", "reaches:"),
    )
    (how,) = told.steps
    assert [one.day for one in how.steps] == [date(2026, 9, 2)]


def test_an_escalation_says_who_took_it_up_and_when(edited):
    """The person who acknowledged it is the value that is asked for."""
    told = edited.escalation("A-2", "overdue-high-risk/A-2/2026-08-31")
    assert told.status == "Acknowledged"
    assert told.acknowledged_by == "amara.nwosu@rosewood.example"
    assert told.acknowledged_at == datetime(2026, 9, 1, 8, tzinfo=UTC)
    assert (told.run.job, told.act_by) == ("deadline-status", datetime(2026, 9, 1, 17, tzinfo=UTC))


# --- the command line ----------------------------------------------------------------------------------


@pytest.fixture
def explain(homes, tmp_path, monkeypatch, capsys):
    """Call the command line as a person would, on a copy of the state; no workspace is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LISTS_SYNC_HOME", str(homes["day"]))

    def call(*args):
        with pytest.raises(SystemExit) as left:
            main(["explain", *args])
        told = capsys.readouterr()
        return left.value.code, told.out, told.err

    return call


def test_the_text_fits_a_terminal_and_names_the_line(explain):
    """Within 80 columns, the head first, a block a flag, the bank holiday's morrow in it."""
    code, out, err = explain("a-5")
    assert (code, err) == (0, "")
    assert out.startswith("A-5: Deferred, due Thursday 1 October 2026, owner ben@rosewood.example\n")
    assert max(map(len, out.splitlines())) <= 80
    for block in ("EarlyWarnings: Improvement not shown\n", "GateOutcome: Auto-deferred\n", "Moved by rule:"):
        assert f"\n{block}" in out


def test_no_free_text_and_no_file_name_is_shown(explain):
    """Titles, requirements, names of files: none of them, in neither form."""
    for args in (("A-1",), ("A-5", "--json")):
        _, out, _ = explain(*args)
        for private in ("An audit", "When it holds", "evidence-1.txt", "sofia.marsh", "S-1", "Title"):
            assert private not in out


def test_the_document_holds_everything(explain):
    """One JSON document with flags, values, thresholds and runs."""
    code, out, _ = explain("A-5", "--json", "--at", "2026-09-01T17:00")
    (line,) = json.loads(out)["lines"]
    assert (code, line["ref"], line["at"]) == (0, "A-5", "2026-09-01T16:00:00Z")
    flags = {one["column"]: one for one in line["flags"]}
    assert flags["DeadlineState"]["run"]["job"] == "deadline-status"
    assert flags["DeadlineState"]["values"][0]["version"] == 1
    assert flags["DeadlineState"]["thresholds"][0]["where"].startswith("jobs/deadline-status.yaml:")
    assert {one["columns"]["Status"] for one in line["moves"]} == {"Deferred"}


def test_a_line_is_named_by_its_item_too(explain):
    """`#5` is the line of item 5."""
    _, out, _ = explain("#5")
    assert out.startswith("A-5: Deferred")


def test_two_lines_that_share_a_reference_are_both_explained(explain, homes, monkeypatch):
    """Each with its own flags; the newer one came after every run, and that is said."""
    monkeypatch.setenv("LISTS_SYNC_HOME", str(homes["edited"]))
    _, out, _ = explain("A-8", "--json")
    old, new = json.loads(out)["lines"]
    assert (old["id"], new["id"]) == ("8", "9")
    flags = {one["column"]: one for one in old["flags"]}
    assert set(flags) == {"DeadlineState", "SlippageBand"}
    assert flags["DeadlineState"]["notes"] == [
        "Edited since the run read the line: Status; the next run judges it anew."
    ]
    assert new["flags"] == []
    assert {one["rule"] for one in new["blank"]} == {"The line came after this run."}


def test_a_line_without_a_reference_is_named_by_its_item(explain, homes, monkeypatch):
    """`#10` is what it is called everywhere."""
    monkeypatch.setenv("LISTS_SYNC_HOME", str(homes["edited"]))
    code, out, _ = explain("#10")
    assert code == 0
    assert out.startswith("#10: Deferred, no due date, owner nobody\n")


MISTAKES = {
    "unknown": (("A-55",), 1, "No line A-55 is known here. Did you mean A-5"),
    "nothing like it": (("ZZZ/1",), 1, "No line ZZZ/1 is known here."),
    "blank": ((" ",), 2, "cannot be a reference"),
    "several": (("A-1;A-2",), 2, "cannot be a reference"),
    "no day": (("B-2026-02-30",), 2, "burst ids look like B-2026-11-23"),
    "no time": (("A-1", "--at", "soon"), 2, "--at is not a time"),
    "before all runs": (("A-1", "--at", "2026-08-01"), 1, "No run had come to its end by then"),
    "a burst then": (("B-2026-09-01", "--at", "2026-09-01"), 2, "--at goes with an action's reference"),
}


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_one_plain_line(explain, mistake):
    """What cannot be explained is one line on standard error, with what to do."""
    args, code, words = MISTAKES[mistake]
    left, out, err = explain(*args)
    assert (left, out, len(err.strip().splitlines())) == (code, "", 1)
    assert words in err


def test_without_a_state_it_says_where_to_look(explain, monkeypatch, tmp_path):
    """Nothing is made on the way."""
    monkeypatch.setenv("LISTS_SYNC_HOME", str(tmp_path / "nowhere"))
    code, out, err = explain("A-1")
    assert (code, out) == (1, "")
    assert "There is no local state here yet" in err
    assert list(tmp_path.iterdir()) == []


def test_a_line_is_explained_after_one_run_alone(tmp_path):
    """On the first day most records hold nothing yet."""
    small = {
        "time_zone": "Europe/London",
        "users": [{"email": "joy.mensah@rosewood.example", "name": "Joy Mensah"}],
        "lists": {
            "actions": [
                {
                    "ActionRef": "WN-014/01",
                    "Status": "In progress",
                    "RiskRating": "High",
                    "DueDate": "2026-11-20",
                }
            ]
        },
    }
    with a_house(tmp_path / "home", small, clock="2026-11-23T08:00:00Z") as house:
        house.run("deadline-status", slot=datetime(2026, 11, 23, 8, 15, tzinfo=UTC))
        with open_past(house.definitions.settings) as past:
            (line,) = explain_lines(past, "WN-014/01")
    assert [one.flag for one in line.flags if one.column == "DeadlineState"] == ["Overdue"]
