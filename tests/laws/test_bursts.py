"""Laws of the burst controls, 2.2 to 2.5, over samples, files, retests and reviews of any kind."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lists_sync.controls import CONTROLS, Lists, Remembered
from lists_sync.definitions.jobs import load_jobs
from lists_sync.definitions.schemas import load_schemas
from lists_sync.model import Kind
from lists_sync.shipped import shipped
from lists_sync.worktime import Calendar

CALENDAR = Calendar(ZoneInfo("Europe/London"))
MOMENT = datetime(2026, 10, 26, 17, 45, tzinfo=UTC)  # the working day after a clock change
TODAY = "B-2026-10-26"
SCHEMAS = load_schemas(shipped("list_schemas"))
SETTINGS = {job.control: job.settings for job in load_jobs(shipped("jobs"), SCHEMAS).values()}
DTYPES = {
    Kind.NUMBER: "float64",
    Kind.YESNO: "bool",
    Kind.DATE: "datetime64[us]",
    Kind.DATETIME: "datetime64[us, UTC]",
}
INSTANTS = st.one_of(st.none(), st.integers(-9999, 0).map(lambda minute: MOMENT + timedelta(minutes=minute)))
ANSWERS = st.sampled_from(["Yes", "Yes", "Yes", "No", None])
COUNTS = st.one_of(st.none(), st.integers(0, 4))
BURSTS = st.sampled_from([TODAY, TODAY, "B-2026-10-23", "B-2026-10-19", "B-2026-09-29"])
REFS = st.sampled_from(["A/1", "a/2; B", "C", "Z", None])
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "ActionRef": st.sampled_from(["A/1", "A/2", "B", " c"]),
            "Status": st.sampled_from(["In progress", "Closed", "Proposed for closure", "Cancelled", None]),
        }
    ),
    max_size=4,
)
SAMPLES = st.lists(
    st.fixed_dictionaries(
        {
            "BurstId": BURSTS,
            "file": st.sampled_from(["f1", "f2", "f3"]),
            "ActionRef": REFS,
            "MatchesLivePractice": ANSWERS,
            "OutcomeProof": ANSWERS,
            "Disposition": st.sampled_from(["Accepted", "Reinstated as open", "Residual risk", None]),
            "CorrectionAccepted": ANSWERS,
            "ReviewedAt": INSTANTS,
            "RetestDue": INSTANTS,
            "RecordsMatched": COUNTS,
            "more": COUNTS,
        }
    ),
    max_size=5,
    unique_by=lambda row: (row["BurstId"], row["file"]),
)
RETESTS = st.lists(
    st.fixed_dictionaries(
        {
            "BurstId": BURSTS,
            "ActionRef": REFS,
            "StagesCorrect": COUNTS,
            "more": COUNTS,
            "RetestedAt": INSTANTS,
        }
    ),
    max_size=3,
)
REVIEWS = st.lists(
    st.fixed_dictionaries(
        {
            "ActionRef": REFS,
            "PanelDecision": st.sampled_from(["Approved", "Deferred", None]),
            "PanelDecidedAt": INSTANTS,
            "SystemDecision": st.sampled_from(["Deferred", None, None]),
        }
    ),
    max_size=3,
)


def _frame(key, rows=()):
    """Build a list's frame as a snapshot holds it, with every column of its schema."""
    index = pd.Index(range(1, len(rows) + 1), name="id", dtype="int64")

    def column(name, dtype):
        blank = False if dtype == "bool" else None
        return pd.Series([row.get(name, blank) for row in rows], index=index, dtype=dtype)

    made = {one.name: column(one.name, DTYPES.get(one.kind, "str")) for one in SCHEMAS[key].columns}
    return pd.DataFrame(made | {"_unique": column("_unique", "str")})


def _sample(row):
    matched, more = row["RecordsMatched"], row["more"]
    return {
        **row,
        "SampleKey": f"{row['BurstId']}/{row['file']}",
        "SampledAt": pd.Timestamp(f"{row['BurstId'][2:]}T11:00Z"),
        "ReviewBy": pd.Timestamp(f"{row['BurstId'][2:]}T15:00Z"),
        "SourceDateCurrent": "Yes",
        "RecordsChecked": None if matched is None or more is None else matched + more,
    }


def _retest(row):
    correct, more = row["StagesCorrect"], row["more"]
    return {**row, "StagesTotal": None if correct is None or more is None else correct + more}


@st.composite
def _lists(draw):
    files = [{"ActionRef": draw(REFS), "_unique": f"f{number}"} for number in range(1, 4)]
    return Lists(
        {
            "actions": _frame("actions", draw(LINES)),
            "evidence": _frame("evidence", files),
            "burst_samples": _frame("burst_samples", [_sample(row) for row in draw(SAMPLES)]),
            "retests": _frame("retests", [_retest(row) for row in draw(RETESTS)]),
            "closure_reviews": _frame("closure_reviews", draw(REVIEWS)),
        }
    )


def _judge(control, lists, **more):
    start = MOMENT - timedelta(days=3)
    remembered = Remembered(start, first_run=False, cycle_start=start, cycle_end=MOMENT, **more)
    return CONTROLS[control](
        lists, moment=MOMENT, calendar=CALENDAR, settings=SETTINGS[control], remembered=remembered
    )


def _of_today(lists):
    samples = lists.frames["burst_samples"]
    return samples.index[samples["BurstId"] == TODAY]


@pytest.mark.parametrize("control", ["2.2", "2.3", "2.4", "2.5"])
@given(lists=_lists(), random=st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_rows_does_not_matter(control, lists, random):
    """Rows in another order give the same figures, and each item the same result."""
    frames = {}
    for key, frame in lists.frames.items():
        order = list(range(len(frame)))
        random.shuffle(order)
        frames[key] = frame.iloc[order]
    here, there = _judge(control, lists), _judge(control, Lists(frames))
    assert here.measures == there.measures
    for mine, theirs in ((here.columns, there.columns), (here.moves, there.moves)):
        assert set(mine) == set(theirs)
        for key, columns in mine.items():
            pd.testing.assert_frame_equal(theirs[key].sort_index(), columns.sort_index())


@given(lists=_lists())
@settings(max_examples=30, deadline=None)
def test_the_figures_of_a_burst_are_what_its_samples_show(lists):
    """Each sample of the day has one verdict, counted as such, and only Invalid ones have a retest due."""
    judged, mine = _judge("2.2", lists), _of_today(lists)
    shown = judged.columns["burst_samples"]
    verdicts = shown["Verdict"].reindex(mine)
    assert verdicts.notna().all()
    for name, word in (
        ("InvalidFiles", "Invalid"),
        ("AwaitingReview", "Awaiting review"),
        ("ReviewsOverdue", "Review overdue"),
    ):
        assert judged.measures[name] == (int((verdicts == word).sum()) if len(mine) else None)
    assert shown["RetestDue"][shown["Verdict"] != "Invalid"].isna().all()


@given(lists=_lists())
@settings(max_examples=30, deadline=None)
def test_the_morning_and_the_burst_show_the_same_evidence_state(lists):
    """EvidenceState has one meaning, whichever job writes it."""
    morning, burst = (_judge(one, lists).columns["actions"]["EvidenceState"] for one in ("1.1", "2.2"))
    pd.testing.assert_series_equal(morning, burst)


@given(lists=_lists())
@settings(max_examples=30, deadline=None)
def test_a_match_is_a_percentage(lists):
    """MatchPercent lies between 0 and 100, and that of a burst between those of its samples."""
    judged = _judge("2.3", lists)
    shown = judged.columns["burst_samples"]["MatchPercent"].reindex(_of_today(lists)).dropna()
    overall = judged.measures["MatchPercent"]
    assert (overall is None) == shown.empty
    if overall is not None:
        assert shown.min() - 0.1 <= overall <= shown.max() + 0.1
        assert 0 <= overall <= 100


@given(lists=_lists())
@settings(max_examples=30, deadline=None)
def test_only_invalid_samples_wait_for_a_retest(lists):
    """RetestsOverdue never exceeds the invalid samples, and an average lies between 0 and 100."""
    judged = _judge("2.4", lists)
    frame = lists.frames["burst_samples"]
    invalid = (frame["MatchesLivePractice"] == "No") | (frame["OutcomeProof"] == "No")
    assert 0 <= judged.measures["RetestsOverdue"] <= invalid.sum()
    average = judged.measures["AverageCorrectPercent"]
    assert average is None or 0 <= average <= 100


@given(lists=_lists())
@settings(max_examples=30, deadline=None)
def test_what_was_reinstated_once_is_never_moved_again(lists):
    """A run that knows all pairs as dealt with moves nothing, decides nothing and tells nothing."""
    samples, lines = lists.frames["burst_samples"].index, lists.frames["actions"].index
    pairs = frozenset((int(sample), int(line)) for sample in samples for line in lines)
    first, second = _judge("2.5", lists), _judge("2.5", lists, reinstated=pairs)
    assert first.measures == second.measures
    assert (second.moves, second.columns, len(second.findings["reinstated"])) == ({}, {}, 0)


@given(lists=_lists())
@settings(max_examples=30, deadline=None)
def test_only_lines_that_were_given_up_go_back(lists):
    """What is moved was Closed or Proposed for closure, and is named among the lines reinstated."""
    judged = _judge("2.5", lists)
    for key, moved in judged.moves.items():
        assert set(lists.frames[key]["Status"].reindex(moved.index)) <= {"Closed", "Proposed for closure"}
        assert set(moved.index) <= set(judged.findings["reinstated"].index)
        assert moved["ClosedOn"].isna().all()
