"""Escalations over a real wire: one step up the chain, posts to Teams, and windows that nobody ran."""

from datetime import UTC, datetime, timedelta

import pytest
from house import a_house

OWNER, OTHER = "joy.mensah@rosewood.example", "ben.thackray@rosewood.example"
MORNING = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
LATE = datetime(2026, 11, 25, 8, 15, tzinfo=UTC)
WEBHOOK = "LISTS_SYNC_TEAMS_WEBHOOK_ACTION_OWNER"


def _lines(count, owner=OWNER):
    return [
        {
            "Title": "A line",
            "ActionRef": f"WN-014/{number:02d}",
            "Service": "Larch House",
            "Status": "In progress",
            "RiskRating": "High",
            "Owner": owner(number) if callable(owner) else owner,
            "DueDate": "2026-11-20",
        }
        for number in range(1, count + 1)
    ]


def _content(lines):
    people = [
        *{row["Owner"] for row in lines},
        "fatima.sharif@rosewood.example",
        "amara.nwosu@rosewood.example",
    ]
    managers = [{"Manager": email, "Email": email, "Active": True, "WeeklyHours": 20} for email in people]
    managers[-2] |= {"Role": "Registered Manager", "Service": "Larch House"}
    return {
        "time_zone": "Europe/London",
        "users": [{"email": email, "name": email.split("@")[0]} for email in people],
        "lists": {"actions": lines, "managers": managers},
    }


@pytest.fixture
def house(tmp_path):
    with a_house(tmp_path / "home", _content(_lines(12)), clock="2026-11-24T08:15:00Z") as made:
        yield made


def _watch(house, moment):
    house.control("clock", {"now": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "frozen": True})
    return house.run("escalation-watch", slot=moment)


def _escalations(house):
    return {one.fields["EscalationKey"]: one for one in house.rows("Escalations")}


def test_what_nobody_takes_up_goes_one_step_up_once(house):
    """Past their time the rows become overdue, each raises one step, and a later watch raises none anew."""
    house.run("deadline-status", slot=MORNING)
    at_closing = _watch(house, MORNING + timedelta(hours=9, minutes=45))
    first = _watch(house, LATE)
    second = _watch(house, LATE + timedelta(minutes=15))

    assert not [one for one in at_closing.escalations if "/step/" in one.key]
    raised = [one.key for one in first.escalations if not one.key.startswith("missed/")]
    assert raised == [f"overdue-high-risk/WN-014/{n:02d}/2026-11-20/step/1" for n in range(1, 13)]
    rows = _escalations(house)
    assert {rows[key.removesuffix("/step/1")].fields["Status"] for key in raised} == {"Overdue"}
    assert not [one for one in second.escalations if one.key in raised]
    assert {one.to_role for one in first.escalations if one.key in raised} == {"Registered Manager"}
    assert {one.to_person for one in first.escalations if one.key in raised} == {
        "fatima.sharif@rosewood.example"
    }


def test_what_is_acknowledged_while_the_watch_runs_stays_so(house, monkeypatch):
    """A person who acknowledges in the very second is not overruled, and nothing goes up."""
    from lists_sync.connect.graph import Graph

    house.run("deadline-status", slot=MORNING)
    key = "overdue-high-risk/WN-014/01/2026-11-20"
    row = _escalations(house)[key]
    send, done = Graph.batch, []

    def acknowledge_first(self, ops):
        if not done:
            done.append(1)
            house.control("load", {"lists": {"escalations": [{"id": row.id, "Status": "Acknowledged"}]}})
        return send(self, ops)

    monkeypatch.setattr(Graph, "batch", acknowledge_first)
    report = _watch(house, LATE)

    assert _escalations(house)[key].fields["Status"] == "Acknowledged"
    assert f"{key}/step/1" not in _escalations(house)
    assert report.conflicts == 0


def test_one_post_a_recipient_and_run(house):
    """Twelve lines of one owner are one post, the manager's digest another; both are told on the rows."""
    report = house.run("deadline-status", slot=MORNING)

    assert [post["channel"] for post in house.posts()] == ["action-owner", "registered-manager"]
    assert all(post["posted"] for post in house.posts())
    assert len(report.escalations) == 13
    assert all(one.fields.get("DeliveredAt") for one in _escalations(house).values())


def test_a_second_run_posts_nothing(house):
    """What was posted is not posted again, by the job or by the watch."""
    house.run("deadline-status", slot=MORNING)
    house.run("deadline-status", slot=MORNING)
    _watch(house, MORNING)
    assert len(house.posts()) == 2


def test_a_post_that_was_refused_is_handed_over_by_the_watch(house, monkeypatch):
    """The row stands without a time of handing over, the run says so, and the watch makes up for it."""
    house.control(
        "faults", {"faults": [{"match": {"path": "/teams/"}, "times": 2, "answer": {"status": 404}}]}
    )
    report = house.run("deadline-status", slot=MORNING)
    waiting = [one for one in _escalations(house).values() if not one.fields.get("DeliveredAt")]
    _watch(house, MORNING)

    assert any("could not be handed over" in note for note in report.notes)
    assert len(waiting) == 13
    assert sorted(post["channel"] for post in house.posts()) == ["action-owner", "registered-manager"]
    assert all(one.fields.get("DeliveredAt") for one in _escalations(house).values())


def test_beyond_twenty_recipients_one_digest_a_role(tmp_path):
    """Twenty-two owners with a line each make one post to the channel of the owners."""
    lines = _lines(22, owner=lambda number: f"owner.{number:02d}@rosewood.example")
    with a_house(tmp_path / "home", _content(lines), clock="2026-11-24T08:15:00Z") as house:
        report = house.run("deadline-status", slot=MORNING)
        assert len(report.escalations) == 23
        assert sorted(post["channel"] for post in house.posts()) == ["action-owner", "registered-manager"]


def test_a_window_without_a_run_is_recorded_and_told(house):
    """The next run leaves a row for the missed slot and tells the role; a late run fills that row."""
    house.run("slippage-review", slot=datetime(2026, 11, 20, 17, tzinfo=UTC))
    report = house.run("slippage-review", slot=datetime(2026, 11, 24, 17, tzinfo=UTC))
    missed = datetime(2026, 11, 23, 17, tzinfo=UTC)
    key = "slippage-review/2026-11-23T17:00Z"
    rows = {one.fields["RunKey"]: one.fields for one in house.rows("Control runs")}

    assert [one.key for one in report.missed] == [key]
    assert rows[key]["Result"] == "Missed"
    assert f"missed/{key}" in _escalations(house)

    house.run("slippage-review", slot=missed, moment=missed + timedelta(hours=25))
    rows = {one.fields["RunKey"]: one.fields for one in house.rows("Control runs")}
    assert (rows[key]["Result"], rows[key]["LateMinutes"]) == ("Completed", 1500)
