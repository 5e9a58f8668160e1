"""Times and days as people write them in a file."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Any

from pydantic import BeforeValidator

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_NEXT_DAY = re.compile(r"next day (.*)")
_SPANS = ("minutes", "hours", "working_hours")
_MOMENTS = ("close of day", "moment")


def as_time(value: Any) -> time:
    """Give the time that a text like `08:15` names.

    Raises:
        ValueError: it names none.
    """
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('must be a time of day like "08:15".')
    return time(int(found[1]), int(found[2]))


def as_day(value: Any) -> date:
    """Give the day that a text like `2026-12-24` names.

    Raises:
        ValueError: it names none.
    """
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value)
        except ValueError as fault:
            raise ValueError("names a day that the calendar does not have.") from fault
    raise ValueError("must be a day like 2026-12-24.")


def weekdays_fault(value: Any) -> str:
    """Say what is wrong with a list of weekdays; "" where nothing is."""
    if not isinstance(value, list | tuple) or not value:
        return "must be a list of weekdays: [Mon, Tue]."
    wrong = [str(day) for day in value if day not in WEEKDAYS]
    if wrong:
        return f"has {', '.join(wrong)}, which is none of {', '.join(WEEKDAYS)}."
    return "names a day twice." if len(set(value)) < len(value) else ""


def act_by_fault(value: Any) -> str:
    """Say what is wrong with the time to act; "" where nothing is."""
    known = "must be {minutes: 90}, {hours: 1}, {working_hours: 4}, close of day, next day 09:00 or moment."
    if isinstance(value, str):
        later = _NEXT_DAY.fullmatch(value)
        return "" if value in _MOMENTS or (later and _TIME.fullmatch(later[1])) else known
    if not isinstance(value, dict) or len(value) != 1 or set(value) - set(_SPANS):
        return known
    amount = next(iter(value.values()))
    usable = isinstance(amount, int | float) and not isinstance(amount, bool) and amount > 0
    return "" if usable else "must have a number above 0."


Time = Annotated[time, BeforeValidator(as_time)]
OptionalTime = Annotated[
    time | None, BeforeValidator(lambda given: None if given is None else as_time(given))
]
Day = Annotated[date, BeforeValidator(as_day)]
