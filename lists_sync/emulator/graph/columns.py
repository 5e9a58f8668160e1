"""Columns of a list: shown, added, changed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lists_sync.emulator.errors import invalid
from lists_sync.emulator.graph.places import place
from lists_sync.emulator.graph.query import paged
from lists_sync.emulator.graph.render import chosen, column_row, list_context, metadata
from lists_sync.emulator.graph.request import Answer, Call
from lists_sync.emulator.records import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

_FACETS = {
    "text", "number", "choice", "dateTime", "boolean", "personOrGroup", "lookup", "hyperlinkOrPicture",
    "calculated", "currency", "term", "thumbnail", "contentApprovalStatus", "geolocation",
}  # fmt: skip
_MEMBERS = {
    "name", "displayName", "description", "columnGroup", "indexed", "enforceUniqueValues", "required",
    "hidden", "readOnly",
    "defaultValue", "validation", "isDeletable", "isReorderable", "isSealed", "propagateChanges",
    "type", "id",
}  # fmt: skip
_PLAIN = {
    "displayName": "display_name",
    "description": "description",
    "columnGroup": "group",
    "indexed": "indexed",
    "enforceUniqueValues": "unique",
    "required": "required",
    "hidden": "hidden",
    "readOnly": "read_only",
}
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
_NAME_LIMIT = 32


def _facet_of(row: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    found = [name for name in row if name in _FACETS]
    if len(found) != 1 or not isinstance(row[found[0]], dict):
        raise invalid()
    return found[0], dict(row[found[0]])


def _kind(facet: str, members: Mapping[str, Any]) -> str:
    if facet == "text":
        return "note" if members.get("allowMultipleLines") else "text"
    if facet == "choice":
        return "choices" if members.get("displayAs") == "checkBoxes" else "choice"
    if facet == "dateTime":
        return "date" if members.get("format") == "dateOnly" else "datetime"
    kinds = {
        "number": "number",
        "boolean": "yesno",
        "personOrGroup": "person",
        "hyperlinkOrPicture": "hyperlink",
        "lookup": "lookup",
    }
    if facet not in kinds:
        raise invalid("This kind of column is not served by the embedded workspace.")
    return kinds[facet]


def _check_members(row: Any) -> None:
    if (
        not isinstance(row, dict)
        or set(row) - _FACETS - {name for name in row if "@odata" in name} - _MEMBERS
    ):
        raise invalid()


def column_of(row: Any) -> Column:
    """Read a column definition of a request.

    Raises:
        EmulatedError: it is none: unknown member (letters' case counts), no or several facets (400).
    """
    _check_members(row)
    name = row.get("name")
    if not isinstance(name, str) or not _NAME.match(name):
        raise invalid()
    facet, members = _facet_of(row)
    column = Column(id="", name=_escaped(name), kind=_kind(facet, members))
    for theirs, ours in _PLAIN.items():
        if row.get(theirs) is not None:
            setattr(column, ours, row[theirs])
    column.default = _default(row)
    _apply(column, members)
    return column


def _escaped(name: str) -> str:
    return name.replace(" ", "_x0020_")[:_NAME_LIMIT]


def _default(row: Mapping[str, Any]) -> str | None:
    default = row.get("defaultValue") or {}
    value = default.get("value", default.get("formula"))
    return None if value is None else str(value)


def _apply(column: Column, members: Mapping[str, Any]) -> None:
    if column.kind in {"choice", "choices"}:
        choices = members.get("choices", column.choices)
        if not isinstance(choices, list) or not all(isinstance(word, str) for word in choices):
            raise invalid()
        column.choices = list(choices)
        column.fill_in = bool(members.get("allowTextEntry", column.fill_in))
    elif column.kind == "text":
        column.max_length = int(members.get("maxLength") or column.max_length)
        if not 0 < column.max_length <= 255:  # noqa: PLR2004 - the service's limit
            raise invalid()
    elif column.kind == "person":
        column.many = bool(members.get("allowMultipleSelection", column.many))
    elif column.kind == "lookup":
        column.many = bool(members.get("allowMultipleValues", column.many))
    else:
        column.facet = {**column.facet, **members}
        for gone in ("allowMultipleLines", "format"):
            column.facet.pop(gone, None)


def list_columns(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET columns; the hidden ones only where $select names `hidden`."""
    site, found = place(call, parts)
    shown = [column for column in found.columns.values() if not column.hidden or "hidden" in call.names]
    page, token = paged(call, shown)
    context = metadata(call, f"{list_context(call, site, found)}/columns")
    body: dict[str, Any] = {"@odata.context": context}
    if token:
        path = f"/sites/{call.state.graph_site_id(site)}/lists/{found.id}/columns"
        body["@odata.nextLink"] = call.link(path, skiptoken=token)
    body["value"] = [chosen(column_row(column), call.names) for column in page]
    return Answer(body=body)


def get_column(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET a column by id or name."""
    return _shown(call, parts, call.state.column(_list_id(call, parts, "read"), parts["column"]))


def create_column(call: Call, parts: Mapping[str, str]) -> Answer:
    """POST a column."""
    list_id, wanted = _list_id(call, parts, "manage"), column_of(call.json())
    column = call.state.add_column(list_id, wanted)
    return _shown(call, parts, column, status=201)


def change_column(call: Call, parts: Mapping[str, str]) -> Answer:
    """PATCH a column; its kind and its name stay what they are."""
    list_id, sent = _list_id(call, parts, "manage"), call.json()
    _check_members(sent)
    column = call.state.column(list_id, parts["column"])
    if sent.get("name", column.name) != column.name:
        raise invalid()
    changes = {ours: sent[theirs] for theirs, ours in _PLAIN.items() if theirs in sent}
    if "defaultValue" in sent:
        changes["default"] = _default(sent)
    facets = [name for name in sent if name in _FACETS]
    if facets:
        changes |= _facet_changes(column, facets[0], sent[facets[0]])
    column = call.state.update_column(list_id, column.id, **changes)
    return _shown(call, parts, column)


def _facet_changes(column: Column, facet: str, members: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {"choices": "choice", "note": "text", "date": "datetime"}
    if kinds.get(_kind(facet, members), _kind(facet, members)) != kinds.get(column.kind, column.kind):
        raise invalid()
    trial = replace(column, choices=list(column.choices), facet=dict(column.facet))
    _apply(trial, members)
    return {name: getattr(trial, name) for name in ("choices", "fill_in", "max_length", "many", "facet")}


def delete_column(call: Call, parts: Mapping[str, str]) -> Answer:
    """DELETE a column."""
    list_id = _list_id(call, parts, "manage")
    call.state.delete_column(list_id, parts["column"])
    return Answer(204)


def _list_id(call: Call, parts: Mapping[str, str], role: str) -> str:
    return place(call, parts, role)[1].id


def _shown(call: Call, parts: Mapping[str, str], column: Column, status: int = 200) -> Answer:
    site, found = place(call, parts)
    context = metadata(call, f"{list_context(call, site, found)}/columns/$entity")
    return Answer(status, {"@odata.context": context, **chosen(column_row(column), call.names)}, units=1)
