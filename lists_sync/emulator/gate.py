"""The outermost layer: meets each request with the faults that stand, and notes it in the journal."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import orjson

from lists_sync.emulator.graph.batch import spoil_parts
from lists_sync.emulator.load import LoadError, load
from lists_sync.emulator.wire import JSON_TYPE, fault_body, graph_headers, sharepoint_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from lists_sync.emulator.state import State

CONTROL = "/_workspace/"
_API = ("/_api/", "/_vti_bin/")
_API_UNITS = 2
_GONE = 410
_PIECES = 10


class Gate:
    """ASGI middleware around the whole workspace; the control prefix passes untouched."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app, self._state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith(CONTROL):
            held = Held()
            await self._app(scope, receive, held)
            await held.release(send, {}, date=self._date())
            return
        query = scope["query_string"].decode()
        path = scope["path"] + (f"?{query}" if query else "")
        fault = self._state.faults.answer_for(scope["method"], path) or {}
        if fault.get("delay_s"):
            await asyncio.sleep(float(fault["delay_s"]))
        rates = self._charged(scope)
        if rates is not None:
            fault = {"status": 429, "headers": rates}
        try:
            if fault.get("edit"):
                load(self._state, fault["edit"])
            held = await self._met(fault, scope, receive)
        except LoadError as problem:
            fault = {"status": 500, "message": f"The edit of a fault cannot be made: {problem}"}
            held = self._refusal(fault, scope)
        self._note(scope, path, held.status)
        await held.release(send, fault, date=self._date())

    def _date(self) -> str:
        return formatdate(time.time() + int(self._state.switches["clock_skew_s"]), usegmt=True)

    def _note(self, scope: Scope, path: str, status: int) -> None:
        """Note the request before its answer leaves, so that whoever has the answer finds the entry."""
        names = ("id", "method", "path", "status")
        parts = [{name: part[name] for name in names} for part in scope.get("batch_parts", [])]
        self._state.journal.add(
            at=self._state.clock.iso(),
            method=scope["method"],
            path=path,
            status=status,
            units=int(scope.get("state_units", 0)),
            batch=parts,
        )

    def _charged(self, scope: Scope) -> dict[str, str] | None:
        """Charge a call of SharePoint REST; Graph sees to its own. Headers where it is refused."""
        if not any(part in scope["path"] for part in _API):
            return None
        scope["state_units"] = _API_UNITS
        going, headers = self._state.meter.charge(0)
        self._state.meter.charge(_API_UNITS)
        return None if going else headers

    async def _met(self, fault: dict[str, Any], scope: Scope, receive: Receive) -> Held:
        refuses = "status" in fault or bool(fault.get("reset") and "cut_after_bytes" not in fault)
        held = Held()
        if not refuses or fault.get("before_or_after", "before") == "after":
            await self._app(scope, receive, held)
        if refuses:
            return self._refusal(fault, scope)
        if fault.get("inner"):
            held.alter(self._state, fault["inner"])
        for name, value in (fault.get("headers") or {}).items():
            held.headers.append((str(name).lower().encode(), str(value).encode()))
        return held

    def _refusal(self, fault: dict[str, Any], scope: Scope) -> Held:
        held = Held()
        if "status" not in fault:
            return held
        status, headers, body = fault_body(self._state, fault)
        error = body["error"]["innerError"]
        if any(part in scope["path"] for part in _API):
            accept = dict(scope["headers"]).get(b"accept", b"")
            body = sharepoint_fault(fault, verbose=b"odata=verbose" in accept)
        if status == _GONE:
            headers.setdefault("Location", _afresh(scope))
        if status == 401:  # noqa: PLR2004 - its own header
            headers.setdefault("WWW-Authenticate", 'Bearer realm=""')
        raw = orjson.dumps(body)
        sent = {**graph_headers(error["request-id"], error["client-request-id"]), **headers}
        sent |= {"Content-Type": JSON_TYPE, "Content-Length": str(len(raw))}
        held.status, held.body = status, raw
        held.headers = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
        return held


class Held:
    """An answer kept back until the request is noted; status 0 stands for a reset connection."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def __call__(self, message: Message) -> None:
        """Take a message of the answer."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")

    def alter(self, state: State, inner: dict[str, Any]) -> None:
        """Put a batch's inner faults into the answer."""
        body = orjson.loads(self.body)
        if isinstance(body.get("responses"), list):
            spoil_parts(state, body, inner)
            self.body = orjson.dumps(body)
            self.headers = [line for line in self.headers if line[0] != b"content-length"]
            self.headers.append((b"content-length", str(len(self.body)).encode()))

    async def release(self, send: Send, fault: Mapping[str, Any], *, date: str) -> None:
        """Send the answer as the fault says: all at once, slowly, cut off; or reset the connection."""
        if not self.status:
            _reset(send)
            return
        named = {name for name, _ in self.headers}
        dated = [] if b"date" in named else [(b"date", date.encode())]
        headers = [*dated, *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        cut, pause_s = fault.get("cut_after_bytes"), float(fault.get("body_s") or 0) / _PIECES
        body = self.body if cut is None else self.body[: int(cut)]
        size = -(-len(body) // _PIECES) if pause_s else len(body)
        for start in range(0, len(body), max(1, size)):
            await asyncio.sleep(pause_s)
            piece = body[start : start + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if cut is None:
            await send({"type": "http.response.body", "body": b""})
        elif fault.get("reset"):
            _reset(send)
        else:
            _close(send)


def _afresh(scope: Scope) -> str:
    """Give the address of a call without what it knew: where a delta begins anew."""
    host = dict(scope["headers"]).get(b"host", b"").decode()
    asked = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
    kept = [(name, value) for name, value in asked if name not in ("token", "$skiptoken")]
    query = f"?{urlencode(kept, safe='$(),=')}" if kept else ""
    return f"http://{host}{scope['path']}{query}"


def _transport(send: Send) -> Any:
    return getattr(getattr(send, "__self__", None), "transport", None)


def _close(send: Send) -> None:
    transport = _transport(send)
    if transport is not None:
        transport.close()


def _reset(send: Send) -> None:
    transport = _transport(send)
    if transport is None:
        return
    line = transport.get_extra_info("socket")
    if line is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
