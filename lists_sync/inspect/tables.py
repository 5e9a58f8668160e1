"""A table of the export: the same rows as a CSV file and as a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from lists_sync.inspect.cells import Cell, csv_text, utc_text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

UTC_MARK = " (UTC)"


@dataclass(frozen=True)
class Head:
    """A column of a table.

    Args:
        words: what stands above it on a page.
        about: what its values mean.
        is_time: its values are instants; in the CSV file each stands once more in UTC.
        is_below: on a page it stands below the others, where long texts have room.
        is_number: its values are set to the right.
        on_page: False for what only the CSV file holds.
    """

    name: str
    words: str
    about: str = ""
    is_time: bool = False
    is_below: bool = False
    is_number: bool = False
    on_page: bool = True


@dataclass(frozen=True)
class Read:
    """How far a list was read.

    Args:
        pull: number of the pull; 0 where it was never read.
        at: its instant, ISO UTC, "" where it was never read.
        since: how many changes the bot has made to the list since, which this reading does not show.
        undated: rows that lie in no period, because what dates them is blank or no date.
    """

    pull: int = 0
    at: str = ""
    since: int = 0
    undated: int = 0


@dataclass(frozen=True)
class Table:
    """A table of the export.

    Args:
        path: where it is written, without its ending.
        dated_by: the column by which a row lies in the period.
        about: what it holds, in a sentence or two.
        source: the step it rests on.
        read: how far its list was read; None for what is no list.
        links: words -> path of a file of this export that explains it.
    """

    path: str
    title: str
    dated_by: str
    heads: tuple[Head, ...]
    rows: tuple[Mapping[str, Cell], ...]
    about: str = ""
    source: str = ""
    read: Read | None = None
    links: Mapping[str, str] = field(default_factory=dict)

    def csv(self, zone: ZoneInfo) -> bytes:
        """Give it as a CSV file: RFC 4180, UTF-8 with the mark by which Excel knows it."""
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
        writer.writerow(name for head in self.heads for name in _names(head))
        writer.writerows(self._csv_rows(zone))
        return stream.getvalue().encode("utf-8-sig")

    def _csv_rows(self, zone: ZoneInfo) -> Iterator[list[str]]:
        for row in self.rows:
            cells: list[str] = []
            for head in self.heads:
                cell = row.get(head.name)
                cells.append(csv_text(cell, zone))
                if head.is_time:
                    cells.append(utc_text(cell))
            yield cells

    def count(self, name: str, *values: Cell) -> int:
        """Count the rows that hold one of these values in a column."""
        return sum(row.get(name) in values for row in self.rows)


def _names(head: Head) -> Iterator[str]:
    yield head.name
    if head.is_time:
        yield f"{head.name}{UTC_MARK}"


def by_time(row: Mapping[str, Cell], *names: str) -> tuple[str, ...]:
    """Give what rows are sorted by: these columns in turn, instants in UTC."""
    return tuple(
        utc_text(cell) if isinstance(cell := row.get(name), datetime) else str(cell) for name in names
    )
