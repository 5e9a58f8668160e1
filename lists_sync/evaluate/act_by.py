"""By when somebody must have acted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from lists_sync.errors import FileError

if TYPE_CHECKING:
    from lists_sync.worktime import Calendar

_NEXT_DAY = "next day "


def act_by(rule: str | Mapping[str, float], moment: datetime, calendar: Calendar) -> datetime:
    """Give the instant that a job's `act_by` names, reckoned from the moment.

    Raises:
        FileError: the rule is none of those a job may name.
    """
    if isinstance(rule, Mapping):
        (unit, amount), *others = rule.items()
        if not others and unit == "working_hours":
            return calendar.add_working_hours(moment, amount)
        if not others and unit in ("minutes", "hours"):
            return moment + timedelta(**{unit: amount})
    elif rule == "moment":
        return moment
    elif rule == "close of day":
        return calendar.close_of_day(moment)
    elif rule == "shift end":
        return calendar.end_of_shift(moment)
    elif rule.startswith(_NEXT_DAY):
        return calendar.next_day_at(moment, time.fromisoformat(rule.removeprefix(_NEXT_DAY)))
    raise FileError("An `act_by` is none of those a job may name.", hint="See the comments in jobs/.")
