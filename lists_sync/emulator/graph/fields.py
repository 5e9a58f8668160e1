"""An item's fields over Graph: shown, and read from a write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.emulator.errors import EmulatedError, invalid, unknown_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lists_sync.emulator.records import Column, Item, WorkList
    from lists_sync.emulator.state import State

LOOKUP_LIMIT = 12
_ID = "LookupId"
_ANNOTATION = "@odata.type"


class FieldView:
    """Shows the fields of one list's items; made once a call, since the names are worked out here.

    Args:
        names: what `$expand=fields($select=…)` names; empty for everything by default.

    Raises:
        EmulatedError: more than twelve lookup columns are asked for (400).
    """

    def __init__(self, state: State, found: WorkList, names: Iterable[str] = ()) -> None:
        self._state = state
        self._found = found
        self._wanted = frozenset(names)
        people = {name for name, column in found.columns.items() if column.kind in {"person", "lookup"}}
        self._people = people - {"Author", "Editor"}
        asked = {name.removesuffix(_ID) for name in self._wanted}
        if len(asked & people) > LOOKUP_LIMIT:
            raise invalid(
                "The query cannot be completed because the number of lookup columns it "
                "contains exceeds the lookup column threshold."
            )

    def row(self, item: Item) -> dict[str, Any]:
        """Give the fields of an item; empty ones are absent."""
        row: dict[str, Any] = {"@odata.etag": item.etag}
        wanted, people = self._wanted, self._people
        if wanted:
            for name, value in item.fields.items():
                if name in people:
                    self._person(row, name, value)
                elif name in wanted:
                    row[name] = value
            every = self._system(item)
            row.update({name: every[name] for name in every if name in wanted})
            row["id"] = every["id"]
            return row
        row.update(self._system(item))
        for name, value in item.fields.items():
            if name in people:
                self._person(row, name, value)
            else:
                row[name] = value
        return row

    def _person(self, row: dict[str, Any], name: str, value: Any) -> None:
        if isinstance(value, list):
            if not self._wanted or name in self._wanted:
                row[name] = [self._shown(one) for one in value]
            return
        if not self._wanted or name + _ID in self._wanted:
            row[name + _ID] = str(value)
        if name in self._wanted:
            row[name] = self._shown(value)["LookupValue"]

    def _shown(self, lookup_id: int) -> dict[str, Any]:
        known = self._state.user_list(self._found.site_id).items.get(lookup_id)
        fields = known.fields if known else {}
        return {
            "LookupId": lookup_id,
            "LookupValue": fields.get("Title", ""),
            "Email": fields.get("EMail", ""),
        }

    def _system(self, item: Item) -> dict[str, Any]:
        folder = item.file is not None and item.file.is_folder
        plain = "Document" if self._found.is_library else "Item"
        row: dict[str, Any] = {
            "id": str(item.id),
            "ContentType": "Folder" if folder else plain,
            "Modified": item.modified_at,
            "Created": item.created_at,
            "AuthorLookupId": str(item.author_id),
            "EditorLookupId": str(item.editor_id),
            "_UIVersionString": f"{item.number}.0",
            "Attachments": False,
            "Edit": "",
            "ItemChildCount": "0",
            "FolderChildCount": "0",
            "_ComplianceFlags": "",
            "_ComplianceTag": "",
            "_ComplianceTagWrittenTime": "",
            "_ComplianceTagUserId": "",
        }
        if item.fields.get("Title"):
            row["LinkTitle"] = row["LinkTitleNoMenu"] = item.fields["Title"]
        if item.file is not None:
            row |= {
                "FileLeafRef": item.file.name,
                "LinkFilename": item.file.name,
                "DocIcon": item.file.name.rpartition(".")[2],
                "FileSizeDisplay": str(item.file.size),
            }
            row.pop("Attachments")
        return row


def read_fields(state: State, found: WorkList, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Read the fields of a write into canonical names and values; the state checks the values themselves.

    Raises:
        EmulatedError: as Graph refuses: unknown column, array without a type, hyperlink, null if switched.
    """
    out: dict[str, Any] = {}
    for name, value in sent.items():
        if "@odata." in name or name == "id":
            continue
        column, by_id = _column(found, name)
        if column.kind == "hyperlink":
            raise invalid()
        if value is None and not state.switches["null_clears"]:
            raise invalid()
        out[column.name] = _value(state, column, value, by_id=by_id, typed=name + _ANNOTATION in sent)
    return out


def _column(found: WorkList, name: str) -> tuple[Column, bool]:
    if name.endswith(_ID):
        column = found.columns.get(name.removesuffix(_ID))
        if column is not None and column.kind in {"person", "lookup"}:
            return column, True
    if name not in found.columns:
        raise unknown_field(name)
    return found.columns[name], False


def _value(state: State, column: Column, value: Any, *, by_id: bool, typed: bool) -> Any:
    if value is None:
        return None
    if isinstance(value, list) and not typed:
        raise invalid(
            "A value without a type name was found and no expected type is available. When the model is "
            "specified, each value in the payload must have a type which can be either specified in the "
            "payload, explicitly by the caller or implicitly inferred from the parent value."
        )
    if column.kind in {"person", "lookup"}:
        if not by_id:
            raise invalid()
        return [_lookup(state, one) for one in value] if isinstance(value, list) else _lookup(state, value)
    if column.kind == "choices" and not isinstance(value, list):
        raise EmulatedError(500, "generalException", "General exception while processing")
    return value


def _lookup(state: State, value: Any) -> Any:
    text = isinstance(value, str) and value.isdigit() and state.switches["lookup_id_text"]
    return int(value) if text else value
