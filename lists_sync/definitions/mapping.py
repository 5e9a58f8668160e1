"""A provider's own list: its name, columns and choice words for ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import Field

from lists_sync.definitions.shape import Shape, unknown
from lists_sync.model import Kind, ListSchema

_THEIRS = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")

Told = Iterator[tuple[tuple[str | int, ...], str]]


class MappingShape(Shape):
    """A mapping as the file has it."""

    title: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    choices: dict[str, dict[str, str]] = Field(default_factory=dict)


@dataclass(frozen=True)
class ListMapping:
    """How a provider's own list differs from our schema.

    Args:
        title: the list's name in SharePoint.
        columns: our column -> the internal name of theirs; columns not named have our name.
        choices: by our column: their word -> our word; words not named are the same.
    """

    title: str
    columns: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def theirs(self, ours: str) -> str:
        """Give the internal name that our column has in their list."""
        return self.columns.get(ours, ours)


def list_mapping(shape: MappingShape, schema: ListSchema) -> ListMapping:
    """Give the mapping; a list without a name of its own keeps ours."""
    choices = {column: dict(words) for column, words in shape.choices.items()}
    return ListMapping(shape.title or schema.title, dict(shape.columns), choices)


def mapping_faults(lists: Mapping[str, MappingShape], schemas: Mapping[str, ListSchema]) -> Told:
    """Tell lists, columns and words that a mapping names and we do not have, and names given twice."""
    titles: dict[tuple[str, str], str] = {}
    for key, shape in lists.items():
        if key not in schemas:
            yield ("lists", key), f"`lists` names {key}, which is no list of ours.{unknown(key, schemas)}"
            continue
        yield from _columns(key, shape, schemas[key])
        yield from _choices(key, shape, schemas[key])
    for key, schema in schemas.items():
        title = lists[key].title if key in lists and lists[key].title else schema.title
        same = (schema.store, title.casefold())
        if same in titles and (key in lists or titles[same] in lists):
            place = key if key in lists else titles[same]
            yield ("lists", place, "title"), f"{key} and {titles[same]} would be the same list."
        titles.setdefault(same, key)


def _columns(key: str, shape: MappingShape, schema: ListSchema) -> Told:
    ours = {column.name for column in schema.columns}
    taken: dict[str, str] = {name.lower(): name for name in ours - shape.columns.keys()}
    for name, theirs in shape.columns.items():
        place = ("lists", key, "columns", name)
        if name not in ours:
            yield place, f"{key} has no column {name}.{unknown(name, ours)}"
        if not _THEIRS.fullmatch(theirs):
            yield place, f"{name}: give the internal name of their column: letters, digits and underscores."
        elif theirs.lower() in taken:
            yield place, f"{name}: {theirs} stands for {taken[theirs.lower()]} already."
        taken.setdefault(theirs.lower(), name)


def _choices(key: str, shape: MappingShape, schema: ListSchema) -> Told:
    columns = {column.name: column for column in schema.columns}
    worded = [name for name, column in columns.items() if column.kind in (Kind.CHOICE, Kind.CHOICES)]
    for name, words in shape.choices.items():
        place = ("lists", key, "choices", name)
        if name not in worded:
            yield place, f"{key} has no choice column {name}.{unknown(name, worded)}"
            continue
        column = columns[name]
        for theirs, ours in words.items():
            if ours not in column.choices and not column.fill_in:
                known = unknown(ours, column.choices)
                yield (*place, theirs), f"{name}: '{ours}' is none of our words for it.{known}"
