"""The Adaptive Card: version 1.4 declared, only elements of 1.2, rows stacked so that a phone shows them.

Every value that came from a list stands in a TextRun, which knows no markdown. The colour is the
container's and the severity stands in words, because coloured text cannot be read by everybody.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lists_sync.errors import SettingsError
from lists_sync.messages.check import SIZE_LIMIT_BYTES, VERSION, faults, size_bytes
from lists_sync.messages.words import clean, counted, figure, measure_words
from lists_sync.model import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lists_sync.messages.render import Line

HEADLINE_COUNT = 300
MEASURES_COUNT = 6
BUTTONS_COUNT = 3
STYLES = {Severity.CRITICAL: "attention", Severity.WARNING: "warning", Severity.INFORMATION: "accent"}


@dataclass(frozen=True)
class Story:
    """What a card tells.

    Args:
        headline: what is asked of the reader and by when.
        lines: at most ten, most pressing first.
        total: how many lines there are in all.
        urls: buttons as (own words, address), at most three.
    """

    headline: str
    severity: Severity
    key: str
    role: str
    as_at: str
    measures: Mapping[str, Any]
    lines: Sequence[Line]
    total: int
    urls: Sequence[tuple[str, str]]


def card_json(story: Story, *, hosts: frozenset[str]) -> str:
    """Give the card as JSON, with as many of its lines as Teams takes; it says how many it leaves out.

    Raises:
        SettingsError: the card would name an address outside the configured sites, or is still too big.
    """
    shown_count = len(story.lines)
    card = _card(story, shown_count)
    while shown_count and size_bytes(card) > SIZE_LIMIT_BYTES:
        shown_count -= 1
        card = _card(story, shown_count)
    if found := faults(card, hosts=hosts):
        raise SettingsError(
            f"The card cannot be sent: {found[0]}", where=story.key, hint="Check the sites in provider.yaml."
        )
    return json.dumps(card)


def _card(story: Story, shown_count: int) -> dict[str, Any]:
    more = story.total - shown_count
    body = [_head(story), _meta(story), *(_row(line) for line in story.lines[:shown_count])]
    if more > 0:
        body.append(_own_text(f"and {more} more" if shown_count else counted(more, "line")))
    return {
        "type": "AdaptiveCard",
        "version": VERSION,
        "msteams": {"width": "Full"},
        "fallbackText": f"{story.severity.upper()}: {counted(story.total, 'line')}. See Escalations.",
        "body": body,
        "actions": [_open(words, url) for words, url in story.urls[:BUTTONS_COUNT]],
    }


def _head(story: Story) -> dict[str, Any]:
    return {
        "type": "Container",
        "style": STYLES[story.severity],
        "bleed": True,
        "items": [
            _rich(_run(story.severity.upper(), weight="Bolder")),
            _rich(_run(clean(story.headline, HEADLINE_COUNT), weight="Bolder", size="Medium")),
        ],
    }


def _meta(story: Story) -> dict[str, Any]:
    facts = [
        {"title": measure_words(name), "value": figure(value)}
        for name, value in list(story.measures.items())[:MEASURES_COUNT]
    ]
    items = [
        _rich(_run(f"For: {story.role}. As at {story.as_at}.", isSubtle=True)),
        _rich(_run(f"Escalation reference: {story.key}", isSubtle=True)),
    ]
    if facts:
        items.append({"type": "FactSet", "facts": facts})
    return {"type": "Container", "items": items}


def _row(line: Line) -> dict[str, Any]:
    risk = [_run("  HIGH RISK", weight="Bolder")] if line.high else []
    told = ", ".join(part for part in (line.late, line.due, line.defects) if part)
    row: dict[str, Any] = {
        "type": "Container",
        "separator": True,
        "spacing": "Small",
        "items": [_rich(_run(line.ref, weight="Bolder"), *risk), {**_rich(_run(told)), "spacing": "None"}],
    }
    if line.url:
        row["selectAction"] = _open("Open this line", line.url)
    return row


def _rich(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **how: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **how}


def _own_text(text: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True}


def _open(title: str, url: str) -> dict[str, Any]:
    return {"type": "Action.OpenUrl", "title": title, "url": url}
