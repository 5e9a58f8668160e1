"""The integer model behind the proposed moves: how many lines leave each owner, how many arrive where.

Lines of one owner with the same hours are told apart only where it matters: by Service when moves within a
Service are counted, by reference when the alphabet decides. In a set with the fewest moves no lines of the
same hours both leave a manager and arrive there, so counts say all that lines would.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model

if TYPE_CHECKING:
    from lists_sync.controls.rebalance.propose import DemandLine
    from lists_sync.controls.rebalance.task import Task

Var = Any
"""A variable of the solver, or a sum of them; the sum of none is a plain 0."""
Pair = tuple["DemandLine", int]
"""A line and the place of its receiver."""


class Ended(Enum):
    """How a search ended: with the best there is, with one that may not be it, with none, or undecided."""

    BEST = cp_model.OPTIMAL
    GOOD = cp_model.FEASIBLE
    NONE = cp_model.INFEASIBLE
    OPEN = cp_model.UNKNOWN


class Work:
    """A bound on the solver's work, counted in its own steps and never in seconds."""

    def __init__(self, steps: float) -> None:
        self.left = steps

    def solve(self, model: Var, most: float) -> tuple[Ended, list[int]]:
        """Solve with at most that much of what is left.

        Returns:
            `(ended, values)`: by the place of each variable, empty where none were found.
        """
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1  # several race each other, and the answer would follow the clock
        solver.parameters.random_seed = 1
        solver.parameters.linearization_level = 2
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.max_deterministic_time = max(0.0, min(most, self.left))
        status = solver.solve(model)
        self.left -= solver.response_proto.deterministic_time
        return Ended(status), list(solver.response_proto.solution)


class Flow:
    """How many lines of each length leave each owner and arrive at each receiver.

    Args:
        lines: those that may move.

    Attributes:
        leave, arrive: how many lines, by (manager, hours).
        counts: every variable that counts lines, with its manager.
        values: the best found, by the place of each variable; at first nothing moves.
        owed: by manager, where so many lines leave exactly; see `task.fewest_to_leave`.
    """

    def __init__(self, task: Task, lines: Sequence[DemandLine]) -> None:
        self.task = task
        self.lines = lines
        self.owed: Mapping[int, int] = {}
        self.model = cp_model.CpModel()
        self.values: list[int] = []
        counts = Counter((line.owner, task.hours[line.id]) for line in lines)
        total = Counter(task.hours[line.id] for line in lines)
        self.leave = {key: self.whole(count) for key, count in sorted(counts.items())}
        self.arrive: dict[tuple[int, int], Var] = {}
        for hours in sorted(total):
            for manager, room in enumerate(task.room):
                most = min(total[hours] - counts[manager, hours], room // hours)
                if most > 0:
                    self.arrive[manager, hours] = self.whole(most)
        self._as_many_arrive_as_leave()
        self.load = [self.whole(task.most(manager)) for manager in range(len(task.demand))]
        self.model.add(sum(self.load) == sum(task.demand))  # implied, and the solver reasons best with it
        self.receives: dict[int, Var] = {}
        self.above: dict[int, Var] = {}
        self.over: dict[int, Var] = {}
        for manager in range(len(task.demand)):
            self._bound(manager)
        self.moves = total_of(self.leave)
        self.counts = [(key[0], var) for key, var in [*self.leave.items(), *self.arrive.items()]]
        self.start([])

    def whole(self, most: int, begin: int = 0) -> Var:
        """Add a whole number from 0 to `most`, of which the best found has `begin`."""
        self.values.append(begin)
        return self.model.new_int_var(0, most, "")

    def _as_many_arrive_as_leave(self) -> None:
        leave, arrive = _by_part(self.leave, 1), _by_part(self.arrive, 1)
        for hours, leaving in leave.items():
            self.model.add(sum(leaving) == sum(arrive[hours]))

    def _bound(self, manager: int) -> None:
        """Tie a manager's load to the moves: a receiver ends at the room, and who ends higher is above."""
        task, model, load = self.task, self.model, self.load[manager]
        demand, limit, room = task.demand[manager], task.limit[manager], task.room[manager]
        into = {hours: var for (one, hours), var in self.arrive.items() if one == manager}
        out = {hours: var for (one, hours), var in self.leave.items() if one == manager}
        model.add(load == demand + _weighted(into) - _weighted(out))
        if demand > room and into:
            self.receives[manager] = self.whole(1)
            for hours, var in into.items():
                model.add(var <= room // hours * self.receives[manager])
            model.add(load <= demand - (demand - room) * self.receives[manager])
        if task.most(manager) > limit:
            self.above[manager] = self.whole(1)
            self.over[manager] = self.whole(task.over(manager, task.most(manager)))
            model.add(load <= limit + (task.most(manager) - limit) * self.above[manager])
            model.add(self.over[manager] >= task.scale * load - task.exact_limit[manager])

    def start(self, moved: Sequence[Pair]) -> None:
        """Take that set of moves as the best found so far."""
        task, hours = self.task, self.task.hours
        leave = Counter((line.owner, hours[line.id]) for line, _ in moved)
        arrive = Counter((receiver, hours[line.id]) for line, receiver in moved)
        self._set(self.leave, leave)
        self._set(self.arrive, arrive)
        self._set(self.receives, {receiver: 1 for _, receiver in moved})
        load = dict(enumerate(task.loads(moved)))
        self._set(dict(enumerate(self.load)), load)
        over = {manager: task.over(manager, load[manager]) for manager in self.over}
        self._set(self.over, over)
        self._set(self.above, {manager: int(hours > 0) for manager, hours in over.items()})

    def _set(self, variables: Mapping[Any, Var], to: Mapping[Any, int]) -> None:
        for key, var in variables.items():
            self.values[var.index] = to.get(key, 0)

    def value(self, var: Var) -> int:
        """Give what the best found has there, for a variable or a sum of them."""
        if isinstance(var, int):
            return var
        terms = cp_model.FlatIntExpr(var)
        worth = zip(terms.coeffs, terms.vars, strict=True)
        return int(terms.offset + sum(times * self.values[one.index] for times, one in worth))

    def exactly(self, owed: Mapping[int, int], work: Work, most: float) -> bool:
        """Look for a set that brings everyone to the limit with just so many lines leaving each.

        Returns:
            whether one was found; it is then the best found.
        """
        self.owed = owed
        for manager, count in owed.items():
            theirs = [var for (owner, _), var in self.leave.items() if owner == manager]
            self.model.add(sum(theirs) == count)
        for var in self.above.values():
            self.model.add(var == 0)
        _, values = work.solve(self.model, most)
        self.values = values or self.values
        return bool(values)

    def least(self, goal: Var, work: Work, most: float) -> bool:
        """Make the goal as small as it can be, and hold it there from now on.

        Returns:
            whether nothing smaller exists; else it is held at the best found.
        """
        if isinstance(goal, int):
            return True
        ended = self._improve(self.model, goal, work, most)
        self.model.clear_objective()
        self.model.add(goal <= self.value(goal))
        return ended is Ended.BEST

    def _improve(self, model: Var, goal: Var, work: Work, most: float) -> Ended:
        model.minimize(goal)
        self.hint(model)
        ended, values = work.solve(model, most)
        before, kept = self.value(goal), self.values
        if values:
            self.values = values[: len(kept)]
            if self.value(goal) >= before:  # as good is no reason to lose what the other goals have
                self.values = kept
        return ended

    def hint(self, model: Var) -> None:
        """Let the solver begin at the best found."""
        model.clear_hints()
        for place, value in enumerate(self.values):
            model.add_hint(model.get_int_var_from_proto_index(place), value)

    def polish(self, goal: Var, work: Work, *, rounds: int, size: int, most: float) -> None:
        """Make the goal smaller by letting only a few managers' moves change at a time, each few in turn."""
        idle, enough = 0, 2 + 2 * len(self.load) // size
        for chosen in _few_at_a_time(len(self.load), rounds, size):
            before, model = self.value(goal), self.model.clone()
            for manager, var in self.counts:
                if manager not in chosen:
                    model.add(var == self.values[var.index])
            self._improve(model, goal, work, most)
            idle = 0 if self.value(goal) < before else idle + 1
            if idle == enough:
                return


def total_of(variables: Mapping[Any, Var]) -> Var:
    """Give the sum of variables."""
    return cp_model.LinearExpr.sum(list(variables.values()))


def _by_part(variables: Mapping[Any, Var], part: int) -> dict[int, list[Var]]:
    grouped: dict[int, list[Var]] = defaultdict(list)
    for key, var in variables.items():
        grouped[key[part]].append(var)
    return grouped


def _weighted(by_hours: Mapping[int, Var]) -> Var:
    return cp_model.LinearExpr.weighted_sum(list(by_hours.values()), list(by_hours))


def _few_at_a_time(count: int, rounds: int, size: int) -> Iterator[set[int]]:
    """Give sets of places, in strides that change, so that each meets many others."""
    for number in range(rounds):
        place, chosen = number * size, set[int]()
        while len(chosen) < min(size, count):
            while place % count in chosen:
                place += 1
            chosen.add(place % count)
            place += 1 + number % 7
        yield chosen
