"""The command line as a process: what scripts rely on, and what people read when something is wrong."""

import json
import os
import subprocess
import sys
from datetime import date

import pytest
import requests

from lists_sync.emulator.server import running
from lists_sync.emulator.state import State
from lists_sync.sample.provider import make
from lists_sync.shipped import shipped

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def url():
    state = State(schema_dir=shipped("list_schemas"))
    with running(state) as url:
        clock = {"now": "2026-11-23T08:15:00Z", "frozen": True}
        requests.post(f"{url}/_workspace/clock", json=clock, timeout=30).raise_for_status()
        answer = requests.post(f"{url}/_workspace/load", json=make(2026, date(2026, 11, 23)), timeout=30)
        answer.raise_for_status()
        yield url


def call(tmp_path, *args, url="", **environ):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LISTS_SYNC_")}
    if url:
        kept["LISTS_SYNC_EMULATOR_URL"] = url
    command = [sys.executable, "-m", "lists_sync", *args]
    return subprocess.run(
        command,
        cwd=tmp_path,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


AT = ("--at", "2026-11-23T08:15:00Z")


def test_run_json_is_one_document_with_the_promised_members(tmp_path, url):
    """`run JOB --json` prints one JSON document whose members scripts rely on, and nothing else."""
    done = call(tmp_path, "run", "deadline-status", *AT, "--json", url=url)

    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert done.stderr == ""
    assert report["slot"] == report["moment"] == "2026-11-23T08:15:00Z"
    assert set(report["measures"]) == {
        "LiveLines",
        "DueWithin48h",
        "Overdue",
        "OverdueHighRisk",
        "EvidenceOverdue",
    }
    assert report["writes"] == len(report["items"]) + len(report["escalations"])
    promised = {"run", "job", "first_run", "rows", "conflicts", "data_faults", "missed"}
    assert promised <= set(report)
    assert all(set(item) == {"list", "id", "ref", "changes"} for item in report["items"])


def test_a_dry_run_prints_old_and_new(tmp_path, url):
    """`run JOB --dry-run` shows each write as old -> new and makes none."""
    done = call(tmp_path, "run", "slippage-review", "--at", "2026-11-23T17:00", "--dry-run", url=url)

    assert done.returncode == 0
    assert "SlippageBand: (blank) -> Missed 24 h or more" in done.stdout
    assert "Would write" in done.stdout


def test_a_local_time_is_read_as_uk_time(tmp_path, url):
    """`--at` without a zone is UK time: in July that is an hour ahead of UTC."""
    done = call(
        tmp_path, "run", "deadline-integrity", "--at", "2026-07-01T09:45", "--dry-run", "--json", url=url
    )

    assert json.loads(done.stdout)["slot"] == "2026-07-01T08:45:00Z"


# What was typed, and the words that tell what is wrong and what to do.
MISTAKES = {
    "no such job": (("run", "deadline-statis"), "The jobs are: burst-closure, "),
    "no such verb": (("rnu",), "No such command"),
    "no such time": (("run", "deadline-status", "--at", "noon"), "--at is not a time"),
    "no tenant": (("run", "deadline-status"), "LISTS_SYNC_TENANT_ID"),
    "no working day": (("demo", "--date", "2026-12-25"), "is not a working day"),
    "no such file": (("assess", "nowhere.xlsx"), "There is no such file"),
}


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_one_plain_line(tmp_path, mistake):
    """A usage or configuration error is one line on standard error and exit code 2, without traceback."""
    args, words = MISTAKES[mistake]

    done = call(tmp_path, *args)

    assert done.returncode == 2
    assert done.stdout == ""
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_every_fault_of_a_provider_s_file_is_told_at_once(tmp_path, url):
    """A provider.yaml with a wrong and a double key names both with their lines, and nothing is written."""
    shipped_file = shipped("templates") / "provider.yaml"
    text = shipped_file.read_text("utf-8").replace("time_zone:", "timezone:")
    (tmp_path / "provider.yaml").write_text(text, "utf-8")

    done = call(tmp_path, "run", "deadline-status", *AT, url=url, LISTS_SYNC_CONFIG="provider.yaml")

    assert done.returncode == 2
    assert "provider.yaml:" in done.stderr
    assert "timezone" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_edited_threshold_changes_the_verdict(tmp_path, url):
    """With a limit of 50 defects instead of 5, control 1.2 escalates nothing."""
    provider = (shipped("templates") / "provider.yaml").read_text("utf-8")
    lines = [line for line in provider.splitlines() if not line.startswith("thresholds:")]
    lines += ["thresholds:", "  deadline-integrity:", "    escalate.defects.above: 50", ""]
    (tmp_path / "provider.yaml").write_text("\n".join(lines), "utf-8")
    args = ("run", "deadline-integrity", "--at", "2026-11-23T09:45", "--dry-run", "--json")

    usual = json.loads(call(tmp_path, *args, url=url).stdout)
    edited = json.loads(call(tmp_path, *args, url=url, LISTS_SYNC_CONFIG="provider.yaml").stdout)

    assert len(usual["escalations"]) == 1
    assert edited["escalations"] == []
    assert edited["measures"] == usual["measures"]


def test_the_demo_tells_the_day_as_json(tmp_path):
    """`demo --json` plays every job of a Monday and prints one document with their runs and the story."""
    done = call(tmp_path, "demo", "--json")

    day = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert set(day) == {"date", "runs", "story", "deeds", "board_pack", "workspace_url"}
    tuesdays = {"deadline-challenge"}
    along = {"early-warnings"}
    jobs = {path.stem for path in shipped("jobs").glob("*.yaml")}
    assert {run["job"] for run in day["runs"]} == jobs - tuesdays - along
    assert {run["slot"][:10] for run in day["runs"]} == {day["date"]} == {"2026-11-23"}
    assert any(one["crossed_at"] for one in day["story"])
    assert day["workspace_url"].startswith("http://127.0.0.1:")


def test_the_demo_can_begin_on_any_working_day(tmp_path):
    """On a Tuesday after bank holidays the day is told too, with a story that fits 80 columns."""
    done = call(tmp_path, "demo", "--date", "2026-12-29")

    assert done.returncode == 0, done.stderr
    head, story = done.stdout.split("\nThe story: ")
    assert "=== Tuesday 29 December 2026 ===" in head
    assert "3.1 Closure-gate register: as at 09:30" in head  # Monday's review day has moved here
    assert "  08:" in head.split("What people did")[1]
    assert "Crossed and not cleared: " in story
    assert max(map(len, story.splitlines())) <= 80
