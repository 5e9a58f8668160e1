"""SharePoint REST of a list's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.records import Column, WorkList
from lists_sync.emulator.sharepoint_columns import changes, field_entity, from_props, from_xml, no_field
from lists_sync.emulator.sharepoint_filter import read_filter
from lists_sync.emulator.sharepoint_lists import the_list
from lists_sync.emulator.sharepoint_shapes import shaped
from lists_sync.emulator.sharepoint_table import on
from lists_sync.emulator.sharepoint_wire import ARGUMENT, SP_EXCEPTION, Answer, Call, made_status, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.state import State


def the_column(found: WorkList, call: Call) -> Column:
    """The column that the address names, by guid, title or internal name.

    Raises:
        EmulatedError: 400 where the list has none such.
    """
    step = call.resource.step("fields")
    wanted = step.key or ""
    by_name = found.columns.get(wanted) if step.by == "name" else None
    if by_name is not None:
        return by_name
    for column in found.columns.values():
        if (step.by and column.display_name == wanted) or (
            not step.by and column.id == wanted.strip("{}").lower()
        ):
            return column
    raise no_field(wanted)


@on("GET", "web/lists()/fields")
def get_fields(state: State, call: Call) -> Answer:
    """The list's columns."""
    found = the_list(state, call)
    rows = [field_entity(found, column, call.site.path) for column in found.columns.values()]
    if call.option("$filter"):
        test = read_filter(call.option("$filter"))
        rows = [row for row in rows if test.matches(row.props)]
    return Answer(rows=[shaped(row, call) for row in rows])


@on("GET", "web/lists()/fields()")
def get_field(state: State, call: Call) -> Answer:
    """One column."""
    found = the_list(state, call)
    return Answer(entity=shaped(field_entity(found, the_column(found, call), call.site.path), call))


@on("POST", "web/lists()/fields", "web/lists()/fields/add")
def add_field(state: State, call: Call) -> Answer:
    """Add a column from its properties."""
    return _made_field(state, call, from_props(call.body.get("parameters", call.body)))


@on("POST", "web/lists()/fields/addfield")
def add_field_by_parameters(state: State, call: Call) -> Answer:
    """Add a column from the properties inside `parameters`."""
    return _made_field(state, call, from_props(call.body.get("parameters") or {}))


@on("POST", "web/lists()/fields/createfieldasxml")
def add_field_by_xml(state: State, call: Call) -> Answer:
    """Add a column from its SchemaXml."""
    parameters = call.body.get("parameters") or {}
    return _made_field(state, call, from_xml(str(parameters.get("SchemaXml") or "")))


def _made_field(state: State, call: Call, members: Mapping[str, Any]) -> Answer:
    found = the_list(state, call)
    if members["name"] in found.columns:
        name = members["name"]
        message = f'A duplicate field name "{name}" was found.'
        raise refused(500, -2130575251, SP_EXCEPTION, message)
    try:
        made = state.add_column(found.id, Column(id="", **members))
    except EmulatedError as problem:
        raise refused(400, -2147024809, ARGUMENT, problem.message) from problem
    return Answer(made_status(call), entity=field_entity(found, made, call.site.path))


@on("MERGE", "web/lists()/fields()")
def update_field(state: State, call: Call) -> Answer:
    """Change a column's properties; what SharePoint keeps elsewhere is taken and forgotten."""
    found = the_list(state, call)
    column = the_column(found, call)
    wanted = changes(call.body)
    if "SchemaXml" in call.body:
        said = from_xml(str(call.body["SchemaXml"]))
        wanted |= {name: said[name] for name in ("required", "indexed", "unique", "choices", "default")}
    if wanted.get("unique") and not wanted.get("indexed", column.indexed):
        message = "The field must be indexed before unique values can be enforced."
        raise refused(400, -2147024809, ARGUMENT, message)
    try:
        state.update_column(found.id, column.name, **wanted)
    except EmulatedError as problem:
        duplicate = problem.sp_code.startswith("-2130575169")
        raise problem if duplicate else refused(400, -2147024809, ARGUMENT, problem.message) from problem
    return Answer(204)


@on("DELETE", "web/lists()/fields()")
def delete_field(state: State, call: Call) -> Answer:
    """Remove a column."""
    found = the_list(state, call)
    column = the_column(found, call)
    if column.read_only or column.name == "Title":
        raise refused(400, -2147024891, SP_EXCEPTION, "The field cannot be deleted.")
    state.delete_column(found.id, column.name)
    return Answer(200)
