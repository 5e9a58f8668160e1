"""What a job remembers comes from its records and the mirror's versions."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from lists_sync.definitions.mapping import ListMapping
from lists_sync.memory import first_seen
from lists_sync.mirror.database import open_database
from lists_sync.mirror.versions import Mirror
from lists_sync.model import Item, Snapshot

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
