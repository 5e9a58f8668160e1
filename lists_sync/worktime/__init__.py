"""Working days, working hours and slots.

Every sum is made on UTC instants; local time is met only where a wall-clock time names an instant.
Nothing here reads the clock.
"""

from lists_sync.worktime.bank import PUBLISHED_UNTIL, bank_holidays
from lists_sync.worktime.calendar import Calendar
from lists_sync.worktime.slots import Scheduled, is_day_of, latest_slot, slots_between, slots_on

__all__ = [
    "PUBLISHED_UNTIL",
    "Calendar",
    "Scheduled",
    "bank_holidays",
    "is_day_of",
    "latest_slot",
    "slots_between",
    "slots_on",
]
