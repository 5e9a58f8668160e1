"""The lists: one YAML file each, and the choice words that several of them share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from lists_sync.definitions.locate import Located, load_yaml
from lists_sync.definitions.shape import Shape, YesNo, read_files, read_shape, refuse, unknown, yes_no
from lists_sync.errors import Problem
from lists_sync.model import Column, Kind, ListSchema

REFERENCE = "reference"
NAME_LENGTH = 32
WORD_LENGTH = 255
INDEX_COUNT = 20
RECORD_COLUMNS = ("RecordKey", "Slot", "RanAt", "FirstRun", "DataFaults")
"""What every record list holds before its measures."""

_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_SHAREPOINTS_OWN = frozenset(
    ("id", "created", "modified", "author", "editor", "contenttype", "attachments", "edit", "guid", "version")
)
_INDEXABLE = frozenset(Kind) - {Kind.NOTE, Kind.CHOICES}
_UNIQUE = frozenset({Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.CHOICE, Kind.PERSON})
_WORDED = frozenset({Kind.CHOICE, Kind.CHOICES})

Text = Annotated[str, Field(min_length=1)]


class ColumnShape(Shape):
    """A column as a file has it."""

    name: Text
    kind: Literal["text", "note", "number", "yesno", "date", "datetime", "choice", "choices", "person"]
    required: YesNo = False
    unique: YesNo = False
    indexed: YesNo = False
    written_by: Literal["people", "bot"] = "people"
    choices: list[Text] | None = None
    choices_from: Text | None = None
    fill_in: YesNo = False
    default: str | bool | None = None
    description: str = ""


class ListShape(Shape):
    """A list as a file has it."""

    key: Text
    title: Text
    store: Text
    kind: Literal["list", "library"] = "list"
    ref: str = ""
    title_optional: YesNo = False
    record: YesNo = False
    description: str = ""
    source: str = ""
    columns: Annotated[list[ColumnShape], Field(min_length=1)]


class WordsShape(Shape):
    """One entry of the reference data."""

    version: Text
    source: str = ""
    words: list[Text]


def load_schemas(directory: Path) -> dict[str, ListSchema]:
    """Read every list of a folder, and the choice words in its `reference` folder.

    Args:
        directory: holds one YAML file a list, named by its key.

    Returns:
        The lists by key, in order of keys.

    Raises:
        FileError: with every fault of every file at once.
    """
    words, problems = _load_words(directory / REFERENCE / "choices.yaml")
    schemas: dict[str, ListSchema] = {}
    files = read_files(directory)
    for stem, located in files.items():
        shape, faults = read_shape(located, ListShape)
        problems += faults
        if shape:
            problems += _list_faults(stem, shape, located, words)
            schemas[stem] = _schema(shape, words)
    problems += _shared_titles(schemas, files)
    refuse(directory.name, problems)
    return schemas


def load_words(directory: Path) -> dict[str, tuple[str, ...]]:
    """Read the choice words of a schema folder, by entry.

    Raises:
        FileError: with every fault of the file.
    """
    words, problems = _load_words(directory / REFERENCE / "choices.yaml")
    refuse(f"{REFERENCE}/choices.yaml", problems)
    return words


def _load_words(path: Path) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    if not path.exists():
        return {}, []
    located = load_yaml(path)
    words: dict[str, tuple[str, ...]] = {}
    problems = list(located.problems)
    for name, entry in located.value.items():
        inner = {place[1:]: line for place, line in located.lines.items() if place[:1] == (name,)}
        value = entry if isinstance(entry, dict) else {}
        shape, faults = read_shape(Located(located.name, value, inner), WordsShape)
        problems += faults
        words[name] = tuple(shape.words) if shape else ()
        problems += [located.problem((name, "words"), what) for what in _word_faults(words[name])]
    return words, problems


def _schema(shape: ListShape, words: Mapping[str, tuple[str, ...]]) -> ListSchema:
    return ListSchema(
        key=shape.key,
        title=shape.title,
        store=shape.store,
        columns=tuple(_column(column, words) for column in shape.columns),
        library=shape.kind == "library",
        record=shape.record,
        title_optional=shape.title_optional,
        ref=shape.ref,
        description=shape.description,
        source=shape.source,
    )


def _column(shape: ColumnShape, words: Mapping[str, tuple[str, ...]]) -> Column:
    return Column(
        name=shape.name,
        kind=Kind(shape.kind),
        required=shape.required,
        unique=shape.unique,
        indexed=shape.indexed or shape.unique,
        bot=shape.written_by == "bot",
        choices=tuple(shape.choices or words.get(shape.choices_from or "", ())),
        fill_in=shape.fill_in,
        default=yes_no(shape.default) if shape.kind == "yesno" else shape.default,
        description=shape.description,
    )


def _list_faults(
    stem: str, shape: ListShape, located: Located, words: Mapping[str, tuple[str, ...]]
) -> Iterator[Problem]:
    names = [column.name for column in shape.columns]
    if shape.key != stem or not _KEY.fullmatch(shape.key):
        yield located.problem(("key",), f"`key` must be the file's name, {stem}, in small letters.")
    if shape.ref and shape.ref not in names:
        yield located.problem(("ref",), f"`ref` names no column of this list.{unknown(shape.ref, names)}")
    if shape.title_optional and "Title" in names:
        yield located.problem(("title_optional",), "`title_optional` cannot be true beside a column Title.")
    if shape.record:
        for name in RECORD_COLUMNS:
            if name not in names:
                yield located.problem(("columns",), f"A record list must have the column {name}.")
    yield from _all_columns_faults(shape, located, words)


def _all_columns_faults(
    shape: ListShape, located: Located, words: Mapping[str, tuple[str, ...]]
) -> Iterator[Problem]:
    if sum(column.indexed or column.unique for column in shape.columns) > INDEX_COUNT:
        yield located.problem(("columns",), f"SharePoint allows {INDEX_COUNT} indexed columns a list.")
    seen: set[str] = set()
    for number, column in enumerate(shape.columns):
        place = ("columns", number)
        if column.name.lower() in seen:
            yield located.problem(place, f"The column {column.name} stands in this list a second time.")
        seen.add(column.name.lower())
        for what in _column_faults(column, words):
            yield located.problem(place, f"{column.name}: {what}")


def _column_faults(column: ColumnShape, words: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    kind = Kind(column.kind)
    if not _NAME.fullmatch(column.name) or len(column.name) > NAME_LENGTH:
        yield f"`name` must be one word of at most {NAME_LENGTH} letters and digits, with a capital first."
    if column.name.lower() in _SHAREPOINTS_OWN:
        yield "SharePoint has a column of this name already; take another."
    if column.name == "Title" and kind is not Kind.TEXT:
        yield "Title is a text column in every list."
    if column.unique and kind not in _UNIQUE:
        yield f"a {kind} column cannot be unique."
    if column.indexed and kind not in _INDEXABLE:
        yield f"a {kind} column cannot be indexed."
    yield from _choice_faults(column, kind, words)
    yield from _default_faults(column, kind, words)


def _choice_faults(column: ColumnShape, kind: Kind, words: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    given = column.choices is not None or column.choices_from is not None
    if kind not in _WORDED:
        if given or column.fill_in:
            yield f"a {kind} column has no choices; take kind: choice, or leave them out."
        return
    if column.choices is not None and column.choices_from is not None:
        yield "`choices` and `choices_from` exclude each other."
    elif column.choices_from is not None and column.choices_from not in words:
        known = unknown(column.choices_from, words)
        yield f"`choices_from` names no entry of {REFERENCE}/choices.yaml.{known}"
    elif not column.choices and column.choices_from is None:
        yield "a choice needs `choices` or `choices_from`."
    yield from _word_faults(column.choices or ())


def _default_faults(column: ColumnShape, kind: Kind, words: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    default = yes_no(column.default)
    if kind is Kind.YESNO:
        if not isinstance(default, bool):
            yield "a yes/no column needs `default: yes` or `default: no`."
    elif default is not None:
        offered = column.choices or words.get(column.choices_from or "", ())
        if kind is not Kind.CHOICE:
            yield f"a {kind} column takes no `default`."
        elif column.default not in offered:
            yield "`default` is none of its choices."


def _word_faults(words: Sequence[str]) -> Iterator[str]:
    """Say which words SharePoint cannot keep, or are the same to whoever compares them as the controls do."""
    seen: set[str] = set()
    for word in words:
        if word != word.strip() or ";#" in word or len(word) > WORD_LENGTH:
            told = word[:40]
            yield f"the choice '{told}' must have no blank at its ends, no ;# and at most 255 characters."
        same = " ".join(unicodedata.normalize("NFKC", word).split()).casefold()
        if same in seen:
            yield f"the choice '{word}' stands here a second time."
        seen.add(same)


def _shared_titles(schemas: Mapping[str, ListSchema], files: Mapping[str, Located]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key, schema in schemas.items():
        title = schema.title.casefold()
        if title in seen:
            yield files[key].problem(("title",), f"`title` is also that of {seen[title]}.yaml.")
        seen.setdefault(title, key)
