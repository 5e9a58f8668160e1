"""Which items a query finds, in which order, and whether the list is too long for it."""

from __future__ import annotations

import base64
import binascii
from functools import partial
from typing import TYPE_CHECKING, Any

from lists_sync.emulator.clock import iso, parse
from lists_sync.emulator.errors import invalid, too_many_resources, unknown_field
from lists_sync.emulator.graph.filter import Condition, Either, parse_filter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lists_sync.emulator.graph.request import Call
    from lists_sync.emulator.records import Column, Item, WorkList

_PREFERENCE = "Prefer: HonorNonIndexedQueriesWarningMayFailRandomly"
_PREFER = "honornonindexedquerieswarningmayfailrandomly"
_ITEM_MEMBERS: dict[str, Callable[[Item], Any]] = {
    "id": lambda item: item.id,
    "createdDateTime": lambda item: item.created_at,
    "lastModifiedDateTime": lambda item: item.modified_at,
    "fields/id": lambda item: item.id,
    "fields/ID": lambda item: item.id,
    "fields/Created": lambda item: item.created_at,
    "fields/Modified": lambda item: item.modified_at,
    "fields/AuthorLookupId": lambda item: item.author_id,
    "fields/EditorLookupId": lambda item: item.editor_id,
}
_BY_ID = {"id", "fields/id", "fields/ID"}
_NUMBERS = _BY_ID | {"fields/AuthorLookupId", "fields/EditorLookupId"}


class ItemQuery:
    """The $filter, $orderby and page of a call for items.

    Raises:
        EmulatedError: a column is unknown, or not indexed (400), or the list is too long (422).
    """

    def __init__(self, call: Call, found: WorkList) -> None:
        self._call, self._found = call, found
        self._filter = parse_filter(call.option("filter")) if call.option("filter") else None
        self._order = [part.split() for part in call.option("orderby").split(",") if part.strip()]
        named = [condition.name for condition in self._conditions()] + [part[0] for part in self._order]
        self._indexed = {name: self._is_indexed(name) for name in named}
        self._check_indexed()
        if self._filter is not None:
            self._filter = self._filter.mapped(self._prepared)

    def _prepared(self, condition: Condition) -> Condition:
        """Put a literal into the form that values are kept in: instants to the second, lookup ids numbers."""
        value, name = condition.value, condition.name
        if not isinstance(value, str):
            return condition
        kind = "datetime" if name in _ITEM_MEMBERS else self._column(name).kind
        if (name in _NUMBERS or kind in {"person", "lookup"}) and value.isdigit():
            return Condition(name, condition.operation, int(value))
        if kind not in {"date", "datetime"} or name in _NUMBERS:
            return condition
        try:
            return Condition(name, condition.operation, iso(parse(value)))
        except ValueError as problem:
            raise invalid() from problem

    def _conditions(self) -> list[Condition]:
        return self._filter.conditions() if self._filter else []

    def _column(self, name: str) -> Column:
        plain = name.removeprefix("fields/")
        columns = self._found.columns
        column = columns.get(plain) or columns.get(plain.removesuffix("LookupId"))
        if column is None or not name.startswith("fields/"):
            raise unknown_field(plain)
        return column

    def _is_indexed(self, name: str) -> bool:
        if name in _BY_ID:
            return True
        if name in _ITEM_MEMBERS:
            return bool(self._call.state.switches["modified_indexed"])
        return self._column(name).indexed

    def _check_indexed(self) -> None:
        if _PREFER in self._call.headers.get("prefer", "").lower():
            return
        for name, indexed in self._indexed.items():
            if not indexed:
                plain = name.removeprefix("fields/")
                raise invalid(
                    f"Field '{plain}' cannot be referenced in filter or orderby as it is not indexed. "
                    f"Provide the '{_PREFERENCE}' header to allow this, but be warned that such queries "
                    "may fail on large lists."
                )

    def found(self) -> list[Item]:
        """Give all items found, in order.

        Raises:
            EmulatedError: more rows would be touched than the threshold allows (422, or as switched).
        """
        items = list(self._found.items.values())
        if self._filter is not None:
            items = self._filtered(self._filter, items)
        self._check_threshold(len(self._found.items), all(self._indexed.get(p[0], True) for p in self._order))
        for part in reversed(self._order):
            items.sort(key=_sorter(self._reader(part[0])), reverse=part[1:] == ["desc"])
        return items

    def _filtered(self, wanted: Either, items: list[Item]) -> list[Item]:
        first = next((c for c in wanted.conditions() if self._indexed[c.name]), None)
        if first is not None and wanted.parts and not self._has_or(wanted):
            items = self._by_condition(first, items)
        self._check_threshold(len(items), settled=False)
        readers = {condition.name: self._reader(condition.name) for condition in wanted.conditions()}
        return [item for item in items if wanted.holds(partial(_value, readers, item))]

    def _has_or(self, part: Condition | Either) -> bool:
        if isinstance(part, Condition):
            return False
        alternatives = not part.every and len(part.parts) > 1
        return alternatives or any(self._has_or(inner) for inner in part.parts)

    def _by_condition(self, condition: Condition, items: list[Item]) -> list[Item]:
        name, of = condition.name.removeprefix("fields/"), self._reader(condition.name)
        column = self._found.columns.get(name)
        if condition.operation == "eq" and column is not None and column.unique:
            one = self._call.state.item_by_unique(self._found.id, name, condition.value)
            return [one] if one is not None else []
        return [item for item in items if condition.holds(of(item))]

    def _check_threshold(self, touched: int, settled: bool) -> None:  # noqa: FBT001
        if not settled and touched > int(self._call.state.switches["threshold"]):
            raise too_many_resources(int(self._call.state.switches["too_many_resources_status"]))

    def _reader(self, name: str) -> Callable[[Item], Any]:
        if name in _ITEM_MEMBERS:
            return _ITEM_MEMBERS[name]
        column = self._column(name)
        plain = column.name
        if column.kind == "yesno":
            return lambda item: item.fields.get(plain, False)
        return lambda item: item.fields.get(plain)


def _value(readers: Mapping[str, Callable[[Item], Any]], item: Item, name: str) -> Any:
    return readers[name](item)


def _sorter(reader: Callable[[Item], Any]) -> Callable[[Item], tuple[bool, Any]]:
    return lambda item: _sortable(reader(item))


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value.casefold() if isinstance(value, str) else (value or 0))


def page_size(call: Call) -> int:
    """Give how many rows a page holds; a $top over the limit is clamped.

    Raises:
        EmulatedError: $top is no positive number (400).
    """
    text = call.option("top")
    if not text:
        return int(call.state.switches["default_top"])
    if not text.isdigit() or int(text) < 1:
        raise invalid("The value of the query option $top is invalid.")
    return min(int(text), int(call.state.switches["max_top"]))


def skip_token(**place: object) -> str:
    """Give the opaque token of the next page."""
    text = "&".join(["Paged=TRUE", *(f"p_{name}={value}" for name, value in place.items())])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def skip_place(token: str) -> Mapping[str, str]:
    """Read the token of a page.

    Raises:
        EmulatedError: it is none of ours (400).
    """
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        return dict(part.split("=", 1) for part in text.split("&"))
    except (binascii.Error, ValueError) as problem:
        raise invalid("The value of the query option $skiptoken is invalid.") from problem


def paged(call: Call, rows: list[Any]) -> tuple[list[Any], str]:
    """Cut the page out of rows and give the token of the next one, "" on the last."""
    start = int(skip_place(call.option("skiptoken")).get("p_Offset", "0")) if call.option("skiptoken") else 0
    end = start + page_size(call)
    return rows[start:end], skip_token(Offset=end) if end < len(rows) else ""


def paged_items(call: Call, items: list[Item]) -> tuple[list[Item], str]:
    """As `paged`, but by id where the order is by id, so that changes between pages lose nothing."""
    if call.option("orderby"):
        return paged(call, items)
    token = call.option("skiptoken")
    after = int(skip_place(token).get("p_ID", "0")) if token else 0
    rest = [item for item in items if item.id > after]
    page = rest[: page_size(call)]
    return page, skip_token(ID=page[-1].id) if len(page) < len(rest) else ""
