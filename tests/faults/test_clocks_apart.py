"""Microsoft's clock and the machine's apart: it is known, and dates of the service are read by its own."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from house import a_house

from lists_sync.connect import retry
from lists_sync.connect.pace import Pace
from lists_sync.connect.session import Line
from lists_sync.context import open_context

NOW = datetime(2026, 9, 1, 8, 15, tzinfo=UTC)


@pytest.fixture
def house(tmp_path):
    with a_house(tmp_path / "home", {}, clock="2026-09-01T07:00:00Z") as made:
        yield made


@pytest.mark.parametrize("skew_s", [600, -600, 0])
def test_the_connection_knows_how_far_the_clocks_are_apart(house, skew_s):
    """Nothing is known before the first answer; then the difference, to the second or the next."""
    house.state.switch(clock_skew_s=skew_s)
    with open_context(house.definitions) as context:
        assert context.workspace.connection.skew_s is None
        context.workspace.site("governance")
        assert abs(context.workspace.connection.skew_s - skew_s) <= 1


def _line(pace):
    return Line(lambda: None, pace, agent="x", now=lambda: NOW)


@pytest.mark.parametrize("date", ["", "soon"])
def test_an_answer_without_a_date_tells_nothing(date):
    """No Date, or one that is none, leaves it open."""
    pace = Pace()
    _line(pace)._note_clock(date)
    assert pace.skew_s is None


def test_the_first_answer_decides():
    """What later answers say is not looked at: a slow one would tell another difference."""
    pace = Pace()
    line = _line(pace)
    for minutes in (10, 20):
        line._note_clock(format_datetime(NOW + timedelta(minutes=minutes), usegmt=True))
    assert pace.skew_s == 600


def test_a_wait_that_is_a_date_is_read_by_the_services_clock():
    """Asked to wait until five seconds from its own now, a bot ten minutes behind waits five seconds."""
    pace = Pace()
    line = _line(pace)
    there = NOW + timedelta(minutes=10)
    line._note_clock(format_datetime(there, usegmt=True))
    until = format_datetime(there + timedelta(seconds=5), usegmt=True)
    assert retry.asked_s({"retry-after": until}, line._now_there()) == pytest.approx(5, abs=1)


def test_what_sharepoint_gives_no_number_may_pass():
    """A 500 that SharePoint only numbers -1 is tried again; one with a number of its own is final."""
    told = {"repeatable": True, "attempt": 1, "spent_s": 0, "chance": 0.5}
    assert not retry.decide(retry.Failure(500, "spexception"), **told).stop
    assert retry.decide(retry.Failure(500, "-2146232832"), **told).stop
