"""Reads the values of a document to load, and remembers what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from lists_sync.emulator.clock import iso, parse
from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.values import check, midnight

if TYPE_CHECKING:
    from lists_sync.emulator.records import Column, WorkList
    from lists_sync.emulator.state import State

_DAY_LENGTH = 10
_SHOWN_LENGTH = 40


@dataclass
class Row:
    """One item or file to write: checked values, and people by e-mail."""

    found: WorkList
    place: str
    fields: dict[str, Any]
    people: dict[str, str] = field(default_factory=dict)
    item_id: int = 0
    at: str = ""
    editor: str = ""
    unique_id: str = ""
    path: str = ""
    content: bytes = b""


class ValueReader:
    """Checks values against the columns of a list; `problems` gathers what cannot be held."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.problems: list[str] = []
        self.users: dict[str, str] = {user.email.lower(): user.email for user in state.users()}

    def _instant(self, value: Any, place: str) -> str:
        if value is None:
            return ""
        try:
            return iso(parse(str(value)))
        except ValueError:
            self.problems.append(f"{place}: {value} is no instant.")
            return ""

    def _fields(self, row: Row, columns: dict[str, Any]) -> None:
        for name, value in columns.items():
            place = f"{row.place}.{name}"
            column = row.found.columns.get(name)
            if column is None or column.read_only:
                self.problems.append(f"{place}: {row.found.title} has no such column.")
            elif column.kind == "person" and value not in (None, ""):
                self._person(row, column, value, place)
            else:
                self._value(row, column, value, place)

    def _person(self, row: Row, column: Column, value: Any, place: str) -> None:
        if str(value).lower() in self.users:
            row.people[column.name] = self.users[str(value).lower()]
        else:
            self.problems.append(f"{place}: {value} is not among the users.")

    def _value(self, row: Row, column: Column, value: Any, place: str) -> None:
        zone = self.state.site(row.found.site_id).time_zone
        try:
            canonical = _dated(column, value, zone)
            row.fields[column.name] = check(column, canonical, zone=zone, bare="site")
        except (EmulatedError, ValueError, TypeError, OverflowError):
            self.problems.append(f"{place}: a {column.kind} column cannot hold {shown(value)}.")


def _dated(column: Column, value: Any, zone: str) -> Any:
    if column.kind not in {"date", "datetime"} or not isinstance(value, str):
        return value
    if len(value) == _DAY_LENGTH:
        return midnight(date.fromisoformat(value), zone)
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None and instant.time() == time():
        return midnight(instant.date(), zone)
    return value


def shown(value: Any) -> str:
    """Give enough of a value to know it by."""
    text = str(value)
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 3] + "..."
