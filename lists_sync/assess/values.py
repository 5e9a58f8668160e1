"""One column's cells as wire values: words, people, numbers, texts, several choices."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lists_sync.assess.names import plain
from lists_sync.assess.people import People
from lists_sync.assess.propose import Proposal
from lists_sync.assess.sheets import Cell
from lists_sync.controls.matching import normal
from lists_sync.model import Column, Kind


def wire_values(
    column: Column, cells: Sequence[Cell], proposal: Proposal, people: People
) -> tuple[list[Any], list[int]]:
    """Give the wire values of a column, and the places that name several people."""
    if column.kind is Kind.PERSON or column.name == "Email":
        resolved = [people.resolve(cell) for cell in cells]
        return [who for who, _ in resolved], [at for at, (_, several) in enumerate(resolved) if several]
    words = proposal.words.get(column.name)
    if words is not None:
        plain_words = {plain(word): guess.value for word, guess in words.items()}
        return [_word(cell, plain_words, column) for cell in cells], []
    if column.kind is Kind.CHOICES:
        return [split_words(str(cell), column.choices) if cell is not None else None for cell in cells], []
    if column.kind is Kind.NUMBER:
        return [_number(cell) for cell in cells], []
    return [_text(cell) for cell in cells], []


def _text(cell: Cell) -> str | None:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return None if cell is None else str(cell).strip()


def _word(cell: Cell, words: Mapping[str, str], column: Column) -> Any:
    text = _text(cell)
    if text is None:
        return None
    ours = words.get(plain(text))
    if column.kind is Kind.YESNO:
        return {"Yes": True, "No": False}.get(ours or "", text)
    return ours or f"? {text}"  # a word that nobody confirmed must not pass for one of ours


def _number(cell: Cell) -> Any:
    if isinstance(cell, str):
        bare = cell.replace(",", "").replace("£", "").rstrip("% ").strip()
        return float(bare) if re.fullmatch(r"-?\d*\.?\d+", bare) else cell
    return cell


def split_words(text: str, known: Sequence[str] = ()) -> list[str]:
    """Split several choices as Lists and Excel write them.

    A JSON list, `;#`, `;` or lines; commas only outside words of ours that hold commas themselves.
    """
    if text.startswith("["):
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if isinstance(value, list):
            return [str(word).strip() for word in value if str(word).strip()]
    if re.search(r"[;\n]", text):
        return [part.strip() for part in re.split(r";#|[;\n]", text) if part.strip(" #")]
    return _by_commas(text, known)


def _by_commas(text: str, known: Sequence[str]) -> list[str]:
    ours = {normal(word) for word in known}
    parts, words, at = [part.strip() for part in text.split(",")], [], 0
    while at < len(parts):
        for end in range(len(parts), at, -1):
            joined = ", ".join(parts[at:end])
            if end == at + 1 or normal(joined) in ours:
                words.append(joined)
                at = end
                break
    return [word for word in words if word]
