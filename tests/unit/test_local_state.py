"""The local state: durable, versioned, refused when it is not ours to use."""

import sqlite3
import threading
from contextlib import closing

import pytest

from lists_sync.errors import StateDamagedError, StateVersionError
from lists_sync.mirror.database import open_database, open_to_read
from lists_sync.mirror.versions import Mirror
from lists_sync.model import Answered, Item
from lists_sync.outbox import Entry, Outbox
from lists_sync.trail.runs import Runs, chain_hash
from lists_sync.trail.verify import verify_local

AT = "2026-11-23T08:15:00Z"


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'home' / 'state.db'}", at=AT)
    yield engine
    engine.dispose()


def _entry(item=7, key="WN-014/03"):
    return Entry(0, "actions", item, key, '"x,1"', {"DeadlineState": "Overdue"}, "planned")


def test_it_is_written_through_to_the_disk(engine):
    """SQLite keeps a write-ahead log and syncs in full, so a committed intention survives a power cut."""
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_threads_that_read_then_write_never_fail(engine):
    """Four threads that each begin fifty pulls get two hundred different numbers: BEGIN is immediate."""
    mirror, numbers = Mirror(engine), []

    def work():
        numbers.extend(mirror.begin_pull(AT) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == list(range(1, 201))


def test_a_newer_state_is_left_alone(tmp_path):
    """A state that a newer version wrote is refused with the way on."""
    path = tmp_path / "state.db"
    open_database(f"sqlite:///{path}", at=AT).dispose()
    with sqlite3.connect(path) as raw:
        raw.execute("INSERT INTO schema_version VALUES (99, 'later')")
    raw.close()

    with pytest.raises(StateVersionError, match="Install the newer lists_sync"):
        open_database(f"sqlite:///{path}", at=AT)


def test_a_damaged_state_is_left_alone(tmp_path):
    """A file that is no database is refused, and stays as it was."""
    path = tmp_path / "state.db"
    path.write_bytes(b"not a database at all" * 500)

    with pytest.raises(StateDamagedError, match="Move the folder"):
        open_database(f"sqlite:///{path}", at=AT)
    assert path.read_bytes().startswith(b"not a database")


def test_a_deleted_item_can_come_back(engine):
    """An item restored from the recycle bin stands again, and its gap stays on record."""
    mirror = Mirror(engine)
    item = Item("actions", 7, '"x,1"', {"Title": "a"})
    gone = Item("actions", 7, "", {}, deleted=True)
    for number, version in enumerate([item, gone, item], start=1):
        mirror.absorb("actions", [version], number)

    assert [len(mirror.items("actions", number)) for number in (1, 2, 3)] == [1, 0, 1]


def test_what_did_not_come_in_a_whole_read_is_gone(engine):
    """After a list was read from its start, an item that was not in it is marked deleted."""
    mirror = Mirror(engine)
    mirror.absorb("actions", [Item("actions", n, f'"x{n},1"', {}) for n in (1, 2, 3)], 1)

    assert mirror.replace_missing("actions", {1, 3}, 2) == 1
    assert mirror.present_ids("actions") == [1, 3]


def test_an_unknown_outcome_stays_in_doubt(engine):
    """A write whose answer never came is found by the next run, with what it would have written."""
    outbox = Outbox(engine)
    entries = outbox.intend(1, [_entry(), _entry(8)])
    outbox.sending(entries)
    outbox.answered(entries, [(Answered.DONE, "200"), (Answered.UNKNOWN, "0")])

    (doubt,) = outbox.in_doubt()

    assert (doubt.item, doubt.fields) == (8, {"DeadlineState": "Overdue"})
    assert outbox.unsent_count() == 1


def test_what_was_planned_and_never_sent_is_dropped(engine):
    """After a crash before the call nothing is sent from the outbox: the next plan decides anew."""
    outbox = Outbox(engine)
    outbox.intend(1, [_entry()])

    assert outbox.drop_planned() == 1
    assert outbox.in_doubt() == []


def test_each_run_holds_the_hash_of_the_one_before(engine):
    """Altering what an earlier run did breaks the hash of every later one."""
    runs = Runs(engine)
    hashes = []
    for number in range(1, 4):
        run = runs.begin("deadline-status", slot=AT, moment=AT, started_at=AT)
        hashes.append(runs.chained(run, {"measures": {"Overdue": number}}))

    assert hashes[1] == chain_hash(hashes[0], runs.all()[1].body.encode())
    assert hashes[2] == chain_hash(hashes[1], runs.all()[2].body.encode())


def test_a_state_of_the_version_before_is_brought_up_to_date(tmp_path):
    """What was kept stays, the new tables and columns are made; reading alone refuses it until then."""
    home = tmp_path / "home"
    url = f"sqlite:///{home / 'state.db'}"
    open_database(url, at=AT).dispose()
    with closing(sqlite3.connect(home / "state.db")) as raw, raw:
        for table in ("policy", "slot", "recovered", "mark"):
            raw.execute(f"DROP TABLE {table}")
        raw.execute("ALTER TABLE pull DROP COLUMN tally")
        raw.execute("INSERT INTO pull (at) VALUES (?)", (AT,))
        raw.execute("UPDATE schema_version SET version = 2")
    with pytest.raises(StateVersionError, match="brings it up to date"):
        open_to_read(url)
    engine = open_database(url, at=AT)
    mirror = Mirror(engine)
    assert mirror.last_pull() == 1
    assert mirror.begin_pull(AT) == 2
    assert not mirror.recovered.is_asked
    assert verify_local(engine).findings == ()
    engine.dispose()
    open_to_read(url).dispose()
