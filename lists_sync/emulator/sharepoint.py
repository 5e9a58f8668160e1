"""SharePoint REST: routes, sign-in, the dialects of an answer, and batches."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.responses import Response
from starlette.routing import Route

from lists_sync.emulator import (
    sharepoint_changes,
    sharepoint_csom,
    sharepoint_fields,
    sharepoint_forms,
    sharepoint_items,
    sharepoint_lists,
    sharepoint_query,
    sharepoint_versions,
    sharepoint_views,
    sharepoint_web,
    sharepoint_writes,
)
from lists_sync.emulator.auth import caller, check_grant
from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.sharepoint_atom import ATOM, atom
from lists_sync.emulator.sharepoint_batch import Part, PartAnswer, read_parts, write_answers
from lists_sync.emulator.sharepoint_path import parse
from lists_sync.emulator.sharepoint_table import find
from lists_sync.emulator.sharepoint_wire import (
    ARGUMENT,
    INVALID_QUERY,
    Call,
    content_type,
    dialect,
    error_body,
    refused,
    render,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from lists_sync.emulator.records import Actor, Site
    from lists_sync.emulator.state import State

# Importing a handler module fills the table; naming them keeps that visible.
HANDLERS = (
    sharepoint_changes,
    sharepoint_fields,
    sharepoint_forms,
    sharepoint_items,
    sharepoint_lists,
    sharepoint_query,
    sharepoint_versions,
    sharepoint_views,
    sharepoint_web,
    sharepoint_writes,
)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "MERGE"]
_ITEM_WRITES = ("items", "addvalidateupdateitem", "addvalidateupdateitemusingpath", "getchanges")


def routes(state: State) -> list[Route]:
    """The routes of SharePoint REST for every site of the workspace."""

    async def endpoint(request: Request) -> Response:
        return await _answer(state, request)

    api = Route("/sites/{site}/_api/{rest:path}", endpoint, methods=_METHODS)
    return [api, *sharepoint_csom.routes(state)]


async def _answer(state: State, request: Request) -> Response:
    tongue = dialect(request.headers.get("accept", ""))
    try:
        actor = caller(state, request.headers.get("authorization", ""), audience="sharepoint").actor
        site = state.site_by_path(f"/sites/{request.path_params['site']}")
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.body()
        rest = request.path_params["rest"]
        if rest.lower() == "$batch":
            return await _batch(state, request, site, actor, body.decode())
        part = Part(request.method, str(request.url), headers, body.decode())
        answered = await _one(state, site, actor, part)
    except EmulatedError as problem:
        answered = _refusal(problem, tongue)
    except UnicodeDecodeError:
        answered = _refusal(refused(400, -1, ARGUMENT, "The body is not UTF-8 text."), tongue)
    return Response(answered.body, answered.status, headers={**answered.headers, **_marks()})


async def _batch(state: State, request: Request, site: Site, actor: Actor, body: str) -> Response:
    if request.method != "POST":
        raise refused(405, -1, ARGUMENT, "A batch must be posted.")
    answers, noted = [], []
    limit = state.switches["sharepoint_batch_limit"]
    parts = list(read_parts(request.headers.get("content-type", ""), body))
    if len(parts) > limit:
        raise refused(400, -1, INVALID_QUERY, f"The batch holds more than {limit} operations.")
    for place, part in enumerate(parts):
        address = urlsplit(part.url)
        if not address.scheme or not unquote(address.path).casefold().startswith(
            f"{site.path}/_api/".casefold()
        ):
            problem = refused(
                400, -2147024809, ARGUMENT, "Each URL of a batch must be absolute and of this site."
            )
            answered = _refusal(problem, dialect(part.headers.get("accept", "")))
        else:
            answered = await _one(state, site, actor, part)
        answers.append(answered)
        method = part.headers.get("x-http-method", part.method)
        noted.append({"id": str(place), "method": method, "path": address.path, "status": answered.status})
    request.scope["batch_parts"] = noted
    request.scope["state_units"] = 2 * len(noted)
    kind, content = write_answers(answers)
    return Response(content, headers={"Content-Type": kind, **_marks()})


async def _one(state: State, site: Site, actor: Actor, part: Part) -> PartAnswer:
    tongue = dialect(part.headers.get("accept", ""))
    try:
        call = _call(state, site, actor, part)
        check_grant(state, site, _role(call))
        answer = find(call)(state, call) if not _is_schema(call) else await _serialised(state, call)
    except EmulatedError as problem:
        return _refusal(problem, tongue)
    if tongue == "atom":
        return PartAnswer(answer.status, {"Content-Type": ATOM, **answer.headers}, atom(answer, call.api_url))
    body = render(answer, tongue, call.api_url)
    return PartAnswer(answer.status, {"Content-Type": content_type(tongue), **answer.headers}, body)


async def _serialised(state: State, call: Call) -> Any:
    handler = find(call)
    step = call.resource.step("lists")
    known = sharepoint_lists.the_list(state, call).id if step.key is not None else ""
    with state.schema_write(known) if known else nullcontext():
        await asyncio.sleep(float(state.switches["schema_write_s"]))
        return handler(state, call)


def _call(state: State, site: Site, actor: Actor, part: Part) -> Call:
    address = urlsplit(part.url)
    query = dict(parse_qsl(address.query, keep_blank_values=True))
    path = unquote(address.path)
    rest = path[path.casefold().index("/_api/") + len("/_api/") :]
    tunnelled = part.headers.get("x-http-method", "") if part.method == "POST" else ""
    method = (tunnelled or part.method).upper()
    return Call(
        method={"PATCH": "MERGE", "PUT": "MERGE"}.get(method, method),
        resource=parse(rest, query),
        query=query,
        headers=part.headers,
        body=_read_body(part),
        site=site,
        api_url=f"{state.site_url(site)}/_api",
        actor=actor,
    )


def _read_body(part: Part) -> Mapping[str, Any]:
    if not part.body.strip() or part.method == "GET":
        return {}
    try:
        document = json.loads(part.body)
    except ValueError as problem:
        raise refused(400, -1, INVALID_QUERY, "Invalid JSON. The body could not be read.") from problem
    if not isinstance(document, dict):
        raise refused(400, -1, INVALID_QUERY, "Invalid JSON. An object was expected.")
    if "__metadata" in document and "odata=verbose" not in part.headers.get("content-type", "").replace(
        " ", ""
    ):
        message = "The property '__metadata' does not exist on type 'SP.Data.ListItem'. "
        told = message + "Make sure to only use property names that are defined by the type."
        raise refused(400, -1, INVALID_QUERY, told)
    plain: dict[str, Any] = _plain(document)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        inner = {name: _plain(part) for name, part in value.items() if name != "__metadata"}
        return inner["results"] if set(inner) == {"results"} else inner
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _is_schema(call: Call) -> bool:
    shape = call.resource.shape
    return call.method != "GET" and (
        shape in {"web/lists", "web/lists/add", "web/lists()"}
        or shape.startswith(("web/lists()/fields", "web/lists()/views"))
    )


def _role(call: Call) -> str:
    if call.method == "GET" or call.resource.shape in {"contextinfo", "web/lists()/getchanges"}:
        return "read"
    return "manage" if _is_schema(call) else "write"


def _refusal(problem: EmulatedError, tongue: str) -> PartAnswer:
    text, body = getattr(problem, "text", ""), getattr(problem, "body", None)
    if text:
        return PartAnswer(
            problem.sp_status, {"Content-Type": "text/plain; charset=utf-8", **problem.headers}, text.encode()
        )
    content = json.dumps(body).encode() if body else error_body(problem, tongue)
    return PartAnswer(problem.sp_status, {"Content-Type": content_type(tongue), **problem.headers}, content)


def _marks() -> dict[str, str]:
    mark = str(uuid.uuid4())
    return {
        "SPRequestGuid": mark,
        "request-id": mark,
        "SPClientServiceRequestDuration": "12",
        "X-SharePointHealthScore": "1",
        "X-SP-SERVERSTATE": "ReadOnly=0",
        "MicrosoftSharePointTeamServices": "16.0.0.26600",
    }
