"""How things stand, read from the local state alone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from lists_sync.cli.status import certificate_days, status_json
from lists_sync.cli.status_text import print_status
from lists_sync.context import load_definitions
from lists_sync.errors import StateError
from lists_sync.mirror.database import open_database, open_to_read
from lists_sync.mirror.tables import outbox, run
from lists_sync.schedule.alive import LOCK, is_at_work
from lists_sync.schedule.board import Board, Hold, OpenEscalation
from lists_sync.schedule.slots import slots_of
from lists_sync.schedule.status import JobStatus, LastRun, Status, Window, read_status
from lists_sync.schedule.table import SlotTable

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
SLOT = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)


@pytest.fixture
def files(tmp_path):
    given = {"LISTS_SYNC_EMULATOR_URL": "http://127.0.0.1:9", "LISTS_SYNC_HOME": str(tmp_path)}
    return load_definitions(given, None)


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'state.db'}", at="2026-11-24T08:00:00Z")
    yield engine
    engine.dispose()


def _run(engine, *, moment="2026-11-24T08:45:00Z", result="Completed"):
    values = {"job": "deadline-status", "slot": "2026-11-24T08:15:00Z", "started_at": moment}
    with engine.begin() as connection:
        connection.execute(insert(run).values(**values, moment=moment, result=result))


def _job(told, name="deadline-status"):
    return next(one for one in told.jobs if one.job == name)


def test_without_a_local_state_it_says_that_nothing_is_known(tmp_path):
    """It makes none."""
    with pytest.raises(StateError, match="nothing is known"):
        open_to_read(f"sqlite:///{tmp_path / 'state.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_job_shows_its_last_run_and_its_next_slot(files, engine):
    """Of several runs the newest; the next slot lies on the next working day."""
    _run(engine, result="Failed")
    _run(engine)
    told = _job(read_status(files, engine, NOW))
    assert (told.last.result, told.last.late_minutes) == ("Completed", 30)
    assert told.next == datetime(2026, 11, 25, 8, 15, tzinfo=UTC)


def test_a_job_that_only_runs_along_is_not_listed(files, engine):
    """It has no slots of its own."""
    assert "early-warnings" not in {one.job for one in read_status(files, engine, NOW).jobs}


def test_a_run_by_hand_after_its_window_is_a_late_window(files, engine):
    """No scheduler need ever have been at work here."""
    _run(engine)
    (window,) = read_status(files, engine, NOW).windows
    assert (window.job, window.late_minutes) == ("deadline-status", 30)


def test_a_window_that_nobody_noted_is_told_all_the_same(files, engine):
    """No scheduler was at work this morning: yesterday's run shows that one should have been."""
    with engine.begin() as connection:
        told = dict.fromkeys(("slot", "moment", "started_at"), "2026-11-23T08:15:00Z")
        connection.execute(insert(run).values(job="deadline-status", **told, result="Completed"))
    (window,) = read_status(files, engine, NOW).windows
    assert (window.job, window.slot, window.late_minutes) == ("deadline-status", SLOT, None)


def test_a_slot_that_is_still_to_be_tried_after_its_window_is_not_run(files, engine):
    """A failed run whose window has closed is told."""
    calendar = files.provider.calendar
    (slot,) = slots_of(files.job("deadline-status"), SLOT.date(), calendar)
    SlotTable(engine).save([slot.begun().failed(SLOT)])
    (window,) = read_status(files, engine, NOW).windows
    assert (window.slot, window.late_minutes) == (SLOT, None)
    assert read_status(files, engine, SLOT + timedelta(minutes=29)).windows == ()


def test_lists_that_were_never_read_are_not_known(files, engine):
    """None is something else than nothing open."""
    document = status_json(read_status(files, engine, NOW), at_work=False, certificate=None)
    assert (document["escalations"], document["holds"]) == (None, None)


def test_writes_and_posts_that_are_not_answered_are_counted(files, engine):
    """Posts only those of today."""
    _run(engine)
    entry = {"run": 1, "key": "k", "etag": "", "body": "{}", "detail": ""}
    with engine.begin() as connection:
        rows = [("actions", "planned"), ("teams:Clinical Lead", "refused"), ("actions", "done")]
        connection.execute(insert(outbox), [{**entry, "list": one, "state": state} for one, state in rows])
    told = read_status(files, engine, NOW)
    assert (told.unsent, told.posts_refused, told.posts_in_doubt) == (1, 1, 0)


def test_on_the_embedded_workspace_no_certificate_is_in_use(files):
    """Its days are not told there."""
    assert certificate_days(files.settings, NOW) is None


def test_a_lock_that_nobody_holds_is_no_scheduler(tmp_path):
    """Neither a state without the file nor the file of one that has ended."""
    assert is_at_work(tmp_path) is False
    (tmp_path / LOCK).touch()
    assert is_at_work(tmp_path) is False


def _full():
    """Give a status with everything at its widest."""
    last = LastRun(SLOT, SLOT + timedelta(minutes=999), "Completed with faults")
    names = ["executive-closure-control", "deadline-status", "slippage-review"]
    runs = [last, None, LastRun(SLOT, SLOT + timedelta(days=2), "Failed")]
    board = Board(
        NOW,
        {"Critical": 2, "Warning": 1, "Information": 3},
        1,
        (OpenEscalation("missed/" + 60 * "x" + "/y z" + 60 * "w", 44 * "R", "Warning", NOW, overdue=True),),
        NOW,
        (Hold("k", "Closure update blocked", SLOT, None), Hold("l", "Approvals suspended", SLOT, NOW)),
    )
    return Status(
        NOW,
        tuple(JobStatus(name, "", one, NOW) for name, one in zip(names, runs, strict=True)),
        (Window(names[0], SLOT, NOW, 999), Window(names[0], SLOT, NOW)),
        board,
        unsent=3,
        posts_refused=12,
        posts_in_doubt=7,
    )


@pytest.mark.parametrize("certificate", [None, 400, 3, -1])
@pytest.mark.parametrize("told", [_full(), Status(NOW, (), ())])
def test_what_is_printed_fits_80_columns(capsys, told, certificate):
    """At its widest and at its emptiest."""
    print_status(told, LONDON, at_work=None, certificate=certificate)
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert max(map(len, lines)) <= 80


def test_what_is_printed_says_what_stands_open(capsys):
    """Counts come in the order of their weight, and what is overdue is named."""
    print_status(_full(), LONDON, at_work=True, certificate=3)
    out = capsys.readouterr().out
    assert "A scheduler is at work on this state." in out
    assert "2 Critical, 1 Warning, 3 Information" in out
    assert "faults, 999 min late" in out
    assert "Certificate: 3 days left; have a new one made." in out
