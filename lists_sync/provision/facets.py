"""Which of our kinds a column holds, by the facets that Graph tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.model import Column

_KINDS = {
    Kind.TEXT: "a single line of text",
    Kind.NOTE: "plain text of several lines",
    Kind.NUMBER: "a number",
    Kind.YESNO: "yes/no",
    Kind.DATE: "a date",
    Kind.DATETIME: "a date and time",
    Kind.CHOICE: "one choice",
    Kind.CHOICES: "several choices",
    Kind.PERSON: "one person",
}
_ALIKE = frozenset({Kind.DATE, Kind.DATETIME})
"""Either holds what the other does: a day is read as one from both."""


def kind_words(kind: Kind) -> str:
    """Name a kind of column to an administrator."""
    return _KINDS[kind]


def conflict(column: Column, raw: Mapping[str, Any]) -> str:
    """Say how a column that is there differs in kind from ours, "" where ours can live with it."""
    found = _found(raw)
    if found is column.kind or (found in _ALIKE and column.kind in _ALIKE):
        return ""
    if isinstance(found, Kind):
        held = kind_words(found)
        return f"It holds {held}, and {kind_words(column.kind)} is needed."
    return f"It is {found}, and {kind_words(column.kind)} is needed."


def _found(raw: Mapping[str, Any]) -> Kind | str:
    """Give the kind of a column as Graph tells it, or words for one that is none of ours."""
    if "text" in raw:
        return _text_kind(raw["text"] or {})
    if "choice" in raw:
        return Kind.CHOICES if (raw["choice"] or {}).get("displayAs") == "checkBoxes" else Kind.CHOICE
    if "dateTime" in raw:
        return Kind.DATE if (raw["dateTime"] or {}).get("format") == "dateOnly" else Kind.DATETIME
    if "personOrGroup" in raw:
        several = (raw["personOrGroup"] or {}).get("allowMultipleSelection")
        return "a column of several people" if several else Kind.PERSON
    simple = {"number": Kind.NUMBER, "boolean": Kind.YESNO}
    named = {
        "calculated": "calculated",
        "currency": "an amount of money",
        "lookup": "a lookup into another list",
        "hyperlinkOrPicture": "a hyperlink or picture",
        "term": "managed metadata",
    }
    for facet, kind in simple.items():
        if facet in raw:
            return kind
    return next(
        (words for facet, words in named.items() if facet in raw), "of a kind that Graph does not tell"
    )


def _text_kind(text: Mapping[str, Any]) -> Kind | str:
    if not text.get("allowMultipleLines"):
        return Kind.TEXT
    return "formatted text" if text.get("textType") == "richText" else Kind.NOTE
