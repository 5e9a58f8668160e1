"""How a sum of working time or working days comes about, step by step, so that a person can repeat it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from lists_sync.clock import as_utc
from lists_sync.worktime.bank import bank_holiday_name

if TYPE_CHECKING:
    from lists_sync.worktime.calendar import Calendar

OUTSIDE_HOURS = "outside working hours"
CLOSURE_DAY = "closure day"
_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_HOUR_US = 3_600_000_000
_SATURDAY = 5


@dataclass(frozen=True)
class Step:
    """One stretch of a sum of working time.

    Args:
        begins: instant, UTC.
        ends: instant, UTC; the next step begins there.
        counted: whether it counts.
        why: why it does not; "" where it does.
    """

    begins: datetime
    ends: datetime
    counted: bool
    why: str = ""

    @property
    def hours(self) -> Fraction:
        """How long it is, exactly."""
        return Fraction((self.ends - self.begins) // _MICROSECOND, _HOUR_US)


@dataclass(frozen=True)
class DayStep:
    """One local day on the way to the n-th working day.

    Args:
        counted: whether it is worked.
        why: why it is not; "" where it is.
    """

    day: date
    counted: bool
    why: str = ""


def day_off(calendar: Calendar, day: date) -> str:
    """Say why a local day is not worked: `weekend`, `bank holiday: Boxing Day`; "" where it is."""
    if calendar.is_working_day(day):
        return ""
    if day in calendar.closure_days:
        return CLOSURE_DAY
    name = bank_holiday_name(calendar.subdivision, day)
    if name:
        return f"bank holiday: {name}"
    return "weekend" if day.weekday() >= _SATURDAY else f"{day:%A}s are not worked"


def steps(calendar: Calendar, start: datetime, hours: float | Fraction) -> tuple[Step, ...]:
    """Tell every stretch, counted or skipped, from an instant until so many working hours have passed.

    Args:
        start: an instant, at work or not.
        hours: 0 or more.

    Returns:
        stretches in order, without a gap: the counted ones add up to `hours`, and the last one ends at what
        `Calendar.add_working_hours` gives; () for 0 hours.

    Raises:
        ValueError: hours below 0, or a datetime without a time zone.
    """
    at, end = as_utc(start), calendar.add_working_hours(start, hours)
    found: list[Step] = []
    day = calendar.local_date(at) - _DAY  # a window that crosses midnight may still be open
    while at < end:
        opens, closes = calendar.window(day)
        if calendar.is_working_day(day) and closes > at:
            begins = max(at, opens)
            found += _skipped(calendar, at, min(begins, end))
            if begins < end:
                found.append(Step(begins, min(closes, end), counted=True))
            at = min(closes, end)
        day += _DAY
    return tuple(found)


def _skipped(calendar: Calendar, start: datetime, end: datetime) -> list[Step]:
    """Tell the stretch between two windows, cut where its reason changes."""
    found: list[Step] = []
    while start < end:
        day = calendar.local_date(start)
        until = min(calendar.start_of_day(day + _DAY), end)
        why = day_off(calendar, day) or OUTSIDE_HOURS
        if found and found[-1].why == why:
            found[-1] = replace(found[-1], ends=until)
        else:
            found.append(Step(start, until, counted=False, why=why))
        start = until
    return found


def day_steps(calendar: Calendar, day: date, n: int) -> tuple[DayStep, ...]:
    """Tell every local day after one, up to the n-th working day: worked, or why not.

    Returns:
        days in order; the last is what `Calendar.nth_working_day` gives, and `n` of them are worked. () where
        `n` is 0 or less.

    Raises:
        ValueError: the calendar has no working day for years.
    """
    last = calendar.nth_working_day(day, max(n, 0))
    return tuple(_days_between(calendar, day + _DAY, last))


def days_until(calendar: Calendar, first: date, last: date) -> tuple[DayStep, ...]:
    """Tell every local day from one to another, both in: worked, or why not."""
    return tuple(_days_between(calendar, first, last))


def _days_between(calendar: Calendar, first: date, last: date) -> Iterator[DayStep]:
    day = first
    while day <= last:
        why = day_off(calendar, day)
        yield DayStep(day, counted=not why, why=why)
        day += _DAY
