"""Plays a part of the hand-worked day against a fault, and tells what became of it.

Waiting is counted and not done. A run that failed is started again as a scheduler would: the same slot, a few
minutes later, once the fault is over or whoever has to act has acted.
"""

import json
import random
import re
import sqlite3
import time
from collections import Counter
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from unittest.mock import patch

import requests
import standing
from house import House
from the_day import BOOK, EVE, ZONE, People, content

from lists_sync.clock import iso, parse
from lists_sync.connect import connection, pace, session
from lists_sync.context import open_context
from lists_sync.emulator.server import running
from lists_sync.emulator.state import State
from lists_sync.errors import ListsSyncError, PartialDataError
from lists_sync.mirror import database
from lists_sync.runner import run_job, slots_of_day
from lists_sync.shipped import shipped
from lists_sync.stop import Stop

PART = (
    ("deadline-status", "08:15"),
    ("closure-gate-register", "09:30"),
    ("burst-sample", "11:00"),
    ("escalation-watch", "11:00"),
    ("closure-decisions", "11:15"),
    ("escalation-watch", "11:15"),
)
"""The slots that are played: they read eleven lists, make rows, change lines and files, and post."""
FEW = (*PART[:2], ("escalation-watch", "09:30"))
LATER = timedelta(minutes=2)
"""How long after its slot a run that failed is started again."""
TRIES_COUNT = 6
SHORT_S = (2, 0.6)
"""What stands in for the product's timeouts where answers are slow on purpose."""

_NOTED_LATER = r"escalations .* DeliveredAt"
"""When a post was noted may differ by a watch or two; the posts themselves are compared."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z")
_MINUTE = re.compile(r"As at \d\d:\d\d")

WENT_ON = "went on"
WAITED = "waited and went on"
LEFT_OPEN = "went on, and left an item to the next run"
FAILED = "failed, said so in one line, the next run made up for it"
REFUSED = "refused to judge, the next run made up for it"
UNTOLD = "failed in a way nobody foresaw"
BEYOND = "did not recover"


class Waits(Stop):
    """Counts what a run would have waited, and moves its clock by as much."""

    def __init__(self):
        super().__init__()
        self.waited_s = 0.0

    def sleep(self, wait_s):
        self.check()
        self.waited_s += wait_s

    def ticks(self):
        return time.monotonic() + self.waited_s


@contextmanager
def patient(*, short=False):
    """Give waits that are counted, for every connection opened inside the block; jitter is drawn alike."""
    waits = Waits()
    paced = partial(pace.Pace, ticks=waits.ticks)
    lined = partial(session.Line, chance=random.Random(7).random)
    quick = [one.replace("synchronous=FULL", "synchronous=OFF") for one in database._PRAGMAS]
    with ExitStack() as stack:
        stack.enter_context(patch.object(database, "_PRAGMAS", quick))  # no power is cut here
        stack.enter_context(patch.object(connection, "Pace", paced))
        stack.enter_context(patch.object(connection, "Line", lined))
        if short:
            stack.enter_context(patch.object(session, "TIMEOUTS_S", SHORT_S))
        yield waits


@dataclass
class Stood:
    """What a play left behind, and what it cost."""

    lists: dict
    posts: Counter
    requests_count: int
    units: int
    together: dict


@dataclass
class Played:
    """What became of a play.

    Args:
        told: the line that each failed run ended with.
        unforeseen: what was raised that is no error of the product's own.
        open_count: runs that left something to the next.
        stuck: slots that no run got through.
        left_alone: of a damaged state: whether the bot left its file as it was.
    """

    told: list = field(default_factory=list)
    kinds: list = field(default_factory=list)
    unforeseen: list = field(default_factory=list)
    open_count: int = 0
    stuck: list = field(default_factory=list)
    waited_s: float = 0.0
    took_s: float = 0.0
    stood: Stood | None = None
    difference: standing.Difference | None = None
    lost_posts: list = field(default_factory=list)
    posts_twice: list = field(default_factory=list)
    extra_requests: int = 0
    left_alone: bool | None = None

    @property
    def outcome(self):
        """Say in words what became of it."""
        if self.unforeseen or self.stuck:
            return UNTOLD if self.unforeseen else BEYOND
        if self.told:
            return REFUSED if PartialDataError in self.kinds else FAILED
        if self.open_count:
            return LEFT_OPEN
        return WAITED if self.waited_s else WENT_ON


class Fault:
    """What is laid on a play.

    Args:
        rehearse: faults and switches, as the workspace's faults file takes them.
        act: what is no answer of a service (`acts.py`), None for nothing.
        since: the local time of the first slot that meets it.
        lasting: it stands until the end; otherwise until a run has failed or the play is over.
    """

    def __init__(self, rehearse=None, act=None, *, since="00:00", short=False, lasting=False):
        self.rehearse = rehearse or {}
        self.act = act
        self.since = since
        self.short = short
        self.lasting = lasting
        self.begun = self.stands = False

    def begin(self, play):
        self.begun = self.stands = True
        if self.rehearse:
            play.house.control("faults", self.rehearse)
        if self.act:
            self.act.begin(play)

    def end(self, play):
        if not self.stands:
            return
        self.stands = False
        if self.rehearse:
            requests.delete(f"{play.house.url}/_workspace/faults", timeout=30).raise_for_status()
            play.house.state.switch(**play.switches)
        if self.act:
            self.act.end(play)


class Play:
    """One play of some slots of the day on a workspace of its own."""

    def __init__(self, house, slots, fault):
        self.house = house
        self.switches = dict(house.state.switches)
        self.slots = slots
        self.fault = fault
        self.home = house.definitions.settings.home
        self.found = Played()
        self.open = None

    def through(self, waits):
        """Play every slot in order; what failed is started again before the next."""
        people = People(self.house)
        self.house.forget_journal()
        began = time.perf_counter()
        with ExitStack() as stack:
            self.stack = stack
            for job, slot in self.slots:
                people.until(slot)
                local = f"{slot.astimezone(ZONE):%H:%M}"
                if not self.fault.begun and local >= self.fault.since:
                    self.fault.begin(self)
                self._slot(job, slot, waits)
            self.close()
        self.fault.end(self)
        self.found.took_s = time.perf_counter() - began
        self.found.waited_s = waits.waited_s
        return self.found

    def _slot(self, job, slot, waits):
        for number in range(TRIES_COUNT):
            moment = slot + LATER * number
            if number:
                self.house.control("clock", {"now": iso(moment), "frozen": True})
            if number and (not self.fault.lasting or number == TRIES_COUNT - 1):
                self.fault.end(self)
            if self._run(job, slot, moment, waits):
                return
            self.close()
        self.found.stuck.append(f"{job} {iso(slot)}")

    def _run(self, job, slot, moment, waits):
        """Do one run; tells whether there is nothing left to do in its slot."""
        try:
            report = run_job(self._context(waits), self._job(job), slot=slot, moment=moment)
        except ListsSyncError as fault:
            self.found.told.append(str(fault))
            self.found.kinds.append(type(fault))
            return False
        except Exception as fault:  # noqa: BLE001  # told in the report, and fails its test
            self.found.unforeseen.append(f"{job}: {type(fault).__name__}: {fault}")
            return False
        left = bool(report.refused or report.conflicts)
        self.found.open_count += left
        return not left

    def _job(self, job):
        return self.house.definitions.job(job)

    def _context(self, waits):
        if self.open is None:
            self.open = self.stack.enter_context(ExitStack())
            self.context = self.open.enter_context(open_context(self.house.definitions, stop=waits))
        return self.context

    def close(self):
        """Close the bot's state and connections, as the end of its process does."""
        if self.open is not None:
            self.open.close()
            self.open = None


def part_of(definitions, names=PART):
    """Give the slots of the day that these names and local times tell."""
    found = {
        (job.name, f"{slot.astimezone(ZONE):%H:%M}"): (job.name, slot)
        for slot, job in slots_of_day(definitions, BOOK["date"])
    }
    return [found[name] for name in names]


def few_slots(definitions):
    """Give those of the part that a fault from the first slot on can be told by."""
    return part_of(definitions, FEW)


def whole_day(definitions):
    """Give every slot of the day."""
    return [(job.name, slot) for slot, job in slots_of_day(definitions, BOOK["date"])]


class Stage:
    """A workspace that is served once and set back to the eve of the day before each play."""

    def __init__(self, url, state):
        self.url = url
        self.state = state
        self._load()

    def _load(self):
        house = House(self.url, self.state, "unused")
        house.control("clock", {"now": EVE, "frozen": True})
        house.control("load", content())
        self.state.switch(batch_shuffled=False)
        self._eve = sqlite3.connect(":memory:", check_same_thread=False)
        self.state.store._db.backup(self._eve)

    def set_back(self, home):
        """Give the house as it stood on the eve, with a bot whose state is in another folder."""
        state = self.state
        with state.lock:
            self._eve.backup(state.store._db)
            state._empty()
            state._read_back()
            for part in (state.journal, state.faults, state.meter, state.uploads):
                part.clear()
        house = House(self.url, state, home)
        house.control("clock", {"now": EVE, "frozen": True})
        return house

    def close(self):
        self._eve.close()


@contextmanager
def a_stage():
    """Serve a workspace to play on while the block runs."""
    state = State(schema_dir=shipped("list_schemas"))
    with running(state) as url, closing(Stage(url, state)) as stage:
        yield stage
    state.close()


def play(stage, home, fault=None, *, slots=part_of, undisturbed=None):
    """Play slots of the day against a fault.

    Args:
        home: a folder for the bot's state, that is not there yet.
        slots: gives them, from the definitions.
        undisturbed: what stood after the same slots without a fault; None for that play itself.
    """
    fault = fault or Fault()
    house = stage.set_back(home)
    with patient(short=fault.short) as waits:
        found = Play(house, slots(house.definitions), fault).through(waits)
    found.stood = stood(house)
    if undisturbed is not None:
        judge(found, undisturbed)
    return found


def stood(house: House):
    """Give what stands in the lists and channels of a workspace, and what was asked of it."""
    journal = house.state.journal
    asked, units = len(journal.requests), journal.units
    lists = standing.standing(house.url, house.definitions.schemas)
    return Stood(
        _plain(lists, house.url), posted(house), asked, units, _together(house.definitions.settings.home)
    )


def _plain(value, url):
    """Leave out of every text where the workspace was served, when it was written, and people's domain.

    A person whom the site did not know yet is told by the whole address.
    """
    if isinstance(value, dict):
        return {name: _plain(one, url) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one, url) for one in value]
    if not isinstance(value, str):
        return value
    return _MINUTE.sub("As at …", value.replace(url, "").replace("@rosewood.example", ""))


def posted(house):
    """Count the posts by channel and by the reference that their card names."""
    return Counter((post["channel"], _reference(post["body"])) for post in house.posts())


def _reference(body):
    found = re.search(r"Escalation reference: (?:post )?([^'\"]+)", str(body["attachments"][0]["content"]))
    return found[1] if found else "?"


def _together(home):
    """Give by reference the escalations that one post told of, as the bot's own state knows them."""
    found = {}
    for path in home.parent.glob("*/state.db"):
        raw = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        with closing(raw), suppress(sqlite3.Error):
            for (body,) in raw.execute("SELECT body FROM outbox WHERE list LIKE 'teams:%'"):
                told = json.loads(body)
                found[told["reference"]] = tuple(told["keys"])
    return found


def _told_of(posts, together):
    """Count by channel and escalation how often a post told of it."""
    found = Counter()
    for (channel, reference), count in posts.items():
        for key in together.get(reference, (reference,)):
            found[f"{channel} {key}"] += count
    return found


def judge(found, undisturbed):
    """Note how a play differs from the undisturbed one."""
    lists = _timely(found.stood.lists, undisturbed.lists)
    found.difference = standing.compare(undisturbed.lists, lists)
    found.difference.otherwise = [
        one for one in found.difference.otherwise if not re.fullmatch(_NOTED_LATER, one)
    ]
    together = {**undisturbed.together, **found.stood.together}
    due, told = _told_of(undisturbed.posts, together), _told_of(found.stood.posts, together)
    found.lost_posts, found.posts_twice = sorted((due - told).elements()), sorted((told - due).elements())
    found.extra_requests = found.stood.requests_count - undisturbed.requests_count


def _timely(lists, undisturbed):
    """Take an instant that is later by no more than a run was started later for the instant it stands for."""
    return {
        key: {
            name: [_row_in_time(row, undisturbed[key].get(name, [{}])[0]) for row in doubles]
            for name, doubles in rows.items()
        }
        for key, rows in lists.items()
    }


def _row_in_time(row, due):
    return {name: due[name] if _is_later(value, due.get(name)) else value for name, value in row.items()}


def _is_later(value, due):
    """Whether two texts differ only in instants, and those by no more than a run may be late."""
    if not (isinstance(value, str) and isinstance(due, str)) or value == due:
        return False
    ours, theirs = _INSTANT.findall(value), _INSTANT.findall(due)
    if _INSTANT.sub("", value) != _INSTANT.sub("", due) or len(ours) != len(theirs):
        return False
    late = [parse(one) - parse(other) for one, other in zip(ours, theirs, strict=True)]
    return all(timedelta() <= one <= LATER * TRIES_COUNT for one in late)
