"""The page of one item: its values and what changed from version to version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lists_sync.emulator.pages_cells import Cells, date_text
from lists_sync.emulator.pages_frame import (
    column_title,
    editable,
    frame,
    item_address,
    item_name,
    own_columns,
    useful_first,
)
from lists_sync.emulator.records import Version
from lists_sync.emulator.teams_card import card_blocks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.records import Column, Item, WorkList
    from lists_sync.emulator.state import State

BY_THE_BOT = "Written by lists-sync"
LONGEST_CHANGE = 300


def item_page(state: State, found: WorkList, item: Item, query: Mapping[str, str]) -> dict[str, Any]:
    """What the item's template needs."""
    cells, people = Cells(state, found), editable(found)
    bot = [column for column in own_columns(found) if column.bot and column.name != "Title"]
    system = [found.columns[name] for name in ("Created", "Author", "Modified", "Editor")]
    groups = [("Kept by people", useful_first(people)), (BY_THE_BOT, useful_first(bot)), ("Item", system)]
    if found.columns["Title"].bot:
        # What the bot made is read before it is answered.
        groups[:2] = groups[1::-1]
    return {
        **frame(state, found),
        "name": item_name(found, item),
        "edit_href": item_address(state, found, item.id, "EditForm.aspx") if people else "",
        "file_href": file_address(state, found, item),
        "said": _said(query.get("said", ""), item, cells),
        "groups": [
            {"title": title, "fields": [_shown(cells, item, column) for column in columns]}
            for title, columns in groups
            if columns
        ],
        "versions": _history(state, found, item, cells),
    }


def _shown(cells: Cells, item: Item, column: Column) -> dict[str, Any]:
    """A column's title and cell; a note that is a card is drawn as one."""
    value = item.fields.get(column.name) if column.kind == "note" else None
    return {"title": column_title(column), "cell": cells.of(item, column), "blocks": card_blocks(value)}


def _said(word: str, item: Item, cells: Cells) -> str:
    """What became of a form; only words that our own pages send are told."""
    by = cells.person(item.editor_id)
    told = {
        "saved": f"Saved as version {item.number}.0 by {by}. The next run of a control reads it.",
        "made": f"The item was added by {by}. The next run of a control reads it.",
        "same": "You changed nothing, so nothing was saved.",
    }
    return told.get(word, "")


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
            changed.append({"title": column_title(column), "text": " → ".join(texts)})
    return changed


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CHANGE else f"{text[:LONGEST_CHANGE]}…"
