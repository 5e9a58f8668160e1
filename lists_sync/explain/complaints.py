"""What is linked to a line from outside: its complaints, its earlier review day, its failure rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.local import NAT, days, micros
from lists_sync.controls.matching import is_in
from lists_sync.controls.proof import Terms, linked_before, linked_complaints, reduction, terms_of
from lists_sync.controls.proposals import record_rows_of, today
from lists_sync.explain.told import FigureTold, ValueTold
from lists_sync.explain.view import View
from lists_sync.explain.workload import percent_words

if TYPE_CHECKING:
    from fractions import Fraction

RATES = ("BaselineFailureRate", "CurrentFailureRate")


def today_of(view: View) -> int:
    """Give the moment's local day, days since 1970."""
    return today(view.scene.moment, view.scene.calendar)


def terms(view: View) -> Terms:
    """Give by what proof the view's job judges."""
    return terms_of(view.job.settings, day=today_of(view), zone=view.scene.calendar.zone)


def reduction_of(view: View) -> Fraction | None:
    """Give PercentReduction of the line, exactly; None where it is not available."""
    frame = view.lines.frame
    baseline, current = (float(frame[name].iloc[view.place]) for name in RATES)
    return reduction(baseline, current)


def reduction_figure(view: View) -> FigureTold:
    """Say how the reduction comes about."""
    share = reduction_of(view)
    baseline, current = (view.cell(name) for name in RATES)
    if share is None:
        why = "the baseline is 0" if baseline == 0 else "a rate is missing or cannot be used"
        return FigureTold("percent_reduction", None, f"The reduction is not available: {why}.")
    words = f"Reduction: 100 x ({baseline:g} - {current:g}) / {baseline:g} = {percent_words(share)}."
    return FigureTold("percent_reduction", float(share), words)


@dataclass(frozen=True)
class Linked:
    """The complaints linked to a line.

    Args:
        all: items, however old.
        lately: of those, the ones received within the days that count.
        closed: of those, the closed ones.
        took: days from receipt to closing of the closed ones with both dates.
    """

    all: tuple[int, ...]
    lately: tuple[int, ...]
    closed: tuple[int, ...]
    took: tuple[int, ...]


def linked_of(view: View) -> Linked:
    """Give the complaints linked to the line, by reference, or by theme and service."""
    lists, day = view.scene.lists, today_of(view)
    frame = lists.frames["complaints"]
    _, places = linked_complaints(lists, view.lines, np.array([view.place], dtype=np.int64))
    received, closed_on = days(frame["ReceivedOn"])[places], days(frame["ClosedOn"])[places]
    within = int(view.setting("complaints_within_days"))
    lately = (received != NAT) & (received <= day) & (received >= day - within)
    closed = lately & is_in(frame["State"], ("Closed",))[places]
    timed = closed & (closed_on != NAT) & (closed_on >= received)
    ids = [int(one) for one in frame.index[places]]
    return Linked(
        tuple(ids),
        tuple(one for one, kept in zip(ids, lately, strict=True) if kept),
        tuple(one for one, kept in zip(ids, closed, strict=True) if kept),
        tuple(
            sorted(int(last - first) for last, first in zip(closed_on[timed], received[timed], strict=True))
        ),
    )


def complaint_values(view: View, items: tuple[int, ...]) -> tuple[ValueTold, ...]:
    """Give the dates and states of complaints."""
    columns = ("ReceivedOn", "State", "ClosedOn")
    return tuple(one for item in items for one in view.values(*columns, key="complaints", id_=item))


@dataclass(frozen=True)
class Previous:
    """ComplaintsLinked on the line's earlier review day; None where there is none.

    Args:
        item: of the record row that tells it.
    """

    figure: float | None
    item: int | None


def previous_of(view: View, records: pd.DataFrame) -> Previous:
    """Give the figure of the line's latest earlier review day within the days that count, and its row."""
    zone, day = view.scene.calendar.zone, today_of(view)
    within = int(view.setting("previous_within_days"))
    found = view.scene.once(
        view.job,
        "previous",
        lambda: linked_before(records, view.lines, zone=zone, day=day, within_days=within),
    )[view.place]
    if np.isnan(found):
        return Previous(None, None)
    rows = record_rows_of(records, view.lines, zone)
    mine = rows[(rows["line"] == view.place) & (rows["day"] < day) & (rows["day"] >= day - within)]
    told: Any = mine.assign(slot=micros(records["Slot"])[mine["row"].to_numpy()]).sort_values(["day", "slot"])
    same = [row for row in told["row"] if records["ComplaintsLinked"].iloc[row] == found]
    return Previous(float(found), int(records.index[same[-1]]) if same else None)


def complaints_figures(linked: Linked, previous: Previous) -> tuple[FigureTold, ...]:
    """Say how many complaints are linked, and how many were at the earlier review."""
    now = len(linked.lately)
    if previous.figure is None:
        before = "there is no earlier review day to compare with"
    else:
        before = f"{previous.figure:g} at its earlier review day"
    words = f"Linked complaints: {now} now, and {before}."
    return (FigureTold("complaints_linked", now, words), FigureTold("previous_linked", previous.figure, ""))
