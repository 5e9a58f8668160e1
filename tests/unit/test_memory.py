"""What a job remembers comes from its records and the mirror's versions."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from lists_sync.definitions.jobs import load_jobs
from lists_sync.definitions.mapping import ListMapping
from lists_sync.definitions.schemas import load_schemas
from lists_sync.memory import first_seen, remembered
from lists_sync.mirror.database import open_database
from lists_sync.mirror.versions import Mirror
from lists_sync.model import Item, Snapshot
from lists_sync.shipped import shipped
from lists_sync.worktime import Calendar

JOB = load_jobs(shipped("jobs"), load_schemas(shipped("list_schemas")))["slippage-review"]
CALENDAR = Calendar(ZoneInfo("Europe/London"))
AT = "2026-11-23T08:15:00Z"
MONDAY, TUESDAY = datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def mirror(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'state.db'}", at=AT)
    yield Mirror(engine)
    engine.dispose()


def _read(mirror, number, *versions):
    items = [Item("actions", id_, f'"x,{number}"', fields, when) for id_, fields, when in versions]
    mirror.begin_pull(AT)
    mirror.absorb("actions", items, number)
    mirror.set_cursor("actions", list_id="l", link="k", number=number, at=AT)


def _snapshot(**statuses):
    index = pd.Index([int(name[1:]) for name in statuses], name="id")
    closed = pd.Series(pd.NaT, index=index, dtype="datetime64[us, UTC]")
    frame = pd.DataFrame({"Status": pd.Series(list(statuses.values()), index=index, dtype="str")})
    return Snapshot(MONDAY, {"actions": frame.assign(ClosedOn=closed)}, {}, (), {}, "")


def test_a_closing_time_nobody_typed_comes_from_history(mirror):
    """The Modified time of the first version seen as Closed stands in, also after a later edit."""
    _read(mirror, 1, (7, {"Status": "In progress"}, MONDAY))
    _read(mirror, 2, (7, {"Status": "Closed"}, MONDAY))
    _read(mirror, 3, (7, {"Status": "closed ", "Title": "x"}, TUESDAY))

    found = first_seen(mirror, _snapshot(i7="Closed"), {})

    assert found["actions.ClosedOn"].to_dict() == {7: pd.Timestamp(MONDAY)}


def test_a_reopened_line_counts_from_its_last_closing(mirror):
    """Only the present unbroken stretch as Closed counts."""
    _read(mirror, 1, (7, {"Status": "In progress"}, MONDAY))
    _read(mirror, 2, (7, {"Status": "Closed"}, MONDAY))
    _read(mirror, 3, (7, {"Status": "In progress", "n": 1}, MONDAY))
    _read(mirror, 4, (7, {"Status": "Closed", "n": 2}, TUESDAY))

    found = first_seen(mirror, _snapshot(i7="Closed"), {})

    assert found["actions.ClosedOn"].to_dict() == {7: pd.Timestamp(TUESDAY)}


def test_a_line_closed_before_the_first_pull_has_no_known_time(mirror):
    """What stood as Closed when the list was first read has no beginning that anybody saw."""
    _read(mirror, 1, (7, {"Status": "Closed"}, MONDAY))

    assert first_seen(mirror, _snapshot(i7="Closed"), {})["actions.ClosedOn"].empty


def test_a_provider_s_own_word_means_closed_too(mirror):
    """With a mapping, the provider's own column and word are what is looked for."""
    mapping = ListMapping("Plan", {"Status": "State"}, {"Status": {"Done": "Closed"}})
    _read(mirror, 1, (7, {"State": "Open"}, MONDAY))
    _read(mirror, 2, (7, {"State": "Done"}, TUESDAY))

    found = first_seen(mirror, _snapshot(i7="Closed"), {"actions": mapping})

    assert found["actions.ClosedOn"].to_dict() == {7: pd.Timestamp(TUESDAY)}


def _records(*rows):
    """Give a snapshot of the records of slippage-review: (slot, ran at, SevereThisCycle) each."""
    slots, ran, severe = zip(*rows, strict=True) if rows else ((), (), ())
    frame = pd.DataFrame(
        {
            "Slot": pd.Series(slots, dtype="datetime64[us, UTC]"),
            "RanAt": pd.Series(ran, dtype="datetime64[us, UTC]"),
            "SevereThisCycle": pd.Series(severe, dtype="float64"),
        }
    )
    keys = pd.DataFrame({"EscalationKey": pd.Series(["a", None], dtype="str")})
    return Snapshot(MONDAY, {JOB.record: frame, "escalations": keys}, {}, (), {}, "")


def _evening(day, hour=17):
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def _remembered(records, slot, moment):
    return remembered(JOB, records, slot=slot, moment=moment, calendar=CALENDAR)


def test_a_first_run_begins_a_working_day_earlier():
    """Without a record the cycle begins at the same local time on the working day before the moment."""
    memory = _remembered(_records(), _evening(23), _evening(23))
    assert (memory.first_run, memory.cycle_start, memory.cycle_end) == (True, _evening(20), _evening(23))
    assert memory.raised_keys == {"a"}


@pytest.mark.parametrize("moment", [_evening(23, 18), _evening(24, 9), _evening(26, 9)])
def test_a_second_run_of_the_first_slot_never_moves_its_cycle(moment):
    """However late the slot is run again, its cycle stays that of the first run."""
    records = _records((_evening(23), _evening(23), 0))
    memory = _remembered(records, _evening(23), moment)
    assert (memory.first_run, memory.cycle_start, memory.cycle_end) == (True, _evening(20), _evening(23))


def test_the_cycle_begins_at_the_moment_of_the_previous_record():
    """The latest earlier slot counts, by the moment it ran at; a slot never run counts for nothing."""
    records = _records((_evening(19), _evening(20, 8), 0), (_evening(18), _evening(18), 0))
    memory = _remembered(records, _evening(23), _evening(23, 18))
    assert (memory.first_run, memory.cycle_start, memory.cycle_end) == (
        False,
        _evening(20, 8),
        _evening(23, 18),
    )


@pytest.mark.parametrize(
    ("figures", "since"), [((3, 4), 19), ((3, 2), None), ((2, 3), 20), ((None, 3), 20), ((3, None), None)]
)
def test_a_threshold_stands_since_the_first_unbroken_slot(figures, since):
    """Slots before that met the limit without a break count; one below it or not available breaks."""
    records = _records(
        *((_evening(day), _evening(day), one) for day, one in zip((19, 20), figures, strict=True))
    )
    memory = _remembered(records, _evening(23), _evening(23))
    assert memory.standing == ({"recovery": _evening(since)} if since else {})
