"""SharePoint REST of items: how one is shown, and what `$select` and `$expand` make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lists_sync.emulator.errors import unknown_field
from lists_sync.emulator.sharepoint_columns import entity_name
from lists_sync.emulator.sharepoint_lists import the_list
from lists_sync.emulator.sharepoint_shapes import item_type, no_property
from lists_sync.emulator.sharepoint_table import on
from lists_sync.emulator.sharepoint_wire import (
    ARGUMENT,
    INVALID_QUERY,
    SP_EXCEPTION,
    Answer,
    Call,
    Complex,
    Entity,
    refused,
)

if TYPE_CHECKING:
    from lists_sync.emulator.records import Column, Item, WorkList
    from lists_sync.emulator.state import State

_PERSON = {"Id": "", "ID": "", "Title": "Title", "EMail": "EMail", "Name": "Name", "UserName": "UserName"}


class Shown(Mapping[str, Any]):
    """An item's values by the names SharePoint REST gives them, worked out when asked for."""

    def __init__(self, state: State, found: WorkList, item: Item) -> None:
        self._state = state
        self._found = found
        self._item = item

    def __iter__(self) -> Iterator[str]:
        yield from _names(self._found)

    def __len__(self) -> int:
        return len(_names(self._found))

    def __getitem__(self, name: str) -> Any:
        if name in OWN:
            return OWN[name](self._state, self._found, self._item)
        first, _, rest = name.partition("/")
        column, way = column_of(self._found, first)
        value = self._item.fields.get(column.name)
        if rest:
            return self._person(column, value, rest)
        if way == "text":
            return None if value is None else str(value)
        return value

    def _person(self, column: Column, value: Any, name: str) -> Any:
        ids = value if isinstance(value, list) else [value] if value is not None else []
        if column.name in {"Author", "Editor"}:
            ids = [getattr(self._item, f"{column.name.lower()}_id")]
        if name not in _PERSON:
            raise refused(400, -1, SP_EXCEPTION, no_property(name))
        people = self._state.user_list(self._found.site_id).items
        held = [
            one if not _PERSON[name] else people[one].fields.get(_PERSON[name])
            for one in ids
            if one in people
        ]
        return held if column.many else (held[0] if held else None)


OWN: dict[str, Any] = {
    "FileSystemObjectType": lambda _state, _found, item: 1 if item.file and item.file.is_folder else 0,
    "Id": lambda _state, _found, item: item.id,
    "ID": lambda _state, _found, item: item.id,
    "ServerRedirectedEmbedUri": lambda _state, _found, _item: None,
    "ServerRedirectedEmbedUrl": lambda _state, _found, _item: "",
    "ContentTypeId": lambda _state, found, _item: (
        ("0x0101" if found.is_library else "0x01") + "00" + found.id.replace("-", "").upper()
    ),
    "Modified": lambda _state, _found, item: item.modified_at,
    "Created": lambda _state, _found, item: item.created_at,
    "AuthorId": lambda _state, _found, item: item.author_id,
    "EditorId": lambda _state, _found, item: item.editor_id,
    "OData__UIVersionString": lambda _state, _found, item: f"{item.number}.0",
    "Attachments": lambda _state, _found, _item: False,
    "GUID": lambda _state, _found, item: item.unique_id,
    "ComplianceAssetId": lambda _state, _found, _item: None,
    "FileLeafRef": lambda _state, _found, item: item.file.name if item.file else f"{item.id}_.000",
    "FileRef": lambda state, found, item: (
        f"{state.list_path(found)}/{item.file.path if item.file else f'{item.id}_.000'}"
    ),
    "UniqueId": lambda _state, _found, item: item.unique_id,
}
_ONLY_SELECTED = {"FileLeafRef", "FileRef", "UniqueId"}


def _names(found: WorkList) -> list[str]:
    own = [
        name
        for name in OWN
        if name not in _ONLY_SELECTED and not (found.is_library and name == "Attachments")
    ]
    held = [column for column in found.columns.values() if column.kind != "computed" and not column.read_only]
    names = []
    for column in held:
        name = entity_name(column.name)
        if column.kind in {"person", "lookup"}:
            names += [f"{name}Id", f"{name}StringId"]
        elif column.name not in OWN:
            names.append(name)
    return [*own[:6], *names, *own[6:]]


def column_of(found: WorkList, name: str) -> tuple[Column, str]:
    """The column behind a property name, and `id`, `text` or "" for how it is shown.

    Raises:
        EmulatedError: 400 where the list has no such column.
    """
    plain = name.removeprefix("OData_") if name.startswith("OData__") else name
    if plain in found.columns:
        return found.columns[plain], ""
    for ending, way in (("StringId", "text"), ("Id", "id")):
        column = found.columns.get(plain.removesuffix(ending))
        if plain.endswith(ending) and column is not None and column.kind in {"person", "lookup"}:
            return column, way
    raise unknown_property(name)


def unknown_property(name: str) -> Exception:
    """The refusal of a property that no item of the list has."""
    problem = unknown_field(name)
    return refused(problem.status, -1, INVALID_QUERY, no_property(name))


def item_path(found: WorkList, item: Item) -> str:
    """The item's address below `_api/`."""
    return f"Web/Lists(guid'{found.id}')/Items({item.id})"


def item_entity(state: State, found: WorkList, item: Item, *, select: list[str], expand: list[str]) -> Entity:
    """The item with what `$select` and `$expand` name.

    Raises:
        EmulatedError: 400 where a name is unknown or a person is selected without being expanded.
    """
    shown = Shown(state, found, item)
    wanted = [name for name in select if name != "*"]
    props: dict[str, Any] = {}
    if not wanted or "*" in select:
        props = {name: shown[name] for name in shown}
    for name in wanted:
        first, _, rest = name.partition("/")
        if rest:
            if first not in expand:
                message = f"The query to field '{name}' is not valid. The $expand query string is missing."
                raise refused(400, -1, SP_EXCEPTION, message)
            props[first] = _expanded(
                shown, found, first, [part for part in wanted if part.startswith(f"{first}/")]
            )
        elif first not in expand:
            _refuse_bare_person(found, name)
            props[name] = shown[name]
        if name in {"Id", "ID"}:
            props |= {"Id": item.id, "ID": item.id}
    for first in expand:
        if first not in props and "AttachmentFiles" not in first:
            props[first] = _expanded(shown, found, first, [f"{first}/Id", f"{first}/Title", f"{first}/EMail"])
    return Entity(item_type(found), item_path(found, item), props, item.etag)


def _refuse_bare_person(found: WorkList, name: str) -> None:
    column = found.columns.get(name)
    if column is not None and column.kind == "person":
        message = f"The query to field '{name}' is not valid. The $expand query string is missing."
        raise refused(400, -1, SP_EXCEPTION, message)


def _expanded(shown: Shown, found: WorkList, first: str, paths: list[str]) -> Any:
    column, _ = column_of(found, first)
    values = {path.split("/", 1)[1]: shown[path] for path in paths}
    kind = "SP.Data.UserInfoItem"
    if column.many:
        count = max((len(held) for held in values.values()), default=0)
        return [Complex(kind, {name: held[place] for name, held in values.items()}) for place in range(count)]
    return Complex(kind, values) if any(held is not None for held in values.values()) else None


@on("GET", "web/lists()/items()")
def get_item(state: State, call: Call) -> Answer:
    """One item, its eTag in the header as well."""
    found = the_list(state, call)
    item = state.item(found.id, item_id(call))
    shown = item_entity(state, found, item, select=call.names("$select"), expand=call.names("$expand"))
    return Answer(entity=shown, headers={"ETag": item.etag})


def item_id(call: Call) -> int:
    """The item's number in the address.

    Raises:
        EmulatedError: 400 where it is no number.
    """
    key = call.resource.step("items").key or ""
    if not key.isdigit():
        raise refused(400, -2147024809, ARGUMENT, "Value does not fall within the expected range.")
    return int(key)
