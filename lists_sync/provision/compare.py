"""Compares the lists as they are with the schemas: pure, and it only ever adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.model import Kind
from lists_sync.provision.facets import conflict, kind_words
from lists_sync.provision.plan import Act, Conflict, Present, ProvisionPlan, Step
from lists_sync.provision.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lists_sync.definitions import ListMapping
    from lists_sync.model import Column, ListSchema

INDEX_LIMIT_COUNT = 20
"""Indexes that SharePoint allows on one list."""


def make_plan(
    schemas: Mapping[str, ListSchema],
    present: Mapping[str, Present | None],
    mappings: Mapping[str, ListMapping] | None = None,
) -> ProvisionPlan:
    """Give what is missing of the schemas in what is there.

    Args:
        schemas: what should be there, by key.
        present: by list key; None where the list is not there.
        mappings: the provider's own lists by key: these only get the missing result columns.
    """
    steps: list[Step] = []
    conflicts: list[Conflict] = []
    for key, schema in schemas.items():
        mapping = (mappings or {}).get(key)
        for found in _differences(schema, present.get(key), mapping):
            (steps if isinstance(found, Step) else conflicts).append(found)  # type: ignore[arg-type]
    titles = {key: schema.title for key, schema in schemas.items()}
    titles |= {key: mapping.title for key, mapping in (mappings or {}).items() if mapping.title}
    return ProvisionPlan(tuple(sorted(steps)), tuple(sorted(conflicts)), titles)


def _differences(
    schema: ListSchema, present: Present | None, mapping: ListMapping | None
) -> Iterator[Step | Conflict]:
    if mapping is not None:
        yield from _mapped(schema, present, mapping)
        return
    if present is None:
        yield Step(schema.key, Act.MAKE_LIST, what="library" if schema.library else "list")
    yield from _title(schema, present)
    yield from _columns(schema, present)
    yield from _indexes(schema, present)
    yield from _views(schema, present)


def _title(schema: ListSchema, present: Present | None) -> Iterator[Step]:
    """A library does not ask for a title; a list does, until told otherwise."""
    asked = not schema.library if present is None else present.columns.get("Title", {}).get("required")
    if schema.title_optional and asked:
        yield Step(schema.key, Act.FREE_TITLE, name="Title")


def _columns(schema: ListSchema, present: Present | None) -> Iterator[Step | Conflict]:
    if present is None:
        return
    for place, column in enumerate(schema.columns):
        yield from _column(schema.key, column, present.columns.get(column.name), (place, column.name))


def _column(
    key: str,
    column: Column,
    raw: Mapping[str, Any] | None,
    stands: tuple[int, str],
    *,
    meanings: Mapping[str, str] | None = None,
) -> Iterator[Step | Conflict]:
    """Compare one column with ours.

    Args:
        key: of the list.
        column: as we want it.
        raw: as it is, None where it is not there.
        stands: its place in the schema, and its name in the provider's list.
        meanings: the provider's choice words and which of ours they stand for.
    """
    place, name = stands
    if raw is None:
        yield Step(key, Act.ADD_COLUMN, place, name, what=_what(column))
    elif why := conflict(column, raw):
        yield Conflict(key, name, why)
    elif column.kind in {Kind.CHOICE, Kind.CHOICES}:
        offered = {
            (meanings or {}).get(word, word) for word in (raw.get("choice") or {}).get("choices") or []
        }
        if words := tuple(word for word in column.choices if word not in offered):
            yield Step(key, Act.ADD_CHOICES, place, name, words=words)


def _what(column: Column) -> str:
    words = f" ({', '.join(column.choices)})" if column.choices else ""
    return kind_words(column.kind) + words + (", written by the bot" if column.bot else "")


def _indexes(schema: ListSchema, present: Present | None) -> Iterator[Step | Conflict]:
    """Index what is filtered by, and make keys unique; uniqueness needs its index first.

    A column that is still to be made is made with its index.
    """
    raws = present.columns if present else {}
    room = INDEX_LIMIT_COUNT - sum(bool(raw.get("indexed")) for raw in raws.values())
    for place, column in enumerate(schema.columns):
        raw = raws.get(column.name, {})
        if not (column.indexed or column.unique) or (raw and conflict(column, raw)):
            continue
        if raw and not raw.get("indexed"):
            room -= 1
            if room < 0:
                yield Conflict(schema.key, column.name, f"The list has {INDEX_LIMIT_COUNT} indexes already.")
                continue
            yield Step(schema.key, Act.INDEX, place, column.name)
        if column.unique and not raw.get("enforceUniqueValues"):
            yield Step(schema.key, Act.UNIQUE, place, column.name)


def _views(schema: ListSchema, present: Present | None) -> Iterator[Step | Conflict]:
    wanted = VIEWS.get(schema.key, ())
    if present is not None and present.views is None and wanted:
        yield Conflict(
            schema.key, "", "SharePoint did not let the app see the views; it needs a certificate."
        )
        return
    there = (present.views or frozenset()) if present else frozenset()
    for place, view in enumerate(wanted):
        if view.title not in there:
            yield Step(schema.key, Act.ADD_VIEW, place, view.title)


def _mapped(schema: ListSchema, present: Present | None, mapping: ListMapping) -> Iterator[Step | Conflict]:
    """A provider's own list gets the missing result columns; all else of it is only told."""
    if present is None:
        yield Conflict(schema.key, "", "The provider's own list of this name is not there.")
        return
    for place, column in enumerate(schema.columns):
        name, meanings = mapping.theirs(column.name), mapping.choices.get(column.name)
        raw = present.columns.get(name)
        if column.bot:
            yield from _column(schema.key, column, raw, (place, name), meanings=meanings)
        elif raw is None and column.required:
            yield Conflict(
                schema.key, name, "The mapping names no column of the list for it, and it is required."
            )
        elif raw is not None and (why := conflict(column, raw)):
            yield Conflict(schema.key, name, why)
