"""Laws that every control keeps, whatever the lists hold."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lists_sync.controls import CONTROLS, Lists, Remembered
from lists_sync.controls.due import due_moments
from lists_sync.controls.local import NAT, local_time, micros_of
from lists_sync.controls.matching import clean, clean_all, normal, normal_all, ref_codes
from lists_sync.controls.percent import one_decimal, percent
from lists_sync.worktime import Calendar

ZONE = ZoneInfo("Europe/London")
CALENDAR = Calendar(ZONE)
MOMENT = datetime(2026, 10, 26, 8, 15, tzinfo=UTC)  # the working day after a clock change
WORDS = {
    "Status": ["In progress", "Closed", "closed ", "Cancelled", "Proposed for closure", None],
    "RiskRating": ["Low", "High", " HIGH", None],
    "Owner": ["ada@x.example", "ben@x.example", "ADA@x.example", None],
    "Service": ["North", "South"],
    "ActionRef": ["A/1", "a/1", "A/2", "A/\u200b2", "B", "C", None],
    "Text": ["x", None],
}
INSTANTS = st.one_of(
    st.none(),
    st.integers(-10 * 24 * 60, 10 * 24 * 60).map(lambda minute: MOMENT + timedelta(minutes=minute)),
    st.integers(-10, 10).map(lambda day: CALENDAR.start_of_day(MOMENT.date() + timedelta(days=day))),
)
SETTINGS = {
    "1.1": {"due_soon_hours": 48},
    "1.2": {"directory_check": False},
    "1.4": {"severe_after_hours": 24},
}
DAYS = st.one_of(st.none(), st.integers(-10, 10).map(lambda day: MOMENT.date() + timedelta(days=day)))


def _one(column):
    return st.sampled_from(WORDS[column])


LINE = st.fixed_dictionaries(
    {
        **{column: _one(column) for column in ("Status", "RiskRating", "Owner", "Service", "ActionRef")},
        "DueDate": INSTANTS,
        "ClosedOn": INSTANTS,
        "EvidenceDueDate": DAYS,
        **{
            column: _one("Text")
            for column in ("EvidenceRequirement", "ValidationMethod", "ClosureRule", "QualityStatements")
        },
    }
)
LINES = st.lists(LINE, max_size=8)
REGISTER = st.lists(
    st.fixed_dictionaries({"ActionRef": _one("ActionRef"), "RegisteredDueDate": DAYS}), max_size=4
)
CHANGES = st.lists(
    st.fixed_dictionaries(
        {
            "ActionRef": _one("ActionRef"),
            "NewDueDate": DAYS,
            "Decision": st.sampled_from(["Approved", "Pending", "Rejected"]),
            "ApprovedOn": INSTANTS,
        }
    ),
    max_size=4,
)
FILES = st.lists(st.fixed_dictionaries({"ActionRef": st.sampled_from(["A/1", "a/2; B", None])}), max_size=3)
ANSWERS = ("MatchesLivePractice", "SourceDateCurrent", "OutcomeProof")
SAMPLES = st.lists(
    st.fixed_dictionaries(
        {
            "SampleKey": st.sampled_from(["B-2026-10-23/f1", "B-2026-10-23/f2", "B-2026-10-23/f3"]),
            **dict.fromkeys(ANSWERS, st.sampled_from(["Yes", "Yes", "No", None])),
            "ReviewBy": INSTANTS,
        }
    ),
    max_size=3,
    unique_by=lambda row: row["SampleKey"],
)
DTYPES = {
    **dict.fromkeys(("DueDate", "ClosedOn", "ApprovedOn"), "datetime64[us, UTC]"),
    **dict.fromkeys(("ReviewBy", "ReviewedAt", "SampledAt"), "datetime64[us, UTC]"),
    **dict.fromkeys(("EvidenceDueDate", "RegisteredDueDate", "NewDueDate"), "datetime64[us]"),
    "Active": "bool",
}


def _frame(rows, columns):
    index = pd.RangeIndex(1, len(rows) + 1, name="id")
    made = {
        column: pd.Series([row[column] for row in rows], index=index, dtype=DTYPES.get(column, "str"))
        for column in columns
    }
    return pd.DataFrame(made, index=index)


@st.composite
def _lists(draw):
    lines = draw(LINES)
    frames = {
        "actions": _frame(lines, _LINE_COLUMNS),
        "register": _frame(draw(REGISTER), ["ActionRef", "RegisteredDueDate"]),
        "deadline_changes": _frame(draw(CHANGES), ["ActionRef", "NewDueDate", "Decision", "ApprovedOn"]),
        "managers": _frame(
            [
                {"Email": "ada@x.example", "Manager": "ada@x.example", "Active": True},
                {"Email": "ben@x.example", "Manager": "ben@x.example", "Active": False},
            ],
            ["Email", "Manager", "Active"],
        ),
        "evidence": _evidence(draw(FILES)),
        "burst_samples": _samples(draw(SAMPLES)),
    }
    ids = frames["actions"].index.tolist()
    spoilt = draw(st.frozensets(st.sampled_from(ids))) if ids else frozenset()
    frames["actions"].loc[sorted(spoilt), "DueDate"] = pd.NaT
    return Lists(frames, {("actions", "DueDate"): spoilt} if spoilt else {})


def _evidence(rows):
    files = [{**row, "_unique": f"f{number}"} for number, row in enumerate(rows, 1)]
    return _frame(files, ["ActionRef", "_unique"])


def _samples(rows):
    blank = dict.fromkeys(_SAMPLE_COLUMNS)
    return _frame([{**blank, **row} for row in rows], _SAMPLE_COLUMNS)


_SAMPLE_COLUMNS = [
    *("SampleKey", "ActionRef", "BurstId", "ReviewBy", "ReviewedAt", "SampledAt"),
    *(*ANSWERS, "CorrectionAccepted", "Disposition"),
]
_LINE_COLUMNS = [
    *("Status", "RiskRating", "Owner", "Service", "ActionRef", "DueDate", "ClosedOn", "EvidenceDueDate"),
    *("EvidenceRequirement", "ValidationMethod", "ClosureRule", "QualityStatements"),
]


def _judge(control, lists):
    remembered = Remembered(
        previous_at=MOMENT - timedelta(days=3),
        first_run=False,
        cycle_start=MOMENT - timedelta(days=3),
        cycle_end=MOMENT,
    )
    return CONTROLS[control](
        lists, moment=MOMENT, calendar=CALENDAR, settings=SETTINGS[control], remembered=remembered
    )


def _with_actions(lists, actions):
    return Lists({**lists.frames, "actions": actions}, lists.unusable, lists.first_seen)


every_control = pytest.mark.parametrize("control", sorted(SETTINGS))
"""The controls whose figures are of lines alone; test_every_control.py has the laws of all."""


@every_control
@given(lists=_lists())
@settings(max_examples=40, deadline=None)
def test_the_index_comes_out_as_it_went_in(control, lists):
    """A control answers for every item of the list, in the list's own order."""
    for key, columns in _judge(control, lists).columns.items():
        pd.testing.assert_index_equal(columns.index, lists.frames[key].index)


@every_control
@given(lists=_lists())
@settings(max_examples=25, deadline=None)
def test_the_lists_stay_untouched(control, lists):
    """A control changes nothing of what it is given."""
    before = {key: frame.copy(deep=True) for key, frame in lists.frames.items()}
    _judge(control, lists)
    for key, frame in before.items():
        pd.testing.assert_frame_equal(lists.frames[key], frame)


@every_control
@given(lists=_lists(), random=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_lines_does_not_matter(control, lists, random):
    """Shuffled lines get the same figures and each line the same result."""
    order = list(range(len(lists.frames["actions"])))
    random.shuffle(order)
    shuffled = _with_actions(lists, lists.frames["actions"].iloc[order])
    here, there = _judge(control, lists), _judge(control, shuffled)
    assert here.measures == there.measures
    columns = here.columns["actions"]
    pd.testing.assert_frame_equal(there.columns["actions"].reindex(columns.index), columns)


@every_control
@given(lists=_lists())
@settings(max_examples=25, deadline=None)
def test_lines_judged_apart_are_judged_alike(control, lists):
    """Splitting the lines by service and joining the answers changes nothing."""
    actions = lists.frames["actions"]
    whole = _judge(control, lists)
    parts = [
        _judge(control, _with_actions(lists, actions[actions["Service"] == service]))
        for service in WORDS["Service"]
    ]
    joined = pd.concat([part.columns["actions"] for part in parts]).sort_index()
    pd.testing.assert_frame_equal(joined, whole.columns["actions"], check_index_type=False, check_names=False)
    for name, figure in whole.measures.items():
        assert sum(part.measures[name] for part in parts) == figure


@every_control
@given(lists=_lists())
@settings(max_examples=5, deadline=None)
def test_the_same_lists_give_the_same_findings(control, lists):
    """A second look at the same lists finds the same, in the same order."""
    first, second = _judge(control, lists), _judge(control, lists)
    assert list(first.findings) == list(second.findings)
    for name, frame in first.findings.items():
        pd.testing.assert_frame_equal(frame, second.findings[name])


@every_control
def test_no_control_reads_the_clock(control, monkeypatch):
    """The moment is given; a control that asked the clock would fail here."""

    def refuse(*_):
        raise AssertionError("a control asked for the time")

    for name in ("time", "time_ns", "localtime", "gmtime", "monotonic"):
        monkeypatch.setattr(time, name, refuse)
    monkeypatch.setattr("lists_sync.clock.now", refuse)
    monkeypatch.setattr(pd.Timestamp, "now", refuse, raising=False)
    _judge(control, _plain_lists())


def _plain_lists():
    row = dict.fromkeys(_LINE_COLUMNS) | {"ActionRef": "A", "Service": "North", "DueDate": MOMENT}
    return Lists(
        {
            "actions": _frame([row], _LINE_COLUMNS),
            "register": _frame([], ["ActionRef", "RegisteredDueDate"]),
            "deadline_changes": _frame([], ["ActionRef", "NewDueDate", "Decision", "ApprovedOn"]),
            "managers": _frame([], ["Email", "Manager", "Active"]),
            "evidence": _evidence([]),
            "burst_samples": _samples([]),
        }
    )


@given(lists=_lists())
@settings(max_examples=60, deadline=None)
def test_high_risk_overdue_is_overdue(lists):
    """HighRiskOverdue stands only beside Overdue, and both only on live lines."""
    judged = _judge("1.1", lists)
    columns, measures = judged.columns["actions"], judged.measures
    assert (columns.loc[columns["HighRiskOverdue"], "DeadlineState"] == "Overdue").all()
    assert measures["OverdueHighRisk"] == columns["HighRiskOverdue"].sum()
    assert measures["Overdue"] == (columns["DeadlineState"] == "Overdue").sum()
    assert measures["LiveLines"] == columns["DeadlineState"].notna().sum()
    assert measures["Overdue"] + measures["DueWithin48h"] <= measures["LiveLines"]


@given(lists=_lists())
@settings(max_examples=60, deadline=None)
def test_the_sum_of_defects_is_what_the_lines_show(lists):
    """IntegrityDefects is the sum of its parts, and of the defects shown on the lines."""
    judged = _judge("1.2", lists)
    measures = judged.measures
    parts = ("MismatchedDeadlines", "MissingEvidenceDue", "InactiveOwners")
    assert measures["IntegrityDefects"] == sum(measures[part] for part in parts)
    shown = [word for words in judged.columns["actions"]["IntegrityDefects"].dropna() for word in words]
    assert measures["IntegrityDefects"] == sum(word != "Unusable value" for word in shown)


@given(lists=_lists())
@settings(max_examples=60, deadline=None)
def test_a_severe_miss_of_the_cycle_is_a_severe_miss(lists):
    """SevereThisCycle never exceeds Missed24hOrMore, and every finding bears that band."""
    judged = _judge("1.4", lists)
    assert judged.measures["SevereThisCycle"] <= judged.measures["Missed24hOrMore"]
    bands = judged.columns["actions"]["SlippageBand"].reindex(judged.findings["SevereThisCycle"].index)
    assert (bands == "Missed 24 h or more").all()


ZONES = [
    ZoneInfo(name) for name in ("Europe/London", "America/Santiago", "Australia/Lord_Howe", "Asia/Beirut")
]


@pytest.mark.parametrize("zone", ZONES, ids=str)
@given(minutes=st.lists(st.integers(0, 60 * 366 * 24 * 60), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_local_time_by_the_column_is_local_time_one_by_one(zone, minutes):
    """Whole columns get the wall clock and the start of day that zoneinfo and the calendar give."""
    instants = [datetime(1990, 1, 1, tzinfo=UTC) + timedelta(minutes=minute) for minute in minutes]
    us = np.array([micros_of(instant) for instant in instants], dtype=np.int64)
    walls = local_time(zone).to_local(us)
    expected = [instant.astimezone(zone).replace(tzinfo=UTC) for instant in instants]
    assert walls.tolist() == [micros_of(wall) for wall in expected]
    starts = local_time(zone).start_of_days(local_time(zone).day_of(us))
    calendar = Calendar(zone)
    assert starts.tolist() == [micros_of(calendar.start_of_day(wall.date())) for wall in expected]


@given(zone=st.sampled_from(ZONES), minutes=st.lists(st.integers(0, 365 * 24 * 60), max_size=8))
@example(zone=ZONES[0], minutes=[125_340])  # 02:00 as London's clocks go forward
@example(zone=ZONES[1], minutes=[357_359, 357_360, 357_361, 357_420])  # 01:00, where Santiago's day opens
@settings(max_examples=100, deadline=None)
def test_a_due_time_is_due_at_that_time(zone, minutes):
    """Only the first instant of a local day stands for the day; any other is its own due moment."""
    calendar = Calendar(zone)
    instants = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=one) for one in minutes]
    moments, _ = due_moments(np.array([micros_of(one) for one in instants], dtype=np.int64), zone)
    for instant, moment in zip(instants, moments.tolist(), strict=True):
        day = calendar.local_date(instant)
        opens = instant == calendar.start_of_day(day)
        due = calendar.start_of_day(day + timedelta(days=1)) if opens else instant
        assert moment == micros_of(due)


@pytest.mark.parametrize("zone", ZONES, ids=str)
@given(day=st.dates(datetime(1990, 1, 1, tzinfo=UTC).date(), datetime(2050, 1, 1, tzinfo=UTC).date()))
@settings(max_examples=60, deadline=None)
def test_a_day_is_due_until_its_last_instant(zone, day):
    """A picked day is due when the next local day begins, however long the day is."""
    calendar = Calendar(zone)
    opens = np.array([micros_of(calendar.start_of_day(day)), NAT], dtype=np.int64)
    moments, days = due_moments(opens, zone)
    assert moments.tolist() == [micros_of(calendar.start_of_day(day + timedelta(days=1))), NAT]
    assert days.tolist() == [day.toordinal() - 719_163, NAT]


@given(words=st.lists(st.text(max_size=12), max_size=12))
def test_matching_by_the_column_is_matching_one_by_one(words):
    """The quick way over a whole column gives what each value gives by itself."""
    assert normal_all(words) == [normal(word) for word in words]
    assert clean_all(words) == [clean(word) for word in words]


@given(word=st.text(max_size=12))
def test_matching_settles_at_once(word):
    """A normal form is its own normal form, and so no value depends on how often it was read."""
    assert normal(normal(word)) == normal(word)


@given(words=st.lists(st.sampled_from(["A", "a ", "A\u200b", "B", "", " ", None]), max_size=12))
def test_equal_references_have_equal_numbers(words):
    """Two references have one number if they match, and a blank has none."""
    (codes,), count = ref_codes(pd.Series(words, dtype="str"))
    plain = [normal(word) if word else "" for word in words]
    for word, code in zip(plain, codes, strict=True):
        assert (code == -1) == (word == "")
        assert code < count or not count
    pairs = {(word, int(code)) for word, code in zip(plain, codes, strict=True)}
    assert len({word for word, _ in pairs}) == len(pairs) == len({code for _, code in pairs})


@given(part=st.integers(-10_000, 10_000), whole=st.integers(-10_000, 10_000))
def test_a_percentage_is_shown_as_a_person_would_round_it(part, whole):
    """One decimal, halves away from zero, and nothing where the whole is nothing."""
    shown = one_decimal(percent(part, whole))
    if whole == 0:
        assert shown is None
    else:
        tenths = (2 * 1000 * abs(part) + abs(whole)) // (2 * abs(whole))
        sign = -1 if (part < 0) != (whole < 0) else 1
        assert shown == sign * tenths / 10
