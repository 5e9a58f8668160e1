"""SharePoint REST of items: made, changed, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.sharepoint_items import column_of, item_entity, item_id, item_path
from lists_sync.emulator.sharepoint_lists import the_list
from lists_sync.emulator.sharepoint_shapes import item_type
from lists_sync.emulator.sharepoint_table import on
from lists_sync.emulator.sharepoint_wire import INVALID_QUERY, Answer, Call, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.records import WorkList
    from lists_sync.emulator.state import State

_IGNORED = {"ContentTypeId", "Id", "ID", "Attachments", "GUID"}


def canonical(found: WorkList, body: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a write by internal names.

    Raises:
        EmulatedError: 400 for a property that items of the list do not have, or a person by name.
    """
    values: dict[str, Any] = {}
    for name, value in body.items():
        if name in _IGNORED:
            continue
        try:
            column, way = column_of(found, name)
        except EmulatedError as problem:
            raise _no_such(found, name) from problem
        if column.kind in {"person", "lookup"} and way != "id":
            raise _no_such(found, name)
        if column.kind == "choices" and isinstance(value, str):
            message = "An unexpected 'PrimitiveValue' node was found when reading from the JSON reader."
            raise refused(400, -1, INVALID_QUERY, f"{message} A 'StartArray' node was expected.")
        values[column.name] = _ids(value) if way == "id" else value
    return values


def _ids(value: Any) -> Any:
    if isinstance(value, list):
        return [int(one) for one in value]
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _no_such(found: WorkList, name: str) -> EmulatedError:
    message = f"The property '{name}' does not exist on type '{item_type(found)}'. "
    told = message + "Make sure to only use property names that are defined by the type."
    return refused(400, -1, INVALID_QUERY, told)


@on("POST", "web/lists()/items", "web/lists()/items/add")
def add_item(state: State, call: Call) -> Answer:
    """Make an item."""
    found = the_list(state, call)
    made = state.create_item(found.id, canonical(found, call.body), actor=call.actor)
    shown = item_entity(state, found, made, select=call.names("$select"), expand=call.names("$expand"))
    return Answer(
        201, entity=shown, headers={"ETag": made.etag, "Location": f"{call.api_url}/{item_path(found, made)}"}
    )


@on("MERGE", "web/lists()/items()")
def update_item(state: State, call: Call) -> Answer:
    """Change an item; an IF-MATCH that no longer holds is refused."""
    found = the_list(state, call)
    match = call.headers.get("if-match", "")
    values = canonical(found, call.body)
    item = state.update_item(found.id, item_id(call), values, actor=call.actor, if_match=match)
    return Answer(204, headers={"ETag": item.etag})


@on("DELETE", "web/lists()/items()")
def delete_item(state: State, call: Call) -> Answer:
    """Remove an item; an IF-MATCH that no longer holds is refused."""
    match = call.headers.get("if-match", "")
    state.delete_item(the_list(state, call).id, item_id(call), actor=call.actor, if_match=match)
    return Answer(200)


@on("POST", "web/lists()/items()/recycle")
def recycle_item(state: State, call: Call) -> Answer:
    """Remove an item; the answer names its place in a recycle bin that this workspace does not show."""
    found = the_list(state, call)
    item = state.item(found.id, item_id(call))
    state.delete_item(found.id, item.id, actor=call.actor)
    return Answer(result=("Recycle", item.unique_id))
