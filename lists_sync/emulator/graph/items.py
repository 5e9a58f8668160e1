"""List items: query, get, create, change, delete, versions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lists_sync.emulator.clock import parse
from lists_sync.emulator.errors import invalid, not_found
from lists_sync.emulator.graph.fields import FieldView, read_fields
from lists_sync.emulator.graph.places import numbered, place
from lists_sync.emulator.graph.query import ItemQuery, paged_items
from lists_sync.emulator.graph.render import (
    chosen,
    identity,
    item_url,
    list_context,
    metadata,
)
from lists_sync.emulator.graph.request import Answer, Call
from lists_sync.emulator.records import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.records import Item, Site, WorkList

_FIELDS = re.compile(r"(?:^|,)\s*fields\s*(?:\(\s*\$?select\s*=\s*([^)]*)\))?\s*(?=,|$)", re.IGNORECASE)


def fields_wanted(text: str) -> list[str] | None:
    """Give the names in `$expand=fields($select=…)`, empty for all; None where fields are not expanded."""
    match = _FIELDS.search(text)
    if match is None:
        return None
    return [name.strip() for name in (match.group(1) or "").split(",") if name.strip()]


class Shower:
    """Shows the items of one list for one call."""

    def __init__(self, call: Call, site: Site, found: WorkList, *, delta: bool = False) -> None:
        self._call, self._site, self._found, self._delta = call, site, found, delta
        wanted = fields_wanted(call.option("expand"))
        if wanted is None and delta and call.state.switches["delta_fields_without_expand"]:
            wanted = []
        self.view = FieldView(call.state, found, wanted) if wanted is not None else None
        self._context = metadata(call, f"{list_context(call, site, found)}/items")
        self._site_id = call.state.graph_site_id(site)
        self._people: dict[int, dict[str, Any]] = {}

    def who(self, lookup_id: int) -> dict[str, Any]:
        """Give an identity set, worked out once."""
        if lookup_id not in self._people:
            self._people[lookup_id] = identity(self._call.state, self._site.id, lookup_id)
        return self._people[lookup_id]

    def row(self, item: Item) -> dict[str, Any]:
        """Give an item as Graph shows it."""
        folder = item.file is not None and item.file.is_folder
        base = "0x012000" if folder else "0x010100" if self._found.is_library else "0x0100"
        kind = "Folder" if folder else ("Document" if self._found.is_library else "Item")
        row: dict[str, Any] = {
            "@odata.etag": item.etag,
            "createdDateTime": item.created_at,
            "eTag": item.etag,
            "id": str(item.id),
            "lastModifiedDateTime": item.modified_at,
            "webUrl": item_url(self._call.state, self._found, item),
            "createdBy": self.who(item.author_id),
            "lastModifiedBy": self.who(item.editor_id),
            "parentReference": {"id": self._found.id, "siteId": self._site_id},
            "contentType": {"id": base + self._found.id.replace("-", "").upper(), "name": kind},
        }
        if self._delta:
            del row["lastModifiedBy"]
        row = chosen(row, self._call.names)
        if self.view is not None:
            row["fields@odata.context"] = f"{self._context}('{item.id}')/fields/$entity"
            row["fields"] = self.view.row(item)
        return row

    def single(self, item: Item) -> dict[str, Any]:
        """Give an item as the whole of an answer."""
        return {"@odata.context": f"{self._context}/$entity", **self.row(item)}


def query(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET items."""
    site, found = place(call, parts)
    shower = Shower(call, site, found)
    page, token = paged_items(call, ItemQuery(call, found).found())
    body: dict[str, Any] = {"@odata.context": metadata(call, f"{list_context(call, site, found)}/items")}
    if token:
        path = f"/sites/{call.state.graph_site_id(site)}/lists/{found.id}/items"
        body["@odata.nextLink"] = call.link(path, skiptoken=token)
    body["value"] = [shower.row(item) for item in page]
    return Answer(body=body)


def get(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET an item."""
    site, found = place(call, parts)
    item = call.state.item(found.id, numbered(parts["item"]))
    return Answer(body=Shower(call, site, found).single(item), headers={"ETag": item.etag}, units=1)


def get_fields(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET an item's fields."""
    site, found = place(call, parts)
    item = call.state.item(found.id, numbered(parts["item"]))
    return Answer(body=_fields_body(call, site, found, item), headers={"ETag": item.etag}, units=1)


def _fields_body(call: Call, site: Site, found: WorkList, item: Item) -> dict[str, Any]:
    context = metadata(call, f"{list_context(call, site, found)}/items('{item.id}')/fields/$entity")
    return {"@odata.context": context, **FieldView(call.state, found, call.names).row(item)}


def create(call: Call, parts: Mapping[str, str]) -> Answer:
    """POST an item."""
    site, found = place(call, parts, "write")
    sent = call.json().get("fields", {})
    if not isinstance(sent, dict):
        raise invalid()
    values = read_fields(call.state, found, sent)
    item = call.state.create_item(found.id, values, actor=call.caller.actor)
    call.query["expand"] = "fields"
    row = Shower(call, site, found).single(item)
    if call.state.switches["local_dates_in_create"]:
        _mislabel(row, site.time_zone)
    location = f"{call.base}/sites/{call.state.graph_site_id(site)}/lists/{found.id}/items/{item.id}"
    return Answer(201, row, {"Location": location, "ETag": item.etag})


def _mislabel(row: dict[str, Any], zone: str) -> None:
    for name in ("createdDateTime", "lastModifiedDateTime"):
        local = parse(row[name]).astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
        row[name] = local.strftime("%Y-%m-%dT%H:%M:%SZ")


def change_fields(call: Call, parts: Mapping[str, str]) -> Answer:
    """PATCH an item's fields."""
    site, found = place(call, parts, "write")
    item = _changed(call, found, numbered(parts["item"]), call.json())
    return Answer(body=_fields_body(call, site, found, item), headers={"ETag": item.etag})


def change(call: Call, parts: Mapping[str, str]) -> Answer:
    """PATCH an item by its `fields` member."""
    site, found = place(call, parts, "write")
    item = _changed(call, found, numbered(parts["item"]), call.json().get("fields") or {})
    call.query["expand"] = "fields"
    return Answer(body=Shower(call, site, found).single(item), headers={"ETag": item.etag})


def _changed(call: Call, found: WorkList, item_id: int, sent: Mapping[str, Any]) -> Item:
    state = call.state
    if_match = call.headers.get("if-match", "")
    state.check_match(state.item(found.id, item_id), if_match)
    values = read_fields(state, found, sent)
    return state.update_item(found.id, item_id, values, actor=call.caller.actor, if_match=if_match)


def delete(call: Call, parts: Mapping[str, str]) -> Answer:
    """DELETE an item."""
    _, found = place(call, parts, "write")
    if_match = call.headers.get("if-match", "")
    call.state.delete_item(found.id, numbered(parts["item"]), actor=call.caller.actor, if_match=if_match)
    return Answer(204)


def versions(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET an item's versions, newest first."""
    site, found = place(call, parts)
    item = call.state.item(found.id, numbered(parts["item"]))
    rows = [_version_row(call, site, found, item, one) for one in _all_versions(item)]
    context = metadata(call, f"{list_context(call, site, found)}/items('{item.id}')/versions")
    return Answer(body={"@odata.context": context, "value": rows})


def version(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET one version of an item."""
    site, found = place(call, parts)
    item = call.state.item(found.id, numbered(parts["item"]))
    for one in _all_versions(item):
        if f"{one.number}.0" == parts["version"]:
            context = metadata(call, f"{list_context(call, site, found)}/items('{item.id}')/versions/$entity")
            return Answer(
                body={"@odata.context": context, **_version_row(call, site, found, item, one)}, units=1
            )
    raise not_found()


def restore(call: Call, parts: Mapping[str, str]) -> Answer:
    """POST restoreVersion: the values of a past version become the present ones."""
    _, found = place(call, parts, "write")
    item = call.state.item(found.id, numbered(parts["item"]))
    for one in item.versions:
        if f"{one.number}.0" == parts["version"]:
            values = {**dict.fromkeys(item.fields), **one.fields}
            call.state.update_item(found.id, item.id, values, actor=call.caller.actor)
            return Answer(204)
    raise not_found()


def _all_versions(item: Item) -> list[Version]:
    present = Version(item.number, item.fields, item.modified_at, item.editor_id)
    return [present, *reversed(item.versions)]


def _version_row(call: Call, site: Site, found: WorkList, item: Item, one: Version) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": f"{one.number}.0",
        "lastModifiedBy": identity(call.state, site.id, one.editor_id),
        "lastModifiedDateTime": one.modified_at,
    }
    wanted = fields_wanted(call.option("expand"))
    if wanted is None:
        return row
    past = replace(
        item, fields=one.fields, modified_at=one.modified_at, editor_id=one.editor_id, number=one.number
    )
    return {**row, "fields": FieldView(call.state, found, wanted).row(past)}
