"""The local days that are written out for an inspector."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from lists_sync.clock import iso
from lists_sync.errors import SettingsError
from lists_sync.messages.words import day_words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Period:
    """Local days of a zone, both ends in."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        """Its first instant."""
        return self._midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return self._midnight(self.last + timedelta(days=1))

    @property
    def name(self) -> str:
        """As folders are called: `2026-11-23-to-2026-11-27`."""
        return f"{self.first}-to-{self.last}"

    def holds(self, value: object) -> bool:
        """Tell whether an instant or a local day lies in it."""
        if isinstance(value, datetime):
            return self.start <= value < self.end
        return isinstance(value, date) and self.first <= value <= self.last

    def holds_text(self, instant: str) -> bool:
        """Tell whether an instant lies in it that is written as `2026-11-23T08:15:00Z`."""
        return iso(self.start) <= instant < iso(self.end)

    def __str__(self) -> str:
        """Tell it in words."""
        if self.first == self.last:
            return day_words(self.first)
        return f"{day_words(self.first)} to {day_words(self.last)}"

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def period_of(first: str, last: str, zone: ZoneInfo) -> Period:
    """Read the two days as the command line gives them.

    Raises:
        SettingsError: one of them is no day, or the first comes after the last.
    """
    period = Period(_day("--from", first), _day("--to", last), zone)
    if period.first > period.last:
        raise SettingsError(
            f"The period would end before it begins: --from {first} is after --to {last}.",
            hint="Give the earlier day with --from.",
        )
    return period


def _day(option: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not date(1990, 1, 1) <= day <= date(2100, 1, 1):
        raise SettingsError(f"{option} is no day: {text[:40]!r}.", hint="Write it as 2026-11-23.")
    return day
