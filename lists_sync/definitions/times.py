"""Times and days as people write them in a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Annotated, Any

from pydantic import BeforeValidator

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_NEXT_DAY = re.compile(r"next day (.*)")
_SPANS = ("minutes", "hours", "working_hours")
_HOUR_MIN = 60
_MOMENTS = ("close of day", "shift end", "moment")

SHIFT_END = "shift end"
"""The word for the hour at which a provider's shift ends."""
USUAL_SHIFT_END = time(20, fold=1)
"""The shift end where no provider says otherwise; its fold tells it from a slot at 20:00."""


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
    spans = "{minutes: 90}, {hours: 1}, {working_hours: 4}"
    known = f"must be {spans}, close of day, shift end, next day 09:00 or moment."
    if isinstance(value, str):
        later = _NEXT_DAY.fullmatch(value)
        return "" if value in _MOMENTS or (later and _TIME.fullmatch(later[1])) else known
    if not isinstance(value, dict) or len(value) != 1 or set(value) - set(_SPANS):
        return known
    amount = next(iter(value.values()))
    usable = isinstance(amount, int | float) and not isinstance(amount, bool) and amount > 0
    return "" if usable else "must have a number above 0."


def as_slot(value: Any) -> time:
    """Give the time that a slot names: a time of day, or `shift end`.

    Raises:
        ValueError: it names none.
    """
    return USUAL_SHIFT_END if value == SHIFT_END else as_time(value)


def windows(value: Any, slots: Sequence[time]) -> tuple[time, ...]:
    """Give for each slot the local time by which its record must stand; () where none is named.

    Args:
        value: one time for all slots, a list of one a slot, or {minutes: 30} after each.
    """
    if value is None or stands_by_fault(value, slots):
        return ()
    if isinstance(value, Mapping):
        return tuple(_after(slot, value["minutes"]) for slot in slots)
    return tuple(map(as_time, value)) if isinstance(value, list) else (as_time(value),) * len(slots)


def stands_by_fault(value: Any, slots: Sequence[time]) -> str:
    """Say what is wrong with the times by which records must stand; "" where nothing is."""
    if isinstance(value, Mapping):
        given = value.get("minutes")
        whole = isinstance(given, int) and not isinstance(given, bool) and given > 0
        return "" if whole and len(value) == 1 else "must be a time, a list of times or {minutes: 30}."
    try:
        times = list(map(as_time, value)) if isinstance(value, list) else [as_time(value)] * len(slots)
    except ValueError as fault:
        return str(fault)
    if len(times) != len(slots):
        return f"must name {len(slots)} times, one for each slot."
    if not isinstance(value, list):
        return "" if times[0] > max(slots) else "must be later than the last slot."
    wrong = [slot for slot, by in zip(slots, times, strict=True) if by <= slot]
    return f"must be later than the slot at {wrong[0]:%H:%M}." if wrong else ""


def _after(slot: time, minutes: int) -> time:
    minute = min(_minute(slot) + minutes, 24 * _HOUR_MIN - 1)
    return time(minute // _HOUR_MIN, minute % _HOUR_MIN)


def as_slots(value: Any) -> Any:
    """Give a range like {from: "08:00", to: "18:00", every_minutes: 15} as its times; all else as it is.

    Raises:
        ValueError: it looks like a range and is none.
    """
    if not isinstance(value, Mapping):
        return value
    every = value.get("every_minutes")
    if set(value) != {"from", "to", "every_minutes"} or not isinstance(every, int) or every <= 0:
        raise ValueError('must be a list of times, or {from: "08:00", to: "18:00", every_minutes: 15}.')
    first, last = as_time(value["from"]), as_time(value["to"])
    minutes = range(_minute(first), _minute(last) + 1, every)
    return [f"{minute // _HOUR_MIN:02d}:{minute % _HOUR_MIN:02d}" for minute in minutes]


def _minute(at: time) -> int:
    return at.hour * _HOUR_MIN + at.minute


Time = Annotated[time, BeforeValidator(as_time)]
SlotTime = Annotated[time, BeforeValidator(as_slot)]
Slots = Annotated[list[SlotTime], BeforeValidator(as_slots)]
OptionalTime = Annotated[
    time | None, BeforeValidator(lambda given: None if given is None else as_time(given))
]
Day = Annotated[date, BeforeValidator(as_day)]
