"""A governance day worked by hand, run slot by slot over the wire and compared figure by figure."""

from datetime import time

import pytest
from house import a_house
from the_day import BOOK, EVE, WORDS, ZONE, People, content, instant

from lists_sync.cli.show import report_json
from lists_sync.runner import slots_of_day


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Give every run of the day by job and local time, and the house at its end."""
    with a_house(tmp_path_factory.mktemp("day"), content(), clock=EVE) as house:
        people, runs = People(house), {}
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
        return instant(value)
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
