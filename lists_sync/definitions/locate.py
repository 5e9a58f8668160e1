"""YAML with its places: plain values, and the line on which each key or list entry stands.

YAML is read as version 1.2 has it: `No`, `on`, `16:30` and `2026-11-23` stay text; only true, false,
null and numbers are more than text. Values are built straight from the parser's events, which is
twice as quick as building ruamel's nodes first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from lists_sync.errors import FileError, Problem

Place = tuple[str | int, ...]
"""The keys and list positions that lead to a value; () is the whole file."""

_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_BROKEN = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True)
class Located:
    """What a file says, and where.

    Args:
        name: folder and file name, as problems tell it.
        value: the mapping at the top; {} where the file could not be read as one.
        lines: 1-based line of every key and list entry.
        problems: what is wrong with the file as YAML.
        whole: `value` is all of the file; False where it could be read in part only.
    """

    name: str
    value: dict[str, Any]
    lines: dict[Place, int]
    problems: tuple[Problem, ...] = ()
    whole: bool = True

    def line(self, place: Sequence[str | int]) -> int:
        """Give the line of the place, or of the nearest place around it that the file has."""
        at = tuple(place)
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def problem(self, place: Sequence[str | int], what: str) -> Problem:
        """Give a fault of this file at that place."""
        return Problem(f"{self.name}:{self.line(place)}", what)

    @property
    def dotted_lines(self) -> dict[str, int]:
        """Give the line of every key, by dotted key: `escalate.defects.above`."""
        return {".".join(map(str, place)): line for place, line in self.lines.items() if place}


def display_name(path: Path) -> str:
    """Give the name that people are told: the folder's and the file's."""
    folder = path.absolute().parent.name
    return f"{folder}/{path.name}" if folder else path.name


def load_yaml(path: Path) -> Located:
    """Read a file; every fault of it as YAML stands in `problems`.

    Raises:
        FileError: the file is missing or cannot be read at all.
    """
    name = display_name(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        raise FileError("The file is missing or cannot be opened.", where=name) from fault
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        problem = Problem(f"{name}:{line}", "The file is not UTF-8 text; save it as UTF-8.")
        return Located(name, {}, {}, (problem,), whole=False)
    return parse_yaml(text, name)


@lru_cache(maxsize=256)
def parse_yaml(text: str, name: str) -> Located:
    """Give what a text says, and where; the same text is parsed once a process."""
    builder = _Builder(name)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        told = fault.problem or fault.context
        builder.fault(mark.line + 1 if mark else 1, f"This is not valid YAML: {told}.", whole=False)
    except (YAMLError, YAMLStreamError, ValueError, RecursionError) as fault:
        line = text[: getattr(fault, "position", 0) or 0].count("\n") + 1
        builder.fault(
            line, "This is not valid YAML: it holds a character that must not stand there.", whole=False
        )
    return builder.located()


@dataclass
class _Level:
    """A mapping or list that is being filled."""

    place: Place
    value: dict[str, Any] | list[Any]
    key: str | None = None
    seen: dict[str, int] = field(default_factory=dict)


class _Builder:
    """Builds values and lines from parser events."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.levels: list[_Level] = []
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self.documents = 0
        self.top: Any = None
        self.whole = True

    def fault(self, line: int, what: str, *, whole: bool = True) -> None:
        """Keep a fault; one after which the value is no longer all of the file says so."""
        self.whole &= whole
        self.problems.append(Problem(f"{self.name}:{line}", what))

    def located(self) -> Located:
        """Give what was built; a file that is no mapping at the top is a fault."""
        value = self.top
        if not isinstance(value, dict):
            if not self.problems:
                what = "The file is empty." if value is None else "The file must hold keys with values."
                self.fault(1, what)
            value, self.whole = {}, False
        return Located(self.name, value, self.lines, tuple(self.problems), self.whole)

    def take(self, event: Any) -> None:
        """Take the next event."""
        kind = type(event)
        if kind is ScalarEvent:
            self._scalar(event)
        elif kind is MappingStartEvent:
            self._open(event, {})
        elif kind is SequenceStartEvent:
            self._open(event, [])
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self.levels.pop()
        elif kind is DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                self.fault(event.start_mark.line + 1, "A second document begins here; a file holds one.")
        elif kind is AliasEvent:
            self.whole = False
            self._add(None, event, "An alias (*) stands here; write the value out instead.")

    def _scalar(self, event: Any) -> None:
        level = self.levels[-1] if self.levels else None
        if level and isinstance(level.value, dict) and level.key is None:
            self._key(level, event)
            return
        plain = event.style is None or event.style == ""
        value = _plain_value(event.value) if plain and not event.tag else event.value
        self._add(value, event, _extra(event))

    def _key(self, level: _Level, event: Any) -> None:
        key, line = event.value, event.start_mark.line + 1
        if key in level.seen:
            self.fault(line, f"`{key}` stands here a second time; first in line {level.seen[key]}.")
        else:
            level.seen[key] = line
            self.lines[(*level.place, key)] = line
        level.key = key

    def _open(self, event: Any, value: dict[str, Any] | list[Any]) -> None:
        level = self.levels[-1] if self.levels else None
        if level and isinstance(level.value, dict) and level.key is None:
            self.fault(event.start_mark.line + 1, "A key must be one word or text, no list and no mapping.")
            level.key = ""
        place = self._add(value, event, _extra(event))
        self.levels.append(_Level(place, value))

    def _add(self, value: Any, event: Any, fault: str = "") -> Place:
        """Put a value where it belongs, and say where that is."""
        line = event.start_mark.line + 1
        if fault:
            self.fault(line, fault)
        if not self.levels:
            if self.documents == 1:
                self.top = value
            return ()
        level = self.levels[-1]
        if isinstance(level.value, list):
            place: Place = (*level.place, len(level.value))
            self.lines[place] = line
            level.value.append(value)
            return place
        key, level.key = level.key or "", None
        level.value.setdefault(key, value)
        return (*level.place, key)


def _extra(event: Any) -> str:
    if event.anchor:
        return "An anchor (&) stands here; write the value out wherever it is needed."
    if event.tag and event.tag != "!":
        return "A tag (!) stands here; these files need none."
    return ""


def _plain_value(text: str) -> str | int | float | bool | None:
    """Give what an unquoted word means."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _BROKEN.fullmatch(text) else text
