"""Bank holidays as GOV.UK publishes them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

PUBLISHED_UNTIL = 2028
"""Last year whose bank holidays are published.

Source: https://www.gov.uk/bank-holidays.json (2019 to 2028, read August 2026). Later years follow
from the rules of the `holidays` package and may still be changed by proclamation.
"""

SUBDIVISIONS = frozenset({"ENG", "WLS", "SCT", "NIR"})
_SATURDAY = 5


@cache
def bank_holidays(subdivision: str, year: int) -> frozenset[date]:
    """Give the bank holidays of one year, as weekdays.

    Args:
        subdivision: ENG, WLS, SCT or NIR.
        year: the calendar year.

    Returns:
        Weekdays only: a holiday at a weekend is replaced by its substitute day, and the nominal
        Saturday or Sunday is no bank holiday to GOV.UK (it matters to who works seven days).
    """
    import holidays  # slow to import, and `--help` needs no calendar

    days = holidays.country_holidays("GB", subdiv=subdivision, years=year)
    return frozenset(day for day in days if day.weekday() < _SATURDAY and day.year == year)


def bank_holiday_name(subdivision: str, day: date) -> str:
    """Give the name of the bank holiday on that day, as `bank_holidays` counts them; "" for none."""
    if day not in bank_holidays(subdivision, day.year):
        return ""
    return _names(subdivision, day.year)[day]


@cache
def _names(subdivision: str, year: int) -> dict[date, str]:
    import holidays  # as above

    return dict(holidays.country_holidays("GB", subdiv=subdivision, years=year))
