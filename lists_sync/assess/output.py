"""The result columns beside the provider's own rows, as a workbook or a CSV file to look at."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from lists_sync.assess.judge import Assessment
from lists_sync.errors import TableError

RESULT_TITLES = {
    "DeadlineState": "Deadline state",
    "HighRiskOverdue": "High-risk overdue",
    "IntegrityDefects": "Integrity defects",
    "SlippageBand": "Slippage band",
    "DataFaults": "Values that could not be used",
}
_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?%?")
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CELL_LIMIT = 32_767


def check_target(path: Path, inputs: Sequence[Path]) -> None:
    """Return only where results may be written to a file of that name.

    Raises:
        TableError: its ending is neither .xlsx nor .csv, it is one of the inputs, or its folder is missing.
    """
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise TableError(
            "Results are written as .xlsx or .csv.", where=path.name, hint="Give such a name with --out."
        )
    if any(path.exists() and one.exists() and path.samefile(one) for one in inputs):
        raise TableError(
            "This is one of the files to judge.", where=path.name, hint="Give another name with --out."
        )
    if not path.absolute().parent.is_dir():
        raise TableError("The folder for the results is missing.", where=path.name, hint="Make it first.")


def write_results(path: Path, assessment: Assessment) -> None:
    """Write the rows with their result columns; the file is there whole or not at all.

    Raises:
        TableError: it cannot be written.
    """
    table = list(_table(assessment))
    data = _workbook(table) if path.suffix.lower() == ".xlsx" else _csv(table)
    try:
        handle, name = tempfile.mkstemp(prefix=".lists-sync-", dir=path.absolute().parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as fault:
        hint = "Close it in Excel if it is open there, and check that you may write to the folder."
        raise TableError("The results cannot be written.", where=path.name, hint=hint) from fault


def _table(assessment: Assessment) -> Iterator[list[Any]]:
    """Yield the titles, then every row of the tracker with what was found of it."""
    sheet, judged = assessment.tracker.sheet, {item.id for item in assessment.tracker.rows.items}
    shown = [name for name in RESULT_TITLES if any(name in row for row in assessment.results.values())]
    taken = set(sheet.titles)
    titles = [RESULT_TITLES[name] for name in [*shown, "DataFaults"]]
    yield ["Row", *sheet.titles, *(f"{title} (assessed)" if title in taken else title for title in titles)]
    faults: dict[int, list[str]] = {}
    for fault in assessment.faults:
        if fault.list == assessment.tracker.key:
            faults.setdefault(fault.id, []).append(f"{fault.column} {fault.why}")
    for number, row in zip(sheet.numbers, sheet.rows, strict=True):
        found = assessment.results.get(number, {}) if number in judged else {}
        told = "; ".join(faults.get(number, ())) or None
        yield [number, *row, *(_shown(found.get(name)) for name in shown), told]


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return "; ".join(value) if isinstance(value, tuple) else value


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet might run a text instead of showing it."""
    return text.startswith(_STARTS) and not _NUMBER.fullmatch(text)


def _workbook(table: Sequence[Sequence[Any]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Assessment")
    sheet.freeze_panes = "B2"
    for at, title in enumerate(table[0], start=1):
        sheet.column_dimensions[get_column_letter(at)].width = min(40, max(12, len(str(title)) + 2))
    make = _cell_maker(sheet)
    for row in table:
        sheet.append([make(value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell_maker(sheet: Any) -> Callable[[Any], Any]:
    """Give what makes a cell of a value; text stays text whatever it starts with."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    def make(value: Any) -> Any:
        if isinstance(value, str):
            text = ILLEGAL_CHARACTERS_RE.sub(" ", value)[:_CELL_LIMIT]
            if not text.startswith(_STARTS):
                return text
            cell = WriteOnlyCell(sheet, text)
            cell.data_type = "s"
            cell.quotePrefix = is_formula(text)
            return cell
        if isinstance(value, date):
            cell = WriteOnlyCell(sheet)
            cell.value = value
            whole = not isinstance(value, datetime) or value.time() == time(0)
            cell.number_format = "dd/mm/yyyy" if whole else "dd/mm/yyyy hh:mm"
            return cell
        return value

    return make


def _csv(table: Sequence[Sequence[Any]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_MINIMAL).writerows(
        [_csv_cell(value) for value in row] for row in table
    )
    return stream.getvalue().encode("utf-8-sig")


def _csv_cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y" if value.time() == time(0) else "%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, str) and is_formula(value):
        return f"'{value}"
    return value
