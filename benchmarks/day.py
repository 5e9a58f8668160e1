"""What a governance day costs a provider with many lines and files: every slot of one day, on the wire.

    python benchmarks/day.py [--lines 12000] [--files 60000] [--date 2026-11-23]

The embedded workspace runs as a process of its own; what is timed is the bot with its answers. The first run
of a list reads it whole, so the day is run twice: as it is on a provider's first day, and the day after, when
only what changed is read. Each job's runs are shown beside the cheapest run of the watch, which reads least.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import requests

from lists_sync.clock import iso
from lists_sync.context import load_definitions, open_context
from lists_sync.errors import ListsSyncError
from lists_sync.runner import run_job, slots_of_day

MANAGERS_COUNT = 60
SERVICES = ("Rosewood Court", "Larch House", "Mill Lane Homecare", "Ash Lodge", "Elm View")
THEMES = ("Falls", "Medicines", "Staffing", "Nutrition / hydration")


def content(lines: int, files: int, day: date) -> dict[str, Any]:
    """A provider with that many live lines and files, and a little of everything the controls look for."""
    dice = Random(7)
    managers = [f"manager.{number:02d}@rosewood.example" for number in range(MANAGERS_COUNT)]
    refs = [f"WN-{number:05d}" for number in range(lines)]
    return {
        "time_zone": "Europe/London",
        "users": [{"email": one, "name": one} for one in managers],
        "lists": {
            "managers": [_manager(place, one) for place, one in enumerate(managers)],
            "actions": [_line(place, ref, managers, day, dice) for place, ref in enumerate(refs)],
            "register": [
                {"ActionRef": ref, "RegisteredDueDate": _due(place, day)} for place, ref in enumerate(refs)
            ],
            "complaints": [_complaint(place, day, dice) for place in range(lines // 6)],
            "retests": [_retest(place, refs, day) for place in range(lines // 30)],
            "deadline_changes": [_change(place, refs, day) for place in range(lines // 4)],
        },
        "files": {"evidence": [_file(place, refs, day, dice) for place in range(files)]},
    }


def _manager(place: int, email: str) -> dict[str, Any]:
    hours = 20 + place % 3 * 10
    service = SERVICES[place % len(SERVICES)]
    return {"Manager": email, "Email": email, "Service": service, "Active": True, "WeeklyHours": hours}


def _due(place: int, day: date) -> str:
    ahead = 6 + place % 90 if place % 25 else 1 + place % 5
    return (day + timedelta(days=ahead if place % 120 else -9)).isoformat()


def _line(place: int, ref: str, managers: list[str], day: date, dice: Random) -> dict[str, Any]:
    proposed = place % 60 == 1
    return {
        "Title": "A line of the plan",
        "ActionRef": ref,
        "Service": SERVICES[place % len(SERVICES)],
        "RiskTheme": THEMES[place % len(THEMES)],
        "RiskRating": "High" if place % 5 == 0 else "Medium",
        "BaselineRiskScore": 12,
        "CurrentRiskScore": 6,
        "Owner": managers[place % MANAGERS_COUNT],
        "RaisedOn": (day - timedelta(days=60)).isoformat(),
        "DueDate": _due(place, day),
        "EvidenceDueDate": _due(place, day),
        "EvidenceRequirement": "An audit",
        "ValidationMethod": "Live observation",
        "ClosureRule": "When it holds for a month",
        "QualityStatements": ["Safe and effective staffing"],
        "Status": "Proposed for closure" if proposed else "In progress",
        "EffortHours": dice.choice((0.5, 1, 1.5, 2)),
        "ResolutionClaim": "Fully resolved" if proposed else "Partly resolved",
        "BaselineFailureRate": 40,
        "CurrentFailureRate": 20 + place % 30,
    }


def _complaint(place: int, day: date, dice: Random) -> dict[str, Any]:
    return {
        "ComplaintRef": f"C-{place:05d}",
        "RiskTheme": THEMES[place % len(THEMES)],
        "Service": SERVICES[place % len(SERVICES)],
        "ReceivedOn": (day - timedelta(days=dice.randrange(200))).isoformat(),
        "State": "Open",
    }


def _retest(place: int, refs: list[str], day: date) -> dict[str, Any]:
    return {
        "BurstId": f"B-{day.isoformat()}",
        "ActionRef": refs[place],
        "StaffRef": f"S-{place}",
        "StagesTotal": 12,
        "StagesCorrect": 8 + place % 5,
        "RetestedAt": f"{day - timedelta(days=1 + place % 20)}T14:00:00Z",
    }


def _change(place: int, refs: list[str], day: date) -> dict[str, Any]:
    return {
        "ActionRef": refs[place],
        "NewDueDate": _due(place, day),
        "Decision": "Approved",
        "ApprovedOn": f"{day - timedelta(days=1 + place % 60)}T10:00:00Z",
    }


def _file(place: int, refs: list[str], day: date, dice: Random) -> dict[str, Any]:
    return {
        "name": f"evidence-{place:06d}.txt",
        "unique_id": str(UUID(int=dice.getrandbits(128), version=4)),
        "text": f"{place}",
        "fields": {
            "ActionRef": refs[place % len(refs)],
            "SourceDate": (day - timedelta(days=place % 50)).isoformat(),
        },
    }


class Served:
    """The embedded workspace as a process, for as long as the block lasts."""

    def __enter__(self) -> str:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("LISTS_SYNC_")}
        command = [sys.executable, "-m", "lists_sync", "emulator", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
        assert self.process.stdout
        return self.process.stdout.readline().strip().removeprefix("listening on ")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()


def play(url: str, home: Path, day: date) -> dict[str, list[float]]:
    """Run every slot of a day; gives the seconds of each run by job."""
    definitions = load_definitions({"LISTS_SYNC_EMULATOR_URL": url, "LISTS_SYNC_HOME": str(home)}, None)
    spent: dict[str, list[float]] = defaultdict(list)
    with open_context(definitions) as context:
        for slot, job in slots_of_day(definitions, day):
            requests.post(f"{url}/_workspace/clock", json={"now": iso(slot)}, timeout=60)
            began = time.perf_counter()
            try:
                run_job(context, job, slot=slot, moment=slot)
            except ListsSyncError as fault:
                print(f"{job.name} at {iso(slot)}: {fault}")
            spent[job.name].append(time.perf_counter() - began)
    return spent


def show(title: str, spent: dict[str, list[float]], url: str) -> None:
    cheapest = min(spent["escalation-watch"])
    print(f"\n{title}")
    print(f"{'job':<28}{'runs':>5}{'first s':>9}{'median s':>10}{'times the watch':>17}")
    for name, seconds in sorted(spent.items(), key=lambda one: -sum(one[1])):
        median = sorted(seconds)[len(seconds) // 2]
        print(f"{name:<28}{len(seconds):>5}{seconds[0]:>9.2f}{median:>10.2f}{median / cheapest:>17.1f}")
    total = sum(sum(one) for one in spent.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    units = requests.get(f"{url}/_workspace/units", timeout=600).json()["units"]
    runs = sum(map(len, spent.values()))
    print(f"all {runs} runs: {total:.1f} s; peak {peak:.0f} MB; {units} units so far")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=12_000)
    parser.add_argument("--files", type=int, default=60_000)
    parser.add_argument("--date", default="2026-11-23")
    given = parser.parse_args()
    day = date.fromisoformat(given.date)
    with Served() as url, tempfile.TemporaryDirectory() as folder:
        eve = datetime.combine(day - timedelta(days=1), datetime.min.time())
        requests.post(f"{url}/_workspace/clock", json={"now": f"{eve:%Y-%m-%dT18:00:00Z}"}, timeout=60)
        body = json.dumps(content(given.lines, given.files, day))
        answer = requests.post(f"{url}/_workspace/load", data=body, timeout=1800)
        assert answer.ok, answer.text[:500]
        home = Path(folder)
        show(f"{day}, the first day", play(url, home, day), url)
        show(f"{day + timedelta(days=1)}, the day after", play(url, home, day + timedelta(days=1)), url)


if __name__ == "__main__":
    main()
