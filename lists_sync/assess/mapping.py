"""The mapping file that a person confirms or corrects, read strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lists_sync.assess.names import plain
from lists_sync.assess.propose import offered
from lists_sync.assess.sheets import Sheet
from lists_sync.definitions.locate import Located, load_yaml
from lists_sync.definitions.shape import refuse
from lists_sync.errors import Problem
from lists_sync.model import ListSchema

MAIN = "actions"
OTHERS = ("register", "deadline_changes", "managers")
DAY_FIRST, MONTH_FIRST = "day first", "month first"
_TOP = ("list", "sheet", "dates", "columns", "choices", "people", *OTHERS)
_PART = ("sheet", "columns", "choices")


@dataclass(frozen=True)
class Given:
    """What a person said of one sheet; see `propose`."""

    sheet: str = ""
    columns: Mapping[str, str | None] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class MappingFile:
    """A mapping file as read.

    Args:
        parts: by list key.
        people: by name as it stands in the tracker: e-mail.
    """

    parts: Mapping[str, Given] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    month_first: bool = False
    located: Located | None = None

    def part(self, key: str) -> Given:
        """Give what was said of a list."""
        return self.parts.get(key, Given())

    def check(self, key: str, sheet: Sheet) -> None:
        """Return only where every title that was said stands in the sheet.

        Raises:
            FileError: with the line of each that does not.
        """
        if self.located is None:
            return
        located, titles = self.located, {plain(title) for title in sheet.titles}
        place: tuple[str, ...] = () if key == MAIN else (key,)
        problems = [
            located.problem((*place, "columns", ours), f"the sheet has no column {theirs!r}")
            for ours, theirs in self.part(key).columns.items()
            if theirs and plain(theirs) not in titles
        ]
        refuse(located.name, problems)


def read_mapping(path: Path, schemas: Mapping[str, ListSchema]) -> MappingFile:
    """Read a mapping file.

    Raises:
        FileError: with every unknown or doubled key and wrong value, by line.
    """
    located = load_yaml(path)
    refuse(located.name, [*located.problems, *_faults(located, schemas)])
    top = located.value
    parts = {MAIN: _given(top), **{key: _given(top[key]) for key in OTHERS if top.get(key)}}
    people = {
        plain(name): email.strip().lower() for name, email in (top.get("people") or {}).items() if email
    }
    return MappingFile(parts, people, top.get("dates") == MONTH_FIRST, located)


def _given(part: Mapping[str, Any]) -> Given:
    return Given(part.get("sheet") or "", part.get("columns") or {}, part.get("choices") or {})


def _faults(located: Located, schemas: Mapping[str, ListSchema]) -> Iterator[Problem]:
    top = located.value
    yield from _unknown(located, (), top, _TOP)
    if top.get("list", MAIN) != MAIN:
        yield located.problem(("list",), f"`list` must be {MAIN}")
    if top.get("dates", DAY_FIRST) not in (DAY_FIRST, MONTH_FIRST):
        yield located.problem(("dates",), f"`dates` must be `{DAY_FIRST}` or `{MONTH_FIRST}`")
    yield from _part_faults(located, (), top, schemas[MAIN])
    for key in OTHERS:
        part = top.get(key)
        if isinstance(part, dict):
            yield from _unknown(located, (key,), part, _PART)
            yield from _part_faults(located, (key,), part, schemas[key])
        elif part is not None:
            yield located.problem((key,), f"`{key}` must hold keys with values")
    yield from _people_faults(located, top.get("people"))


def _unknown(
    located: Located, place: tuple[str, ...], part: Mapping[str, Any], known: Sequence[str]
) -> Iterator[Problem]:
    for key in part:
        if key not in known:
            yield located.problem((*place, key), f"unknown key `{key}`; known are {', '.join(known)}")


def _part_faults(
    located: Located, place: tuple[str, ...], part: Mapping[str, Any], schema: ListSchema
) -> Iterator[Problem]:
    if not isinstance(part.get("sheet") or "", str):
        yield located.problem((*place, "sheet"), "`sheet` must be text in quotes")
    names = {column.name: column for column in schema.columns if not column.bot}
    columns, choices = part.get("columns") or {}, part.get("choices") or {}
    if not isinstance(columns, dict) or not isinstance(choices, dict):
        yield located.problem(place, "`columns` and `choices` must hold keys with values")
        return
    yield from _unknown(located, (*place, "columns"), columns, tuple(names))
    used: dict[str, str] = {}
    for ours, theirs in columns.items():
        at = (*place, "columns", ours)
        if theirs is not None and not isinstance(theirs, str):
            yield located.problem(at, f"`{ours}` must be a title in quotes, or nothing")
        elif theirs and used.setdefault(plain(theirs), ours) != ours:
            yield located.problem(at, f"the column {theirs!r} is used for {used[plain(theirs)]} already")
    for ours, words in choices.items():
        at = (*place, "choices", ours)
        if ours not in names or not offered(names[ours]):
            yield located.problem(at, f"`{ours}` is no column with choice words")
        elif not isinstance(words, dict):
            yield located.problem(at, f"`{ours}` must hold your words and ours")
        else:
            yield from _word_faults(located, at, words, offered(names[ours]))


def _word_faults(
    located: Located, place: tuple[str, ...], words: Mapping[str, Any], known: Sequence[str]
) -> Iterator[Problem]:
    for theirs, ours in words.items():
        if ours is not None and ours not in known:
            told = f"our word for {theirs!r} must be one of {', '.join(known)}"
            yield located.problem((*place, theirs), told)


def _people_faults(located: Located, people: Any) -> Iterator[Problem]:
    if people is not None and not isinstance(people, dict):
        yield located.problem(("people",), "`people` must hold names with e-mail addresses")
        return
    for name, email in (people or {}).items():
        if email is not None and (not isinstance(email, str) or "@" not in email):
            yield located.problem(("people", name), "a person needs an e-mail address, or nothing")
