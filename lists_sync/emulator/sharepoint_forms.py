"""ValidateUpdateListItem: values as a person types them, and an answer for each instead of an error."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lists_sync.emulator.clock import iso
from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.sharepoint_items import item_id
from lists_sync.emulator.sharepoint_lists import the_list
from lists_sync.emulator.sharepoint_table import on
from lists_sync.emulator.sharepoint_wire import Answer, Call, Complex

if TYPE_CHECKING:
    from lists_sync.emulator.records import Column, Site, WorkList
    from lists_sync.emulator.state import State

_REFUSED_CODE = -2146232832
_DATE_FORMS = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")


@on("POST", "web/lists()/items()/validateupdatelistitem")
def validate_update(state: State, call: Call) -> Answer:
    """Change an item from typed values; one that cannot be read stops them all, and the status stays 200."""
    found = the_list(state, call)
    item = state.item(found.id, item_id(call))
    values, results = _read(state, call, found)
    failed = any(result["HasException"] for result in results)
    if not failed:
        overwrite = (
            bool(call.body.get("bNewDocumentUpdate")) and state.switches["overwrite_version_supported"]
        )
        try:
            state.update_item(found.id, item.id, values, actor=call.actor, new_version=not overwrite)
        except EmulatedError as problem:
            results = [
                _result(result["FieldName"], result["FieldValue"], problem.sp_message) for result in results
            ]
            failed = True
    return _answer("ValidateUpdateListItem", results, 0 if failed else item.id)


@on("POST", "web/lists()/addvalidateupdateitem", "web/lists()/addvalidateupdateitemusingpath")
def add_validated(state: State, call: Call) -> Answer:
    """Make an item from typed values; a last result named Id carries its number."""
    found = the_list(state, call)
    values, results = _read(state, call, found)
    made = 0
    if not any(result["HasException"] for result in results):
        try:
            made = state.create_item(found.id, values, actor=call.actor).id
        except EmulatedError as problem:
            results = [
                _result(result["FieldName"], result["FieldValue"], problem.sp_message) for result in results
            ]
    return _answer("AddValidateUpdateItemUsingPath", [*results, _result("Id", str(made))], 0)


def _answer(name: str, results: list[dict[str, Any]], item: int) -> Answer:
    rows = [Complex("SP.ListItemFormUpdateValue", {**result, "ItemId": item}) for result in results]
    return Answer(result=(name, rows))


def _read(state: State, call: Call, found: WorkList) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    values: dict[str, Any] = {}
    results = []
    for sent in call.body.get("formValues") or []:
        name, text = str(sent.get("FieldName")), str(sent.get("FieldValue") or "")
        try:
            column = found.columns[name]
            values[name] = typed(state, call.site, column, text)
            state.checked(found, {name: values[name]})
            results.append(_result(name, text))
        except KeyError:
            results.append(_result(name, text, f"Column '{name}' does not exist.", code=0))
        except EmulatedError as problem:
            results.append(_result(name, text, problem.sp_message))
        except (ValueError, TypeError) as problem:
            results.append(_result(name, text, str(problem)))
    return values, results


def _result(name: str, text: str, problem: str = "", *, code: int = _REFUSED_CODE) -> dict[str, Any]:
    return {
        "ErrorCode": code if problem else 0,
        "ErrorMessage": problem or None,
        "FieldName": name,
        "FieldValue": text,
        "HasException": bool(problem),
    }


def typed(state: State, site: Site, column: Column, text: str) -> Any:
    """Give the value that typed text stands for, None for none.

    Raises:
        ValueError: it cannot be read.
        EmulatedError: it names nobody.
    """
    if not text:
        return None
    if column.kind == "number":
        return float(text.replace(",", ""))
    if column.kind == "yesno":
        return text.lower() in {"1", "yes", "true"}
    if column.kind == "choices":
        return [word for word in text.split(";#") if word]
    if column.kind == "person":
        ids = [state.ensure_user(site.id, str(one["Key"])).id for one in json.loads(text)]
        return ids if column.many else (ids[0] if ids else None)
    return _date(text, site.time_zone) if column.kind in {"date", "datetime"} else text


def _date(text: str, zone: str) -> str:
    for form in _DATE_FORMS:
        try:
            return iso(datetime.strptime(text, form).replace(tzinfo=ZoneInfo(zone)))
        except ValueError:
            continue
    raise ValueError("Enter a date like this: 23/02/2012")
