"""The scheduler over the embedded workspace: on time, late, twice, failing, and told to stop."""

import shutil
from datetime import timedelta

import pytest
from filelock import FileLock
from rig import KEY, SLOT, a_rig

from lists_sync.errors import StoppedError
from lists_sync.mirror.database import open_to_read
from lists_sync.schedule.local import BUSY
from lists_sync.schedule.status import read_status


@pytest.fixture
def rig(tmp_path):
    with a_rig(tmp_path) as made:
        yield made


def test_a_slot_runs_at_its_minute_once(rig):
    """It is on time, its row says so, and the next wakes run nothing twice."""
    rig.wake()
    rig.wake()
    rig.wake(late_min=1)
    assert rig.status_slot() == ("done", 0)
    assert rig.run_rows()[KEY]["LateMinutes"] == 0
    assert len(rig.query("select id from run where job = 'deadline-status'")) == 1


def test_a_machine_that_was_off_runs_late_and_says_how_late(rig):
    """Still within the window: run once, and nobody's window was missed."""
    rig.wake(late_min=15)
    assert rig.status_slot() == ("done", 15)
    assert rig.run_rows()[KEY]["LateMinutes"] == 15
    assert rig.missed() == []
    assert any("deadline-status" in line and "15 min after its slot of 08:15" in line for line in rig.lines)


def test_a_run_after_its_window_stands_as_completed_and_is_a_finding_once(rig):
    """One row in Control runs with the minutes, and one escalation, whatever runs next."""
    rig.wake(late_min=45)
    rig.wake(late_min=60)
    row = rig.run_rows()[KEY]
    assert (row["Result"], row["LateMinutes"]) == ("Completed", 45)
    assert rig.missed() == [f"missed/{KEY}"]
    assert any("to stand by 08:45" in line for line in rig.lines)


def test_a_window_told_as_missed_becomes_completed_when_it_is_caught_up(rig):
    """The watch tells first; the late run changes that row and tells nobody again."""
    rig.by_hand("escalation-watch", SLOT + timedelta(minutes=45))
    assert rig.run_rows()[KEY]["Result"] == "Missed"
    rig.wake(late_min=50)
    row = rig.run_rows()[KEY]
    assert (row["Result"], row["LateMinutes"]) == ("Completed", 50)
    assert rig.missed() == [f"missed/{KEY}"]


def test_a_lost_table_takes_over_what_control_runs_says(rig):
    """After the local state is gone nothing is run a second time."""
    rig.wake()
    shutil.rmtree(rig.home)
    rig.start()
    rig.wake(late_min=5)
    assert rig.status_slot() == ("done", 0)
    assert rig.query("select job from run where job = 'deadline-status'") == []


def test_a_slot_that_somebody_ran_by_hand_is_not_run_again(rig):
    """A run of this very state counts as well, while the scheduler is up."""
    rig.wake(late_min=-20)
    rig.by_hand("deadline-status", SLOT)
    rig.wake(late_min=1)
    assert rig.status_slot() == ("done", 0)
    assert len(rig.query("select id from run where job = 'deadline-status'")) == 1


def test_a_failed_run_is_told_in_a_line_and_tried_again(rig):
    """Not before its time; then it is done, late, and the line held no traceback."""
    rig.wake(late_min=-10)
    rig.faults({"match": {"path": "/lists/.*/items/delta"}, "times": 1, "answer": {"status": 403}})
    rig.wake()
    assert rig.status_slot()[0] == "failed"
    (line,) = [line for line in rig.lines if "did not run" in line]
    assert "Tried again at 08:16" in line
    assert "\n" not in line
    rig.scheduler.work()
    assert rig.status_slot()[0] == "failed"
    rig.wake(late_min=1)
    assert rig.status_slot() == ("done", 1)


def test_while_somebody_runs_a_job_by_hand_it_waits_and_says_so_once(rig):
    """At the next wake at which the state is free, the slot runs."""
    rig.home.mkdir(exist_ok=True)
    with FileLock(rig.home / "run.lock"):
        rig.wake()
        rig.wake(late_min=1)
    assert rig.lines == [BUSY]
    rig.wake(late_min=2)
    assert rig.status_slot() == ("done", 2)


def test_edits_of_the_files_are_heeded_without_a_restart(rig):
    """A slot moved to another time runs then; a broken edit is told once and the old files stay."""
    job = rig.config.parent / "jobs" / "deadline-status.yaml"
    text = job.read_text(encoding="utf-8")
    rig.wake(late_min=-10)
    job.write_text(text + "\nnonsense: 1\n", encoding="utf-8")
    rig.wake(late_min=-9)
    rig.wake(late_min=-8)
    job.write_text(text.replace('["08:15"]', '["08:10"]'), encoding="utf-8")
    rig.wake(late_min=-5)
    told = [line for line in rig.lines if "configuration" in line or "files" in line]
    assert [line.split(";")[0] for line in told] == [
        "The changed files cannot be used",
        "The configuration was changed",
    ]
    assert rig.slots()["deadline-status", "2026-11-24T08:10"] == ("done", 0)


def test_told_to_stop_it_leaves_what_is_due_for_the_next_start(rig):
    """Nothing is begun, and the slot stays to be done."""
    rig.stop.ask()
    with pytest.raises(StoppedError):
        rig.wake()
    assert rig.status_slot() == ("due", None)


def test_status_knows_a_window_that_was_run_late(rig):
    """From the local state alone: the last run, the late window, and the open escalation."""
    rig.wake(late_min=45)
    files = rig.files.current()
    engine = open_to_read(f"sqlite:///{rig.home / 'state.db'}")
    told = read_status(files, engine, SLOT + timedelta(minutes=46))
    engine.dispose()
    (window,) = told.windows
    assert (window.job, window.late_minutes) == ("deadline-status", 45)
    (one,) = told.board.soonest
    assert (one.key, one.role, one.overdue) == (f"missed/{KEY}", "Registered Manager", True)
    last = {job.job: job.last for job in told.jobs}["deadline-status"]
    assert (last.result, last.late_minutes) == ("Completed", 45)
