"""The multipart body of SharePoint's `$batch`: read into parts, and the answers written back."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from lists_sync.emulator.sharepoint_wire import ARGUMENT, refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BATCH_LIMIT_COUNT = 100
_REQUEST = re.compile(r"([A-Z]+)\s+(\S+)(?:\s+HTTP/\d\.\d)?\s*", re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary="?([^";\s]+)"?', re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """One request of a batch; header names are lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class PartAnswer:
    """One answer of a batch, in the place of its request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_parts(content_type: str, body: str) -> list[Part]:
    """The requests of a batch in order, change sets opened.

    Raises:
        EmulatedError: 400 where the body is no batch or holds too many requests.
    """
    parts = list(_parts(content_type, body.replace("\r\n", "\n")))
    if not parts:
        raise refused(400, -2147024809, ARGUMENT, "The batch request holds no requests.")
    if len(parts) > BATCH_LIMIT_COUNT:
        raise refused(400, -1, ARGUMENT, f"The batch request holds more than {BATCH_LIMIT_COUNT} requests.")
    return parts


def write_answers(answers: Iterable[PartAnswer]) -> tuple[str, bytes]:
    """The content type and body that carry the answers, in the order given."""
    boundary = f"batchresponse_{uuid.uuid4()}"
    pieces: list[bytes] = []
    for answer in answers:
        head = [
            f"--{boundary}",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            "",
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
            *(f"{name.upper()}: {value}" for name, value in answer.headers.items()),
        ]
        pieces.append("\r\n".join(head).encode() + b"\r\n\r\n" + answer.body + b"\r\n")
    return f"multipart/mixed; boundary={boundary}", b"".join(pieces) + f"--{boundary}--\r\n".encode()


def _parts(content_type: str, body: str) -> Iterable[Part]:
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise refused(400, -2147024809, ARGUMENT, "The content type of a batch request must name a boundary.")
    for piece in re.split(rf"^--{re.escape(found[1])}(?:--)?[ \t]*$", body, flags=re.MULTILINE)[1:]:
        headers, inner = _headers(piece.lstrip("\n"))
        kind = headers.get("content-type", "")
        if kind.lower().startswith("multipart/"):
            yield from _parts(kind, inner)
        elif kind:
            yield _part(inner)


def _part(text: str) -> Part:
    line, _, rest = text.lstrip("\n").partition("\n")
    found = _REQUEST.fullmatch(line)
    if found is None:
        raise refused(400, -2147024809, ARGUMENT, "A part of the batch request has no request line.")
    headers, body = _headers(rest)
    return Part(found[1].upper(), found[2], headers, body.strip())


def _headers(text: str) -> tuple[dict[str, str], str]:
    head, _, body = text.partition("\n\n") if not text.startswith("\n") else ("", "", text[1:])
    pairs = (line.split(":", 1) for line in head.split("\n") if ":" in line)
    return {name.strip().lower(): value.strip() for name, value in pairs}, body
