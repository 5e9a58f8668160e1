"""Which minutes of which days a job answers for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from lists_sync.worktime import Calendar, is_day_of, latest_slot, slots_between, slots_on

CALENDAR = Calendar(ZoneInfo("Europe/London"))


@dataclass(frozen=True)
class Schedule:
    days: str | tuple[str, ...]
    slots: tuple[time, ...]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days_in(days, first: str, count: int, calendar: Calendar = CALENDAR) -> list[str]:
    start = date.fromisoformat(first)
    span = (start + timedelta(days=n) for n in range(count))
    return [day.isoformat() for day in span if is_day_of(days, day, calendar)]


def test_working_slots_are_local_times():
    """A quarter past eight is 08:15Z in winter and 07:15Z in summer."""
    assert slots_on(date(2026, 11, 23), "working", [time(8, 15)], CALENDAR) == [utc("2026-11-23 08:15")]
    assert slots_on(date(2026, 7, 1), "working", [time(8, 15)], CALENDAR) == [utc("2026-07-01 07:15")]


def test_days_off_have_no_slots():
    """A bank holiday and a Sunday have none."""
    for day in (date(2026, 12, 28), date(2026, 11, 22)):
        assert slots_on(day, "working", [time(8, 15)], CALENDAR) == []


def test_slots_are_in_order_whatever_the_file_says():
    """Slots come ascending and each once."""
    slots = slots_on(date(2026, 11, 23), "working", [time(12, 55), time(12, 15), time(12, 55)], CALENDAR)
    assert slots == [utc("2026-11-23 12:15"), utc("2026-11-23 12:55")]


def test_skipped_times_become_one_slot():
    """Two times inside the hour that clocks skip are the one instant after it."""
    sundays = Calendar(ZoneInfo("Europe/London"), operational_weekdays=frozenset({6}))
    times = [time(1, 15), time(1, 45)]
    assert slots_on(date(2026, 3, 29), "operational", times, sundays) == [utc("2026-03-29 01:00")]


def test_repeated_times_are_one_slot():
    """A time that clocks repeat is a slot once, the first time round."""
    sundays = Calendar(ZoneInfo("Europe/London"), operational_weekdays=frozenset({6}))
    assert slots_on(date(2026, 10, 25), "operational", [time(1, 30)], sundays) == [utc("2026-10-25 00:30")]


def test_twice_weekly_sessions_fall_on_their_days():
    """In an ordinary week the challenge sits on Tuesday and Thursday."""
    assert days_in(("Tue", "Thu"), "2026-11-23", 7) == ["2026-11-24", "2026-11-26"]


def test_a_session_on_a_day_off_moves_to_the_next_working_day():
    """Good Friday's and Easter Monday's reviews both fall to the Tuesday after Easter, as one."""
    assert days_in("review", "2026-04-01", 10) == ["2026-04-01", "2026-04-07", "2026-04-08", "2026-04-10"]


def test_two_sessions_on_one_day_are_one():
    """A Tuesday off, moved to a Wednesday that is a session too, gives one session."""
    calendar = Calendar(ZoneInfo("Europe/London"), closure_days=frozenset({date(2026, 11, 24)}))
    assert days_in(("Tue", "Wed"), "2026-11-23", 5, calendar) == ["2026-11-25"]


def test_christmas_moves_the_challenge():
    """Tuesday's session after a long weekend stays; one on a closed Thursday goes to the Friday."""
    closed = frozenset({date(2026, 12, 24), date(2026, 12, 29), date(2026, 12, 30)})
    calendar = Calendar(ZoneInfo("Europe/London"), closure_days=closed)
    assert days_in(("Tue", "Thu"), "2026-12-21", 14, calendar) == ["2026-12-22", "2026-12-31"]


def test_weekday_names_may_be_long_or_of_any_case():
    """Tuesday, tue and TUE are one day; another word is refused."""
    tuesday = date(2026, 11, 24)
    assert all(is_day_of([word], tuesday, CALENDAR) for word in ("Tuesday", "tue", " TUE"))
    with pytest.raises(ValueError, match="'someday' names no kind"):
        is_day_of(["someday"], tuesday, CALENDAR)


def test_no_days_means_no_sessions():
    """An empty list of days has no session, and looking for one ends."""
    assert not is_day_of((), date(2026, 11, 24), CALENDAR)
    assert latest_slot(Schedule((), (time(9),)), utc("2026-11-24 12:00"), CALENDAR) is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23 12:15", "2026-11-23 12:15"),
        ("2026-11-23 12:14:59", "2026-11-20 12:55"),
        ("2026-11-23 12:54", "2026-11-23 12:15"),
        ("2026-11-23 23:59", "2026-11-23 12:55"),
        ("2026-11-22 10:00", "2026-11-20 12:55"),
        ("2026-12-29 08:00", "2026-12-24 12:55"),
    ],
)
def test_the_latest_slot_is_not_after_now(now, expected):
    """A run answers for the latest slot up to and including this minute."""
    schedule = Schedule("working", (time(12, 15), time(12, 55)))
    assert latest_slot(schedule, utc(now), CALENDAR) == utc(expected)


def test_slots_between_leave_out_the_first_and_hold_the_last():
    """Catching up starts after the last slot answered and ends with the one due now."""
    schedule = Schedule("working", (time(12, 15), time(12, 55)))
    got = slots_between(schedule, utc("2026-11-20 12:15"), utc("2026-11-23 12:15"), CALENDAR)
    assert list(got) == [utc("2026-11-20 12:55"), utc("2026-11-23 12:15")]
