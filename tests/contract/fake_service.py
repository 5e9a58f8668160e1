"""A tiny service on real sockets: scripted answers in, requests seen out."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

from lists_sync.definitions import Provider, Settings
from lists_sync.worktime import Calendar

HOST = "rosewood.sharepoint.com"


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    hang_up: bool = False


Rule = Callable[[Seen], Answer]


class FakeService:
    """Rules are tried newest first; a rule of several answers gives its last one for ever."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.connections = 0
        self.url = ""
        self._rules: list[tuple[str, re.Pattern[str], Rule]] = []
        self._lock = threading.Lock()
        self._tokens = 0
        self.on("GET", r"/rosewood/v2\.0/\.well-known/openid-configuration", self._openid)
        self.on("POST", r"/rosewood/oauth2/v2\.0/token", self._token)

    def on(self, method: str, path: str, *answers: Answer | Rule) -> None:
        rest = list(answers)

        def rule(seen: Seen) -> Answer:
            with self._lock:
                answer = rest.pop(0) if len(rest) > 1 else rest[0]
            return answer if isinstance(answer, Answer) else answer(seen)

        self._rules.insert(0, (method, re.compile(path), rule))

    def calls(self, path: str = "", method: str = "") -> list[Seen]:
        return [one for one in self.seen if re.search(path, one.path) and method in ("", one.method)]

    def answer(self, seen: Seen) -> Answer:
        with self._lock:
            self.seen.append(seen)
        bare = seen.path.partition("?")[0]
        for method, path, rule in self._rules:
            if method == seen.method and path.fullmatch(bare):
                return rule(seen)
        return Answer(404, {"error": {"code": "itemNotFound", "message": "scripted nothing for this"}})

    def _openid(self, seen: Seen) -> Answer:
        base = "https://login.emulator.example/rosewood"
        return Answer(
            body={
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
            }
        )

    def _token(self, seen: Seen) -> Answer:
        with self._lock:
            self._tokens += 1
            number = self._tokens
        return Answer(
            body={"token_type": "Bearer", "expires_in": 3599, "access_token": f"canary-token-{number}"}
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service: FakeService

    def setup(self) -> None:
        super().setup()
        self.service.connections += 1

    def log_message(self, *args: Any) -> None:
        del args

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw.decode("utf-8", "replace")
        answer = self.service.answer(Seen(self.command, self.path, dict(self.headers), body))
        if answer.hang_up:
            self.close_connection = True
            return
        self._send(answer)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names http.server asks for

    def _send(self, answer: Answer) -> None:
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        content = b"" if answer.body is None else text.encode()
        kind = "text/plain" if isinstance(answer.body, str) else "application/json"
        self.send_response(answer.status)
        for name, value in {"Content-Type": kind, **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: answer.cut_after])
        if answer.cut_after is not None:
            self.wfile.flush()
            self.close_connection = True


@contextmanager
def running() -> Iterator[FakeService]:
    """Serve until the block ends; yields the service with its address."""
    service = FakeService()
    handler = type("Handler", (_Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def settings(url: str = "", **given: Any) -> Settings:
    """Settings that point everything at this service."""
    return Settings(emulator_url=url, **given)


def provider(**given: Any) -> Provider:
    """A provider with one store."""
    usual = {
        "name": "Rosewood Care",
        "user_agent": "Rosewood Care",
        "hostname": HOST,
        "time_zone": "Europe/London",
        "stores": {"governance": "/sites/governance"},
        "calendar": Calendar(ZoneInfo("Europe/London")),
        "challenge_days": (),
        "shift_end": time(20),
        "roles": {},
    }
    return Provider(**{**usual, **given})


def batch_answer(give: Callable[[dict[str, Any]], dict[str, Any]]) -> Rule:
    """A rule for $batch that answers each part by itself, in reversed order."""

    def rule(seen: Seen) -> Answer:
        parts = [{"id": part["id"], **give(part)} for part in seen.body["requests"]]
        return Answer(body={"responses": parts[::-1]})

    return rule
