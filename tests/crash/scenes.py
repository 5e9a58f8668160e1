"""The runs of the hand-worked day that are cut off, and how the lists come to stand before each."""

from dataclasses import dataclass
from datetime import datetime

from the_day import BOOK, EVE, ZONE, People, content

from lists_sync.runner import slots_of_day

WATCH = "escalation-watch"


@dataclass(frozen=True)
class Scene:
    """One run that is cut off: a job at a local time of the day, after what came before.

    Args:
        after: the only run of the day that came before, where others were missed; "" after all of them.
    """

    job: str
    at: str
    after: str = ""

    @property
    def name(self):
        return f"{self.job} {self.at}" + (" with missed windows" if self.after else "")

    @property
    def slot(self):
        return slot_at(self.at)


def slot_at(at):
    """Give a local time of the day as an instant."""
    return datetime.fromisoformat(f"{BOOK['date']} {at}").replace(tzinfo=ZONE)


SCENES = (
    Scene("deadline-status", "08:15"),
    Scene(WATCH, "10:15", after="deadline-status 08:15"),
    Scene("closure-gate-register", "09:30"),
    Scene("deadline-integrity", "09:45"),
    Scene("closure-comparison", "09:50"),
    Scene("closure-experience", "10:00"),
    Scene("burst-sample", "11:00"),
    Scene(WATCH, "11:00"),
    Scene("closure-decisions", "11:15"),
    Scene("evidence-validity", "11:30"),
    Scene("competence-retest", "12:00"),
    Scene("workload-rebalance", "12:15"),
    Scene("workload-rebalance", "12:55"),
    Scene("evidence-validity", "13:30"),
    Scene("deadline-challenge", "14:30"),
    Scene("live-proof-comparison", "15:30"),
    Scene("slippage-review", "17:00"),
    Scene("executive-closure-control", "17:05"),
    Scene("burst-closure", "17:45"),
)
"""Every job that has slots, with the early warnings judged along at 08:15, 11:15, 11:30 and 17:00."""


def prepare(bench, scenes=SCENES):
    """Play the day once, and keep both sides before each scene under its name."""
    bench.control("clock", {"now": EVE, "frozen": True})
    bench.control("load", content())
    bench.keep("the eve")
    bench.warm_up("deadline-status", slot_at("08:15"))
    bench.restore("the eve")
    bench.control("clock", {"now": EVE, "frozen": True})
    people = People(bench)
    wanted = {scene.name: scene for scene in scenes if not scene.after}
    last = max(scene.slot for scene in scenes)
    for slot, job in slots_of_day(bench.definitions, BOOK["date"]):
        local = f"{job.name} {slot.astimezone(ZONE):%H:%M}"
        if slot > last or (job.name == WATCH and not _watched(local)):
            continue
        people.until(slot)
        if local in wanted:
            bench.keep(local)
        assert bench.run(job.name, slot).ended, local
        for scene in scenes:
            if scene.after == local:
                bench.keep(scene.name)


def _watched(local):
    """Whether the sheet of the day says what the watch finds then; the other quarters are quiet."""
    return local in {f"{run['job']} {run['at']}" for run in BOOK["runs"]}
