"""The local state is lost between two slots: the next run rebuilds it and writes nothing a second time."""

import json
from datetime import timedelta

import pytest
from house import a_house
from standing import compare, standing
from the_day import BOOK, EVE, People, content

from lists_sync.clock import parse
from lists_sync.recover import NEW_HERE
from lists_sync.runner import slots_of_day

PEOPLE = ("joy.mensah@rosewood.example", "sam.okafor@rosewood.example")
JOY, SAM = PEOPLE
SMALL = {
    "time_zone": "Europe/London",
    "users": [{"email": one, "name": one.partition("@")[0]} for one in PEOPLE],
    "lists": {
        "managers": [
            {"Manager": one, "Email": one, "Active": True, "WeeklyHours": 10, "SupportHours": 1}
            for one in PEOPLE
        ],
        "actions": [
            {"ActionRef": f"L-{number}", "Status": "In progress", "Owner": JOY, "DueDate": "2026-11-26",
             "RiskRating": "High" if number == 1 else "Low", "LinkedActions": "L-2" if number == 1 else None}
            for number in range(1, 7)
        ],
    },
}  # fmt: skip
# Local state or not: what people do, and which runs follow; times are UTC.
STORY = [
    ("2026-11-23T08:15:00Z", {}, "deadline-status"),
    ("2026-11-23T12:55:00Z", {}, "workload-rebalance"),
    ("2026-11-23T14:00:00Z", {1: {"Owner": SAM}, 2: {"DueDate": "2026-11-25"}}, None),
    ("2026-11-23T15:00:00Z", {3: {"Status": "Closed"}, 4: {"Status": "Proposed for closure"}}, None),
    ("2026-11-23T17:00:00Z", {}, "slippage-review"),
    ("2026-11-23T17:30:00Z", {2: {"DueDate": "2026-11-24"}}, None),
    ("2026-11-24T08:15:00Z", {}, "deadline-status"),
    ("2026-11-24T12:55:00Z", {}, "workload-rebalance"),
    ("2026-11-25T09:30:00Z", {}, "closure-gate-register"),
    ("2026-11-25T12:55:00Z", {}, "workload-rebalance"),
]


def _lose(house):
    for path in house.definitions.settings.home.glob("state.db*"):
        path.unlink()


def _plain(house):
    """What stands in the lists, with the workspace's address left out of it."""
    found = {
        key: {str(name): row for name, row in rows.items()}
        for key, rows in standing(house.url, house.definitions.schemas).items()
    }
    return json.loads(json.dumps(found).replace(house.url, "http://workspace"))


def _story(home, *, lost_before=()):
    """Play the story; gives each run's report by its slot, and what stands at the end."""
    reports = {}
    with a_house(home, json.loads(json.dumps(SMALL)), clock="2026-11-20T17:00:00Z") as house:
        for at, edits, job in STORY:
            house.control("clock", {"now": at, "frozen": True})
            rows = [{"id": house.line(f"L-{number}").id, **values} for number, values in edits.items()]
            if rows:
                house.control("load", {"lists": {"actions": rows}})
            if at in lost_before:
                _lose(house)
            if job:
                reports[at, job] = house.run(job, slot=parse(at))
        return reports, _plain(house)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return _story(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def robbed(tmp_path_factory):
    return _story(tmp_path_factory.mktemp("lost"), lost_before=[at for at, _, job in STORY[1:] if job])


def test_what_jobs_remember_is_read_back(undisturbed, robbed):
    """Moves between owners, dates moved, a closing nobody dated: each figure as if nothing had been lost."""
    there = {place: dict(report.outcome.measures) for place, report in undisturbed[0].items()}
    here = {place: dict(report.outcome.measures) for place, report in robbed[0].items()}
    assert here == there
    tuesday = there["2026-11-24T12:55:00Z", "workload-rebalance"]
    assert tuesday["ActionsMoved"] == 1
    assert tuesday["DeadlinesBroughtForward"] == 1
    assert there["2026-11-23T17:00:00Z", "slippage-review"]["ClosedOnSchedule"] == 1


def test_nothing_is_written_a_second_time(undisturbed, robbed):
    """Every list is the same as without the loss; rows of the bot stand once."""
    told = compare(undisturbed[1], robbed[1])
    assert not told, told


def test_the_first_run_after_a_loss_says_so(robbed, undisturbed):
    """The report names the loss; a first start in a workspace without runs is none."""
    assert NEW_HERE in robbed[0]["2026-11-24T08:15:00Z", "deadline-status"].notes
    first = robbed[0]["2026-11-23T08:15:00Z", "deadline-status"]
    assert NEW_HERE not in first.notes
    assert not any(NEW_HERE in report.notes for report in undisturbed[0].values())


def test_a_version_is_read_back_once(tmp_path):
    """The second run after a loss asks for no version that the first has brought."""
    with a_house(tmp_path, json.loads(json.dumps(SMALL)), clock="2026-11-20T17:00:00Z") as house:
        slot = parse("2026-11-23T08:15:00Z")
        house.run("deadline-status", slot=slot)
        house.control("load", {"lists": {"actions": [{"id": 1, "DueDate": "2026-11-25"}]}})
        _lose(house)
        asked = []
        for day in (1, 2):
            house.forget_journal()
            house.run("deadline-status", slot=slot + timedelta(days=day))
            asked.append(sum("/versions" in call["path"] for call in house.calls()))
        assert asked[0] >= 1
        assert asked[1] == 0


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Give what stands after the hand-worked day: undisturbed, and with the state lost before every slot."""

    def played(*, lose):
        with a_house(tmp_path_factory.mktemp("day"), content(), clock=EVE) as house:
            people = People(house)
            for slot, job in slots_of_day(house.definitions, BOOK["date"]):
                people.until(slot)
                if lose:
                    _lose(house)
                house.run(job.name, slot=slot)
            return _plain(house), len(house.posts())

    return played(lose=False), played(lose=True)


def test_a_day_on_which_every_slot_starts_without_a_state_is_the_same_day(days):
    """Sixteen jobs, seventy-odd runs, each on a new local state: the same rows, and as many posts."""
    (kept, posts), (lost, posts_again) = days
    assert not compare(kept, lost)
    assert posts_again == posts
