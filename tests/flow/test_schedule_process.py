"""The scheduler as a process: the only one on its state, killed, and told to end."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from rig import SLOT, a_rig

from lists_sync.clock import iso
from lists_sync.schedule.alive import is_at_work

PROCESS = Path(__file__).with_name("a_scheduler.py")
WAIT_S = 20


@pytest.fixture
def rig(tmp_path):
    with a_rig(tmp_path) as made:
        yield made


@contextmanager
def _process(rig, *command):
    """Run a scheduler as a process; it is ended in any case."""
    environ = {**os.environ, **rig.environ, "PYTHONUNBUFFERED": "1"}
    command = command or (str(PROCESS), iso(SLOT + timedelta(minutes=5)))
    with subprocess.Popen(
        [sys.executable, *command], env=environ, cwd=rig.config.parent, text=True, stdout=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _until(holds):
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def _line(process, words):
    for line in process.stdout:
        if words in line:
            return
    pytest.fail(f"never said: {words}")


def test_a_second_scheduler_waits_and_takes_over_when_the_first_is_killed(rig):
    """Both say so; a killed one lets go of the state at once, and nothing is run twice."""
    with _process(rig) as first:
        _line(first, "The scheduler is at work")
        with _process(rig) as second:
            _line(second, "Another scheduler works on this state")
            _until(lambda: (rig.home / "state.db").exists() and rig.status_slot()[0] == "done")
            assert is_at_work(rig.home) is True
            first.send_signal(signal.SIGKILL)
            _line(second, "this one takes over")
            second.send_signal(signal.SIGTERM)
            assert second.wait(WAIT_S) == 0
    assert is_at_work(rig.home) is False
    assert len(rig.query("select id from run where job = 'deadline-status'")) == 1


def test_sigterm_in_the_middle_of_a_write_ends_in_order(tmp_path):
    """The batch in hand is answered and noted, the slot stays due, and a second signal breaks nothing."""
    with a_rig(tmp_path, count=45) as rig:
        rig.faults({"match": {"method": "POST", "path": r"\$batch"}, "answer": {"delay_s": 1.0}})
        with _process(rig) as process:
            _line(process, "The scheduler is at work")
            _until(lambda: rig.query("select id from outbox where state = 'sending'"))
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGTERM)
            assert process.wait(WAIT_S) == 0
            assert process.stdout.read().splitlines()[-1].startswith("Told to stop")
        states = {state for (state,) in rig.query("select state from outbox")}
        assert "done" in states
        assert "sending" not in states
        assert rig.status_slot() == ("due", None)


def test_the_verb_itself_ends_with_0_when_interrupted(rig):
    """As a service or in a terminal: one line, and no traceback."""
    with _process(rig, "-m", "lists_sync", "schedule") as process:
        _line(process, "The scheduler is at work")
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_S) == 0
        assert process.stdout.read().splitlines()[-1].startswith("Told to stop")


def test_a_folder_that_cannot_be_used_is_told_in_a_line(tmp_path):
    """Exit code 1, and no traceback."""
    (tmp_path / "home").touch()
    environ = {**os.environ, "LISTS_SYNC_EMULATOR_URL": "http://127.0.0.1:9", "LISTS_SYNC_HOME": "home"}
    command = [sys.executable, "-m", "lists_sync", "schedule"]
    ended = subprocess.run(command, env=environ, cwd=tmp_path, text=True, capture_output=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("lists-sync: LISTS_SYNC_HOME: The folder of the local state")
    assert len(ended.stderr.splitlines()) == 1


def test_status_answers_in_json_while_a_scheduler_is_at_work(rig):
    """It waits for nobody, and what it prints is one document."""
    with _process(rig) as process:
        _line(process, "The scheduler is at work")
        _until(lambda: rig.query("select id from run where result = 'Completed'"))
        environ = {**os.environ, **rig.environ}
        command = [sys.executable, "-m", "lists_sync", "status", "--json"]
        told = json.loads(subprocess.run(command, env=environ, capture_output=True, check=True).stdout)
    assert told["scheduler_at_work"] is True
    assert {one["job"] for one in told["jobs"]} == {"deadline-status", "escalation-watch"}
