"""Reads the list schemas that `load` provisions: the embedded workspace's own small reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from lists_sync.emulator.records import Column, WorkList

if TYPE_CHECKING:
    from pathlib import Path

    from lists_sync.emulator.state import State

KINDS = {"text", "note", "number", "yesno", "date", "datetime", "choice", "choices", "person"}
STORE_SITES = {"evidence": "/sites/evidence"}
GOVERNANCE = "/sites/governance"


@dataclass
class Schema:
    """A list or library to provision."""

    key: str
    title: str
    site_path: str
    library: bool
    title_optional: bool
    description: str = ""
    columns: list[Column] = field(default_factory=list)


def read_schemas(directory: Path) -> dict[str, Schema]:
    """Read every schema file of a folder, by key.

    Raises:
        ValueError: a file cannot be read; the sentence names it.
    """
    words_file = directory / "reference" / "choices.yaml"
    words = _yaml(words_file) if words_file.is_file() else {}
    schemas = [_schema(path, words) for path in sorted(directory.glob("*.yaml"))]
    return {schema.key: schema for schema in schemas}


def _yaml(path: Path) -> dict[str, Any]:
    return _parsed(path, path.stat().st_mtime_ns)


@cache
def _parsed(path: Path, _changed_ns: int) -> dict[str, Any]:
    """Parse a file once, and anew when it was changed: each load asks for all of them."""
    content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} holds no mapping.")  # noqa: TRY004 - a fault of the file
    return content


def _schema(path: Path, words: dict[str, Any]) -> Schema:
    try:
        content = _yaml(path)
        return Schema(
            key=content["key"],
            title=content["title"],
            site_path=STORE_SITES.get(content["store"], GOVERNANCE),
            library=content.get("kind", "list") == "library",
            title_optional=bool(content.get("title_optional")),
            description=content.get("description", ""),
            columns=[_column(row, words) for row in content["columns"]],
        )
    except (KeyError, TypeError) as problem:
        raise ValueError(f"{path.name}: {problem!r} is missing or wrong.") from problem


def _column(row: dict[str, Any], words: dict[str, Any]) -> Column:
    if row["kind"] not in KINDS:
        raise KeyError(row["kind"])
    choices = row.get("choices") or words.get(row.get("choices_from", ""), {}).get("words", [])
    return Column(
        id="",
        name=row["name"],
        kind=row["kind"],
        display_name=row.get("display_name", ""),
        description=row.get("description", ""),
        required=bool(row.get("required")),
        indexed=bool(row.get("indexed") or row.get("unique")),
        unique=bool(row.get("unique")),
        choices=[str(word) for word in choices],
        fill_in=bool(row.get("fill_in")),
        default=_default(row.get("default")),
        bot=row.get("written_by") == "bot",
    )


def _default(value: Any) -> str | None:
    if value is None:
        return None
    if value in (True, "yes"):
        return "1"
    return "0" if value in (False, "no") else str(value)


def provisioned(state: State, schema: Schema) -> WorkList:
    """Give the list of a schema, made now if its site has none of that title."""
    site = state.site_by_path(schema.site_path)
    for found in state.lists(site.id):
        if found.title.casefold() == schema.title.casefold():
            found.key = schema.key
            _mark(state, found, schema)
            return found
    columns = [column for column in schema.columns if column.name != "Title"]
    made = state.create_list(
        site.id,
        schema.title,
        template="documentLibrary" if schema.library else "genericList",
        description=schema.description,
        key=schema.key,
        columns=columns,
    )
    if schema.title_optional:
        state.update_column(made.id, "Title", required=False)
    _mark(state, made, schema)
    return made


def _mark(state: State, found: WorkList, schema: Schema) -> None:
    """Mark the columns that the bot writes; a list made through the services does not say it itself."""
    bot = {column.name for column in schema.columns if column.bot}
    # Where the bot names the rows, a Title without meaning of its own is a copy of that name.
    if schema.title_optional and schema.columns and schema.columns[0].bot:
        bot.add("Title")
    for name in bot & set(found.columns):
        if not found.columns[name].bot:
            state.update_column(found.id, name, bot=True)
