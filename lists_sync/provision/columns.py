"""Our column kinds as the definitions by which Graph makes a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.model import Kind

if TYPE_CHECKING:
    from lists_sync.model import Column

_FACETS: dict[Kind, tuple[str, dict[str, Any]]] = {
    Kind.TEXT: ("text", {"allowMultipleLines": False, "maxLength": 255}),
    Kind.NOTE: ("text", {"allowMultipleLines": True, "linesForEditing": 6, "textType": "plain"}),
    Kind.NUMBER: ("number", {"decimalPlaces": "automatic"}),
    Kind.YESNO: ("boolean", {}),
    Kind.DATE: ("dateTime", {"displayAs": "standard", "format": "dateOnly"}),
    Kind.DATETIME: ("dateTime", {"displayAs": "standard", "format": "dateTime"}),
    Kind.CHOICE: ("choice", {"displayAs": "dropDownMenu"}),
    Kind.CHOICES: ("choice", {"displayAs": "checkBoxes"}),
    Kind.PERSON: ("personOrGroup", {"allowMultipleSelection": False, "chooseFromType": "peopleOnly"}),
}


def definition(column: Column) -> dict[str, Any]:
    """Give the definition by which Graph makes the column, with its index and not yet unique.

    No column is made mandatory in SharePoint: a blank must be storable, because a line without a due date is
    something that the controls find and tell.
    """
    name, facet = _FACETS[column.kind]
    detail = dict(facet)
    if column.kind in {Kind.CHOICE, Kind.CHOICES}:
        detail |= {"allowTextEntry": column.fill_in, "choices": list(column.choices)}
    made: dict[str, Any] = {"name": column.name, name: detail}
    if column.description:
        made["description"] = column.description
    if column.indexed or column.unique:
        made["indexed"] = True
    if column.kind is Kind.YESNO:  # always explicit: the browser's own default would be yes
        made["defaultValue"] = {"value": "1" if column.default else "0"}
    elif isinstance(column.default, str):
        made["defaultValue"] = {"value": column.default}
    return made
