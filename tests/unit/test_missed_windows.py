"""Windows that closed without a run."""

from datetime import UTC, datetime, time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from lists_sync.definitions.jobs import Schedule
from lists_sync.evaluate.people import Staff
from lists_sync.runner.missed import find_missed, missed_escalations, missed_rows
from lists_sync.worktime import Calendar

CALENDAR = Calendar(ZoneInfo("Europe/London"))
STATUS = SimpleNamespace(
    name="deadline-status",
    title="Deadline status",
    control="1.1",
    role="Registered Manager",
    schedule=Schedule("working", (time(8, 15),), (time(8, 15),), (time(8, 45),)),
)
VALIDITY = SimpleNamespace(
    name="evidence-validity",
    title="Evidence validity",
    control="2.2",
    role="Clinical Lead",
    schedule=Schedule("operational", (time(11, 30), time(12)), (), (time(12), time(12, 30))),
)
WATCH = SimpleNamespace(name="escalation-watch", control="6", schedule=Schedule("working", (time(9),)))


class Roles:
    def people(self, role, service=""):
        return ("amara@rosewood.example",) if role == "Registered Manager" else ()


def _at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _rows(*runs):
    """Give a snapshot whose Control runs holds these rows: (job, slot, result) each."""
    frame = pd.DataFrame(
        {
            "RunKey": pd.Series([f"{job}/{slot.replace(' ', 'T')}Z" for job, slot, _ in runs], dtype="str"),
            "Control": pd.Series([job for job, _, _ in runs], dtype="str"),
            "Slot": pd.Series([_at(slot) for _, slot, _ in runs], dtype="datetime64[us, UTC]"),
            "Result": pd.Series([result for _, _, result in runs], dtype="str"),
        }
    )
    return SimpleNamespace(frames={"control_runs": frame})


def _missed(jobs, snapshot, moment):
    found = find_missed(jobs, snapshot, CALENDAR, slot=_at(moment), moment=_at(moment))
    return [one.key for one in found]


MONDAY = ("deadline-status", "2026-11-23 08:15", "Completed")


def test_a_day_without_its_run_is_missed():
    """A slot between the last run and this one, whose window has closed, is found."""
    assert _missed([STATUS], _rows(MONDAY), "2026-11-25 08:15") == ["deadline-status/2026-11-24T08:15Z"]


def test_the_slot_being_run_is_not_missed():
    """A run that is late, after its own window, does not report itself."""
    found = find_missed(
        [STATUS], _rows(MONDAY), CALENDAR, slot=_at("2026-11-24 08:15"), moment=_at("2026-11-24 11:00")
    )
    assert found == ()


@pytest.mark.parametrize(("moment", "count"), [("2026-11-24 08:44", 0), ("2026-11-24 08:45", 1)])
def test_a_window_is_missed_when_it_closes(moment, count):
    """Until the time by which the record must stand, a slot may still be run."""
    assert len(_missed([STATUS], _rows(MONDAY), moment)) == count


def test_days_off_have_no_windows():
    """Weekends and bank holidays are not missed."""
    friday = ("deadline-status", "2026-12-24 08:15", "Completed")
    assert _missed([STATUS], _rows(friday), "2026-12-29 08:15") == []


def test_each_slot_has_its_own_window():
    """Of a job with several slots a day only those whose windows have closed are missed."""
    found = _missed([STATUS, VALIDITY], _rows(MONDAY), "2026-11-23 12:10")
    assert found == ["evidence-validity/2026-11-23T11:30Z"]


def test_nothing_is_missed_before_the_first_run():
    """Where nothing has ever run, nobody relied on anything yet."""
    assert _missed([STATUS], _rows(), "2026-11-25 08:15") == []


def test_a_job_without_windows_is_never_missed():
    """The watch itself has none."""
    assert _missed([WATCH], _rows(MONDAY), "2026-11-25 08:15") == []


def test_what_stands_as_missed_is_not_found_again():
    """A window is recorded once."""
    known = ("deadline-status", "2026-11-24 08:15", "Missed")
    assert _missed([STATUS], _rows(MONDAY, known), "2026-11-25 08:15") == []


def test_a_missed_window_leaves_a_row_that_says_so():
    """The row names the slot and no time of running."""
    missed = find_missed(
        [STATUS], _rows(MONDAY), CALENDAR, slot=_at("2026-11-25 08:15"), moment=_at("2026-11-25 08:15")
    )
    (row,) = missed_rows(missed)
    values = {name: new for name, (_, new) in row.values.items()}
    assert values["RunKey"] == "deadline-status/2026-11-24T08:15Z"
    assert values["Result"] == "Missed"
    assert "RanAt" not in values


def test_the_role_is_told_once_a_job_and_day():
    """Two windows of one job on one day make one escalation, under the first one's key."""
    snapshot, moment = _rows(MONDAY), _at("2026-11-23 13:00")
    staff = Staff(Roles(), None, {})
    missed = find_missed([VALIDITY], snapshot, CALENDAR, slot=moment, moment=moment)
    (told,) = missed_escalations(missed, snapshot, CALENDAR, staff, moment=moment)
    assert told.key == "missed/evidence-validity/2026-11-23T11:30Z"
    assert told.facts["count"] == 2
    assert (told.to_role, told.passed_over) == ("Registered Manager", ("Clinical Lead",))


def test_a_day_that_was_told_is_not_told_again():
    """A second missed window of a day is recorded, and the role is not told anew."""
    first = ("evidence-validity", "2026-11-23 11:30", "Missed")
    snapshot, moment = _rows(MONDAY, first), _at("2026-11-23 13:00")
    missed = find_missed([VALIDITY], snapshot, CALENDAR, slot=moment, moment=moment)
    assert [one.key for one in missed] == ["evidence-validity/2026-11-23T12:00Z"]
    assert missed_escalations(missed, snapshot, CALENDAR, Staff(Roles(), None, {}), moment=moment) == ()
