"""Reads an Adaptive Card into the few kinds of block that the Teams page draws."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

SIZE_LIMIT_BYTES = 28672
_CARD = "application/vnd.microsoft.card.adaptive"

Block = dict[str, Any]


def failure(body: Any) -> str:
    """Why the flow behind the webhook would post no card for this body; "" where it would."""
    attachments = body.get("attachments") if isinstance(body, Mapping) else None
    if not isinstance(attachments, list) or not attachments:
        return "the body has no attachments, so the flow has nothing to post"
    for attachment in attachments:
        if not isinstance(attachment, Mapping) or attachment.get("contentType") != _CARD:
            return f"an attachment is not of the type {_CARD}"
        card = attachment.get("content")
        if not isinstance(card, Mapping) or card.get("type") != "AdaptiveCard":
            return "an attachment holds no AdaptiveCard"
        # Teams counts the card as a string inside a string, so quotation marks weigh twice.
        size = len(json.dumps(json.dumps(card)).encode())
        if size > SIZE_LIMIT_BYTES:
            return f"message properties size: {size} bytes, whereas max allowed size is {SIZE_LIMIT_BYTES}"
    return ""


def blocks(body: Any) -> list[Block]:
    """The blocks of every card in the body, in reading order; unknown elements are left out."""
    attachments = body.get("attachments") if isinstance(body, Mapping) else None
    cards = [part.get("content") for part in attachments or [] if isinstance(part, Mapping)]
    return [block for card in cards if isinstance(card, Mapping) for block in _elements(card)]


def card_blocks(text: Any) -> list[Block]:
    """The blocks of a card that is kept as text; none where the text is no card."""
    try:
        card = json.loads(text) if isinstance(text, str) and text.startswith("{") else None
    except ValueError:
        return []
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return []
    return list(_elements(card))


def _elements(holder: Mapping[str, Any]) -> Iterator[Block]:
    for name in ("body", "items", "columns", "actions"):
        inner = holder.get(name)
        for element in inner if isinstance(inner, list) else []:
            if isinstance(element, Mapping):
                yield from _element(element)


def _element(element: Mapping[str, Any]) -> Iterator[Block]:
    kind = element.get("type")
    if kind == "TextBlock":
        yield {"kind": "text", "text": _text(element), "strong": element.get("weight") == "Bolder"}
    elif kind == "RichTextBlock":
        runs = element.get("inlines") or []
        strong = any(isinstance(run, Mapping) and run.get("weight") == "Bolder" for run in runs)
        yield {"kind": "text", "text": "".join(map(_text, runs)), "strong": strong}
    elif kind == "FactSet":
        facts = [part for part in element.get("facts") or [] if isinstance(part, Mapping)]
        yield {"kind": "facts", "facts": [(part.get("title", ""), part.get("value", "")) for part in facts]}
    elif kind == "Table":
        yield {"kind": "table", "rows": [_row(row) for row in element.get("rows") or []]}
    elif kind == "Action.OpenUrl" and str(element.get("url", "")).startswith(("http://", "https://")):
        yield {"kind": "link", "href": element["url"], "text": element.get("title") or "Open"}
    else:
        yield from _elements(element)


def _row(row: Any) -> list[str]:
    cells = row.get("cells") if isinstance(row, Mapping) else None
    return ["\n".join(block.get("text", "") for block in _elements(cell)) for cell in cells or []]


def _text(element: Any) -> str:
    return str(element.get("text", "")) if isinstance(element, Mapping) else str(element)
