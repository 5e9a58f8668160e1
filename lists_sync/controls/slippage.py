"""Control 1.4, slippage review: how late was what was closed since the last review, and what is late now?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.findings import most_pressing, tell
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import HOUR_US, NAT, Bools, Ints, micros, micros_of

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar

BANDS = ("On schedule", "Missed under 24 h", "Missed 24 h or more", "Not due")
_ON_SCHEDULE, _MISSED, _SEVERE, _NOT_DUE, _BLANK = range(5)


def slippage_review(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Sort closed and overdue lines by how late they were or are.

    Args:
        lists: frame `actions`; `first_seen["actions.ClosedOn"]` stands in where ClosedOn was not typed.
        settings: `severe_after_hours`, elapsed hours.
        remembered: the cycle, whose start is outside it and whose end is inside.

    Returns:
        measures ClosedOnSchedule, MissedUnder24h, Missed24hOrMore (lines in play) and SevereThisCycle; column
        SlippageBand; finding `SevereThisCycle`.
    Source:
        Operational example 1, step 4; controls.md 1.4 and section 1, lateness.
    """
    lines = read_lines(lists, calendar.zone)
    closed_on, filled = lists.or_first_seen("actions", "ClosedOn")
    closed_at = np.where(lines.closed, micros(closed_on), NAT)
    severe_us = int(settings["severe_after_hours"] * HOUR_US)
    now = micros_of(moment)
    late = _lateness(lines, closed_at, now)
    band = _bands(lines, late, severe_us, overdue=lines.overdue(now))
    in_cycle = _Cycle(micros_of(remembered.cycle_start), micros_of(remembered.cycle_end))
    closed_now = in_cycle.holds(closed_at)
    in_play = closed_now | lines.overdue(now)
    became_severe = in_cycle.holds(np.where(lines.has_due, lines.due + severe_us, NAT))
    severe = in_play & (band == _SEVERE) & (closed_now | became_severe)
    measures = {
        "ClosedOnSchedule": int((in_play & (band == _ON_SCHEDULE)).sum()),
        "MissedUnder24h": int((in_play & (band == _MISSED)).sum()),
        "Missed24hOrMore": int((in_play & (band == _SEVERE)).sum()),
        "SevereThisCycle": int(severe.sum()),
    }
    words = np.array([*BANDS, np.nan], dtype=object)
    column = pd.Series(pd.array(words[band], dtype="str"), index=lines.frame.index, name="SlippageBand")
    findings = {"SevereThisCycle": tell(lines, most_pressing(lines, severe), late)}
    facts = {
        "totals": {"SevereThisCycle": measures["SevereThisCycle"]},
        "from_history": {"actions.ClosedOn": int((filled & lines.closed).sum())},
    }
    return Judged(measures, {"actions": column.to_frame()}, findings, facts)


class _Cycle:
    """A stretch of time without its start and with its end."""

    def __init__(self, start_us: int, end_us: int) -> None:
        self.start_us = start_us
        self.end_us = end_us

    def holds(self, instants: Ints) -> Bools:
        """Tell which instants lie in the cycle; `NAT` never does."""
        held: Bools = (instants != NAT) & (instants > self.start_us) & (instants <= self.end_us)
        return held


def _lateness(lines: Lines, closed_at: Ints, now: int) -> Ints:
    """Give closing time, or now for live lines, less the due moment; `NAT` where either is missing."""
    until = np.where(lines.live, now, closed_at)
    return np.where((until != NAT) & lines.has_due, until - lines.due, NAT)


def _bands(lines: Lines, late: Ints, severe_us: int, *, overdue: Bools) -> Ints:
    known = late != NAT
    judged = known & (lines.closed | overdue)
    return np.select(
        [judged & (late <= 0), judged & (late < severe_us), judged, known & lines.live],
        [_ON_SCHEDULE, _MISSED, _SEVERE, _NOT_DUE],
        default=_BLANK,
    )
