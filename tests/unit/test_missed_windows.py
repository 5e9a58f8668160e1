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


def _rows(*runs, told=()):
    """Give a snapshot whose Control runs holds these rows: (job, slot, result and when it ran) each.

    Args:
        told: keys of the escalations that stand.
    """
    ran = [_at(run[3]) if run[3:] else _at(run[1]) if run[2] != "Missed" else None for run in runs]
    runs = [run[:3] for run in runs]
    frame = pd.DataFrame(
        {
            "RunKey": pd.Series([f"{job}/{slot.replace(' ', 'T')}Z" for job, slot, _ in runs], dtype="str"),
            "Control": pd.Series([job for job, _, _ in runs], dtype="str"),
            "Slot": pd.Series([_at(slot) for _, slot, _ in runs], dtype="datetime64[us, UTC]"),
            "RanAt": pd.Series(ran, dtype="datetime64[us, UTC]"),
            "Result": pd.Series([result for _, _, result in runs], dtype="str"),
        }
    )
    escalations = pd.DataFrame({"EscalationKey": pd.Series(told, dtype="str")})
    return SimpleNamespace(frames={"control_runs": frame, "escalations": escalations})


def _missed(jobs, snapshot, moment):
    found = find_missed(jobs, snapshot, CALENDAR, slot=_at(moment), moment=_at(moment))
    return [one.key for one in found]


MONDAY = ("deadline-status", "2026-11-23 08:15", "Completed")


def test_a_day_without_its_run_is_missed():
    """A slot between the last run and this one, whose window has closed, is found."""
    assert _missed([STATUS], _rows(MONDAY), "2026-11-25 08:15") == ["deadline-status/2026-11-24T08:15Z"]


def _late(moment, snapshot=None, *, slot="2026-11-24 08:15", jobs=(STATUS,)):
    rows = snapshot or _rows(MONDAY)
    return find_missed(jobs, rows, CALENDAR, slot=_at(slot), moment=_at(moment))


def test_a_slot_that_is_run_after_its_window_is_found():
    """Its figures did not stand in time, so it is a finding, and marked as run now."""
    (found,) = _late("2026-11-24 11:00")
    assert (found.key, found.late) == ("deadline-status/2026-11-24T08:15Z", True)


def test_a_slot_that_is_run_within_its_window_is_not_missed():
    """A run that is late, and still in time for whoever relies on it, is no finding."""
    assert _late("2026-11-24 08:44") == ()


def test_a_slot_that_is_run_after_its_window_gets_no_row_of_a_missed_one():
    """One row a slot: the run's own says how late it was."""
    assert missed_rows(_late("2026-11-24 11:00")) == []


def test_a_slot_that_stands_in_control_runs_is_not_found_by_its_next_run():
    """A second run of a slot, however late, is no finding."""
    again = _rows(MONDAY, ("deadline-status", "2026-11-24 08:15", "Missed"))
    assert _late("2026-11-24 11:00", again) == ()


def test_another_jobs_slot_of_the_same_minute_is_not_taken_for_the_one_run():
    """Where all jobs are looked at, none of them is the one being run."""
    assert _late("2026-11-24 11:00", jobs=(STATUS, WATCH)) == ()


def test_before_the_first_run_ever_nothing_is_late():
    """A tracker set up at noon has no windows of that morning, whichever job comes second."""
    first = ("evidence-validity", "2026-11-23 11:30", "Completed", "2026-11-23 14:00")
    found = _late("2026-11-23 14:01", _rows(first), slot="2026-11-23 12:30", jobs=(STATUS,))
    assert found == ()


def test_a_slot_that_was_passed_over_is_found_once_its_window_has_closed():
    """A later slot was run while the window was still open; the earlier one is missed all the same."""
    two = SimpleNamespace(**{**vars(VALIDITY), "schedule": _two_slots_that_stand_by_one_time()})
    rows = _rows(MONDAY, ("evidence-validity", "2026-11-24 12:55", "Completed"))
    assert _missed([two, WATCH], rows, "2026-11-24 13:00") == ["evidence-validity/2026-11-24T12:15Z"]


def _two_slots_that_stand_by_one_time():
    return Schedule("operational", (time(12, 15), time(12, 55)), (), (time(13), time(13)))


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


def test_a_day_whose_escalation_stands_is_not_told_again():
    """The slot that was told of may have been caught up since: then only its escalation says so."""
    told = ["missed/evidence-validity/2026-11-23T11:30Z", "missed/not a slot", "a/b"]
    snapshot, moment = _rows(MONDAY, told=told), _at("2026-11-23 13:00")
    missed = find_missed([VALIDITY], snapshot, CALENDAR, slot=moment, moment=moment)
    assert missed
    assert missed_escalations(missed, snapshot, CALENDAR, Staff(Roles(), None, {}), moment=moment) == ()
