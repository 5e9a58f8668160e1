"""Earlier moves by plain exchanges, and moves that plain reckoning rules out.

Both only spare the solver work: what is left open here is asked there.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lists_sync.controls.rebalance.groups import Groups
    from lists_sync.controls.rebalance.model import Pair
    from lists_sync.controls.rebalance.propose import DemandLine

TRIES = 200_000
"""How many exchanges are tried at most."""


def exchanged(groups: Groups, pairs: Sequence[Pair], known: int) -> list[Pair]:
    """Exchange one or two moves at a time for earlier ones, as long as that can be done.

    Args:
        pairs: a set of moves in order.
        known: so many first moves stay.

    Returns:
        an equally good set, in order, that comes no later.
    """
    exchange = _Exchange(groups, pairs)
    place = known
    while place < len(exchange.pairs):
        if not exchange.make_earlier(place):
            place += 1
    return exchange.pairs


class _Exchange:
    def __init__(self, groups: Groups, pairs: Sequence[Pair]) -> None:
        self._groups, self._task = groups, groups.task
        self.pairs = list(pairs)
        self._load = self._task.loads(pairs)
        self._received = Counter(receiver for _, receiver in pairs)
        moved = {line.id for line, _ in pairs}
        self._free = sorted((line for line in groups.flow.lines if line.id not in moved), key=_by_ref)
        self._fruitless: set[tuple[int, int, str]] = set()
        self._tries = TRIES

    def make_earlier(self, place: int) -> bool:
        """Put an earlier move in that place, those before it staying; tell whether one was found."""
        for out, into in chain(self._other_lines(place), self._other_receivers(place)):
            if self._is_as_good(out, into):
                moving = {line.id for line, _ in into}
                self.pairs = sorted([*(pair for pair in self.pairs if pair not in out), *into], key=self._key)
                self._free = [line for line in self._free if line.id not in moving]
                for line, _ in out:
                    if line.id not in moving:
                        insort(self._free, line, key=_by_ref)
                self._fruitless.clear()
                return True
        return False

    def _key(self, pair: Pair) -> tuple[str, str, int]:
        return (*self._groups.key(pair), pair[0].id)

    def _other_lines(self, place: int) -> Iterator[tuple[list[Pair], list[Pair]]]:
        """Give earlier lines, each instead of one that its owner passes on here or later."""
        after = self.pairs[place - 1][0].ref if place else ""
        present = self.pairs[place][0].ref
        for number in range(bisect_left(self._free, after, key=lambda line: line.ref), len(self._free)):
            line = self._free[number]
            if line.ref >= present:
                return
            like = (line.owner, self._task.hours[line.id], line.service)
            if like not in self._fruitless:
                self._fruitless.add(like)
                theirs = (pair for pair in self.pairs[place:] if pair[0].owner == line.owner)
                for out in self._distinct(theirs):
                    if self._is_instead(line, out[0]):
                        for receiver in (out[1], *range(len(self._load))):
                            yield [out], [(line, receiver)]

    def _distinct(self, pairs: Iterable[Pair]) -> Iterable[Pair]:
        """Give the last of the pairs that are alike but for their reference."""
        hours = self._task.hours
        return {(one.owner, hours[one.id], one.service, to): (one, to) for one, to in pairs}.values()

    def _is_instead(self, line: DemandLine, other: DemandLine) -> bool:
        """Tell whether the owner is as well off with that line passed on instead of the other."""
        load, hours = self._load[line.owner], self._task.hours
        after = load + hours[other.id] - hours[line.id]
        return self._task.over(line.owner, after) == self._task.over(line.owner, load)

    def _other_receivers(self, place: int) -> Iterator[tuple[list[Pair], list[Pair]]]:
        """Give earlier receivers of the line, alone or against one that is to go there."""
        line, present = self.pairs[place]
        others = self._distinct(self.pairs[place + 1 :])
        for receiver in range(present):  # managers stand in the order of their e-mails
            yield [(line, present)], [(line, receiver)]
            for other in others:
                if other[1] == receiver:
                    yield [(line, present), other], [(line, receiver), (other[0], present)]

    def _is_as_good(self, out: list[Pair], into: list[Pair]) -> bool:
        """Make the exchange in the loads; unmake it where the set is then not valid, or not as good."""
        task = self._task
        self._tries -= 1
        if self._tries < 0 or any(line.owner == receiver for line, receiver in into):
            return False
        if sum(task.is_within(*pair) for pair in out) != sum(task.is_within(*pair) for pair in into):
            return False
        touched = {manager for line, receiver in (*out, *into) for manager in (line.owner, receiver)}
        before = {manager: task.over(manager, self._load[manager]) for manager in touched}
        self._shift(out, -1)
        self._shift(into, 1)
        if all(self._ends_well(manager, before[manager]) for manager in touched):
            return True
        self._shift(into, -1)
        self._shift(out, 1)
        return False

    def _ends_well(self, manager: int, over: int) -> bool:
        load = self._load[manager]
        has_room = not self._received[manager] or load <= self._task.room[manager]
        return has_room and self._task.over(manager, load) == over

    def _shift(self, pairs: Sequence[Pair], times: int) -> None:
        for line, receiver in pairs:
            hours = times * self._task.hours[line.id]
            self._load[line.owner] -= hours
            self._load[receiver] += hours
            self._received[receiver] += times


def _by_ref(line: DemandLine) -> tuple[str, int]:
    return line.ref, line.id


class RuledOut:
    """Tells which moves cannot follow the first moves of a set, if it is to stay as good.

    Nothing is ruled out after a move whose reference other lines share: it may be meant of any of them.
    """

    def __init__(self, groups: Groups, pairs: Sequence[Pair]) -> None:
        self._task, self._owed = groups.task, groups.flow.owed
        self._pairs = pairs
        self._within = [0, *accumulate(self._task.is_within(*pair) for pair in pairs)]
        self._givers = {line.owner for line in groups.flow.lines}
        self._longest: dict[int, list[DemandLine]] = defaultdict(list)
        for line in sorted(groups.flow.lines, key=lambda line: -self._task.hours[line.id]):
            self._longest[line.owner].append(line)
        self._place = {line.id: place for place, (line, _) in enumerate(pairs)}
        shared = (place for place, (line, _) in enumerate(pairs) if line.ref in groups.shared)
        self._sure = next(shared, len(pairs))

    def line(self, line: DemandLine, kept: int) -> bool:
        """Tell whether that line cannot move, to anyone, once the first `kept` moves are made."""
        receivers = (place for place in range(len(self._task.demand)) if place != line.owner)
        return kept <= self._sure and (
            self._leaves_too_little(line, kept)
            or all(self._has_no_place(line, receiver, kept) for receiver in receivers)
        )

    def receiver(self, line: DemandLine, receiver: int, kept: int) -> bool:
        """Tell whether that line cannot go there once the first `kept` moves are made."""
        return kept <= self._sure and self._has_no_place(line, receiver, kept)

    def _has_no_place(self, line: DemandLine, receiver: int, kept: int) -> bool:
        within, everywhere = self._within, len(self._pairs)
        if self._task.is_within(line, receiver):
            if within[kept] + 1 > within[-1]:
                return True
        elif kept - within[kept] + 1 > everywhere - within[-1]:
            return True
        if receiver in self._givers:  # what leaves there may make room
            return False
        there = sum(self._task.hours[one.id] for one, to in self._pairs[:kept] if to == receiver)
        return self._task.demand[receiver] + there + self._task.hours[line.id] > self._task.room[receiver]

    def _leaves_too_little(self, line: DemandLine, kept: int) -> bool:
        """Whether the owner, who may pass on only so many lines, would then stay above the limit."""
        if line.owner not in self._owed:
            return False
        owner, hours = line.owner, self._task.hours
        theirs = [one for one, _ in self._pairs[:kept] if one.owner == owner]
        count = self._owed[owner] - len(theirs) - 1
        others = (
            one
            for one in self._longest[owner]
            if one.id != line.id and self._place.get(one.id, len(self._pairs)) >= kept
        )
        most = sum(hours[one.id] for one in (*theirs, line)) + sum(
            hours[one.id] for one, _ in zip(others, range(max(0, count)), strict=False)
        )
        return count < 0 or self._task.demand[owner] - most > self._task.limit[owner]
