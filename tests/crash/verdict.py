"""What came of a run that was cut off, beside the same run undisturbed."""

import random
from collections import Counter
from dataclasses import dataclass, field, replace

import standing
from crash.scenes import WATCH

from lists_sync.deliver import TRIES_COUNT

POST = "POST post to Teams"
_SENDING = "after commit Outbox.turn for Courier._hand_over"
_INTENDED = "after commit Outbox.intend for Courier._hand_over"


@dataclass(frozen=True)
class Kill:
    """A point at which the process was killed: its number in the run and its name."""

    number: int
    name: str

    def __str__(self):
        return f"{self.number:03d} {self.name}"


@dataclass(frozen=True)
class Found:
    """What one or more kills in a row came to.

    Args:
        lost: rows that are not there, and escalations that no post tells of.
        twice: rows of the bot that stand more than once.
        otherwise: rows that differ, or that an undisturbed run does not make.
        repeated: escalations that were told more often, each as often as it was.
        needless: those of them that were told again although the answer was known.
        given_up: what is not told, or not noted as told, because that often nobody knew whether it was.
        extra_requests: requests beyond those of the undisturbed run.
    """

    kills: tuple
    lost: tuple = ()
    twice: tuple = ()
    otherwise: tuple = ()
    repeated: tuple = ()
    needless: tuple = ()
    given_up: tuple = ()
    extra_requests: int = 0

    @property
    def faults(self):
        """All that must not be, as sentences."""
        kinds = ("lost", "twice", "otherwise", "needless")
        return [f"{kind}: {one}" for kind in kinds for one in getattr(self, kind)]

    def __str__(self):
        return ", then ".join(str(kill) for kill in self.kills)


@dataclass
class Stage:
    """One scene on one bench: first undisturbed, then as often as wanted with kills.

    Args:
        then_watch: whether the escalation watch runs once after the job, disturbed or not.
    """

    bench: object
    scene: object
    then_watch: bool = False
    points: tuple = field(default=(), init=False)
    _before: tuple = field(default=(None, None, 0), init=False)

    def play(self):
        """Run undisturbed: its points, lists, posts and requests are the measure of all others."""
        self._begin()
        self.points = self._completed(self.scene.job)
        self._watch()
        self._lists, self._told = self.bench.standing(), self.bench.told()
        self._calls_count = self.bench.calls_count()
        return self

    def kill(self, *points, broken=""):
        """Kill the run at a point, and each rerun at the next one; then let it complete, and compare.

        A point is given by number or by name. A rerun that does not pass its point is one that completed.
        Where both sides stand exactly as after the kill before, what followed that one is taken over.
        """
        self._begin()
        kills, on_its_way, unsure = [], 0, Counter()
        for point in points:
            run = self.bench.run(self.scene.job, self.scene.slot, kill_at=point, broken=broken)
            if not run.killed:
                assert run.ended, "the run failed by itself"
                break
            kills.append(Kill(len(run.points), run.points[-1]))
            assert kills[1:] or run.points == self.points[: len(run.points)], "the run took another way"
            on_its_way += _is_on_its_way(run.points)
            unsure += self._unsure(run.points)
        digest, spent_count = (self.bench.digest(), broken), self.bench.calls_count()
        if digest != self._before[0]:
            ended = self.bench.run(self.scene.job, self.scene.slot, broken=broken).ended
            self._watch()
            self._before = (
                digest,
                self._compared(unsure, ended=ended),
                self.bench.calls_count() - spent_count,
            )
        _, found, rerun_count = self._before
        found = _given_up(found) if on_its_way >= TRIES_COUNT else found
        extra_requests = spent_count + rerun_count - self._calls_count
        return replace(found, kills=tuple(kills), extra_requests=extra_requests)

    def every(self):
        """Give every point."""
        return [(number,) for number in range(1, len(self.points) + 1)]

    def telling(self):
        """Give the first point, and each right after a commit or after a request that may change something.

        At any other point both sides stand as they did at the one before it, and so does what follows.
        """
        names = ("after commit", "after POST")
        told = [number for number, name in enumerate(self.points, start=1) if name.startswith(names)]
        return [(number,) for number in (1, *told)]

    def spread(self, count, kills_count=1):
        """Draw that many points, or as many sequences of kills, always the same for the same scene."""
        chance = random.Random(self.scene.name)
        numbers = range(1, len(self.points) + 1)
        return [tuple(chance.choice(numbers) for _ in range(kills_count)) for _ in range(count)]

    def _begin(self):
        self.bench.restore(self.scene.name)
        self.bench.clock(self.scene.slot)

    def _completed(self, job):
        run = self.bench.run(job, self.scene.slot)
        assert run.ended, f"{self.scene.name}: {job} failed undisturbed"
        return run.points

    def _watch(self):
        if self.then_watch:
            self._completed(WATCH)

    def _unsure(self, points):
        """Give what the newest post told of, if it had arrived and its answer was not yet kept."""
        return self.bench.told_last() if f"after {POST}" in points[-2:] else Counter()

    def _compared(self, unsure, *, ended):
        rows = standing.compare(self._lists, self.bench.standing())
        told = self.bench.told()
        more = told - self._told
        unread = [f"post {channel} {key}" for channel, key in sorted(self._told - told)]
        return Found(
            kills=(),
            lost=(*rows.lost, *unread, *([] if ended else ["the rerun failed"])),
            twice=tuple(rows.twice),
            otherwise=(*rows.otherwise, *(f"{one} is there as well" for one in rows.more)),
            repeated=tuple(sorted(more.elements())),
            needless=tuple(sorted((more - unsure).elements())),
        )


def _is_on_its_way(points):
    """Whether a post was committed as leaving and its answer not yet kept."""
    if _INTENDED not in points:
        return False
    since = points[len(points) - points[::-1].index(_INTENDED) :]
    return since.count(_SENDING) == 1


def _given_up(found):
    """Sort out what a post costs that was on its way at each of as many kills as it has tries."""
    unsent = [one for one in found.lost if one.startswith("post ")]
    unnoted = [one for one in found.otherwise if one.endswith(" DeliveredAt")]
    return replace(
        found,
        lost=tuple(one for one in found.lost if one not in unsent),
        otherwise=tuple(one for one in found.otherwise if one not in unnoted),
        given_up=(*unsent, *unnoted),
    )
