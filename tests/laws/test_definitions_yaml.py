"""Laws of the YAML reader: what is written is read back, and no text makes it fail but by telling."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lists_sync.definitions.locate import parse_yaml

WORDS = st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, VALUES, min_size=1, max_size=4))
def test_what_is_written_is_read_back(content: dict[str, Any]) -> None:
    """JSON is YAML: its values survive, and every key and entry has a line inside the text."""
    text = json.dumps(content, ensure_ascii=False, indent=1)
    located = parse_yaml(text, "f")
    assert located.problems == ()
    assert located.value == content
    assert all(1 <= line <= text.count("\n") + 1 for line in located.lines.values())


@given(st.text(max_size=80) | st.text("ab:-[]{},#&*!|>'\"%@\n\t ?", max_size=40))
def test_no_text_is_a_crash(text: str) -> None:
    """Whatever a file holds, the reader gives its content or tells what is wrong with it."""
    located = parse_yaml(text, "f")
    assert located.problems or located.value or "{" in text
    assert located.whole or located.problems
