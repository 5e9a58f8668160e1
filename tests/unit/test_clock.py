"""The clock and the written form of instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lists_sync import clock


def test_now_is_utc_and_whole_seconds():
    """The present instant is aware, in UTC, and has no fraction of a second."""
    now = clock.now()
    assert now.tzinfo is UTC
    assert now.microsecond == 0
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_iso_keeps_seconds_and_ends_in_z():
    """Instants are written in UTC with seconds and a Z, whatever zone they came in."""
    summer = datetime(2026, 7, 1, 9, 15, tzinfo=ZoneInfo("Europe/London"))
    assert clock.iso(summer) == "2026-07-01T08:15:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T08:15:00Z",
        "2026-11-23T09:15:00+01:00",
        " 2026-11-23T08:15:00.0000000Z ",
        "2026-11-23T08:15Z",
    ],
)
def test_parse_reads_offsets_and_seven_digit_fractions(text):
    """Every written form that Microsoft uses gives the same instant in UTC."""
    parsed = clock.parse(text)
    assert parsed == datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-11-23T08:15:00", "2026-11-23", "", "soon"])
def test_parse_refuses_what_names_no_instant(text):
    """A time without a zone, a bare day and other text are refused."""
    with pytest.raises(ValueError, match=r"no time zone|isoformat"):
        clock.parse(text)


def test_iso_refuses_naive_datetimes():
    """A datetime without a zone is never taken for UTC."""
    with pytest.raises(ValueError, match="no time zone"):
        clock.iso(datetime(2026, 11, 23, 8, 15))  # noqa: DTZ001


def test_written_instants_are_read_back():
    """What is written is read back as the same instant."""
    now = clock.now()
    assert clock.parse(clock.iso(now)) == now
