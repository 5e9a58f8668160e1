"""Columns as SharePoint REST shows and takes them: field types, SchemaXml, properties."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.sharepoint_wire import ARGUMENT, Entity, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.records import Column, WorkList

NO_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class FieldType:
    """How SharePoint calls a kind of column."""

    name: str
    number: int
    entity: str
    shown: str
    told: str
    sortable: bool = True


TYPES = {
    "text": FieldType("Text", 2, "SP.FieldText", "Single line of text", "Single line of text"),
    "note": FieldType(
        "Note", 3, "SP.FieldMultiLineText", "Multiple lines of text", "Multiple lines of text", sortable=False
    ),
    "date": FieldType("DateTime", 4, "SP.FieldDateTime", "Date and Time", "Date and Time"),
    "datetime": FieldType("DateTime", 4, "SP.FieldDateTime", "Date and Time", "Date and Time"),
    "choice": FieldType("Choice", 6, "SP.FieldChoice", "Choice", "Choice (menu to choose from)"),
    "lookup": FieldType("Lookup", 7, "SP.FieldLookup", "Lookup", "Lookup (information already on this site)"),
    "yesno": FieldType("Boolean", 8, "SP.Field", "Yes/No", "Yes/No (check box)"),
    "number": FieldType("Number", 9, "SP.FieldNumber", "Number", "Number (1, 1.0, 100)"),
    "hyperlink": FieldType(
        "URL", 11, "SP.FieldUrl", "Hyperlink or Picture", "Hyperlink or Picture", sortable=False
    ),
    "computed": FieldType("Computed", 12, "SP.FieldComputed", "Computed", "Computed"),
    "choices": FieldType(
        "MultiChoice", 15, "SP.FieldMultiChoice", "Choice", "Choice (menu to choose from)", sortable=False
    ),
    "person": FieldType("User", 20, "SP.FieldUser", "Person or Group", "Person or Group"),
}
_LARGEST = 1.7976931348623157e308
_NUMBER: dict[str, Any] = {
    "CommaSeparator": True,
    "CustomUnitName": None,
    "CustomUnitOnRight": False,
    "DisplayFormat": -1,
    "MaximumValue": _LARGEST,
    "MinimumValue": -_LARGEST,
    "ShowAsPercentage": False,
    "Unit": None,
}
_LOOKUP: dict[str, Any] = {
    "DependentLookupInternalNames": [],
    "IsDependentLookup": False,
    "IsRelationship": True,
    "LookupField": "Title",
    "LookupList": "",
    "LookupWebId": NO_ID,
    "PrimaryFieldId": None,
    "RelationshipDeleteBehavior": 0,
    "UnlimitedLengthInDocumentLibrary": False,
}
INDEXABLE = frozenset(TYPES) - {"note", "choices", "hyperlink", "computed"}
_KIND_BY_NAME = {kind.name.lower(): name for name, kind in TYPES.items()} | {
    "usermulti": "person",
    "currency": "number",
}
_KIND_BY_NUMBER = {kind.number: name for name, kind in TYPES.items()} | {10: "number"}


def field_entity(work: WorkList, column: Column, site_path: str) -> Entity:
    """The column as an `SP.Field` of its list."""
    kind = TYPES[column.kind]
    props: dict[str, Any] = {
        "AutoIndexed": False,
        "CanBeDeleted": not column.read_only and column.name != "Title",
        "ClientSideComponentId": NO_ID,
        "ClientSideComponentProperties": None,
        "ClientValidationFormula": None,
        "ClientValidationMessage": None,
        "CustomFormatter": column.formatter or None,
        "DefaultFormula": None,
        "DefaultValue": column.default,
        "Description": column.description,
        "Direction": "none",
        "EnforceUniqueValues": column.unique,
        "EntityPropertyName": entity_name(column.name),
        "Filterable": kind.sortable or column.kind == "choices",
        "FromBaseType": False,
        "Group": column.group,
        "Hidden": column.hidden,
        "Id": column.id,
        "Indexed": column.indexed,
        "IndexStatus": 1 if column.indexed else 0,
        "InternalName": column.name,
        "IsModern": False,
        "JSLink": "clienttemplates.js",
        "PinnedToFiltersPane": False,
        "ReadOnlyField": column.read_only,
        "Required": column.required,
        "SchemaXml": schema_xml(work, column),
        "Scope": f"{site_path}/{'' if work.is_library else 'Lists/'}{work.url_name}",
        "Sealed": False,
        "ShowInFiltersPane": 0,
        "Sortable": kind.sortable,
        "StaticName": column.name,
        "Title": column.display_name or column.name,
        "FieldTypeKind": kind.number,
        "TypeAsString": "UserMulti" if column.kind == "person" and column.many else kind.name,
        "TypeDisplayName": kind.shown,
        "TypeShortDescription": kind.told,
        "ValidationFormula": None,
        "ValidationMessage": None,
    }
    path = f"Web/Lists(guid'{work.id}')/Fields(guid'{column.id}')"
    return Entity(kind.entity, path, props | _particular(column))


def _particular(column: Column) -> dict[str, Any]:
    own: dict[str, Any] = {
        "FillInChoice": column.fill_in,
        "Mappings": None,
        "Choices": list(column.choices),
    }
    date: dict[str, Any] = {
        "DateTimeCalendarType": 0,
        "DateFormat": None,
        "DisplayFormat": 1 if column.kind == "datetime" else 0,
        "FriendlyDisplayFormat": 1,
        "TimeFormat": None,
    }
    lookup: dict[str, Any] = {"AllowMultipleValues": column.many, **_LOOKUP}
    by_kind: dict[str, dict[str, Any]] = {
        "choice": {**own, "EditFormat": 0},
        "choices": own,
        "date": date,
        "datetime": date,
        "number": _NUMBER,
        "lookup": lookup,
        "person": {**lookup, "LookupField": "", "SelectionMode": 0, "Presence": True},
        "note": {"AppendOnly": False, "NumberOfLines": 6, "RichText": False},
        "hyperlink": {"DisplayFormat": 0},
        "text": {"MaxLength": column.max_length},
    }
    return by_kind.get(column.kind, {})


def schema_xml(work: WorkList, column: Column) -> str:
    """The column's definition as SharePoint keeps it."""
    kind = TYPES[column.kind]
    marks = {
        "Type": "UserMulti" if column.kind == "person" and column.many else kind.name,
        "Name": column.name,
        "DisplayName": column.display_name or column.name,
        "ID": "{" + column.id + "}",
        "Required": str(column.required).upper(),
        "Indexed": str(column.indexed).upper(),
        "EnforceUniqueValues": str(column.unique).upper(),
        "SourceID": "{" + work.id + "}",
        "StaticName": column.name,
    }
    if column.kind in {"date", "datetime"}:
        marks["Format"] = "DateOnly" if column.kind == "date" else "DateTime"
    head = " ".join(f"{name}={quoteattr(value)}" for name, value in marks.items())
    inner = f"<Default>{escape(column.default)}</Default>" if column.default is not None else ""
    if column.choices:
        inner += (
            f"<CHOICES>{''.join(f'<CHOICE>{escape(word)}</CHOICE>' for word in column.choices)}</CHOICES>"
        )
    return f"<Field {head}>{inner}</Field>" if inner else f"<Field {head} />"


def from_xml(text: str) -> dict[str, Any]:
    """The attributes of a new column from its SchemaXml, by the names of `Column`.

    Raises:
        EmulatedError: 400 where it is no field definition or of an unknown type.
    """
    # Document types would let a definition name entities; SharePoint refuses them too.
    if "<!" in text:
        raise refused(400, -2147024809, ARGUMENT, "The field definition must not hold declarations.")
    try:
        root = ET.fromstring(text)  # noqa: S314 - declarations were refused above
    except ET.ParseError as problem:
        raise refused(400, -2147024809, ARGUMENT, "The field definition is not valid XML.") from problem
    said = {name.lower(): value for name, value in root.attrib.items()}
    kind = _KIND_BY_NAME.get(said.get("type", "").lower(), "")
    if not kind:
        raise refused(
            400, -2147024809, ARGUMENT, f"Field type {said.get('type', '')} is not installed properly."
        )
    kind = "date" if kind in {"date", "datetime"} and said.get("format", "").lower() == "dateonly" else kind
    kind = "datetime" if kind == "date" and said.get("format", "").lower() != "dateonly" else kind
    default = root.find("Default")
    return {
        "name": said.get("name") or internal_name(said.get("displayname", "")),
        "kind": kind,
        "display_name": said.get("displayname") or said.get("name", ""),
        "description": said.get("description", ""),
        "required": _true(said.get("required")),
        "indexed": _true(said.get("indexed")),
        "unique": _true(said.get("enforceuniquevalues")),
        "hidden": _true(said.get("hidden")),
        "choices": [choice.text or "" for choice in root.iter("CHOICE")],
        "fill_in": _true(said.get("fillinchoice")),
        "default": default.text if default is not None else None,
        "many": said.get("type", "").lower() == "usermulti" or _true(said.get("mult")),
        "group": said.get("group", "Custom Columns"),
    }


def from_props(body: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a new column from the properties of an `SP.Field`, by the names of `Column`.

    Raises:
        EmulatedError: 400 where the title is missing or the type unknown.
    """
    title = str(body.get("Title") or "").strip()
    kind = _KIND_BY_NUMBER.get(_number(body.get("FieldTypeKind")), "")
    if not title or not kind:
        raise refused(
            400, -2147024809, ARGUMENT, "A field needs a Title and a FieldTypeKind that is supported."
        )
    if kind in {"date", "datetime"}:
        kind = "date" if _number(body.get("DisplayFormat")) == 0 and "DisplayFormat" in body else "datetime"
    return {
        "name": str(body.get("StaticName") or internal_name(title)),
        "kind": kind,
        "display_name": title,
        "many": bool(body.get("AllowMultipleValues", False)),
        **changes(body),
        "choices": [str(word) for word in body.get("Choices") or []],
    }


def changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of `Column` that a MERGE of these properties changes."""
    names = {
        "Title": "display_name",
        "Description": "description",
        "Required": "required",
        "Indexed": "indexed",
        "EnforceUniqueValues": "unique",
        "Hidden": "hidden",
        "Choices": "choices",
        "FillInChoice": "fill_in",
        "DefaultValue": "default",
        "CustomFormatter": "formatter",
        "Group": "group",
        "MaxLength": "max_length",
        "ReadOnlyField": "read_only",
    }
    empty = {"formatter": "", "description": "", "group": ""}
    found = {ours: body[theirs] for theirs, ours in names.items() if theirs in body}
    return {ours: empty.get(ours, value) if value is None else value for ours, value in found.items()}


def entity_name(name: str) -> str:
    """The property of an item that carries the column: names that begin with `_` get a prefix."""
    return f"OData_{name}" if name.startswith("_") else name


def internal_name(title: str) -> str:
    """The internal name SharePoint makes of a first title; cut after 32 characters."""
    return re.sub(r"[^A-Za-z0-9_]", lambda found: f"_x{ord(found[0]):04x}_", title)[:32]


def _true(text: str | None) -> bool:
    return (text or "").lower() in {"true", "1"}


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1


def no_field(name: str) -> EmulatedError:
    """The answer for a column that is not there (400)."""
    message = f"Column '{name}' does not exist. It may have been deleted by another user."
    return refused(400, -2147024809, ARGUMENT, message)
