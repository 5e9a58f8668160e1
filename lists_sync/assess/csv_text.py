"""Text files: encodings, separators, and the schema line of Microsoft Lists."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from xml.etree import ElementTree as ET

from lists_sync.assess.files import Content
from lists_sync.assess.sheets import COLUMN_LIMIT, ROW_LIMIT, Cell, Grid, ListColumn
from lists_sync.errors import TableError

_SCHEMA = "ListSchema="
_SEPARATORS = ",;\t|"
_SAMPLE_ROWS = 40
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_csv(content: Content) -> Grid:
    """Read a text file into cells; every value stays text.

    Returns:
        the cells with the line numbers of a spreadsheet: one a record, blank records left out.

    Raises:
        TableError: the encoding is not known, a quoted text never ends, or it is larger than a tracker.
    """
    text, note = _decode(content)
    schema, text, skipped = _schema(content.name, text)
    if text[:4].lower() == "sep=":
        separator, _, text = text[4:].partition("\n")
        separator, skipped = separator.strip("\r") or ",", skipped + 1
    else:
        separator = _separator(text)
    rows: list[tuple[Cell, ...]] = []
    numbers: list[int] = []
    for number, row in _records(content.name, text, separator[0], skipped):
        rows.append(row)
        numbers.append(number)
        if len(rows) > ROW_LIMIT:
            raise TableError(f"The file has more than {ROW_LIMIT:,} rows.", where=content.name)
    return Grid("", tuple(rows), tuple(numbers), schema, (note,) if note else ())


def _decode(content: Content) -> tuple[str, str]:
    for mark, encoding in _BOMS:
        if content.data.startswith(mark):
            return _strictly(content, encoding), ""
    try:
        text = content.data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(content)
    if "\x00" in text:
        return _without_mark(content), "read as UTF-16 without its mark"
    return text, ""


def _strictly(content: Content, encoding: str) -> str:
    try:
        return content.data.decode(encoding)
    except UnicodeDecodeError as fault:
        raise _encoding_error(content.name) from fault


def _without_mark(content: Content) -> str:
    even, odd = content.data[:400:2].count(0), content.data[1:400:2].count(0)
    if max(even, odd) * 3 < min(len(content.data), 400) // 2 or min(even, odd) * 4 > max(even, odd):
        raise TableError("This is neither a workbook nor a text file.", where=content.name)
    return _strictly(content, "utf-16-be" if even > odd else "utf-16-le")


def _guess(content: Content) -> tuple[str, str]:
    """Decode text of older Excel; `charset_normalizer` refuses bytes that are no text."""
    from charset_normalizer import from_bytes

    if b"\x00" in content.data:
        return _without_mark(content), "read as UTF-16 without its mark"
    best = from_bytes(content.data, cp_isolation=["cp1252"]).best()
    if best is None:
        raise _encoding_error(content.name)
    return str(best), "read as Windows-1252, since it is not UTF-8: look at accents and the pound sign"


def _encoding_error(name: str) -> TableError:
    hint = 'Open it in Excel and save it as "CSV UTF-8 (comma delimited)".'
    return TableError("The text is in an encoding that cannot be read.", where=name, hint=hint)


def _schema(name: str, text: str) -> tuple[tuple[ListColumn, ...], str, int]:
    """Take off the schema line of "CSV with schema"; Excel may have put it in quotes meanwhile."""
    if text.startswith(_SCHEMA):
        try:
            value, end = json.JSONDecoder().raw_decode(text, len(_SCHEMA))
        except (ValueError, RecursionError) as fault:
            raise _schema_error(name) from fault
        rest = text[end:].lstrip(" ,;\t\r").removeprefix("\n")
        return _columns(value), rest, text[:end].count("\n") + 1
    if text.startswith(f'"{_SCHEMA}'):
        stream = io.StringIO(text, newline="")
        try:
            first = next(csv.reader(stream, strict=True))[0]
            value = json.loads(first.removeprefix(_SCHEMA))
        except (csv.Error, ValueError, RecursionError) as fault:
            raise _schema_error(name) from fault
        return _columns(value), stream.read(), 1
    return (), text, 0


def _schema_error(name: str) -> TableError:
    return TableError("The schema line of the export is damaged.", where=name, hint="Export the list again.")


def _columns(value: Any) -> tuple[ListColumn, ...]:
    fields = value.get("schemaXmlList") if isinstance(value, dict) else None
    found = (_column(one) for one in fields if isinstance(one, str)) if isinstance(fields, list) else ()
    return tuple(one for one in found if one is not None)


def _column(xml: str) -> ListColumn | None:
    if "<!" in xml:  # no declaration stands in a column; entities could swell it
        return None
    try:
        attributes = ET.fromstring(xml).attrib  # noqa: S314  # declarations are refused above
    except ET.ParseError:
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', xml))
    title, name = attributes.get("DisplayName", ""), attributes.get("Name", "")
    day_only = attributes.get("Format", "") == "DateOnly"
    return ListColumn(name, title or name, attributes.get("Type", ""), day_only) if title or name else None


def _separator(text: str) -> str:
    """Give the separator that cuts the first rows into the most columns of the same count."""

    def score(separator: str) -> tuple[float, int]:
        try:
            rows = [
                len(row) for row in islice(csv.reader(io.StringIO(text), delimiter=separator), _SAMPLE_ROWS)
            ]
        except csv.Error:
            return 0.0, 0
        widths = [width for width in rows if width > 1]
        usual = max(set(widths), key=lambda width: (widths.count(width), width)) if widths else 0
        return widths.count(usual) / len(rows) if widths else 0.0, usual

    return max(_SEPARATORS, key=score)


def _records(name: str, text: str, separator: str, skipped: int) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = skipped
    try:
        for row in reader:
            number += 1
            cells = tuple(cell.strip() or None for cell in row)
            if any(cell is not None for cell in cells):
                if sum(cell is not None for cell in cells) > COLUMN_LIMIT:
                    raise TableError(f"Row {number} has more than {COLUMN_LIMIT} columns.", where=name)
                yield number, cells
    except csv.Error as fault:
        hint = "Export it again; the copy may have been cut short."
        raise TableError(
            f"Row {number + 1}: a quoted text does not end as it should.", where=name, hint=hint
        ) from fault
