"""When a line is due: an instant, or the whole of a day.

Source: controls.md section 1, due moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lists_sync.controls.local import DAY_US, NAT, Bools, Ints, LocalTime, local_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def due_moments(instants: Ints, zone: ZoneInfo) -> tuple[Ints, Ints]:
    """Give the moment after which each line is late, and the local day it is due on.

    A value at local midnight is a day, and its due moment is the first instant of the next local day,
    whether that day has 23, 24 or 25 hours.

    Args:
        instants: DueDate in microseconds, `NAT` where there is none.

    Returns:
        `(moments, days)`: microseconds and days since 1970; `NAT` stays.
    """
    clock = local_time(zone)
    wall = clock.to_local(instants)
    known = wall != NAT
    day = np.where(known, wall // DAY_US, NAT)
    is_day = known & ((wall == day * DAY_US) | _opens_day(clock, instants, known))
    moments = instants.copy()
    moments[is_day] = clock.start_of_days(day[is_day] + 1)
    return moments, day


def _opens_day(clock: LocalTime, instants: Ints, known: Bools) -> Bools:
    """Tell where an instant opens a day that has no midnight, because clocks go forward over it."""
    skipped = clock.offsets[1:] - clock.offsets[:-1]
    opening = clock.changes + clock.offsets[1:]
    starts = clock.changes[(skipped > 0) & (opening % DAY_US > 0) & (opening % DAY_US <= skipped)]
    if not starts.size:
        return np.zeros(len(instants), dtype=bool)
    opens: Bools = known & np.isin(instants, starts)
    return opens
