"""The invented provider holds every trouble that the fifteen controls look for."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from lists_sync.sample import people, provider
from lists_sync.shipped import shipped
from lists_sync.worktime import Calendar, is_day_of

CALENDAR = Calendar(ZoneInfo("Europe/London"))
DAYS = [
    date(2026, 11, 23),
    date(2026, 11, 27),
    date(2026, 12, 29),
    date(2027, 1, 4),
    date(2026, 3, 30),
    date(2026, 4, 7),
    date(2026, 10, 26),
    date(2028, 2, 29),
    date(2026, 7, 16),
]
anyday = pytest.mark.parametrize("day", DAYS, ids=str)
DEFAULT = provider.DEFAULT_DAY


@cache
def made(day: date = DEFAULT) -> provider.Sample:
    return provider.build(provider.DEFAULT_SEED, day)


def rows(day: date, key: str) -> list[dict]:
    return made(day).workspace["lists"][key]


def lines(day: date, part: str) -> list[dict]:
    by_ref = {row["ActionRef"]: row for row in rows(day, "actions")}
    return [by_ref[ref] for ref in made(day).parts[part]]


def files(day: date) -> list[dict]:
    return made(day).workspace["files"]["evidence"]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return CALENDAR.instant(day, time(hour, minute))


def due(row: dict) -> datetime | None:
    """Read a due moment as the controls do: local midnight is the whole of that day."""
    text = row.get("DueDate")
    if not text:
        return None
    day = date.fromisoformat(text) if len(text) == 10 else None
    if day is None:
        instant = datetime.fromisoformat(text)
        day = CALENDAR.local_date(instant)
        if instant != CALENDAR.start_of_day(day):
            return instant
    return CALENDAR.start_of_day(day + timedelta(days=1))


def live(day: date) -> list[dict]:
    return [row for row in rows(day, "actions") if row["Status"] not in {"Closed", "Cancelled"}]


def overdue(day: date, moment: datetime) -> list[dict]:
    return [row for row in live(day) if (due(row) or moment) < moment]


def test_the_same_seed_and_day_give_the_same_bytes():
    """The sample is deterministic, and another seed or day is another sample."""
    text = provider.text(provider.make(7, DEFAULT))
    assert provider.text(provider.make(7, DEFAULT)) == text
    assert provider.text(provider.make(8, DEFAULT)) != text
    assert provider.text(provider.make(7, date(2026, 11, 24))) != text


@anyday
def test_the_sample_has_the_size_of_a_provider_under_enforcement(day):
    """Some 150 lines of five notices, 400 files and 22 managers make the sample."""
    lists = made(day).workspace["lists"]
    assert 145 <= len(lists["actions"]) <= 160
    assert {row["NoticeRef"] for row in lists["actions"]} == {
        "WN-014",
        "AP-022",
        "NP-007",
        "CI-031",
        "IQ-009",
    }
    assert 380 <= len(files(day)) <= 430
    assert len(lists["managers"]) == 22
    assert len({row["Service"] for row in lists["actions"]}) == 3


@anyday
def test_unique_columns_are_unique(day):
    """No reference, key, address, file name or file id is given twice."""
    for key, column in (
        ("actions", "ActionRef"),
        ("register", "ActionRef"),
        ("managers", "Email"),
        ("burst_samples", "SampleKey"),
        ("complaints", "ComplaintRef"),
    ):
        values = [row[column].lower() for row in rows(day, key)]
        assert len(values) == len(set(values)), key
    for column in ("name", "unique_id"):
        assert len({file[column] for file in files(day)}) == len(files(day))


def test_columns_and_choice_words_are_those_of_the_schemas():
    """Only one word is not offered by its column: the deliberate one."""
    reader = YAML(typ="safe", pure=True)
    folder = shipped("list_schemas")
    reference = reader.load(folder / "reference" / "choices.yaml")
    strange = set()
    lists = made().workspace["lists"] | {"evidence": [file["fields"] for file in files(DEFAULT)]}
    for key, items in lists.items():
        columns = {column["name"]: column for column in reader.load(folder / f"{key}.yaml")["columns"]}
        for row in items:
            for name, value in row.items():
                column = columns[name]
                offered = column.get("choices") or reference.get(column.get("choices_from"), {}).get("words")
                words = value if isinstance(value, list) else [value]
                if offered:
                    strange |= {(key, name, word) for word in words if word not in offered}
    assert strange == {("actions", "Status", "On hold")}


@anyday
def test_everybody_named_has_an_account(day):
    """Owners, reviewers and requesters are users, and owners have a managers row."""
    users = {user["email"] for user in made(day).workspace["users"]}
    managers = {row["Email"] for row in rows(day, "managers")}
    people_columns = {"Owner", "Manager", "RequestedBy", "ApprovedBy", "ReviewedBy"}
    named = {
        row[column]
        for items in made(day).workspace["lists"].values()
        for row in items
        for column in people_columns & set(row)
    }
    assert named <= users
    assert {row["Owner"] for row in rows(day, "actions") if "Owner" in row} <= managers
    assert all(email.endswith("@rosewood.example") for email in users)


@anyday
def test_six_high_risk_lines_are_overdue(day):
    """At 08:15 exactly six of the overdue lines are high-risk, which is above the limit of four."""
    late = overdue(day, at(day, 8, 15))
    high = {row["ActionRef"] for row in late if row["RiskRating"] == "High"}
    assert high == set(made(day).parts["overdue high risk"])
    assert len(high) == 6
    assert len(late) == 15


@anyday
def test_lines_are_due_within_48_hours(day):
    """Seven or eight lines fall due within two days, among them whole days and the last minute."""
    moment = at(day, 8, 15)
    soon = [row for row in live(day) if due(row) and moment <= due(row) <= moment + timedelta(hours=48)]
    assert 7 <= len(soon) <= 8
    assert any(len(row["DueDate"]) == 10 for row in soon)


@anyday
def test_slippage_review_finds_three_severe_misses(day):
    """By 17:00 the cycle holds lines closed in time, a little late, and severely late."""
    start, end = CALENDAR.same_time_previous_working_day(at(day, 17)), at(day, 17)
    bands = {"on time": 0, "late": 0, "severe": 0}
    for row in rows(day, "actions"):
        closed = datetime.fromisoformat(row["ClosedOn"]) if "ClosedOn" in row else None
        if closed and start < closed <= end:
            lateness = closed - due(row)
            severe = lateness >= timedelta(hours=24)
            bands["severe" if severe else "late" if lateness > timedelta() else "on time"] += 1
    assert bands["on time"] >= 2
    assert (bands["late"], bands["severe"]) == (1, 3)
    turning = [row for row in overdue(day, end) if start < due(row) + timedelta(hours=24) <= end]
    assert len(turning) >= 3


@anyday
def test_nothing_has_happened_after_the_day_begins(day):
    """No happened-on instant lies after 07:35, but for the one that is wrong on purpose."""
    happened = {"ClosedOn", "ReviewedAt", "PanelDecidedAt", "ApprovedOn", "RetestedAt", "SystemDecidedAt"}
    limit = at(day, 7, 35)
    future = [
        row
        for items in made(day).workspace["lists"].values()
        for row in items
        for column in happened & set(row)
        if len(row[column]) > 10 and datetime.fromisoformat(row[column]) > limit
    ]
    assert future == lines(day, "closed in the future")


@anyday
def test_deadlines_disagree_with_the_register_and_approved_changes(day):
    """More than five integrity defects stand: mismatches, missing evidence dates, inactive owners."""
    registered = {row["ActionRef"]: row["RegisteredDueDate"] for row in rows(day, "register")}
    for change in sorted(rows(day, "deadline_changes"), key=lambda row: row.get("ApprovedOn", "")):
        if change["Decision"] == "Approved":
            registered[change["ActionRef"]] = change["NewDueDate"]
    mismatched = set()
    for row in live(day):
        moment = due(row)
        due_day = CALENDAR.local_date(moment - timedelta(microseconds=1)).isoformat() if moment else None
        if due_day is None or registered.get(row["ActionRef"]) != due_day:
            mismatched.add(row["ActionRef"])
    parts = made(day).parts
    expected = ("mismatched with the register", "not on the register", "mismatched with an approved change")
    wanted = {ref for part in (*expected, "missing due date", "due years ahead") for ref in parts[part]}
    assert mismatched == wanted
    assert sum("EvidenceDueDate" not in row for row in live(day)) == 5
    assert {row["Decision"] for row in rows(day, "deadline_changes")} == {"Approved", "Pending", "Rejected"}


@anyday
def test_some_owners_cannot_act(day):
    """Lines belong to a leaver, to somebody marked inactive, to a disabled account, and to nobody."""
    owners = [row.get("Owner") for row in live(day)]
    assert owners.count(people.LEAVER) == 5
    assert owners.count(people.NOT_ACTIVE) == 1
    assert owners.count(people.DISABLED) == 1
    assert owners.count(None) == 2
    enabled = {user["email"]: user["enabled"] for user in made(day).workspace["users"]}
    active = {row["Email"]: row["Active"] for row in rows(day, "managers")}
    assert (enabled[people.LEAVER], active[people.LEAVER]) == (False, False)
    assert (enabled[people.NOT_ACTIVE], active[people.NOT_ACTIVE]) == (True, False)
    assert (enabled[people.DISABLED], active[people.DISABLED]) == (False, True)


@anyday
def test_one_manager_is_overloaded_and_one_has_no_capacity(day):
    """Of the active managers one is above 125 percent, and one has demand without hours."""
    moment = at(day, 12, 15)
    horizon = CALENDAR.start_of_day(CALENDAR.nth_working_day(day, 5) + timedelta(days=1))
    demand: dict[str, float] = {}
    for row in live(day):
        if due(row) and due(row) <= horizon and row.get("Owner"):
            demand[row["Owner"]] = demand.get(row["Owner"], 0) + max(0, row.get("EffortHours", 1))
    above, without = set(), set()
    for row in rows(day, "managers"):
        capacity = row["WeeklyHours"] + row.get("SupportHours", 0)
        if row["Active"] and demand.get(row["Email"]):
            if not capacity:
                without.add(row["Email"])
            elif 100 * demand[row["Email"]] > 125 * capacity:
                above.add(row["Email"])
    assert moment < horizon
    assert above == {people.OVERLOADED}
    assert without == {people.NO_CAPACITY}


@anyday
def test_a_real_lists_unusable_values_are_there(day):
    """A due date six years off, a rate of 140, negative hours, a closing to come, an unknown word."""
    (far,) = lines(day, "due years ahead")
    assert due(far).year - day.year >= 6
    assert lines(day, "impossible rate")[0]["CurrentFailureRate"] == 140
    assert lines(day, "negative effort")[0]["EffortHours"] == -3
    assert lines(day, "unknown status")[0]["Status"] == "On hold"
    assert datetime.fromisoformat(lines(day, "closed in the future")[0]["ClosedOn"]) > at(day, 23)
    assert (
        sum(row.get("RecordsMatched", 0) > row.get("RecordsChecked", 0) for row in rows(day, "burst_samples"))
        == 1
    )
    assert sum(row["StagesCorrect"] > row["StagesTotal"] for row in rows(day, "retests")) == 1


@anyday
def test_nearly_complete_lines_have_no_evidence(day):
    """Overdue lines said to be nearly complete have no file; other lines await their evidence."""
    evidenced = {ref.strip() for file in files(day) for ref in file["fields"].get("ActionRef", "").split(";")}
    nearly = lines(day, "nearly complete without evidence")
    assert len(nearly) == 2
    assert all(row["Status"] == "Nearly complete" for row in nearly)
    missing = made(day).parts["evidence overdue"] + [row["ActionRef"] for row in nearly]
    assert not evidenced & set(missing)


@anyday
def test_dates_were_changed_again_and_again(day):
    """Three lines had two approved changes or more in the last thirty days."""
    counts: dict[str, int] = {}
    for row in rows(day, "deadline_changes"):
        recent = "ApprovedOn" in row and datetime.fromisoformat(row["ApprovedOn"]) > at(day, 8) - timedelta(
            days=30
        )
        counts[row["ActionRef"]] = counts.get(row["ActionRef"], 0) + recent
    assert sorted(ref for ref, count in counts.items() if count >= 2) == sorted(
        made(day).parts["repeated date changes"]
    )


@anyday
def test_old_evidence_is_older_than_ninety_days(day):
    """Three lines rest on files from before the spring clean."""
    for ref in made(day).parts["outdated evidence"]:
        dates = [f["fields"]["SourceDate"] for f in files(day) if ref in f["fields"].get("ActionRef", "")]
        assert dates
        assert max(dates) < (day - timedelta(days=90)).isoformat()


@anyday
def test_bursts_of_the_last_days_hold_every_verdict(day):
    """Five bursts of twelve and an old sample hold valid, invalid, corrected and unreviewed files."""
    samples = rows(day, "burst_samples")
    bursts = {row["BurstId"] for row in samples}
    recent = {CALENDAR.nth_working_day(day, -n) for n in range(1, 6)}
    assert {f"B-{burst_day.isoformat()}" for burst_day in recent} < bursts
    assert all(sum(row["BurstId"] == f"B-{d.isoformat()}" for row in samples) == 12 for d in recent)
    assert len(samples) == 61
    verdicts = [row["Verdict"] for row in samples]
    assert set(verdicts) == {"Valid", "Invalid", "Review overdue"}
    assert verdicts.count("Invalid") - 2 > 3
    dispositions = {row.get("Disposition") for row in samples}
    assert {"Accepted", "Accepted after correction", "Reinstated as open", "Residual risk"} <= dispositions


@anyday
def test_verdicts_follow_from_the_three_answers(day):
    """A sample's verdict is what its answers say, and an invalid one has its retest due in 36 hours."""
    for row in rows(day, "burst_samples"):
        answers = [row.get(name) for name in ("MatchesLivePractice", "SourceDateCurrent", "OutcomeProof")]
        expected = "Invalid" if "No" in answers else "Valid" if answers == ["Yes"] * 3 else "Review overdue"
        assert row["Verdict"] == expected
        assert ("RetestDue" in row) == (expected == "Invalid")
        if "RetestDue" in row:
            late = datetime.fromisoformat(row["RetestDue"]) - datetime.fromisoformat(row["ReviewedAt"])
            assert late == timedelta(hours=36)


@anyday
def test_samples_name_files_of_the_library(day):
    """Each sample is of a file that is there, once a burst."""
    ids = {file["unique_id"]: file for file in files(day)}
    for row in rows(day, "burst_samples"):
        file = ids[row["SampleKey"].split("/")[1]]
        assert (file["name"], file["fields"]["ActionRef"]) == (row["FileName"], row["ActionRef"])


@anyday
def test_retests_of_the_cycle_stay_below_83(day):
    """The mean of the retests since yesterday noon is below 83, and some samples still wait."""
    start, end = CALENDAR.same_time_previous_working_day(at(day, 12)), at(day, 12)
    cycle = [row for row in rows(day, "retests") if start < datetime.fromisoformat(row["RetestedAt"]) <= end]
    assert len(cycle) == 6
    assert sum(100 * row["StagesCorrect"] / row["StagesTotal"] for row in cycle) / 6 < 83
    done = {(row["BurstId"], row["ActionRef"]) for row in rows(day, "retests")}
    waiting = [
        row
        for row in rows(day, "burst_samples")
        if "RetestDue" in row
        and datetime.fromisoformat(row["RetestDue"]) < end
        and (row["BurstId"], row["ActionRef"]) not in done
    ]
    assert waiting
    describing = [
        r for r in cycle if r["CanDescribe"] == "Yes" and 100 * r["StagesCorrect"] < 83 * r["StagesTotal"]
    ]
    assert describing


@anyday
def test_proposed_lines_stand_before_every_gate(day):
    """Twenty lines are proposed: eight ready, and twelve with a reason each."""
    proposed = [row for row in rows(day, "actions") if row["Status"] == "Proposed for closure"]
    assert len(proposed) == 20
    owner = lines(day, "validated by its owner")[0]
    own = [s for s in rows(day, "burst_samples") if s["ActionRef"] == owner["ActionRef"]]
    assert [s["ReviewedBy"] for s in own] == [owner["Owner"]]
    never = made(day).parts["never validated"][0]
    assert not [s for s in rows(day, "burst_samples") if never in s["ActionRef"]]
    (stale,) = [
        s for s in rows(day, "burst_samples") if made(day).parts["validation too old"][0] in s["ActionRef"]
    ]
    assert datetime.fromisoformat(stale["ReviewedAt"]) < at(day, 9, 30) - timedelta(days=30)
    still = lines(day, "no movement from baseline")[0]
    assert still["CurrentFailureRate"] >= still["BaselineFailureRate"]


@anyday
def test_complaints_of_a_proposed_line_do_not_fall(day):
    """A line's complaints of the last ninety days are no fewer than at its last review point."""
    ref = made(day).parts["complaints not falling"][0]
    now = [row for row in rows(day, "complaints") if row.get("ActionRef") == ref]
    (review,) = [row for row in rows(day, "closure_reviews") if row["ActionRef"] == ref]
    assert len(now) >= review["ComplaintsLinked"] > 0
    weak = [row for row in rows(day, "complaints") if row["State"] == "Closed" and "ClosedOn" not in row]
    assert len(weak) == 1


@anyday
def test_a_panel_approved_without_proof(day):
    """One closed line was approved with neither outcome movement nor an outside view."""
    ref = made(day).parts["closed on tasks"][0]
    (review,) = [row for row in rows(day, "closure_reviews") if row["ActionRef"] == ref]
    assert (review["PanelDecision"], review["ExternalAssurance"]) == ("Approved", "None")
    decisions = {row.get("PanelDecision") for row in rows(day, "closure_reviews")}
    assert decisions == {None, "Approved", "Deferred", "Rejected"}


@anyday
def test_files_have_what_a_machine_check_must_find(day):
    """One file is empty, one a copy, one nameless, two name no line, one is not what its name says."""
    texts = [file["text"] for file in files(day)]
    refs = {row["ActionRef"] for row in rows(day, "actions")}
    assert texts.count("") == 1
    assert len(texts) - len(set(texts)) == 1
    assert sum("ActionRef" not in file["fields"] for file in files(day)) == 1
    named = [file["fields"].get("ActionRef", "") for file in files(day)]
    assert sum(bool(ref) and not set(ref.split("; ")) <= refs for ref in named) == 2
    assert sum(file["name"].endswith(".pdf") for file in files(day)) == 1
    assert sum(";" in ref for ref in named) >= 8


@anyday
def test_the_last_challenge_session_has_its_record(day):
    """The board's record of the session before says more high-risk lines overdue than the limit."""
    (record,) = rows(day, "board_deadline_summary")
    session = datetime.fromisoformat(record["Slot"])
    assert record["RecordKey"] == f"deadline-challenge/{record['Slot'][:16]}Z"
    assert session.astimezone(CALENDAR.zone).time() == time(14, 30)
    assert is_day_of(("Tue", "Thu"), CALENDAR.local_date(session), CALENDAR)
    assert session < at(day, 8)
    then = [row for row in rows(day, "actions") if was_live(row, session) and due(row)]
    late = [row for row in then if due(row) < session]
    assert record["OverdueOpen"] == len(late)
    assert record["OverdueHighRisk"] == sum(row["RiskRating"] == "High" for row in late) > 4


def was_live(row: dict, then: datetime) -> bool:
    if row["Status"] == "Closed":
        return datetime.fromisoformat(row["ClosedOn"]) > then
    return row["Status"] != "Cancelled"


@anyday
def test_a_complaint_about_falls_leaves_the_ninety_days_on_the_fourth_day(day):
    """The line whose complaints do not fall has one that counts for two days more."""
    ref = made(day).parts["complaints not falling"][0]
    received = [row["ReceivedOn"] for row in rows(day, "complaints") if row.get("ActionRef") == ref]
    assert min(received) == (day - timedelta(days=88)).isoformat()


def test_the_sample_is_printed_as_json():
    """`python -m lists_sync.sample --day` prints what make gives."""
    command = [sys.executable, "-m", "lists_sync.sample", "--day", "2026-11-23"]
    ran = subprocess.run(command, capture_output=True, check=True)
    assert json.loads(ran.stdout.decode("utf-8")) == made().workspace


def test_the_sample_is_written_to_a_file(tmp_path):
    """What is written is what is made, in UTF-8."""
    path = provider.write(tmp_path / "workspace.json")
    assert json.loads(path.read_text(encoding="utf-8")) == made().workspace


def test_the_sample_imports_nothing_of_the_engine():
    """Only its own folder is imported, so that the two meet on the wire alone."""
    for source in Path(provider.__file__).parent.rglob("*.py"):
        for line in source.read_text(encoding="utf-8").splitlines():
            if line.startswith(("from lists_sync", "import lists_sync")):
                assert line.startswith("from lists_sync.sample")


def test_instants_are_utc():
    """Every instant is written in UTC with a Z."""
    instants = [row["SampledAt"] for row in rows(date(2026, 7, 16), "burst_samples")]
    assert all(datetime.fromisoformat(text).tzinfo == UTC and text.endswith("Z") for text in instants)
    assert "T10:00:00Z" in instants[-1]
