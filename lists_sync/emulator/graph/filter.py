"""The $filter language: a tree of conditions, and what they need of the list."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lists_sync.emulator.errors import invalid

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<word>[^\s(),']+))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "gt": operator.gt,
    "le": operator.le,
    "ge": operator.ge,
}


@dataclass(frozen=True)
class Condition:
    """One comparison; `operation` is eq ne lt gt le ge or startswith."""

    name: str
    operation: str
    value: Any

    def holds(self, found: Any) -> bool:
        """Tell whether a value, None for none, meets it."""
        wanted = self.value
        if self.operation == "startswith":
            return isinstance(found, str) and found.casefold().startswith(str(wanted).casefold())
        if found is None or wanted is None:
            return (found is None) == (wanted is None) if self.operation == "eq" else self.operation == "ne"
        if isinstance(found, str) and isinstance(wanted, str):
            found, wanted = found.casefold(), wanted.casefold()
        try:
            return _COMPARE[self.operation](found, wanted)
        except TypeError as problem:
            raise invalid() from problem


@dataclass(frozen=True)
class Either:
    """Conditions joined by `or` (any) or `and` (all)."""

    parts: tuple[Condition | Either, ...]
    every: bool

    def holds(self, value_of: Callable[[str], Any]) -> bool:
        """Tell whether an item meets it."""
        each = (
            part.holds(value_of) if isinstance(part, Either) else part.holds(value_of(part.name))
            for part in self.parts
        )
        return all(each) if self.every else any(each)

    def mapped(self, change: Callable[[Condition], Condition]) -> Either:
        """Give the same tree with each comparison changed."""
        parts = tuple(
            part.mapped(change) if isinstance(part, Either) else change(part) for part in self.parts
        )
        return Either(parts, self.every)

    def conditions(self) -> list[Condition]:
        """Give all comparisons in it, in order."""
        found: list[Condition] = []
        for part in self.parts:
            found += part.conditions() if isinstance(part, Either) else [part]
        return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        place = 0
        while place < len(text.rstrip()):
            match = _TOKEN.match(text, place)
            if match is None:
                raise invalid("Invalid filter clause")
            self.tokens.append(match.group().strip())
            place = match.end()

    def take(self, wanted: str = "") -> str:
        if not self.tokens or (wanted and self.tokens[0].lower() != wanted):
            raise invalid("Invalid filter clause")
        return self.tokens.pop(0)

    def joined(self, word: str, inner: Callable[[], Condition | Either]) -> Either:
        parts = [inner()]
        while self.tokens and self.tokens[0].lower() == word:
            self.take()
            parts.append(inner())
        return Either(tuple(parts), every=word == "and")

    def alternatives(self) -> Either:
        return self.joined("or", lambda: self.joined("and", self.term))

    def term(self) -> Condition | Either:
        if self.tokens and self.tokens[0] == "(":
            self.take()
            inner = self.alternatives()
            self.take(")")
            return inner
        name = self.take()
        if name.lower() == "startswith":
            return self.starts()
        operation = self.take().lower()
        if operation not in _COMPARE:
            raise invalid("Invalid filter clause")
        return Condition(name, operation, literal(self.take()))

    def starts(self) -> Condition:
        self.take("(")
        name = self.take()
        self.take(",")
        value = literal(self.take())
        self.take(")")
        return Condition(name, "startswith", value)


def literal(text: str) -> Any:
    """Read a literal: quoted text, number, true, false, null; a bare instant stays text.

    Raises:
        EmulatedError: it is none of these.
    """
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if text in {"true", "false"}:
        return text == "true"
    if text == "null":
        return None
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"-?\d*\.\d+(?:[eE]-?\d+)?", text):
        return float(text)
    if re.match(r"\d{4}-\d\d-\d\d", text):
        return text
    raise invalid("Invalid filter clause")


def parse_filter(text: str) -> Either:
    """Read a $filter.

    Raises:
        EmulatedError: it cannot be read (400).
    """
    reader = _Reader(text)
    found = reader.alternatives()
    if reader.tokens:
        raise invalid("Invalid filter clause")
    return found
