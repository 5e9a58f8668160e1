"""What a tracker is once it is read, whatever file it came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

Cell = str | int | float | bool | date | datetime | time | None
"""A value as the file holds it; text is never empty, a blank cell is None."""

COLUMN_LIMIT = 400
"""SharePoint shows fewer columns than this on a list; more is junk, not a tracker."""

ROW_LIMIT = 100_000
_SHOWN_ROWS = 8


@dataclass(frozen=True)
class ListColumn:
    """What the schema line of a Lists export says of one column.

    Args:
        type: SharePoint's own word: Text, Note, DateTime, Choice, MultiChoice, User, Boolean, Number.
        day_only: a date column that holds days, not times.
    """

    name: str
    title: str
    type: str
    day_only: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table with its titles.

    Args:
        name: the sheet's name, "" in a text file.
        titles: one a column, each once.
        rows: cells as long as `titles`.
        numbers: the row number of each row as Excel shows it.
        title_row: the row number of the titles.
        declared: by title, what the export says of the column.
    """

    name: str
    titles: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: tuple[int, ...]
    title_row: int
    declared: Mapping[str, ListColumn] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def column(self, title: str) -> list[Cell]:
        """Give the cells under a title."""
        place = self.titles.index(title)
        return [row[place] for row in self.rows]


@dataclass(frozen=True)
class Grid:
    """Cells before anybody looked for titles; `numbers` as in `Sheet`."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    numbers: tuple[int, ...]
    declared: tuple[ListColumn, ...] = ()
    notes: tuple[str, ...] = ()


def row_words(numbers: Sequence[int]) -> str:
    """Name rows: `row 4`, `rows 4, 9 and 12`, and how many more."""
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    shown = [str(number) for number in numbers[:_SHOWN_ROWS]]
    if len(numbers) > _SHOWN_ROWS:
        return f"rows {', '.join(shown)} and {len(numbers) - _SHOWN_ROWS} more"
    return f"rows {', '.join(shown[:-1])} and {shown[-1]}"
