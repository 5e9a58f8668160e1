"""Says what Teams would not show of a card; Teams itself says nothing and shows nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from lists_sync.messages.links import LOOPBACK

VERSION = "1.4"
SIZE_LIMIT_BYTES = 20_000
ACTIONS_LIMIT_COUNT = 6
ELEMENTS = frozenset(
    {"Container", "RichTextBlock", "TextRun", "TextBlock", "FactSet", "Column", "ColumnSet", "ActionSet"}
)
ACTIONS = frozenset({"Action.OpenUrl"})
_TOP = frozenset({"type", "version", "body", "actions", "msteams", "fallbackText", "$schema"})


def size_bytes(card: Mapping[str, Any]) -> int:
    """Give the size that Teams counts: the card as JSON, and that again as a JSON string."""
    return len(json.dumps(json.dumps(card)).encode())


def faults(card: Mapping[str, Any], *, hosts: frozenset[str]) -> list[str]:
    """Give what is wrong with a card, each in one sentence; none means that it may be sent.

    Args:
        card: the Adaptive Card.
        hosts: the hosts that its addresses may name.
    """
    found = list(_frame(card))
    found += _walk(card.get("body", []), "body", ELEMENTS, hosts)
    actions = card.get("actions", [])
    found += _walk(actions, "actions", ACTIONS, hosts)
    if len(actions) > ACTIONS_LIMIT_COUNT:
        found.append(f"The card has {len(actions)} actions, and Teams shows {ACTIONS_LIMIT_COUNT}.")
    if (size := size_bytes(card)) > SIZE_LIMIT_BYTES:
        found.append(f"The card counts {size} bytes, and {SIZE_LIMIT_BYTES} are allowed.")
    return found


def _frame(card: Mapping[str, Any]) -> Iterator[str]:
    if card.get("type") != "AdaptiveCard":
        yield "The card's type is not AdaptiveCard."
    if card.get("version") != VERSION:
        yield f"The card's version is not {VERSION}."
    if not card.get("body"):
        yield "The card has no body."
    if not card.get("fallbackText"):
        yield "The card has no text for clients that cannot show it."
    for name in sorted(set(card) - _TOP):
        yield f"The card has {name}, which it must not have."


def _walk(elements: Any, place: str, allowed: frozenset[str], hosts: frozenset[str]) -> Iterator[str]:
    """Give the faults of a list of elements and of all that they hold."""
    for number, element in enumerate(elements):
        here = f"{place}[{number}]"
        if not isinstance(element, Mapping) or element.get("type") not in allowed:
            yield f"{here} is of a type that Teams may not show."
            continue
        if element["type"] == "Action.OpenUrl":
            yield from _address(element.get("url"), here, hosts)
        for name, kinds in _INSIDE.items():
            yield from _walk(element.get(name, []), f"{here}.{name}", kinds, hosts)
        if "selectAction" in element:
            yield from _walk([element["selectAction"]], f"{here}.selectAction", ACTIONS, hosts)


_INSIDE = {"items": ELEMENTS, "inlines": frozenset({"TextRun"}), "columns": frozenset({"Column"})}


def _address(url: Any, here: str, hosts: frozenset[str]) -> Iterator[str]:
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        host = parts.hostname or ""
    except ValueError:
        yield f"{here} names what is no address."
        return
    local = host in LOOPBACK and parts.scheme == "http"
    if parts.scheme != "https" and not local:
        yield f"{here} names an address that is not https."
    elif host not in hosts or parts.username is not None:
        yield f"{here} names an address outside the configured sites."
