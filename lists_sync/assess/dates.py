"""Dates as people write them in a tracker, read as the UK writes them.

A value is a day, or an instant; local midnight is the day (controls.md section 1, due moment).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lists_sync.assess.sheets import Cell

_BLANKS = frozenset({"", "-", "\u2013", "\u2014", "n/a", "na", "none", "nil", "."})
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # a spreadsheet's serial numbers know no zone
_SERIALS = (20_000, 80_000)
"""Days of 1954 to 2119; a number outside is no date."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SERIAL_TEXT = re.compile(r"\d{5}(?:\.\d+)?")
_TIME = re.compile(
    r"(?:^|[\sT,]+(?:at\s+)?)(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?\s*(am|pm|a\.m\.|p\.m\.)?$",
    re.IGNORECASE,
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_ISO_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?\s?(?:Z|[+-]\d{2}:?\d{2})", re.IGNORECASE
)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})")
_DAY_NAME = re.compile(
    r"^(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?[,.]?\s+", re.IGNORECASE
)
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?[\s\-/]*([a-z]{3,9})\.?,?[\s\-/]*(\d{4}|\d{2})", re.IGNORECASE
)
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.?[\s\-]*(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.IGNORECASE)


@dataclass(frozen=True)
class Read:
    """What a cell says.

    Args:
        at: the day, or the instant in UTC; None for a blank, or where the cell is no date.
        ambiguous: day and month could change places.
        wrong: something stands there that is no date.
        month_above_12: it would be a date if the month stood first.
    """

    at: date | datetime | None = None
    ambiguous: bool = False
    wrong: bool = False
    month_above_12: bool = False

    @property
    def wire(self) -> str | None:
        """The value as the wire has it: a bare day or an instant; text that is no date where it was none."""
        if self.wrong:
            return "?"
        if isinstance(self.at, datetime):
            return self.at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return self.at.isoformat() if self.at else None


BLANK, WRONG = Read(), Read(wrong=True)


def read_column(
    cells: Sequence[Cell], *, zone: ZoneInfo, day_only: bool = False, month_first: bool = False
) -> list[Read]:
    """Read one column.

    Args:
        day_only: the export says that the column holds days.
        month_first: a person said that these dates are written as in the United States.

    Returns:
        one `Read` a cell. Where every instant of the column is midnight UTC they were days before a
        machine wrote them, and are read as those.
    """
    instants = [cell for cell in cells if isinstance(cell, str) and _ISO_INSTANT.fullmatch(cell)]
    midnight_utc = bool(instants) and all(_is_midnight_utc(cell) for cell in instants)
    reader = _Reader(zone, day_only, month_first, midnight_utc)
    return [reader.read(cell) for cell in cells]


def read_date(cell: Cell, zone: ZoneInfo) -> Read:
    """Read one cell by itself."""
    return read_column([cell], zone=zone)[0]


def _is_midnight_utc(text: str) -> bool:
    found = _instant(text)
    return found is not None and found.time() == time(0)


def _instant(text: str) -> datetime | None:
    try:
        return (
            datetime.fromisoformat(text.replace("z", "Z").replace(" Z", "Z"))
            .astimezone(UTC)
            .replace(microsecond=0)
        )
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True)
class _Reader:
    """Reads the cells of one column; see `read_column`."""

    zone: ZoneInfo
    day_only: bool
    month_first: bool
    midnight_utc: bool

    def read(self, cell: Cell) -> Read:
        if cell is None or isinstance(cell, str):
            text = " ".join((cell or "").split())
            return BLANK if text.lower() in _BLANKS else self._text(text)
        if isinstance(cell, bool | time):
            return WRONG
        if isinstance(cell, datetime):
            return self._wall(cell)
        return Read(cell) if isinstance(cell, date) else self._serial(cell)

    def _wall(self, wall: datetime) -> Read:
        """Read a wall-clock time of the provider's zone."""
        if wall.tzinfo is not None:
            return self._instant(wall.astimezone(UTC))
        wall = (wall + timedelta(milliseconds=500)).replace(microsecond=0)
        if self.day_only or wall.time() == time(0):
            return Read(wall.date())
        return Read(wall.replace(tzinfo=self.zone).astimezone(UTC))

    def _instant(self, instant: datetime) -> Read:
        wall = instant.astimezone(self.zone)
        return Read(wall.date()) if self.day_only or wall.time() == time(0) else Read(instant)

    def _serial(self, number: float) -> Read:
        if not _SERIALS[0] <= number <= _SERIALS[1]:
            return WRONG
        return self._wall(_EPOCH + timedelta(days=float(number)))

    def _text(self, text: str) -> Read:
        if _ISO_INSTANT.fullmatch(text):
            instant = _instant(text)
            if instant is None:
                return WRONG
            return Read(instant.date()) if self.midnight_utc else self._instant(instant)
        if _SERIAL_TEXT.fullmatch(text):
            return self._serial(float(text))
        return self._written(_DAY_NAME.sub("", text))

    def _written(self, text: str) -> Read:
        at = _TIME.search(text)
        clock = _clock(at) if at else time(0)
        day, ambiguous, turned = _day(
            text[: at.start()].strip() if at else text, month_first=self.month_first
        )
        if day is None or clock is None:
            return Read(wrong=True, month_above_12=turned)
        return Read(self._wall(datetime.combine(day, clock)).at, ambiguous=ambiguous)


def _clock(found: re.Match[str]) -> time | None:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    half = (found[4] or "").lower()[:1]
    if half and not 1 <= hour <= 12:  # noqa: PLR2004
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _day(text: str, *, month_first: bool) -> tuple[date | None, bool, bool]:
    """Give the day, whether it is ambiguous, and whether only the month first would make it one."""
    for pattern in (_ISO, _YEAR_FIRST):
        if found := pattern.fullmatch(text):
            return _date(int(found[1]), int(found[2]), int(found[3])), False, False
    if found := _NUMBERS.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), _year(found[3])
        day, month = (second, first) if month_first else (first, second)
        ambiguous = not month_first and first != second and first <= 12 and second <= 12  # noqa: PLR2004
        other = not month_first and second > 12 >= first and _date(year, first, second) is not None  # noqa: PLR2004
        return _date(year, month, day), ambiguous, other
    if found := _DAY_MONTH.fullmatch(text):
        return _date(_year(found[3]), _month(found[2]), int(found[1])), False, False
    if found := _MONTH_DAY.fullmatch(text):
        return _date(int(found[3]), _month(found[1]), int(found[2])), False, False
    return None, False, False


def _month(word: str) -> int:
    full = ("january", "february", "march", "april", "june", "july", "august", "september", "october")
    plain = word.lower()
    known = plain in {*_MONTHS, *full, "sept", "november", "december"}
    return _MONTHS.index(plain[:3]) + 1 if known else 0


def _year(text: str) -> int:
    if len(text) == 4:  # noqa: PLR2004
        return int(text)
    short = int(text)
    return 2000 + short if short < 80 else 1900 + short  # noqa: PLR2004  # nobody's plan is of 2080


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
