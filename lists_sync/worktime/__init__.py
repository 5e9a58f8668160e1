"""Working days, working hours and slots.

Every sum is made on UTC instants; local time is met only where a wall-clock time names an instant.
Nothing here reads the clock.
"""

from lists_sync.worktime.bank import PUBLISHED_UNTIL, bank_holiday_name, bank_holidays
from lists_sync.worktime.calendar import Calendar
from lists_sync.worktime.slots import Scheduled, is_day_of, latest_slot, slots_between, slots_on
from lists_sync.worktime.steps import DayStep, Step, day_off, day_steps, days_until, steps

__all__ = [
    "PUBLISHED_UNTIL",
    "Calendar",
    "DayStep",
    "Scheduled",
    "Step",
    "bank_holiday_name",
    "bank_holidays",
    "day_off",
    "day_steps",
    "days_until",
    "is_day_of",
    "latest_slot",
    "slots_between",
    "slots_on",
    "steps",
]
