from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest
import requests
from typer.testing import CliRunner

from lists_sync.cli.provision import app
from lists_sync.connect.connection import Connection
from lists_sync.connect.workspace import Workspace
from lists_sync.definitions import ListMapping, load_provider, load_schemas, load_settings
from lists_sync.provision.apply import apply
from lists_sync.provision.look import current_plan
from lists_sync.provision.plan import Act
from lists_sync.shipped import shipped

KEYS = ("actions", "managers", "evidence", "escalations")
SCHEMAS = load_schemas(shipped("list_schemas"))


@contextmanager
def opened(url, keys=KEYS, lists=None):
    settings = load_settings({"LISTS_SYNC_EMULATOR_URL": url})
    provider = replace(load_provider(None, SCHEMAS), lists=lists or {})
    with Connection(settings, provider, sleep=lambda _: None) as connection:
        yield Workspace(connection, {key: SCHEMAS[key] for key in keys})


@pytest.fixture
def url(workspace):
    return workspace.url


@pytest.fixture
def target(url):
    with opened(url) as found:
        yield found


def made(target, **given):
    return apply(target, sleep=lambda _: None, **given)


def columns(target, key):
    target.sites.forget()
    return target.list_ref(key).columns


def post(target, path, body):
    return target.graph.send("POST", path, body).body


def list_of_people(target, title, *facets):
    site = target.site("governance").id
    asked = {"displayName": title, "columns": list(facets), "list": {"template": "genericList"}}
    return post(target, f"/sites/{site}/lists", asked)


def fault(url, method, path, **answer):
    rule = {"match": {"method": method, "path": path}, "nth": 1, "times": 1, "answer": answer}
    requests.post(f"{url}/_workspace/faults", json={"faults": [rule]}, timeout=10).raise_for_status()


def answered(url, method, status):
    journal = requests.get(f"{url}/_workspace/journal", timeout=10).json()["requests"]
    return [one["path"] for one in journal if (one["method"], one["status"]) == (method, status)]


def writes(url):
    journal = requests.get(f"{url}/_workspace/journal", timeout=10).json()["requests"]
    reading = ("GET", "HEAD")
    return [one for one in journal if one["method"] not in reading and "/token" not in one["path"]]


def test_an_empty_workspace_is_brought_up_to_the_schemas(target):
    """After an apply nothing is missing, and nothing was refused."""
    ended = made(target)
    assert not ended.failed
    assert not ended.left.steps
    assert not ended.left.conflicts
    assert columns(target, "actions")["DueDate"]["indexed"]


def test_a_second_apply_makes_nothing(target, url):
    """A repeated apply sends no write at all."""
    made(target)
    before = len(writes(url))
    assert not made(target).done
    assert len(writes(url)) == before


def test_a_key_column_takes_each_value_once(target):
    """The column that names an escalation is unique in SharePoint itself."""
    made(target)
    key = columns(target, "escalations")["EscalationKey"]
    assert key["indexed"]
    assert key["enforceUniqueValues"]


def test_what_people_made_stays(target):
    """Columns and choice words that people made are there afterwards, in their order, first."""
    theirs = {"name": "Status", "choice": {"choices": ["Parked", "Open"], "displayAs": "dropDownMenu"}}
    list_of_people(target, "Escalations", theirs, {"name": "Mood", "text": {}})
    ended = made(target)
    found = columns(target, "escalations")
    assert not ended.failed
    assert "Mood" in found
    assert found["Status"]["choice"]["choices"][:2] == ["Parked", "Open"]
    assert "Raised" in found["Status"]["choice"]["choices"]


def test_a_conflicting_column_is_told_and_left(target):
    """A column of another kind is told before and after, and is not changed."""
    list_of_people(target, "Managers", {"name": "Active", "text": {}})
    before = [(one.list, one.name) for one in current_plan(target).conflicts]
    ended = made(target)
    assert before == [("managers", "Active")]
    assert [(one.list, one.name) for one in ended.left.conflicts] == before
    assert not ended.left.steps
    assert "text" in columns(target, "managers")["Active"]


def test_a_crash_half_way_is_carried_on(target):
    """An apply that died in the middle is completed by the next, and no list is made twice."""

    def die(step):
        if step.act is Act.UNIQUE:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(target, tell=die)
    ended = made(target)
    assert not ended.failed
    assert not ended.left.steps
    titles = [row["displayName"] for row in target.graph.rows(f"/sites/{target.site('governance').id}/lists")]
    assert len(titles) == len(set(titles))


def test_a_save_conflict_is_tried_again(target, url):
    """Where SharePoint is busy with another change of the list, the step waits and is made."""
    fault(url, "PATCH", r".*/columns/.*", status=409, code="resourceModified")
    ended = made(target)
    assert len(answered(url, "PATCH", 409)) == 1
    assert not ended.failed
    assert not ended.left.steps


def test_a_lost_answer_makes_no_second_list(target, url):
    """A list whose creation was never answered is looked for before it counts as missing."""
    fault(url, "POST", r".*/lists$", status=503, before_or_after="after")
    ended = made(target)
    assert len(answered(url, "POST", 503)) == 1
    assert not ended.failed
    assert not ended.left.steps


def test_the_views_are_made_once(target):
    """Managers find their views, each of them once."""
    made(target)
    made(target)
    list_id = target.list_ref("actions").id
    found = (
        target.sharepoint("governance").get(f"web/lists(guid'{list_id}')/views?$select=Title").body["value"]
    )
    titles = [view["Title"] for view in found]
    assert titles.count("Overdue high-risk") == 1
    assert titles.count("Due within 48 h") == 1


def test_a_mapped_list_gets_only_result_columns(url):
    """In a provider's own tracker only the missing result columns are made."""
    mapping = ListMapping("Our tracker", {"DueDate": "Due"}, {})
    with opened(url, ("actions",), {"actions": mapping}) as target:
        list_of_people(target, "Our tracker", {"name": "Due", "dateTime": {"format": "dateOnly"}})
        ended = made(target)
        found = columns(target, "actions")
    assert {step.act for step in ended.done} == {Act.ADD_COLUMN}
    assert {step.name for step in ended.done} == {column.name for column in SCHEMAS["actions"].bot_columns}
    assert not found["Due"].get("indexed")
    assert "Status" in {one.name for one in ended.left.conflicts}


def test_the_verb_shows_then_makes(url, monkeypatch, tmp_path):
    """`provision plan` writes nothing; after `provision apply` it finds nothing missing."""
    monkeypatch.setenv("LISTS_SYNC_EMULATOR_URL", url)
    monkeypatch.chdir(tmp_path)
    before = len(writes(url))
    shown = CliRunner().invoke(app, ["plan", "--json"])
    assert len(writes(url)) == before
    applied = CliRunner().invoke(app, ["apply", "--json"])
    after = CliRunner().invoke(app, ["plan"])
    assert [shown.exit_code, applied.exit_code, after.exit_code] == [0, 0, 0]
    assert json.loads(applied.stdout)["done"] == json.loads(shown.stdout)["steps"]
    assert after.stdout == "Nothing is missing.\n"
