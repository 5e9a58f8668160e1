"""A provider's calendar: which days it works, and what a working hour after an instant is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo  # who reads the dataclass's hints must find it

from lists_sync.clock import as_utc
from lists_sync.worktime.bank import PUBLISHED_UNTIL, SUBDIVISIONS, bank_holidays

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)
_HOUR_US = 3_600_000_000
_LONGEST_CLOSURE_DAYS = 1500
_WEEKDAYS = frozenset({0, 1, 2, 3, 4})


@dataclass(frozen=True)
class Calendar:
    """The days and hours on which a provider works.

    Args:
        zone: the provider's time zone.
        working_weekdays: 0 is Monday.
        subdivision: whose bank holidays are days off: ENG, WLS, SCT or NIR.
        closure_days: the provider's own days off; they win over `extra_days`.
        extra_days: days worked although they fall on a weekend or bank holiday.
        day_start: opening time, local.
        day_end: closing time, local; not after `day_start` means on the following day.
        operational_weekdays: the weekdays on which evidence is validated as well.
        review_weekdays: the nominal closure review days.
        shift_end: local time at which the shift ends whose practice is compared with the evidence.

    Raises:
        ValueError: the subdivision is none of the four.
    """

    zone: ZoneInfo
    working_weekdays: frozenset[int] = _WEEKDAYS
    subdivision: str = "ENG"
    closure_days: frozenset[date] = frozenset()
    extra_days: frozenset[date] = frozenset()
    day_start: time = time(8)
    day_end: time = time(18)
    operational_weekdays: frozenset[int] = frozenset()
    review_weekdays: frozenset[int] = frozenset({0, 2, 4})
    shift_end: time = time(20)

    def __post_init__(self) -> None:
        """Refuse a subdivision without bank holidays of its own."""
        if self.subdivision not in SUBDIVISIONS:
            raise ValueError(f"The subdivision is none of {', '.join(sorted(SUBDIVISIONS))}")

    @property
    def operational(self) -> Calendar:
        """The calendar whose working days are the operational days: never fewer than the working days."""
        if self.operational_weekdays <= self.working_weekdays:
            return self
        return replace(self, working_weekdays=self.working_weekdays | self.operational_weekdays)

    def is_working_day(self, day: date) -> bool:
        """Tell whether that local day is worked."""
        if day in self.closure_days:
            return False
        if day in self.extra_days:
            return True
        return day.weekday() in self.working_weekdays and day not in bank_holidays(self.subdivision, day.year)

    def beyond_published(self, day: date) -> bool:
        """Tell whether bank holidays of that day's year are not published yet, so only foreseen."""
        return day.year > PUBLISHED_UNTIL

    def next_working_day(self, day: date) -> date:
        """Give the first working day after that day.

        Raises:
            ValueError: there is none for years.
        """
        return self._step(day, _DAY)

    def previous_working_day(self, day: date) -> date:
        """Give the last working day before that day.

        Raises:
            ValueError: there is none for years.
        """
        return self._step(day, -_DAY)

    def nth_working_day(self, day: date, n: int) -> date:
        """Give the n-th working day after that day: 1 the next, 0 the day itself, -1 the one before."""
        for _ in range(abs(n)):
            day = self._step(day, _DAY if n > 0 else -_DAY)
        return day

    def _step(self, day: date, step: timedelta) -> date:
        for _ in range(_LONGEST_CLOSURE_DAYS):
            day += step
            if self.is_working_day(day):
                return day
        raise ValueError(f"The calendar has no working day near {day}")

    def instant(self, day: date, at: time) -> datetime:
        """Give the instant, in UTC, that a local day and wall-clock time name.

        Returns:
            The first of two instants where clocks go back; the first instant that exists after it
            where clocks go forward past that time.
        """
        wall = datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=self.zone)
        later = wall.astimezone(UTC)
        if later.astimezone(self.zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
            return later
        return self._end_of_gap(wall.replace(fold=1).astimezone(UTC), later)

    def _end_of_gap(self, before: datetime, after: datetime) -> datetime:
        offset = after.astimezone(self.zone).utcoffset()
        low, high = 0, int((after - before) // _SECOND) + 1
        start = before.replace(microsecond=0)
        while high - low > 1:
            middle = (low + high) // 2
            if (start + middle * _SECOND).astimezone(self.zone).utcoffset() == offset:
                high = middle
            else:
                low = middle
        return start + high * _SECOND

    def start_of_day(self, day: date) -> datetime:
        """Give the first instant, in UTC, of that local day."""
        return self.instant(day, time(0))

    def local_date(self, instant: datetime) -> date:
        """Give the local day on which an instant falls.

        Raises:
            ValueError: the datetime has no time zone.
        """
        return as_utc(instant).astimezone(self.zone).date()

    def local_time(self, instant: datetime) -> time:
        """Give the wall-clock time of an instant, to the minute."""
        return as_utc(instant).astimezone(self.zone).time().replace(second=0, microsecond=0, fold=0)

    def window(self, day: date) -> tuple[datetime, datetime]:
        """Give opening and closing instant of that day, worked or not."""
        closes = day if self.day_end > self.day_start else day + _DAY
        return self.instant(day, self.day_start), self.instant(closes, self.day_end)

    def _windows(self, instant: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield, in order and without end, the worked windows that close at or after an instant."""
        day = self.local_date(instant) - _DAY  # a window that crosses midnight may still be open
        while True:
            if self.is_working_day(day):
                window = self.window(day)
                if window[1] >= instant:
                    yield window
            day = self._step(day, _DAY)

    def add_working_hours(self, instant: datetime, hours: float | Fraction) -> datetime:
        """Give the earliest instant by which so many working hours have passed.

        Args:
            instant: where to start, at work or not.
            hours: 0 or more; fractions are exact to the microsecond.

        Returns:
            The instant in UTC; what lands exactly on closing time stays there.

        Raises:
            ValueError: hours below 0, or a datetime without a time zone.
        """
        if hours < 0:
            raise ValueError("Working hours are added, never taken away")
        start = as_utc(instant)
        left = timedelta(microseconds=round(Fraction(hours) * _HOUR_US))
        if not left:
            return start
        for opens, closes in self._windows(start):
            begins = max(opens, start)
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
        raise AssertionError("unreachable: windows have no end")

    def working_hours_between(self, a: datetime, b: datetime) -> Fraction:
        """Give the exact number of working hours from a to b, negative where b is before a."""
        first, last = as_utc(a), as_utc(b)
        if last < first:
            return -self.working_hours_between(b, a)
        total = timedelta()
        for opens, closes in self._windows(first):
            if opens >= last:
                break
            total += min(closes, last) - max(opens, first)
        return Fraction(total // _MICROSECOND, _HOUR_US)

    def close_of_day(self, instant: datetime) -> datetime:
        """Give closing time of the instant's working day, or of the next when past it or on a day off."""
        return next(self._windows(as_utc(instant)))[1]

    def end_of_shift(self, instant: datetime) -> datetime:
        """Give the shift's end on the instant's working day, or on the next when past it or on a day off."""
        day = self.local_date(instant)
        if not self.is_working_day(day) or self.instant(day, self.shift_end) < as_utc(instant):
            day = self.next_working_day(day)
        return self.instant(day, self.shift_end)

    def next_day_at(self, instant: datetime, at: time) -> datetime:
        """Give that local time on the next working day after the instant's local day."""
        return self.instant(self.next_working_day(self.local_date(instant)), at)

    def same_time_previous_working_day(self, instant: datetime) -> datetime:
        """Give the same local time on the last working day before the instant's local day."""
        local = as_utc(instant).astimezone(self.zone)
        return self.instant(self.previous_working_day(local.date()), local.time())
