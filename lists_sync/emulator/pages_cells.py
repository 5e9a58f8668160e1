"""Values of items as a person sees them: pills, people by name, UK dates in local time."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from lists_sync.emulator.clock import parse

if TYPE_CHECKING:
    from lists_sync.emulator.records import Column, Item, WorkList
    from lists_sync.emulator.state import State

_TONES = {
    "bad": {
        "overdue",
        "high",
        "critical",
        "invalid",
        "failed",
        "missed",
        "rejected",
        "missed 24 h or more",
        "above",
        "review overdue",
        "no capacity",
        "update blocked",
        "approvals suspended",
    },
    "warn": {
        "medium",
        "warning",
        "due within 48 h",
        "deferred",
        "auto-deferred",
        "missed under 24 h",
        "reinstated",
        "awaiting review",
        "raised",
        "completed with faults",
        "nearly complete",
        "reinstated as open",
    },
    "good": {
        "closed",
        "valid",
        "on track",
        "on schedule",
        "resolved",
        "completed",
        "approved",
        "accepted",
        "eligible",
        "within",
        "accepted after correction",
    },
    "info": {"in progress", "acknowledged", "information", "proposed for closure", "open", "panel to decide"},
}
LONDON = "Europe/London"
# An app is named by its id; the first part of it tells apps apart and can be read.
_APP = re.compile(r"^(App [0-9a-f]{8})-[0-9a-f-]{27}$", re.IGNORECASE)
_ADDRESS = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:)])")
# From here on a float has no decimals left, and its digits are noise.
_WRITTEN_OUT_BELOW = 1e15
_TONE_OF = {word: tone for tone, words in _TONES.items() for word in words}


@dataclass(frozen=True)
class Cell:
    """One value as it is drawn; `text` is also what filters and plain sentences use."""

    kind: str
    text: str
    pills: list[dict[str, str]] = field(default_factory=list)
    people: list[dict[str, str]] = field(default_factory=list)
    href: str = ""

    @property
    def parts(self) -> list[str]:
        """The single values of a choice or person column, else the text as a whole."""
        return [one["text"] for one in self.pills] or [one["name"] for one in self.people] or [self.text]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.text


def date_text(instant: str, zone: str, *, with_time: bool = True) -> str:
    """An instant as dd/mm/yyyy HH:MM in local time, or the day alone."""
    local = parse(instant).astimezone(ZoneInfo(zone))
    return local.strftime("%d/%m/%Y %H:%M" if with_time else "%d/%m/%Y")


def linked(text: str) -> Markup:
    """A text in which web addresses can be followed; everything in it is escaped."""
    parts = []
    for place, part in enumerate(_ADDRESS.split(text)):
        # The split leaves plain text at even places, addresses at odd ones.
        parts.append(
            Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(part) if place % 2 else escape(part)
        )
    return Markup("").join(parts)


def pill(word: str) -> dict[str, str]:
    """A choice word with the tone it is drawn in."""
    return {"text": word, "tone": _TONE_OF.get(word.casefold(), "calm")}


class Cells:
    """Draws the values of one list's items; knows the people of its site."""

    def __init__(self, state: State, found: WorkList) -> None:
        site = state.site(found.site_id)
        self._zone = site.time_zone
        self._found = found
        self._people = {item.id: str(item.fields.get("Title", "")) for item in state.site_users(site.id)}

    def person(self, lookup_id: int) -> str:
        """The name behind a lookup id."""
        name = self._people.get(lookup_id, f"Unknown person {lookup_id}")
        return _APP.sub(r"\1", name)

    def of(self, item: Item, column: Column) -> Cell:
        """The cell of an item's column, system columns included."""
        own: dict[str, Any] = {
            "Modified": item.modified_at,
            "Created": item.created_at,
            "Author": item.author_id,
            "Editor": item.editor_id,
            "ID": str(item.id),
        }
        return self.value(column, own.get(column.name, item.fields.get(column.name)))

    def value(self, column: Column, value: Any) -> Cell:
        """The cell of a value of that column; an empty one for None."""
        if value is None:
            return Cell("text", "")
        if column.kind in {"choice", "choices"}:
            words = value if isinstance(value, list) else [value]
            return Cell("pills", "; ".join(words), pills=[pill(word) for word in words])
        if column.kind == "person":
            names = [self.person(one) for one in (value if isinstance(value, list) else [value])]
            people = [{"name": name, "initials": _initials(name)} for name in names]
            return Cell("person", "; ".join(names), people=people)
        return self._plain(column, value)

    def _plain(self, column: Column, value: Any) -> Cell:
        if column.kind in {"date", "datetime"}:
            return Cell("date", date_text(value, self._zone, with_time=column.kind == "datetime"))
        if column.kind == "yesno":
            return Cell("text", "Yes" if value else "No")
        if column.kind == "number":
            return Cell("number", f"{value:,.10g}" if abs(value) < _WRITTEN_OUT_BELOW else str(value))
        return _text_cell(column, value)


def _text_cell(column: Column, value: Any) -> Cell:
    if isinstance(value, dict):
        return _link(str(value.get("Url", "")), str(value.get("Description", "")))
    text = str(value)
    if column.kind == "note" and text.startswith(("http://", "https://")) and " " not in text.strip():
        return _link(text.strip(), text.strip())
    if column.kind == "note" and text.startswith("{"):
        return Cell("code", _indented(text))
    return Cell("note" if column.kind == "note" else "text", text)


def _link(href: str, text: str) -> Cell:
    safe = href if href.startswith(("http://", "https://", "/")) and not href.startswith("//") else ""
    return Cell("link", text or href, href=safe) if safe else Cell("text", text or href)


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()
