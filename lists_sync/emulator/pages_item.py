"""The page of one item: its values and what changed from version to version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lists_sync.emulator.pages_cells import Cells, date_text
from lists_sync.emulator.pages_list import item_address, item_name, page_address
from lists_sync.emulator.records import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.records import Column, Item, WorkList
    from lists_sync.emulator.state import State

_SAID = {"saved": "Saved.", "made": "The item was added."}
LONGEST_CHANGE = 300


def own_columns(found: WorkList) -> list[Column]:
    """The columns that hold what people or the bot wrote."""
    return [
        column
        for column in found.columns.values()
        if column.kind != "computed"
        and not column.read_only
        and not column.hidden
        and column.name != "FileLeafRef"
    ]


def item_page(state: State, found: WorkList, item: Item, query: Mapping[str, str]) -> dict[str, Any]:
    """What the item's template needs."""
    cells = Cells(state, found)
    system = [found.columns[name] for name in ("Created", "Author", "Modified", "Editor")]
    fields = [
        {"title": column.display_name or column.name, "cell": cells.of(item, column)}
        for column in [*own_columns(found), *system]
    ]
    return {
        **frame(state, found),
        "name": item_name(found, item),
        "edit_href": item_address(state, found, item.id, "EditForm.aspx"),
        "file_href": file_address(state, found, item),
        "said": _SAID.get(query.get("said", ""), ""),
        "fields": fields,
        "versions": _history(state, found, item, cells),
    }


def frame(state: State, found: WorkList) -> dict[str, Any]:
    """The names and addresses that every page of a list shows."""
    return {
        "list": {"title": found.title, "href": page_address(state, found), "library": found.is_library},
        "site": {"title": state.site(found.site_id).title},
    }


def file_address(state: State, found: WorkList, item: Item) -> str:
    """The address of the item's file, "" where it has none."""
    if item.file is None or item.file.is_folder:
        return ""
    return quote(f"{state.list_path(found)}/{item.file.path}")


def _history(state: State, found: WorkList, item: Item, cells: Cells) -> list[dict[str, Any]]:
    present = Version(item.number, item.fields, item.modified_at, item.editor_id)
    versions = [*item.versions, present]
    rows = []
    for place, version in enumerate(versions):
        first = place == 0
        changes = [] if first else _changes(found, cells, versions[place - 1].fields, version.fields)
        rows.append(
            {
                "label": f"{version.number}.0",
                "when": date_text(version.modified_at, state.site(found.site_id).time_zone),
                "who": cells.person(version.editor_id),
                "changes": changes,
                "note": ("Made." if version.number == 1 else "The oldest version kept.")
                if first
                else "No value changed.",
            }
        )
    return rows[::-1]


def _changes(
    found: WorkList, cells: Cells, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[dict[str, str]]:
    changed = []
    for column in own_columns(found):
        old, new = before.get(column.name), after.get(column.name)
        if old != new:
            texts = [_short(cells.value(column, value).text) or "empty" for value in (old, new)]
            changed.append({"title": column.display_name or column.name, "text": " → ".join(texts)})
    return changed


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CHANGE else f"{text[:LONGEST_CHANGE]}…"
