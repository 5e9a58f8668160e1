"""The local state: durable, versioned, refused when it is not ours to use."""

import sqlite3
import threading
from contextlib import closing, contextmanager

import pytest
from house import a_house
from sqlalchemy import event, text
from sqlalchemy.pool import Pool
from standing import compare, standing
from the_day import EVE, content

from lists_sync.cli.main import main
from lists_sync.errors import BusyError, StateDamagedError, StateError, StateFullError, StateVersionError
from lists_sync.mirror.database import open_database, open_to_read
from lists_sync.mirror.database_faults import told
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


# What the database refuses while somebody works on it


class _RefusedError(Exception):
    """What a driver of PostgreSQL raises."""

    def __init__(self, sqlstate):
        super().__init__("Key (email)=(someone@example.org) already exists.")
        self.sqlstate = sqlstate


class OperationalError(_RefusedError):
    """What it raises where it could not connect."""


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("SQLITE_FULL", StateFullError),
        ("SQLITE_CORRUPT", StateDamagedError),
        ("SQLITE_CORRUPT_INDEX", StateDamagedError),
        ("SQLITE_NOTADB", StateDamagedError),
        ("SQLITE_BUSY", BusyError),
        ("SQLITE_BUSY_SNAPSHOT", BusyError),
        ("SQLITE_LOCKED", BusyError),
        ("SQLITE_READONLY", StateError),
        ("SQLITE_READONLY_DBMOVED", StateError),
        ("SQLITE_IOERR_WRITE", StateError),
        ("SQLITE_CANTOPEN", StateError),
    ],
)
def test_each_refusal_of_sqlite_says_who_must_act(name, error):
    """A code of SQLite, with whatever it adds to it, is one of the state's own errors with a way on."""
    raised = sqlite3.OperationalError("no text of it is shown")
    raised.sqlite_errorcode = getattr(sqlite3, name)
    fault = told(raised)
    assert (type(fault), bool(fault.hint), "text of it" in str(fault)) == (error, True, False)


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (_RefusedError("53100"), StateFullError),
        (_RefusedError("40P01"), BusyError),
        (_RefusedError("55P03"), BusyError),
        (_RefusedError("57P01"), StateError),
        (_RefusedError("25006"), StateError),
        (_RefusedError("XX001"), StateDamagedError),
        (OperationalError(None), StateError),
    ],
)
def test_each_refusal_of_postgresql_says_who_must_act(refusal, error):
    """A state of PostgreSQL, or none where it was not reached, likewise; what it quotes is not shown."""
    fault = told(refusal)
    assert (type(fault), "someone" in str(fault)) == (error, False)


@pytest.mark.parametrize(
    "raised", [_RefusedError("23505"), _RefusedError(None), sqlite3.ProgrammingError("x"), KeyError()]
)
def test_a_fault_of_the_program_is_not_dressed_up(raised):
    """A broken rule of our own tables, or a mistake in a statement, is no matter of the machine."""
    assert told(raised) is None


def test_a_mistake_in_a_statement_is_told_as_what_it_is(engine):
    """An unknown table stays the error that it is."""
    with pytest.raises(Exception, match="no such table"), engine.connect() as connection:
        connection.execute(text("SELECT * FROM nowhere"))


@contextmanager
def every_connection(statement):
    """Have each connection to a state that is opened inside the block begin with this."""

    def begin(connection, _record):
        connection.execute(statement)

    event.listen(Pool, "connect", begin)
    try:
        yield
    finally:
        event.remove(Pool, "connect", begin)


def test_a_state_that_may_only_be_read_is_told(engine):
    """Writing where only reading is allowed says whose rights are to be looked at."""
    engine.dispose()
    with every_connection("PRAGMA query_only=ON"), pytest.raises(StateError, match="may not be written"):
        Mirror(engine).begin_pull(AT)
    engine.dispose()


def test_a_state_that_another_program_holds_is_told(engine, tmp_path):
    """Waiting for another program's lock ends with a plain line, not with a traceback."""
    with closing(sqlite3.connect(tmp_path / "home" / "state.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with engine.connect() as connection:
            connection.connection.execute("PRAGMA busy_timeout=50")
            with pytest.raises(BusyError, match="holds the local state"):
                connection.execute(text("SELECT 1"))


def test_a_state_that_cannot_be_opened_is_told(tmp_path):
    """A folder in the place of the file is no traceback either."""
    (tmp_path / "state.db").mkdir()
    with pytest.raises(StateError, match="cannot be opened"):
        open_database(f"sqlite:///{tmp_path / 'state.db'}", at=AT)


# The same in the middle of a run, as the user sees it


SLOT = "2026-09-01T08:15"


@pytest.fixture
def run_once(monkeypatch, capsys):
    def once(house):
        """Give the exit code of one run of the command line, and what it wrote to standard error."""
        monkeypatch.setenv("LISTS_SYNC_EMULATOR_URL", house.url)
        monkeypatch.setenv("LISTS_SYNC_HOME", str(house.definitions.settings.home))
        with pytest.raises(SystemExit) as ended:
            main(["run", "deadline-status", "--at", SLOT])
        return ended.value.code, capsys.readouterr().err

    return once


def _stands(house):
    return standing(house.url, house.definitions.schemas)


def _plain(lists, url):
    """Leave out where the workspace was served."""
    return {
        key: {
            name: [{column: str(value).replace(url, "") for column, value in row.items()} for row in doubles]
            for name, doubles in rows.items()
        }
        for key, rows in lists.items()
    }


def test_a_disk_that_fills_up_in_mid_run_loses_and_doubles_nothing(tmp_path, run_once, monkeypatch):
    """One line and exit 1 wherever it was full; once there is room, the lists are as if it always was."""
    monkeypatch.chdir(tmp_path)
    with a_house(tmp_path / "undisturbed", content(), clock=EVE) as house:
        assert run_once(house) == (0, "")
        due = _plain(_stands(house), house.url)
    with a_house(tmp_path / "home", content(), clock=EVE) as house:
        path = house.definitions.settings.home / "state.db"
        path.parent.mkdir()
        open_database(f"sqlite:///{path}", at=AT).dispose()
        failures = 0
        for room in range(40):
            with closing(sqlite3.connect(path)) as raw:
                pages = raw.execute("PRAGMA page_count").fetchone()[0]
            with every_connection(f"PRAGMA max_page_count={pages + room // 4}"):
                code, line = run_once(house)
            if code == 0:
                break
            failures += 1
            assert (code, line.count("\n"), "disk that holds the local state is full" in line) == (1, 1, True)
        assert failures
        assert run_once(house) == (0, "")
        found = _plain(_stands(house), house.url)
    difference = compare(due, found)
    assert (difference.lost, difference.twice, difference.more) == ([], [], [])
    assert {one for one in difference.otherwise if not one.startswith("escalations")} == set()


def test_a_state_damaged_in_the_middle_is_told_and_left_as_it_is(tmp_path, run_once, monkeypatch):
    """One line that says what to move aside; not a byte of the file is touched."""
    monkeypatch.chdir(tmp_path)
    with a_house(tmp_path / "home", content(), clock=EVE) as house:
        assert run_once(house)[0] == 0
        path = house.definitions.settings.home / "state.db"
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(size // 4)
            file.write(b"\xa5" * (size // 2))
        damaged = path.read_bytes()
        code, line = run_once(house)
        assert (code, line.count("\n"), "is damaged and was left as it is" in line) == (1, 1, True)
        assert path.read_bytes() == damaged


def test_a_value_altered_past_reading_is_told_in_a_line(tmp_path):
    """SQLite itself notices nothing where bytes within a value were overwritten."""
    url = f"sqlite:///{tmp_path / 'home' / 'state.db'}"
    engine = open_database(url, at=AT)
    mirror = Mirror(engine)
    number = mirror.begin_pull(AT)
    mirror.absorb("actions", [Item("actions", 1, '"x,1"', {"Status": "Closed"})], number)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE item_version SET fields = x'7b227b'")
    with pytest.raises(StateDamagedError, match="trail verify --local"):
        mirror.items("actions")
    assert [one.place for one in verify_local(engine).findings] == ["pull 1"]
    engine.dispose()
