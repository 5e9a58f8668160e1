"""Pack calls into batches and unpack their answers; nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lists_sync.connect.answers import UNKNOWN, Op, Reply
from lists_sync.connect.retry import BUSY, THROTTLED

__all__ = ["PARTS", "Numbered", "Op", "Reply", "is_reading", "pack", "to_send_again", "unpack"]

PARTS = 20
"""The most parts that Graph takes in one batch."""

Numbered = tuple[int, Op]
"""A call and its place among all calls asked for, which is also its id on the wire."""


def pack(numbered: Iterable[Numbered]) -> dict[str, Any]:
    """Give the body of a batch; every part carries its own If-Match."""
    return {"requests": [_part(number, op) for number, op in numbered]}


def unpack(body: Any, numbered: Sequence[Numbered]) -> dict[int, Reply]:
    """Match answers to calls by id, whatever their order.

    Returns:
        exactly one reply for each call. A call that the answer does not speak of is UNKNOWN, for it may
        have taken effect; an answer to a call that was not made is left aside.
    """
    replies = {number: Reply(UNKNOWN) for number, _ in numbered}
    listed = body.get("responses") if isinstance(body, Mapping) else None
    for raw in listed if isinstance(listed, list) else []:
        number = _whole(raw.get("id")) if isinstance(raw, Mapping) else None
        if number in replies and replies[number].status == UNKNOWN:
            replies[number] = _reply(raw)
    return replies


def to_send_again(op: Op, reply: Reply) -> bool:
    """Whether the service says that it did not do this part, so that sending it again does it once."""
    if reply.status == THROTTLED:
        return True
    return reply.status == BUSY and (op.method != "POST" or "retry-after" in reply.headers)


def is_reading(numbered: Iterable[Numbered]) -> bool:
    """Whether the whole batch only reads, and so may be sent twice."""
    return all(op.method == "GET" for _, op in numbered)


def _part(number: int, op: Op) -> dict[str, Any]:
    part: dict[str, Any] = {"id": str(number), "method": op.method, "url": op.path}
    headers = {}
    if op.if_match:
        headers["If-Match"] = op.if_match
    if op.body is not None:
        headers["Content-Type"] = "application/json"
        part["body"] = op.body
    if headers:
        part["headers"] = headers
    return part


def _reply(raw: Mapping[str, Any]) -> Reply:
    headers = raw.get("headers")
    named = headers if isinstance(headers, Mapping) else {}
    return Reply(
        status=_whole(raw.get("status")) or UNKNOWN,
        headers={str(name).lower(): str(value) for name, value in named.items()},
        body=raw.get("body"),
    )


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
