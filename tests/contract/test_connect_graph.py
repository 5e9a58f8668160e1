"""The connection on real sockets: waiting, renewing, paging and batching."""

from __future__ import annotations

import base64
import logging
import threading

import pytest
from contract.fake_service import Answer, batch_answer, provider, running, settings

from lists_sync import errors
from lists_sync.connect import Connection, Op

SITE = {"id": "s", "webUrl": "http://h/sites/governance"}
THROTTLED = Answer(429, {"error": {"code": "activityLimitReached"}}, {"Retry-After": "7"})


@pytest.fixture
def service():
    with running() as found:
        yield found


@pytest.fixture
def slept():
    return []


@pytest.fixture
def graph(service, slept):
    with Connection(settings(service.url), provider(), sleep=slept.append) as connection:
        connection.pace._ticks = lambda: sum(slept)
        yield connection.graph


def _ops(count, method="PATCH"):
    return [Op(method, f"/items/{number}", {"N": number}, f'"g,{number}"') for number in range(count)]


def test_call_carries_the_decorated_agent_and_an_id(service, graph):
    """Microsoft can tell whose bot calls, and find the call in its logs."""
    service.on("GET", "/v1.0/x", Answer(body=SITE))
    graph.send("GET", "/x")
    sent = service.calls("/v1.0/x")[0].headers
    assert sent["User-Agent"].startswith("NONISV|Rosewood Care|lists_sync/")
    assert sent["client-request-id"]


def test_if_match_reaches_the_service(service, graph):
    """A guarded change says which version it was made against."""
    service.on("PATCH", "/v1.0/x", Answer(body={}))
    graph.send("PATCH", "/x", {"A": 1}, if_match='"g,3"')
    assert service.calls("/v1.0/x")[0].headers["If-Match"] == '"g,3"'


def test_if_match_survives_eight_threads(service, graph):
    """Two hundred guarded changes of eight threads over one connection each keep their own version."""
    service.on("PATCH", "/v1.0/items/.*", Answer(204))

    def work(first):
        for number in range(first, first + 25):
            graph.send("PATCH", f"/items/{number}", {"N": number}, if_match=f'"g,{number}"')

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 200, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = {one.path.rpartition("/")[2]: one.headers.get("If-Match") for one in service.calls("/items/")}
    assert seen == {str(number): f'"g,{number}"' for number in range(200)}


def test_retry_after_is_waited_out(service, graph, slept):
    """A throttled call is sent again after the time the service asked for, and not before."""
    service.on("GET", "/v1.0/x", THROTTLED, Answer(body=SITE))
    assert graph.send("GET", "/x").status == 200
    assert slept == [7]


def test_spent_allowance_is_heeded_on_success(service, graph, slept):
    """An answer that says the allowance is used up delays the next call."""
    spent = Answer(body=SITE, headers={"RateLimit-Remaining": "0", "RateLimit-Reset": "5"})
    service.on("GET", "/v1.0/x", spent, Answer(body=SITE))
    graph.send("GET", "/x")
    graph.send("GET", "/x")
    assert slept == [5]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_reading_is_tried_again_after_a_passing_fault(service, graph, status):
    """A failed read is repeated, since reading twice does no harm."""
    service.on("GET", "/v1.0/x", Answer(status), Answer(body=SITE))
    assert graph.send("GET", "/x").status == 200


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_making_is_not_tried_again_after_a_doubtful_fault(service, graph, status):
    """A create that may have taken effect is sent once, and its outcome told as open."""
    service.on("POST", "/v1.0/x", Answer(status), Answer(201, {}))
    with pytest.raises(errors.UnavailableError):
        graph.send("POST", "/x", {})
    assert len(service.calls("/v1.0/x")) == 1


def test_making_is_tried_again_where_the_service_says_later(service, graph, slept):
    """A 503 with a time to wait says that nothing was done, so a create is repeated."""
    service.on("POST", "/v1.0/x", Answer(503, headers={"Retry-After": "0.25"}), Answer(201, {}))
    assert graph.send("POST", "/x", {}).status == 201
    assert slept == [0.25]


def test_new_socket_after_a_gateway_fault(service, graph):
    """After 503 the next attempt comes over another connection."""
    service.on("GET", "/v1.0/x", Answer(body=SITE))
    graph.send("GET", "/x")
    before = service.connections
    service.on("GET", "/v1.0/x", Answer(503), Answer(body=SITE))
    graph.send("GET", "/x")
    assert service.connections == before + 1


def test_endless_429_names_the_likely_cause(service, graph):
    """Where one query is refused for ever without a time to wait, the error speaks of its size."""
    service.on("GET", "/v1.0/x", Answer(429, {"error": {"code": "activityLimitReached"}}))
    with pytest.raises(errors.ThrottledError, match="more rows than a list view may"):
        graph.send("GET", "/x")


def test_cut_answer_is_read_again(service, graph):
    """An answer that breaks off is no answer; a read is repeated."""
    service.on("GET", "/v1.0/x", Answer(body=SITE, cut_after=10), Answer(body=SITE))
    assert graph.send("GET", "/x").body == SITE


def test_hang_up_on_a_create_is_an_open_outcome(service, graph):
    """A connection lost after a create was sent raises, and is not answered by a second create."""
    service.on("POST", "/v1.0/x", Answer(hang_up=True), Answer(201, {}))
    with pytest.raises(errors.UnavailableError):
        graph.send("POST", "/x", {})
    assert len(service.calls("/v1.0/x")) == 1


def test_json_that_is_none_is_a_protocol_error(service, graph):
    """A success whose JSON cannot be read is reported and not passed on."""
    service.on("GET", "/v1.0/x", Answer(body="{broken", headers={"Content-Type": "application/json"}))
    with pytest.raises(errors.ProtocolError):
        graph.send("GET", "/x")


def test_expired_token_is_renewed_once(service, graph):
    """A 401 in mid-run gets another token, and the call is sent again with it."""
    service.on(
        "GET", "/v1.0/x", Answer(401, {"error": {"code": "InvalidAuthenticationToken"}}), Answer(body=SITE)
    )
    graph.send("GET", "/x")
    tokens = [one.headers["Authorization"] for one in service.calls("/v1.0/x")]
    assert tokens == ["Bearer canary-token-1", "Bearer canary-token-2"]


def test_eight_threads_renew_one_token(service, graph):
    """Threads that meet the same expired token together ask for one new token between them."""
    together = threading.Barrier(8)

    def answer(seen):
        if seen.headers["Authorization"] == "Bearer canary-token-1":
            together.wait(10)
            return Answer(401, {"error": {"code": "InvalidAuthenticationToken"}})
        return Answer(body=SITE)

    service.on("GET", "/v1.0/x", answer)
    threads = [threading.Thread(target=graph.send, args=("GET", "/x")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(service.calls("/v1.0/x")) == 16
    assert len(service.calls("/token")) == 2


def test_second_401_is_a_sign_in_error(service, graph):
    """A fresh token that is refused too ends the call."""
    service.on("GET", "/v1.0/x", Answer(401, {"error": {"code": "InvalidAuthenticationToken"}}))
    with pytest.raises(errors.SignInError):
        graph.send("GET", "/x")
    assert len(service.calls("/v1.0/x")) == 2


def test_claims_challenge_is_passed_on(service, graph):
    """What the service demands of the next token reaches the sign-in."""
    claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'
    coded = base64.b64encode(claims.encode()).decode()
    challenge = f'Bearer realm="", error="insufficient_claims", claims="{coded}"'
    service.on("GET", "/v1.0/x", Answer(401, {}, {"WWW-Authenticate": challenge}), Answer(body=SITE))
    graph.send("GET", "/x")
    asked = [
        one for one in service.calls("/token") if "claims=" in str(one.body) and "1604106651" in str(one.body)
    ]
    assert len(asked) == 1
    assert service.calls("/v1.0/x")[-1].headers["Authorization"] == "Bearer canary-token-2"


def test_401_that_means_429_is_waited_out(service, graph):
    """SharePoint's throttling in the guise of a 401 costs no token."""
    service.on(
        "GET", "/v1.0/x", Answer(401, "429 TOO MANY REQUESTS", {"Retry-After": "1"}), Answer(body=SITE)
    )
    graph.send("GET", "/x")
    assert len(service.calls("/token")) == 1


def test_refused_sign_in_names_only_microsofts_number(service, graph):
    """The error of a refused sign-in has the AADSTS number, a way on, and nothing of the text."""
    text = "AADSTS7000215: Invalid client secret for Elsie Harcourt. Trace ID: 1"
    service.on("POST", ".*/token", Answer(401, {"error": "invalid_client", "error_description": text}))
    with pytest.raises(errors.SignInError) as caught:
        graph.send("GET", "/x")
    assert "AADSTS7000215" in str(caught.value)
    assert "Elsie" not in str(caught.value)


def test_no_secret_is_told_anywhere(service, caplog, slept):
    """Token, secret, query and the service's text are in no error, repr or log record."""
    caplog.set_level(logging.DEBUG)
    secret = "canary-secret"
    body = {"error": {"code": "accessDenied", "message": "canary-text"}}
    service.on("GET", "/v1.0/.*", Answer(403, body))
    given = settings(service.url, client_secret=secret, client_id="app")
    told = []
    with Connection(given, provider(), sleep=slept.append) as connection:
        with pytest.raises(errors.ForbiddenError) as caught:
            connection.graph.send("GET", "/users/canary-name%40rosewood.example?$filter=canary-query")
        told += [
            str(caught.value),
            repr(caught.value),
            repr(connection),
            repr(connection.graph),
            repr(vars(caught.value)),
        ]
    own = [record.getMessage() for record in caplog.records if record.name.startswith("lists_sync")]
    assert "canary" not in " ".join(told + own)


def test_token_goes_to_no_other_host(service, graph):
    """A link that leads elsewhere is not followed, since our token would go with it."""
    elsewhere = "http://127.0.0.2:1/v1.0/x"
    service.on("GET", "/v1.0/x", Answer(body={"value": [], "@odata.nextLink": elsewhere}))
    with pytest.raises(errors.ProtocolError, match="leads away"):
        list(graph.pages("/x"))


def test_pages_follow_links_as_they_are(service, graph):
    """Every page is given once and the last one's delta link is kept."""
    first = Answer(body={"value": [{"id": "1"}], "@odata.nextLink": f"{service.url}/v1.0/y?$skiptoken=a%2Bb"})
    last = Answer(body={"value": [{"id": "2"}], "@odata.deltaLink": f"{service.url}/v1.0/x?token=t"})
    service.on("GET", "/v1.0/x", first)
    service.on("GET", "/v1.0/y", last)
    pages = list(graph.pages("/x"))
    assert [page.rows for page in pages] == [[{"id": "1"}], [{"id": "2"}]]
    assert [page.delta_link for page in pages] == ["", f"{service.url}/v1.0/x?token=t"]
    assert service.calls("/v1.0/y")[0].path.endswith("?$skiptoken=a%2Bb")


def test_prefer_header_is_repeated_on_every_page(service, graph):
    """A header given for a listing goes with each of its pages."""
    service.on("GET", "/v1.0/x", Answer(body={"value": [], "@odata.nextLink": f"{service.url}/v1.0/y"}))
    service.on("GET", "/v1.0/y", Answer(body={"value": []}))
    list(graph.pages("/x", {"Prefer": "something"}))
    assert [one.headers["Prefer"] for one in service.calls("/v1.0/[xy]")] == ["something", "something"]


def test_page_that_leads_to_itself_ends(service, graph):
    """A next link to the same page is refused instead of followed for ever."""
    service.on("GET", "/v1.0/x", Answer(body={"value": [], "@odata.nextLink": f"{service.url}/v1.0/x"}))
    with pytest.raises(errors.ProtocolError):
        list(graph.pages("/x"))


def test_gone_delta_link_asks_for_a_resync(service, graph):
    """A 410 becomes a ResyncError with the fresh address."""
    gone = Answer(410, {"error": {"code": "resyncChangesApplyDifferences"}}, {"Location": "http://h/fresh"})
    service.on("GET", "/v1.0/x", gone)
    with pytest.raises(errors.ResyncError) as caught:
        list(graph.pages("/x"))
    assert caught.value.location == "http://h/fresh"


def test_batch_sends_twenty_at_a_time(service, graph):
    """A thousand calls are fifty batches, each answered to its own call."""
    service.on("POST", r"/v1.0/\$batch", batch_answer(lambda part: {"status": 200, "body": part["body"]}))
    replies = graph.batch(_ops(1000))
    assert [reply.body["N"] for reply in replies] == list(range(1000))
    assert len(service.calls(r"\$batch")) == 50


def test_batch_parts_are_guarded_one_by_one(service, graph):
    """Each part carries its own If-Match, and a stale one is told for that item alone."""

    def give(part):
        stale = part["headers"]["If-Match"] == '"g,3"'
        return {"status": 412, "body": {"error": {"code": "resourceModified"}}} if stale else {"status": 204}

    service.on("POST", r"/v1.0/\$batch", batch_answer(give))
    assert [reply.status for reply in graph.batch(_ops(5))] == [204, 204, 204, 412, 204]


def test_throttled_parts_alone_are_sent_again(service, graph, slept):
    """Parts refused for their rate follow after the longest wait any of them asked for; the done are left."""
    waits = {"1": "2", "3": "11.5"}
    seen = set()

    def give(part):
        if part["id"] in waits and part["id"] not in seen:
            seen.add(part["id"])
            return {"status": 429, "headers": {"retry-AFTER": waits[part["id"]]}}
        return {"status": 204}

    service.on("POST", r"/v1.0/\$batch", batch_answer(give))
    assert [reply.status for reply in graph.batch(_ops(5))] == [204] * 5
    again = service.calls(r"\$batch")[1].body["requests"]
    assert [part["id"] for part in again] == ["1", "3"]
    assert slept == [11.5]


def test_part_throttled_for_ever_ends(service, graph):
    """A part that is refused again and again is given back with that answer."""
    service.on(
        "POST", r"/v1.0/\$batch", batch_answer(lambda part: {"status": 429, "headers": {"Retry-After": "1"}})
    )
    assert [reply.status for reply in graph.batch(_ops(2))] == [429, 429]
    assert len(service.calls(r"\$batch")) == 6


@pytest.mark.parametrize(
    "answer",
    [Answer(504), Answer(503), Answer(hang_up=True), Answer(body={"responses": []}, cut_after=4)],
    ids=["504", "503", "lost", "cut"],
)
def test_batch_without_an_answer_is_unknown(service, graph, answer):
    """Where writes were sent and no answer came, nobody knows, and they are not sent again."""
    service.on("POST", r"/v1.0/\$batch", answer)
    assert [reply.status for reply in graph.batch(_ops(3))] == [0, 0, 0]
    assert len(service.calls(r"\$batch")) == 1


def test_reading_batch_is_sent_again(service, graph):
    """A batch that only reads is repeated after a passing fault."""
    service.on("POST", r"/v1.0/\$batch", Answer(504), batch_answer(lambda part: {"status": 200, "body": {}}))
    assert [reply.status for reply in graph.batch([Op("GET", "/x")])] == [200]


def test_throttled_batch_is_sent_again(service, graph, slept):
    """A batch refused whole for its rate did nothing and follows later."""
    service.on("POST", r"/v1.0/\$batch", THROTTLED, batch_answer(lambda part: {"status": 204}))
    assert [reply.status for reply in graph.batch(_ops(2))] == [204, 204]
    assert slept == [7]


def test_batch_refused_whole_is_a_typed_error(service, graph):
    """A first batch that is refused did nothing, and says why."""
    service.on("POST", r"/v1.0/\$batch", Answer(403, {"error": {"code": "accessDenied"}}))
    with pytest.raises(errors.ForbiddenError):
        graph.batch(_ops(2))


def test_later_refusal_keeps_what_was_answered(service, graph):
    """A second batch that is refused does not lose the answers of the first."""
    refused = Answer(403, {"error": {"code": "accessDenied"}})
    service.on("POST", r"/v1.0/\$batch", batch_answer(lambda part: {"status": 204}), refused)
    assert [reply.status for reply in graph.batch(_ops(22))] == [204] * 20 + [403] * 2


def test_bare_parts_are_accepted(service, graph):
    """A part of the answer with neither headers nor body is an answer all the same."""
    service.on("POST", r"/v1.0/\$batch", Answer(body={"responses": [{"id": "0", "status": 204}]}))
    reply = graph.batch(_ops(1))[0]
    assert (reply.status, dict(reply.headers), reply.body) == (204, {}, None)


def test_one_throttled_thread_pauses_all(service, slept):
    """After one thread is asked to wait, the next call of another waits too."""
    with Connection(settings(service.url), provider(), sleep=slept.append) as connection:
        connection.pace._ticks = lambda: sum(slept)
        connection.pace.hold(3)
        service.on("GET", "/v1.0/x", Answer(body=SITE))
        other = threading.Thread(target=connection.graph.send, args=("GET", "/x"))
        other.start()
        other.join()
    assert slept == [3]
