"""The scheduled minutes a job answers for."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Protocol

from lists_sync.clock import as_utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lists_sync.worktime.calendar import Calendar

_NAMES = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_DAY = timedelta(days=1)
_LOOK_BACK_DAYS = 400


class Scheduled(Protocol):
    """What a job's schedule tells: its days and its local times."""

    @property
    def days(self) -> str | Sequence[str]:
        """`working`, `operational`, `review`, or weekday names."""

    @property
    def slots(self) -> Sequence[time]:
        """Local times."""


def is_day_of(days: str | Sequence[str], day: date, calendar: Calendar) -> bool:
    """Tell whether a job with those days has its slots on that local day.

    Args:
        days: `working`, `operational`, `review`, or weekday names (`[Tue, Thu]`).
        day: the local day.
        calendar: the provider's.

    Returns:
        For weekday names and `review`, the moving rule holds: a session whose own day is not worked
        moves to the next working day, and two on one day are one.

    Raises:
        ValueError: a word that names no kind of day.
    """
    if days == "working":
        return calendar.is_working_day(day)
    if days == "operational":
        return calendar.operational.is_working_day(day)
    nominal = calendar.review_weekdays if days == "review" else _weekdays(days)
    return calendar.is_working_day(day) and _falls_to(day, nominal, calendar)


def _falls_to(day: date, nominal: frozenset[int], calendar: Calendar) -> bool:
    """Tell whether a nominal day lies on that working day or on the days off right before it."""
    while day.weekday() not in nominal:
        day -= _DAY
        if calendar.is_working_day(day):
            return False
    return bool(nominal)


def _weekdays(names: str | Iterable[str]) -> frozenset[int]:
    words = [names] if isinstance(names, str) else list(names)
    unknown = [word for word in words if word.strip().lower()[:3] not in _NAMES]
    if unknown:
        raise ValueError(f"{unknown[0]!r} names no kind of day")
    return frozenset(_NAMES[word.strip().lower()[:3]] for word in words)


def slots_on(
    day: date, days: str | Sequence[str], times: Iterable[time], calendar: Calendar
) -> list[datetime]:
    """Give the slots of a local day.

    Args:
        day: the local day.
        days: as in `is_day_of`.
        times: local times; one that clocks skip becomes the first instant after the gap, one that
            they repeat is taken once, the first time round.
        calendar: the provider's.

    Returns:
        Instants in UTC, ascending, each once; empty on a day that is none of `days`.
    """
    if not is_day_of(days, day, calendar):
        return []
    return sorted({calendar.instant(day, at) for at in times})


def latest_slot(schedule: Scheduled, now: datetime, calendar: Calendar) -> datetime | None:
    """Give the latest slot not after an instant.

    Returns:
        The slot in UTC, or None where the last 400 days hold none.
    """
    instant = as_utc(now)
    day = calendar.local_date(instant)
    for back in range(_LOOK_BACK_DAYS):
        slots = slots_on(day - back * _DAY, schedule.days, schedule.slots, calendar)
        past = [slot for slot in slots if slot <= instant]
        if past:
            return past[-1]
    return None


def slots_between(
    schedule: Scheduled, after: datetime, until: datetime, calendar: Calendar
) -> Iterator[datetime]:
    """Yield the slots after one instant and not after another, ascending, in UTC."""
    first, last = as_utc(after), as_utc(until)
    day, end = calendar.local_date(first), calendar.local_date(last)
    while day <= end:
        for slot in slots_on(day, schedule.days, schedule.slots, calendar):
            if first < slot <= last:
                yield slot
        day += _DAY
