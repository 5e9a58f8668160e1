"""Local time by the column: instants to wall clock and back, clock-change days included.

Arrays hold microseconds since 1970 as int64; `NAT` stands for no value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

NAT = np.iinfo(np.int64).min
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US

_FIRST_YEAR, _LAST_YEAR = 1970, 2070
_DAY_S = 86_400

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class LocalTime:
    """The offsets of one zone, 1970 to 2070; outside, the nearest known offset holds.

    Args:
        changes: instants at which the offset changes, ascending.
        offsets: what local time adds to UTC before, between and after the changes; one more than changes.
    """

    changes: Ints
    offsets: Ints

    def to_local(self, instants: Ints) -> Ints:
        """Give the wall clock of each instant, as if it were UTC; `NAT` stays."""
        known = instants != NAT
        low, high = self._span(instants[known])
        place = np.searchsorted(self.changes[low:high], instants, side="right") + low
        return np.where(known, instants + self.offsets[place], NAT)

    def to_utc(self, wall: Ints) -> Ints:
        """Give the instant of each wall clock: the first of two; in a gap, the gap's end."""
        borders = self.changes + np.maximum(self.offsets[:-1], self.offsets[1:])
        place = np.searchsorted(borders, wall, side="right")
        found = wall - self.offsets[place]
        capped = np.append(self.changes, np.iinfo(np.int64).max)
        return np.where(wall != NAT, np.minimum(found, capped[place]), NAT)

    def day_of(self, instants: Ints) -> Ints:
        """Give the local calendar day as days since 1970; `NAT` stays."""
        wall = self.to_local(instants)
        return np.where(wall != NAT, wall // DAY_US, NAT)

    def start_of_days(self, days: Ints) -> Ints:
        """Give the first instant of each local day; `NAT` stays."""
        return self.to_utc(np.where(days != NAT, days * DAY_US, NAT))

    def _span(self, instants: Ints) -> tuple[int, int]:
        """Narrow the changes to those within the instants, so that a search in them is short."""
        if not instants.size:
            return 0, 0
        low = int(np.searchsorted(self.changes, instants.min(), side="right"))
        return low, int(np.searchsorted(self.changes, instants.max(), side="right"))


@lru_cache(maxsize=64)
def local_time(zone: ZoneInfo) -> LocalTime:
    """Give the offsets of a zone, found once by asking it for each day and then halving to the second."""
    days = range((_LAST_YEAR - _FIRST_YEAR) * 366)
    start = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
    offsets = [_offset_s(zone, start + timedelta(days=day)) for day in days]
    changes, kept = [], [offsets[0]]
    for day, (before, after) in enumerate(pairwise(offsets)):
        if before != after:
            changes.append(_change_s(zone, day * _DAY_S, after))
            kept.append(after)
    return LocalTime(
        np.array(changes, dtype=np.int64) * 1_000_000, np.array(kept, dtype=np.int64) * 1_000_000
    )


def _offset_s(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds())


def _change_s(zone: ZoneInfo, low: int, after: int) -> int:
    """Find the second, within a day of `low`, from which the offset is `after`."""
    start = datetime(1970, 1, 1, tzinfo=UTC)
    high = low + _DAY_S
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_s(zone, start + timedelta(seconds=middle)) == after:
            high = middle
        else:
            low = middle
    return high


def micros(series: pd.Series[Any]) -> Ints:
    """Give a datetime column (aware or a naive day) as microseconds; NaT as `NAT`."""
    aware = getattr(series.dtype, "tz", None) is not None
    plain = series.dt.tz_localize(None) if aware else series
    return plain.astype("datetime64[us]").to_numpy().view(np.int64)


def micros_of(instant: datetime) -> int:
    """Give one aware instant as microseconds."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def days(series: pd.Series[Any]) -> Ints:
    """Give a column of naive days as days since 1970; NaT as `NAT`."""
    plain = micros(series)
    return np.where(plain != NAT, plain // DAY_US, NAT)
