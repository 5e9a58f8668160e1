"""The page of a list: a table with views, sorting, a filter and pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from lists_sync.emulator.pages_cells import Cells, date_text

if TYPE_CHECKING:
    from collections.abc import Mapping

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
_REFERENCES = (
    "ActionRef",
    "EscalationKey",
    "HoldKey",
    "RunKey",
    "RecordKey",
    "SampleKey",
    "ComplaintRef",
    "Email",
)


@dataclass(frozen=True)
class Wanted:
    """What the query string asks for."""

    view: str
    sort: str
    descending: bool
    column: str
    value: str
    page: int

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        """Read the query string; nonsense counts as not given."""
        page = query.get("page", "1")
        return cls(
            query.get("view", ""),
            query.get("SortField", ""),
            query.get("SortDir", "").lower() == "desc",
            query.get("FilterField1", "") or query.get("FilterFields1", ""),
            (query.get("FilterValue1", "") or query.get("FilterValues1", "")).strip(),
            int(page) if page.isdigit() and int(page) > 0 else 1,
        )

    def link(self, **changes: Any) -> str:
        """The query string with some of it changed."""
        asked = {
            "view": self.view,
            "SortField": self.sort,
            "SortDir": "Desc" if self.descending else "",
            "FilterField1": self.column,
            "FilterValue1": self.value,
            "page": "",
            **changes,
        }
        return "?" + urlencode({name: value for name, value in asked.items() if value})


def page_address(state: State, found: WorkList, page: str = "AllItems.aspx") -> str:
    """The address of a page of the list."""
    return quote(f"{state.list_path(found)}/{'Forms/' if found.is_library else ''}{page}")


def item_address(state: State, found: WorkList, item_id: int, page: str = "DispForm.aspx") -> str:
    """The address of an item's page."""
    return f"{page_address(state, found, page)}?ID={item_id}"


def item_name(found: WorkList, item: Item) -> str:
    """What people call the item: its reference, file name or title."""
    names = (item.file.name if item.file else "", *(item.fields.get(name) for name in _REFERENCES))
    named = next((name for name in names if name), None)
    return str(named or item.fields.get("Title") or f"{found.title} {item.id}")


def list_page(state: State, found: WorkList, query: Mapping[str, str]) -> dict[str, Any]:
    """What the list's template needs."""
    wanted, cells = Wanted.of(query), Cells(state, found)
    view = _view(found, wanted.view)
    columns = _columns(found, view)
    items = _sorted(_filtered(state.items(found.id), columns, cells, wanted), found, wanted)
    count = max(1, -(-len(items) // PAGE_ROWS))
    number = min(wanted.page, count)
    shown = items[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    return {
        "list": {"title": found.title, "library": found.is_library, "href": page_address(state, found)},
        "site": {"title": state.site(found.site_id).title},
        "summary": _summary(state, found, len(items), wanted),
        "views": [_view_link(one, view, wanted) for one in found.views],
        "kept": {
            "view": wanted.view,
            "SortField": wanted.sort,
            "SortDir": "Desc" if wanted.descending else "",
        },
        "columns": [_heading(column, wanted) for column in columns],
        "filter": {"column": wanted.column, "value": wanted.value},
        "clear_href": wanted.link(FilterField1="", FilterValue1=""),
        "new_href": page_address(state, found, "NewForm.aspx"),
        "rows": [_row(state, found, item, columns, cells) for item in shown],
        "pages": _pages(number, count, wanted),
    }


def _summary(state: State, found: WorkList, shown: int, wanted: Wanted) -> str:
    zone = state.site(found.site_id).time_zone
    total = f"{len(found.items):,} item{'' if len(found.items) == 1 else 's'}"
    counted = f"{shown:,} of {total}" if wanted.value else total
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
    names = dict.fromkeys(_LINKS.get(name, name) for name in view.fields)
    return [
        found.columns[name]
        for name in names
        if name in found.columns and name not in _NEVER and not found.columns[name].hidden
    ]


def _filtered(items: list[Item], columns: list[Column], cells: Cells, wanted: Wanted) -> list[Item]:
    if not wanted.value:
        return items
    words = {word.casefold() for word in wanted.value.split(";#")}
    looked = [column for column in columns if wanted.column in ("", column.name)]

    def matches(item: Item, column: Column) -> bool:
        flag = {"1": "yes", "0": "no"} if column.kind == "yesno" else {}
        text = cells.of(item, column).text.casefold()
        return any(flag.get(word, word) in text for word in words)

    return [item for item in items if any(matches(item, column) for column in looked)]


def _sorted(items: list[Item], found: WorkList, wanted: Wanted) -> list[Item]:
    if wanted.sort not in found.columns:
        return items
    own = {"Modified": "modified_at", "Created": "created_at", "Author": "author_id", "Editor": "editor_id"}

    def value(item: Item) -> Any:
        raw = getattr(item, own[wanted.sort]) if wanted.sort in own else item.fields.get(wanted.sort)
        return "; ".join(map(str, raw)).casefold() if isinstance(raw, list) else raw

    full = [(value(item), item) for item in items]
    known = [
        (held.casefold() if isinstance(held, str) else held, item) for held, item in full if held is not None
    ]
    known.sort(
        key=lambda pair: str(pair[0]) if isinstance(pair[0], dict) else pair[0], reverse=wanted.descending
    )
    return [item for _, item in known] + [item for held, item in full if held is None]


def _heading(column: Column, wanted: Wanted) -> dict[str, str]:
    here = column.name == wanted.sort
    way = "" if here and wanted.descending else ("Desc" if here else "")
    state = ("descending" if wanted.descending else "ascending") if here else ""
    title = column.display_name or column.name
    return {
        "name": column.name,
        "title": title,
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
