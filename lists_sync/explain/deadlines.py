"""Why a line is overdue, due soon or on track, and how badly it slipped: controls 1.1 and 1.4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lists_sync.controls.deadlines import STATES
from lists_sync.controls.local import HOUR_US, NAT, micros
from lists_sync.controls.slippage import BANDS
from lists_sync.explain.told import Explained, FigureTold, ValueTold, duration_words
from lists_sync.explain.view import FROM_HISTORY, View, hours_of, not_live

if TYPE_CHECKING:
    import pandas as pd

_OVERDUE, _SOON, _ON_TRACK, _NO_DATE = STATES


def deadline_state(view: View) -> Explained:
    """Explain DeadlineState.

    Source: Operational example 1, step 1; controls.md 1.1 and section 1, due moment.
    """
    if not view.live:
        return not_live(view)
    hours = view.setting("due_soon_hours")
    if not view.has_due:
        rule = (
            "A live line without a due date that can be used has `No due date`, and is counted as live only."
        )
        return Explained(_NO_DATE, rule, view.values("Status", "DueDate"), (view.due_figure(),))
    ahead = view.due_us - view.scene.now
    figures = (view.due_figure(), _late_figure(view, -ahead))
    if ahead < 0:
        rule = (
            "A live line is overdue once its due moment has passed; at that very moment it is still in time."
        )
        return Explained(_OVERDUE, rule, view.values("Status", "DueDate"), figures)
    soon = ahead <= int(hours * HOUR_US)
    rule = (
        f"A live line that is not overdue is due soon if its due moment is at most {hours:g} elapsed hours "
        "ahead, both ends counted; else it is on track."
    )
    return Explained(
        _SOON if soon else _ON_TRACK,
        rule,
        view.values("Status", "DueDate"),
        figures,
        (view.threshold("due_soon_hours"),),
    )


def _late_figure(view: View, late_us: int) -> FigureTold:
    """Say how late the line was when it was judged, or how far ahead its due moment."""
    hours = hours_of(late_us)
    told = duration_words(hours)
    words = f"{told} past it" if late_us > 0 else f"{told} before it"
    return FigureTold("lateness_hours", float(hours), f"The run judged at {view.judged_at}, {words}.")


def high_risk_overdue(view: View) -> Explained:
    """Explain HighRiskOverdue.

    Source: Operational example 1, step 1; controls.md 1.1.
    """
    rule = "Yes on a live line that is overdue and whose RiskRating is High."
    found = view.overdue and bool(view.lines.high[view.place])
    figures = (
        view.due_figure(),
        *([_late_figure(view, view.scene.now - view.due_us)] if view.has_due else []),
    )
    return Explained(found, rule, view.values("Status", "RiskRating", "DueDate"), figures)


def slippage_band(view: View) -> Explained:
    """Explain SlippageBand.

    Source: Operational example 1, step 4; controls.md 1.4 and section 1, lateness.
    """
    hours = view.setting("severe_after_hours")
    values = (*view.values("Status", "DueDate"), closed_on(view))
    closed = bool(view.lines.closed[view.place])
    if not view.live and not closed:
        return Explained(None, "A cancelled line has no band.", values)
    until = view.scene.now if view.live else closed_us(view)
    if not view.has_due or until == NAT:
        rule = (
            "A line is banded by its due date and, once closed, by when it was closed; here one is missing."
        )
        return Explained(None, rule, values, (view.due_figure(),))
    late = until - view.due_us
    if view.live and not view.overdue:
        rule = "A live line whose due moment has not passed is `Not due`."
        return Explained(BANDS[3], rule, values, (view.due_figure(), _slip_figure(view, late)))
    band = 0 if late <= 0 else 1 if late < int(hours * HOUR_US) else 2
    rule = (
        "A line is banded by its lateness, from its due moment to "
        f"{'now' if view.live else 'its closing'}: on schedule if it is not late, missed if it is late, "
        f"severely missed from {hours:g} elapsed hours on."
    )
    return Explained(
        BANDS[band],
        rule,
        values,
        (view.due_figure(), _slip_figure(view, late)),
        (view.threshold("severe_after_hours"),),
    )


def _slip_figure(view: View, late_us: int) -> FigureTold:
    hours = hours_of(late_us)
    what = (
        f"It was judged at {view.judged_at}"
        if view.live
        else f"It was closed at {view.when(closed_us(view))}"
    )
    side = "after" if late_us > 0 else "before"
    words = f"{what}, {duration_words(hours)} {side} its due moment."
    return FigureTold("lateness_hours", float(hours), words)


def _closing(view: View) -> tuple[pd.Series, bool]:
    lists = view.scene.lists
    times, filled = view.scene.once(view.job, "closing", lambda: lists.or_first_seen("actions", "ClosedOn"))
    return times, bool(filled[view.place])


def closed_us(view: View) -> int:
    """Give when a line was closed, in microseconds; of one that is not closed NAT."""
    if not view.lines.closed[view.place]:
        return int(NAT)
    times, _ = _closing(view)
    return int(micros(times)[view.place])


def closed_on(view: View) -> ValueTold:
    """Give ClosedOn as it stood; where it was not typed, and history tells it, that is said."""
    told = view.value("ClosedOn")
    times, filled = _closing(view)
    if not filled or not view.lines.closed[view.place]:
        return told
    return ValueTold(
        told.list,
        told.item,
        told.column,
        times.iloc[view.place].to_pydatetime(),
        told.version,
        told.modified,
        ref=told.ref,
        note=f"{FROM_HISTORY}: when Closed was first seen",
    )
