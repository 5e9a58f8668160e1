"""From figures to escalations: who, by when, and with which facts."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from lists_sync.controls import Remembered
from lists_sync.definitions.jobs import load_jobs
from lists_sync.definitions.provider import load_provider
from lists_sync.definitions.schemas import load_schemas
from lists_sync.errors import FileError
from lists_sync.evaluate import Circumstances, escalate, evaluate
from lists_sync.evaluate.act_by import act_by
from lists_sync.evaluate.escalate import is_met
from lists_sync.evaluate.people import Staff
from lists_sync.model import Item
from lists_sync.shipped import shipped
from lists_sync.snapshot import build

SCHEMAS = load_schemas(shipped("list_schemas"))
JOBS = load_jobs(shipped("jobs"), SCHEMAS)
PROVIDER = load_provider(None, SCHEMAS)
CALENDAR = PROVIDER.calendar
LONDON = ZoneInfo("Europe/London")
MOMENT = datetime(2026, 11, 24, 9, 47, tzinfo=UTC)
SLOT = datetime(2026, 11, 24, 9, 45, tzinfo=UTC)
FIRST = Remembered(None, first_run=True, cycle_start=MOMENT - timedelta(days=1), cycle_end=MOMENT)
PEOPLE = {7: "ada@rosewood.example", 8: "ben@rosewood.example"}


def _snapshot(**lists):
    items = {
        key: [Item(key, n, f'"g-{n},1"', row) for n, row in enumerate(rows, 1)] for key, rows in lists.items()
    }
    empty = {key: [] for job in JOBS.values() for key in job.keys}
    people = {"governance": PEOPLE, "evidence": PEOPLE}
    return build(empty | items, SCHEMAS, people=people, zones={}, provider_zone=LONDON, moment=MOMENT)


def _outcome(name, snapshot, *, job=None, remembered=FIRST, moment=MOMENT, told=None):
    return evaluate(
        job or JOBS[name],
        snapshot,
        provider=PROVIDER,
        calendar=CALENDAR,
        remembered=remembered,
        slot=SLOT,
        moment=moment,
        told=told,
    )


def _line(**fields):
    return {"Status": "In progress", "RiskRating": "High", "DueDate": "2026-11-20T12:00:00Z", **fields}


def _manager(number, email, *, role="", active=True, service=""):
    return {
        "ManagerLookupId": str(number),
        "Email": email,
        "Role": role,
        "Active": active,
        "Service": service,
    }


def _staff(*rows, names=None):
    frame = _snapshot(managers=list(rows)).frames["managers"]
    return Staff(PROVIDER, frame, names or {})


ADA = _manager(7, "ada@rosewood.example")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"minutes": 90}, datetime(2026, 11, 24, 11, 17, tzinfo=UTC)),
        ({"hours": 1}, datetime(2026, 11, 24, 10, 47, tzinfo=UTC)),
        ({"working_hours": 10}, datetime(2026, 11, 25, 9, 47, tzinfo=UTC)),
        ("moment", MOMENT),
        ("close of day", datetime(2026, 11, 24, 18, 0, tzinfo=UTC)),
        ("next day 09:00", datetime(2026, 11, 25, 9, 0, tzinfo=UTC)),
    ],
)
def test_act_by(rule, expected):
    """Each way of naming a time is reckoned from the moment."""
    assert act_by(rule, MOMENT, CALENDAR) == expected


@pytest.mark.parametrize("rule", ["tomorrow", {"weeks": 1}, {"hours": 1, "minutes": 1}])
def test_an_act_by_that_no_job_may_name_is_refused(rule):
    """Nothing is guessed."""
    with pytest.raises(FileError, match="act_by"):
        act_by(rule, MOMENT, CALENDAR)


@pytest.mark.parametrize(
    ("comparator", "met"),
    [("above", (False, False, True)), ("reaches", (False, True, True)), ("below", (True, False, False))],
)
def test_a_limit_is_met(comparator, met):
    """Above is more than, reaches is at least, below is less than; what is not available meets nothing."""
    rule = JOBS["deadline-integrity"].escalate["defects"]
    rule = replace(rule, **{"above": None, "reaches": None, "below": None, comparator: 87})
    assert tuple(is_met(rule, figure) for figure in (86.96, 87, 87.04)) == met
    assert not is_met(rule, None)


def test_every_line_of_the_list_is_wanted_and_only_the_jobs_own_columns():
    """Closed lines are in the frame too, cleared."""
    rows = [_line(ActionRef="A"), _line(ActionRef="B", Status="Closed")]
    outcome = _outcome("deadline-status", _snapshot(actions=rows))
    assert outcome.wanted["actions"].index.tolist() == [1, 2]
    assert set(outcome.wanted["actions"]) <= set(JOBS["deadline-status"].writes["actions"])
    job = replace(JOBS["deadline-status"], writes={"actions": ("DeadlineState",)})
    narrow = _outcome("deadline-status", _snapshot(actions=rows), job=job)
    assert list(narrow.wanted["actions"]) == ["DeadlineState"]


def test_measures_stand_in_the_jobs_order():
    """The record's columns come as the file names them."""
    outcome = _outcome("slippage-review", _snapshot())
    assert tuple(outcome.measures) == JOBS["slippage-review"].measures
    assert (outcome.slot, outcome.moment, outcome.first_run) == (SLOT, MOMENT, True)


def test_faults_are_those_of_the_lists_the_job_reads():
    """A fault elsewhere is another job's business."""
    lists = {"actions": [_line(ActionRef="A", EffortHours=-1)], "register": [{"ActionRef": "Z"}]}
    jobs = ("deadline-integrity", "slippage-review")
    columns = {name: [one.list for one in _outcome(name, _snapshot(**lists)).faults] for name in jobs}
    assert columns["deadline-integrity"] == ["actions", "register"]
    assert columns["slippage-review"] == ["actions"]


def test_the_owner_is_told_first_and_the_registered_manager_by_copy():
    """Each newly overdue high-risk line goes to its own owner."""
    rows = [_line(ActionRef="A", OwnerLookupId="7", Service="North")]
    first = _outcome("deadline-status", _snapshot(actions=rows, managers=[ADA])).escalations[0]
    assert (first.to_role, first.to_person) == ("Action Owner", "ada@rosewood.example")
    assert first.copy_roles == ("Registered Manager",)
    assert first.people == ("ada@rosewood.example", "amara.nwosu@rosewood.example")


def test_a_role_takes_no_copy_of_its_own_escalation():
    """Where the Registered Manager must act, the copy falls away."""
    rows = [_line(ActionRef="A")]
    first = _outcome("deadline-status", _snapshot(actions=rows, managers=[ADA])).escalations[0]
    assert (first.to_role, first.copy_roles) == ("Registered Manager", ())


def test_the_facts_of_a_line():
    """A message may name reference, item, due date, hours, risk, owner and service, and no more."""
    rows = [_line(ActionRef=" WN-014/03", OwnerLookupId="7", Service="North", ProgressNote="private words")]
    first = _outcome("deadline-status", _snapshot(actions=rows, managers=[ADA])).escalations[0]
    (line,) = first.facts["lines"]
    assert line == {
        "ref": "WN-014/03",
        "id": 1,
        "due": "2026-11-20T12:00:00Z",
        "due_day": "2026-11-20",
        "hours_overdue": 93 + 47 / 60,
        "high": True,
        "owner": "ada@rosewood.example",
        "service": "North",
        "defects": [],
    }
    assert first.facts["act_by"] == "2026-11-24T18:00:00Z"
    assert (first.facts["slot"], first.facts["moment"]) == ("2026-11-24T09:45:00Z", "2026-11-24T09:47:00Z")
    assert "private" not in repr(first)


def test_two_lines_of_one_reference_and_day_make_one_escalation():
    """A key stands once, as it does in the list."""
    rows = [_line(ActionRef="A"), _line(ActionRef="A")]
    keys = [one.key for one in _outcome("deadline-status", _snapshot(actions=rows)).escalations]
    assert keys == ["overdue-high-risk/A/2026-11-20", "deadline-status/message/2026-11-24T09:45Z"]


def test_a_key_never_outgrows_its_column():
    """A long reference is cut, and its mark keeps it apart from others and the same from day to day."""
    refs = ("R" * 250 + "1", "R" * 250 + "2", "r" * 250 + "1")
    keys = []
    for ref in refs:
        first = _outcome("deadline-status", _snapshot(actions=[_line(ActionRef=ref)])).escalations[0]
        keys.append(first.key)
    assert [len(key) for key in keys] == [255, 255, 255]
    assert keys[0] != keys[1]
    assert keys[0].lower() == keys[2].lower()
    assert re.fullmatch("overdue-high-risk/R{220}~[0-9a-f]{16}", keys[0])


def test_a_key_that_just_fits_stays_whole():
    """A key of 255 characters is not cut."""
    rows = [_line(ActionRef="R" * 226)]
    key = _outcome("deadline-status", _snapshot(actions=rows)).escalations[0].key
    assert key == f"overdue-high-risk/{'R' * 226}/2026-11-20"
    assert len(key) == 255


def test_what_a_line_lacks_is_none_in_the_facts():
    """A message sees no owner and no service, and no lateness of what is not late."""
    rows = [_line(ActionRef="A", DueDate="2026-11-25T12:00:00Z")]
    (digest,) = _outcome("deadline-status", _snapshot(actions=rows)).escalations
    (line,) = digest.facts["lines"]
    assert (line["owner"], line["service"], line["hours_overdue"]) == (None, None, None)


def test_a_line_asks_the_manager_of_its_own_service():
    """An escalation of one line goes to the role's holder for that line's service, if it has one."""
    north = _manager(8, "ben@rosewood.example", role="Registered Manager", service="North")
    rows = [
        _line(ActionRef="A", Service="North"),
        _line(ActionRef="B", Service="South"),
        _line(ActionRef="C"),
    ]
    raised = _outcome("deadline-status", _snapshot(actions=rows, managers=[north])).escalations
    first, *others = [one.to_person for one in raised]
    assert first == "ben@rosewood.example"
    assert set(others) == {"amara.nwosu@rosewood.example"}


def test_a_threshold_over_all_lines_belongs_to_no_service():
    """A figure of all services goes to the role as a whole, whatever line is named first."""
    north = _manager(8, "ben@rosewood.example", role="Operations Manager", service="North")
    rows = [_line(ActionRef=ref, Service="North") for ref in "AB"]
    (one,) = _outcome("deadline-integrity", _snapshot(actions=rows, managers=[north])).escalations
    assert one.to_person == "grace.holloway@rosewood.example"


def test_2000_escalations_take_no_time():
    """The lines are turned into plain values once, not once an escalation."""
    snapshot = _snapshot(actions=[_line(ActionRef=f"L{number}", OwnerLookupId="7") for number in range(2000)])
    calls = []
    real = escalate.lines_of
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(escalate, "lines_of", lambda rows: calls.append(len(rows)) or real(rows))
        outcome = _outcome("deadline-status", snapshot)
    assert len(outcome.escalations) == 2001
    assert calls == [2000, 10]


@pytest.mark.parametrize(
    ("moment", "meeting"),
    [
        (datetime(2026, 11, 24, 8, 15, tzinfo=UTC), "2026-11-24T08:45:00Z"),
        (datetime(2026, 11, 24, 8, 45, tzinfo=UTC), "2026-11-24T08:45:00Z"),
        (datetime(2026, 11, 24, 8, 45, 1, tzinfo=UTC), None),
        (datetime(2026, 11, 25, 8, 15, tzinfo=UTC), None),
    ],
)
def test_a_late_digest_points_to_no_past_meeting(moment, meeting):
    """The meeting is that of the slot's day, and is told only until it begins."""
    (digest,) = _outcome("deadline-status", _snapshot(), moment=moment).escalations
    assert digest.facts.get("meeting") == meeting


def test_a_message_without_a_meeting_tells_none():
    """Another job's message need not be made for a meeting."""
    job = JOBS["deadline-status"]
    job = replace(job, messages={"digest": replace(job.messages["digest"], meeting=None)})
    (digest,) = _outcome("deadline-status", _snapshot(), job=job).escalations
    assert "meeting" not in digest.facts


def test_the_digest_tells_active_owners_once():
    """Active owners of the lines named are told, each once, beside the Registered Manager."""
    rows = [
        _line(ActionRef=f"L{owner}{n}", RiskRating="Low", OwnerLookupId=owner) for owner in "78" for n in "12"
    ]
    snapshot = _snapshot(actions=rows, managers=[ADA, _manager(8, "ben@rosewood.example", active=False)])
    (digest,) = _outcome("deadline-status", snapshot).escalations
    assert digest.people == ("amara.nwosu@rosewood.example", "ada@rosewood.example")


def test_the_message_is_information_without_an_act_by():
    """The digest tells the Registered Manager and the owners of the lines it names."""
    rows = [_line(ActionRef="A", RiskRating="Low", OwnerLookupId="7")]
    (digest,) = _outcome("deadline-status", _snapshot(actions=rows, managers=[ADA])).escalations
    assert (digest.severity, digest.act_by, digest.facts["total"]) == ("Information", None, 1)
    assert digest.people == ("amara.nwosu@rosewood.example", "ada@rosewood.example")


def test_the_digest_names_ten_lines_and_counts_all():
    """More than ten pressing lines are counted, not named."""
    rows = [_line(ActionRef=f"L{number:02d}", RiskRating="Low") for number in range(14)]
    (digest,) = _outcome("deadline-status", _snapshot(actions=rows)).escalations
    assert digest.refs == tuple(f"L{number:02d}" for number in range(10))
    assert digest.facts["total"] == 14


def test_a_threshold_escalation_tells_count_limit_and_defects():
    """The Operations Manager sees how many, against what, and where."""
    rows = [_line(ActionRef=ref) for ref in ("A", "B")]
    (one,) = _outcome("deadline-integrity", _snapshot(actions=rows)).escalations
    assert (one.facts["count"], one.facts["limit"], one.facts["total"]) == (6, 5, 2)
    assert one.facts["lines"][0]["defects"] == [
        "Mismatched deadline",
        "Missing evidence due date",
        "Inactive owner",
    ]
    assert one.act_by == MOMENT + timedelta(minutes=90)


def test_a_threshold_names_200_lines_and_counts_all():
    """A message cannot grow with the list; what it leaves out is counted."""
    rows = [_line(ActionRef=f"L{number:03d}", DueDate="2026-11-22T12:00:00Z") for number in range(201)]
    (one,) = _outcome("slippage-review", _snapshot(actions=rows)).escalations
    assert (one.facts["count"], one.facts["total"], len(one.refs)) == (201, 201, 200)
    assert (one.refs[0], one.refs[-1]) == ("L000", "L199")


def test_a_threshold_tells_since_when_it_has_stood():
    """The slot since which a limit has been passed without a break is named."""
    since = datetime(2026, 11, 20, 9, 45, tzinfo=UTC)
    rows = [_line(ActionRef=ref) for ref in ("A", "B")]
    remembered = replace(FIRST, standing={"defects": since})
    (one,) = _outcome("deadline-integrity", _snapshot(actions=rows), remembered=remembered).escalations
    assert one.facts["since"] == "2026-11-20T09:45:00Z"


def test_an_approval_takes_its_time_from_history():
    """An approval nobody dated holds from when it was first seen, and the run counts only those."""
    changes = [
        {"ActionRef": "A", "NewDueDate": "2026-11-20T00:00:00Z", "Decision": "Approved"},
        {"ActionRef": "A", "NewDueDate": "2026-11-25T00:00:00Z", "Decision": "Approved"},
        {"ActionRef": "A", "NewDueDate": "2026-11-26T00:00:00Z", "Decision": "Pending"},
    ]
    changes[1]["ApprovedOn"] = "2026-11-10T09:00:00Z"
    seen = pd.Series([pd.Timestamp("2026-11-11T09:00:00Z")] * 2, index=[1, 3])
    outcome = _outcome(
        "deadline-integrity",
        _snapshot(actions=[_line(ActionRef="A")], deadline_changes=changes),
        told=Circumstances(first_seen={"deadline_changes.ApprovedOn": seen}),
    )
    assert outcome.measures["MismatchedDeadlines"] == 0
    assert outcome.notes == ("ApprovedOn of 1 item is from history.",)


def test_those_of_the_service_come_first():
    """Where several hold a role, the line's own service is asked first and all are told."""
    staff = _staff(
        _manager(7, "ada@rosewood.example", role="Clinical Lead", service="South"),
        _manager(8, " Ben@rosewood.example", role="clinical lead", service="north "),
    )
    expected = ("ben@rosewood.example", "sofia.marsh@rosewood.example", "ada@rosewood.example")
    assert staff.holders("Clinical Lead", "North") == expected


def test_only_active_people_of_that_role_hold_it():
    """A row of Managers with another role, or that is not active, adds nobody."""
    staff = _staff(
        _manager(7, "ada@rosewood.example", role="Unit Manager"),
        _manager(8, "ben@rosewood.example", role="Clinical Lead", active=False),
    )
    assert staff.holders("Clinical Lead") == ("sofia.marsh@rosewood.example",)


def test_who_has_left_holds_no_role():
    """A configured person whose row of Managers is not active is not told."""
    staff = _staff(_manager(7, "Amara.Nwosu@rosewood.example", active=False))
    assert staff.holders("Registered Manager") == ()


def test_a_role_with_nobody_in_it_is_said():
    """The escalation goes to the next role of the chain that somebody holds, and both say so."""
    rows = [_line(ActionRef=ref) for ref in ("A", "B")]
    left = _manager(7, "grace.holloway@rosewood.example", active=False)
    outcome = _outcome("deadline-integrity", _snapshot(actions=rows, managers=[left]))
    (told,) = outcome.escalations
    assert (told.to_role, told.to_person) == ("Nominated Individual", "marcus.bellamy@rosewood.example")
    assert told.passed_over == ("Operations Manager",)
    assert any("Operations Manager" in note for note in outcome.notes)


def test_a_chain_with_nobody_in_it_keeps_the_role():
    """Where nobody holds the role or any above it, the escalation stands for the role, without a person."""
    rows = [_line(ActionRef=ref) for ref in ("A", "B")]
    gone = ("grace.holloway", "marcus.bellamy", "helen.strand")
    managers = [_manager(7, f"{name}@rosewood.example", active=False) for name in gone]
    outcome = _outcome("deadline-integrity", _snapshot(actions=rows, managers=managers))
    (told,) = outcome.escalations
    assert (told.to_role, told.to_person, told.passed_over) == ("Operations Manager", "", ())
    assert any("names no person" in note for note in outcome.notes)


def test_people_are_told_by_name_where_it_is_known():
    """A display name stands in place of the address."""
    rows = [_line(ActionRef="A", RiskRating="Low")]
    names = {"amara.nwosu@rosewood.example": "Amara Nwosu"}
    (digest,) = _outcome(
        "deadline-status", _snapshot(actions=rows), told=Circumstances(names=names)
    ).escalations
    assert digest.people == ("Amara Nwosu",)


def test_a_year_without_published_bank_holidays_is_said():
    """Working days of such a year are only foreseen."""
    moment = datetime(2029, 1, 3, 8, 15, tzinfo=UTC)
    outcome = _outcome("slippage-review", _snapshot(), moment=moment)
    assert any("2029" in note and "bank holidays" in note.lower() for note in outcome.notes)
    assert _outcome("slippage-review", _snapshot()).notes == ()


def test_a_directory_check_that_nobody_made_is_said():
    """The setting alone cannot look into the directory."""
    job = JOBS["deadline-integrity"]
    job = replace(job, settings={**job.settings, "directory_check": True})
    asked = _outcome("deadline-integrity", _snapshot(), job=job, told=Circumstances(accounts={}))
    assert asked.notes == ()
    assert "directory" in _outcome("deadline-integrity", _snapshot(), job=job).notes[0]


@pytest.mark.parametrize(
    ("change", "word"), [({"control": "9.9"}, "9.9"), ({"measures": ("Nonsense",)}, "Nonsense")]
)
def test_a_job_that_names_what_there_is_not_is_refused(change, word):
    """An unknown control or measure is the file's fault, told with its place."""
    with pytest.raises(FileError, match=word) as refused:
        _outcome("slippage-review", _snapshot(), job=replace(JOBS["slippage-review"], **change))
    assert refused.value.where.startswith("jobs/slippage-review.yaml")


def test_the_same_run_gives_the_same_outcome():
    """Everything from the snapshot on is pure."""
    rows = [_line(ActionRef="A"), _line(ActionRef="B", DueDate="x")]
    one, two = (_outcome("deadline-integrity", _snapshot(actions=rows)) for _ in range(2))
    assert (one.measures, one.escalations, one.faults) == (two.measures, two.escalations, two.faults)
