"""The script of what the sample's people do: ordinary edits, in order, the same every time."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import pytest
from ruamel.yaml import YAML

from lists_sync.emulator.load import load
from lists_sync.emulator.read_items import read_items
from lists_sync.emulator.state import State
from lists_sync.sample import people, provider
from lists_sync.sample.days import LONDON, worked_from
from lists_sync.sample.scene import closing, due_moment, moving
from lists_sync.sample.script import PANEL_DAYS, Script
from lists_sync.shipped import shipped

MONDAY = provider.DEFAULT_DAY
WEEK = worked_from(MONDAY, 5)
STARTS = [MONDAY, date(2026, 11, 24), date(2026, 12, 29), date(2026, 3, 27), date(2026, 10, 23)]


@cache
def script(first: date = MONDAY) -> Script:
    return Script(provider.DEFAULT_SEED, first)


@cache
def bot_columns() -> dict[str, set[str]]:
    reader = YAML(typ="safe", pure=True)
    schemas = [reader.load(path) for path in shipped("list_schemas").glob("*.yaml")]
    return {
        one["key"]: {column["name"] for column in one["columns"] if column.get("written_by") == "bot"}
        for one in schemas
    }


class House:
    """The sample's workspace without the bot; what the bot would show can be written in."""

    def __init__(self, first: date) -> None:
        self.state = State(schema_dir=shipped("list_schemas"))
        load(self.state, provider.make(provider.DEFAULT_SEED, first))

    def rows(self, key: str) -> list[dict]:
        return read_items(self.state, key)

    def shown(self, key: str, **columns) -> None:
        """Write result columns on every item of a list, as the bot does."""
        load(self.state, {"lists": {key: [{"id": row["id"], **columns} for row in self.rows(key)]}})

    def burst(self, day: date) -> None:
        """Make the day's burst of every thirtieth file."""
        files = self.rows("evidence")[::30][:12]
        rows = [
            {"SampleKey": f"B-{day}/{file['id']}", "BurstId": f"B-{day}", "ActionRef": file.get("ActionRef")}
            for file in files
        ]
        load(self.state, {"lists": {"burst_samples": rows}})

    def play(self, first: date, day: date) -> list[tuple]:
        """Load each act's edit; tells those that did anything."""
        done = []
        for act in script(first).acts(day):
            edit = act.edit(self.rows)
            if edit:
                load(self.state, edit)
                done.append((act, edit))
        return done


@pytest.fixture
def house():
    house = House(MONDAY)
    yield house
    house.state.close()


def what(done: list[tuple]) -> list[str]:
    return [act.what for act, _ in done]


def test_the_same_seed_and_days_give_the_same_acts_and_edits():
    """Two scripts play alike on two workspaces alike."""
    told = []
    for _ in range(2):
        house, fresh = House(MONDAY), Script(provider.DEFAULT_SEED, MONDAY)
        house.burst(MONDAY)
        acts = fresh.acts(MONDAY)
        told.append([(act.at, act.who, act.what, act.edit(house.rows)) for act in acts])
        house.state.close()
    assert told[0] == told[1]


@pytest.mark.parametrize("first", STARTS, ids=str)
def test_acts_come_in_order_and_between_the_slots(first):
    """A day's acts are sorted, lie on that day, and none falls on a quarter of an hour, when slots are."""
    for day in worked_from(first, 7):
        acts = script(first).acts(day)
        times = [act.at for act in acts]
        assert acts
        assert times == sorted(times)
        assert {at.astimezone(LONDON).date() for at in times} == {day}
        assert all(at.minute % 15 for at in times)


@pytest.mark.parametrize("first", STARTS, ids=str)
def test_every_edit_can_be_loaded(first):
    """Whatever day it begins on, a week of edits is taken, and none touches a column of the bot's."""
    house = House(first)
    for day in worked_from(first, 5):
        house.burst(day)
        house.shown("actions", EvidenceState="Valid", IntegrityDefects=["Mismatched deadline"])
        house.shown("closure_reviews", GateOutcome="Eligible")
        done = house.play(first, day)
        assert len(done) > 5
        for _, edit in done:
            for key, items in edit["lists"].items():
                assert not bot_columns()[key] & {name for item in items for name in item}, key
    house.state.close()


def test_edits_are_signed_by_people_of_the_sample(house):
    """Each item of an act of one person names that person as its editor."""
    house.burst(MONDAY)
    names = {person.email: person.name for person in people.PEOPLE}
    for act, edit in house.play(MONDAY, MONDAY):
        editors = {row.get("Editor") for rows in edit["lists"].values() for row in rows}
        if not act.who.startswith("The "):
            assert {names[editor] for editor in editors} == {act.who}
        assert act.what == act.what.strip()
        assert len(act.what) < 60


def test_an_act_with_nothing_to_do_edits_nothing(house):
    """Without a burst nobody reviews, and without the gate's word no panel decides."""
    done = what(house.play(MONDAY, MONDAY))
    assert not [one for one in done if "burst" in one or "approves" in one]


SITTINGS = {
    MONDAY: ["Mon", "Wed", "Fri"],
    date(2026, 11, 24): ["Wed", "Fri", "Mon"],
    date(2026, 12, 24): ["Tue", "Wed", "Mon"],  # the two Fridays are bank holidays, and so is Monday the 28th
}


@pytest.mark.parametrize("first", SITTINGS, ids=str)
def test_the_panel_sits_on_review_days(first):
    """A review day on a day off moves to the next working day, two on one day are one."""
    words = ("approves what", "approves eight")
    sat = [
        f"{day:%a}"
        for day in worked_from(first, 5)
        if any(act.what.startswith(words) for act in script(first).acts(day))
    ]
    assert sat == SITTINGS[first]
    assert frozenset({0, 2, 4}) == PANEL_DAYS


def test_reviewers_find_more_than_two_files_of_the_first_burst_invalid(house):
    """Four of twelve files are invalid and one is half reviewed for a while; records match too seldom."""
    house.burst(MONDAY)
    acts = script().acts(MONDAY)
    reviews = [act for act in acts if "review" in act.what and "files" in act.what]
    for act in reviews:
        load(house.state, act.edit(house.rows))
    burst = [row for row in house.rows("burst_samples") if row["BurstId"] == f"B-{MONDAY}"]
    assert sum(row.get("OutcomeProof") == "No" for row in burst) == 4
    assert sum("OutcomeProof" not in row for row in burst) == 1
    (records,) = [act for act in acts if "matches care records" in act.what]
    load(house.state, records.edit(house.rows))
    burst = [row for row in house.rows("burst_samples") if row["BurstId"] == f"B-{MONDAY}"]
    matched = sum(row["RecordsMatched"] for row in burst)
    assert 100 * matched / sum(row["RecordsChecked"] for row in burst) < 87


def test_nobody_compares_records_on_the_third_day():
    """On the third day the match stays blank; on all others somebody enters it."""
    compared = [any("care records" in act.what for act in script().acts(day)) for day in WEEK]
    assert compared == [True, True, False, True, True]


def test_one_person_forgets_the_times(house):
    """She closes a line, reviews files and decides for the panel, and types no time to any of it."""
    forgotten = []
    for day in WEEK:
        house.burst(day)
        house.shown("closure_reviews", GateOutcome="Panel to decide")
        forgotten += [(act, edit) for act, edit in house.play(MONDAY, day) if "forgets" in act.what]
    assert {act.who for act, _ in forgotten} == {"Mei Tanaka"}
    lists = [next(iter(edit["lists"].items())) for _, edit in forgotten]
    assert {key for key, _ in lists} == {"actions", "burst_samples", "closure_reviews"}
    for key, items in lists:
        when = {"actions": "ClosedOn", "burst_samples": "ReviewedAt", "closure_reviews": "PanelDecidedAt"}[
            key
        ]
        assert not any(when in item for item in items)


def test_escalations_are_taken_up_but_for_some(house):
    """Of the owners one never answers, and the Operations Manager is late on the third day."""
    to = [("Action Owner", people.STEADY[0]), ("Action Owner", people.STEADY[1])]
    to += [("Operations Manager", None), ("Registered Manager", None)]
    raised = [
        {"EscalationKey": f"k{place}", "ToRole": role, "ActBy": "2026-11-25T11:15:00Z", "ToPerson": owner}
        for place, (role, owner) in enumerate(to)
    ]
    load(house.state, {"lists": {"escalations": raised}})
    wednesday = [act for act in script().acts(WEEK[2]) if f"{act.at:%H:%M}" < "11:15"]
    for act in wednesday:
        load(house.state, act.edit(house.rows))
    status = {row["EscalationKey"]: row.get("Status") for row in house.rows("escalations")}
    assert status == {"k0": None, "k1": "Acknowledged", "k2": None, "k3": "Acknowledged"}


def test_a_moved_date_has_an_approved_change_behind_it():
    """Moving a line writes the day it leaves and the day it goes to."""
    row = {"id": 3, "ActionRef": "A", "DueDate": "2026-11-25T17:00:00Z", "Owner": people.STEADY[0]}
    now = script().acts(MONDAY)[0].at
    edit, change = moving(row, MONDAY + timedelta(days=14), now, people.STEADY[1])
    assert edit == {"id": 3, "DueDate": "2026-12-07"}
    assert (change["PreviousDueDate"], change["NewDueDate"]) == ("2026-11-25", "2026-12-07")
    assert change["Decision"] == "Approved"
    assert "ClosedOn" in closing(row, now)
    assert due_moment({"DueDate": "2026-11-25T00:00:00Z"}) == due_moment({"DueDate": "2026-11-25"})
