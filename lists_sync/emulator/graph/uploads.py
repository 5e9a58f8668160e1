"""Upload sessions over Graph, and the pre-authenticated addresses that take a file's ranges."""

from __future__ import annotations

import uuid
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from starlette.responses import Response
from starlette.routing import Route

from lists_sync.emulator.clock import iso
from lists_sync.emulator.errors import EmulatedError, invalid
from lists_sync.emulator.graph.drives import drive_id, drive_item_row, upload_place
from lists_sync.emulator.graph.render import metadata
from lists_sync.emulator.graph.request import Answer, Call
from lists_sync.emulator.uploads import BEHAVIOURS, UploadSession, accept
from lists_sync.emulator.wire import JSON_TYPE, error_body, graph_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from lists_sync.emulator.records import Item
    from lists_sync.emulator.state import State

_BEHAVIOUR = "@microsoft.graph.conflictBehavior"


def create_session(call: Call, parts: Mapping[str, str]) -> Answer:
    """POST createUploadSession: an address that takes the file's ranges without a sign-in."""
    found, path = upload_place(call, parts)
    asked = call.body.get("item") if isinstance(call.body, dict) else None
    behaviour = str((asked or {}).get(_BEHAVIOUR, "replace")) if isinstance(asked, dict | None) else ""
    if behaviour not in BEHAVIOURS:
        raise invalid("The conflict behaviour is none of replace, fail and rename.")
    state = call.state
    with state.lock:
        target(state, found.id, path, behaviour)
        session = state.uploads.start(
            list_id=found.id, path=path, behaviour=behaviour, caller=call.caller, now=state.clock.now()
        )
    address = f"{call.base.removesuffix('/v1.0')}/upload/{quote(PurePosixPath(path).name)}"
    body = {
        "@odata.context": metadata(call, "microsoft.graph.uploadSession"),
        **_shown(session),
        "uploadUrl": f"{address}?tempauth={session.word}",
    }
    return Answer(body=body)


def _shown(session: UploadSession) -> dict[str, Any]:
    return {"expirationDateTime": iso(session.expires_at), "nextExpectedRanges": session.expected}


def _standing(state: State, list_id: str, path: str) -> Item | None:
    try:
        return state.library_file(list_id, path)
    except EmulatedError:
        return None


def target(state: State, list_id: str, path: str, behaviour: str) -> str:
    """Give the path that a file goes to, whatever already stands at the one asked for.

    Raises:
        EmulatedError: something stands there and must not be replaced (409).
    """
    standing = _standing(state, list_id, path)
    if standing is None:
        return path
    if behaviour == "rename":
        asked, number = PurePosixPath(path), 1
        while _standing(state, list_id, renamed := _numbered(asked, number)) is not None:
            number += 1
        return renamed
    if behaviour == "fail" or (standing.file is not None and standing.file.is_folder):
        raise EmulatedError(409, "nameAlreadyExists", "The specified item name already exists.")
    return path


def _numbered(asked: PurePosixPath, number: int) -> str:
    return str(asked.with_name(f"{asked.stem} {number}{asked.suffix}"))


def take(call: Call, word: str) -> Answer:
    """Answer one request to a session's address.

    Raises:
        EmulatedError: it was signed in (401), the session is gone (404), the name is taken (409), or the
            range cannot be taken (400, 416).
    """
    if call.headers.get("authorization"):
        raise EmulatedError(401, "unauthenticated", "An upload address takes no Authorization header.")
    state = call.state
    with state.bulk():
        session = state.uploads.find(word, state.clock.now())
        if call.method == "DELETE":
            state.uploads.end(session)
            return Answer(204, units=1)
        return _take_range(call, session) if call.method == "PUT" else Answer(body=_shown(session), units=1)


def _take_range(call: Call, session: UploadSession) -> Answer:
    state, header = call.state, call.headers.get("content-range", "")
    if not accept(session, header, call.raw):
        total = int(header.rpartition("/")[2])
        state.uploads.extend(session, call.raw, total=total, now=state.clock.now())
        return Answer(202, _shown(session))
    # The last range is not kept where the file cannot be made, so that it may be sent again.
    path = target(state, session.list_id, session.path, session.behaviour)
    content = bytes(session.content) + call.raw
    item, made = state.put_file(session.list_id, path, content, actor=session.caller.actor)
    found = state.get_list(session.list_id)
    state.uploads.end(session)
    context = metadata(call, f"drives('{drive_id(found)}')/items/$entity")
    return Answer(201 if made else 200, {"@odata.context": context, **drive_item_row(call, found, item)})


async def _call(state: State, request: Request) -> Call:
    word = request.query_params.get("tempauth", "")
    with state.lock:
        session = state.uploads.find(word, state.clock.now())
    return Call(
        state=state,
        method=request.method,
        path=request.url.path,
        query={},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=None,
        caller=session.caller,
        base=f"{request.url.scheme}://{request.headers.get('host', '')}/v1.0",
        raw=await request.body(),
    )


def routes(state: State) -> list[Route]:
    """Give the route of the addresses that take ranges."""

    async def upload(request: Request) -> Response:
        request_id = str(uuid.uuid4())
        try:
            answer = take(await _call(state, request), request.query_params.get("tempauth", ""))
        except EmulatedError as refusal:
            answer = Answer(refusal.status, error_body(state, refusal, request_id, ""))
        request.scope["state_units"] = answer.units
        headers = graph_headers(request_id, request_id)
        if answer.body is None:
            return Response(status_code=answer.status, headers=headers)
        return Response(orjson.dumps(answer.body), answer.status, headers, media_type=JSON_TYPE)

    return [Route("/upload/{name}", upload, methods=["GET", "PUT", "DELETE"])]
