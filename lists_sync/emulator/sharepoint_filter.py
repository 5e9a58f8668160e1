"""The `$filter` language of SharePoint REST: read into a test of an item's values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.sharepoint_wire import INVALID_QUERY, refused

Test = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<comma>,)"
    r"|(?P<typed>(?:datetime|datetimeoffset|guid)'[^']*')|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?)(?![\w-])|(?P<word>[A-Za-z_][\w/]*))",
    re.IGNORECASE,
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "gt": lambda a, b: a is not None and b is not None and bool(a > b),
    "ge": lambda a, b: a is not None and b is not None and bool(a >= b),
    "lt": lambda a, b: a is not None and b is not None and bool(a < b),
    "le": lambda a, b: a is not None and b is not None and bool(a <= b),
}
_CALLS = {"startswith", "substringof", "endswith"}


@dataclass(frozen=True)
class Filter:
    """A test of an item, and the columns it looks at; `narrowing` are those that an index could serve."""

    matches: Test
    columns: frozenset[str]
    narrowing: frozenset[str]


def read_filter(text: str) -> Filter:
    """Read a `$filter` expression.

    Raises:
        EmulatedError: 400 where it cannot be read.
    """
    reader = _Reader(_tokens(text))
    found = reader.either()
    if reader.place != len(reader.tokens):
        raise _unreadable(text)
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.place = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def take(self, kind: str = "") -> str:
        found, text = self.peek()
        if kind and found != kind:
            raise _unreadable(text)
        self.place += 1
        return text

    def said(self, word: str) -> bool:
        kind, text = self.peek()
        if kind == "word" and text.lower() == word:
            self.place += 1
            return True
        return False

    def either(self) -> Filter:
        left = self.both()
        while self.said("or"):
            right = self.both()
            # An index serves an `or` only when both sides have one.
            narrowing = (
                left.narrowing | right.narrowing if left.narrowing and right.narrowing else frozenset()
            )
            left = _join(left, right, any, frozenset(narrowing))
        return left

    def both(self) -> Filter:
        left = self.single()
        while self.said("and"):
            right = self.single()
            left = _join(left, right, all, left.narrowing or right.narrowing)
        return left

    def single(self) -> Filter:
        if self.said("not"):
            inner = self.single()
            return Filter(lambda item: not inner.matches(item), inner.columns, frozenset())
        if self.peek()[0] == "open":
            self.take("open")
            inner = self.either()
            self.take("close")
            return inner
        word = self.take("word")
        return self.call(word.lower()) if word.lower() in _CALLS else self.comparison(word)

    def comparison(self, column: str) -> Filter:
        name = self.take("word").lower()
        if name not in _COMPARE:
            raise _unreadable(name)
        wanted, compare = self.literal(), _COMPARE[name]

        def matches(item: Mapping[str, Any]) -> bool:
            return _compared(item.get(column), wanted, compare)

        serves = frozenset({column}) if name != "ne" else frozenset[str]()
        return Filter(matches, frozenset({column}), serves)

    def call(self, name: str) -> Filter:
        self.take("open")
        first = self.operand()
        self.take("comma")
        second = self.operand()
        self.take("close")
        column, sought = (second, first) if name == "substringof" else (first, second)
        if name == "endswith":
            return Filter(
                lambda item: _text(item, column).endswith(sought.lower()), frozenset({column}), frozenset()
            )
        if name == "substringof":
            return Filter(
                lambda item: sought.lower() in _text(item, column), frozenset({column}), frozenset()
            )
        only = frozenset({column})
        return Filter(lambda item: _text(item, column).startswith(sought.lower()), only, only)

    def operand(self) -> str:
        kind, text = self.peek()
        self.place += 1
        return text[1:-1].replace("''", "'") if kind == "text" else text

    def literal(self) -> Any:
        kind, text = self.peek()
        self.place += 1
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text)
        if kind == "typed":
            return text.split("'")[1]
        words = {"true": True, "false": False, "null": None}
        if kind != "word" or text.lower() not in words:
            raise _unreadable(text)
        return words[text.lower()]


def _join(left: Filter, right: Filter, how: Callable[[Any], bool], narrowing: frozenset[str]) -> Filter:
    def matches(item: Mapping[str, Any]) -> bool:
        return how((left.matches(item), right.matches(item)))

    return Filter(matches, left.columns | right.columns, narrowing)


def _compared(held: Any, wanted: Any, compare: Callable[[Any, Any], bool]) -> bool:
    if held is None or wanted is None:
        return compare(held, wanted)
    if isinstance(held, list | tuple):
        return any(_compared(part, wanted, compare) for part in held)
    instant = _instant(held) if isinstance(held, str) else None
    if instant is not None and isinstance(wanted, str) and _instant(wanted) is not None:
        return compare(instant, _instant(wanted))
    return _same_kind(held, wanted, compare)


def _same_kind(held: Any, wanted: Any, compare: Callable[[Any, Any], bool]) -> bool:
    if isinstance(held, bool) or isinstance(wanted, bool):
        return compare(bool(held), bool(wanted))
    if isinstance(held, str):
        return compare(held.lower(), str(wanted).lower())
    try:
        return compare(float(held), float(wanted))
    except (TypeError, ValueError):
        return False


def _instant(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(item: Mapping[str, Any], column: str) -> str:
    return str(item.get(column) or "").lower()


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, place = [], 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise _unreadable(text)
        tokens.append((found.lastgroup, found[found.lastgroup]))
        place = found.end()
    return tokens


def _unreadable(text: str) -> EmulatedError:
    return refused(400, -1, INVALID_QUERY, f'The expression "{text}" is not valid.')
