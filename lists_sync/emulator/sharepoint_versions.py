"""SharePoint REST of an item's versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.emulator.sharepoint_items import OWN, item_id, item_path
from lists_sync.emulator.sharepoint_lists import the_list
from lists_sync.emulator.sharepoint_table import on
from lists_sync.emulator.sharepoint_wire import Answer, Call, Complex, Entity

if TYPE_CHECKING:
    from lists_sync.emulator.records import Column, Item, WorkList
    from lists_sync.emulator.state import State

_VERSION_STEP = 512  # SharePoint numbers version 1.0 as 512, leaving room for drafts


@on("GET", "web/lists()/items()/versions")
def get_versions(state: State, call: Call) -> Answer:
    """The item's versions, newest first; `$top` keeps so many."""
    found = the_list(state, call)
    item = state.item(found.id, item_id(call))
    held = [(item.number, item.fields, item.modified_at, item.editor_id)]
    held += [(old.number, old.fields, old.modified_at, old.editor_id) for old in reversed(item.versions)]
    top = call.option("$top")
    rows = []
    for number, fields, at, editor in held[: int(top)] if top.isdigit() else held:
        props = _about(state, found, item, number=number, at=at, editor=editor)
        props |= _values(state, found, fields)
        path = f"{item_path(found, item)}/versions({number * _VERSION_STEP})"
        rows.append(Entity("SP.ListItemVersion", path, props))
    return Answer(rows=rows)


def version_name(name: str) -> str:
    """The member that carries a column in a version: its underscores are spelt out."""
    spelt = name.replace("_", "_x005f_")
    return f"OData_{spelt}" if name.startswith("_") else spelt


def _about(state: State, found: WorkList, item: Item, *, number: int, at: str, editor: int) -> dict[str, Any]:
    kind = Complex("SP.ContentTypeId", {"StringValue": OWN["ContentTypeId"](state, found, item)})
    return {
        # The version's own date is the one that SharePoint writes without its Z.
        "Created": at.removesuffix("Z"),
        "IsCurrentVersion": number == item.number,
        "VersionId": number * _VERSION_STEP,
        "VersionLabel": f"{number}.0",
        "ID": item.id,
        "ContentTypeId": kind,
        "Author": _person(state, found, item.author_id),
        "Modified": at,
        "Editor": _person(state, found, editor),
        version_name("_UIVersionString"): f"{number}.0",
        "GUID": item.unique_id,
        "ComplianceAssetId": None,
        "UniqueId": item.unique_id,
        "FSObjType": str(OWN["FileSystemObjectType"](state, found, item)),
        "FileLeafRef": OWN["FileLeafRef"](state, found, item),
        "FileRef": OWN["FileRef"](state, found, item),
        "owshiddenversion": number,
    }


def _values(state: State, found: WorkList, fields: dict[str, Any]) -> dict[str, Any]:
    own = [column for column in found.columns.values() if not column.read_only and column.kind != "computed"]
    return {version_name(column.name): _shown(state, found, column, fields) for column in own}


def _shown(state: State, found: WorkList, column: Column, fields: dict[str, Any]) -> Any:
    value = fields.get(column.name)
    if column.kind != "person" or value is None:
        return value
    return [_person(state, found, one) for one in value] if column.many else _person(state, found, value)


def _person(state: State, found: WorkList, number: int) -> Complex:
    known = state.user_list(found.site_id).items.get(number)
    named = known.fields if known else {}
    props = {"LookupId": number, "LookupValue": named.get("Title", ""), "Email": named.get("EMail", "")}
    return Complex("SP.FieldUserValue", props)
