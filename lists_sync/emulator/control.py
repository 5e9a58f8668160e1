"""The control prefix: seed, items, clock, reset, faults, journal and units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response
from starlette.routing import Route

from lists_sync.emulator.clock import parse
from lists_sync.emulator.load import LoadError, load
from lists_sync.emulator.read_items import read_items
from lists_sync.emulator.switches import check

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from lists_sync.emulator.state import State


def _json(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


def set_faults(state: State, content: Any) -> None:
    """Take faults and switches as the faults file tells them.

    Raises:
        ValueError: they are not of that form; the sentence names the place.
    """
    if not isinstance(content, dict) or set(content) - {"faults", "switches"}:
        raise ValueError("Give an object with faults and switches.")
    faults, switches = content.get("faults") or [], content.get("switches") or {}
    if not isinstance(faults, list) or not isinstance(switches, dict):
        raise ValueError("faults must be a list, and switches a table.")  # noqa: TRY004 - told as one kind
    check(switches)
    if "faults" in content:
        state.faults.set(faults)
    state.switch(**switches)


async def _body(request: Request) -> Any:
    raw = await request.body()
    try:
        return orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError as problem:
        raise ValueError(f"The body is no JSON: {problem}") from problem


def _guarded(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except LoadError as problem:
            return _json({"error": "The document was not loaded.", "problems": problem.problems}, 400)
        except (ValueError, KeyError, TypeError) as problem:
            return _json({"error": str(problem), "problems": [str(problem)]}, 400)

    return guarded


def _items(state: State) -> Callable[[Request], Awaitable[Response]]:
    async def items(request: Request) -> Response:
        return _json({"items": read_items(state, request.path_params["key"])})

    return items


def routes(state: State) -> list[Route]:
    """Give the routes of the control prefix."""

    async def post_load(request: Request) -> Response:
        load(state, await _body(request))
        return _json({"loaded": True})

    async def clock(request: Request) -> Response:
        if request.method == "POST":
            content = await _body(request)
            state.clock.set(parse(content["now"]), frozen=bool(content.get("frozen", False)))
        return _json({"now": state.clock.iso()})

    async def reset(_request: Request) -> Response:
        state.reset()
        return _json({"reset": True})

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            state.faults.clear()
        else:
            set_faults(state, await _body(request))
        return _json({"faults": len(state.faults.faults), "switches": state.switches})

    async def journal(request: Request) -> Response:
        if request.method == "DELETE":
            state.journal.clear()
        return _json({"requests": state.journal.requests})

    async def units(_request: Request) -> Response:
        return _json({"units": state.journal.units})

    table = (
        ("load", post_load, ["POST"]),
        ("items/{key}", _items(state), ["GET"]),
        ("clock", clock, ["GET", "POST"]),
        ("reset", reset, ["POST"]),
        ("faults", faults, ["POST", "DELETE"]),
        ("journal", journal, ["GET", "DELETE"]),
        ("units", units, ["GET"]),
    )
    return [
        Route(f"/_workspace/{name}", _guarded(handler), methods=methods) for name, handler, methods in table
    ]
