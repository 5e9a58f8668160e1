"""Faults, throttling and the control prefix of the embedded workspace."""

from __future__ import annotations

import pytest
import requests

HOST = "rosewood.sharepoint.com"


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

        def call(method, path, body=None):
            return session.request(method, f"{workspace.url}/v1.0{path}", json=body, timeout=10)

        call("POST", f"/sites/{HOST}:/sites/governance:/lists", {"displayName": "Log"})
        yield call


SITE = f"/sites/{HOST}:/sites/governance"
ITEMS = f"{SITE}:/lists/Log/items"


def control(workspace, name, body=None, method="POST"):
    return requests.request(method, f"{workspace.url}/_workspace/{name}", json=body, timeout=10)


def fault(workspace, answer, **more):
    path = more.pop("path", "/items")
    rows = [{"match": {"path": path}, "answer": answer, **more}]
    told = control(workspace, "faults", {"faults": rows})
    assert told.status_code == 200, told.text


def test_fault_answers_before_the_change(workspace, graph):
    """A fault before the change answers in its stead."""
    fault(workspace, {"status": 503, "retry_after": "2.5"}, times=1)
    answer = graph("POST", ITEMS, {"fields": {"Title": "a"}})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2.5")
    assert graph("GET", ITEMS).json()["value"] == []


def test_fault_answers_after_the_change(workspace, graph):
    """A fault after the change hides an answer whose change took effect."""
    fault(workspace, {"status": 504, "before_or_after": "after"}, times=1)
    assert graph("POST", ITEMS, {"fields": {"Title": "a"}}).status_code == 504
    assert len(graph("GET", ITEMS).json()["value"]) == 1


def test_fault_on_the_nth_call(workspace, graph):
    """A fault may meet only the second call that matches."""
    fault(workspace, {"status": 500}, nth=2)
    assert [graph("GET", ITEMS).status_code for _ in range(3)] == [200, 500, 200]


def test_fault_by_chance_is_repeatable(workspace, graph):
    """Faults by chance fall the same way for the same seed."""
    seen = []
    for _ in range(2):
        fault(workspace, {"status": 500}, probability=0.5, seed=7)
        seen.append([graph("GET", ITEMS).status_code for _ in range(8)])
    assert seen[0] == seen[1]
    assert set(seen[0]) == {200, 500}


def test_connection_is_reset(workspace, graph):
    """A reset leaves the caller without an answer."""
    fault(workspace, {"reset": True}, times=1)
    with pytest.raises(requests.ConnectionError):
        graph("GET", ITEMS)
    assert graph("GET", ITEMS).status_code == 200


def test_reset_after_the_change(workspace, graph):
    """A reset after the change leaves it in effect."""
    fault(workspace, {"reset": True, "before_or_after": "after"}, times=1)
    with pytest.raises(requests.ConnectionError):
        graph("POST", ITEMS, {"fields": {"Title": "a"}})
    assert len(graph("GET", ITEMS).json()["value"]) == 1


def test_body_is_cut(workspace, graph):
    """A cut body ends before its length is reached."""
    fault(workspace, {"cut_after_bytes": 10}, times=1)
    with pytest.raises(requests.RequestException):
        graph("GET", ITEMS)


def test_resync_names_its_location(workspace, graph):
    """A 410 on demand carries the address of a fresh start."""
    fault(workspace, {"status": 410}, times=1, path="/delta")
    answer = graph("GET", f"{ITEMS}/delta?token=x")
    assert (answer.status_code, answer.headers["Location"].endswith("/delta")) == (410, True)


def batch(graph, count=3):
    parts = [{"id": str(number), "method": "GET", "url": ITEMS} for number in range(count)]
    return graph("POST", "/$batch", {"requests": parts}).json()["responses"]


def test_part_of_a_batch_is_throttled(workspace, graph):
    """A fault meets a part of a batch as it meets a call by itself."""
    fault(workspace, {"status": 429, "retry_after": 5}, nth=2)
    rows = {row["id"]: row for row in batch(graph)}
    assert [rows[str(number)]["status"] for number in range(3)] == [200, 429, 200]
    assert rows["1"]["headers"]["Retry-After"] == "5"


def test_part_of_a_batch_is_missing(workspace, graph):
    """A batch may come back without one of its parts."""
    fault(workspace, {"missing": True}, nth=1)
    assert {row["id"] for row in batch(graph)} == {"1", "2"}


def test_inner_fault_of_a_batch(workspace, graph):
    """A fault on the batch itself may name the parts it spoils."""
    fault(workspace, {"inner": {"parts": [0], "status": 503}}, path="batch")
    assert {row["id"]: row["status"] for row in batch(graph)} == {"0": 503, "1": 200, "2": 200}


def test_small_tenant_is_throttled(workspace, graph):
    """At 80 per cent the limits are told, and over the limit calls get 429 with the wait."""
    control(workspace, "faults", {"switches": {"licences": 500, "throttle_clock": "workspace"}})
    workspace.state.clock.set(workspace.state.clock.now(), frozen=True)
    workspace.state.meter.clear()
    workspace.state.meter.charge(1_100)
    warned = graph("GET", ITEMS)
    workspace.state.meter.charge(200)
    refused = graph("GET", ITEMS)
    assert (warned.headers["RateLimit-Limit"], warned.headers["RateLimit-Remaining"]) == ("1250", "148")
    assert (refused.status_code, refused.headers["RateLimit-Remaining"]) == (429, "0")
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert refused.json()["error"]["innerError"]["code"] == "throttledRequest"


def test_unknown_fault_member_is_told(workspace):
    """A fault with a misspelt member is refused with its place."""
    answer = control(workspace, "faults", {"faults": [{"answr": {}, "answer": {}}]})
    assert (answer.status_code, answer.json()["error"]) == (400, "faults[0]: unknown answr.")


def test_clock_is_set(workspace, graph):
    """Items are dated by the workspace's clock."""
    control(workspace, "clock", {"now": "2026-11-23T08:15:00Z", "frozen": True})
    made = graph("POST", ITEMS, {"fields": {"Title": "a"}}).json()
    assert made["createdDateTime"] == "2026-11-23T08:15:00Z"


def test_journal_and_units(workspace, graph):
    """The journal notes calls with status and units, and no token."""
    control(workspace, "journal", method="DELETE")
    graph("GET", ITEMS)
    entry = control(workspace, "journal", method="GET").json()["requests"][0]
    assert (entry["n"], entry["method"], entry["status"], entry["units"]) == (1, "GET", 200, 2)
    assert control(workspace, "units", method="GET").json() == {"units": 2}


def test_reset_empties(workspace, graph):
    """A reset leaves two bare sites and no faults."""
    fault(workspace, {"status": 500})
    control(workspace, "reset")
    assert graph("GET", f"{SITE}:/lists").json()["value"] == []


def test_schema_writes_exclude_each_other(workspace, graph):
    """A column cannot be added while another schema write of the list runs."""
    list_id = workspace.state.find_list(workspace.state.sites()[0].id, "Log").id
    with workspace.state.schema_write(list_id):
        answer = graph("POST", f"{SITE}:/lists/Log/columns", {"name": "A", "text": {}})
    assert answer.status_code == 409


def test_fault_on_sharepoint_has_its_shape(workspace):
    """A fault on a SharePoint call answers with SharePoint's own error body."""
    fault(
        workspace,
        {"status": 423, "code": "-2147018894, Microsoft.SharePoint.SPFileLockException"},
        path="_api",
    )
    answer = requests.get(f"{workspace.url}/sites/governance/_api/web", timeout=10)
    assert answer.json()["odata.error"]["code"].startswith("-2147018894")


def test_small_tenant_throttles_sharepoint_too(workspace):
    """Over the limit a SharePoint call gets 429 and a wait."""
    workspace.state.switch(licences=500)
    workspace.state.meter.charge(2_000)
    answer = requests.get(f"{workspace.url}/sites/governance/_api/web", timeout=10)
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
