"""From wanted values to changes: only what differs, and only if the job allows it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from lists_sync.errors import LimitError
from lists_sync.model import Column, Escalation, Kind, ListSchema, Severity, Snapshot
from lists_sync.plan.diff import diff
from lists_sync.plan.limits import check_limits
from lists_sync.plan.rows import escalation_row, row_to_hold, slot_key, unraised

MOMENT = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
ACTIONS = ListSchema(
    "actions",
    "Enforcement actions",
    "governance",
    (
        Column("ActionRef", Kind.TEXT, unique=True),
        Column("DeadlineState", Kind.CHOICE, bot=True),
        Column("HighRiskOverdue", Kind.YESNO, bot=True),
        Column("IntegrityDefects", Kind.CHOICES, bot=True),
        Column("Score", Kind.NUMBER, bot=True),
    ),
    ref="ActionRef",
)


def _snapshot(frame):
    versions = {"actions": {int(id_): f'"g{id_},4"' for id_ in frame.index}}
    return Snapshot(MOMENT, {"actions": frame}, {}, (), versions, "")


def _frame():
    return pd.DataFrame(
        {
            "ActionRef": ["WN-1/1", "WN-1/2", None],
            "DeadlineState": ["Overdue", None, "On track"],
            "HighRiskOverdue": [True, False, False],
            "IntegrityDefects": ["Mismatched deadline;#Inactive owner", None, None],
            "Score": [1.0, float("nan"), 3.0],
        },
        index=pd.Index([3, 5, 9], name="id"),
    )


def _wanted(**columns):
    return {"actions": pd.DataFrame(columns, index=pd.Index([3, 5, 9], name="id"))}


def test_what_stands_is_not_written():
    """A line whose result columns agree in every value, blanks included, does not appear."""
    wanted = _wanted(
        DeadlineState=["Overdue", None, "On track"],
        HighRiskOverdue=[True, None, False],  # an absent yes/no is no
        IntegrityDefects=[("Mismatched deadline", "Inactive owner"), (), None],
        Score=[1, None, 3.0],
    )

    assert diff(wanted, _snapshot(_frame()), {"actions": ACTIONS}) == ()


def test_only_the_columns_that_differ_are_written():
    """A change names old and new of the columns that differ, at the version that was read."""
    wanted = _wanted(DeadlineState=["Overdue", "Overdue", "On track"], HighRiskOverdue=[True, True, False])

    (change,) = diff(wanted, _snapshot(_frame()), {"actions": ACTIONS})

    assert (change.id, change.ref, change.etag) == (5, "WN-1/2", '"g5,4"')
    assert change.values == {"DeadlineState": (None, "Overdue"), "HighRiskOverdue": (False, True)}


def test_a_multi_choice_is_told_as_words():
    """Old and new of a multi-choice are tuples, and clearing one is the empty tuple."""
    wanted = _wanted(IntegrityDefects=[(), ("Unusable value",), None])

    changes = diff(wanted, _snapshot(_frame()), {"actions": ACTIONS})

    assert [change.values["IntegrityDefects"] for change in changes] == [
        (("Mismatched deadline", "Inactive owner"), ()),
        ((), ("Unusable value",)),
    ]


def test_a_line_without_reference_is_called_by_its_id():
    """Where ActionRef is blank the line is named #<item id>."""
    wanted = _wanted(DeadlineState=["Overdue", None, "Overdue"])

    (change,) = diff(wanted, _snapshot(_frame()), {"actions": ACTIONS})

    assert change.ref == "#9"


def test_what_this_run_has_written_is_not_planned_again():
    """In a second round the values confirmed in the first count as present."""
    wanted = _wanted(DeadlineState=["Overdue", "Overdue", "On track"])
    written = {("actions", 5): {"DeadlineState": "Overdue"}}

    assert diff(wanted, _snapshot(_frame()), {"actions": ACTIONS}, written=written) == ()


@dataclass
class _Limits:
    changed_items: int | None = None
    messages: int | None = None


@pytest.mark.parametrize("limit", [None, 0, -1, 4])
def test_a_limit_that_is_missing_zero_or_passed_stops_the_plan(limit):
    """Five changes go only under a limit of five or more."""
    with pytest.raises(LimitError, match="nothing was written"):
        check_limits("deadline-status", _Limits(limit, 9), changed_items=5, messages=1)


def test_a_plan_within_its_limits_goes():
    """A plan at its limits goes, and an empty plan needs none."""
    check_limits("deadline-status", _Limits(5, 1), changed_items=5, messages=1)
    check_limits("deadline-status", _Limits(), changed_items=0, messages=0)


def _escalation(key):
    return Escalation(key, "deadline-status", "r", Severity.CRITICAL, MOMENT, None, "Registered Manager")


def test_an_escalation_stands_once():
    """A key that a row holds, or that came twice, is raised no more."""
    frame = pd.DataFrame({"EscalationKey": ["a", None]}, index=pd.Index([1, 2], name="id"))
    snapshot = Snapshot(MOMENT, {"escalations": frame}, {}, (), {}, "")

    fresh = unraised([_escalation("a"), _escalation("b"), _escalation("b")], snapshot)

    assert [one.key for one in fresh] == ["b"]


def test_a_key_in_other_capitals_is_the_same_key():
    """The service's unique column takes no notice of capitals, and would refuse the second row."""
    frame = pd.DataFrame({"EscalationKey": ["risk/WN-1"]}, index=pd.Index([1], name="id"))
    snapshot = Snapshot(MOMENT, {"escalations": frame}, {}, (), {}, "")

    fresh = unraised([_escalation("risk/wn-1"), _escalation("Risk/A"), _escalation("risk/a")], snapshot)

    assert [one.key for one in fresh] == ["Risk/A"]


def test_an_information_row_has_no_act_by():
    """What is not there is left out of the row that is made, and the title is its key."""
    change = escalation_row(_escalation("k"))

    assert "ActBy" not in change.values
    assert change.values["Title"] == (None, "k")
    assert change.values["Status"] == (None, "Raised")


RECORD = ListSchema(
    "deadline_status",
    "Deadline status",
    "governance",
    (
        Column("RecordKey", Kind.TEXT, unique=True),
        Column("RanAt", Kind.DATETIME),
        Column("Overdue", Kind.NUMBER),
    ),
    ref="RecordKey",
    record=True,
)


def _record(overdue):
    frame = pd.DataFrame(
        {"RecordKey": ["k"], "RanAt": [pd.Timestamp(MOMENT)], "Overdue": [overdue]},
        index=pd.Index([4], name="id"),
    )
    return Snapshot(MOMENT, {"deadline_status": frame}, {}, (), {"deadline_status": {4: '"r,1"'}}, "")


def test_a_record_that_holds_true_is_left():
    """A second run that finds the same writes no record."""
    values = {"RecordKey": "k", "Overdue": 14}

    assert row_to_hold(RECORD, _record(14.0), "k", values) == ()


@pytest.mark.parametrize(
    ("present", "value", "changed"),
    [(None, 3, True), (14.0, None, True), (None, None, False), (14.0, 14, False), (14.0, 14.1, True)],
)
def test_a_figure_is_compared_as_a_figure(present, value, changed):
    """Blank and a number differ either way; the kind of number makes no difference."""
    rows = row_to_hold(RECORD, _record(present), "k", {"RecordKey": "k", "Overdue": value})
    assert [change.values for change in rows] == ([{"Overdue": (present, value)}] if changed else [])


def test_an_instant_is_compared_by_the_second():
    """The service keeps no fractions; another second is another instant."""
    same = {"RecordKey": "k", "RanAt": MOMENT.replace(microsecond=5)}
    assert row_to_hold(RECORD, _record(14.0), "k", same) == ()
    later = MOMENT + timedelta(seconds=1)
    (change,) = row_to_hold(RECORD, _record(14.0), "k", {"RecordKey": "k", "RanAt": later})
    assert change.values == {"RanAt": (MOMENT, later)}


def test_the_row_of_an_escalation_names_its_person_and_lines():
    """Who must act, and which lines it is about, stand on the row."""
    one = replace(_escalation("k"), to_person="ada@rosewood.example", refs=("A", "B"))
    values = escalation_row(one).values
    assert values["ToPerson"] == (None, "ada@rosewood.example")
    assert values["ActionRefs"] == (None, "A;B")


def test_a_second_run_updates_its_record_and_never_its_cycle():
    """The measures of a recorded slot are brought up to date; the moment of the first run stays."""
    later = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    values = {"RecordKey": "k", "RanAt": later, "Overdue": 15}

    (change,) = row_to_hold(RECORD, _record(14.0), "k", values, stays=("RanAt",))

    assert change.values == {"Overdue": (14.0, 15)}
    assert (change.id, change.etag) == (4, '"r,1"')


def test_a_slot_is_keyed_by_its_utc_minute():
    """The key of a slot is the job and the minute in UTC."""
    assert slot_key("deadline-status", MOMENT) == "deadline-status/2026-11-23T08:15Z"
