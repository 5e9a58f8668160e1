"""JSON batches: up to twenty calls in one, answered in any order."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from lists_sync.emulator.errors import EmulatedError, invalid
from lists_sync.emulator.graph.request import Answer, Call, query_of
from lists_sync.emulator.load import load
from lists_sync.emulator.wire import JSON_TYPE, error_body, fault_body

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LIMIT = 20
_FAILED = 400


def _checked(call: Call) -> list[dict[str, Any]]:
    requests = call.json().get("requests")
    if not isinstance(requests, list) or not all(isinstance(part, dict) for part in requests):
        raise EmulatedError(400, "BadRequest", "Invalid batch payload format.")
    if len(requests) > LIMIT:
        raise EmulatedError(400, "BadRequest", "Number of requests inside batch exceed the limit.")
    ids = [part.get("id") for part in requests]
    if len(set(ids)) < len(ids) or not all(isinstance(one, str) and one for one in ids):
        raise EmulatedError(400, "BadRequest", "Invalid batch payload format: ids must be unique text.")
    for part in requests:
        content_type = {name.lower() for name in part.get("headers") or {}}
        if part.get("body") is not None and "content-type" not in content_type:
            raise EmulatedError(
                400,
                "BadRequest",
                "Write request id : " + part["id"] + " does not contain Content-Type header or body.",
            )
        if not isinstance(part.get("url"), str) or not isinstance(part.get("method"), str):
            raise EmulatedError(400, "BadRequest", "Invalid batch payload format.")
    return requests


async def run_batch(
    call: Call, *, one: Callable[[Call], Awaitable[Answer]]
) -> tuple[Answer, list[dict[str, Any]]]:
    """Answer a batch.

    Args:
        one: answers a single call.

    Returns:
        The answer, and for the journal each part with its units.
    """
    try:
        requests = _checked(call)
    except EmulatedError as refusal:
        return Answer(refusal.status, error_body(call.state, refusal, "", "")), []
    responses: list[dict[str, Any]] = []
    noted: list[dict[str, Any]] = []
    status_of: dict[str, int] = {}
    for part in requests:
        inner = _inner(call, part)
        failed = [name for name in part.get("dependsOn") or [] if status_of.get(name, _FAILED) >= _FAILED]
        row, units = await _part(inner, part, failed=bool(failed), one=one)
        status_of[part["id"]] = int(row["status"])
        note = {"id": part["id"], "method": inner.method, "path": part["url"], "status": row["status"]}
        noted.append({**note, "units": units})
        if row.pop("missing", False):
            noted[-1]["missing"] = True
        else:
            responses.append(row)
    if call.state.switches["batch_shuffled"]:
        random.Random(len(call.state.journal.requests)).shuffle(responses)  # noqa: S311 - repeatable
    return Answer(200, {"responses": responses}), noted


def _inner(call: Call, part: dict[str, Any]) -> Call:
    path, _, query = part["url"].partition("?")
    headers = {str(name).lower(): str(value) for name, value in (part.get("headers") or {}).items()}
    return Call(
        state=call.state,
        method=part["method"].upper(),
        path="/" + unquote(path).removeprefix("/v1.0").lstrip("/"),
        query=query_of(query),
        headers={"client-request-id": call.headers.get("client-request-id", ""), **headers},
        body=part.get("body"),
        caller=call.caller,
        base=call.base,
    )


async def _part(
    inner: Call, part: dict[str, Any], *, failed: bool, one: Callable[[Call], Awaitable[Answer]]
) -> tuple[dict[str, Any], int]:
    part_id = part["id"]
    if failed:
        refusal = EmulatedError(
            424, "FailedDependency", "The request failed because a request it depends on failed."
        )
        return _row(inner, part_id, Answer(424, error_body(inner.state, refusal, "", ""), units=0)), 0
    fault = inner.state.faults.answer_for(inner.method, "/v1.0/" + part["url"].lstrip("/"))
    if fault is not None and fault.get("edit"):
        load(inner.state, fault["edit"])
    before = (
        fault is not None
        and ("status" in fault or fault.get("reset"))
        and (fault.get("before_or_after", "before") == "before")
    )
    answer = Answer(204, units=0) if before else await one(inner)
    row = _row(inner, part_id, answer)
    return (_spoiled(inner, row, fault) if fault is not None else row), answer.units


def _spoiled(inner: Call, row: dict[str, Any], fault: dict[str, Any]) -> dict[str, Any]:
    if fault.get("missing") or fault.get("reset"):
        return {**row, "missing": True}
    if "status" in fault:
        status, headers, body = fault_body(inner.state, fault)
        row = {
            "id": row["id"],
            "status": status,
            "headers": {**headers, "Content-Type": JSON_TYPE},
            "body": body,
        }
    for member in fault.get("without", ()):
        row.pop(member, None)
    return row


def _row(inner: Call, part_id: str, answer: Answer) -> dict[str, Any]:
    headers = {"Cache-Control": "no-store, no-cache", "OData-Version": "4.0", **answer.headers}
    row: dict[str, Any] = {"id": part_id, "status": answer.status}
    if answer.body is None:
        if not inner.state.switches["batch_bare_parts"]:
            row |= {"headers": headers, "body": None}
        return row
    body = answer.body
    if isinstance(body, bytes):
        raise invalid()
    return {**row, "headers": {**headers, "Content-Type": JSON_TYPE}, "body": body}


def spoil_parts(state: Any, body: dict[str, Any], inner: dict[str, Any]) -> None:
    """Put a batch's inner faults into its answer: `parts` names the places, or "every"."""
    places = inner.get("parts", "every")
    kept = []
    for place, row in enumerate(sorted(body["responses"], key=lambda row: str(row["id"]))):
        if places != "every" and place not in places:
            kept.append(row)
        elif not inner.get("missing"):
            status, headers, fault = fault_body(state, inner)
            kept.append(
                {"id": row["id"], "status": status, "headers": headers, "body": fault}
                if "status" in inner
                else {name: value for name, value in row.items() if name not in inner.get("without", ())}
            )
    body["responses"] = kept
