"""The small part of CAML that views are made of: which items a view shows, and in what order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from lists_sync.emulator.clock import parse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from lists_sync.emulator.records import Column, Item, WorkList

Test = Callable[["Item"], bool]

_JOINS: dict[str, Callable[[list[bool]], bool]] = {"And": all, "Or": any}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Eq": lambda held, wanted: bool(held == wanted),
    "Lt": lambda held, wanted: bool(held < wanted),
    "Leq": lambda held, wanted: bool(held <= wanted),
    "Gt": lambda held, wanted: bool(held > wanted),
    "Geq": lambda held, wanted: bool(held >= wanted),
}
_OWN = {"Modified": "modified_at", "Created": "created_at", "Author": "author_id", "Editor": "editor_id"}


class CamlError(ValueError):
    """A query holds what this reader does not know."""


@dataclass(frozen=True)
class Query:
    """What a view asks for: a test of items, and columns to sort by with their direction."""

    matches: Test
    order: tuple[tuple[str, bool], ...]


def held_value(item: Item, name: str) -> Any:
    """What the item holds in a column, system columns included."""
    if name == "ID":
        return item.id
    return getattr(item, _OWN[name]) if name in _OWN else item.fields.get(name)


def read_query(text: str, found: WorkList, *, now: datetime, zone: str) -> Query:
    """Read a view's CAML.

    Args:
        text: with or without the outer `Query` element.
        now: what `Today` and `Now` stand for.
        zone: the site's zone, in which days are told apart.

    Raises:
        CamlError: it is no XML, or uses an element or column that is unknown here.
    """
    try:
        root = ET.fromstring(f"<View>{text}</View>")  # noqa: S314 - a view of this very workspace
    except ET.ParseError as problem:
        raise CamlError(str(problem)) from problem
    reader = _Reader(found, now, ZoneInfo(zone))
    where, order = next(root.iter("Where"), None), next(root.iter("OrderBy"), None)
    tests = [reader.test(part) for part in (where if where is not None else ())]
    fields = [
        (reader.column(part).name, part.get("Ascending", "TRUE").upper() != "FALSE")
        for part in (order if order is not None else ())
    ]
    return Query(lambda item: all(test(item) for test in tests), tuple(fields))


class _Reader:
    def __init__(self, found: WorkList, now: datetime, zone: ZoneInfo) -> None:
        self.found = found
        self.now = now
        self.zone = zone

    def column(self, reference: Element | None) -> Column:
        name = "" if reference is None else reference.get("Name", "")
        if name not in self.found.columns:
            raise CamlError(f"there is no column {name!r}")
        return self.found.columns[name]

    def test(self, part: Element) -> Test:
        if part.tag in _JOINS:
            join, tests = _JOINS[part.tag], [self.test(inner) for inner in part]
            return lambda item: join([test(item) for test in tests])
        column = self.column(part.find("FieldRef"))
        if part.tag in {"IsNull", "IsNotNull"}:
            return lambda item: (held_value(item, column.name) in (None, "", [])) == (part.tag == "IsNull")
        if part.tag not in {*_COMPARE, "Neq"}:
            raise CamlError(f"{part.tag} is unknown here")
        return self._comparison(part, column)

    def _comparison(self, part: Element, column: Column) -> Test:
        value = part.find("Value")
        if value is None:
            raise CamlError(f"{part.tag} compares with nothing")
        timed = value.get("IncludeTimeValue", "").upper() == "TRUE"
        wanted = self._wanted(column, value, timed=timed)
        compare = _COMPARE["Eq" if part.tag == "Neq" else part.tag]

        def matches(item: Item) -> bool:
            held = held_value(item, column.name)
            values = held if isinstance(held, list) else [held]
            known = [self._held(column, one, timed=timed) for one in values if one not in (None, "")]
            # An item without a value is "not equal" to every value, and nothing else.
            return any(compare(one, wanted) for one in known) is not (part.tag == "Neq")

        return matches

    def _wanted(self, column: Column, value: Element, *, timed: bool) -> Any:
        text = (value.text or "").strip()
        if column.kind in {"date", "datetime"}:
            return self._moment(value, text, timed=timed)
        if column.kind == "yesno":
            return text.upper() in {"1", "TRUE", "YES"}
        try:
            return float(text) if column.kind in {"number", "person"} else text.casefold()
        except ValueError as problem:
            raise CamlError(f"{text!r} is no number") from problem

    def _moment(self, value: Element, text: str, *, timed: bool) -> datetime | date:
        moving = next((part for part in value if part.tag in {"Today", "Now"}), None)
        try:
            instant = parse(text) if moving is None else self._moved(moving)
        except ValueError as problem:
            raise CamlError(f"{text!r} is no date") from problem
        return instant if timed else instant.astimezone(self.zone).date()

    def _moved(self, moving: Element) -> datetime:
        local = self.now.astimezone(self.zone)
        if moving.tag == "Today":
            local = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return local + timedelta(days=int(moving.get("OffsetDays", "0")))

    def _held(self, column: Column, value: Any, *, timed: bool) -> Any:
        if column.kind in {"date", "datetime"}:
            instant = parse(str(value))
            return instant if timed else instant.astimezone(self.zone).date()
        if column.kind == "yesno":
            return bool(value)
        return float(value) if column.kind in {"number", "person"} else str(value).casefold()
