"""Laws of the draw of a burst, whatever the lists hold, and the draw once more in a few plain lines."""

import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from math import ceil
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lists_sync.controls import Lists, Remembered
from lists_sync.controls.bursts import burst_id
from lists_sync.controls.draw import draw
from lists_sync.controls.pool import burst_day, read_burst
from lists_sync.controls.sampling import burst_sample
from lists_sync.errors import SettingsError
from lists_sync.worktime import Calendar

ZONE = ZoneInfo("Europe/London")
CALENDAR = Calendar(ZONE)
MOMENT = datetime(2026, 10, 27, 11, 0, tzinfo=UTC)  # two days after a clock change
TODAY = MOMENT.date()
BURST = "B-2026-10-27"
LATELY = date(2026, 10, 20)  # five operational days before
REFS = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Case:
    """Lines by reference, files by unique id, and numbers, as plain values."""

    lines: dict
    files: dict
    numbers: dict

    def settings(self):
        return {
            **self.numbers,
            "newly_closed_days": 7,
            "sampled_lately_days": 5,
            "review_hours": 4,
            "salt": "law",
            "link": lambda key, id_: f"{key}/{id_}",
        }


DAYS_AGO = st.one_of(st.none(), st.integers(0, 12))
LINE = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["In progress", "In progress", "Closed", "Cancelled", None]),
        "high": st.booleans(),
        "closed_ago": DAYS_AGO,
    }
)
FILE = st.fixed_dictionaries(
    {
        "refs": st.lists(st.sampled_from([*REFS, "Z"]), max_size=3, unique=True),
        "drawn_ago": DAYS_AGO.filter(lambda ago: ago != 0),
        "own_ago": DAYS_AGO,
    }
)
NUMBERS = st.fixed_dictionaries(
    {
        "size": st.integers(0, 9),
        "high_risk_percent": st.sampled_from([0, 25, 50, 100]),
        "newly_closed_percent": st.sampled_from([0, 25, 33.3, 60]),
        "most_of_a_line": st.integers(1, 3),
    }
)
CASES = st.builds(
    lambda lines, files, numbers: Case(
        dict(zip(REFS, lines, strict=True)), {f"f{n}-0": file for n, file in enumerate(files)}, numbers
    ),
    st.lists(LINE, min_size=len(REFS), max_size=len(REFS)),
    st.lists(FILE, max_size=14),
    NUMBERS,
)


def _day(ago):
    return None if ago is None else TODAY - timedelta(days=ago)


def _frame(columns, rows):
    index = pd.RangeIndex(1, len(rows) + 1, name="id")
    made = {
        name: pd.Series([row.get(name) for row in rows], index=index, dtype=columns[name]) for name in columns
    }
    return pd.DataFrame(made, index=index)


_TIME, _DATE = "datetime64[us, UTC]", "datetime64[us]"
ACTIONS = {"ActionRef": "str", "Status": "str", "RiskRating": "str", "DueDate": _TIME, "ClosedOn": _TIME}
EVIDENCE = {"ActionRef": "str", "FileLeafRef": "str", "LastSampledOn": _DATE, "_unique": "str"}
SAMPLES = {
    **dict.fromkeys(("SampleKey", "BurstId", "Strata", "CorrectionAccepted", "Disposition"), "str"),
    **dict.fromkeys(("MatchesLivePractice", "SourceDateCurrent", "OutcomeProof"), "str"),
    **dict.fromkeys(("SampledAt", "ReviewBy", "ReviewedAt"), _TIME),
}


def _lists(case, made=()):
    """Give the frames of a case; `made` are rows of today's burst that stand already."""
    lines = [
        {
            "ActionRef": ref,
            "Status": line["status"],
            "RiskRating": "High" if line["high"] else "Low",
            "ClosedOn": None if line["closed_ago"] is None else MOMENT - timedelta(days=line["closed_ago"]),
        }
        for ref, line in case.lines.items()
    ]
    files = [
        {
            "ActionRef": "; ".join(one["refs"]) or None,
            "_unique": unique,
            "LastSampledOn": _day(one["own_ago"]),
        }
        for unique, one in case.files.items()
    ]
    earlier = [
        {"SampleKey": f"{burst_id(day)}/{unique}", "BurstId": burst_id(day)}
        for unique, one in case.files.items()
        if (day := _day(one["drawn_ago"]))
    ]
    today = [{**row, "Strata": ";#".join(row["Strata"])} for row in made]
    frames = {
        "actions": _frame(ACTIONS, lines),
        "evidence": _frame(EVIDENCE, files),
        "burst_samples": _frame(SAMPLES, [*earlier, *today]),
    }
    return Lists(frames)


def _judge(case, *, made=(), fixed=(), lists=None):
    remembered = Remembered(None, first_run=True, cycle_start=MOMENT, cycle_end=MOMENT, fixed=fixed)
    return burst_sample(
        lists or _lists(case, made),
        moment=MOMENT,
        calendar=CALENDAR,
        settings=case.settings(),
        remembered=remembered,
    )


def _rows(judged):
    return list(judged.rows["burst_samples"])


def _ids(judged):
    return [row["SampleKey"].removeprefix(f"{BURST}/") for row in _rows(judged)]


def _same(here, there):
    assert here.measures == there.measures
    assert here.rows == there.rows
    mine, theirs = here.columns["evidence"].sort_index(), there.columns["evidence"].sort_index()
    pd.testing.assert_frame_equal(mine, theirs, check_index_type=False)


# The draw once more: one file at a time, from plain values.


def _counts(line):
    closed = line["status"] == "Closed"
    newly = closed and line["closed_ago"] is not None and line["closed_ago"] <= 7
    return newly or line["status"] not in ("Closed", "Cancelled"), newly


def _plain_sample(case):
    numbers, files = case.numbers, {}
    for unique, one in case.files.items():
        mine = {
            ref: case.lines[ref] for ref in one["refs"] if ref in case.lines and _counts(case.lines[ref])[0]
        }
        if mine:
            drawn = _day(one["drawn_ago"]) if one["drawn_ago"] else _day(one["own_ago"])
            lately = drawn is not None and LATELY <= drawn < TODAY
            order = (lately, drawn if lately else TODAY, sha256(f"law|{BURST}|{unique}".encode()).hexdigest())
            high = any(line["high"] for line in mine.values())
            newly = any(_counts(line)[1] for line in mine.values())
            files[unique] = (order, high, newly, mine)
    sample, given_by = [], Counter()

    def take_until(kind, count):
        while len(sample) < numbers["size"] and sum(kind(files[one]) for one in sample) < count:
            left = sorted((one for one in files if one not in sample and kind(files[one])), key=files.get)
            free = [
                one for one in left if all(given_by[ref] < numbers["most_of_a_line"] for ref in files[one][3])
            ]
            if not left:
                return
            sample.append((free or left)[0])
            given_by.update(files[sample[-1]][3].keys())

    take_until(lambda file: file[1], ceil(numbers["size"] * numbers["high_risk_percent"] / 100))
    take_until(lambda file: file[2], ceil(numbers["size"] * numbers["newly_closed_percent"] / 100))
    take_until(lambda file: True, numbers["size"])
    return sample


@given(case=CASES)
@settings(max_examples=150, deadline=None)
def test_a_few_plain_lines_draw_the_same_sample(case):
    """From salt, burst and unique ids alone somebody else comes to the same files in the same order."""
    assert _ids(_judge(case)) == _plain_sample(case)


@given(case=CASES)
@settings(max_examples=80, deadline=None)
def test_the_sample_is_as_large_as_it_can_be(case):
    """It holds the size, or all that can be drawn where that is less; no step takes more than its share."""
    burst = read_burst(_lists(case), moment=MOMENT, calendar=CALENDAR, settings=case.settings())
    steps = draw(burst.pool, burst.rules, burst.held)
    measures = _judge(case).measures
    size = case.numbers["size"]

    assert measures["FilesSelected"] == min(size, len(burst.pool.unique))
    assert measures["Shortfall"] == size - measures["FilesSelected"]
    assert len(steps[0].taken) <= burst.rules.high
    assert all(len(step.taken) <= max(0, step.wanted - step.held) for step in steps)
    short = [step for step in steps[:2] if step.held + len(step.taken) < step.wanted]
    full = sum(len(step.taken) for step in steps[:2]) == size
    assert all(set(step.files) == set(step.taken) or full for step in short)


@given(case=CASES)
@settings(max_examples=80, deadline=None)
def test_no_line_gives_more_than_its_most_while_others_are_left(case):
    """A file of a line that has given its most is taken only when all that are left in the step wait too."""
    burst = read_burst(_lists(case), moment=MOMENT, calendar=CALENDAR, settings=case.settings())
    given_by, pool = Counter(), burst.pool

    def waits(place):
        return any(given_by[line] >= burst.rules.most_of_a_line for line in pool.lines_of(place))

    for step in draw(pool, burst.rules, burst.held):
        left = list(step.files)
        for place in step.taken:
            assert waits(place) == (place in step.beyond)
            assert not waits(place) or all(waits(other) for other in left)
            left.remove(place)
            given_by.update(pool.lines_of(place))


@given(case=CASES, random=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_does_not_matter(case, random):
    """Shuffled lists give the same sample in the same order."""
    lists = _lists(case)

    def shuffled(frame):
        places = list(range(len(frame)))
        random.shuffle(places)
        return frame.iloc[places]

    other = Lists({key: shuffled(frame) for key, frame in lists.frames.items()})
    _same(_judge(case, lists=lists), _judge(case, lists=other))


@given(case=CASES, late=FILE, data=st.data())
@settings(max_examples=80, deadline=None)
def test_a_rerun_adds_exactly_what_is_missing(case, late, data):
    """Cut off after any row, a rerun makes the others, and none for a file that came in meanwhile."""
    first = _judge(case)
    rows = _rows(first)
    made = [row for row in rows if data.draw(st.booleans())]
    grown = replace(case, files={**case.files, "late-0": late})
    fixed = tuple(_ids(first))

    second = _judge(grown, made=made, fixed=fixed)

    if fixed:
        assert _rows(second) == [row for row in rows if row not in made]
        assert second.measures == first.measures
        dated = second.columns["evidence"]
        pd.testing.assert_frame_equal(dated, first.columns["evidence"], check_index_type=False)
        third = _judge(grown, made=rows, fixed=fixed)
        assert _rows(third) == []
        assert third.measures == first.measures


@given(case=CASES)
@settings(max_examples=40, deadline=None)
def test_a_first_run_judged_again_is_the_same(case):
    """Told what it meant to draw, a run over the same lists gives the same answer: a replay holds."""
    first = _judge(case)
    _same(first, _judge(case, fixed=tuple(_ids(first))))


@given(case=CASES, data=st.data())
@settings(max_examples=60, deadline=None)
def test_rows_of_a_forgotten_run_are_kept_and_filled_up(case, data):
    """Where only rows tell of the first run, they are in the sample, which is as large as it can be."""
    first = _judge(case)
    made = [row for row in _rows(first) if data.draw(st.booleans())]

    second = _judge(case, made=made)

    assert second.measures["FilesSelected"] == first.measures["FilesSelected"]
    assert len(_rows(second)) == first.measures["FilesSelected"] - len(made)
    assert not {row["SampleKey"] for row in made} & {row["SampleKey"] for row in _rows(second)}


@given(case=CASES)
@settings(max_examples=25, deadline=None)
def test_the_lists_stay_untouched(case):
    """The draw changes nothing of what it is given, and dates no file but those of the sample."""
    lists = _lists(case)
    before = {key: frame.copy(deep=True) for key, frame in lists.frames.items()}
    judged = _judge(case, lists=lists)
    for key, frame in before.items():
        pd.testing.assert_frame_equal(lists.frames[key], frame)
    unique = lists.frames["evidence"]["_unique"]
    assert sorted(unique.loc[judged.columns["evidence"].index]) == sorted(_ids(judged))


def _some_case():
    line = {"status": "In progress", "high": True, "closed_ago": None}
    file = {"refs": ["A"], "drawn_ago": None, "own_ago": None}
    numbers = {"size": 3, "high_risk_percent": 50, "newly_closed_percent": 25, "most_of_a_line": 3}
    return Case({"A": line}, {f"f{n}-0": file for n in range(5)}, numbers)


def test_the_draw_reads_no_clock(monkeypatch):
    """The moment is given; a draw that asked the clock would fail here."""

    def refuse(*_):
        raise AssertionError("the draw asked for the time")

    for name in ("time", "time_ns", "localtime", "gmtime", "monotonic"):
        monkeypatch.setattr(time, name, refuse)
    monkeypatch.setattr(pd.Timestamp, "now", refuse, raising=False)
    assert len(_ids(_judge(_some_case()))) == 3


def test_without_a_salt_nothing_is_drawn():
    """A draw that anybody could foretell is refused, and the sentence names the setting."""
    case = _some_case()
    given_settings = {**case.settings(), "salt": ""}
    remembered = Remembered(None, first_run=True, cycle_start=MOMENT, cycle_end=MOMENT)

    with pytest.raises(SettingsError, match="LISTS_SYNC_SAMPLING_SALT"):
        burst_sample(
            _lists(case), moment=MOMENT, calendar=CALENDAR, settings=given_settings, remembered=remembered
        )


@given(salt=st.text(min_size=1, max_size=12), unique=st.uuids().map(str))
def test_the_hash_is_what_the_rule_says(salt, unique):
    """The hash is SHA-256 of `<salt>|<BurstId>|<unique id>` in UTF-8; a sample of one is its smallest."""
    case = Case(_some_case().lines, {unique: _some_case().files["f0-0"]}, _some_case().numbers)
    given_settings = {**case.settings(), "salt": salt}
    burst = read_burst(_lists(case), moment=MOMENT, calendar=CALENDAR, settings=given_settings)
    assert burst.pool.hashes == (sha256(f"{salt}|{BURST}|{unique}".encode()).hexdigest(),)


@given(day=st.dates())
def test_a_burst_id_names_its_day(day):
    """Id and day of a burst are one to one, however the id is typed."""
    assert burst_day(burst_id(day)) == day
    assert burst_day(f" {burst_id(day).lower()}\u200b ") == day


@pytest.mark.parametrize(
    "word", ["", "B-", "WN-014/03", "B-2026-02-30", "B-20261123", "2026-11-23", "B-2026-W48-1"]
)
def test_other_words_are_no_burst(word):
    """What is no burst id is not taken for one."""
    assert burst_day(word) is None
