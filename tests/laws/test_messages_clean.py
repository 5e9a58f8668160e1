from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from lists_sync.messages.cards import Story, card_json
from lists_sync.messages.check import SIZE_LIMIT_BYTES, size_bytes
from lists_sync.messages.render import Line
from lists_sync.messages.words import clean
from lists_sync.model import Severity

HOST = "rosewood.sharepoint.com"
PARTS = st.sampled_from(
    ["<at>", "</at>", "<", ">", "at", "://", "[x](", "\n", "\u202e", "\u200b", "a", " ", "é"]
)
HOSTILE = st.lists(PARTS | st.characters(), max_size=300).map("".join)


@given(HOSTILE)
def test_a_cleaned_value_is_one_visible_line(text):
    """Whatever was typed, what is shown is one short line without mention, address or hidden character."""
    told = clean(text)
    assert len(told) <= 120
    assert len(told.splitlines()) <= 1
    assert "<at>" not in told.lower()
    assert "://" not in told
    assert not {"\u202e", "\u200b"} & set(told)
    assert clean(told) == told


@given(st.lists(HOSTILE, max_size=10))
def test_every_card_fits(refs):
    """Whatever was typed as references, Teams takes the card, and every line is shown or counted."""
    lines = [
        Line(clean(ref), "5 hours overdue", "due Monday 6 July 2026", high=True, defects="", url="")
        for ref in refs
    ]
    story = Story(
        headline="Please act.",
        severity=Severity.WARNING,
        key="deadline-status/x",
        role="Registered Manager",
        as_at="08:15",
        measures={},
        lines=lines,
        total=len(lines),
        urls=(),
    )
    card = json.loads(card_json(story, hosts=frozenset({HOST})))
    assert size_bytes(card) <= SIZE_LIMIT_BYTES
    shown = sum(bool(part.get("separator")) for part in card["body"])
    said = card["body"][-1].get("text", "and 0 more")
    assert shown + int(said.removeprefix("and ").split()[0]) == len(refs)
