"""Looks at a file's content, not its name, and refuses what is no table before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from lists_sync.errors import TableError

BYTES_LIMIT = 50 * 1024 * 1024
UNPACKED_LIMIT = 300 * 1024 * 1024
RATIO_LIMIT = 400
"""A part of more than a megabyte that grows more than this when unpacked was made to do harm."""

_PARTS_LIMIT = 5_000
_MEGABYTE = 1024 * 1024
_SAVE = "Open it in Excel and save it as an Excel workbook (.xlsx) or as CSV UTF-8."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_TABLE = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document"),
    (b"\x1f\x8b", "a packed file"),
    (b"SQLite format 3", "a database"),
)


@dataclass(frozen=True)
class Content:
    """A file's bytes and what they are."""

    name: str
    data: bytes
    workbook: bool


def read_content(path: Path) -> Content:
    """Read a file and tell workbooks from text.

    Raises:
        TableError: it is missing, too large, locked, damaged or no table at all.
    """
    name = path.name
    try:
        if path.is_dir():
            raise TableError("This is a folder, not a file.", where=name, hint="Name the tracker inside it.")
        with path.open("rb") as stream:
            data = stream.read(BYTES_LIMIT + 1)
    except FileNotFoundError as fault:
        raise TableError(
            "There is no such file.", where=name, hint="Check the name and the folder."
        ) from fault
    except OSError as fault:
        hint = "Close it in Excel if it is open there, and check that you may read it."
        raise TableError("The file cannot be opened.", where=name, hint=hint) from fault
    return sniff(name, data)


def sniff(name: str, data: bytes) -> Content:
    """Tell what the bytes are.

    Raises:
        TableError: as `read_content`.
    """
    if not data.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise TableError("The file is empty.", where=name, hint="Export the tracker again.")
    if len(data) > BYTES_LIMIT:
        raise TableError("The file is larger than 50 MB.", where=name, hint="Keep the tracker's sheet only.")
    if data.startswith(_OLE):
        _refuse_ole(name, data)
    if data.startswith(b"PK"):
        _check_package(name, data)
        return Content(name, data, workbook=True)
    _refuse_others(name, data)
    return Content(name, data, workbook=False)


def _refuse_ole(name: str, data: bytes) -> None:
    if "EncryptedPackage".encode("utf-16-le") in data:
        hint = "Open it in Excel, take the password off (File, Info, Protect Workbook), and save it again."
        raise TableError("The workbook is locked with a password.", where=name, hint=hint)
    if any(word.encode("utf-16-le") in data for word in ("Workbook", "Book")):
        raise TableError("This is a workbook of the old kind (.xls).", where=name, hint=_SAVE)
    raise TableError("This is not a workbook.", where=name, hint=_SAVE)


def _check_package(name: str, data: bytes) -> None:
    """Refuse a package that is damaged, no workbook, or larger than a tracker can be."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            _refuse_bomb(name, parts)
            _refuse_kind(name, package, names)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as fault:
        hint = "Save or export it again; the copy may have been cut short."
        raise TableError("The workbook is damaged or incomplete.", where=name, hint=hint) from fault


def _refuse_bomb(name: str, parts: list[zipfile.ZipInfo]) -> None:
    total = sum(part.file_size for part in parts)
    swollen = any(
        part.file_size > _MEGABYTE and part.file_size > RATIO_LIMIT * max(part.compress_size, 1)
        for part in parts
    )
    if total > UNPACKED_LIMIT or swollen or len(parts) > _PARTS_LIMIT:
        hint = "Copy the tracker's sheet into a new workbook and save that."
        raise TableError("The workbook unpacks to far more than a tracker can be.", where=name, hint=hint)


def _refuse_kind(name: str, package: zipfile.ZipFile, names: set[str]) -> None:
    if "xl/workbook.bin" in names:
        raise TableError("This is a binary workbook (.xlsb).", where=name, hint=_SAVE)
    if "xl/workbook.xml" not in names:
        raise TableError("This is not an Excel workbook.", where=name, hint=_SAVE)
    for part in names:
        if part.endswith((".xml", ".rels")) and b"<!DOCTYPE" in package.open(part).read(2048):
            raise TableError(
                "The workbook holds declarations that Excel never writes.", where=name, hint=_SAVE
            )


def _refuse_others(name: str, data: bytes) -> None:
    for start, what in _NO_TABLE:
        if data.startswith(start):
            raise TableError(f"This is {what}, neither a workbook nor a CSV file.", where=name, hint=_SAVE)
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:5].lower() in (b"<html", b"<!doc", b"<?xml", b"<tabl"):
        raise TableError(
            "This is a web page or XML, neither a workbook nor a CSV file.", where=name, hint=_SAVE
        )
    if head.startswith(b"WEB"):
        hint = "Open it in Excel and save the sheet, or use Export to CSV in Lists."
        raise TableError("This is a query that fetches the list, not the list.", where=name, hint=hint)
