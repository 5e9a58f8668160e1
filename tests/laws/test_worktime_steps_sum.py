"""The steps of a sum of working time add up to the sum, whatever the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from lists_sync.worktime import Calendar, day_steps, steps

LONDON = ZoneInfo("Europe/London")
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
    "weekday nights": Calendar(LONDON, day_start=time(20), day_end=time(8)),
    "round the clock": Calendar(LONDON, frozenset(range(7)), day_start=time(0), day_end=time(0)),
    "odd hours": Calendar(LONDON, frozenset(range(7)), day_start=time(1, 30), day_end=time(1, 15)),
    "scotland": Calendar(LONDON, subdivision="SCT"),
}
NAMES = st.sampled_from(sorted(CALENDARS))
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 11, 1), timezones=st.just(UTC)) | st.sampled_from(  # noqa: DTZ001  # the strategy adds the zone
    [
        datetime(2026, 3, 29, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        for minutes in (-1500, -61, -30, -1, 0, 1, 60)
    ]
    + [
        datetime(2026, 10, 25, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        for minutes in (-1500, -61, -30, -1, 0, 1, 60)
    ]
)
HOURS = st.fractions(0, 90, max_denominator=60) | st.sampled_from([Fraction(10), Fraction(0), Fraction(1, 3)])


@settings(deadline=None, max_examples=300)
@given(name=NAMES, start=STARTS, hours=HOURS)
def test_the_counted_stretches_add_up_to_the_hours(name, start, hours):
    """Counted to the microsecond, and the last stretch ends at what the calendar gives."""
    calendar = CALENDARS[name]
    found = steps(calendar, start, hours)

    counted = sum((step.hours for step in found if step.counted), Fraction(0))
    exact = Fraction(round(hours * 3_600_000_000), 3_600_000_000)
    assert counted == exact
    assert (found[-1].ends if found else start) == calendar.add_working_hours(start, hours)


@settings(deadline=None, max_examples=200)
@given(name=NAMES, start=STARTS, hours=HOURS)
def test_the_stretches_leave_no_gap_and_say_why(name, start, hours):
    """They begin at the start, follow one another, and each skipped one has a reason."""
    calendar = CALENDARS[name]
    found = steps(calendar, start, hours)

    assert not found or found[0].begins == start
    assert all(one.ends == after.begins for one, after in pairwise(found))
    assert all(step.begins < step.ends and bool(step.why) is not step.counted for step in found)
    assert all(calendar.working_hours_between(one.begins, one.ends) == 0 for one in found if not one.counted)


@settings(deadline=None, max_examples=200)
@given(name=NAMES, day=st.dates(date(2026, 1, 1), date(2028, 11, 1)), n=st.integers(0, 30))
def test_the_days_lead_to_the_nth_working_day(name, day, n):
    """Every day in between is told once; so many are worked; the last is the n-th."""
    calendar = CALENDARS[name]
    found = day_steps(calendar, day, n)

    assert [one.day for one in found] == [day + timedelta(days=k + 1) for k in range(len(found))]
    assert sum(one.counted for one in found) == n
    assert (found[-1].day if found else day) == calendar.nth_working_day(day, n)
    assert all(bool(one.why) is not one.counted for one in found)
