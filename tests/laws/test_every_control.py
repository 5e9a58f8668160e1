"""Laws that every control keeps, whatever the lists hold."""

import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from lists_of_anything import JOBS, PEOPLE, PROVIDER, SCHEMAS, ZONE, items_of, moment_of, snapshot_of

from lists_sync.connect.wire import Wire
from lists_sync.controls import CONTROLS, Lists
from lists_sync.evaluate import Circumstances, evaluate
from lists_sync.memory import remembered
from lists_sync.model import Item
from lists_sync.plan.build import build_plan

NAMES = sorted(JOBS)
RESULTS = {name: set(JOBS[name].writes.get("actions", ())) - {"Status", "ClosedOn"} for name in NAMES}
ALONE = sorted({name for name in NAMES if RESULTS[name]} - {"early-warnings", "workload-rebalance"})
"""Jobs with result columns on lines, whose verdict on one does not hang on the other lines' owners."""
SEEDS, SIZES = st.integers(0, 2**32), st.integers(0, 8)
# A seed does not shrink to anything simpler, so a failing one is shown as it was found.
EASY = {"deadline": None, "phases": (Phase.explicit, Phase.reuse, Phase.generate)}
every_job = pytest.mark.parametrize("name", NAMES)


def _given(job, seed, size):
    """Give drawn lists, and what the job remembers of them."""
    snapshot = snapshot_of(items_of(job, seed, size), moment_of(job))
    return _lists(job, snapshot), _remembered(job, snapshot)


def _lists(job, snapshot):
    frames = {key: snapshot.frames[key] for key in (*job.reads, *job.also_reads)}
    return Lists(frames, snapshot.unusable)


def _remembered(job, snapshot):
    moment = moment_of(job)
    return remembered(job, snapshot, slot=moment, moment=moment, calendar=PROVIDER.calendar)


def _judge(job, lists, found):
    given_ = {"records": True, "salt": "pepper", "link": lambda key, id_: f"{key}/{id_}"}
    return CONTROLS[job.control](
        lists,
        moment=moment_of(job),
        calendar=PROVIDER.calendar,
        settings={**job.settings, **given_},
        remembered=found,
    )


@every_job
@given(seed=SEEDS, size=SIZES)
@settings(max_examples=5, **EASY)
def test_the_index_comes_out_as_it_went_in(name, seed, size):
    """A control answers for every line and manager in order, and for no item that is not there."""
    job = JOBS[name]
    lists, found = _given(job, seed, size)
    judged = _judge(job, lists, found)
    for key, columns in {**judged.columns, **judged.moves}.items():
        index = lists.frames[key].index
        assert columns.index.is_unique
        assert set(columns.index) <= set(index)
    for key in {"actions", "managers"} & set(judged.columns):
        pd.testing.assert_index_equal(judged.columns[key].index, lists.frames[key].index)


@every_job
@given(seed=SEEDS, size=SIZES)
@settings(max_examples=2, **EASY)
def test_the_lists_stay_untouched(name, seed, size):
    """A control changes nothing of what it is given."""
    job = JOBS[name]
    lists, found = _given(job, seed, size)
    before = {key: frame.copy(deep=True) for key, frame in lists.frames.items()}
    _judge(job, lists, found)
    for key, frame in before.items():
        pd.testing.assert_frame_equal(lists.frames[key], frame)


@every_job
@given(seed=SEEDS, size=SIZES, random=st.randoms(use_true_random=False))
@settings(max_examples=5, **EASY)
def test_the_order_of_rows_does_not_matter(name, seed, size, random):
    """Shuffled lists get the same figures, and each item the same result."""
    job = JOBS[name]
    lists, found = _given(job, seed, size)
    shuffled = {}
    for key, frame in lists.frames.items():
        order = list(range(len(frame)))
        random.shuffle(order)
        shuffled[key] = frame.iloc[order]
    here = _judge(job, lists, found)
    there = _judge(job, Lists(shuffled, lists.unusable), found)
    assert here.measures == there.measures
    for key, columns in here.columns.items():
        pd.testing.assert_frame_equal(there.columns[key].sort_index(), columns.sort_index())
    assert {key: [_plain(row) for row in rows] for key, rows in here.rows.items()} == {
        key: [_plain(row) for row in rows] for key, rows in there.rows.items()
    }


def _plain(row):
    return {name: None if value is pd.NaT or value != value else value for name, value in row.items()}  # noqa: PLR0124


@pytest.mark.parametrize("name", ALONE)
@given(seed=SEEDS, size=SIZES)
@settings(max_examples=5, **EASY)
def test_lines_judged_apart_are_judged_alike(name, seed, size):
    """Splitting the lines by service and joining the answers gives each line the same result."""
    job = JOBS[name]
    lists, found = _given(job, seed, size)
    whole = _judge(job, lists, found)
    actions = lists.frames["actions"]
    services = actions["Service"].fillna("").str.strip().str.lower()
    parts = [
        _judge(job, Lists({**lists.frames, "actions": actions[services == one]}, lists.unusable), found)
        for one in sorted(set(services)) or [""]
    ]
    joined = pd.concat([part.columns["actions"] for part in parts]).sort_index()
    assert set(whole.columns["actions"].columns) == RESULTS[name]
    for column, expected in whole.columns["actions"].items():
        assert _values(joined[column]) == _values(expected)


def _values(series):
    return {id_: None if value is None or value != value else value for id_, value in series.items()}  # noqa: PLR0124


@every_job
def test_no_control_reads_the_clock(name, monkeypatch):
    """The moment is given; a control that asked the clock would fail here."""
    job = JOBS[name]
    lists, found = _given(job, 0, 0)

    def refuse(*_):
        raise AssertionError("a control asked for the time")

    for clock in ("time", "time_ns", "localtime", "gmtime"):
        monkeypatch.setattr(time, clock, refuse)
    monkeypatch.setattr("lists_sync.clock.now", refuse)
    monkeypatch.setattr(pd.Timestamp, "now", refuse, raising=False)
    _judge(job, lists, found)


class _House:
    """Lists in memory: a plan is applied to them as the service would, and they are judged again."""

    def __init__(self, job, items):
        self.job = job
        self.items = {key: {item.id: item for item in rows} for key, rows in items.items()}
        self.moment = moment_of(job)

    def plan(self):
        snapshot = snapshot_of({key: list(rows.values()) for key, rows in self.items.items()}, self.moment)
        outcome = evaluate(
            self.job,
            snapshot,
            provider=PROVIDER,
            calendar=PROVIDER.calendar,
            remembered=self._remembered(snapshot),
            slot=self.moment,
            moment=self.moment,
            told=Circumstances(salt="pepper"),
        )
        return build_plan(
            outcome,
            snapshot,
            SCHEMAS,
            record=self.job.record,
            record_per=self.job.record_per,
            render=lambda one: replace(one, message="told", card="{}"),
        )

    def _remembered(self, snapshot):
        """As a second run of the slot would: what the first had dealt with, it remembers as dealt with."""
        return replace(_remembered(self.job, snapshot), reinstated=self.reinstated)

    reinstated = frozenset()

    def apply(self, plan):
        from lists_sync.plan.rows import escalation_row

        raised = [escalation_row(one) for one in plan.escalations]
        for change in (*plan.rows, *plan.changes, *raised, *plan.record):
            fields = Wire(SCHEMAS[change.list], ZONE).encode(
                {name: new for name, (_, new) in change.values.items()}, self._person
            )
            rows = self.items.setdefault(change.list, {})
            id_ = change.id or max(rows, default=0) + 1
            before = dict(rows[id_].fields) if id_ in rows else {}
            merged = {name: value for name, value in {**before, **fields}.items() if value not in (None, [])}
            merged = {name: value for name, value in merged.items() if not name.endswith("@odata.type")}
            unique = rows[id_].unique_id if id_ in rows else f"{change.list}-{id_}"
            rows[id_] = Item(change.list, id_, f'"{unique},2"', merged, self.moment)
        samples = self.items.get("burst_samples", {})
        lines = self.items.get("actions", {})
        self.reinstated = frozenset((sample, line) for sample in samples for line in lines)

    def _person(self, email):
        return next((id_ for id_, known in PEOPLE.items() if known == email), 99)


@every_job
@given(seed=SEEDS, size=SIZES)
@settings(max_examples=6, **EASY)
def test_a_plan_that_was_carried_out_leaves_nothing_to_plan(name, seed, size):
    """After a run's plan has been applied, the same slot plans no item, no row, no message and no record."""
    job = JOBS[name]
    house = _House(job, items_of(job, seed, size))
    house.apply(house.plan())
    again = house.plan()
    assert again.changes == ()
    assert again.rows == ()
    assert again.escalations == ()
    assert [dict(change.values) for change in again.record] == []


@every_job
@given(seed=SEEDS, size=SIZES)
@settings(max_examples=2, **EASY)
def test_the_same_lists_give_the_same_plan(name, seed, size):
    """Judged twice, the same items at the same moment give the same bytes."""
    job = JOBS[name]
    items = items_of(job, seed, size)
    assert _House(job, items).plan().digest == _House(job, items).plan().digest


def test_the_window_of_these_laws_is_one_day():
    """Every job's moment lies on the day that the drawn dates lie around."""
    days = {PROVIDER.calendar.local_date(moment_of(JOBS[name])) for name in NAMES}
    assert len(days) == 1
    assert max(moment_of(JOBS[name]) for name in NAMES) - min(
        moment_of(JOBS[name]) for name in NAMES
    ) < timedelta(days=1)
