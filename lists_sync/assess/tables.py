"""From a file to sheets with titles, and which of them is the tracker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from lists_sync.assess.csv_text import read_csv
from lists_sync.assess.files import read_content
from lists_sync.assess.names import all_names, known, never, plain, title_score
from lists_sync.assess.sheets import COLUMN_LIMIT, Cell, Grid, Sheet, row_words
from lists_sync.assess.workbook import read_workbook
from lists_sync.errors import TableError
from lists_sync.model import ListSchema

_TITLE_ROWS = 25
"""How far down titles may stand below a heading."""

_TITLE_LENGTH = 60
_SURE = 80.0
REQUIRED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "actions": (("DueDate",), ("Status",)),
    "register": (("ActionRef",), ("RegisteredDueDate",)),
    "deadline_changes": (("ActionRef",), ("NewDueDate",), ("Decision",)),
    "managers": (("Manager", "Email"), ("Active",)),
}
"""By list: columns without which a sheet is not that list; one of each group is enough."""


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Read every sheet of a file that has titles and rows.

    Raises:
        TableError: the file is no table, or holds no row below its titles.
    """
    content = read_content(path)
    grids = read_workbook(content) if content.workbook else (read_csv(content),)
    sheets = [sheet for grid in grids if (sheet := with_titles(grid, where=content.name)) is not None]
    filled = tuple(sheet for sheet in sheets if sheet.rows)
    if not filled:
        what = "The sheet has titles but no rows." if sheets else "The file holds no table."
        raise TableError(what, where=content.name, hint="Export the tracker with its rows.")
    return filled


def with_titles(grid: Grid, *, where: str = "") -> Sheet | None:
    """Find the row of titles under any heading; None where no row can be one.

    Raises:
        TableError: there are more columns than a tracker can have.
    """
    place = _title_place(grid)
    if place is None:
        return None
    width = len(_trimmed(grid.rows[place]))
    if width > COLUMN_LIMIT:
        raise TableError(f"The table has more than {COLUMN_LIMIT} columns.", where=where)
    titles, notes = _titles(grid.rows[place][:width], grid.rows[place + 1 :])
    kept = [at for at, title in enumerate(titles) if title]
    below = [(number, row) for number, row in zip(grid.numbers, grid.rows, strict=True)][place + 1 :]
    over = [number for number, row in below if any(cell is not None for cell in row[width:])]
    if over:
        notes.append(f"{row_words(over)}: cells beyond the titles are left out")
    rows = [(number, tuple(row[at] if at < len(row) else None for at in kept)) for number, row in below]
    rows = [(number, row) for number, row in rows if any(cell is not None for cell in row)]
    shown = tuple(titles[at] for at in kept)
    left = [number for number, row in rows if _between(row, shown)]
    if left:
        gone = set(left)
        notes.append(f"{row_words(left)}: headings, totals or repeated titles, not counted as lines")
        rows = [(number, row) for number, row in rows if number not in gone]
    declared = {title: column for title in shown for column in grid.declared if column.title == title}
    return Sheet(
        grid.name,
        shown,
        tuple(row for _, row in rows),
        tuple(number for number, _ in rows),
        grid.numbers[place],
        declared,
        (*grid.notes, *notes),
    )


def _title_place(grid: Grid) -> int | None:
    """Give the place of the row that looks most like titles: texts, each once, many of them known."""
    best, best_score = None, 0.0
    for place, row in enumerate(grid.rows[:_TITLE_ROWS]):
        cells = [cell for cell in row if cell is not None]
        texts = [cell for cell in cells if isinstance(cell, str) and any(map(str.isalpha, cell))]
        if len(texts) < 2 or any(isinstance(cell, datetime | date) for cell in cells):  # noqa: PLR2004
            continue
        distinct = len({plain(text) for text in texts})
        hits = sum(_is_known(text) for text in texts)
        score = (3 * hits + distinct) * (distinct / len(cells))
        if score > best_score * 1.05:
            best, best_score = place, score
    return best


def _is_known(text: str) -> bool:
    return len(text) <= _TITLE_LENGTH and (plain(text) in all_names() or plain(text) in never())


def _trimmed(row: Sequence[Cell]) -> Sequence[Cell]:
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


def _titles(cells: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> tuple[list[str], list[str]]:
    """Name every column once; one without title and values is dropped (named "")."""
    titles: list[str] = []
    notes: list[str] = []
    for at, cell in enumerate(cells):
        title = " ".join(str(cell).split()) if cell is not None else ""
        if not title and any(at < len(row) and row[at] is not None for row in below):
            title = f"Column {at + 1}"
        if title and title in titles:
            notes.append(
                f"the title {title[:40]!r} stands more than once; the first one is used unless mapped"
            )
            title = f"{title} (column {at + 1})"
        titles.append(title)
    return titles, notes


def _between(row: Sequence[Cell], titles: Sequence[str]) -> bool:
    """Tell what stands between the lines of a tracker: a heading, a total, the titles once more."""
    filled = [cell for cell in row if cell is not None]
    again = [plain(str(cell)) if cell is not None else "" for cell in row] == [plain(one) for one in titles]
    total = plain(str(filled[0])).split()[:1] in (["total"], ["totals"])
    heading = len(filled) == 1 and isinstance(filled[0], str) and len(titles) > 2  # noqa: PLR2004
    return again or heading or (total and len(filled) <= max(3, len(titles) // 2))


def fit(sheet: Sheet, schema: ListSchema) -> float:
    """Say how well a sheet fits a list: the sum of its best title scores that are sure."""
    scores = [
        max((title_score(title, known(schema.key, column.name)) for title in sheet.titles), default=0.0)
        for column in schema.columns
        if not column.bot
    ]
    return sum(score for score in scores if score >= _SURE)


def is_list(sheet: Sheet, key: str) -> bool:
    """Tell whether a sheet has the columns without which it is not that list."""
    return all(any(_has(sheet, key, name) for name in group) for group in REQUIRED[key])


def _has(sheet: Sheet, key: str, name: str) -> bool:
    return any(title_score(title, known(key, name)) >= _SURE for title in sheet.titles)


def choose(
    sheets: Sequence[Sheet], schema: ListSchema, *, named: str = "", where: str = ""
) -> tuple[Sheet, str]:
    """Give the sheet that is the tracker, and a sentence on why.

    Args:
        named: the name a person gave; "" takes the sheet that fits best.

    Raises:
        TableError: there is no sheet of that name.
    """
    if named:
        for sheet in sheets:
            if plain(sheet.name) == plain(named):
                return sheet, f"Sheet {sheet.name!r}, as named."
        have = ", ".join(repr(sheet.name) for sheet in sheets if sheet.name) or "none"
        raise TableError(f"There is no sheet {named[:60]!r} with rows.", where=where, hint=f"Sheets: {have}.")
    best = _best(sheets, lambda sheet: fit(sheet, schema) + len(sheet.rows) / 1e6)
    if len(sheets) == 1:
        return best, ""
    return best, f"Sheet {best.name!r}, which fits best of {len(sheets)}; --sheet NAME takes another."


def _best(sheets: Sequence[Sheet], score: Callable[[Sheet], float]) -> Sheet:
    return max(sheets, key=score)


def recognise(sheets: Sequence[Sheet], schema: ListSchema) -> Sheet | None:
    """Give the sheet that is a list of that schema by its columns, None where none is."""
    fitting = [sheet for sheet in sheets if is_list(sheet, schema.key)]
    return _best(fitting, lambda sheet: fit(sheet, schema)) if fitting else None
