"""Days and instants of the sample, told from the day on which it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_DAY = timedelta(days=1)
_SATURDAY = 5


@cache
def _england(year: int) -> frozenset[date]:
    import holidays  # slow to import, and only the sample's makers need it

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def _works(day: date) -> bool:
    return day.weekday() < _SATURDAY and day not in _england(day.year)


@dataclass(frozen=True)
class Days:
    """The sample's calendar, counted from its day.

    Args:
        day: the local day the sample is made for.
    """

    day: date

    @cached_property
    def worked_before(self) -> tuple[date, ...]:
        """The twelve working days before the day, latest first."""
        found: list[date] = []
        day = self.day
        while len(found) < 12:  # noqa: PLR2004  # enough for every burst the sample tells of
            day -= _DAY
            if _works(day):
                found.append(day)
        return tuple(found)

    @cached_property
    def next_worked(self) -> date:
        """The next working day after the day."""
        day = self.day + _DAY
        while not _works(day):
            day += _DAY
        return day

    @property
    def eve(self) -> date:
        """The last working day before the day."""
        return self.worked_before[0]

    def on(self, offset: int) -> date:
        """Give the day so many calendar days after (before, if negative)."""
        return self.day + timedelta(days=offset)

    def weekday_on(self, offset: int) -> date:
        """Give that day; for a weekend the Monday after it, or the Friday before it if it is past."""
        day = self.on(offset)
        while day.weekday() >= _SATURDAY:
            day += _DAY if offset > 0 else -_DAY
        return day


def falls_to(day: date, weekdays: frozenset[int]) -> bool:
    """Tell whether a session of those weekdays is held on that working day; one on a day off moves to it."""
    while day.weekday() not in weekdays:
        day -= _DAY
        if _works(day):
            return False
    return True


def worked_from(day: date, count: int) -> list[date]:
    """Give so many working days, that day or the next one worked the first."""
    found: list[date] = []
    while len(found) < count:
        if _works(day):
            found.append(day)
        day += _DAY
    return found


def local_day(text: str) -> date:
    """Give the local day of a written date or instant."""
    moment = datetime.fromisoformat(text)
    return moment.date() if moment.tzinfo is None else moment.astimezone(LONDON).date()


def instant(day: date, hour: int, minute: int = 0) -> str:
    """Write a local time of a day as an instant in UTC."""
    local = datetime.combine(day, time(hour, minute), tzinfo=LONDON)
    return written(local)


def written(moment: datetime) -> str:
    """Write an instant as `2026-11-23T08:15:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def hours_after(text: str, hours: int) -> str:
    """Write the instant so many elapsed hours after a written one."""
    return written(datetime.fromisoformat(text) + timedelta(hours=hours))
