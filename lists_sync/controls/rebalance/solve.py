"""The steps of the proposed moves: each goal at its best before the next is looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from lists_sync.controls.rebalance.groups import Groups
from lists_sync.controls.rebalance.model import Flow, Pair, Work, total_of
from lists_sync.controls.rebalance.order import first_in_order
from lists_sync.controls.rebalance.task import Task, fewest_to_leave, first_set, in_whole_numbers

if TYPE_CHECKING:
    from lists_sync.controls.rebalance.propose import DemandLine, Load

WORK = 20.0
"""The bound on the solver's work, in its own measure: about so many seconds, or twice as many."""
MOST = 3.0
"""The bound for one goal."""
ORDER, QUESTION = 8.0, 2.0
"""The bound for the alphabetical order, and for one question about it."""
FEW, LITTLE = 12, 0.3
"""A large set is improved so many managers at a time, with so much work each time."""
OFTEN, SELDOM = 120, 24
"""How many times at most: for moves as such, and for moves within a Service."""
LARGE = 2_000
"""Counts from which a set is improved that way before the whole is solved."""
TOO_LARGE = 8_000
"""Counts beyond which only lines of the more frequent lengths may move."""


def solve(load: Load, limits: Sequence[Fraction], rooms: Sequence[Fraction]) -> tuple[dict[int, int], bool]:
    """Give the best set of moves.

    Args:
        limits: by manager, hours that are not yet too much.
        rooms: by manager, hours at which a receiver may end.

    Returns:
        `(moves, proven)`: the receiver's place by line id, and whether it is sure that nothing better exists;
        if not, the bound on work came first.
    """
    task = in_whole_numbers(load, limits, rooms)
    if task.too_fine:
        return _by_id(first_set(task)), False
    work = Work(WORK)
    flow, proven = _brought_down(task, work)
    groups = Groups(flow)
    if not flow.owed:
        _polish(flow, -groups.within, work, SELDOM)
    proven = flow.least(-groups.within, work, MOST if proven else LITTLE) and proven
    pairs = groups.pairs()
    if proven:
        pairs, proven = first_in_order(groups, pairs, Work(min(work.left, ORDER)), most=QUESTION)
    return _by_id(pairs), proven


def _by_id(pairs: Sequence[Pair]) -> dict[int, int]:
    return {line.id: receiver for line, receiver in pairs if line.owner != receiver}


def _brought_down(task: Task, work: Work) -> tuple[Flow, bool]:
    """Hold managers above, hours above and moves at their least, in this order.

    Where each manager above the limit can come down by the least number of lines that must leave, the best
    sets consist of just such moves, and the model has only those.
    """
    owed, lines = fewest_to_leave(task)
    flow = Flow(task, lines)
    if flow.exactly(owed, work, MOST):
        return flow, True
    start = first_set(task)
    lines, whole = _not_too_many(task, start)
    flow = Flow(task, lines)
    flow.start(start)
    above, over = total_of(flow.above), total_of(flow.over)
    over_most = sum(task.over(manager, task.most(manager)) for manager in flow.over)
    _polish(flow, ((over_most + 1) * above + over) * (len(lines) + 1) + flow.moves, work, OFTEN)
    proven = [flow.least(above, work, MOST), flow.least(over, work, MOST)]
    _polish(flow, flow.moves, work, OFTEN)
    proven.append(flow.least(flow.moves, work, MOST))
    return flow, whole and all(proven)


def _polish(flow: Flow, goal: object, work: Work, rounds: int) -> None:
    if len(flow.counts) > LARGE and len(flow.load) > FEW:
        flow.polish(goal, work, rounds=rounds, size=FEW, most=LITTLE)


def _not_too_many(task: Task, start: Sequence[Pair]) -> tuple[list[DemandLine], bool]:
    """Leave out lines of rare lengths where the model would be too large.

    Returns:
        `(lines, whole)`: those that may move, with all of `start`, and whether these are all there are.
    """
    used = {task.hours[line.id] for line, _ in start}
    owners: dict[int, set[int]] = defaultdict(set)
    for line in task.lines:
        owners[task.hours[line.id]].add(line.owner)
    size, taken = 0, set()
    for hours in sorted(owners, key=lambda hours: (hours not in used, -len(owners[hours]), hours)):
        size += len(owners[hours]) + len(task.demand)
        if size <= TOO_LARGE or hours in used:
            taken.add(hours)
    return [line for line in task.lines if task.hours[line.id] in taken], len(taken) == len(owners)
