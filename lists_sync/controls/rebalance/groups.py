"""The lines behind the counts: which lines leave, and which of the moves stay within a Service."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lists_sync.controls.rebalance.model import Flow, Pair, Var, total_of

if TYPE_CHECKING:
    from lists_sync.controls.rebalance.propose import DemandLine

Group = tuple[int, int, str, str]
"""Owner, hours, Service ("" where no other manager has it), reference ("" where no other line shares it)."""
Slot = tuple[bool, int, int]
"""Whether within a Service, receiver, hours."""


class Groups:
    """Lines that nothing tells apart but their order, and the places they can go to.

    Attributes:
        lines: by group, in the order of (reference, id); so many of the first leave as `leaving` says.
        arriving: how many lines of those hours arrive at a receiver, by slot.
        supply: by (hours, Service): lines of it that leave, less those that arrive within it; never below 0.
        within: the moves within a Service.
    """

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.task = flow.task
        self.shared = {ref for ref, count in Counter(line.ref for line in flow.lines).items() if count > 1}
        self.lines = self._grouped(flow.lines)
        self.group_of = {line.id: group for group, lines in self.lines.items() for line in lines}
        self.leaving: dict[Group, Var] = {}
        self.arriving: dict[Slot, Var] = {}
        self.supply: dict[tuple[int, str], Var] = {}
        before = len(flow.values)
        self._tie_leaving()
        self._tie_arriving()
        self.within = total_of({slot: var for slot, var in self.arriving.items() if slot[0]})
        added = [(group[0], var) for group, var in self.leaving.items()]
        added += [(receiver, var) for (_, receiver, _), var in self.arriving.items() if var.index >= before]
        flow.counts += added

    def _grouped(self, lines: Iterable[DemandLine]) -> dict[Group, list[DemandLine]]:
        having = defaultdict(set)
        for manager, service in enumerate(self.task.services):
            having[service].add(manager)
        grouped = defaultdict(list)
        for line in sorted(lines, key=lambda line: (line.ref, line.id)):
            service = line.service if having[line.service] - {line.owner} else ""
            ref = line.ref if line.ref in self.shared else ""
            grouped[line.owner, self.task.hours[line.id], service, ref].append(line)
        return grouped

    def _tie_leaving(self) -> None:
        parts: dict[tuple[int, int], list[Group]] = defaultdict(list)
        for group in self.lines:
            parts[group[0], group[1]].append(group)
        for key, groups in parts.items():
            left = self.flow.value(self.flow.leave[key])
            for group in groups:
                count = min(left, len(self.lines[group]))
                left -= count
                self.leaving[group] = self.flow.whole(len(self.lines[group]), count)
            self.flow.model.add(sum(self.leaving[group] for group in groups) == self.flow.leave[key])

    def _tie_arriving(self) -> None:
        leaving: dict[tuple[int, str], list[Var]] = defaultdict(list)
        for (_, hours, service, _), var in self.leaving.items():
            leaving[hours, service].append(var)
        for (manager, hours), var in self.flow.arrive.items():
            service = self.task.services[manager]
            self.arriving[False, manager, hours] = var
            if service and (hours, service) in leaving:
                self._part(manager, hours, var)
        for (hours, service), there in self._arriving_within().items():
            self.supply[hours, service] = sum(leaving[hours, service]) - sum(there)
            self.flow.model.add(self.supply[hours, service] >= 0)

    def _part(self, manager: int, hours: int, var: Var) -> None:
        """Count what arrives within the Service apart from what comes from elsewhere."""
        most = self.flow.model.proto.variables[var.index].domain[1]
        within = self.flow.whole(most)
        other = self.flow.whole(most, self.flow.value(var))
        self.flow.model.add(within + other == var)
        self.arriving[True, manager, hours] = within
        self.arriving[False, manager, hours] = other

    def _arriving_within(self) -> dict[tuple[int, str], list[Var]]:
        there: dict[tuple[int, str], list[Var]] = defaultdict(list)
        for (within, manager, hours), var in self.arriving.items():
            if within:
                there[hours, self.task.services[manager]].append(var)
        return there

    def slot(self, line: DemandLine, receiver: int) -> Slot:
        """Give the slot that such a move takes."""
        return self.task.is_within(line, receiver), receiver, self.task.hours[line.id]

    def key(self, pair: Pair) -> tuple[str, str]:
        """Give what the alphabet goes by: reference, receiver's e-mail."""
        return pair[0].ref, self.task.managers[pair[1]]

    def pairs(self, settled: Sequence[Pair] = ()) -> list[Pair]:
        """Give a set of moves with the counts of the best found, in alphabetical order.

        Args:
            settled: moves that are surely among them.
        """
        slots = Counter({slot: self.flow.value(var) for slot, var in self.arriving.items()})
        leaving = Counter({group: self.flow.value(var) for group, var in self.leaving.items()})
        for line, receiver in settled:
            slots[self.slot(line, receiver)] -= 1
            leaving[self.group_of[line.id]] -= 1
        taken = {line.id for line, _ in settled}
        going: dict[int, list[DemandLine]] = defaultdict(list)
        for group, lines in self.lines.items():
            free = [line for line in lines if line.id not in taken]
            going[group[1]] += free[: leaving[group]]
        pairs = list(settled)
        for hours, lines in going.items():
            pairs += self._seated(lines, [slot for slot in slots.elements() if slot[2] == hours])
        return sorted(pairs, key=lambda pair: (*self.key(pair), pair[0].id))

    def _seated(self, lines: list[DemandLine], slots: list[Slot]) -> list[Pair]:
        """Put each line, first reference first, into the first slot that leaves one for all others."""
        services = self.task.services
        slots.sort(key=lambda slot: (self.task.managers[slot[1]], not slot[0]))
        there = Counter(line.service for line in lines)
        wanted = Counter(services[receiver] for within, receiver, _ in slots if within)
        pairs = []
        for line in sorted(lines, key=lambda line: (line.ref, line.id)):
            spare = there[line.service] > wanted[line.service]
            slot = next(one for one in slots if (self.task.is_within(line, one[1]) if one[0] else spare))
            slots.remove(slot)
            there[line.service] -= 1
            wanted[line.service] -= slot[0]
            pairs.append((line, slot[1]))
        return pairs
