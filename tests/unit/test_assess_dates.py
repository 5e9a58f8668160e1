"""Dates as people write them in a tracker."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from lists_sync.assess.dates import BLANK, read_column, read_date

LONDON = ZoneInfo("Europe/London")
THIRD_OF_APRIL = date(2026, 4, 3)


@pytest.mark.parametrize(
    "cell",
    [
        "03/04/2026",
        "3/4/26",
        "03-04-2026",
        "03.04.2026",
        "2026-04-03",
        "2026/04/03",
        "3 Apr 2026",
        "3rd April 2026",
        "03-Apr-26",
        "Fri 3 April 2026",
        "Friday, 3 April 2026",
        "April 3, 2026",
        "03/04/2026 00:00",
        "03/04/2026 00:00:00",
        "2026-04-02T23:00:00Z",
        "2026-04-03T00:00:00",
        datetime(2026, 4, 3),  # noqa: DTZ001
        date(2026, 4, 3),
        46115,
        46115.0,
        "46115",
    ],
)
def test_a_day_is_read_however_it_is_written(cell):
    """The same day comes out of every way in which Lists, Excel and people write it."""
    assert read_date(cell, LONDON).at == THIRD_OF_APRIL


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("03/04/2026 14:30", datetime(2026, 4, 3, 13, 30, tzinfo=UTC)),
        ("03/04/2026 2:30 PM", datetime(2026, 4, 3, 13, 30, tzinfo=UTC)),
        ("3 Apr 2026 at 14.30", datetime(2026, 4, 3, 13, 30, tzinfo=UTC)),
        ("2026-04-03T13:30:00Z", datetime(2026, 4, 3, 13, 30, tzinfo=UTC)),
        ("2026-04-03T14:30:00+01:00", datetime(2026, 4, 3, 13, 30, tzinfo=UTC)),
        (46115.604166666664, datetime(2026, 4, 3, 13, 30, tzinfo=UTC)),
        ("23/11/2026 17:00", datetime(2026, 11, 23, 17, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_london_time(cell, expected):
    """A time without a zone is the wall clock in London, summer time included."""
    assert read_date(cell, LONDON).at == expected


@pytest.mark.parametrize(
    "cell", ["TBC", "31/02/2026", "45/01/2026", "Q3", "2026", 7, True, "12:30", time(9), "03/04/2026 25:00"]
)
def test_what_is_no_date_is_told(cell):
    """Something that stands where a date belongs is never quietly left out."""
    read = read_date(cell, LONDON)
    assert read.wrong
    assert read.wire == "?"


@pytest.mark.parametrize("cell", [None, "", "  ", "-", "\u2013", "n/a", "N/A", "None"])
def test_what_people_write_for_nothing_is_blank(cell):
    """A dash is a blank, not a fault."""
    assert read_date(cell, LONDON) == BLANK


def test_only_a_date_that_could_be_two_is_ambiguous():
    """03/04 could be 4 March elsewhere; 04/04 and 25/04 could not."""
    reads = read_column(["03/04/2026", "04/04/2026", "25/04/2026", "3 Apr 2026"], zone=LONDON)
    assert [read.ambiguous for read in reads] == [True, False, False, False]


def test_a_month_above_twelve_is_no_uk_date():
    """A date that only an American could mean is told, not turned round."""
    read = read_date("04/25/2026", LONDON)
    assert read.wrong
    assert read.month_above_12


def test_a_person_may_say_that_the_month_stands_first():
    """With that said, nothing is ambiguous any more."""
    reads = read_column(["04/03/2026", "04/25/2026"], zone=LONDON, month_first=True)
    assert [read.at for read in reads] == [THIRD_OF_APRIL, date(2026, 4, 25)]
    assert not any(read.ambiguous for read in reads)


def test_midnight_utc_throughout_means_days():
    """A column of instants that all fall on midnight UTC held days, in summer as well."""
    reads = read_column(["2026-07-03T00:00:00Z", "2026-11-03T00:00:00Z", None], zone=LONDON)
    assert [read.at for read in reads] == [date(2026, 7, 3), date(2026, 11, 3), None]


def test_one_other_time_makes_them_instants():
    """As soon as one instant is of another time, midnight UTC in summer is one o'clock in London."""
    reads = read_column(["2026-07-03T00:00:00Z", "2026-07-03T15:30:00Z"], zone=LONDON)
    assert reads[0].at == datetime(2026, 7, 3, 0, 0, tzinfo=UTC)


def test_a_column_of_days_drops_times():
    """Where the export says that a column holds days, an hour in it means nothing."""
    assert read_column(["2026-07-02T23:00:00Z"], zone=LONDON, day_only=True)[0].at == date(2026, 7, 3)
