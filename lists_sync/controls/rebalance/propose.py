"""Control 1.3, proposed moves: the fewest demand lines to pass on so that nobody is above the limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class DemandLine:
    """A live line that counts in its owner's demand.

    Args:
        ref: ActionRef as compared, cleaned; `#<item id>` for a blank one.
        owner: place in `Load.managers`.
        service: normal form, "" for none.
        hours: 0 or more; a line of 0 hours is never moved.
    """

    ref: str
    id: int
    owner: int
    service: str
    hours: Fraction


@dataclass(frozen=True)
class Load:
    """What the active managers have to do, and the hours they have for it.

    Args:
        managers: e-mails in normal form, sorted.
        services: each manager's Service in normal form, "" for none.
        capacity: each manager's hours, 0 or more.
        lines: in any order.
    """

    managers: tuple[str, ...]
    services: tuple[str, ...]
    capacity: tuple[Fraction, ...]
    lines: tuple[DemandLine, ...]


@dataclass(frozen=True)
class Moves:
    """Which lines to pass on, and what is left afterwards.

    Args:
        moves: `(line id, receiver's e-mail)`, by reference, then receiver, then id.
        possible: every manager ends at the limit or less.
        proven: no better set exists; False where the bound on work came first, and these are the best found.
        above_count: managers above the limit after the moves.
        hours_above: their hours above it, summed.
        hours_to_go: hours above the limit before any move, summed.
        hours_free: hours that managers could take before any move, summed.
        largest_free: the most that one manager could take before any move.
        shortest_line: hours of the shortest line that a manager above the limit owns; 0 for none.
    """

    moves: tuple[tuple[int, str], ...]
    possible: bool
    proven: bool
    above_count: int
    hours_above: Fraction
    hours_to_go: Fraction
    hours_free: Fraction
    largest_free: Fraction
    shortest_line: Fraction


def propose(load: Load, *, above: Fraction, receiver_up_to: Fraction) -> Moves:
    """Give the fewest moves that bring every manager to `above` per cent of capacity or less.

    Args:
        load: what is owned; nothing in it is changed.
        above: per cent of capacity; more than it is too much, and so is any demand without capacity.
        receiver_up_to: per cent of capacity at which a manager who receives a line may end, and no higher.

    Returns:
        of all such sets the one with the fewest moves, then with the most moves to a receiver of the line's
        own Service, then the alphabetically first list of (reference, receiver). Where there is no such set:
        that which leaves the fewest managers above, then the smallest sum of hours above, then as before.
    Source:
        controls.md 1.3.
    """
    limits = [share * above / 100 for share in load.capacity]
    rooms = [share * receiver_up_to / 100 for share in load.capacity]
    before = _demand(load, {})
    free = [max(Fraction(0), room - hours) for room, hours in zip(rooms, before, strict=True)]
    moved: dict[int, int] = {}
    proven = True
    if any(free) and any(hours > limit for hours, limit in zip(before, limits, strict=True)):
        from lists_sync.controls.rebalance.solve import solve  # the solver is slow to import

        moved, proven = solve(load, limits, rooms)
    over = [hours - limit for hours, limit in zip(_demand(load, moved), limits, strict=True) if hours > limit]
    pairs = [(line.ref, load.managers[moved[line.id]], line.id) for line in load.lines if line.id in moved]
    return Moves(
        moves=tuple((id_, email) for _, email, id_ in sorted(pairs)),
        possible=not over,
        proven=proven,
        above_count=len(over),
        hours_above=sum(over, Fraction(0)),
        hours_to_go=sum((max(Fraction(0), b - m) for b, m in zip(before, limits, strict=True)), Fraction(0)),
        hours_free=sum(free, Fraction(0)),
        largest_free=max(free, default=Fraction(0)),
        shortest_line=_shortest(load, before, limits),
    )


def _demand(load: Load, moved: Mapping[int, int]) -> list[Fraction]:
    """Give each manager's hours once those lines (by id) are with those managers (by place)."""
    hours = [Fraction(0)] * len(load.managers)
    for line in load.lines:
        hours[moved.get(line.id, line.owner)] += line.hours
    return hours


def _shortest(load: Load, before: list[Fraction], limits: list[Fraction]) -> Fraction:
    theirs = [line.hours for line in load.lines if line.hours > 0 and before[line.owner] > limits[line.owner]]
    return min(theirs, default=Fraction(0))
