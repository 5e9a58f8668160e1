"""Whose work is too much, and where a line is proposed to go: control 1.3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from lists_sync.controls.load import LOAD_STATES, NOBODY, UNKNOWN, Loads, read_loads
from lists_sync.controls.matching import normal
from lists_sync.controls.percent import exact, one_decimal
from lists_sync.controls.rebalance import Moves, propose
from lists_sync.controls.workload import load_of
from lists_sync.explain.told import Explained, FigureTold, StepsTold, ThresholdTold, ValueTold
from lists_sync.explain.view import View
from lists_sync.messages.words import day_words
from lists_sync.worktime import day_steps

if TYPE_CHECKING:
    from fractions import Fraction

    from lists_sync.explain.scene import Scene

_WEIGHED = ("pressure_above", "horizon_days", "blank_effort_hours")


def suggested_owner(view: View) -> Explained:
    """Explain SuggestedOwner.

    Source: Operational example 1, step 3; controls.md 1.3.
    """
    above, room = view.setting("pressure_above"), view.setting("receiver_up_to")
    receiver = dict(_moves(view).moves).get(view.id)
    rule = (
        f"Proposed, never applied: the fewest moves after which every manager is at {above:g} % or less "
        f"and who receives a line ends at {room:g} % or less; among those the most within the line's own "
        "Service, then the first by reference and receiver."
    )
    if receiver is None:
        rule = f"The line is not among the moves that would bring every manager to {above:g} % or less."
        figures = tuple(_pressures(view, view.cell("Owner")))
        return Explained(None, rule, view.values("Owner"), figures, load_thresholds(view), (horizon(view),))
    owner = str(view.cell("Owner"))
    values = (*view.values("Owner", "Service", "EffortHours", "DueDate"), *load_values(view, receiver))
    return Explained(
        receiver,
        rule,
        (*values, *(one for one in load_values(view, owner) if one.item != view.id or one.list != "actions")),
        (*_pressures(view, owner), *_pressures(view, receiver), *_after(view, owner, receiver)),
        (*load_thresholds(view), view.threshold("receiver_up_to")),
        (horizon(view),),
    )


def loads_of(view: View) -> Loads:
    """Give what every active manager has to do, by the numbers of the view's job."""
    scene: Scene = view.scene
    return scene.once(
        view.job,
        "loads",
        lambda: read_loads(
            scene.lists,
            scene.lines,
            moment=scene.moment,
            calendar=scene.calendar_of(view.job),
            settings=view.job.settings,
        ),
    )


def _moves(view: View) -> Moves:
    scene, loads = view.scene, loads_of(view)
    above, room = exact(view.setting("pressure_above")), exact(view.setting("receiver_up_to"))
    load = load_of(scene.lists, scene.lines, loads)
    return scene.once(view.job, "moves", lambda: propose(load, above=above, receiver_up_to=room))


def person(view: View, email: object) -> int:
    """Give somebody's place among the active managers, NOBODY where they are none."""
    return loads_of(view).place_of.get(normal(email), NOBODY) if isinstance(email, str) else NOBODY


def load_values(view: View, email: object) -> Iterator[ValueTold]:
    """Give the hours that somebody has, and the effort of every line that counts in their demand."""
    place, loads = person(view, email), loads_of(view)
    if place == NOBODY:
        return
    frame = view.scene.lists.frames["managers"]
    for row in np.flatnonzero(loads.row == place).tolist():
        yield from view.values("WeeklyHours", "SupportHours", key="managers", id_=int(frame.index[row]))
    for line in np.flatnonzero(loads.in_demand & (loads.owner == place)).tolist():
        yield from view.values("EffortHours", "DueDate", id_=int(view.lines.frame.index[line]))


def _pressures(view: View, email: object) -> Iterator[FigureTold]:
    place, loads = person(view, email), loads_of(view)
    if place == NOBODY:
        yield FigureTold(
            "pressure", None, "Its owner is no active manager, so there is no pressure to weigh."
        )
        return
    yield pressure_figure(loads, place)


def pressure_figure(loads: Loads, place: int) -> FigureTold:
    """Say how somebody's pressure comes about."""
    lines = int((loads.in_demand & (loads.owner == place)).sum())
    demand, capacity, pressure = loads.demand[place], loads.capacity[place], loads.pressure[place]
    work = f"{loads.emails[place]}: demand {hours_words(demand)} in {lines} line{'' if lines == 1 else 's'}"
    if capacity is None:
        return FigureTold("pressure", None, f"{work}; the hours of the row cannot be used.")
    if pressure is None:
        return FigureTold("pressure", None, f"{work}; no hours at all, so `No capacity`, above any limit.")
    told = percent_words(pressure)
    words = f"{work}, capacity {hours_words(capacity)}; pressure 100 x {demand} / {capacity} = {told}."
    if not demand:
        words = f"{work}, capacity {hours_words(capacity)}; without demand the pressure is 0 %."
    return FigureTold("pressure", float(pressure), words)


def _after(view: View, *emails: str) -> Iterator[FigureTold]:
    """Say where people end once all the proposed moves are made."""
    loads, moves = loads_of(view), dict(_moves(view).moves)
    index = view.lines.frame.index
    for email in emails:
        place = person(view, email)
        if place == NOBODY:
            continue
        owned = np.flatnonzero(loads.owner == place).tolist()
        gone = sum(loads.hours[at] for at in owned if int(index[at]) in moves)
        come = sum(loads.hours[index.get_loc(id_)] for id_, to in moves.items() if to == loads.emails[place])
        demand, capacity = loads.demand[place] - gone + come, loads.capacity[place]
        share = 100 * demand / capacity if capacity else None
        told = percent_words(share) if share is not None else "no capacity"
        words = f"After all proposed moves {loads.emails[place]} has {hours_words(demand)}: {told}."
        yield FigureTold("pressure_after", None if share is None else float(share), words)


def load_thresholds(view: View) -> tuple[ThresholdTold, ...]:
    """Give the numbers by which managers are weighed."""
    return tuple(view.threshold(name) for name in _WEIGHED)


def horizon(view: View) -> StepsTold:
    """Tell the horizon day by day, with the days that are skipped and why."""
    calendar = view.scene.calendar_of(view.job)
    today, count = calendar.local_date(view.scene.moment), int(view.setting("horizon_days"))
    title = f"Horizon: work due by the end of working day {count} after {day_words(today)}"
    return StepsTold(title, day_steps(calendar, today, count), calendar.nth_working_day(today, count))


def load_state(view: View) -> str | None:
    """Give the LoadState of the line's owner; None where there is none to tell."""
    state = int(loads_of(view).owner_state[view.place])
    return LOAD_STATES[state] if NOBODY < state < UNKNOWN else None


def percent_words(share: Fraction) -> str:
    """Give a percentage exactly where one decimal is not exact, and to one decimal."""
    shown = f"{one_decimal(share)}".removesuffix(".0")
    is_exact = one_decimal(share) is not None and exact(one_decimal(share) or 0.0) == share
    return f"{shown} %" if is_exact else f"{share.numerator}/{share.denominator} %, shown as {shown} %"


def hours_words(hours: Fraction) -> str:
    """Give hours as they were typed."""
    return f"{float(hours):g} h"
