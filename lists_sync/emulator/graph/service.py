"""Graph as it stands on the wire: headers, error bodies, units, single calls and batches."""

from __future__ import annotations

import asyncio
import re
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import orjson
from starlette.responses import Response
from starlette.routing import Route

from lists_sync.emulator.auth import caller
from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.graph import uploads
from lists_sync.emulator.graph.batch import run_batch
from lists_sync.emulator.graph.drives import download
from lists_sync.emulator.graph.places import place
from lists_sync.emulator.graph.request import Answer, Call, query_of
from lists_sync.emulator.graph.routes import dispatch, plain_path
from lists_sync.emulator.wire import JSON_TYPE, error_body, graph_headers

if TYPE_CHECKING:
    from starlette.requests import Request

    from lists_sync.emulator.auth import Caller
    from lists_sync.emulator.state import State

_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
_COLUMNS = re.compile(r"/sites/(?P<site>[^/]+)/lists/(?P<list>[^/]+)/columns(/|$)")


def answered(call: Call) -> Answer:
    """Answer a call, a refusal as its error body."""
    try:
        return dispatch(call)
    except EmulatedError as refusal:
        request_id = str(uuid.uuid4())
        body = error_body(call.state, refusal, request_id, call.headers.get("client-request-id", ""))
        return Answer(refusal.status, body, dict(refusal.headers))


def _parsed(raw: bytes, headers: Any) -> Any:
    if not raw or "json" not in headers.get("content-type", ""):
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


async def _call(state: State, request: Request, who: Caller) -> Call:
    raw = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(
        state=state,
        method=request.method,
        path=unquote(str(request.scope["path"]).removeprefix("/v1.0")),
        query=query_of(request.scope["query_string"].decode()),
        headers=headers,
        body=_parsed(raw, headers),
        caller=who,
        base=f"{request.url.scheme}://{request.headers.get('host', '')}/v1.0",
        raw=raw,
    )


def _response(request: Request, answer: Answer) -> Response:
    request_id = str(uuid.uuid4())
    sent = request.headers.get("client-request-id", request_id)
    headers = {**graph_headers(request_id, sent), **answer.headers}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    if isinstance(error, dict) and "innerError" in error:
        error["innerError"] |= {"request-id": request_id, "client-request-id": sent}
    body = answer.body if isinstance(answer.body, bytes) else orjson.dumps(answer.body)
    return Response(body, answer.status, headers, media_type=JSON_TYPE)


def _throttled(state: State) -> Answer:
    refusal = EmulatedError(
        429, "activityLimitReached", "The request has been throttled", inner="throttledRequest"
    )
    return Answer(429, error_body(state, refusal, "", ""))


async def _graph(state: State, request: Request) -> Response:
    try:
        who = caller(state, request.headers.get("authorization", ""))
    except EmulatedError as refusal:
        answer = Answer(refusal.status, error_body(state, refusal, "", ""), dict(refusal.headers))
        return _response(request, answer)
    call = await _call(state, request, who)
    if call.path == "/$batch":
        answer, parts = await run_batch(call, one=_charged)
        request.scope["batch_parts"] = parts
        request.scope["state_units"] = sum(part["units"] for part in parts)
        return _response(request, answer)
    answer = await _charged(call)
    request.scope["state_units"] = answer.units
    return _response(request, answer)


async def _charged(call: Call) -> Answer:
    """Answer a call against the meter: over the limit it is refused, and counts all the same."""
    going, _ = call.state.meter.charge(0)
    if not going:
        answer = _throttled(call.state)
    else:
        answer = await _in_turn(call)
    _, rates = call.state.meter.charge(answer.units)
    answer.headers |= {name: value for name, value in rates.items() if not going or name != "Retry-After"}
    return answer


async def _in_turn(call: Call) -> Answer:
    """Keep two schema writes of one list apart: the second is refused while the first runs."""
    if call.method == "GET" or "/columns" not in call.path:
        return answered(call)
    try:
        match = _COLUMNS.match(plain_path(call))
        if match is None:
            return answered(call)
        _, found = place(call, match.groupdict())
        with call.state.schema_write(found.id):
            await asyncio.sleep(float(call.state.switches["schema_write_s"]))
            return answered(call)
    except EmulatedError as refusal:
        return Answer(refusal.status, error_body(call.state, refusal, "", ""))


def routes(state: State) -> list[Route]:
    """Give the routes of Graph and of its pre-authenticated downloads."""

    async def graph(request: Request) -> Response:
        return await _graph(state, request)

    async def content(request: Request) -> Response:
        try:
            body = download(state, request.query_params.get("tempauth", ""))
        except EmulatedError as refusal:
            return Response(
                orjson.dumps(error_body(state, refusal, "", "")), refusal.status, media_type=JSON_TYPE
            )
        request.scope["state_units"] = 1
        return Response(body, media_type="application/octet-stream")

    return [
        Route("/v1.0/{rest:path}", graph, methods=_METHODS),
        Route("/download/{name}", content),
        *uploads.routes(state),
    ]
