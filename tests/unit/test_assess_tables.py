"""From files as Lists and Excel write them to sheets with titles."""

import csv
import datetime as dt
import io
import json
import zipfile

import pytest
from openpyxl import Workbook

from lists_sync.assess.files import sniff
from lists_sync.assess.tables import choose, read_sheets, recognise
from lists_sync.definitions.schemas import load_schemas
from lists_sync.errors import TableError
from lists_sync.shipped import shipped

TITLES = ["Ref", "Action", "Owner", "Due", "Status"]
ROW = ["WN-014/01", "Audit the MAR charts", "Sam Okafor", "23/11/2026", "Open"]


def put(tmp_path, data, name="tracker.csv"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def text_of(rows, separator=","):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator).writerows(rows)
    return stream.getvalue()


def schema_line():
    fields = [
        '<Field Type="Text" Name="Title" DisplayName="Ref" />',
        '<Field Type="DateTime" Name="Due_x0020_Date" DisplayName="Due" Format="DateOnly"></Field>',
    ]
    return "ListSchema=" + json.dumps({"schemaXmlList": fields}) + "\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators(tmp_path, encoding, separator):
    """The same rows come out of every encoding and separator that Excel and Lists write."""
    row = [*ROW[:1], "Café menu, £5, \u201cagreed\u201d; and so on", *ROW[2:]]
    (sheet,) = read_sheets(put(tmp_path, text_of([TITLES, row], separator).encode(encoding)))
    assert sheet.titles == tuple(TITLES)
    assert sheet.rows == (tuple(row),)


def test_the_schema_line_of_lists(tmp_path):
    """The first line of "CSV with schema" tells of the columns and is no row."""
    data = "\ufeff" + schema_line() + text_of([["Ref", "Due"], ["A1", "2026-11-23T00:00:00Z"]])
    (sheet,) = read_sheets(put(tmp_path, data.encode()))
    assert sheet.rows == (("A1", "2026-11-23T00:00:00Z"),)
    assert sheet.declared["Due"].day_only
    assert sheet.declared["Due"].name == "Due_x0020_Date"
    assert sheet.numbers == (3,)


def test_the_schema_line_after_excel_saved_it(tmp_path):
    """Excel puts the schema line in quotes and fills it up with commas; it is still no row."""
    data = text_of([[schema_line().strip(), ""], ["Ref", "Due"], ["A1", "23/11/2026"]])
    (sheet,) = read_sheets(put(tmp_path, data.encode()))
    assert sheet.titles == ("Ref", "Due")
    assert sheet.declared["Due"].day_only


def test_line_breaks_inside_a_cell_keep_row_numbers(tmp_path):
    """A note of several lines is one row, as in Excel, and blank rows keep their number."""
    data = text_of([TITLES, [*ROW[:1], "one\ntwo\nthree", *ROW[2:]], [], ROW])
    (sheet,) = read_sheets(put(tmp_path, data.encode()))
    assert sheet.numbers == (2, 4)


def test_the_separator_that_excel_names(tmp_path):
    """A first line sep=; names the separator and is no row."""
    data = "sep=;\r\n" + text_of([TITLES, ROW], ";")
    (sheet,) = read_sheets(put(tmp_path, data.encode()))
    assert sheet.titles == tuple(TITLES)
    assert sheet.numbers == (3,)


def workbook(tmp_path, sheets, name="tracker.xlsx"):
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / name)
    return tmp_path / name


def test_titles_are_found_under_a_heading(tmp_path):
    """Headings, blank rows and a date above the titles are not titles."""
    rows = [["CQC action plan 2026"], ["Updated", dt.date(2026, 11, 20)], [], TITLES, ROW]
    (sheet,) = read_sheets(workbook(tmp_path, {"Plan": rows}))
    assert sheet.title_row == 4
    assert sheet.numbers == (5,)


def test_content_counts_not_the_name(tmp_path):
    """A workbook called .csv is read as a workbook, and text called .xlsx as text."""
    path = workbook(tmp_path, {"Plan": [TITLES, ROW]}, "tracker.csv")
    assert read_sheets(path)[0].name == "Plan"
    text = put(tmp_path, text_of([TITLES, ROW]).encode(), "tracker.xlsx")
    assert read_sheets(text)[0].titles == tuple(TITLES)


def test_doubled_and_missing_titles(tmp_path):
    """A title that stands twice and one that is missing get names of their own, and it is said."""
    (sheet,) = read_sheets(
        put(tmp_path, text_of([["Ref", "Due", "", "Due"], ["A1", "x", "y", "z"]]).encode())
    )
    assert sheet.titles == ("Ref", "Due", "Column 3", "Due (column 4)")
    assert "more than once" in sheet.notes[0]


def test_the_sheet_that_fits_best_is_taken(tmp_path):
    """Of several sheets the tracker is found by its columns, and a named one is taken as named."""
    schemas = load_schemas(shipped("list_schemas"))
    path = workbook(
        tmp_path,
        {
            "Notes": [["About", "This file"], ["a", "b"]],
            "Register": [["Ref", "Registered due date"], ["A1", dt.date(2026, 11, 23)]],
            "Plan": [TITLES, ROW],
        },
    )
    sheets = read_sheets(path)
    assert choose(sheets, schemas["actions"])[0].name == "Plan"
    assert choose(sheets, schemas["actions"], named="register")[0].name == "Register"
    assert recognise(sheets, schemas["register"]).name == "Register"
    assert recognise(sheets, schemas["managers"]) is None
    with pytest.raises(TableError, match="Sheets: 'Notes', 'Register', 'Plan'"):
        choose(sheets, schemas["actions"], named="Tracker")


def test_hidden_sheets_and_errors_are_no_values(tmp_path):
    """A hidden sheet is not looked at, and #REF! is blank."""
    book = Workbook()
    book.active.title = "Plan"
    book.active.append(TITLES)
    book.active.append([*ROW[:4], "#REF!"])
    hidden = book.create_sheet("Lookup")
    hidden.append(TITLES)
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "t.xlsx")
    (sheet,) = read_sheets(tmp_path / "t.xlsx")
    assert sheet.rows[0][4] is None


def package(parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return stream.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "locked with a password"),
        (OLE + "Workbook".encode("utf-16-le"), "old kind"),
        (OLE + "WordDocument".encode("utf-16-le"), "not a workbook"),
        (b"%PDF-1.7 abc", "a PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "a picture"),
        (b"<html><table></table></html>", "web page"),
        (b"WEB\r\n1\r\nhttps://example.test", "a query"),
        (b"PK\x03\x04 cut short", "damaged or incomplete"),
        (package({"word/document.xml": "<x/>"}), "not an Excel workbook"),
        (package({"xl/workbook.bin": "x"}), "binary workbook"),
        (package({"xl/workbook.xml": "<x/>", "xl/sheet1.xml": b" " * 20_000_000}), "far more than a tracker"),
        (package({"xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><x/>'}), "declarations"),
    ],
)
def test_what_is_no_tracker_is_refused_by_its_content(data, told):
    """Each kind of wrong file has its own sentence, before anything is unpacked."""
    with pytest.raises(TableError, match=told):
        sniff("tracker.xlsx", data)


def test_a_workbook_cut_short(tmp_path):
    """Half a workbook is damaged, not empty."""
    whole = workbook(tmp_path, {"Plan": [TITLES, ROW]}).read_bytes()
    with pytest.raises(TableError, match="damaged or incomplete"):
        sniff("t.xlsx", whole[: len(whole) // 2])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_junk_columns_are_refused(tmp_path, kind):
    """Five thousand columns are no tracker, in text and in a workbook."""
    titles = [f"Column {number}" for number in range(5000)]
    if kind == "csv":
        path = put(tmp_path, text_of([titles, titles]).encode())
    else:
        path = workbook(tmp_path, {"Plan": [titles, titles]})
    with pytest.raises(TableError, match="more than 400 columns"):
        read_sheets(path)


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbfRef,Due\nA1,\xff\xfe\n", b"Ref,Due\n\x81\x8d\x8f,x\n", bytes(range(256))]
)
def test_an_encoding_that_cannot_be_read(tmp_path, data):
    """Bytes that no encoding of a tracker explains are refused, never guessed."""
    with pytest.raises(TableError, match=r"encoding|neither"):
        read_sheets(put(tmp_path, data))


def test_a_quoted_text_that_never_ends(tmp_path):
    """A file cut off inside a quoted text names the row."""
    with pytest.raises(TableError, match="Row 2"):
        read_sheets(put(tmp_path, b'Ref,Due\nA1,"cut sh'))


@pytest.mark.parametrize("rows", [[TITLES], [["only one thing"]], [[1, 2], [3, 4]]])
def test_a_table_without_rows(tmp_path, rows):
    """Titles alone, or numbers alone, are no tracker."""
    with pytest.raises(TableError, match=r"no rows|no table"):
        read_sheets(put(tmp_path, text_of(rows).encode()))


def test_what_stands_between_the_lines_is_no_line(tmp_path):
    """Headings, totals and titles printed once more are left out, and their rows are named."""
    rows = [TITLES, ["Rose House", "", "", "", ""], ROW, TITLES, ["Total", "1", "", "", ""]]
    (sheet,) = read_sheets(put(tmp_path, text_of(rows).encode()))
    assert sheet.numbers == (3,)
    assert sheet.notes == ("rows 2, 4 and 5: headings, totals or repeated titles, not counted as lines",)
