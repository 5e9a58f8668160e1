"""Times and figures in the words of a British reader."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

CLIP_COUNT = 120
HOURS_A_DAY = 24
DAYS_FROM_H = 48
_AT_TAG = re.compile(r"<\s*/?\s*at\b[^<>]*>?", re.IGNORECASE)


def clean(text: object, limit_count: int = CLIP_COUNT) -> str:
    """Make a value from a list fit to be shown: one line, nothing hidden, no mention, no bare address.

    Args:
        text: the value; None gives "".
        limit_count: characters kept; a longer value ends in "…".
    """
    told = unicodedata.normalize("NFC", "" if text is None else str(text))
    told = "".join(_shown(char) for char in told)
    while (without := _AT_TAG.sub("", told)) != told:
        told = without
    told = " ".join(told.replace("://", ": //").split())
    return told if len(told) <= limit_count else told[: limit_count - 1].rstrip() + "…"


def _shown(char: str) -> str:
    """Give the character, a blank for a control or separator, nothing for one that cannot be seen."""
    category = unicodedata.category(char)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    return "" if category in {"Cf", "Cs", "Co", "Cn"} else char


def day_words(day: date) -> str:
    """Give a date in full, as `Monday 23 November 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def moment_words(moment: datetime, zone: ZoneInfo) -> str:
    """Give an instant as local time and date in full."""
    local = moment.astimezone(zone)
    return f"{local:%H:%M} on {day_words(local.date())}"


def by_words(act_by: datetime | None, moment: datetime, zone: ZoneInfo) -> str:
    """Say by when to act, as `by 18:00 today, Monday 23 November 2026`.

    Returns:
        "now" where the time to act is the moment itself or past, "" where there is none.
    """
    if act_by is None:
        return ""
    if act_by <= moment:
        return "now"
    return f"by {when_words(act_by, moment, zone)}"


def when_words(instant: datetime, moment: datetime, zone: ZoneInfo) -> str:
    """Give an instant as seen from a moment: today, tomorrow, or on a day."""
    local = instant.astimezone(zone)
    ahead = local.date() - moment.astimezone(zone).date()
    near = {timedelta(0): " today,", timedelta(days=1): " tomorrow,"}.get(ahead, " on")
    return f"{local:%H:%M}{near} {day_words(local.date())}"


def due_words(due: object, zone: ZoneInfo) -> str:
    """Give a due date in full; a value at local midnight is a day and has no time.

    Args:
        due: a date or instant, as such or in ISO 8601; None or "" is no due date.
        zone: the provider's zone.
    """
    if due in (None, "", "NaT") or due != due:  # noqa: PLR0124 - only what is missing is unlike itself
        return "no due date"
    value = due if isinstance(due, date) else _parsed(str(due))
    if not isinstance(value, datetime):
        return f"due {day_words(value)}"
    local = value.astimezone(zone)
    if local.time() == time(0):
        return f"due {day_words(local.date())}"
    return f"due {local:%H:%M} on {day_words(local.date())}"


def _parsed(text: str) -> date | datetime:
    return date.fromisoformat(text) if len(text) == len("2026-11-23") else datetime.fromisoformat(text)


def late_words(hours: float | None) -> str:
    """Say how late a line is, in hours up to two days and then in days; "" where it is not known."""
    if hours is None or hours != hours:  # noqa: PLR0124 - as above
        return ""
    if hours <= 0:
        return "not overdue"
    if hours < 1:
        return "less than an hour overdue"
    if hours < DAYS_FROM_H:
        return f"{counted(int(hours), 'hour')} overdue"
    return f"{counted(int(hours // HOURS_A_DAY), 'day')} overdue"


def counted(count: object, one: str, many: str = "") -> str:
    """Give a count with its noun, as `1 line` or `14 lines`."""
    noun = one if count == 1 else many or f"{one}s"
    return f"{figure(count)} {noun}"


def figure(value: Any) -> str:
    """Give a measure as people read it: one decimal, halves away from zero; None is not available."""
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - as above
        return "not available"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        rounded = Decimal(repr(value)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        return str(rounded).removesuffix(".0")
    return clean(value)


def measure_words(name: str) -> str:
    """Give the name of a measure in words, as `Overdue high risk` for `OverdueHighRisk`."""
    parts = re.findall(r"\d+h(?=[A-Z]|$)|\d+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    words = " ".join(parts).lower()
    return re.sub(r"(\d+)h\b", r"\1 h", words).capitalize()
