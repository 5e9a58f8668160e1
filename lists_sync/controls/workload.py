"""Control 1.3, workload rebalance: who is pressed too hard, what to pass on, and what has been passed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Figure, Judged, Lists, Remembered
from lists_sync.controls.files import pairs
from lists_sync.controls.findings import most_pressing, refs, tell
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.load import NO_CAPACITY, NOBODY, Loads, read_loads
from lists_sync.controls.local import NAT, Bools, micros_of
from lists_sync.controls.matching import normal, normal_all
from lists_sync.controls.percent import exact, one_decimal
from lists_sync.controls.rebalance import DemandLine, Load, Moves, propose

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar

TO_MOVE = ("proposed to move",)
_SINCE = ("ActionsMoved", "DeadlinesBroughtForward", "HoursNewlyAssigned")


def workload_rebalance(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Weigh every active manager's work, propose what to pass on, and count what was since the last record.

    Args:
        lists: frames `actions` and `managers`.
        settings: `pressure_above` and `receiver_up_to`, percent; `horizon_days`; `blank_effort_hours`.
        remembered: `earlier`, the lists as they stood at the previous record.

    Returns:
        measures MaxPressure (exact), OverloadedManagers, RebalancePossible, and, against the previous record,
        ActionsMoved, DeadlinesBroughtForward, HoursNewlyAssigned; columns of Managers, cleared on rows of
        nobody active, and SuggestedOwner, cleared on lines that need not move; finding `OverloadedManagers`:
        the lines to move, else the demand of the overloaded.
    Source:
        Operational example 1, step 3; controls.md 1.3.
    """
    lines = read_lines(lists, calendar.zone)
    loads = read_loads(lists, lines, moment=moment, calendar=calendar, settings=settings)
    moves = propose(
        load_of(lists, lines, loads),
        above=exact(settings["pressure_above"]),
        receiver_up_to=exact(settings["receiver_up_to"]),
    )
    then = remembered.earlier
    measures = {
        "MaxPressure": _max_pressure(loads),
        "OverloadedManagers": int(loads.overloaded.sum()),
        **(_since(lists, then, lines, loads, calendar) if then is not None else dict.fromkeys(_SINCE)),
        "RebalancePossible": moves.possible,
    }
    receivers, index = dict(moves.moves), lines.frame.index
    suggested = pd.Series([receivers.get(id_) for id_ in index.tolist()], index, "str", "SuggestedOwner")
    told, total = _told(lines, loads, suggested, micros_of(moment))
    return Judged(
        measures,
        {"actions": suggested.to_frame(), "managers": loads.columns(lists.frames["managers"])},
        {"OverloadedManagers": told},
        {
            "totals": {"OverloadedManagers": total},
            "notes": tuple(_notes(loads, moves, lost=then is None and not remembered.first_run)),
        },
    )


def load_of(lists: Lists, lines: Lines, loads: Loads) -> Load:
    """Give the demand as the solver takes it: of managers whose hours are known, and none of the others."""
    known = [place for place, hours in enumerate(loads.capacity) if hours is not None]
    number = np.full(len(loads.emails) + 1, NOBODY, dtype=np.int64)  # the last place is for NOBODY
    number[known] = np.arange(len(known))
    owner = number[loads.owner]
    at = np.flatnonzero(loads.in_demand & (owner != NOBODY))
    services = _texts(lines.frame["Service"].iloc[at])
    lent = _services(lists.frames["managers"], loads)
    return Load(
        managers=tuple(loads.emails[place] for place in known),
        services=tuple(lent[place] for place in known),
        capacity=tuple(hours for hours in loads.capacity if hours is not None),
        lines=tuple(
            DemandLine(ref=normal(ref), id=int(id_), owner=int(who), service=service, hours=hours)
            for ref, id_, who, service, hours in zip(
                refs(lines.frame, at),
                lines.frame.index[at],
                owner[at],
                services,
                loads.hours[at],
                strict=True,
            )
        ),
    )


def _services(managers: pd.DataFrame, loads: Loads) -> list[str]:
    """Give each manager's Service, the first that a row of theirs names; "" for none."""
    found = [""] * len(loads.emails)
    for place, service in zip(loads.row.tolist(), _texts(managers["Service"]), strict=True):
        if place != NOBODY:
            found[place] = found[place] or service
    return found


def _texts(column: pd.Series[Any]) -> list[str]:
    return normal_all(column.fillna("").tolist())


def _max_pressure(loads: Loads) -> Fraction | None:
    """Give the highest pressure; not available where somebody has no capacity, or there is nobody."""
    if (loads.state == NO_CAPACITY).any():
        return None
    return max((one for one in loads.pressure if one is not None), default=None)


def _since(now: Lists, then: Lists, lines: Lines, loads: Loads, calendar: Calendar) -> dict[str, Figure]:
    """Count what changed since the previous record, item by item."""
    before = read_lines(then, calendar.zone)
    index = lines.frame.index
    place = before.frame.index.get_indexer(index)  # the last place, -1, is for lines that were not there
    both = lines.live & np.append(before.live, [False])[place]
    owner = loads.persons(lines.frame["Owner"])
    owner_then = loads.persons(before.frame["Owner"].reindex(index))
    passed_on = both & (owner != "") & (owner_then != "") & (owner != owner_then)
    due_then = np.append(before.due, NAT)[place]
    sooner = both & lines.has_due & (lines.due < due_then)  # NAT, no due date, is before every moment
    return {
        "ActionsMoved": int(passed_on.sum()),
        "DeadlinesBroughtForward": int((sooner & _linked(lines)).sum()),
        "HoursNewlyAssigned": _hours_assigned(now, then),
    }


def _linked(lines: Lines) -> Bools:
    """Tell which lines name another existing line under LinkedActions, or are named by one."""
    naming, named = pairs(lines.frame["LinkedActions"], lines.frame["ActionRef"])
    other = naming != named
    found = np.zeros(len(lines.frame), dtype=bool)
    found[naming[other]] = True
    found[named[other]] = True
    return found


def _hours_assigned(now: Lists, then: Lists) -> float:
    """Sum by how much SupportHours rose, row by row; a blank is 0, and so is a row that was not there."""
    hours, earlier = now.frames["managers"]["SupportHours"], then.frames["managers"]["SupportHours"]
    index = hours.index
    wrong_then = index.isin(earlier.index[then.is_unusable("managers", "SupportHours")])
    usable = ~now.is_unusable("managers", "SupportHours") & ~wrong_then
    both = zip(hours[usable].fillna(0.0), earlier.reindex(index[usable]).fillna(0.0), strict=True)
    return float(sum((max(Fraction(0), exact(new) - exact(old)) for new, old in both), Fraction(0)))


def _told(lines: Lines, loads: Loads, suggested: pd.Series[Any], now_us: int) -> tuple[pd.DataFrame, int]:
    """Describe the lines to move, else the demand of the overloaded; and say how many these are."""
    to_move = suggested.notna().to_numpy()
    chosen = to_move if to_move.any() else loads.in_demand & loads.owner_is_overloaded
    late = np.where(lines.has_due, now_us - lines.due, NAT)
    told = tell(lines, most_pressing(lines, chosen), late)
    told["defects"] = pd.Series([TO_MOVE] * len(told) if to_move.any() else None, told.index, dtype=object)
    return told, int(chosen.sum())


def _notes(loads: Loads, moves: Moves, *, lost: bool) -> Iterator[str]:
    """Say what a reader of the figures must know; counts and hours only."""
    if lost:
        yield (
            "How the lists stood at the previous record is not known here any more, so what was moved, "
            "brought forward and assigned since is not available."
        )
    if unknown := sum(hours is None for hours in loads.capacity):
        yield (
            f"The hours of {_counted(unknown, 'active manager')} cannot be used, so no move from or to "
            f"{'this one' if unknown == 1 else 'these'} is proposed."
        )
    if not moves.possible:
        yield _what_stands_in_the_way(moves)
    if not moves.proven:
        yield "The search for better moves was stopped at its limit: those proposed are the best found."


def _what_stands_in_the_way(moves: Moves) -> str:
    known = "No set of moves relieves" if moves.proven else "No set of moves was found that relieves"
    left = (
        f"{known} everybody: {_counted(moves.above_count, 'manager')} would stay above the "
        f"limit, by {_hours(moves.hours_above)}"
    )
    if not moves.hours_free:
        return f"{left}; nobody has hours free to take a line."
    if moves.hours_free < moves.hours_to_go:
        return f"{left}; {_hours(moves.hours_to_go)} are to be moved and {_hours(moves.hours_free)} are free."
    if moves.shortest_line > moves.largest_free:
        return (
            f"{left}; their shortest line is of {_hours(moves.shortest_line)}, and nobody has more than "
            f"{_hours(moves.largest_free)} free."
        )
    return f"{left}; the lines are too long for the hours that are free with each manager."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _hours(hours: Fraction) -> str:
    """Give hours to one decimal, a whole number without one; a little that rounds to nothing stays seen."""
    told = f"{one_decimal(hours)}".removesuffix(".0")
    if told == "0" and hours:
        return "less than 0.1 hours"
    return f"{told} hour{'' if told == '1' else 's'}"
