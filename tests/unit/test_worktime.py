"""Working days, working hours, and the instants that local times name."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from lists_sync.worktime import Calendar, bank_holidays

LONDON = ZoneInfo("Europe/London")
USUAL = Calendar(LONDON)
OFFICE = Calendar(LONDON, day_start=time(9), day_end=time(17))
NIGHTS = Calendar(
    LONDON,
    working_weekdays=frozenset(range(7)),
    day_start=time(20),
    day_end=time(8),
)

GOV_UK = {
    2026: ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"],
    2027: ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"],
    2028: ["01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"],
}


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize("year", GOV_UK)
def test_bank_holidays_are_those_gov_uk_publishes(year):
    """The bank holidays of England are exactly the published ones, substitutes without nominal days."""
    assert bank_holidays("ENG", year) == {date.fromisoformat(f"{year}-{day}") for day in GOV_UK[year]}


def test_importing_worktime_loads_no_holidays():
    """The holidays package is loaded by the first question about a day, not by the import."""
    code = "import sys, lists_sync.worktime; print('holidays' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "expected"),
    [
        (OFFICE, "2026-11-23 13:00", 4, "2026-11-23 17:00"),
        (OFFICE, "2026-11-23 16:00", 4, "2026-11-24 12:00"),
        (OFFICE, "2026-11-23 18:30", 4, "2026-11-24 13:00"),
        (OFFICE, "2026-04-02 15:30", 4, "2026-04-07 11:30"),
        (OFFICE, "2026-12-24 16:00", 4, "2026-12-29 12:00"),
        (OFFICE, "2027-12-24 15:00", 4, "2027-12-29 11:00"),
        (OFFICE, "2026-03-27 16:00", 4, "2026-03-30 12:00"),
        (OFFICE, "2026-11-23 09:00", 4.5, "2026-11-23 13:30"),
        (OFFICE, "2026-11-23 09:00", Fraction(3, 2), "2026-11-23 10:30"),
        (USUAL, "2026-11-23 14:00", 4, "2026-11-23 18:00"),
        (USUAL, "2026-11-23 14:00:01", 4, "2026-11-24 08:00:01"),
        (USUAL, "2026-11-23 16:00", 4, "2026-11-24 10:00"),
        (USUAL, "2026-11-23 18:00", 4, "2026-11-24 12:00"),
        (USUAL, "2026-11-23 18:30", 4, "2026-11-24 12:00"),
        (USUAL, "2026-11-23 07:00", 4, "2026-11-23 12:00"),
        (USUAL, "2026-11-21 11:00", 4, "2026-11-23 12:00"),
        (USUAL, "2026-04-02 15:30", 4, "2026-04-07 09:30"),
        (USUAL, "2026-12-24 16:00", 4, "2026-12-29 10:00"),
        (USUAL, "2027-12-24 15:00", 4, "2027-12-29 09:00"),
        (USUAL, "2026-03-27 16:00", 4, "2026-03-30 10:00"),
        (USUAL, "2026-11-23 08:00", 10, "2026-11-23 18:00"),
        (USUAL, "2026-11-23 08:00", 25, "2026-11-25 13:00"),
        (NIGHTS, "2026-03-28 23:00", 4, "2026-03-29 04:00"),
        (NIGHTS, "2026-10-24 23:00", 4, "2026-10-25 02:00"),
    ],
)
def test_working_hours_land_where_a_person_would_put_them(calendar, start, hours, expected):
    """Working hours skip nights, weekends and bank holidays, and stay at closing time."""
    assert calendar.add_working_hours(at(start), hours) == at(expected)


def test_no_working_hours_leave_the_instant_alone():
    """Zero hours after a Sunday is that Sunday."""
    sunday = at("2026-11-22 11:00")
    assert USUAL.add_working_hours(sunday, 0) == sunday


def test_working_hours_are_never_taken_away():
    """Negative hours are refused."""
    with pytest.raises(ValueError, match="never taken away"):
        USUAL.add_working_hours(at("2026-11-23 09:00"), -1)


def test_naive_datetimes_are_refused():
    """A time without a zone is no instant, whatever is asked."""
    naive = datetime(2026, 11, 23, 9)  # noqa: DTZ001
    for ask in (USUAL.close_of_day, USUAL.local_date, USUAL.same_time_previous_working_day):
        with pytest.raises(ValueError, match="no time zone"):
            ask(naive)
    with pytest.raises(ValueError, match="no time zone"):
        USUAL.add_working_hours(naive, 1)


@pytest.mark.parametrize(
    ("a", "b", "hours"),
    [
        ("2026-11-23 09:00", "2026-11-23 17:30", Fraction(17, 2)),
        ("2026-11-20 17:00", "2026-11-23 09:00", 2),
        ("2026-11-21 00:00", "2026-11-22 23:59", 0),
        ("2026-12-24 17:00", "2026-12-29 09:00", 2),
        ("2026-11-23 17:30", "2026-11-23 09:00", Fraction(-17, 2)),
        ("2026-11-23 18:00", "2026-11-24 08:00", 0),
    ],
)
def test_working_hours_between_are_exact(a, b, hours):
    """Hours between two instants count opening hours only, and are negative backwards."""
    assert USUAL.working_hours_between(at(a), at(b)) == hours


@pytest.mark.parametrize(("night", "hours"), [("2026-03-28", 11), ("2026-10-24", 13), ("2026-11-23", 12)])
def test_a_night_shift_has_the_hours_it_really_has(night, hours):
    """A shift over the change to summer time has eleven hours, over the change back thirteen."""
    opens, closes = NIGHTS.window(date.fromisoformat(night))
    assert closes - opens == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("start", "end", "elapsed"),
    [
        ("2026-03-28 12:00", "2026-03-30 01:00", 36),
        ("2026-10-24 12:00", "2026-10-25 23:00", 36),
        ("2026-03-28 17:00", "2026-03-29 17:30", 23.5),
        ("2026-10-24 17:00", "2026-10-25 16:30", 24.5),
    ],
)
def test_instants_give_elapsed_hours_over_clock_changes(start, end, elapsed):
    """Between instants lie elapsed hours, not the difference of two wall clocks."""
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    span = USUAL.instant(last.date(), last.time()) - USUAL.instant(first.date(), first.time())
    assert span == timedelta(hours=elapsed)


@pytest.mark.parametrize(
    ("day", "wall", "expected"),
    [
        ("2026-03-29", "01:30", "2026-03-29 01:00"),
        ("2026-03-29", "01:00", "2026-03-29 01:00"),
        ("2026-03-29", "01:59:59.999999", "2026-03-29 01:00"),
        ("2026-03-29", "00:59", "2026-03-29 00:59"),
        ("2026-03-29", "02:00", "2026-03-29 01:00"),
        ("2026-10-25", "01:30", "2026-10-25 00:30"),
        ("2026-10-25", "02:00", "2026-10-25 02:00"),
        ("2026-07-01", "00:00", "2026-06-30 23:00"),
    ],
)
def test_a_local_time_names_one_instant(day, wall, expected):
    """A skipped time is the first instant after the gap, a repeated one its first occurrence."""
    named = USUAL.instant(date.fromisoformat(day), time.fromisoformat(wall))
    assert named == at(expected, zone=UTC)


def test_a_day_may_begin_after_midnight():
    """Where clocks go forward at midnight, the day begins at the first instant that exists."""
    beirut = Calendar(ZoneInfo("Asia/Beirut"))
    day = date(2026, 3, 29)
    assert beirut.start_of_day(day) == datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert beirut.local_date(beirut.start_of_day(day)) == day


@pytest.mark.parametrize(
    ("instant", "close"),
    [
        ("2026-11-23 08:15", "2026-11-23 18:00"),
        ("2026-11-23 18:00", "2026-11-23 18:00"),
        ("2026-11-23 18:00:01", "2026-11-24 18:00"),
        ("2026-11-23 03:00", "2026-11-23 18:00"),
        ("2026-11-20 19:00", "2026-11-23 18:00"),
        ("2026-11-22 10:00", "2026-11-23 18:00"),
        ("2026-12-25 10:00", "2026-12-29 18:00"),
    ],
)
def test_close_of_day_is_the_next_closing_time(instant, close):
    """Closing time is today's until it has passed, then the next working day's."""
    assert USUAL.close_of_day(at(instant)) == at(close)


def test_close_of_a_night_shift_is_next_morning():
    """In the small hours a night shift still closes that same morning."""
    assert NIGHTS.close_of_day(at("2026-11-24 02:00")) == at("2026-11-24 08:00")


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-11-23 17:00", "2026-11-24 09:00"),
        ("2026-11-20 17:00", "2026-11-23 09:00"),
        ("2026-11-21 08:00", "2026-11-23 09:00"),
        ("2026-12-24 17:00", "2026-12-29 09:00"),
        ("2026-03-27 17:00", "2026-03-30 09:00"),
        ("2026-11-23 02:00", "2026-11-24 09:00"),
    ],
)
def test_next_day_nine_is_on_the_next_working_day(instant, expected):
    """Nine next day is local nine o'clock on the next working day after the local date."""
    assert USUAL.next_day_at(at(instant), time(9)) == at(expected)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-11-23 17:00", "2026-11-20 17:00"),
        ("2026-12-29 08:15", "2026-12-24 08:15"),
        ("2026-03-30 17:00", "2026-03-27 17:00"),
        ("2026-10-26 17:00", "2026-10-23 17:00"),
    ],
)
def test_the_same_time_a_working_day_before_is_wall_clock(instant, expected):
    """The start of a first cycle is the same local time on the working day before."""
    assert USUAL.same_time_previous_working_day(at(instant)) == at(expected)


def test_nth_working_day_counts_after_the_day():
    """The fifth working day after a Monday is the next Monday; before Christmas it is later."""
    assert USUAL.nth_working_day(date(2026, 11, 23), 5) == date(2026, 11, 30)
    assert USUAL.nth_working_day(date(2026, 12, 23), 5) == date(2027, 1, 4)
    assert USUAL.nth_working_day(date(2026, 11, 23), -1) == date(2026, 11, 20)
    assert USUAL.nth_working_day(date(2026, 11, 22), 0) == date(2026, 11, 22)


def test_closure_days_and_extra_days_change_the_calendar():
    """A closure day is not worked, an extra day is, and where both name a day it is closed."""
    calendar = Calendar(
        LONDON,
        closure_days=frozenset({date(2026, 11, 24), date(2026, 11, 29)}),
        extra_days=frozenset({date(2026, 11, 28), date(2026, 11, 29), date(2026, 12, 25)}),
    )
    assert not calendar.is_working_day(date(2026, 11, 24))
    assert calendar.is_working_day(date(2026, 11, 28))
    assert not calendar.is_working_day(date(2026, 11, 29))
    assert calendar.is_working_day(date(2026, 12, 25))
    assert calendar.next_working_day(date(2026, 11, 23)) == date(2026, 11, 25)


def test_operational_days_widen_working_days():
    """Operational days are the working days until a provider names more; bank holidays stay off."""
    weekend = Calendar(LONDON, operational_weekdays=frozenset(range(7)))
    assert USUAL.operational is USUAL
    assert not weekend.is_working_day(date(2026, 11, 22))
    assert weekend.operational.is_working_day(date(2026, 11, 22))
    assert weekend.operational.is_working_day(date(2026, 12, 26))
    assert not weekend.operational.is_working_day(date(2026, 12, 28))
    assert weekend.operational.close_of_day(at("2026-11-22 10:00")) == at("2026-11-22 18:00")


@pytest.mark.parametrize(("day", "beyond"), [(date(2028, 12, 31), False), (date(2029, 1, 1), True)])
def test_years_beyond_the_published_ones_are_told(day, beyond):
    """Bank holidays are published to the end of 2028."""
    assert USUAL.beyond_published(day) is beyond


def test_a_calendar_without_working_days_is_told():
    """Looking for a working day that never comes ends with an error."""
    with pytest.raises(ValueError, match="no working day"):
        Calendar(LONDON, working_weekdays=frozenset()).next_working_day(date(2026, 11, 23))


def test_an_unknown_subdivision_is_refused():
    """Without a subdivision Easter Monday would be lost, so only the four nations are taken."""
    with pytest.raises(ValueError, match="none of ENG"):
        Calendar(LONDON, subdivision="GB")
