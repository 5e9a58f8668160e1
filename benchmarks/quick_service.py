"""A service that answers at once, in a process of its own, so that a benchmark times the client alone."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import orjson

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
COLUMNS = 25


@cache
def page(number: int, rows: int, pages: int, base: str) -> bytes:
    """One page of a delta reading, rendered once."""
    first = number * rows
    value = [_row(first + place) for place in range(rows)]
    link = f"{base}/v1.0/items/delta?page={number + 1}&rows={rows}&pages={pages}"
    name = "@odata.nextLink" if number + 1 < pages else "@odata.deltaLink"
    return orjson.dumps({"@odata.context": "x", "value": value, name: link})


def _row(number: int) -> dict[str, object]:
    etag = f'"3af9b42f-0000-4000-8000-{number:012d},1"'
    fields: dict[str, object] = {f"Column{place}": f"value {number} of {place}" for place in range(COLUMNS)}
    return {
        "@odata.etag": etag,
        "eTag": etag,
        "id": str(number),
        "lastModifiedDateTime": "2026-11-24T08:15:00Z",
        "contentType": {"id": "0x0100AB", "name": "Item"},
        "fields": {"@odata.etag": etag, **fields},
    }


class Quick(asyncio.Protocol):
    """Enough of HTTP/1.1 for clients that wait for each answer."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, rest = self._got.partition(b"\r\n\r\n")
        if not end:
            return
        found = LENGTH.search(head)
        length = int(found.group(1)) if found else 0
        if len(rest) < length:
            return
        self._got = rest[length:]
        body = self._answer(head.split(b" ", 2)[1].decode(), rest[:length])
        start = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(start + body)  # type: ignore[attr-defined]

    def _answer(self, path: str, body: bytes) -> bytes:
        if path.startswith("/v1.0/$batch"):
            parts = orjson.loads(body)["requests"]
            done = [{"id": part["id"], "status": 200, "headers": {}, "body": {"id": "1"}} for part in parts]
            return orjson.dumps({"responses": done[::-1]})
        if "/items/delta" in path:
            asked = dict(pair.split("=") for pair in path.partition("?")[2].split("&"))
            return page(int(asked["page"]), int(asked["rows"]), int(asked["pages"]), self._base)
        return b'{"id":"1"}'


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    base = [""]
    server = await loop.create_server(lambda: Quick(base[0]), "127.0.0.1", 0)
    base[0] = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(base[0], flush=True)
    await server.serve_forever()


@contextmanager
def serving() -> Iterator[str]:
    """Give the address of a service that runs until the block ends."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(_serve())
