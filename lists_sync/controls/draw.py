"""The draw of a burst: in which order files come up, and what each step takes and passes over.

Anybody who knows the salt, the burst and the unique ids of the files can repeat it.
Source: Operational example 2, step 1; controls.md 2.1 and section 9.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lists_sync.controls.local import Bools, Ints

if TYPE_CHECKING:
    from collections.abc import Sequence

STRATA = ("High risk", "Newly closed", "Routine")
STEPS = ("High risk", "Newly closed", "All others")
"""What each of the three steps looks at, in order."""


def hashed(salt: str, burst: str, unique: str) -> str:
    """Give what orders a file in a burst: SHA-256, hex, of the UTF-8 text `<salt>|<burst>|<unique id>`."""
    return hashlib.sha256(f"{salt}|{burst}|{unique}".encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Pool:
    """The files that may be drawn, one place each, in the order in which they come up.

    Args:
        unique: unique id of each file.
        hashes: what orders them.
        high: evidence for a high-risk line.
        newly: evidence for a newly closed line.
        sampled_day: local day, days since 1970, on which it was last drawn where that was lately; `NAT`
            where it was not.
        line: the lines of all files, file by file, by number.
        start: where in `line` those of each file begin; one more than files.
    """

    unique: tuple[str, ...]
    hashes: tuple[str, ...]
    high: Bools
    newly: Bools
    sampled_day: Ints
    line: Ints
    start: Ints

    def lines_of(self, place: int) -> list[int]:
        """Give the lines, live or newly closed, that a file is evidence for."""
        found: list[int] = self.line[self.start[place] : self.start[place + 1]].tolist()
        return found


def ordered(hashes: Sequence[str], sampled_day: Ints) -> Ints:
    """Give places in the order of the draw: not sampled lately first, then longest ago, then by hash."""
    return np.lexsort((np.array(hashes, dtype="S64"), sampled_day))  # NAT is the smallest number


@dataclass(frozen=True)
class Rules:
    """How many files a sample holds.

    Args:
        size: in all.
        high: how many evidence for high-risk lines, where there are so many.
        newly: how many evidence for newly closed lines, where there are so many.
        most_of_a_line: how many a line gives while files of other lines are left in the step.
    """

    size: int
    high: int
    newly: int
    most_of_a_line: int


@dataclass(frozen=True)
class Held:
    """What of the sample stood before anything was drawn.

    Args:
        places: its files, as places in the pool, where they are in it.
    """

    count: int = 0
    high: int = 0
    newly: int = 0
    places: tuple[int, ...] = ()


@dataclass(frozen=True)
class Step:
    """What one step did.

    Args:
        wanted: how many files of its kind the sample shall hold after it.
        held: how many of them it held before.
        files: places in the pool that the step looked at, in order.
        taken: places it took, in the order of taking.
        beyond: those of them whose line had given its most already, since no other line had any left.
        passed: by place passed over: the lines that had given their most.
    """

    stratum: str
    wanted: int
    held: int
    files: tuple[int, ...]
    taken: tuple[int, ...] = ()
    beyond: frozenset[int] = frozenset()
    passed: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


def draw(pool: Pool, rules: Rules, held: Held) -> tuple[Step, ...]:
    """Take the sample in three steps.

    High-risk files until the sample holds its share of them, then newly closed ones until it holds theirs,
    then whatever comes up until it is full. A file counts for each of its lines, in this step and those
    before; it waits while one of them has given its most and the step still has a file that need not wait.
    When only waiting files are left, they are taken in order whatever their lines have given.

    Returns:
        the three steps; together their `taken` are the sample without what was held.
    Source:
        controls.md 2.1; section 9.
    """
    sample = _Sample(pool, rules, held)
    every = np.ones(len(pool.unique), dtype=bool)
    high = sample.step(STEPS[0], pool.high, wanted=rules.high, held=held.high)
    newly_held = held.newly + int(pool.newly[list(high.taken)].sum())
    newly = sample.step(STEPS[1], pool.newly, wanted=rules.newly, held=newly_held)
    return high, newly, sample.step(STEPS[2], every, wanted=rules.size, held=sample.count)


class _Sample:
    """A sample while it is drawn: who is in it, and what each line has given."""

    def __init__(self, pool: Pool, rules: Rules, held: Held) -> None:
        self.pool = pool
        self.rules = rules
        self.count = held.count
        self.given: Counter[int] = Counter()
        self.chosen = np.zeros(len(pool.unique), dtype=bool)
        for place in held.places:
            self._give(place)

    def step(self, stratum: str, candidates: Bools, *, wanted: int, held: int) -> Step:
        """Take files of a kind, in order, until the sample holds as many as wanted or is full."""
        files = np.flatnonzero(candidates & ~self.chosen).tolist()
        open_count = max(0, min(wanted - held, self.rules.size - self.count))
        taken: list[int] = []
        passed: dict[int, tuple[int, ...]] = {}
        for place in files:
            if len(taken) == open_count:
                break
            if spent := self._spent(place):
                passed[place] = spent
            else:
                self._give(place)
                taken.append(place)
        beyond = list(passed)[: open_count - len(taken)]
        for place in beyond:
            self._give(place)
            del passed[place]
        self.count += len(taken) + len(beyond)
        return Step(stratum, wanted, held, tuple(files), (*taken, *beyond), frozenset(beyond), passed)

    def _spent(self, place: int) -> tuple[int, ...]:
        """Give the lines of a file that have given their most."""
        lines = self.pool.lines_of(place)
        return tuple(line for line in lines if self.given[line] >= self.rules.most_of_a_line)

    def _give(self, place: int) -> None:
        self.chosen[place] = True
        self.given.update(self.pool.lines_of(place))
