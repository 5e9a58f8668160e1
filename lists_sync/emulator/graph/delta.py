"""Delta of list items and of drives: everything once, then what changed since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lists_sync.emulator.clock import parse
from lists_sync.emulator.errors import EmulatedError, invalid
from lists_sync.emulator.graph.items import Shower
from lists_sync.emulator.graph.places import place
from lists_sync.emulator.graph.query import page_size
from lists_sync.emulator.graph.render import list_context, metadata
from lists_sync.emulator.graph.request import Answer, Call
from lists_sync.emulator.ids import seal, unseal

if TYPE_CHECKING:
    from lists_sync.emulator.records import Change, Item, WorkList


def items_delta(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET items/delta."""
    if not call.state.switches["delta_available"]:
        raise EmulatedError(400, "invalidRequest", "The delta function is not available in this cloud.")
    site, found = place(call, parts)
    shower = Shower(call, site, found, delta=True)
    parent = {"siteId": call.state.graph_site_id(site)}

    def gone(change: Change) -> dict[str, Any]:
        kind = {"id": "0x0100" + found.id.replace("-", "").upper(), "name": "Item"}
        facet = {"state": "deleted"}
        return {
            "id": str(change.item_id), "parentReference": parent, "contentType": kind, "deleted": facet,
        }  # fmt: skip

    path = f"/sites/{call.state.graph_site_id(site)}/lists/{found.id}/items/delta"
    context = metadata(call, f"Collection({list_context(call, site, found)}/items)")
    return delta(call, found, Feed(path, context, shower.row, gone))


class Feed:
    """What a delta shows: its address, context, a row for an item, a tombstone for a change."""

    def __init__(
        self,
        path: str,
        context: str,
        row: Callable[[Item], dict[str, Any]],
        gone: Callable[[Change], dict[str, Any]],
    ) -> None:
        self.path, self.context, self.row, self.gone = path, context, row, gone


def delta(call: Call, found: WorkList, feed: Feed) -> Answer:
    """Answer a delta call of any kind.

    Raises:
        EmulatedError: the token is too old, or of another time of the workspace (410 with Location).
    """
    token = call.option("token")
    if token == "latest":  # noqa: S105 - a word of the protocol
        return _answer(call, feed, [], delta_token=_token(call, found, seq=call.state.seq))
    if not token:
        return _all(call, found, feed, after_id=0, seq=call.state.seq)
    content = _read(call, found, feed, token)
    if "after" in content:
        return _all(call, found, feed, after_id=int(content["after"]), seq=int(content["seq"]))
    return _changed(call, found, feed, seq=int(content["seq"]))


def _token(call: Call, found: WorkList, **content: object) -> str:
    return seal({"list": found.id, "epoch": call.state.epoch, "at": call.state.clock.iso(), **content})


def _read(call: Call, found: WorkList, feed: Feed, token: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = unseal(token)
        at = parse(content["at"])
    except (ValueError, KeyError, TypeError):
        raise invalid("The provided token is malformed.") from None
    oldest = call.state.clock.now() - timedelta(days=int(call.state.switches["delta_days"]))
    ours = content.get("list") == found.id and content.get("epoch") == call.state.epoch
    if not ours or at < oldest or int(content["seq"]) > call.state.seq:
        raise EmulatedError(
            410,
            "resyncChangesApplyDifferences",
            "The delta token is no longer valid, and the application must reset the sync state.",
            headers={"Location": call.link(feed.path, token="")},
        )
    return content


def _all(call: Call, found: WorkList, feed: Feed, *, after_id: int, seq: int) -> Answer:
    size = page_size(call)
    rest = [item for item in found.items.values() if item.id > after_id]
    page = rest[:size]
    rows = [feed.row(item) for item in page]
    units = 1 if call.option("token") else 2
    if len(rest) > size:
        return _answer(call, feed, rows, _token(call, found, seq=seq, after=page[-1].id), units=units)
    return _answer(call, feed, rows, delta_token=_token(call, found, seq=seq), units=units)


def _changed(call: Call, found: WorkList, feed: Feed, *, seq: int) -> Answer:
    size = page_size(call)
    last: dict[int, Change] = {}
    changes = call.state.changes(found.id, seq)
    read = seq
    for change in changes:
        if change.item_id not in last and len(last) == size:
            break
        last[change.item_id] = change
        read = change.seq
    rows = []
    for item_id, change in last.items():
        item = found.items.get(item_id)
        rows.append(feed.row(item) if item is not None else feed.gone(change))
    if rows and call.state.switches["delta_duplicates"]:
        rows.insert(0, rows[0])
    if changes and read < changes[-1].seq:
        return _answer(call, feed, rows, _token(call, found, seq=read), units=1)
    now = max(read, call.state.seq)
    return _answer(call, feed, rows, delta_token=_token(call, found, seq=now), units=1)


def _answer(
    call: Call, feed: Feed, rows: list[Any], next_token: str = "", delta_token: str = "", units: int = 1
) -> Answer:
    body: dict[str, Any] = {"@odata.context": feed.context}
    if next_token:
        body["@odata.nextLink"] = call.link(feed.path, token=next_token)
    if delta_token:
        body["@odata.deltaLink"] = call.link(feed.path, token=delta_token)
    body["value"] = rows[::-1] if call.state.switches["delta_shuffled"] else rows
    return Answer(body=body, units=units)
