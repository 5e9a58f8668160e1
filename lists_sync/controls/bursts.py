"""The burst of a day as controls 2.2 to 2.5 see it: its samples, those of late, and the lines behind them.

Source: controls.md section 3, burst.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.files import Samples, pairs, read_samples
from lists_sync.controls.findings import most_pressing, tell
from lists_sync.controls.local import NAT, Bools, Ints, days, local_time, micros_of
from lists_sync.controls.matching import is_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lists_sync.controls.base import Lists
    from lists_sync.controls.lines import Lines
    from lists_sync.worktime import Calendar

NO_BURST = "No burst today."
"""What a record without a burst tells its reader."""
_EPOCH = date(1970, 1, 1)
_PREFIX = "B-"


def burst_id(day: date) -> str:
    """Name the burst of a local day: `B-2026-11-23`."""
    return f"{_PREFIX}{day.isoformat()}"


def days_of_late(calendar: Calendar, today: date, count: int) -> list[date]:
    """List today, and the operational days before it until there are so many, today's included.

    Args:
        calendar: whose working days are the operational days.
    """
    found = [today]
    for _ in range(count - calendar.is_working_day(today)):
        found.append(calendar.previous_working_day(found[-1]))
    return found


@dataclass(frozen=True, eq=False)
class Bursts:
    """The samples as seen from one moment.

    Args:
        lines: the action lines that the samples are of.
        moment_us: the moment in microseconds.
        today: local day of the moment, days since 1970.
        id: BurstId of that day.
        mine: the samples of that burst.
        late: those and the samples of the operational days before it.
        day: local day each sample was drawn on, days since 1970.
        sample: place of the pair's sample, ascending.
        line: place of the pair's line among the lines.
    """

    lines: Lines
    samples: Samples
    moment_us: int
    today: int
    id: str
    mine: Bools
    late: Bools
    day: Ints
    sample: Ints
    line: Ints

    @property
    def notes(self) -> list[str]:
        """What the run's report says where the day has no burst."""
        return [] if self.mine.any() else [NO_BURST]

    def count(self, of_samples: Bools) -> int | None:
        """Count the marked samples of the day's burst; None where there is none."""
        return int((of_samples & self.mine).sum()) if self.mine.any() else None

    def within(self, count: int) -> Bools:
        """Tell which samples were drawn in the last so many days, today's among them."""
        found: Bools = (self.day != NAT) & (self.day <= self.today) & (self.day >= self.today - count)
        return found

    def lines_of(self, of_samples: Bools) -> Bools:
        """Tell for each line whether it is one of a marked sample's."""
        found = np.zeros(len(self.lines.frame), dtype=bool)
        found[self.line[of_samples[self.sample]]] = True
        return found

    def have_a_line(self) -> Bools:
        """Tell for each sample whether its reference names a line."""
        found = np.zeros(len(self.samples.frame), dtype=bool)
        found[self.sample] = True
        return found

    def tell(self, of_lines: Bools, *, live_again: Bools | None = None) -> tuple[pd.DataFrame, int]:
        """Give the marked lines as a finding, and how many there are.

        Args:
            live_again: lines that are closed and will not be any more: they are late as live ones are.
        """
        overdue = self.lines.overdue(self.moment_us)
        if live_again is not None:
            overdue = overdue | (live_again & (self.lines.due != NAT) & (self.lines.due < self.moment_us))
        late = np.where(overdue, self.moment_us - self.lines.due, NAT)
        return tell(self.lines, most_pressing(self.lines, of_lines), late), int(of_lines.sum())


def read_bursts(
    lists: Lists, lines: Lines, *, moment: datetime, calendar: Calendar, days_back: int
) -> Bursts:
    """Read the samples, and which of them belong to the day's burst and to those of late.

    Args:
        lists: frames `actions` and `burst_samples`.
        calendar: whose working days are the operational days.
        days_back: how many operational days are of late, today's included.
    """
    samples = read_samples(lists, moment)
    today = calendar.local_date(moment)
    of_late = [burst_id(day) for day in days_of_late(calendar, today, days_back)]
    sample, line = pairs(samples.frame["ActionRef"], lines.frame["ActionRef"])
    return Bursts(
        lines=lines,
        samples=samples,
        moment_us=micros_of(moment),
        today=(today - _EPOCH) // timedelta(days=1),
        id=burst_id(today),
        mine=is_in(samples.frame["BurstId"], (burst_id(today),)),
        late=is_in(samples.frame["BurstId"], of_late),
        day=_days_drawn(samples, calendar),
        sample=sample,
        line=line,
    )


def _days_drawn(samples: Samples, calendar: Calendar) -> Ints:
    """Give the local day on which each sample was drawn, else the day that its BurstId names."""
    drawn = local_time(calendar.zone).day_of(samples.sampled_at)
    named = samples.frame["BurstId"].str.strip().str[len(_PREFIX) :]
    by_name = days(pd.to_datetime(named, format="%Y-%m-%d", errors="coerce"))
    return np.where(drawn != NAT, drawn, by_name)


def instants(us: Ints, index: pd.Index[Any]) -> pd.Series[Any]:
    """Give microseconds as a column of instants; `NAT` is blank."""
    plain = pd.Series(us.view("datetime64[us]"), index=index)
    return plain.dt.tz_localize("UTC")


def words(codes: Ints, known: Sequence[str], index: pd.Index[Any]) -> pd.Series[Any]:
    """Give the word of each code as a column of choice words; a code below 0 is blank."""
    table = np.array([*known, np.nan], dtype=object)
    return pd.Series(pd.array(table[np.where(codes < 0, len(known), codes)], dtype="str"), index=index)
