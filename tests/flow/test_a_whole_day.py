"""`lists-sync day` as a process: every slot of a local day, in order."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date

import pytest
from house import a_house

from lists_sync.runner import slots_of_day
from lists_sync.shipped import shipped

DATE = "2026-11-24"
CONTENT = {
    "time_zone": "Europe/London",
    "users": [{"email": "joy.mensah@rosewood.example", "name": "Joy Mensah"}],
    "lists": {
        "managers": [
            {
                "Manager": "joy.mensah@rosewood.example",
                "Email": "joy.mensah@rosewood.example",
                "Active": True,
                "WeeklyHours": 20,
            }
        ],
        "actions": [
            {
                "Title": "A line",
                "ActionRef": "WN-014/01",
                "Status": "In progress",
                "RiskRating": "High",
                "Owner": "joy.mensah@rosewood.example",
                "DueDate": "2026-11-20",
            }
        ],
    },
}

pytestmark = pytest.mark.flow


@pytest.fixture
def house(tmp_path):
    with a_house(tmp_path / "home", CONTENT, clock=f"{DATE}T07:00:00Z") as made:
        yield made


def _day(house, *args, **more):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LISTS_SYNC_")}
    environ |= {"LISTS_SYNC_EMULATOR_URL": house.url, "LISTS_SYNC_HOME": str(house.definitions.settings.home)}
    command = [sys.executable, "-m", "lists_sync", "day", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ | more)


def test_every_slot_runs_in_order_and_the_day_again_writes_nothing(house):
    """One JSON document holds each slot's run, in order; played again, no slot writes or raises anything."""
    first = _day(house, DATE, "--json")
    told = json.loads(first.stdout)
    expected = [
        (job.name, f"{slot:%Y-%m-%dT%H:%M:%SZ}")
        for slot, job in slots_of_day(house.definitions, date.fromisoformat(DATE))
    ]
    assert first.returncode == 0, first.stderr
    assert (told["date"], told["failed"]) == (DATE, [])
    assert [(run["job"], run["slot"]) for run in told["runs"]] == expected
    assert len({run["job"] for run in told["runs"]}) == 11  # no review day, and so without the closure gate

    again = json.loads(_day(house, DATE, "--json").stdout)
    assert {run["writes"] for run in again["runs"]} == {0}


def test_a_day_off_has_no_slots(house):
    """A Sunday is played in a moment, and the end says why nothing ran."""
    done = _day(house, "2026-11-22")
    assert done.returncode == 0
    assert "No job has a slot on that day." in done.stdout


def test_what_is_no_day_is_one_plain_line(house):
    """A mistake is told with the way on, and the exit code is that of a usage error."""
    done = _day(house, "tomorrow")
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["lists-sync: This is no day: 'tomorrow'. Write it as 2026-11-23."]


def test_a_run_that_fails_is_told_and_the_others_go_on(house, tmp_path):
    """One job whose limit is too small fails; the rest of the day runs, and the exit code is 1."""
    config = tmp_path / "provider.yaml"
    config.write_bytes((shipped("templates") / "provider.yaml").read_bytes())
    shutil.copytree(shipped("jobs"), tmp_path / "jobs")
    job = tmp_path / "jobs" / "deadline-status.yaml"
    job.write_text(job.read_text("utf-8").replace("changed_items: 20000", "changed_items: 0"), "utf-8")

    done = _day(house, DATE, LISTS_SYNC_CONFIG=str(config))

    assert done.returncode == 1
    assert "deadline-status has 1 items to change, and its limits name no changed_items" in done.stderr
    assert "1 runs failed" in done.stdout
