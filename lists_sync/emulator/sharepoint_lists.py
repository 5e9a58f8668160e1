"""SharePoint REST of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lists_sync.emulator.records import WorkList
from lists_sync.emulator.sharepoint_bodies import list_entity, view_entity
from lists_sync.emulator.sharepoint_columns import field_entity
from lists_sync.emulator.sharepoint_filter import read_filter
from lists_sync.emulator.sharepoint_shapes import folder_entity, shaped
from lists_sync.emulator.sharepoint_table import on
from lists_sync.emulator.sharepoint_wire import (
    ARGUMENT,
    Answer,
    Call,
    Entity,
    made_status,
    refused,
)

if TYPE_CHECKING:
    from lists_sync.emulator.state import State

_KINDS_OF_LIST = {100: "genericList", 101: "documentLibrary"}


def the_list(state: State, call: Call) -> WorkList:
    """The list that the address names, by guid, title or address.

    Raises:
        EmulatedError: 404 where the site has none such.
    """
    step = call.resource.step("lists")
    wanted = step.key or ""
    if step.by == "users":
        return state.user_list(call.site.id)
    for found in state.lists(call.site.id, system=True):
        by_title = step.by == "title" and found.title.casefold() == wanted.casefold()
        by_url = step.by == "url" and state.list_path(found).casefold() == wanted.rstrip("/").casefold()
        by_documents = step.by == "documents" and found.is_library
        if by_title or by_url or by_documents or (not step.by and found.id == wanted.strip("{}").lower()):
            return found
    url = state.site_url(call.site)
    raise refused(404, -1, ARGUMENT, f"List '{wanted}' does not exist at site with URL '{url}'.")


def shown_list(state: State, call: Call, found: WorkList) -> Entity:
    """The list as the call's `$select` and `$expand` want it."""
    expansions = {
        "Fields": lambda: [field_entity(found, column, call.site.path) for column in found.columns.values()],
        "Views": lambda: [view_entity(state, found, view) for view in found.views],
        "RootFolder": lambda: folder_entity(state, found),
    }
    return shaped(list_entity(state, found), call, expansions)


@on("GET", "web/lists")
def get_lists(state: State, call: Call) -> Answer:
    """The lists of the web."""
    rows = [shown_list(state, call, found) for found in state.lists(call.site.id, system=True)]
    if call.option("$filter"):
        test = read_filter(call.option("$filter"))
        whole = {
            found.id: list_entity(state, found).props for found in state.lists(call.site.id, system=True)
        }
        kept = [test.matches(props) for props in whole.values()]
        rows = [row for row, keep in zip(rows, kept, strict=True) if keep]
    return Answer(rows=rows)


@on("GET", "web/lists()")
def get_list(state: State, call: Call) -> Answer:
    """One list."""
    return Answer(entity=shown_list(state, call, the_list(state, call)))


@on("GET", "web/lists()/rootfolder")
def get_root_folder(state: State, call: Call) -> Answer:
    """The list's root folder."""
    return Answer(entity=shaped(folder_entity(state, the_list(state, call)), call))


@on("POST", "web/lists", "web/lists/add")
def add_list(state: State, call: Call) -> Answer:
    """Make a list or library."""
    body = call.body.get("parameters", call.body)
    title, template = str(body.get("Title") or "").strip(), body.get("BaseTemplate", 100)
    if not title or template not in _KINDS_OF_LIST:
        raise refused(400, -2147024809, ARGUMENT, "A list needs a Title and a BaseTemplate of 100 or 101.")
    about = str(body.get("Description") or "")
    made = state.create_list(call.site.id, title, template=_KINDS_OF_LIST[template], description=about)
    return Answer(made_status(call), entity=list_entity(state, made))


@on("MERGE", "web/lists()")
def update_list(state: State, call: Call) -> Answer:
    """Change title, description or hidden of a list."""
    names = {"Title": "title", "Description": "description", "Hidden": "hidden"}
    found = the_list(state, call)
    state.update_list(found.id, **{names[name]: value for name, value in call.body.items() if name in names})
    return Answer(204)


@on("DELETE", "web/lists()")
def delete_list(state: State, call: Call) -> Answer:
    """Remove a list."""
    state.delete_list(the_list(state, call).id)
    return Answer(200)
