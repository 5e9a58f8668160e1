"""Which slots have come, which are run, and which never will be."""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from lists_sync.definitions.jobs import Schedule
from lists_sync.mirror.database import open_database
from lists_sync.schedule.adopt import adopted
from lists_sync.schedule.slots import State, make_agenda, next_slot, slots_of
from lists_sync.schedule.table import SlotTable
from lists_sync.worktime import Calendar

CALENDAR = Calendar(ZoneInfo("Europe/London"), operational_weekdays=frozenset(range(7)))


def _job(name, control, days, slots, stands_by=()):
    return SimpleNamespace(name=name, control=control, schedule=Schedule(days, slots, (), stands_by))


STATUS = _job("deadline-status", "1.1", "working", (time(8, 15),), (time(8, 45),))
VALIDITY = _job("evidence-validity", "2.2", "operational", (time(11, 30), time(12)), (time(12), time(12, 30)))
WATCH = _job("escalation-watch", "6", "working", (time(8), time(8, 15), time(8, 30)))
NIGHT = _job("night", "9.1", "operational", (time(1, 30),), (time(1, 45),))


def _at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Machine:
    """Plans at given moments, remembers as the table does, and runs what is due if told to."""

    def __init__(self, *jobs, calendar=CALENDAR):
        self.jobs = {job.name: job for job in jobs}
        self.calendar = calendar
        self.rows = {}
        self.ran = []

    def plan(self, moment):
        agenda = make_agenda(self.jobs, self.calendar, _at(moment), list(self.rows.values()))
        self.keep(*agenda.changed)
        return agenda

    def keep(self, *slots):
        self.rows |= {slot.key: slot for slot in slots}

    def wake(self, moment):
        """Run all that is due, and give the local times run."""
        due = self.plan(moment).due
        self.keep(*(slot.begun().done(run=1, late_minutes=0) for slot in due))
        self.ran += [slot.local for slot in due]
        return [slot.local for slot in due]

    def states(self):
        return {local: str(slot.state) for (_, local), slot in self.rows.items()}


def _every_half_hour(day):
    moment, end = CALENDAR.start_of_day(day), CALENDAR.start_of_day(day + timedelta(days=1))
    while moment < end:
        yield f"{moment:%Y-%m-%dT%H:%M}"
        moment += timedelta(minutes=30)


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        ("2026-03-29", "2026-03-29T01:00"),
        ("2026-10-25", "2026-10-25T00:30"),
        ("2026-11-22", "2026-11-22T01:30"),
    ],
)
def test_a_slot_that_clocks_skip_or_repeat_runs_once(day, instant):
    """In March it is the first instant after the gap, in October the first time round."""
    machine = Machine(NIGHT)
    for moment in _every_half_hour(date.fromisoformat(day)):
        machine.wake(moment)
    assert machine.ran == [f"{day}T01:30"]
    assert machine.rows["night", f"{day}T01:30"].at == _at(instant)


def test_two_slots_that_a_clock_change_puts_at_one_instant_are_one():
    """Both fall into the gap, so the job runs once."""
    two = _job("night", "9.1", "operational", (time(1, 15), time(1, 45)))
    found = [slot.local for slot in slots_of(two, date(2026, 3, 29), CALENDAR)]
    assert found == ["2026-03-29T01:15"]


@pytest.mark.parametrize("back", ["2026-11-24T08:15", "2026-11-24T08:30", "2026-11-24T09:00"])
def test_a_machine_that_was_off_runs_the_slot_of_today_late(back):
    """Within its window or after it, the latest slot of the present day is run, once."""
    machine = Machine(STATUS)
    machine.wake("2026-11-23T08:15")
    assert machine.wake(back) == ["2026-11-24T08:15"]
    assert machine.wake(back) == []


def test_a_slot_of_an_earlier_day_is_never_run_late():
    """A control would judge another day's moment; so the slot is missed, and today's is run."""
    machine = Machine(STATUS)
    machine.wake("2026-11-23T08:15")
    machine.plan("2026-11-24T08:20")
    assert machine.wake("2026-11-25T08:15") == ["2026-11-25T08:15"]
    assert machine.states()["2026-11-24T08:15"] == "missed"


def test_every_day_that_the_machine_was_off_is_noted():
    """Slots of whole days off exist as missed, and weekends hold none."""
    machine = Machine(STATUS)
    machine.wake("2026-11-19T08:15")
    machine.wake("2026-11-24T07:00")
    assert machine.states() == {
        "2026-11-19T08:15": "done",
        "2026-11-20T08:15": "missed",
        "2026-11-23T08:15": "missed",
    }


def test_of_the_slots_of_today_only_the_latest_is_run():
    """An earlier one that was not run is missed: what it would have shown, the later one shows."""
    machine = Machine(VALIDITY)
    assert machine.wake("2026-11-24T12:10") == ["2026-11-24T12:00"]
    assert machine.states()["2026-11-24T11:30"] == "missed"


def test_an_earlier_slot_without_a_window_has_passed():
    """Nobody relies on a time, so nothing was missed."""
    machine = Machine(WATCH)
    assert machine.wake("2026-11-24T08:40") == ["2026-11-24T08:30"]
    assert machine.states()["2026-11-24T08:15"] == "passed"


def test_slots_run_in_order_and_of_one_minute_the_watch_last():
    """It then sees what the other raised."""
    machine = Machine(WATCH, STATUS, NIGHT)
    due = machine.plan("2026-11-24T08:16").due
    assert [slot.job for slot in due] == ["night", "deadline-status", "escalation-watch"]


def test_a_slot_is_not_due_before_its_minute():
    """The second before is too early."""
    machine = Machine(STATUS)
    assert machine.wake("2026-11-24T08:14:59") == []
    assert machine.states() == {}


def test_a_run_that_was_cut_off_is_due_again():
    """A slot left as running by a crash is run at the next start; a second run of it is safe."""
    machine = Machine(STATUS)
    machine.keep(machine.plan("2026-11-24T08:15").due[0].begun())
    assert machine.wake("2026-11-24T08:17") == ["2026-11-24T08:15"]
    assert machine.rows["deadline-status", "2026-11-24T08:15"].tries == 2


def test_a_run_that_was_cut_off_yesterday_is_missed():
    """It is not left as running for ever."""
    machine = Machine(STATUS)
    machine.keep(machine.plan("2026-11-24T08:15").due[0].begun())
    machine.plan("2026-11-25T07:00")
    assert machine.states() == {"2026-11-24T08:15": "missed"}


def test_a_failed_run_is_tried_again_after_longer_and_longer_waits():
    """1, 2, 5, 10, and then every 15 minutes."""
    now, waits = _at("2026-11-24T08:15"), []
    (slot,) = slots_of(STATUS, date(2026, 11, 24), CALENDAR)
    for _ in range(6):
        slot = slot.begun().failed(now)
        waits.append((slot.not_before - now).total_seconds() / 60)
    assert waits == [1, 2, 5, 10, 15, 15]


def test_the_service_may_ask_for_more_patience():
    """A wait that Microsoft asked for is kept."""
    now = _at("2026-11-24T08:15")
    (slot,) = slots_of(STATUS, date(2026, 11, 24), CALENDAR)
    assert slot.begun().failed(now, at_least_s=300).not_before == now + timedelta(minutes=5)


def test_a_failed_run_waits_and_is_then_due():
    """Before its time it is left alone."""
    machine = Machine(STATUS)
    now = _at("2026-11-24T08:15")
    machine.keep(machine.plan("2026-11-24T08:15").due[0].begun().failed(now))
    assert machine.wake("2026-11-24T08:15:59") == []
    assert machine.wake("2026-11-24T08:16") == ["2026-11-24T08:15"]


def test_a_failed_run_is_given_up_when_the_next_slot_comes():
    """Only the latest slot of a job is run."""
    machine = Machine(VALIDITY)
    now = _at("2026-11-24T11:58")
    machine.keep(machine.plan("2026-11-24T11:58").due[0].begun().failed(now))
    assert machine.wake("2026-11-24T12:00") == ["2026-11-24T12:00"]
    assert machine.states()["2026-11-24T11:30"] == "missed"


def test_a_bank_holiday_has_no_slots():
    """Christmas Day is no working day; the day after the holidays is."""
    machine = Machine(STATUS)
    assert machine.wake("2026-12-25T09:00") == []
    assert next_slot(STATUS, _at("2026-12-24T08:15"), CALENDAR).local == "2026-12-29T08:15"


def test_a_job_that_is_taken_away_is_not_run():
    """What of it was due will never be run."""
    machine = Machine(STATUS, WATCH)
    machine.plan("2026-11-24T08:15")
    del machine.jobs["deadline-status"]
    assert [slot.job for slot in machine.plan("2026-11-24T08:16").due] == ["escalation-watch"]
    assert machine.rows["deadline-status", "2026-11-24T08:15"].state is State.MISSED


def test_what_the_workspace_says_was_run_is_done():
    """Its row names job and instant; another job's row of that minute says nothing."""
    slots = [*slots_of(STATUS, date(2026, 11, 24), CALENDAR), *slots_of(WATCH, date(2026, 11, 24), CALENDAR)]
    (one,) = adopted(slots, {"deadline-status/2026-11-24T08:15Z": 3})
    assert (one.job, one.state, one.late_minutes) == ("deadline-status", State.DONE, 3)


def test_the_table_gives_back_what_it_was_given(tmp_path):
    """Every part of a slot survives, and saving it again replaces it."""
    engine = open_database(f"sqlite:///{tmp_path / 'state.db'}", at="2026-11-24T08:00:00Z")
    table = SlotTable(engine)
    (slot,) = slots_of(STATUS, date(2026, 11, 24), CALENDAR)
    failed = slot.begun().failed(_at("2026-11-24T08:15"))
    table.save([slot])
    table.save([failed])
    assert table.rows(slot.at) == [failed]
    engine.dispose()


def test_the_planner_is_given_the_newest_day_and_what_is_open(tmp_path):
    """Days that were settled long ago are not read again."""
    engine = open_database(f"sqlite:///{tmp_path / 'state.db'}", at="2026-11-24T08:00:00Z")
    table = SlotTable(engine)
    old, left, newest = (
        slot
        for day in (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 20))
        for slot in slots_of(STATUS, day, CALENDAR)
    )
    table.save([old.begun().done(run=1, late_minutes=0), left, newest.begun().done(run=2, late_minutes=0)])
    given = table.to_plan_from(_at("2026-11-24T08:15"), CALENDAR)
    assert [slot.local for slot in given] == ["2026-11-17T08:15", "2026-11-20T08:15"]
    engine.dispose()
