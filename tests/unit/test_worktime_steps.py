"""Sums of working time, told step by step."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from lists_sync.worktime import (
    Calendar,
    bank_holiday_name,
    bank_holidays,
    day_off,
    day_steps,
    days_until,
    steps,
)

LONDON = ZoneInfo("Europe/London")
USUAL = Calendar(LONDON, closure_days=frozenset({date(2026, 9, 2)}))


def _told(found):
    return [
        (f"{one.begins.astimezone(LONDON):%a %H:%M}", f"{one.ends.astimezone(LONDON):%a %H:%M}", one.why)
        for one in found
    ]


def test_a_sum_over_a_bank_holiday_weekend_names_each_reason():
    """Friday's evening, the weekend, the bank holiday by name and Tuesday's night are told apart."""
    friday = datetime(2026, 8, 28, 15, tzinfo=UTC)  # 16:00 local
    assert _told(steps(USUAL, friday, 4)) == [
        ("Fri 16:00", "Fri 18:00", ""),
        ("Fri 18:00", "Sat 00:00", "outside working hours"),
        ("Sat 00:00", "Mon 00:00", "weekend"),
        ("Mon 00:00", "Tue 00:00", "bank holiday: Late Summer Bank Holiday"),
        ("Tue 00:00", "Tue 08:00", "outside working hours"),
        ("Tue 08:00", "Tue 10:00", ""),
    ]


def test_an_evening_and_the_night_after_it_are_one_stretch():
    """Between two worked days there is one reason, so one stretch."""
    monday = datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert _told(steps(USUAL, monday, 2)) == [
        ("Mon 17:00", "Mon 18:00", ""),
        ("Mon 18:00", "Tue 08:00", "outside working hours"),
        ("Tue 08:00", "Tue 09:00", ""),
    ]


def test_what_lands_on_closing_time_stays_there():
    """No skipped stretch follows the last counted one."""
    found = steps(USUAL, datetime(2026, 11, 23, 14, tzinfo=UTC), 4)
    assert _told(found) == [("Mon 14:00", "Mon 18:00", "")]


def test_no_hours_take_no_step():
    """A sum of nothing is where it starts."""
    assert steps(USUAL, datetime(2026, 11, 22, 14, tzinfo=UTC), 0) == ()


def test_hours_are_never_taken_away():
    """As the calendar itself has it."""
    with pytest.raises(ValueError, match="never taken away"):
        steps(USUAL, datetime(2026, 11, 22, 14, tzinfo=UTC), -1)


def test_the_days_to_a_horizon_say_which_were_skipped():
    """A closure day of the provider's own is told as such."""
    assert [(one.day.day, one.counted, one.why) for one in day_steps(USUAL, date(2026, 8, 28), 2)] == [
        (29, False, "weekend"),
        (30, False, "weekend"),
        (31, False, "bank holiday: Late Summer Bank Holiday"),
        (1, True, ""),
        (2, False, "closure day"),
        (3, True, ""),
    ]


def test_days_from_one_to_another_have_both_ends_in():
    """The first and the last day are told as well."""
    assert [one.counted for one in days_until(USUAL, date(2026, 11, 20), date(2026, 11, 23))] == [
        True,
        False,
        False,
        True,
    ]


def test_a_weekday_that_is_not_worked_is_no_weekend():
    """A provider that never works on Wednesdays is told so."""
    calendar = Calendar(LONDON, frozenset({0, 1, 3, 4}))
    assert day_off(calendar, date(2026, 11, 25)) == "Wednesdays are not worked"


def test_an_extra_day_is_worked_though_it_is_a_holiday():
    """What the provider works has no reason to be skipped."""
    calendar = Calendar(LONDON, extra_days=frozenset({date(2026, 8, 31)}))
    assert day_off(calendar, date(2026, 8, 31)) == ""


@pytest.mark.parametrize("subdivision", ["ENG", "WLS", "SCT", "NIR"])
def test_every_bank_holiday_has_a_name(subdivision):
    """And no other day has one."""
    days = [date.fromordinal(date(2026, 1, 1).toordinal() + number) for number in range(365)]
    named = {day for day in days if bank_holiday_name(subdivision, day)}
    assert named == bank_holidays(subdivision, 2026)
