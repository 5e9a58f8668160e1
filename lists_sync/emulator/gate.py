"""The outermost layer: meets each request with the faults that stand, and notes it in the journal."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Any

import orjson

from lists_sync.emulator.graph.batch import spoil_parts
from lists_sync.emulator.wire import JSON_TYPE, fault_body, graph_headers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from lists_sync.emulator.state import State

CONTROL = "/_workspace/"
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
        status = await self._met(fault, scope, receive, send)
        parts = [
            {name: part[name] for name in ("id", "method", "path", "status")}
            for part in scope.get("batch_parts", [])
        ]
        self._state.journal.add(
            at=self._state.clock.iso(),
            method=scope["method"],
            path=path,
            status=status,
            units=int(scope.get("state_units", 0)),
            batch=parts,
        )

    async def _met(self, fault: dict[str, Any], scope: Scope, receive: Receive, send: Send) -> int:
        refuses = "status" in fault or fault.get("reset")
        if refuses and fault.get("before_or_after", "before") == "before":
            return await self._refused(fault, scope, send)
        held = Held()
        if not fault or set(fault) == {"delay_s"}:
            await self._app(scope, receive, held.through(send))
            return held.status
        await self._app(scope, receive, held)
        if refuses:
            return await self._refused(fault, scope, send)
        if fault.get("inner"):
            held.alter(self._state, fault["inner"])
        if fault.get("headers"):
            held.headers += [(str(n).lower().encode(), str(v).encode()) for n, v in fault["headers"].items()]
        await held.release(send, cut=fault.get("cut_after_bytes"))
        return held.status

    async def _refused(self, fault: dict[str, Any], scope: Scope, send: Send) -> int:
        if fault.get("reset"):
            _reset(send)
            return 0
        status, headers, body = fault_body(self._state, fault)
        if status == _GONE:
            host = dict(scope["headers"]).get(b"host", b"").decode()
            headers.setdefault("Location", f"http://{host}{scope['path']}")
        if status == 401:  # noqa: PLR2004 - its own header
            headers.setdefault("WWW-Authenticate", 'Bearer realm=""')
        raw = orjson.dumps(body)
        error = body["error"]["innerError"]
        sent = {**graph_headers(error["request-id"], error["client-request-id"]), **headers}
        sent |= {"Content-Type": JSON_TYPE, "Content-Length": str(len(raw))}
        lines = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": raw})
        return status


class Held:
    """Keeps back an answer, or lets it pass and remembers its status."""

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

    def through(self, send: Send) -> Send:
        """Give a `send` that passes everything on."""

        async def passing(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            await send(message)

        return passing

    def alter(self, state: State, inner: dict[str, Any]) -> None:
        """Put a batch's inner faults into the answer."""
        body = orjson.loads(self.body)
        if isinstance(body.get("responses"), list):
            spoil_parts(state, body, inner)
            self.body = orjson.dumps(body)
            self.headers = [line for line in self.headers if line[0] != b"content-length"]
            self.headers.append((b"content-length", str(len(self.body)).encode()))

    async def release(self, send: Send, *, cut: int | None) -> None:
        """Send the answer; `cut` ends the connection after so many bytes of its body."""
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
