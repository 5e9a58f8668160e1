"""The outermost layer: meets each request with the faults that stand, and notes it in the journal."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Any

import orjson

from lists_sync.emulator.graph.batch import spoil_parts
from lists_sync.emulator.wire import JSON_TYPE, fault_body, graph_headers, sharepoint_fault

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from lists_sync.emulator.state import State

CONTROL = "/_workspace/"
_API = ("/_api/", "/_vti_bin/")
_API_UNITS = 2
_GONE = 410


class Gate:
    """ASGI middleware around the whole workspace; the control prefix passes untouched."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app, self._state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode()
        path = scope["path"] + (f"?{query}" if query else "")
        fault = self._state.faults.answer_for(scope["method"], path) or {}
        if fault.get("delay_s"):
            await asyncio.sleep(float(fault["delay_s"]))
        rates = self._charged(scope)
        if rates is not None:
            fault = {"status": 429, "headers": rates}
        held = await self._met(fault, scope, receive)
        self._note(scope, path, held.status)
        await held.release(send, cut=fault.get("cut_after_bytes"))

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
        refuses = bool("status" in fault or fault.get("reset"))
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
        if fault.get("reset"):
            return held
        status, headers, body = fault_body(self._state, fault)
        error = body["error"]["innerError"]
        if any(part in scope["path"] for part in _API):
            accept = dict(scope["headers"]).get(b"accept", b"")
            body = sharepoint_fault(fault, verbose=b"odata=verbose" in accept)
        if status == _GONE:
            host = dict(scope["headers"]).get(b"host", b"").decode()
            headers.setdefault("Location", f"http://{host}{scope['path']}")
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

    async def release(self, send: Send, *, cut: int | None) -> None:
        """Send the answer, or reset the connection; `cut` ends it after so many bytes of the body."""
        if not self.status:
            _reset(send)
            return
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        if cut is None:
            await send({"type": "http.response.body", "body": self.body})
            return
        await send({"type": "http.response.body", "body": self.body[:cut], "more_body": True})
        _close(send)


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
