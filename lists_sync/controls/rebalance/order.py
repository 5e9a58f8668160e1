"""Of all equally good sets of moves, the alphabetically first list of (reference, receiver's e-mail).

A set is held against all that would come before it, in one question a stretch: is there one that begins with
the same moves and goes on with an earlier move? What is found is first improved by plain exchanges.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from lists_sync.controls.rebalance.exchange import RuledOut, exchanged
from lists_sync.controls.rebalance.model import Ended, Pair, Var, Work

if TYPE_CHECKING:
    from lists_sync.controls.rebalance.groups import Group, Groups, Slot
    from lists_sync.controls.rebalance.propose import DemandLine

STRETCH = 8
"""Moves held against earlier ones at a time, to begin with."""
Key = tuple[str, str]


def first_in_order(groups: Groups, pairs: list[Pair], work: Work, *, most: float) -> tuple[list[Pair], bool]:
    """Give the alphabetically first of the sets that are as good as this one.

    Args:
        groups: with every other goal held at its best.
        pairs: one of the best sets, in order.
        most: of the work, for one question.

    Returns:
        `(pairs, proven)`: where the bound on work came first, the earliest found.
    """
    known, floor = 0, ("", "")
    stretch = usual = STRETCH
    while known < len(pairs):
        pairs = exchanged(groups, pairs, known)
        upto = min(len(pairs), known + stretch)
        answer = _Earlier(groups, pairs, known=known, upto=upto, floor=floor).ask(work, most)
        if answer is None and stretch == 1:
            return pairs, False
        if answer is None:
            stretch, usual = 1 + stretch // 4, 1 + usual // 2
            continue
        stretch = 2 * stretch if answer.known == upto else usual
        pairs, known, floor = answer.pairs, answer.known, answer.floor
    return _least_ids(groups, pairs, work, most)


@dataclass(frozen=True)
class _Answer:
    """A list of moves, how many of its first are surely right, and what the next is surely not before."""

    pairs: list[Pair]
    known: int
    floor: Key


class _Earlier:
    """The question for a set that keeps some first moves and has an earlier one in the place of the next.

    Args:
        known: so many first moves are kept for certain.
        upto: a move before this place is to become an earlier one.
        floor: nothing before this is possible.
    """

    def __init__(self, groups: Groups, pairs: list[Pair], *, known: int, upto: int, floor: Key) -> None:
        self._groups, self._pairs = groups, pairs
        self._known, self._upto, self._floor = known, upto, floor
        self._keys = [groups.key(pair) for pair in pairs]
        self.model = groups.flow.model.clone()
        self._needs = _Needs(groups, self.model)
        self._kept = [self.model.new_bool_var("") for _ in range(known, upto - 1)]
        for before, after in pairwise(self._kept):
            self.model.add_implication(after, before)
        for pair in pairs[:known]:
            self._needs.take(*pair, 1)
        for pair, var in zip(pairs[known:], self._kept, strict=False):
            self._needs.take(*pair, var)
        self._choices: dict[Key, Var] = {}

    def ask(self, work: Work, most: float) -> _Answer | None:
        """Give the list with the earliest such move, or this one where there is none; None: work ran out."""
        self._offer_lines()
        self._offer_receivers()
        for ref, receiver in self._needs.spread:
            self._needs.there[ref, receiver].append(self._offer(ref, receiver))
        none = _Answer(self._pairs, self._upto, self._floor)
        if not self._choices:
            return none
        self._needs.require()
        ranked = sorted(self._choices)
        self.model.add_exactly_one(self._choices.values())
        self.model.minimize(sum(rank * self._choices[key] for rank, key in enumerate(ranked)))
        self._groups.flow.hint(self.model)
        ended, values = work.solve(self.model, most)
        if not values:
            return none if ended is Ended.NONE else None
        key = next(key for key in ranked if values[self._choices[key].index])
        place = bisect_right(self._keys, key)
        pairs = self._read(values, key, place)
        if ended is Ended.BEST:
            return _Answer(pairs, place, key)
        return _Answer(pairs, self._known, self._floor)

    def _offer(self, ref: str, receiver: int | None = None) -> Var:
        """Let such a move be the earlier one; a plain 0 where that is no question."""
        key = (ref, "" if receiver is None else self._groups.task.managers[receiver])
        place = bisect_right(self._keys, key)
        if key < self._floor or not self._known <= place < self._upto:
            return 0
        choice = self._choices[key] = self.model.new_bool_var("")
        if place > self._known:
            self.model.add_implication(choice, self._kept[place - self._known - 1])
        return choice

    def _offer_lines(self) -> None:
        """Offer the first line of each group that does not move yet, to whomever."""
        moved = Counter(self._groups.group_of[line.id] for line, _ in self._pairs)
        ruled_out = RuledOut(self._groups, self._pairs)
        for group, lines in self._groups.lines.items():
            if moved[group] < len(lines) and not group[3]:
                line = lines[moved[group]]
                place = bisect_right(self._keys, (line.ref, ""))
                if self._known <= place < self._upto and not ruled_out.line(line, place):
                    self._needs.leaving[group].append(self._offer(line.ref))

    def _offer_receivers(self) -> None:
        """Offer each line that moves to the receivers before its own."""
        groups = self._groups
        ruled_out = RuledOut(groups, self._pairs)
        for place in range(self._known, self._upto):
            line, present = self._pairs[place]
            if line.ref in groups.shared:
                continue
            for receiver in range(present):  # managers stand in the order of their e-mails
                there = receiver != line.owner and groups.slot(line, receiver) in groups.arriving
                if there and not ruled_out.receiver(line, receiver, place):
                    self._needs.take(line, receiver, self._offer(line.ref, receiver))

    def _read(self, values: Sequence[int], key: Key, place: int) -> list[Pair]:
        """Give the moves of what was found."""
        groups = self._groups
        settled = [pair for pair in self._pairs[:place] if pair[0].ref not in groups.shared]
        line = self._pairs[place][0]
        if key[1] and line.ref == key[0] and key[0] not in groups.shared:
            settled.append((line, groups.task.managers.index(key[1])))
        used: Counter[Group] = Counter()
        for (_, receiver), by_group in self._needs.spread.items():
            for group, var in by_group.items():
                first, count = used[group], values[var.index]
                settled += [(one, receiver) for one in groups.lines[group][first : first + count]]
                used[group] += count
        groups.flow.values = list(values[: len(groups.flow.values)])
        return groups.pairs(settled)


class _Needs:
    """How much must leave and arrive for some moves to be among those of a set.

    Attributes:
        spread: by (shared reference, receiver): how many lines of each group go there, for a reference that
            lines share does not tell which of them is meant.
        leaving, arriving, supply, there: what the model has to reach, term by term.
    """

    def __init__(self, groups: Groups, model: Var) -> None:
        self._groups, self._model = groups, model
        self.leaving: dict[Group, list[Var]] = defaultdict(list)
        self.arriving: dict[Slot, list[Var]] = defaultdict(list)
        self.supply: dict[tuple[int, str], list[Var]] = defaultdict(list)
        self.there: dict[tuple[str, int], list[Var]] = defaultdict(list)
        self.spread: dict[tuple[str, int], dict[Group, Var]] = defaultdict(dict)
        for group in groups.lines:
            if group[3]:
                self._spread(group)

    def _spread(self, group: Group) -> None:
        lines, everywhere = self._groups.lines[group], []
        for receiver in range(len(self._groups.task.demand)):
            if receiver != group[0] and self._groups.slot(lines[0], receiver) in self._groups.arriving:
                var = self._model.new_int_var(0, len(lines), "")
                self.spread[group[3], receiver][group] = var
                self._arrive(lines[0], receiver, var)
                everywhere.append(var)
        self._model.add(sum(everywhere) == self._groups.leaving[group])

    def take(self, line: DemandLine, receiver: int, var: Var) -> None:
        """Have the line go there where `var` is 1."""
        if line.ref in self._groups.shared:
            self.there[line.ref, receiver].append(var)
        else:
            self.leaving[self._groups.group_of[line.id]].append(var)
            self._arrive(line, receiver, var)

    def _arrive(self, line: DemandLine, receiver: int, var: Var) -> None:
        slot = self._groups.slot(line, receiver)
        self.arriving[slot].append(var)
        if not slot[0]:
            self.supply[slot[2], self._groups.group_of[line.id][2]].append(var)

    def require(self) -> None:
        """Hold the model to all of it."""
        groups, add = self._groups, self._model.add
        for group, terms in self.leaving.items():
            add(groups.leaving[group] >= sum(terms))
        for slot, terms in self.arriving.items():
            add(groups.arriving[slot] >= sum(terms))
        for key, terms in self.supply.items():
            if key in groups.supply:
                add(groups.supply[key] >= sum(terms))
        for pair, terms in self.there.items():
            add(sum(self.spread[pair].values()) >= sum(terms))


def _least_ids(groups: Groups, pairs: list[Pair], work: Work, most: float) -> tuple[list[Pair], bool]:
    """Where lines share a reference, take those with the lowest ids that allow the list of moves.

    Returns:
        `(pairs, proven)`: the same references and receivers, in order.
    """
    if not any(line.ref in groups.shared for line, _ in pairs):
        return pairs, True
    by_id = _LeastIds(groups, pairs)
    settled = []
    for pair in pairs:
        settled.append(by_id.line_of(pair, work, most) if pair[0].ref in groups.shared else pair)
        if settled[-1] is None:
            return pairs, False
    return sorted(filter(None, settled), key=lambda pair: (*groups.key(pair), pair[0].id)), True


class _LeastIds:
    """Names the lines of a list of moves one by one, where their references do not."""

    def __init__(self, groups: Groups, pairs: Sequence[Pair]) -> None:
        self._lines = groups.lines
        self._model = groups.flow.model.clone()
        self._needs = _Needs(groups, self._model)
        for pair in pairs:
            self._needs.take(*pair, 1)
        self._needs.require()
        self._named: Counter[Group] = Counter()
        self._there: Counter[tuple[Group, int]] = Counter()

    def line_of(self, pair: Pair, work: Work, most: float) -> Pair | None:
        """Give the line of the lowest id that can go there beside those already named; None: work ran out."""
        line, receiver = pair
        going = self._needs.spread[line.ref, receiver]
        able = [group for group in going if self._named[group] < len(self._lines[group])]
        able.sort(key=lambda group: self._next(group).id)
        model = self._model.clone()
        chosen = [model.new_bool_var("") for _ in able]
        for group, var in zip(able, chosen, strict=True):
            model.add(going[group] >= self._there[group, receiver] + var)
        model.add_exactly_one(chosen)
        model.minimize(sum(rank * var for rank, var in enumerate(chosen)))
        ended, values = work.solve(model, most)
        if ended is not Ended.BEST:
            return None
        group = next(group for group, var in zip(able, chosen, strict=True) if values[var.index])
        named = self._next(group)
        self._named[group] += 1
        self._there[group, receiver] += 1
        self._model.add(going[group] >= self._there[group, receiver])
        return named, receiver

    def _next(self, group: Group) -> DemandLine:
        return self._lines[group][self._named[group]]
