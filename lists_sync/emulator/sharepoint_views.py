"""SharePoint REST of a list's views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.sharepoint_bodies import view_entity
from lists_sync.emulator.sharepoint_columns import no_field
from lists_sync.emulator.sharepoint_filter import read_filter
from lists_sync.emulator.sharepoint_lists import the_list
from lists_sync.emulator.sharepoint_shapes import shaped, view_fields_entity
from lists_sync.emulator.sharepoint_table import on
from lists_sync.emulator.sharepoint_wire import ARGUMENT, Answer, Call, Entity, made_status, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.records import View, WorkList
    from lists_sync.emulator.state import State


def the_view(state: State, found: WorkList, call: Call) -> View:
    """The view that the address names, by guid or title, or the default one.

    Raises:
        EmulatedError: 404 where the list has none such.
    """
    step = call.resource.step("views")
    if step.key is None:
        return next((view for view in found.views if view.default), found.views[0])
    try:
        return state.view(found.id, step.key)
    except EmulatedError as problem:
        raise refused(404, -2147024809, ARGUMENT, "The specified view is invalid.") from problem


@on("GET", "web/lists()/views")
def get_views(state: State, call: Call) -> Answer:
    """The list's views."""
    found = the_list(state, call)
    rows = [_shown_view(state, call, found, view) for view in found.views]
    if call.option("$filter"):
        test = read_filter(call.option("$filter"))
        kept = [test.matches(view_entity(state, found, view).props) for view in found.views]
        rows = [row for row, keep in zip(rows, kept, strict=True) if keep]
    return Answer(rows=rows)


@on("GET", "web/lists()/views()", "web/lists()/defaultview")
def get_view(state: State, call: Call) -> Answer:
    """One view."""
    found = the_list(state, call)
    return Answer(entity=_shown_view(state, call, found, the_view(state, found, call)))


def _shown_view(state: State, call: Call, found: WorkList, view: View) -> Entity:
    fields = {"ViewFields": lambda: view_fields_entity(found, view)}
    return shaped(view_entity(state, found, view), call, fields)


@on("POST", "web/lists()/views", "web/lists()/views/add")
def add_view(state: State, call: Call) -> Answer:
    """Add a view; the same title again makes a second one."""
    found = the_list(state, call)
    body = call.body.get("parameters", call.body)
    title = str(body.get("Title") or "").strip()
    if not title:
        raise refused(400, -2147024809, ARGUMENT, "A view needs a Title.")
    members = _view_members(body)
    fields = body.get("ViewFields") or []
    view = state.add_view(found.id, title, fields=[str(name) for name in fields], **members)
    return Answer(made_status(call), entity=view_entity(state, found, view))


@on("MERGE", "web/lists()/views()")
def update_view(state: State, call: Call) -> Answer:
    """Change a view's properties."""
    found = the_list(state, call)
    members = _view_members(call.body)
    if call.body.get("Title"):
        members["title"] = str(call.body["Title"])
    state.update_view(found.id, the_view(state, found, call).id, **members)
    return Answer(204)


@on("DELETE", "web/lists()/views()")
def delete_view(state: State, call: Call) -> Answer:
    """Remove a view."""
    found = the_list(state, call)
    state.delete_view(found.id, the_view(state, found, call).id)
    return Answer(200)


def _view_members(body: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "Query": "query",
        "ViewQuery": "query",
        "RowLimit": "row_limit",
        "Paged": "paged",
        "PersonalView": "personal",
        "SetAsDefaultView": "default",
        "DefaultView": "default",
        "CustomFormatter": "formatter",
        "ViewType2": "view_type2",
    }
    return {ours: body[theirs] for theirs, ours in names.items() if body.get(theirs) is not None}


@on("GET", "web/lists()/views()/viewfields", "web/lists()/defaultview/viewfields")
def get_view_fields(state: State, call: Call) -> Answer:
    """The columns a view shows."""
    found = the_list(state, call)
    return Answer(entity=view_fields_entity(found, the_view(state, found, call)))


@on(
    "POST",
    "web/lists()/views()/viewfields/addviewfield",
    "web/lists()/views()/viewfields/removeviewfield",
    "web/lists()/views()/viewfields/removeallviewfields",
    "web/lists()/views()/viewfields/moveviewfieldto",
)
def change_view_fields(state: State, call: Call) -> Answer:
    """Add, remove or move a column of a view."""
    found = the_list(state, call)
    view, step = the_view(state, found, call), call.resource.last
    name = step.args[0] if step.args else str(call.body.get("field") or call.body.get("strField") or "")
    if step.name == "removeallviewfields":
        state.update_view(found.id, view.id, fields=[])
        return Answer(200)
    if name not in found.columns:
        raise no_field(name)
    fields = [field for field in view.fields if field != name]
    if step.name == "addviewfield":
        fields = [*view.fields, *([name] if name not in view.fields else [])]
    elif step.name == "moveviewfieldto":
        fields.insert(int(call.body.get("index") or 0), name)
    state.update_view(found.id, view.id, fields=fields)
    return Answer(200)
