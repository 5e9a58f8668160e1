"""The connection against the embedded workspace: reading, guarded writing and looking up on real sockets."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
import requests
from contract.fake_service import settings

from lists_sync import errors
from lists_sync.connect import Connection, Workspace
from lists_sync.definitions import load_provider, load_schemas
from lists_sync.emulator.state import SYSTEM
from lists_sync.shipped import shipped

SCHEMAS = load_schemas(shipped("list_schemas"))
PROVIDER = load_provider(None, SCHEMAS)
SAM, BO = "sam@rosewood.example", "bo@rosewood.example"
LINES = [
    {"ActionRef": f"W/{n}", "Title": "x", "Owner": SAM, "RiskRating": "High", "Status": "In progress"}
    for n in range(1, 31)
]
LOAD = {
    "users": [{"email": SAM, "name": "Sam", "enabled": True}, {"email": BO, "name": "Bo", "enabled": False}],
    "lists": {"actions": LINES},
}
VALUES = {
    "DeadlineState": "Overdue",
    "HighRiskOverdue": True,
    "IntegrityDefects": ("Mismatched deadline", "Inactive owner"),
    "EvidenceDueDate": date(2026, 7, 1),
    "CurrentRiskScore": 4.5,
    "ProgressNote": "Ünïcode 'quoted'",
}


@pytest.fixture
def url(workspace):
    requests.post(f"{workspace.url}/_workspace/load", json=LOAD, timeout=30).raise_for_status()
    return workspace.url


@pytest.fixture
def slept():
    return []


@pytest.fixture
def lists(url, slept):
    with Connection(settings(url), PROVIDER, sleep=slept.append) as connection:
        connection.pace._ticks = lambda: sum(slept)
        yield Workspace(connection, SCHEMAS)


def _fault(url, answer, **match):
    rule = {"match": match, "times": 1, "answer": answer}
    requests.post(f"{url}/_workspace/faults", json={"faults": [rule]}, timeout=30).raise_for_status()


def test_whole_list_comes_by_delta(lists):
    """A first reading gives every item once and a link of our own service."""
    pages = list(lists.delta("actions", None))
    items = [lists.decode_item("actions", row) for page in pages for row in page.rows]
    assert [item.fields["ActionRef"] for item in items] == [line["ActionRef"] for line in LINES]
    assert lists.is_own_link(pages[-1].delta_link)
    assert not any(lists.is_folder(item) for item in items)


def test_only_changes_come_by_link(lists):
    """After one write the next delta holds that item alone."""
    link = list(lists.delta("actions", None))[-1].delta_link
    item = lists.item("actions", 7)
    fields = lists.encode("actions", {"DeadlineState": "Overdue"})
    lists.graph.batch([lists.update_op("actions", 7, fields, item.etag)])
    changed = [row["id"] for page in lists.delta("actions", link) for row in page.rows]
    assert changed == ["7"]


def test_every_kind_of_value_is_written_and_read_back(lists):
    """What a change sets stands in the item afterwards, through every kind of column."""
    item = lists.item("actions", 1)
    fields = lists.encode("actions", {**VALUES, "Owner": BO})
    assert lists.graph.batch([lists.update_op("actions", 1, fields, item.etag)])[0].ok
    stands = lists.decode("actions", lists.item("actions", 1))
    assert {name: stands[name] for name in VALUES} == VALUES
    assert stands["Owner"] == BO


def test_every_kind_of_value_can_be_cleared(lists):
    """A column set to None is empty afterwards, and a yes/no is no."""
    fields = lists.encode("actions", VALUES)
    lists.graph.batch([lists.update_op("actions", 1, fields, lists.item("actions", 1).etag)])
    cleared = lists.encode("actions", dict.fromkeys([*VALUES, "Owner"]))
    assert lists.graph.batch([lists.update_op("actions", 1, cleared, lists.item("actions", 1).etag)])[0].ok
    stands = lists.decode("actions", lists.item("actions", 1))
    assert {name: stands[name] for name in [*VALUES, "Owner"]} == {
        **dict.fromkeys([*VALUES, "Owner"]),
        "HighRiskOverdue": False,
    }


def test_stale_version_is_refused_for_its_item_alone(lists):
    """Of two guarded changes the stale one is refused with 412, and the other takes effect."""
    fields = lists.encode("actions", {"DeadlineState": "Overdue"})
    first, second = lists.item("actions", 1), lists.item("actions", 2)
    lists.graph.batch([lists.update_op("actions", 1, fields, first.etag)])
    ops = [
        lists.update_op("actions", 1, fields, first.etag),
        lists.update_op("actions", 2, fields, second.etag),
    ]
    assert [reply.status for reply in lists.graph.batch(ops)] == [412, 200]


def test_row_with_a_key_that_stands_is_refused(lists):
    """The service itself keeps a second row with the same key out."""
    fields = lists.encode("actions", {"ActionRef": "W/1", "Title": "x"})
    assert lists.graph.batch([lists.create_op("actions", fields)])[0].status == 400


def test_row_is_found_by_its_key(lists):
    """A row made with an awkward key is found by it, and by it alone."""
    key = "O'Neil & Co/1%"
    fields = lists.encode("actions", {"ActionRef": key, "Title": key})
    assert lists.graph.batch([lists.create_op("actions", fields)])[0].status == 201
    assert [item.fields["ActionRef"] for item in lists.items_by("actions", "ActionRef", key)] == [key]


def test_person_who_was_never_there_gets_an_id(lists):
    """Somebody the directory knows is made known to the site, and is among its people then."""
    number = lists.ensure_user("governance", BO)
    assert lists.people("governance")[number].email == BO


def test_nobody_of_that_address_is_missing(lists):
    """Somebody the directory does not know cannot be named in a row."""
    with pytest.raises(errors.MissingError):
        lists.ensure_user("governance", "nobody@elsewhere.example")


def test_accounts_are_told_apart(lists):
    """Enabled, disabled and gone accounts are told apart."""
    gone = "gone@rosewood.example"
    assert lists.accounts([SAM, BO, gone]) == {SAM: True, BO: False, gone: False}


def test_zone_is_the_sites(lists):
    """The site's own zone is known with its summer time."""
    assert lists.time_zone("governance") == ZoneInfo("Europe/London")


def test_throttled_read_waits_as_asked(url, lists, slept):
    """A throttled call on the real wire waits as long as the service says."""
    lists.list_ref("actions")
    lists.time_zone("governance")
    _fault(url, {"status": 429, "retry_after": 9}, path=r"/items/1\?")
    assert lists.item("actions", 1) is not None
    assert slept == [9]


def test_lost_answer_of_a_batch_is_unknown_though_done(url, lists):
    """Where the answer is lost after the service acted, every part is unknown, and a look shows it done."""
    item = lists.item("actions", 3)
    fields = lists.encode("actions", {"DeadlineState": "Overdue"})
    op = lists.update_op("actions", 3, fields, item.etag)
    _fault(url, {"status": 504, "before_or_after": "after"}, path=r"/\$batch")
    assert [reply.status for reply in lists.graph.batch([op])] == [0]
    assert lists.item("actions", 3).fields["DeadlineState"] == "Overdue"


def test_missing_list_is_told(url, lists):
    """A list that somebody removed leads to provisioning."""
    lists.graph.send(
        "DELETE", f"/sites/{lists.site('governance').id}/lists/{lists.list_ref('complaints').id}"
    )
    lists.sites.forget()
    with pytest.raises(errors.MissingError, match="provision"):
        lists.list_ref("complaints")


def test_folder_of_a_library_is_told_from_a_file(workspace, lists):
    """A folder among the evidence is known as one."""
    site = workspace.state.site_by_path("/sites/evidence")
    library = workspace.state.find_list(site.id, SCHEMAS["evidence"].title)
    workspace.state.put_file(library.id, "march/audit.txt", b"text", actor=SYSTEM)
    rows = [row for page in lists.delta("evidence", None) for row in page.rows]
    items = [lists.decode_item("evidence", row) for row in rows]
    assert {item.fields["FileLeafRef"]: lists.is_folder(item) for item in items} == {
        "march": True,
        "audit.txt": False,
    }
