"""Workspace and bot as two processes: runs that are killed at a point, and starts that are brought back."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import requests
import standing
from crash.contents import digest_of

from lists_sync.clock import iso
from lists_sync.context import load_definitions

TESTS = Path(__file__).parent.parent
_BY_THE_CLOCK = frozenset({"applied_at", "at", "finished_at", "pulled_at", "started_at"})
_OWN_DOINGS = {"control_runs": {"Writes", "Escalations", "ChainHash"}}
"""A run that goes on where another died did less itself, and so its place in the chain is another."""
_REFERENCE = "Escalation reference: "
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Ended:
    """How the process of a run ended, and the points it passed."""

    killed: bool
    ended: bool
    points: tuple


class Bench:
    """The two processes, and the folder with the bot's local state."""

    def __init__(self, folder, workspace, bot, url):
        self.url = url
        self.home = folder / "home"
        self._folder = folder
        self._workspace, self._bot = workspace, bot
        self._line = requests.Session()
        self.definitions = load_definitions({"LISTS_SYNC_EMULATOR_URL": url}, None)

    def keep(self, name):
        """Keep both sides as they stand."""
        _ask(self._workspace, f"keep {name}")
        _copy(self.home, self._folder / "kept" / name)

    def restore(self, name):
        """Bring both sides back to how they were kept."""
        _ask(self._workspace, f"restore {name}")
        _copy(self._folder / "kept" / name, self.home)

    def warm_up(self, job, slot):
        """Run a job once in the bot's own process, so that the later runs find everything loaded."""
        asked = {"job": job, "slot": iso(slot), "warm": True}
        assert json.loads(_ask(self._bot, json.dumps(asked)))["ended"]

    def run(self, job, slot, *, kill_at=None, broken=""):
        """Run a job in a process of its own, killed at a point if one is given: its number, or its name."""
        log = self._folder / "points.log"
        asked = {"job": job, "slot": iso(slot), "kill_at": kill_at, "broken": broken, "log": str(log)}
        told = json.loads(_ask(self._bot, json.dumps({**asked, "warm": False})))
        return Ended(told["killed"], told["ended"], tuple(log.read_text().splitlines()))

    def control(self, verb, body):
        answer = self._line.post(f"{self.url}/_workspace/{verb}", json=body, timeout=30)
        assert answer.ok, answer.text

    def clock(self, slot):
        self.control("clock", {"now": iso(slot), "frozen": True})

    def rows(self, title):
        (key,) = [key for key, schema in self.definitions.schemas.items() if schema.title == title]
        items = self._read(f"items/{key}")["items"]
        return [SimpleNamespace(id=row.pop("id"), fields=row) for row in items]

    def calls_count(self):
        """Count the requests since both sides were last brought back."""
        return len(self._read("journal")["requests"])

    def digest(self):
        """Give a hash of all that both sides hold, but for the times of the machine's own clock."""
        scratch = self._folder / "scratch"
        _copy(self.home, scratch)  # opening a database that was cut off would mend it
        return _ask(self._workspace, "digest all"), digest_of(scratch / "state.db", _BY_THE_CLOCK)

    def standing(self):
        return standing.standing(self.url, self.definitions.schemas, _OWN_DOINGS)

    def told(self):
        """Count by channel and escalation key the posts that tell of it."""
        posts = self._read("posts")["posts"]
        return Counter((post["channel"], key) for post in posts for key in keys_told(post["body"]))

    def told_last(self):
        """Give channel and escalation keys of the newest post."""
        post = self._read("posts")["posts"][-1]
        return Counter((post["channel"], key) for key in keys_told(post["body"]))

    def _read(self, what):
        return self._line.get(f"{self.url}/_workspace/{what}", timeout=30).json()


def keys_told(body):
    """Give the keys of the escalations that a post tells of, as its card names them."""
    card = body["attachments"][0]["content"]
    texts, urls = [], []
    _collect(card["body"], texts, urls)
    reference = next(text.removeprefix(_REFERENCE) for text in texts if text.startswith(_REFERENCE))
    if not reference.startswith("post "):
        return [reference]
    asked = [parse_qs(urlsplit(url).query) for url in urls]
    return [one["FilterValue1"][0] for one in asked if one.get("FilterField1") == ["EscalationKey"]]


def _collect(part, texts, urls):
    if isinstance(part, list):
        for one in part:
            _collect(one, texts, urls)
    elif isinstance(part, dict):
        texts += [part["text"]] if "text" in part else []
        urls += [part["url"]] if "url" in part else []
        _collect([one for one in part.values() if isinstance(one, dict | list)], texts, urls)


def _ask(process, line):
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    answer = process.stdout.readline().strip()
    assert answer, "the process has ended"
    return answer


def _copy(here, there):
    shutil.rmtree(there, ignore_errors=True)
    if here.is_dir():
        shutil.copytree(here, there)


@contextmanager
def _process(module, *args):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LISTS_SYNC_")}
    environ |= {"PYTHONPATH": str(TESTS), **_ONE_THREAD}
    command = [sys.executable, "-m", f"crash.{module}", *args]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ, cwd=TESTS.parent
    ) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.stdin.close()


@contextmanager
def a_bench(folder):
    """Start both processes over an empty folder; they end with the block."""
    with (
        _process("workspace_process") as (workspace, url),
        _process("bot_process", url, str(folder / "home")) as (bot, ready),
    ):
        assert ready == "ready"
        yield Bench(folder, workspace, bot, url)
