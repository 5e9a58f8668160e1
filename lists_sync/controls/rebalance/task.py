"""The question of the proposed moves in whole numbers, and what can be said of it without a solver."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lists_sync.controls.rebalance.propose import DemandLine, Load

LARGEST = 2**38
"""Where a sum over managers could pass this, the hours have too many decimals for the solver's numbers."""


@dataclass(frozen=True)
class Task:
    """Hours as whole numbers of the largest unit that divides every line's.

    Args:
        lines: those of more than 0 hours, by (owner, hours, reference, id).
        hours: by line id.
        demand: by manager, before any move.
        limit: by manager, rounded down: more is too much.
        room: by manager, rounded down: where a receiver may end.
        scale: `exact_limit / scale` is a manager's limit to the last fraction.
    """

    lines: tuple[DemandLine, ...]
    hours: Mapping[int, int]
    managers: Sequence[str]
    services: Sequence[str]
    demand: tuple[int, ...]
    limit: tuple[int, ...]
    room: tuple[int, ...]
    scale: int
    exact_limit: tuple[int, ...]

    @property
    def too_fine(self) -> bool:
        """Whether the numbers are beyond what the solver takes."""
        return self.scale * sum(self.demand) * len(self.demand) > LARGEST

    def most(self, manager: int) -> int:
        """Give the highest load the manager can end with: what is there, or a receiver's room."""
        return max(self.demand[manager], self.room[manager])

    def over(self, manager: int, load: int) -> int:
        """Give how far that load is above the limit, in units of unit / scale; 0 where it is not."""
        return max(0, self.scale * load - self.exact_limit[manager])

    def is_within(self, line: DemandLine, receiver: int) -> bool:
        """Tell whether that move stays in the line's own Service."""
        return line.service != "" and line.service == self.services[receiver]

    def loads(self, moved: Iterable[tuple[DemandLine, int]]) -> list[int]:
        """Give each manager's load after those moves."""
        load = list(self.demand)
        for line, receiver in moved:
            load[line.owner] -= self.hours[line.id]
            load[receiver] += self.hours[line.id]
        return load


def in_whole_numbers(load: Load, limits: Sequence[Fraction], rooms: Sequence[Fraction]) -> Task:
    """State the question in whole numbers, exactly.

    Args:
        limits: by manager, hours that are not yet too much.
        rooms: by manager, hours at which a receiver may end.
    """
    lines = [line for line in load.lines if line.hours > 0]
    below = math.lcm(*(line.hours.denominator for line in lines))
    unit = Fraction(math.gcd(*(int(line.hours * below) for line in lines)), below)
    hours = {line.id: int(line.hours / unit) for line in lines}
    demand = [0] * len(load.managers)
    for line in lines:
        demand[line.owner] += hours[line.id]
    in_units = [min(limit / unit, Fraction(2 * sum(demand))) for limit in limits]  # more is never reached
    scale = math.lcm(*(limit.denominator for limit in in_units))
    return Task(
        lines=tuple(sorted(lines, key=lambda line: (line.owner, hours[line.id], line.ref, line.id))),
        hours=hours,
        managers=load.managers,
        services=load.services,
        demand=tuple(demand),
        limit=tuple(math.floor(limit) for limit in in_units),
        room=tuple(min(sum(demand), math.floor(room / unit)) for room in rooms),
        scale=scale,
        exact_limit=tuple(int(limit * scale) for limit in in_units),
    )


def fewest_to_leave(task: Task) -> tuple[dict[int, int], list[DemandLine]]:
    """Give the least number of lines that must leave each manager above the limit.

    Returns:
        `(counts, lines)`: by manager, and the lines that can be among so few. No set that brings everyone to
        the limit has fewer moves than the counts' sum; one that has just so many moves only these lines.
    """
    counts: dict[int, int] = {}
    able: list[DemandLine] = []
    for owner, lines in _longest_first(task).items():
        must_go = task.demand[owner] - task.limit[owner]
        if must_go <= 0:
            continue
        count = sum_of_longest = 0
        while sum_of_longest < must_go:
            sum_of_longest += task.hours[lines[count].id]
            count += 1
        others = sum_of_longest - task.hours[lines[count - 1].id]
        able += [line for line in lines if others + task.hours[line.id] >= must_go]
        counts[owner] = count
    return counts, able


def first_set(task: Task) -> list[tuple[DemandLine, int]]:
    """Give a good set of moves without searching: the least loaded of those above first, longest lines first.

    Returns:
        `(line, receiver)` each; every receiver ends at its room or less.
    """
    giving = _Giving(task)
    above = [manager for manager, load in enumerate(task.demand) if load > task.limit[manager]]
    above.sort(key=lambda manager: (task.demand[manager] - task.limit[manager], manager))
    for manager in above:
        giving.bring_down(manager, whole=True)
    for manager in above:  # what room is left goes to those who stay above
        giving.bring_down(manager, whole=False)
    return list(giving.moved.values())


def _longest_first(task: Task) -> dict[int, list[DemandLine]]:
    by_owner: dict[int, list[DemandLine]] = defaultdict(list)
    for line in task.lines:
        by_owner[line.owner].append(line)
    for lines in by_owner.values():
        lines.sort(key=lambda line: (-task.hours[line.id], line.ref, line.id))
    return by_owner


class _Giving:
    """Moves made one by one, each to whoever has the most room."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._lines = _longest_first(task)
        self._load = list(task.demand)
        self.moved: dict[int, tuple[DemandLine, int]] = {}

    def bring_down(self, owner: int, *, whole: bool) -> None:
        """Move lines away until the owner is at the limit; with `whole`, all the way or not at all."""
        limit, before = self._task.limit[owner], set(self.moved)
        for line in self._lines[owner]:  # land on the limit exactly where that can be
            if self._task.hours[line.id] <= self._load[owner] - limit:
                self._pass_on(line)
        for line in reversed(self._lines[owner]):  # else the shortest line that does it
            if 0 < self._load[owner] - limit <= self._task.hours[line.id]:
                self._pass_on(line)
        if whole and self._load[owner] > limit:
            for id_ in set(self.moved) - before:
                self._take_back(id_)

    def _pass_on(self, line: DemandLine) -> None:
        hours, room, load = self._task.hours[line.id], self._task.room, self._load
        able = [m for m in range(len(load)) if m != line.owner and load[m] + hours <= room[m]]
        if able and line.id not in self.moved:
            receiver = max(able, key=lambda m: (room[m] - load[m], -m))
            self.moved[line.id] = (line, receiver)
            load[line.owner] -= hours
            load[receiver] += hours

    def _take_back(self, id_: int) -> None:
        line, receiver = self.moved.pop(id_)
        self._load[line.owner] += self._task.hours[id_]
        self._load[receiver] -= self._task.hours[id_]
