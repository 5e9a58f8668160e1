"""Which items a list's page shows, and in what order: by its view, its filter and its sorting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from lists_sync.emulator.pages_caml import CamlError, Query, held_value, read_query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.pages_cells import Cells
    from lists_sync.emulator.records import Column, Item, View, WorkList
    from lists_sync.emulator.state import State

MOST_FILTERS = 10


@dataclass(frozen=True)
class Wanted:
    """What the query string asks for; `filters` are column and value, the column "" for any."""

    view: str
    sort: str
    descending: bool
    filters: tuple[tuple[str, str], ...]
    page: int

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        """Read the query string; nonsense counts as not given."""
        page = query.get("page", "1")
        return cls(
            query.get("view", ""),
            query.get("SortField", ""),
            query.get("SortDir", "").lower() == "desc",
            tuple(_filters(query)),
            int(page) if page.isdigit() and int(page) > 0 else 1,
        )

    def link(self, *, filtered: bool = True, **changes: Any) -> str:
        """The query string with some of it changed; `filtered` says whether the filters stay."""
        asked = {
            "view": self.view,
            "SortField": self.sort,
            "SortDir": "Desc" if self.descending else "",
            **(filter_fields(self.filters) if filtered else {}),
            "page": "",
            **changes,
        }
        return "?" + urlencode({name: value for name, value in asked.items() if value})


def _filters(query: Mapping[str, str]) -> list[tuple[str, str]]:
    found = []
    for number in range(1, MOST_FILTERS + 1):
        column = query.get(f"FilterField{number}") or query.get(f"FilterFields{number}") or ""
        value = query.get(f"FilterValue{number}") or query.get(f"FilterValues{number}") or ""
        if value.strip():
            found.append((column, value.strip()))
    return found


def filter_fields(filters: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The fields of a query string that stand for filters."""
    fields: dict[str, str] = {}
    for number, (column, value) in enumerate(filters, start=1):
        fields |= {f"FilterField{number}": column, f"FilterValue{number}": value}
    return fields


def view_query(state: State, found: WorkList, view: View) -> Query | None:
    """What a view asks for; None where its CAML holds what this page cannot apply."""
    zone = state.site(found.site_id).time_zone
    try:
        return read_query(view.query, found, now=state.clock.now(), zone=zone)
    except CamlError:
        return None


def filtered(
    items: list[Item], found: WorkList, shown: list[Column], cells: Cells, wanted: Wanted
) -> list[Item]:
    """The items that match every filter."""
    for name, value in wanted.filters:
        words = {word.casefold() for word in value.split(";#")}
        if name in found.columns:
            items = _holding(items, found.columns[name], cells, words)
        else:
            texts = [(item, [cells.of(item, column).text.casefold() for column in shown]) for item in items]
            items = [item for item, held in texts if any(word in text for word in words for text in held)]
    return items


def _holding(items: list[Item], column: Column, cells: Cells, words: set[str]) -> list[Item]:
    """Items whose column holds a word: the whole value where any item has it so, else a part of it."""
    if column.kind == "yesno":
        words = {{"1": "yes", "0": "no", "true": "yes", "false": "no"}.get(word, word) for word in words}
    texts = [(item, cells.of(item, column)) for item in items]
    offered = {word.casefold() for word in column.choices}
    whole = [item for item, cell in texts if words & {part.casefold() for part in cell.parts}]
    if whole or words & offered:
        return whole
    return [item for item, cell in texts if any(word in cell.text.casefold() for word in words)]


def ordered(items: list[Item], found: WorkList, order: tuple[tuple[str, bool], ...]) -> list[Item]:
    """The items sorted by columns, the first weighing most; those without a value come last."""
    for name, ascending in reversed(order):
        if name in found.columns:
            full = [(_key(held_value(item, name)), item) for item in items]
            known = [pair for pair in full if pair[0] is not None]
            known.sort(key=lambda pair: pair[0], reverse=not ascending)
            items = [item for _, item in known] + [item for key, item in full if key is None]
    return items


def _key(held: Any) -> Any:
    if isinstance(held, list):
        return "; ".join(map(str, held)).casefold()
    if isinstance(held, dict):
        return str(held)
    return held.casefold() if isinstance(held, str) else held
