"""What office365-rest-python-client 3.3.0 does that we rely on or stay clear of, pinned one by one.

Each test passes as long as the trap is there. One that fails after an upgrade says that the library has
changed under us: read the note in `connect/session.py`, then decide anew.
"""

from __future__ import annotations

import threading
from importlib.metadata import version

import pytest
import requests
from contract.fake_service import Answer, batch_answer, running
from contract.plain_client import PlainClient, _Request, guarded
from office365.runtime import retry as client_retry
from office365.runtime.client_request_exception import ClientRequestException
from office365.runtime.http.http_method import HttpMethod
from office365.runtime.http.request_options import RequestOptions
from office365.sharepoint.client_context import ClientContext
from office365.sharepoint.listitems.caml.query import CamlQuery
from requests import Response

ITEMS = "/v1.0/sites/s/lists/l/items"


@pytest.fixture
def service():
    with running() as found:
        yield found


@pytest.fixture
def client(service):
    with PlainClient(service.url) as found:
        yield found


@pytest.fixture
def naps(monkeypatch):
    found = []
    monkeypatch.setattr(client_retry, "sleep", found.append)
    return found


def test_the_version_these_traps_were_found_in():
    """The library is pinned to the version whose traps stand below."""
    assert version("office365-rest-python-client") == "3.3.0"


def test_trap_1_delta_link_is_lost(service, client):
    """The object layer reads a delta page and keeps no link to resume from."""
    page = {"value": [{"id": "1"}], "@odata.deltaLink": f"{service.url}{ITEMS}/delta?token=t"}
    service.on("GET", f"{ITEMS}/.*delta.*", Answer(body=page))
    delta = client.items().delta.get().execute_query()
    assert len(delta) == 1
    assert delta.delta_token is None


def test_trap_2_batch_drops_if_match(service, client):
    """A guarded update sent by the library's Graph batch goes out unguarded."""
    service.on(
        "POST", r"/v1.0/\$batch", batch_answer(lambda part: {"status": 200, "headers": {}, "body": {}})
    )
    guarded(client, 1, Title="A")
    client.execute_batch()
    part = service.calls(r"\$batch")[0].body["requests"][0]
    assert part["method"] == "PATCH"
    assert "If-Match" not in part["headers"]


def test_trap_3_threads_on_one_client_lose_if_match(service):
    """Of two threads that update over one client, the first one's If-Match is lost to the second's."""
    second_is_at_it = threading.Event()
    second = threading.Thread(target=lambda: _update(client, 2))

    class Watched(_Request):
        def _ensure_http_headers(self, request):
            super()._ensure_http_headers(request)
            if threading.current_thread() is second:
                second_is_at_it.set()

    def token():
        if second.ident is None:
            second.start()
            second_is_at_it.wait(10)
        return {"access_token": "t", "token_type": "Bearer"}

    service.on("PATCH", f"{ITEMS}/.*", Answer(body={}))
    with PlainClient(service.url, token, Watched) as client:
        _update(client, 1)
        second.join()
    first = service.calls(f"{ITEMS}/1/fields")[0]
    assert "If-Match" not in first.headers


def _update(client, number):
    guarded(client, number, Title="A")
    client.execute_query()


def test_trap_4_batch_leaves_the_transport_aside(service, client):
    """The session that the client was given, with its proxy and timeouts, does not carry its batches."""
    session = requests.Session()
    session.headers["X-Ours"] = "1"
    client.with_transport(session=session)
    service.on(
        "POST", r"/v1.0/\$batch", batch_answer(lambda part: {"status": 200, "headers": {}, "body": {}})
    )
    guarded(client, 1, Title="A")
    client.execute_batch()
    assert "X-Ours" not in service.calls(r"\$batch")[0].headers


def test_trap_5_one_refused_part_ends_the_whole_batch(service, client):
    """After one 404 among 45 calls two of three batches are never sent, and the queue is empty."""
    answer = {"status": 404, "headers": {}, "body": {"error": {"code": "itemNotFound"}}}
    done = {"status": 200, "headers": {}, "body": {}}
    service.on("POST", r"/v1.0/\$batch", batch_answer(lambda part: answer if part["id"] == "4" else done))
    for number in range(45):
        guarded(client, number, Title="A")
    with pytest.raises(ClientRequestException):
        client.execute_batch()
    assert len(service.calls(r"\$batch")) == 1
    assert not client.has_pending_request


def test_trap_6_part_without_headers_is_a_key_error(service, client):
    """The short form of a part, which Microsoft's own example shows, breaks the library's batch."""
    service.on("POST", r"/v1.0/\$batch", batch_answer(lambda part: {"status": 204}))
    guarded(client, 1, Title="A")
    with pytest.raises(KeyError):
        client.execute_batch()


def test_trap_7_retry_after_is_not_waited(service, client, naps):
    """The library's own retry comes back sooner than the service asked."""
    throttled = Answer(429, {"error": {"code": "activityLimitReached"}}, {"Retry-After": "40"})
    service.on("GET", "/v1.0/sites/s", throttled, Answer(body={"id": "s"}))
    client.sites["s"].get()
    client.execute_query_retry(timeout_secs=1)
    assert sum(naps) < 40


def test_trap_8_retried_call_goes_to_the_end(service, client, naps):
    """A call that failed once is sent after those queued behind it."""
    service.on("GET", "/v1.0/sites/.*", Answer(body={"id": "s"}))
    service.on("GET", "/v1.0/sites/b", Answer(503), Answer(body={"id": "b"}))
    for name in "abc":
        client.load(client.sites[name])
    client.execute_query_retry(timeout_secs=1)
    assert [one.path[-1] for one in service.calls("/v1.0/sites/")] == ["a", "b", "c", "b"]


def test_trap_9_create_is_sent_twice(service, client, naps):
    """A create that timed out at the gateway is made a second time."""
    service.on("POST", ITEMS, Answer(504), Answer(201, {"id": "1"}))
    client.items().add(Title="A")
    client.execute_query_retry(timeout_secs=1)
    assert len(service.calls(ITEMS, "POST")) == 2


def test_trap_10_order_by_is_misspelt(service, client):
    """Sorting goes out under a name that no service knows."""
    service.on("GET", ITEMS, Answer(body={"value": []}))
    client.items().order_by("id").get().execute_query()
    assert "$order_by=" in service.calls(ITEMS)[0].path


def test_trap_11_caml_scope_is_a_name_of_python():
    """The query for all items names its scope in a way that SharePoint does not read."""
    assert "ViewScope.RecursiveAll" in CamlQuery.create_all_items_query().ViewXml


def test_trap_12_system_update_sends_no_values(service):
    """The update without a version posts nothing at all, and says nothing."""
    api = "/sites/g/_api"
    digest = {"d": {"GetContextWebInformation": {"FormDigestValue": "x", "FormDigestTimeoutSeconds": 1800}}}
    service.on("POST", f"{api}/contextInfo", Answer(body=digest))
    service.on("GET", f"{api}/.*", Answer(body={"d": {"BaseTemplate": 100}}))
    service.on("POST", f"{api}/.*SystemUpdate.*", Answer(body={"d": {}}))
    with ClientContext(f"{service.url}/sites/g") as context:
        context.with_access_token(_token)
        item = context.web.lists.get_by_title("L").items.get_by_id(5)
        item.set_property("Score", 5)
        item.system_update()
        context.execute_query()
    sent = service.calls("SystemUpdate")
    assert [one.body for one in sent] in ([None], [{}])


def _token():
    from office365.runtime.auth.token_response import TokenResponse

    return TokenResponse(access_token="t", token_type="Bearer", expiresIn=3600)


def test_trap_13_fields_of_an_unread_item_forget(service, client):
    """Values set through an item's fields are gone when they are named again for the update."""
    service.on("PATCH", f"{ITEMS}/.*", Answer(body={}))
    item = client.items()["1"]
    item.fields.set_property("Title", "A")
    item.fields.update()
    client.execute_query()
    assert "Title" not in (service.calls(ITEMS)[0].body or {})


def test_trap_14_column_named_like_an_attribute_changes_its_type(service, client):
    """A text column called Deleted comes back as a truth value."""
    row = {"id": "1", "fields": {"Deleted": "Yes"}}
    service.on("GET", f"{ITEMS}/1", Answer(body=row))
    item = client.items()["1"].get().execute_query()
    assert item.fields.properties["Deleted"] != "Yes"


def test_plain_json_errors_of_sharepoint_have_no_code():
    """The library reads no code from SharePoint's error without metadata, so ours reads the body itself."""
    response = Response()
    response.status_code = 500
    response._content = b'{"odata.error": {"code": "-2130575342, Microsoft.SharePoint.SPException"}}'
    assert ClientRequestException.from_response(response).code is None


def test_pipeline_sends_what_it_is_given(service, client):
    """The direct way through the pipeline, which all our calls take, keeps If-Match and the raw answer."""
    body = {"value": [], "@odata.deltaLink": "kept"}
    service.on("PATCH", "/v1.0/x", Answer(body=body))
    options = RequestOptions(f"{service.url}/v1.0/x", HttpMethod.Patch, b"{}", {"If-Match": '"g,1"'})
    response = client.pending_request().execute_request_direct(options)
    assert response.json() == body
    assert service.calls("/v1.0/x")[0].headers["If-Match"] == '"g,1"'


def test_pipeline_does_not_retry_by_itself(service, client):
    """A refusal reaches us as it came, so that waiting is ours alone."""
    service.on("GET", "/v1.0/x", Answer(429, {}, {"Retry-After": "4"}))
    with pytest.raises(ClientRequestException) as caught:
        client.pending_request().execute_request_direct(RequestOptions(f"{service.url}/v1.0/x"))
    assert caught.value.response.headers["Retry-After"] == "4"
    assert len(service.calls("/v1.0/x")) == 1
