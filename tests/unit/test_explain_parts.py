"""Parts of an explanation: whom a reference names, how a time to act came about, how a time is said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from lists_sync.errors import SettingsError, StateError
from lists_sync.evaluate.act_by import act_by
from lists_sync.explain.act_by import act_by_steps, act_by_words
from lists_sync.explain.find import check_reference, find_lines
from lists_sync.explain.told import duration_words, version_of
from lists_sync.worktime import Calendar

CALENDAR = Calendar(ZoneInfo("Europe/London"))
FRIDAY = datetime(2026, 8, 28, 15, tzinfo=UTC)  # 16:00 local, before a bank holiday weekend
LINES = pd.DataFrame(
    {"ActionRef": ["WN-014/03", " wn-014/03", None, "WN-014/07"]}, index=pd.Index([3, 4, 17, 18]), dtype="str"
)


def test_two_lines_that_share_a_reference_are_both_named():
    """However each was typed."""
    assert find_lines(LINES, "WN-014/03") == [3, 4]


@pytest.mark.parametrize(("word", "item"), [("#17", 17), ("#18", 18)])
def test_a_line_is_named_by_its_item(word, item):
    """One without a reference, and one that has one."""
    assert find_lines(LINES, word) == [item]


def test_an_unknown_reference_names_the_near_ones():
    """Up to three, and what to do."""
    with pytest.raises(StateError, match=r"Did you mean WN-014/07") as told:
        find_lines(LINES, "WN-014/77")
    assert "lists-sync pull" in str(told.value)


@pytest.mark.parametrize("word", ["", "  ", "\u200b", "A;B", "-", "x" * 300, "B-2026-02-30", "b-2026-13-01"])
def test_what_cannot_be_a_reference_is_refused(word):
    """Blank, several, no letter or figure, too long, a burst of no day."""
    with pytest.raises(SettingsError):
        check_reference(word)


def _why(rule):
    told = act_by_steps(rule, FRIDAY, act_by(rule, FRIDAY, CALENDAR), CALENDAR)
    return [one.why for one in told.steps], told.ends


def test_four_working_hours_over_a_bank_holiday_name_it():
    """Two on Friday, two on Tuesday; the holiday between them by name."""
    why, ends = _why({"working_hours": 4})
    assert why == [
        "",
        "outside working hours",
        "weekend",
        "bank holiday: Late Summer Bank Holiday",
        "outside working hours",
        "",
    ]
    assert ends == datetime(2026, 9, 1, 9, tzinfo=UTC)


def test_the_next_day_is_the_next_working_one():
    """Saturday, Sunday and the holiday are told as skipped."""
    why, ends = _why("next day 09:00")
    assert why == ["weekend", "weekend", "bank holiday: Late Summer Bank Holiday", ""]
    assert ends == datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("rule", ["moment", {"minutes": 90}, {"hours": 1}])
def test_elapsed_time_has_no_steps(rule):
    """Nothing is skipped, so there is nothing to tell but the sum."""
    assert act_by_steps(rule, FRIDAY, act_by(rule, FRIDAY, CALENDAR), CALENDAR) is None


def test_close_of_day_counts_the_day_itself():
    """It was raised before closing time."""
    told = act_by_steps("close of day", FRIDAY, act_by("close of day", FRIDAY, CALENDAR), CALENDAR)
    assert [one.day for one in told.steps] == [date(2026, 8, 28)]


WORDS = {
    "moment": "at once",
    "close of day": "by close of day",
    "shift end": "by the end of the shift",
    "next day 09:00": "09:00 on the next working day",
}


@pytest.mark.parametrize("rule", sorted(WORDS))
def test_a_time_to_act_in_words(rule):
    """As a manager would say it."""
    assert act_by_words(rule) == WORDS[rule]


def test_one_hour_is_one_hour():
    """The unit is in the singular for one."""
    assert act_by_words({"hours": 1}) == "1 hour after it was raised"
    assert act_by_words({"working_hours": 4}) == "4 working hours after it was raised"


DURATIONS = {
    Fraction(0): "0 h",
    Fraction(48): "48 h",
    Fraction(97, 2): "48 h 30 min",
    Fraction(1, 60): "1 min",
    Fraction(-3601, 3600): "1 h 1 s",
    Fraction(86399, 3600): "23 h 59 min 59 s",
}


@pytest.mark.parametrize("hours", sorted(DURATIONS))
def test_a_stretch_of_time_is_told_exactly(hours):
    """A second short of a day is no day."""
    assert duration_words(hours) == DURATIONS[hours]


def test_a_version_stands_after_the_comma():
    """Of an eTag with a guid, and of none."""
    assert version_of('"0d6a0000-0000-4000-8000-000000000001,7"') == 7
    assert version_of("") is None
