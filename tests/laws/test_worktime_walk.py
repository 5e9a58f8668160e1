"""Working-hours arithmetic against a walk through every minute of 2026 to 2028."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lists_sync.worktime import Calendar, slots_on

LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2029, 1, 1, tzinfo=UTC)
MINUTES = (END - START) // timedelta(minutes=1)
LAST_START = MINUTES - 40 * 1440
CALENDARS = {
    "usual": Calendar(LONDON),
    "office": Calendar(
        LONDON,
        day_start=time(9),
        day_end=time(17, 30),
        closure_days=frozenset({date(2026, 12, 24), date(2027, 3, 30)}),
        extra_days=frozenset({date(2026, 3, 29), date(2027, 10, 31)}),
    ),
    "nights": Calendar(LONDON, frozenset(range(7)), day_start=time(20), day_end=time(8)),
    "round the clock": Calendar(LONDON, frozenset(range(7)), day_start=time(0), day_end=time(0)),
    "odd hours": Calendar(LONDON, frozenset(range(7)), day_start=time(1, 30), day_end=time(1, 15)),
}
NAMES = st.sampled_from(sorted(CALENDARS))
# Closing at a time that clocks repeat is its first occurrence, which a wall clock cannot tell.
WALKED = NAMES.filter(lambda name: name != "odd hours")
STARTS = st.integers(0, LAST_START) | st.sampled_from(
    [
        (change - START) // timedelta(minutes=1) + offset
        for change in (
            datetime(2026, 3, 29, 1, tzinfo=UTC),
            datetime(2026, 10, 25, 1, tzinfo=UTC),
            datetime(2027, 3, 28, 1, tzinfo=UTC),
            datetime(2027, 10, 31, 1, tzinfo=UTC),
            datetime(2028, 3, 26, 1, tzinfo=UTC),
            datetime(2028, 10, 29, 1, tzinfo=UTC),
        )
        for offset in (-1500, -600, -61, -60, -31, -1, 0, 1, 29, 60, 600)
    ]
)


@cache
def worked_before(name: str) -> np.ndarray:
    """Count, for each minute since the start, the worked minutes before it, by its wall clock alone."""
    calendar = CALENDARS[name]
    hours = (START + timedelta(hours=h) for h in range(MINUTES // 60))
    offsets = [int(h.astimezone(LONDON).utcoffset().total_seconds() // 60) for h in hours]
    wall = np.arange(MINUTES) + np.repeat(offsets, 60)
    day, minute = np.divmod(wall, 1440)
    opens = calendar.day_start.hour * 60 + calendar.day_start.minute
    closes = calendar.day_end.hour * 60 + calendar.day_end.minute
    first = START.date()
    works = [calendar.is_working_day(first + timedelta(days=n)) for n in range(-1, MINUTES // 1440 + 2)]
    working = np.array(works)
    if closes > opens:
        worked = working[day + 1] & (minute >= opens) & (minute < closes)
    else:
        worked = (working[day + 1] & (minute >= opens)) | (working[day] & (minute < closes))
    return np.concatenate([[0], np.cumsum(worked)])


def at(minute: int) -> datetime:
    return START + timedelta(minutes=int(minute))


@settings(deadline=None, max_examples=150)
@given(name=WALKED, start=STARTS, minutes=st.integers(1, 6000))
def test_adding_agrees_with_the_walk(name, start, minutes):
    """The sum is the first minute by which a walker has counted that many worked minutes."""
    before = worked_before(name)
    walked = int(np.searchsorted(before, before[start] + minutes, side="left"))
    assert CALENDARS[name].add_working_hours(at(start), Fraction(minutes, 60)) == at(walked)


@settings(deadline=None, max_examples=150)
@given(name=WALKED, start=STARTS, span=st.integers(0, 20_000))
def test_counting_agrees_with_the_walk(name, start, span):
    """The hours between two instants are the worked minutes a walker passes."""
    before = worked_before(name)
    walked = Fraction(int(before[start + span] - before[start]), 60)
    assert CALENDARS[name].working_hours_between(at(start), at(start + span)) == walked


@settings(deadline=None, max_examples=150)
@given(name=NAMES, start=STARTS, seconds=st.integers(0, 400_000))
def test_between_undoes_add(name, start, seconds):
    """What was added is what lies between, to the second."""
    calendar, hours = CALENDARS[name], Fraction(seconds, 3600)
    assert calendar.working_hours_between(at(start), calendar.add_working_hours(at(start), hours)) == hours


@settings(deadline=None, max_examples=100)
@given(name=NAMES, start=STARTS, later=st.integers(0, 3000), hours=st.integers(0, 60), more=st.integers(0, 9))
def test_adding_keeps_the_order(name, start, later, hours, more):
    """A later start or more hours never end earlier."""
    calendar = CALENDARS[name]
    end = calendar.add_working_hours(at(start), hours)
    assert calendar.add_working_hours(at(start + later), hours) >= end
    assert calendar.add_working_hours(at(start), hours + more) >= end


@settings(deadline=None, max_examples=100)
@given(name=NAMES, start=STARTS, first=st.integers(1, 900), second=st.integers(1, 900))
def test_adding_twice_is_adding_once(name, start, first, second):
    """Hours may be added in parts."""
    calendar = CALENDARS[name]
    halfway = calendar.add_working_hours(at(start), Fraction(first, 60))
    whole = calendar.add_working_hours(at(start), Fraction(first + second, 60))
    assert calendar.add_working_hours(halfway, Fraction(second, 60)) == whole


@settings(deadline=None, max_examples=100)
@given(name=NAMES, start=STARTS)
def test_close_of_day_is_the_first_closing_time(name, start):
    """Closing time is not in the past, and no working day closes between."""
    calendar, instant = CALENDARS[name], at(start)
    close = calendar.close_of_day(instant)
    first = calendar.local_date(instant) - timedelta(days=1)
    days = [first + timedelta(days=n) for n in range((calendar.local_date(close) - first).days + 1)]
    closes = [calendar.window(day)[1] for day in days if calendar.is_working_day(day)]
    assert min(time_ for time_ in closes if time_ >= instant) == close


@settings(deadline=None, max_examples=100)
@given(start=STARTS)
def test_an_instant_has_one_local_day(start):
    """Every instant lies within the day it is said to fall on."""
    calendar = CALENDARS["usual"]
    day = calendar.local_date(at(start))
    assert calendar.start_of_day(day) <= at(start) < calendar.start_of_day(day + timedelta(days=1))


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_the_moving_rule_agrees_with_moving_each_session(year):
    """The sessions of a year are the nominal days, each moved to the next working day, each once."""
    calendar = CALENDARS["office"]
    days = [date(year, 1, 8) + timedelta(days=n) for n in range(350)]
    for names, numbers in ((("Tue", "Thu"), {1, 3}), ("review", {0, 2, 4})):
        nominal = [day for day in days if day.weekday() in numbers]
        moved = {d if calendar.is_working_day(d) else calendar.next_working_day(d) for d in nominal}
        held = {day for day in days if slots_on(day, names, [time(14, 30)], calendar)}
        assert held == {day for day in moved if day <= days[-1]}
