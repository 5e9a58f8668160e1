"""A governance day worked by hand, run slot by slot over the wire and compared figure by figure."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from house import a_house
from ruamel.yaml import YAML

from lists_sync.cli.show import report_json
from lists_sync.clock import iso
from lists_sync.runner import slots_of_day

HERE = Path(__file__).parent
ZONE = ZoneInfo("Europe/London")
WORDS = {"yes": True, "no": False}
PEOPLE = ("Manager", "Email", "Owner", "ReviewedBy")
BOOK = YAML(typ="safe", pure=True).load((HERE / "2026-09-01.yaml").read_text(encoding="utf-8"))


def _instant(text):
    """Read a local time as an instant in UTC."""
    return iso(datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC))


def _loaded(row, usual=None):
    """Give a row as the workspace takes it: instants in UTC, people by address, yes and no as such."""
    made = {}
    for name, value in {**(usual or {}), **row}.items():
        if isinstance(value, date):
            made[name] = value.isoformat()
        elif name in PEOPLE and value is not None:
            made[name] = f"{value}@rosewood.example"
        elif isinstance(value, str) and value[:2] == "20" and " " in value:
            made[name] = _instant(value)
        elif value is not None:
            made[name] = WORDS.get(value, value) if name == "Active" else value
    return made


def _content():
    lists = {
        key: [_loaded(row, BOOK["usual"].get(key)) for row in rows] for key, rows in BOOK["lists"].items()
    }
    files = [
        {
            "name": f"evidence-{number}.txt",
            "unique_id": file["unique_id"],
            "text": f"File {number}.",
            "fields": _loaded({name: value for name, value in file.items() if name != "unique_id"}),
        }
        for number, file in enumerate(BOOK["files"], start=1)
    ]
    users = [{"email": f"{one}@rosewood.example", "name": one} for one in BOOK["users"]]
    return {"time_zone": "Europe/London", "users": users, "lists": lists, "files": {"evidence": files}}


class _People:
    """Plays what people do, when its time has come."""

    def __init__(self, house):
        self.house = house
        self.acts = list(BOOK["acts"])

    def until(self, slot):
        while self.acts and _instant(f"{BOOK['date']} {self.acts[0]['at']}") <= iso(slot):
            act = self.acts.pop(0)
            self.house.control("clock", {"now": _instant(f"{BOOK['date']} {act['at']}"), "frozen": True})
            self.house.control("load", {"lists": self._edits(act)})
        self.house.control("clock", {"now": iso(slot), "frozen": True})

    def _edits(self, act):
        named = {
            "actions": ("lines", "Enforcement actions", lambda fields, name: fields["ActionRef"] == name),
            "closure_reviews": (
                "reviews",
                "Closure reviews",
                lambda fields, name: fields["ActionRef"] == name,
            ),
            "burst_samples": ("samples", "Burst samples", _is_of_today),
        }
        return {
            key: [
                {"id": self._id(title, match, name), **_loaded(values)} for name, values in act[kind].items()
            ]
            for key, (kind, title, match) in named.items()
            if kind in act
        }

    def _id(self, title, match, name):
        (found,) = [one.id for one in self.house.rows(title) if match(one.fields, name)]
        return found


def _is_called(fields, name):
    return fields["ActionRef"] == name


def _is_of_today(fields, name):
    return fields["SampleKey"] == f"B-{BOOK['date']}/00000000-0000-4000-8000-{name:012d}"


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Give every run of the day by job and local time, and the house at its end."""
    eve = "2026-08-31T17:00:00Z"
    with a_house(tmp_path_factory.mktemp("day"), _content(), clock=eve) as house:
        people, runs = _People(house), {}
        for slot, job in slots_of_day(house.definitions, BOOK["date"]):
            people.until(slot)
            local = slot.astimezone(ZONE)
            runs[job.name, f"{local:%H:%M}"] = report_json(house.run(job.name, slot=slot))
        yield house, runs


def _expected():
    return [pytest.param(run, id=f"{run['job']} {run['at']}") for run in BOOK["runs"]]


@pytest.mark.parametrize("expected", _expected())
def test_a_run_finds_what_was_worked_out_by_hand(played, expected):
    """The figures, the rows a line and the keys of what is raised are those of the sheet."""
    found = played[1][expected["job"], expected["at"]]
    measures = {name: WORDS.get(value, value) for name, value in expected.get("measures", {}).items()}
    assert {name: found["measures"][name] for name in measures} == measures
    assert sorted(one["key"] for one in found["escalations"]) == sorted(expected.get("escalations", []))
    assert (found["conflicts"], found["refused"], found["missed"]) == (0, [], [])
    if "rows" in expected:
        rows = {row["ActionRef"]: row for row in found["rows"]}
        assert sorted(rows) == sorted(expected["rows"])
        for ref, columns in expected["rows"].items():
            for name, value in columns.items():
                assert _row_value(rows[ref][name]) == _row_value(_told(value)), f"{ref} {name}"


def _told(value):
    if isinstance(value, str) and value[:2] == "20":
        return _instant(value)
    return WORDS.get(value, value) if isinstance(value, str) else value


def _row_value(value):
    return None if value in (None, [], ()) else value


def test_no_other_run_raises_anything(played):
    """What the sheet does not name is quiet."""
    named = {(run["job"], run["at"]) for run in BOOK["runs"]}
    loud = {place: run["escalations"] for place, run in played[1].items() if run["escalations"]}
    assert set(loud) <= named


def test_all_fifteen_controls_ran(played):
    """The moved review day and the challenge day are one, so that every control has its run."""
    ran = {run["job"] for run in played[1].values()}
    assert len(ran - {"escalation-watch"}) == 15


@pytest.mark.parametrize("ref", sorted(BOOK["lines"]))
def test_each_line_stands_as_it_should_in_the_evening(played, ref):
    """Result columns, and the few columns of people that the rules move."""
    fields = played[0].line(ref).fields
    for name, value in BOOK["lines"][ref].items():
        assert (fields.get(name) or None) == (_told(value) or None), name


def test_running_the_day_again_changes_nothing(played):
    """The last slots again: nothing written, nothing raised."""
    house, _ = played
    slots = {job.name: slot for slot, job in slots_of_day(house.definitions, BOOK["date"])}
    for name, slot in slots.items():
        if slot.astimezone(ZONE).time() >= time(17, 45):
            report = house.run(name, slot=slot)
            assert (report.writes, report.rows_made) == (0, 0), name
