"""The moves of control 1.3 as a model in whole numbers, solved stage by stage.

OR-Tools' CP-SAT solves it, because it reckons exactly, so that a limit met exactly is met, and because it
counts its work instead of its time, so that the same loads give the same answer on every machine.

Lines of one owner with the same hours and Service can stand for each other, so the model counts how many of
such a group go to whom; which of them go is settled last, by their references.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model

if TYPE_CHECKING:
    from lists_sync.controls.rebalance import DemandLine, Load

WORK = 10.0
"""How much work the solver may do in all, in its own units: about as many seconds on a slow machine."""
SHARE = 4.0
"""How much of it one stage may do."""
_FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)

Flow = tuple[int, int]
"""A group and a receiver, both by place."""


@dataclass(frozen=True)
class Group:
    """Lines that can stand for each other, by reference and then id."""

    owner: int
    hours: int
    service: str
    lines: tuple[DemandLine, ...]


@dataclass(frozen=True)
class Task:
    """The loads in whole numbers, one place a manager.

    Args:
        limit: more than it is too much.
        room: with more than it nobody may be who received a line.
    """

    managers: tuple[str, ...]
    services: tuple[str, ...]
    demand: tuple[int, ...]
    limit: tuple[int, ...]
    room: tuple[int, ...]
    groups: tuple[Group, ...]

    @property
    def over(self) -> tuple[int, ...]:
        """The managers who have too much."""
        pairs = enumerate(zip(self.demand, self.limit, strict=True))
        return tuple(place for place, (hours, limit) in pairs if hours > limit)


def solve(load: Load, limits: Sequence[Fraction], rooms: Sequence[Fraction]) -> tuple[dict[int, int], bool]:
    """Give which lines go to whom, and whether no better set exists.

    Where it is enough that those who have too much give, and each gives no more lines than it must, every
    best set is of this kind; else everybody may give, so that room can be made for what must go.

    Returns:
        `(receiver's place by line id, proven)`.
    """
    task = _task(load, limits, rooms)
    work = _Work()
    narrow = _Passing(task, frozenset(task.over), work)
    narrow.settle()
    if narrow.proven and not narrow.left and narrow.count == sum(_least(task, place) for place in task.over):
        return narrow.named(), narrow.proven
    wide = _Passing(task, frozenset(range(len(task.managers))), work)
    wide.hint(narrow)
    wide.settle()
    best = wide if wide.worth <= narrow.worth else narrow
    return best.named(), wide.proven and best is wide


def _task(load: Load, limits: Sequence[Fraction], rooms: Sequence[Fraction]) -> Task:
    lines = [line for line in load.lines if line.hours > 0]
    scale = math.lcm(*(one.denominator for one in (*limits, *rooms, *(line.hours for line in lines))))
    demand = [0] * len(load.managers)
    groups: dict[tuple[int, int, str], list[DemandLine]] = defaultdict(list)
    for line in sorted(lines, key=lambda one: (one.ref, one.id)):
        hours = int(line.hours * scale)
        demand[line.owner] += hours
        groups[line.owner, hours, line.service].append(line)
    return Task(
        managers=load.managers,
        services=load.services,
        demand=tuple(demand),
        limit=tuple(int(one * scale) for one in limits),
        room=tuple(int(one * scale) for one in rooms),
        groups=tuple(Group(*key, tuple(groups[key])) for key in sorted(groups)),
    )


def _least(task: Task, place: int) -> int:
    """Give the least number of lines that somebody must give to have no more than the limit."""
    left, count = task.demand[place] - task.limit[place], 0
    mine = sorted(
        (group.hours for group in task.groups if group.owner == place for _ in group.lines), reverse=True
    )
    for hours in mine:
        if left <= 0:
            break
        left, count = left - hours, count + 1
    return count


class _Work:
    """What the solver may still do, counted in its own steps, so that every machine stops at the same one."""

    def __init__(self) -> None:
        self.left = WORK

    def run(self, model: cp_model.CpModel) -> tuple[Any, list[int]]:
        """Solve a model as it stands; gives how it ended and the value of each variable."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = max(0.0, min(SHARE, self.left))
        status = solver.solve(model)
        self.left -= solver.response_proto.deterministic_time
        return status, list(solver.response_proto.solution) if status in _FOUND else []


class _Passing:
    """Who passes how many lines of which group to whom.

    Args:
        donors: the managers whose lines may go.
    """

    def __init__(self, task: Task, donors: frozenset[int], work: _Work) -> None:
        self.task = task
        self.work = work
        self.model = cp_model.CpModel()
        self.proven = True
        self.flows = self._flows(donors)
        self.values: list[int] = []
        self.above = [self.model.new_bool_var("") for _ in task.managers]
        self.excess = [self.model.new_int_var(0, max(0, hours + room), "") for hours, room in self._bounds()]
        self._limit()

    def _bounds(self) -> list[tuple[int, int]]:
        return list(zip(self.task.demand, self.task.room, strict=True))

    def _flows(self, donors: frozenset[int]) -> dict[Flow, cp_model.IntVar]:
        """Give a count for each group and each manager whose hours could hold a line of it."""
        return {
            (number, place): self.model.new_int_var(0, len(group.lines), "")
            for number, group in enumerate(self.task.groups)
            if group.owner in donors
            for place, room in enumerate(self.task.room)
            if place != group.owner and group.hours <= room
        }

    def _limit(self) -> None:
        """Say what holds for every group and every manager."""
        loads = [cp_model.LinearExpr.sum([hours]) for hours in self.task.demand]
        given: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        taken: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for (number, place), count in self.flows.items():
            group = self.task.groups[number]
            loads[group.owner] -= group.hours * count
            loads[place] += group.hours * count
            given[number].append(count)
            taken[place].append(count)
        for number, counts in given.items():
            self.model.add(sum(counts) <= len(self.task.groups[number].lines))
        for place, load in enumerate(loads):
            self.model.add(load <= self.task.limit[place]).only_enforce_if(~self.above[place])
            self.model.add(self.excess[place] >= load - self.task.limit[place])
            if taken[place]:
                receives = self.model.new_bool_var("")
                self.model.add(sum(taken[place]) == 0).only_enforce_if(~receives)
                self.model.add(load <= self.task.room[place]).only_enforce_if(receives)

    @property
    def left(self) -> int:
        """How many managers stay above the limit."""
        return sum(self.values[one.index] for one in self.above)

    @property
    def count(self) -> int:
        """How many lines move."""
        return sum(self.values[one.index] for one in self.flows.values())

    @property
    def worth(self) -> tuple[int, int, int, int]:
        """What the stages weigh, the least being best."""
        excess = sum(self.values[one.index] for one in self.excess)
        alike = sum(self.values[self.flows[flow].index] for flow in self._alike())
        return self.left, excess, self.count, -alike

    def _alike(self) -> list[Flow]:
        """The flows that stay within a Service."""
        services = self.task.services
        return [
            (number, place)
            for number, place in self.flows
            if services[place] and services[place] == self.task.groups[number].service
        ]

    def hint(self, other: _Passing) -> None:
        """Begin where another left off."""
        for flow, count in self.flows.items():
            at = other.flows.get(flow)
            self.model.add_hint(count, other.values[at.index] if at is not None else 0)

    def settle(self) -> None:
        """Settle what matters in order: who stays above, by how much, how many moves, within the Service."""
        alike = [self.flows[flow] for flow in self._alike()]
        stages = [sum(self.above), sum(self.excess), sum(self.flows.values()), -1 * sum(alike)]
        for goal in stages:
            if isinstance(goal, int):
                continue
            self.model.minimize(goal)
            self._take(*self.work.run(self.model))
            self.model.add(goal <= self._value(goal))
        self.model.clear_objective()

    def _value(self, goal: Any) -> int:
        terms = cp_model.FlatIntExpr(goal)
        weighed = zip(terms.vars, terms.coeffs, strict=True)
        found: int = sum(times * self.values[one.index] for one, times in weighed) + terms.offset
        return found

    def _take(self, status: Any, values: list[int]) -> None:
        """Keep what was found; nothing found leaves what stood, at first that nothing moves."""
        self.proven &= status == cp_model.OPTIMAL
        if values:
            self.values = values
        elif not self.values:
            self.values = self._nothing_moves()
        self.model.clear_hints()
        for place, value in enumerate(self.values):
            self.model.add_hint(self.model.get_int_var_from_proto_index(place), value)

    def _nothing_moves(self) -> list[int]:
        values = [0] * len(self.model.proto.variables)
        for place in self.task.over:
            values[self.above[place].index] = 1
            values[self.excess[place].index] = self.task.demand[place] - self.task.limit[place]
        return values

    def named(self) -> dict[int, int]:
        """Give the receiver of each line that goes: of all that is settled, the alphabetically first list.

        Position by position the least pair of reference and receiver is found that a best set can still
        hold. A group's next line stands for the group, so a lesser pair that was passed over stays closed.
        """
        taken: dict[Flow, int] = dict.fromkeys(self.flows, 0)
        named: dict[int, int] = {}
        for _ in range(self.count):
            ranked = self._candidates(taken)
            best = next(flow for _, flow in ranked if self.values[self.flows[flow].index] > taken[flow])
            lesser = [flow for _, flow in ranked[: [flow for _, flow in ranked].index(best)]]
            if lesser and self.work.left > 0:
                best = self._earlier(lesser, taken) or best
            for flow in lesser[: lesser.index(best)] if best in lesser else lesser:
                self.model.add(self.flows[flow] == taken[flow])
            group = self.task.groups[best[0]]
            line = group.lines[sum(taken[flow] for flow in taken if flow[0] == best[0])]
            taken[best] += 1
            self.model.add(self.flows[best] >= taken[best])
            named[line.id] = best[1]
        return named

    def _candidates(self, taken: Mapping[Flow, int]) -> list[tuple[tuple[str, str, int], Flow]]:
        """List the flows by the pair that one more line of each would make, least first."""
        used: dict[int, int] = defaultdict(int)
        for (number, _), count in taken.items():
            used[number] += count
        found = []
        for number, place in taken:
            lines = self.task.groups[number].lines
            if used[number] < len(lines):
                line = lines[used[number]]
                found.append(((line.ref, self.task.managers[place], line.id), (number, place)))
        return sorted(found)

    def _earlier(self, lesser: Sequence[Flow], taken: Mapping[Flow, int]) -> Flow | None:
        """Give the least of these flows that a best set can hold one more line of, None where none can."""
        model = self.model.clone()
        chosen = []
        for flow in lesser:
            one = model.new_bool_var("")
            count = model.get_int_var_from_proto_index(self.flows[flow].index)
            model.add(count >= taken[flow] + 1).only_enforce_if(one)
            chosen.append(one)
        model.add_exactly_one(chosen)
        model.minimize(sum(rank * one for rank, one in enumerate(chosen)))
        status, values = self.work.run(model)
        if not values:
            self.proven &= status == cp_model.INFEASIBLE
            return None
        self.proven &= status == cp_model.OPTIMAL
        self.values = values[: len(self.model.proto.variables)]
        return next(flow for flow, one in zip(lesser, chosen, strict=True) if values[one.index])
