"""How the time to act of an escalation came about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from lists_sync.explain.told import StepsTold
from lists_sync.worktime import day_steps, days_until, steps

if TYPE_CHECKING:
    from lists_sync.worktime import Calendar

_NEXT_DAY = "next day "


def act_by_words(rule: str | Mapping[str, float]) -> str:
    """Say a job's `act_by` in words."""
    if isinstance(rule, Mapping):
        (unit, amount), *_ = rule.items()
        return f"{amount_words(unit, amount)} after it was raised"
    if rule == "moment":
        return "at once"
    if rule.startswith(_NEXT_DAY):
        return f"{rule.removeprefix(_NEXT_DAY)} on the next working day"
    return {"close of day": "by close of day", "shift end": "by the end of the shift"}.get(rule, rule)


def amount_words(unit: str, amount: float) -> str:
    """Give an amount with its unit: `1 hour`, `4 working hours`."""
    name = unit.replace("_", " ")
    return f"{amount:g} {name.removesuffix('s') if amount == 1 else name}"


def act_by_steps(
    rule: str | Mapping[str, float], raised: datetime, by: datetime, calendar: Calendar
) -> StepsTold | None:
    """Tell stretch by stretch, or day by day, how a time to act came about.

    Args:
        by: what the rule comes to, reckoned from when it was raised.
        calendar: that of the job's days.

    Returns:
        None where only elapsed time was added, or none.
    """
    words = act_by_words(rule)
    if isinstance(rule, Mapping):
        hours = rule.get("working_hours")
        return StepsTold(words, steps(calendar, raised, hours), by) if hours is not None else None
    if rule == "moment":
        return None
    first, last = calendar.local_date(raised), calendar.local_date(by)
    if rule.startswith(_NEXT_DAY):
        return StepsTold(words, day_steps(calendar, first, 1), by)
    later = "; it was raised on a day off, or past that day's" if first != last else ""
    return StepsTold(f"{words}{later}", days_until(calendar, first, last), by)
