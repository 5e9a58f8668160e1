"""Workbooks: every visible sheet's cells, read without formulas, links or drawings."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from lists_sync.assess.files import Content
from lists_sync.assess.sheets import COLUMN_LIMIT, ROW_LIMIT, Cell, Grid
from lists_sync.errors import TableError

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_SHEETS_LIMIT = 60
_ERRORS = frozenset({"#REF!", "#VALUE!", "#N/A", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})


def read_workbook(content: Content) -> tuple[Grid, ...]:
    """Read the visible sheets that hold anything, in the workbook's order.

    Raises:
        TableError: the workbook is damaged, empty, or larger than a tracker can be.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know
            book = _open(content)
            try:
                sheets = [one for one in book.worksheets if one.sheet_state == "visible"][:_SHEETS_LIMIT]
                grids = [_grid(content.name, sheet) for sheet in sheets]
            finally:
                book.close()
    except TableError:
        raise
    except Exception as fault:  # openpyxl lets errors of any kind through from a damaged part
        told, hint = (
            "The workbook is damaged and cannot be read.",
            "Open it in Excel, repair it, and save it again.",
        )
        raise TableError(told, where=content.name, hint=hint) from fault
    return tuple(grid for grid in grids if grid.rows)


def _open(content: Content) -> Workbook:
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(content.data), read_only=True, data_only=True, keep_links=False)


def _grid(name: str, sheet: Any) -> Grid:
    sheet.reset_dimensions()  # exports state a wrong extent, and a wrong one costs a million blank cells
    rows: list[tuple[Cell, ...]] = []
    numbers: list[int] = []
    for number, row in _rows(sheet):
        if sum(cell is not None for cell in row) > COLUMN_LIMIT:
            told = f"Sheet {sheet.title!r} has more than {COLUMN_LIMIT} columns."
            raise TableError(told, where=name, hint="Delete those that do not belong to the tracker.")
        rows.append(row)
        numbers.append(number)
        if len(rows) > ROW_LIMIT:
            raise TableError(f"Sheet {sheet.title!r} has more than {ROW_LIMIT:,} rows.", where=name)
    return Grid(sheet.title, tuple(rows), tuple(numbers))


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = tuple(_cell(value) for value in row)
        if any(cell is not None for cell in cells):
            yield number, cells


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        text = value.replace("_x000D_", "").strip()
        return None if text in _ERRORS else text or None
    if isinstance(value, bool | int | float | datetime | date | time):
        return value
    if isinstance(value, timedelta):
        return value.total_seconds() / 86400
    return None if value is None else str(value)
