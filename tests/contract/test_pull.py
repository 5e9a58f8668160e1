"""Pulling lists into the mirror over a real wire."""

from dataclasses import replace

import pytest

from lists_sync.connect.connection import Connection
from lists_sync.connect.workspace import Workspace
from lists_sync.context import load_definitions
from lists_sync.mirror.database import open_database
from lists_sync.mirror.versions import Mirror
from lists_sync.pull import PEOPLE, pull, pull_items
from lists_sync.read import names, people

AT = "2026-11-23T08:15:00Z"
OWNER = "sam.okafor@rosewood.example"
LOAD = {
    "users": [{"email": OWNER, "name": "Sam Okafor", "enabled": True}],
    "lists": {
        "actions": [
            {"ActionRef": f"WN-014/{n:02}", "Title": "Audit", "Owner": OWNER, "DueDate": "2026-11-25"}
            for n in range(1, 6)
        ]
    },
}


class Bench:
    """A mirror beside a workspace."""

    def __init__(self, workspace, home):
        self.served = workspace
        environ = {"LISTS_SYNC_EMULATOR_URL": workspace.url, "LISTS_SYNC_HOME": str(home)}
        self.definitions = load_definitions(environ, None)
        self.engine = open_database(f"sqlite:///{home / 'state.db'}", at=AT)
        self.mirror = Mirror(self.engine)

    def open(self, schemas=None):
        connection = Connection(self.definitions.settings, self.definitions.provider)
        return Workspace(connection, schemas or self.definitions.schemas)

    def pull(self, schemas=None, **options):
        workspace = self.open(schemas)
        try:
            return pull(workspace, self.mirror, ["actions"], AT, **options)
        finally:
            workspace.connection.close()

    def load(self, document):
        import requests

        answer = requests.post(f"{self.served.url}/_workspace/load", json=document, timeout=30)
        assert answer.ok, answer.text


@pytest.fixture
def bench(workspace, tmp_path):
    bench = Bench(workspace, tmp_path)
    bench.load(LOAD)
    yield bench
    bench.engine.dispose()


def test_after_a_whole_read_only_changes_come(bench):
    """The first pull reads the list whole; the second brings the one item that was edited."""
    first = bench.pull()
    bench.load({"lists": {"actions": [{"id": 3, "Title": "Audit again"}]}})

    second = bench.pull()

    assert (first.whole, first.changed["actions"]) == (("actions",), 5)
    assert (second.whole, second.changed["actions"]) == ((), 1)
    assert [item.fields["Title"] for item in bench.mirror.items("actions", first.number)] == ["Audit"] * 5


def test_a_column_that_is_newly_read_is_read_for_every_item(bench):
    """When a later version or mapping asks for more columns, items that nobody edited are read anew too."""
    schemas = dict(bench.definitions.schemas)
    actions = schemas["actions"]
    fewer = replace(actions, columns=tuple(one for one in actions.columns if one.name != "DueDate"))
    bench.pull({**schemas, "actions": fewer})

    again = bench.pull(schemas)

    assert again.whole == ("actions",)
    assert all("DueDate" in item.fields for item in bench.mirror.items("actions"))


def test_an_expired_link_is_answered_by_a_whole_read(bench):
    """After 410 Gone the list is read from its start, and what went meanwhile is marked deleted."""
    bench.pull()
    found = next(
        one
        for site in bench.served.state.sites()
        for one in bench.served.state.lists(site.id)
        if one.title == "Enforcement actions"
    )
    from lists_sync.emulator.state import SYSTEM

    bench.served.state.delete_item(found.id, 2, actor=SYSTEM)
    bench.served.state.switch(delta_days=-1)

    again = bench.pull()

    assert again.whole == ("actions",)
    assert bench.mirror.present_ids("actions") == [1, 3, 4, 5]


def test_people_are_kept_by_the_ids_of_their_site(bench):
    """Whoever a list names is known by e-mail and by name afterwards."""
    bench.pull()

    assert OWNER in people(bench.mirror, "governance").values()
    assert names(bench.mirror, "governance")[OWNER] == "Sam Okafor"
    assert bench.mirror.holds(f"{PEOPLE}governance")


class Cut(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("first", [True, False])
def test_whom_a_list_names_is_known_although_the_pull_was_cut_off(bench, monkeypatch, *, first):
    """A pull that dies while it asks who people are leaves the list's link where it was; the next asks."""
    from lists_sync.connect import people as directory

    if not first:
        bench.pull()
    newcomer = "ada.cole@rosewood.example"
    line = {"ActionRef": "WN-014/09", "Title": "Audit", "Owner": newcomer, "DueDate": "2026-11-25"}
    bench.load({"users": [{"email": newcomer, "name": "Ada Cole"}], "lists": {"actions": [line]}})

    def cut(*_):
        raise Cut

    monkeypatch.setattr(directory, "of_site", cut)
    with pytest.raises(Cut):
        bench.pull()
    monkeypatch.undo()
    bench.pull()

    assert newcomer in people(bench.mirror, "governance").values()


def test_somebody_new_is_known_within_one_connection(bench):
    """A person whom the site got to know after the first pull is asked for by the second."""
    newcomer = "ada.cole@rosewood.example"
    workspace = bench.open()
    pull(workspace, bench.mirror, ["actions"], AT)
    line = {"ActionRef": "WN-014/09", "Title": "Audit", "Owner": newcomer, "DueDate": "2026-11-25"}
    bench.load({"users": [{"email": newcomer, "name": "Ada Cole"}], "lists": {"actions": [line]}})
    pull(workspace, bench.mirror, ["actions"], AT)
    workspace.connection.close()

    assert newcomer in people(bench.mirror, "governance").values()


def test_a_single_item_that_is_gone_is_marked_deleted(bench):
    """Reading one item anew that somebody has deleted removes it from the present, not from the past."""
    first = bench.pull()
    from lists_sync.emulator.state import SYSTEM

    state = bench.served.state
    site = state.site_by_path("/sites/governance")
    found = state.find_list(site.id, "Enforcement actions")
    state.delete_item(found.id, 4, actor=SYSTEM)
    workspace = bench.open()

    pull_items(workspace, bench.mirror, "actions", [4, 5], AT)
    workspace.connection.close()

    assert bench.mirror.present_ids("actions") == [1, 2, 3, 5]
    assert len(bench.mirror.items("actions", first.number)) == 5
