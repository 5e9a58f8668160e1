"""The page of a list: a table with views, sorting, a filter and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.emulator.pages_cells import Cells, date_text
from lists_sync.emulator.pages_frame import (
    REFERENCES,
    column_title,
    editable,
    frame,
    item_address,
    item_name,
    page_address,
    useful_first,
)
from lists_sync.emulator.pages_rows import Wanted, filtered, ordered, view_query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.pages_caml import Query
    from lists_sync.emulator.records import Column, Item, View, WorkList
    from lists_sync.emulator.state import State

PAGE_ROWS = 100
_LINKS = {"LinkTitle": "Title", "LinkTitleNoMenu": "Title", "LinkFilename": "FileLeafRef"}
_NEVER = {
    "DocIcon",
    "Edit",
    "ContentType",
    "Attachments",
    "ItemChildCount",
    "FolderChildCount",
    "FileSizeDisplay",
}


def list_page(state: State, found: WorkList, query: Mapping[str, str]) -> dict[str, Any]:
    """What the list's template needs."""
    wanted, cells = Wanted.of(query), Cells(state, found)
    view = _view(found, wanted.view)
    asked = view_query(state, found, view)
    reference, columns = _reference(found), _columns(found, view)
    items, total = _items(state, found, asked, wanted), len(found.items)
    items = filtered(items, found, [reference, *columns], cells, wanted)
    count = max(1, -(-len(items) // PAGE_ROWS))
    number = min(wanted.page, count)
    shown = items[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    columns = [column for column in columns if not _repeats(found, column, shown, cells)]
    return {
        **frame(state, found),
        "summary": _summary(state, found, len(items), view),
        "notice": "" if asked else "This page cannot apply the filter of this view: every item is shown.",
        "views": [_view_link(one, view, wanted) for one in found.views],
        "kept": {name: value for name, value in _kept(wanted).items() if value},
        "reference": _heading(reference, wanted),
        "columns": [_heading(column, wanted) for column in columns],
        "filter": _filter(found, [reference, *columns], wanted),
        "clear_href": wanted.link(filtered=False),
        "total": total,
        "new_href": page_address(state, found, "NewForm.aspx") if _people_add(found) else "",
        "rows": [_row(state, found, item, columns, cells) for item in shown],
        "pages": _pages(number, count, wanted),
    }


def _items(state: State, found: WorkList, asked: Query | None, wanted: Wanted) -> list[Item]:
    items = state.items(found.id)
    if asked:
        items = ordered([item for item in items if asked.matches(item)], found, asked.order)
    return ordered(items, found, ((wanted.sort, not wanted.descending),)) if wanted.sort else items


def _kept(wanted: Wanted) -> dict[str, str]:
    return {
        "view": wanted.view,
        "SortField": wanted.sort,
        "SortDir": "Desc" if wanted.descending else "",
    }


def _filter(found: WorkList, shown: list[Column], wanted: Wanted) -> dict[str, Any]:
    """The filter form: its columns, what stands in it, and all filters told in words."""
    column, value = wanted.filters[0] if wanted.filters else ("", "")
    offered = {one.name: column_title(one) for one in shown}
    if column in found.columns:
        offered.setdefault(column, column_title(found.columns[column]))
    told = [
        f"{column_title(found.columns[name]) if name in found.columns else 'any column'} holds"
        f" “{_told_value(found.columns.get(name), text)}”"
        for name, text in wanted.filters
    ]
    return {"column": column, "value": value, "offered": offered, "told": " and ".join(told)}


def _told_value(column: Column | None, text: str) -> str:
    words = text.split(";#")
    if column is not None and column.kind == "yesno":
        words = [{"1": "Yes", "0": "No"}.get(word, word) for word in words]
    return "” or “".join(words)


def _summary(state: State, found: WorkList, shown: int, view: View) -> str:
    zone = state.site(found.site_id).time_zone
    total = f"{len(found.items):,} item{'' if len(found.items) == 1 else 's'}"
    part = shown != len(found.items) or bool(view.query)
    counted = f"{shown:,} of {total}" if part else total
    return (
        f"{counted}. Times are those of {zone.replace('_', ' ')}; changed {date_text(_changed(found), zone)}."
    )


def _changed(found: WorkList) -> str:
    return max((item.modified_at for item in found.items.values()), default=found.modified_at)


def last_changed(state: State, found: WorkList) -> str:
    """When the list or one of its items last changed, in local time."""
    return date_text(_changed(found), state.site(found.site_id).time_zone)


def _view(found: WorkList, title: str) -> View:
    named = [view for view in found.views if view.title == title]
    return named[0] if named else next((view for view in found.views if view.default), found.views[0])


def _view_link(view: View, current: View, wanted: Wanted) -> dict[str, Any]:
    return {"title": view.title, "href": wanted.link(view=view.title), "current": view is current}


def _columns(found: WorkList, view: View) -> list[Column]:
    """The columns of a view; a view of everything begins with what people look for first."""
    names = list(dict.fromkeys(_LINKS.get(name, name) for name in view.fields))
    columns = [
        found.columns[name]
        for name in names
        if name in found.columns and name not in _NEVER and not found.columns[name].hidden
    ]
    return useful_first(columns) if view.default else columns


def _people_add(found: WorkList) -> bool:
    """Whether people add items here; what the bot names, the bot makes."""
    return bool(editable(found)) and not found.is_library and not _reference(found).bot


def _reference(found: WorkList) -> Column:
    """The column that people know an item by; it heads the first column of the table."""
    names = ("FileLeafRef", *REFERENCES, "Title")
    return next(found.columns[name] for name in names if name in found.columns)


def _repeats(found: WorkList, column: Column, shown: list[Item], cells: Cells) -> bool:
    """Whether a column says no more than the item's name beside it."""
    texts = ((cells.of(item, column).text, item_name(found, item)) for item in shown)
    return column.kind == "text" and bool(shown) and all(text in ("", name) for text, name in texts)


def _heading(column: Column, wanted: Wanted) -> dict[str, str]:
    here = column.name == wanted.sort
    way = "" if here and wanted.descending else ("Desc" if here else "")
    state = ("descending" if wanted.descending else "ascending") if here else ""
    return {
        "name": column.name,
        "title": column_title(column),
        "sorted": state,
        "href": wanted.link(SortField=column.name, SortDir=way),
    }


def _row(state: State, found: WorkList, item: Item, columns: list[Column], cells: Cells) -> dict[str, Any]:
    return {
        "href": item_address(state, found, item.id),
        "name": item_name(found, item),
        "cells": [cells.of(item, column) for column in columns],
    }


def _pages(number: int, count: int, wanted: Wanted) -> dict[str, Any]:
    before = wanted.link(page=str(number - 1)) if number > 1 else ""
    after = wanted.link(page=str(number + 1)) if number < count else ""
    return {"number": number, "count": count, "before": before, "after": after}
