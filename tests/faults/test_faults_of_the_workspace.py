"""What the embedded workspace can be told to do wrong beyond an answer's status."""

import time
from email.utils import parsedate_to_datetime

import pytest
import requests

HOST = "rosewood.sharepoint.com"
SITE = f"/sites/{HOST}:/sites/governance"
ITEMS = f"{SITE}:/lists/Log/items"


@pytest.fixture
def graph(workspace):
    form = {
        "client_id": "bot",
        "client_secret": "s",
        "grant_type": "client_credentials",
        "scope": "https://graph.microsoft.com/.default",
    }
    token = requests.post(f"{workspace.url}/rosewood/oauth2/v2.0/token", data=form, timeout=10).json()
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token['access_token']}"

        def call(method, path, body=None, **headers):
            url = path if path.startswith("http") else f"{workspace.url}/v1.0{path}"
            return session.request(method, url, json=body, headers=headers, timeout=10)

        call("POST", f"{SITE}:/lists", {"displayName": "Log"})
        for title in "abc":
            call("POST", ITEMS, {"fields": {"Title": title}})
        yield call


def told(workspace, *faults, **switches):
    body = {"faults": list(faults), "switches": switches}
    answer = requests.post(f"{workspace.url}/_workspace/faults", json=body, timeout=10)
    assert answer.ok, answer.text


def _edits(workspace):
    """Give a line of the plan with its eTag, and a fault that saves it as a change of it comes in."""
    line = {"ActionRef": "A-1", "Title": "a", "Status": "In progress"}
    requests.post(f"{workspace.url}/_workspace/load", json={"lists": {"actions": [line]}}, timeout=10)
    edit = {"lists": {"actions": [{"id": 1, "Title": "theirs"}]}}
    return {"match": {"method": "PATCH"}, "answer": {"edit": edit}}


PLAN = f"{SITE}:/lists/Enforcement actions/items"


@pytest.mark.parametrize(("switch", "status"), [(412, 412), (409, 409)])
def test_an_edit_in_the_very_moment_makes_a_true_conflict(workspace, graph, switch, status):
    """A person's edit as the call comes in: the change is refused, and theirs stands."""
    told(workspace, _edits(workspace), stale_status=switch)
    etag = graph("GET", f"{PLAN}/1").json()["eTag"]
    answer = graph("PATCH", f"{PLAN}/1/fields", {"Title": "ours"}, **{"If-Match": etag})
    stands = graph("GET", f"{PLAN}/1?$expand=fields").json()["fields"]["Title"]
    assert (answer.status_code, stands) == (status, "theirs")


def test_an_edit_meets_a_part_of_a_batch(workspace, graph):
    """The same inside a batch."""
    told(workspace, _edits(workspace))
    part = {
        "id": "1",
        "method": "PATCH",
        "url": f"{PLAN}/1/fields",
        "headers": {"If-Match": graph("GET", f"{PLAN}/1").json()["eTag"], "Content-Type": "application/json"},
        "body": {"Title": "ours"},
    }
    (answer,) = graph("POST", "/$batch", {"requests": [part]}).json()["responses"]
    assert answer["status"] == 412


def test_an_edit_that_cannot_be_made_is_told(workspace, graph):
    """An edit of an item that is not there is told in the answer of the call that it should have met."""
    edit = {"lists": {"actions": [{"id": 9, "Title": "theirs"}]}}
    told(workspace, {"match": {"method": "GET"}, "answer": {"edit": edit}})
    answer = graph("GET", ITEMS)
    assert answer.status_code == 500
    assert "has no item 9" in answer.json()["error"]["message"]


def test_delta_can_give_its_rows_the_other_way_round(workspace, graph):
    """The rows of a page come last first."""
    told(workspace, delta_shuffled=True)
    rows = graph("GET", f"{ITEMS}/delta?$expand=fields").json()["value"]
    assert [row["id"] for row in rows] == ["3", "2", "1"]


@pytest.mark.parametrize("code", ["resyncChangesApplyDifferences", "resyncChangesUploadDifferences"])
def test_a_resync_leads_to_where_the_reading_begins_anew(workspace, graph, code):
    """The address in Location gives the whole list, with what the call had asked for."""
    link = graph("GET", f"{ITEMS}/delta?$expand=fields").json()["@odata.deltaLink"]
    told(workspace, {"match": {"path": "token="}, "answer": {"status": 410, "code": code}})
    refused = graph("GET", link)
    afresh = graph("GET", refused.headers["Location"]).json()["value"]
    assert (refused.status_code, refused.json()["error"]["code"]) == (410, code)
    assert [row["fields"]["Title"] for row in afresh] == ["a", "b", "c"]


def test_a_body_can_trickle_in(workspace, graph):
    """The body comes whole, over the time that was asked for."""
    told(workspace, {"match": {"path": "/items"}, "answer": {"body_s": 0.3}})
    began = time.perf_counter()
    assert len(graph("GET", ITEMS).json()["value"]) == 3
    assert time.perf_counter() - began >= 0.3


def test_a_connection_can_be_reset_in_mid_body(workspace, graph):
    """The change has taken effect, and its answer breaks off."""
    cut = {"reset": True, "cut_after_bytes": 20}
    told(workspace, {"match": {"method": "POST", "path": "/items$"}, "times": 1, "answer": cut})
    with pytest.raises(requests.RequestException):
        graph("POST", ITEMS, {"fields": {"Title": "d"}})
    assert len(graph("GET", ITEMS).json()["value"]) == 4


def test_the_date_of_answers_can_be_ahead(workspace, graph):
    """Every answer carries one Date, moved by the switch."""
    told(workspace, clock_skew_s=600)
    date = parsedate_to_datetime(graph("GET", ITEMS).headers["Date"])
    assert 598 <= date.timestamp() - time.time() <= 601


def test_faults_with_a_part_of_the_wrong_kind_are_told(workspace):
    """An edit that is no document, and a duration that is no number, are refused with their place."""
    for answer in ({"edit": "x"}, {"body_s": "long"}):
        body = {"faults": [{"answer": answer}]}
        refused = requests.post(f"{workspace.url}/_workspace/faults", json=body, timeout=10)
        assert (refused.status_code, next(iter(answer)) in refused.json()["error"]) == (400, True)
