"""One value at a time: from how it stood in the list to a cell of a CSV file or a page.

Whatever people typed is shown as it stands, and can do nothing: it runs no formula and turns no text about.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from lists_sync.clock import iso
from lists_sync.connect.wire import parsed
from lists_sync.controls.matching import normal
from lists_sync.model import Column, Kind

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Cell = str | int | float | bool | date | datetime | None
"""A value to be written: None is blank, and is never written as 0."""

JOINER = "; "
_FORMULA = ("=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = "\u200b\u2028\u2029\u2060\ufeff"
_BY_NUMBER = frozenset(_TURNS + _UNSEEN)


@dataclass(frozen=True)
class Reading:
    """What the values of one list are read by.

    Args:
        people: e-mail by lookup id of the list's site.
        zone: the site's, whose midnight a day stands for.
        theirs: by our column: the provider's own name for it.
        words: by our column: the provider's word, in normal form -> ours.
    """

    people: Mapping[int, str]
    zone: ZoneInfo
    theirs: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def cell(self, column: Column, fields: Mapping[str, Any]) -> Cell:
        """Give a column's value; what is not of its kind is given as the text that stands there."""
        name = self.theirs.get(column.name, column.name)
        raw = fields.get(f"{name}LookupId", fields.get(name)) if column.kind is Kind.PERSON else None
        raw = fields.get(name) if raw is None else raw
        if raw is None or raw in ("", []):
            return None
        if column.kind in (Kind.DATE, Kind.DATETIME):
            return self._moment(column, raw)
        if column.kind is Kind.PERSON:
            return self._person(raw)
        if column.kind in (Kind.NUMBER, Kind.YESNO):
            return _plain(raw)
        return self._worded(column, raw)

    def _moment(self, column: Column, raw: Any) -> Cell:
        moment = parsed(raw)
        if moment is None:
            return str(raw)
        return moment if column.kind is Kind.DATETIME else moment.astimezone(self.zone).date()

    def _person(self, raw: Any) -> str:
        return self.people.get(int(raw), f"#{raw}") if str(raw).isdigit() else str(raw)

    def _worded(self, column: Column, raw: Any) -> str:
        words = self.words.get(column.name, {})
        if isinstance(raw, str) or not isinstance(raw, Sequence):
            return words.get(normal(str(raw)), str(raw))
        return JOINER.join(words.get(normal(str(word)), str(word)) for word in raw)


def _plain(raw: Any) -> Cell:
    """Give a number without a needless fraction, a yes or no, or the text that stands in their place."""
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    return raw if isinstance(raw, bool | int | float) else str(raw)


def csv_text(cell: Cell, zone: ZoneInfo) -> str:
    """Give a cell as a CSV file holds it: local time, and no text that a spreadsheet would run."""
    if not isinstance(cell, str):
        return shown(cell, zone)
    text = visible(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def utc_text(cell: Cell) -> str:
    """Give an instant in UTC, "" for anything else."""
    return iso(cell) if isinstance(cell, datetime) else ""


def shown(cell: Cell, zone: ZoneInfo) -> str:
    """Give a cell as a page shows it: local time to the minute, yes and no, nothing for a blank."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return _local(cell, zone)
    return cell.isoformat() if isinstance(cell, date) else visible(str(cell))


def _local(moment: datetime, zone: ZoneInfo) -> str:
    """Give local time; in the hour that the clocks repeat it says which of the two is meant."""
    local = moment.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%Y-%m-%d %H:%M}{f' {local:%Z}' if twice else ''}"


def visible(text: str) -> str:
    """Give a text whose lines end alike; what cannot be seen, or turns it about, is told by its number."""
    return "".join(map(_char, text.replace("\r\n", "\n").replace("\r", "\n")))


def _char(char: str) -> str:
    hidden = char in _BY_NUMBER or unicodedata.category(char) in {"Cc", "Cs", "Co"}
    return f"[U+{ord(char):04X}]" if hidden and char not in "\n\t" else char
