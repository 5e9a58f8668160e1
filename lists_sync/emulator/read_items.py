"""Gives the items of a list as the load format takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.emulator.values import local_day

if TYPE_CHECKING:
    from lists_sync.emulator.records import Column, Item, WorkList
    from lists_sync.emulator.state import State

Row = dict[str, Any]


def read_items(state: State, key: str) -> list[Row]:
    """Give every item of a list, ids ascending: its `id`, and each column that holds something.

    People are given by e-mail, days as `YYYY-MM-DD`, instants in UTC; posted back to `load`, an item stays as
    it was.

    Args:
        key: the key of its schema.

    Raises:
        ValueError: no list was made of a schema of that key.
    """
    with state.lock:
        found = _list_of(state, key)
        return [_row(state, found, item) for item in state.items(found.id) if not _is_folder(item)]


def _list_of(state: State, key: str) -> WorkList:
    for site in state.sites():
        for found in state.lists(site.id):
            if found.key == key:
                return found
    raise ValueError(f"There is no list of the key {key}.")


def _is_folder(item: Item) -> bool:
    return item.file is not None and item.file.is_folder


def _row(state: State, found: WorkList, item: Item) -> Row:
    row: Row = {"id": item.id}
    for name, value in item.fields.items():
        column = found.columns.get(name)
        if column is not None and not column.read_only:
            row[name] = _plain(state, found, column, value)
    return row


def _plain(state: State, found: WorkList, column: Column, value: Any) -> Any:
    if column.kind == "person":
        return state.lookup_email(found.site_id, value) if isinstance(value, int) else value
    if column.kind == "date":
        return local_day(str(value), state.site(found.site_id).time_zone).isoformat()
    return value
