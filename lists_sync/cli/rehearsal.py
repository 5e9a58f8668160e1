"""The embedded workspace as a process of its own, the sample provider in it, and simulated days."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import requests

from lists_sync.clock import iso
from lists_sync.context import load_definitions, open_context
from lists_sync.errors import SettingsError, UnavailableError
from lists_sync.runner import run_day

if TYPE_CHECKING:
    from lists_sync.context import Context
    from lists_sync.definitions.jobs import Job
    from lists_sync.runner import Report
    from lists_sync.sample.scene import Act

START_S = 30
EVENING = time(18)
"""When the sample's lists were last touched, on the day before the one that is rehearsed."""
_LISTENING = "listening on "
_TERMINATED = 143


@dataclass(frozen=True)
class Deed:
    """What somebody of the sample did: when, who, and what in a short sentence."""

    at: datetime
    who: str
    what: str


class Rehearsal:
    """A sample provider's workspace on loopback, for as long as the block lasts.

    Args:
        day: a working day, the first; every date of the sample is made around it.
        home: where the local state goes; an earlier rehearsal's is removed first.

    `deeds` gathers what the sample's people did, in order.
    """

    def __init__(self, day: date, *, seed: int, port: int, home: Path) -> None:
        self.day = day
        self.seed = seed
        self.port = port
        self.home = home
        self.url = ""
        self.summary = ""
        self.deeds: list[Deed] = []
        self._seen: dict[str, list[dict[str, Any]]] = {}
        self._session = requests.Session()

    def __enter__(self) -> Self:
        """Make the sample, start the workspace, wait until it listens, and load it."""
        shutil.rmtree(self.home, ignore_errors=True)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("LISTS_SYNC_")}
        command = [sys.executable, "-m", "lists_sync", "emulator", "--port", str(self.port)]
        self._process = subprocess.Popen(  # noqa: S603  # our own program, with our own arguments
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
        )
        self.url = self._first_line()
        self.definitions = load_definitions(
            {"LISTS_SYNC_EMULATOR_URL": self.url, "LISTS_SYNC_HOME": str(self.home)}, None
        )
        try:
            self._load()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        # A plain kill must not leave the workspace behind: leaving by an exception ends it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the workspace and remove the sample's files."""
        self._session.close()
        self._process.terminate()
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def open(self) -> AbstractContextManager[Context]:
        """Open the connection to the workspace."""
        return open_context(self.definitions)

    def provision(self, context: Context) -> str:
        """Make what is missing in the workspace, as on a provider's own site; tells what in a line."""
        from lists_sync.provision.apply import apply

        applied = apply(context.workspace)
        return f"{len(applied.done)} things that were missing; nothing of people's was touched."

    def play(self, context: Context, days: int) -> Iterator[tuple[date, Job, Report]]:
        """Run every job at each of its slots of so many working days, in order.

        Between the slots the sample's people do what their script says, each at the time of the act.
        """
        from lists_sync.sample.script import Script

        script = Script(self.seed, self.day)
        day = self.day
        for number in range(days):
            day = self.definitions.provider.calendar.next_working_day(day) if number else day
            acts = script.acts(day)
            for job, report in run_day(context, day, before=self._before(acts)):
                yield day, job, report
            self._seen.clear()
            self._act(acts)

    def _before(self, acts: list[Act]) -> Callable[[datetime], None]:
        """Give what is to be done before a slot: the acts that come first are played, and taken off."""

        def before(slot: datetime) -> None:
            due = [act for act in acts if act.at <= slot]
            del acts[: len(due)]
            self._act(due)
            self._control("clock", {"now": iso(slot)})
            self._seen.clear()

        return before

    def _act(self, acts: list[Act]) -> None:
        for act in acts:
            edits = act.edit(self._rows)
            if edits:
                self._control("clock", {"now": iso(act.at)})
                self._control("load", edits)
                for key in (*edits.get("lists", ()), *edits.get("files", ())):
                    self._seen.pop(key, None)
                self.deeds.append(Deed(act.at, act.who, act.what))

    def _rows(self, key: str) -> list[dict[str, Any]]:
        """Give a list of the workspace as it stands; between two slots only an act can change it."""
        if key in self._seen:
            return self._seen[key]
        answer = self._session.get(f"{self.url}/_workspace/items/{key}", timeout=30)
        if not answer.ok:
            raise UnavailableError(f"The embedded workspace refused the items of {key}: {answer.text[:200]}")
        self._seen[key] = answer.json()["items"]
        return self._seen[key]

    def spent(self) -> tuple[int, int]:
        """Give how many requests the workspace answered, and the resource units they cost."""
        journal = requests.get(f"{self.url}/_workspace/journal", timeout=30).json()
        units = requests.get(f"{self.url}/_workspace/units", timeout=30).json()
        return len(journal["requests"]), int(units["units"])

    def wait(self) -> None:
        """Wait until somebody presses Ctrl-C."""
        try:
            self._process.wait()
        except KeyboardInterrupt:
            sys.stdout.write("\nStopped; the rehearsal's lists are gone.\n")

    def _control(self, verb: str, body: dict[str, Any]) -> None:
        answer = self._session.post(f"{self.url}/_workspace/{verb}", json=body, timeout=60)
        if not answer.ok:
            raise UnavailableError(f"The embedded workspace refused {verb}: {answer.text[:200]}")

    def _load(self) -> None:
        from lists_sync.sample.provider import make

        if not self.definitions.provider.calendar.is_working_day(self.day):
            raise SettingsError(f"{self.day} is not a working day.", hint="Name one with --date.")
        sample = make(self.seed, self.day)
        # Loaded by the workspace's own clock, or every item would carry a date of another time than the day.
        evening = datetime.combine(self.day - timedelta(days=1), EVENING, UTC)
        self._control("clock", {"now": iso(evening)})
        self._control("load", sample)
        lines, files = len(sample["lists"]["actions"]), len(sample["files"]["evidence"])
        self.summary = f"{lines} action lines, {files} evidence files, {len(sample['users'])} people."

    def _first_line(self) -> str:
        line = self._process.stdout.readline().strip() if self._process.stdout else ""
        if not line.startswith(_LISTENING):
            _, errors = self._process.communicate(timeout=START_S)
            last = (errors.strip().splitlines() or ["no word"])[-1][:300]
            raise UnavailableError(
                f"The embedded workspace did not start: {last}",
                hint="If a port was named, is it taken? 0 takes a free one.",
            )
        return line.removeprefix(_LISTENING)
