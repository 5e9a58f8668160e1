"""The pages of the export: they stand alone, run nothing, and can be read on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lists_sync.clock import parse
from lists_sync.errors import FileError
from lists_sync.inspect.cells import Cell, shown, utc_text
from lists_sync.messages.words import counted, moment_words
from lists_sync.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from lists_sync.inspect.tables import Head, Table

FOLDER = "trail"
WORD_LENGTH = 18
LINE_LENGTH = 90
ACROSS_COUNT = 13
"""How many columns stand side by side on a page; what is beyond them has a line of its own below."""


@dataclass(frozen=True)
class Shown:
    """A cell of a page.

    Args:
        words: of its column; utc: the instant itself, "" for what is none.
    """

    words: str
    text: str
    utc: str
    is_number: bool

    @property
    def is_unbroken(self) -> bool:
        """Whether a word of it, a key or a hash, is so long that it must be broken to have room."""
        return any(len(word) > WORD_LENGTH for word in self.text.split())

    @property
    def is_text(self) -> bool:
        """Whether it is read as lines of its own."""
        return "\n" in self.text or len(self.text) > LINE_LENGTH


@dataclass(frozen=True)
class ShownRow:
    """A row of a page: cells side by side, and those that stand below them."""

    across: tuple[Shown, ...]
    below: tuple[Shown, ...]


class Pages:
    """Makes pages from the templates of a configuration; those that it lacks are the shipped ones.

    Args:
        templates: the folder of templates in use.
        common: what every page may name.
    """

    def __init__(self, templates: Path, zone: ZoneInfo, common: Mapping[str, Any]) -> None:
        places = [folder / FOLDER for folder in (templates, shipped("templates"))]
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(place) for place in places]),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(counted=counted, moment=self._moment)
        self._zone = zone
        self._common = common

    def page(self, name: str, **facts: Any) -> bytes:
        """Give a page.

        Raises:
            FileError: its template is wrong, or names what it is not given.
        """
        try:
            text = self._environment.get_template(f"{name}.html.j2").render(**self._common, **facts)
        except TemplateError as fault:
            raise FileError(
                f"The page cannot be made: {fault.message}.",
                where=f"templates/{FOLDER}/{name}.html.j2",
                hint="Take the shipped template in place of it.",
            ) from fault
        return text.encode()

    def table(self, table: Table) -> bytes:
        """Give a table's page."""
        across, below = _split([head for head in table.heads if head.on_page])
        rows = [ShownRow(self._cells(across, row), self._below(below, row)) for row in table.rows]
        depth = table.path.count("/")
        return self.page("table", table=table, across=across, rows=rows, up="../" * depth)

    def _cells(self, heads: Sequence[Head], row: Mapping[str, Cell]) -> tuple[Shown, ...]:
        return tuple(self._cell(head, row.get(head.name)) for head in heads)

    def _below(self, heads: Sequence[Head], row: Mapping[str, Cell]) -> tuple[Shown, ...]:
        """Give what stands below a row; blanks are left out there."""
        return tuple(cell for cell in self._cells(heads, row) if cell.text)

    def _cell(self, head: Head, cell: Cell) -> Shown:
        return Shown(head.words, shown(cell, self._zone), utc_text(cell), head.is_number)

    def _moment(self, at: str) -> str:
        return moment_words(parse(at), self._zone)


def _split(heads: Sequence[Head]) -> tuple[list[Head], list[Head]]:
    """Give the columns that stand side by side, and those below: meant to be there, or without room."""
    short = [head for head in heads if not head.is_below]
    beyond = {head.name for head in short[ACROSS_COUNT:]}
    return short[:ACROSS_COUNT], list(_beyond(heads, beyond))


def _beyond(heads: Sequence[Head], beyond: set[str]) -> Iterator[Head]:
    return (head for head in heads if head.is_below or head.name in beyond)
