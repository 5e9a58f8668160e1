"""`lists-sync assess` as a process, on trackers as Lists and Excel export them."""

import csv
import datetime as dt
import io
import json
import os
import subprocess
import sys
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

pytestmark = pytest.mark.flow

AT = "2026-11-23T08:15"
TITLES = [
    "Ref", "Action", "Owner", "Due date", "Risk", "Status", "Date closed", "Evidence due",
    "Evidence needed", "How validated", "Closure criteria", "Quality statements",
]  # fmt: skip
_REST = ["Audit", "Document review", "Two clean audits", "Safeguarding;#Staffing"]
# (ref, owner, due, risk, status, closed, evidence due)
LINES = [
    ("WN-014/01", "Sam Okafor", dt.date(2026, 11, 20), "High", "Open", None, dt.date(2026, 11, 27)),
    ("WN-014/02", "Jo Bell", dt.date(2026, 11, 24), "Medium", "Ongoing", None, None),
    (
        "WN-014/03",
        "Sam Okafor",
        dt.date(2026, 11, 20),
        "Low",
        "Done",
        dt.date(2026, 11, 21),
        dt.date(2026, 11, 20),
    ),
    ("WN-014/04", "Lee Marsh", dt.date(2026, 12, 3), "High", "Nearly complete", None, dt.date(2026, 12, 1)),
    ("WN-014/05", "Sam Okafor", dt.date(2026, 11, 20), "High", "Cancelled", None, dt.date(2026, 11, 20)),
]
ROWS = [
    [ref, f"=Do it {ref}", owner, due, risk, status, closed, evidence, *_REST]
    for ref, owner, due, risk, status, closed, evidence in LINES
]
EXPECTED = {"LiveLines": 3, "DueWithin48h": 1, "Overdue": 1, "OverdueHighRisk": 1, "EvidenceOverdue": None}
REGISTER = [
    ["Ref", "Registered due date"],
    ["WN-014/01", dt.date(2026, 11, 20)],
    ["WN-014/02", dt.date(2026, 11, 30)],
]
MANAGERS = [
    ["Name", "Email address", "In post"],
    ["Sam Okafor", "sam.okafor@x.example", "Yes"],
    ["Bell, Jo", "jo.bell@x.example", "No"],
]


def run(folder, *args):
    environ = {key: value for key, value in os.environ.items() if not key.startswith("LISTS_SYNC_")}
    command = [sys.executable, "-m", "lists_sync", "assess", *map(str, args)]
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, encoding="utf-8", check=False
    )


def judged(folder, *args):
    done = run(folder, *args, "--at", AT, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def measures(document):
    return {name: value for one in document["controls"] for name, value in one["measures"].items()}


def text_of(rows, separator=",", day="%d/%m/%Y"):
    def cell(value):
        return value.strftime(day) if isinstance(value, dt.date) else value

    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator).writerows([cell(value) for value in row] for row in rows)
    return stream.getvalue()


def save(path, sheets):
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    cell.data_type = "s"
    book.save(path)
    return path


def schema_line():
    fields = [
        f'<Field Type="{kind}" DisplayName="{title}" Name="{title.replace(" ", "_x0020_")}"{more} />'
        for title, kind, more in [
            ("Ref", "Text", ""),
            ("Due date", "DateTime", ' Format="DateOnly"'),
            ("Status", "Choice", ' FillInChoice="FALSE"'),
            ("Quality statements", "MultiChoice", ""),
        ]
    ]
    return "ListSchema=" + json.dumps({"schemaXmlList": fields}) + "\n"


def export_csv(path):
    path.write_bytes(text_of([TITLES, *ROWS]).encode("utf-8-sig"))


def export_schema(path):
    rows = [[*row[:-1], '["Safeguarding","Staffing"]'] for row in ROWS]
    path.write_bytes(("\ufeff" + schema_line() + text_of([TITLES, *rows], day="%Y-%m-%dT00:00:00Z")).encode())


def excel_csv(path):
    path.write_bytes(text_of([TITLES, *ROWS], ";").encode("cp1252"))


def excel_unicode(path):
    path.write_bytes(text_of([TITLES, *ROWS], "\t", "%d %b %Y").encode("utf-16"))


def workbook_dates(path):
    save(
        path, {"Read me": [["About this", "file"], ["a", "b"]], "Plan": [["Action plan"], [], TITLES, *ROWS]}
    )


def workbook_text(path):
    save(
        path,
        {
            "Plan": [
                TITLES,
                *([c.strftime("%d/%m/%y") if isinstance(c, dt.date) else c for c in row] for row in ROWS),
            ]
        },
    )


SHAPES = {
    "export.csv": export_csv,
    "schema.csv": export_schema,
    "excel.csv": excel_csv,
    "unicode.txt": excel_unicode,
    "dates.xlsx": workbook_dates,
    "text.xlsx": workbook_text,
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_gives_the_same_figures(tmp_path, name):
    """One tracker in every shape that Lists and Excel give it is judged the same."""
    SHAPES[name](tmp_path / name)
    found = measures(judged(tmp_path, name))
    assert {key: found[key] for key in EXPECTED} == EXPECTED
    assert found["MissingEvidenceDue"] == 1
    assert found["DefinitionGaps"] == 0
    assert found["MismatchedDeadlines"] is found["InactiveOwners"] is found["IntegrityDefects"] is None
    assert (found["ClosedOnSchedule"], found["MissedUnder24h"], found["Missed24hOrMore"]) == (0, 1, 1)


def test_further_sheets_of_the_workbook_answer_what_they_can(tmp_path):
    """A register and managers in the same workbook are recognised by their columns, and 1.2 is whole."""
    save(tmp_path / "t.xlsx", {"Plan": [TITLES, *ROWS], "Agreed": REGISTER, "Staff": MANAGERS})
    document = judged(tmp_path, "t.xlsx")
    found = measures(document)
    assert [one["list"] for one in document["lists"]] == ["actions", "register", "managers"]
    assert (found["MismatchedDeadlines"], found["InactiveOwners"], found["IntegrityDefects"]) == (2, 2, 5)
    assert {one["measure"] for one in document["not_judged"]} == {"EvidenceOverdue"}


def test_further_files(tmp_path):
    """The same lists in files of their own; an approved change moves the registered day."""
    SHAPES["export.csv"](tmp_path / "t.csv")
    (tmp_path / "r.csv").write_text(text_of(REGISTER), encoding="utf-8")
    (tmp_path / "m.csv").write_text(text_of(MANAGERS), encoding="utf-8")
    changes = [
        ["Ref", "New due date", "Outcome", "Date approved"],
        ["WN-014/02", "24/11/2026", "Agreed", "12/11/2026"],
    ]
    (tmp_path / "c.csv").write_text(text_of(changes), encoding="utf-8")
    found = measures(
        judged(tmp_path, "t.csv", "--register", "r.csv", "--managers", "m.csv", "--changes", "c.csv")
    )
    assert (found["MismatchedDeadlines"], found["InactiveOwners"]) == (1, 2)


def test_the_report_says_what_is_open_and_why(tmp_path):
    """The report fits 80 columns, tells the position's time, the lines, ambiguous dates and what is lost."""
    SHAPES["export.csv"](tmp_path / "t.csv")
    done = run(tmp_path, "t.csv", "--at", AT)
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    for told in (
        "as at 08:15 on Monday 23 November 2026",
        "WN-014/01 (row 2): high risk, 2 days overdue",
        "could be read two ways",
        "not judged (at least 1)",
        "--register",
        "1.4 looks back to 08:15 on Friday 20 November",
    ):
        assert told in done.stdout
    assert "Okafor" not in done.stdout
    assert done.stderr == ""


def test_a_mapping_written_out_corrected_and_used(tmp_path):
    """The proposal is written once, a person corrects a word, and the figures follow."""
    SHAPES["export.csv"](tmp_path / "t.csv")
    judged(tmp_path, "t.csv", "--write-mapping", "m.yaml")
    text = (tmp_path / "m.yaml").read_text(encoding="utf-8")
    assert '"Ongoing": In progress' in text
    (tmp_path / "m.yaml").write_text(
        text.replace('"Ongoing": In progress', '"Ongoing": Cancelled'), encoding="utf-8"
    )
    assert measures(judged(tmp_path, "t.csv", "--mapping", "m.yaml"))["LiveLines"] == 2
    again = run(tmp_path, "t.csv", "--write-mapping", "m.yaml")
    assert again.returncode == 2
    assert "left alone" in again.stderr


@pytest.mark.parametrize("name", ["result.xlsx", "result.csv"])
def test_the_results_beside_the_rows(tmp_path, name):
    """The rows come back with their result columns, and nothing in them can run."""
    SHAPES["dates.xlsx"](tmp_path / "t.xlsx")
    judged(tmp_path, "t.xlsx", "--out", name)
    if name.endswith("xlsx"):
        sheet = load_workbook(tmp_path / name).active
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    else:
        rows = list(csv.reader(io.StringIO((tmp_path / name).read_text(encoding="utf-8-sig"), newline="")))
        assert rows[1][2].startswith("'=")
    first = dict(zip(rows[0], rows[1], strict=True))
    assert (first["Ref"], first["Deadline state"], first["High-risk overdue"]) == (
        "WN-014/01",
        "Overdue",
        "Yes",
    )
    assert first["Slippage band"] == "Missed 24 h or more"
    assert len(rows) == len(ROWS) + 1


def test_a_value_that_cannot_be_used_is_told_by_row(tmp_path):
    """One bad date stops nothing: the line is told by its row, and by no value."""
    rows = [[*ROWS[0][:3], "sometime soon", *ROWS[0][4:]], *ROWS[1:]]
    (tmp_path / "t.csv").write_text(text_of([TITLES, *rows]), encoding="utf-8")
    document = judged(tmp_path, "t.csv")
    assert measures(document)["Overdue"] == 0
    assert [(one["row"], one["column"]) for one in document["data_faults"]] == [(2, "DueDate")]
    assert "sometime" not in json.dumps(document)


def test_without_risk_nothing_is_said_of_risk(tmp_path):
    """A column that is missing leaves its figures blank, never 0."""
    at = TITLES.index("Risk")
    rows = [row[:at] + row[at + 1 :] for row in [TITLES, *ROWS]]
    (tmp_path / "t.csv").write_text(text_of(rows), encoding="utf-8")
    document = judged(tmp_path, "t.csv")
    assert measures(document)["OverdueHighRisk"] is None
    assert "HighRiskOverdue" not in document["items"][0]["results"]
    assert "EvidenceState" not in document["items"][0]["results"]  # no tracker brings its files along


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def bad_date(path):
    path.write_text(text_of([["Due", "Status"], ["soon", "Open"], ["later", "Open"]]), encoding="utf-8")


def locked(path):
    path.write_bytes(OLE + "EncryptedPackage".encode("utf-16-le"))


def missing_column(path):
    path.write_text(text_of([["Ref", "Owner", "Status"], ["A1", "Sam Okafor", "Open"]]), encoding="utf-8")


def empty_sheet(path):
    save(path, {"Plan": []})


def junk(path):
    save(path, {"Plan": [[f"Junk {number}" for number in range(5000)]] * 2})


def not_a_workbook(path):
    path.write_bytes(b"%PDF-1.7 nothing to see")


def legacy(path):
    path.write_bytes(OLE + "Workbook".encode("utf-16-le"))


def truncated(path):
    SHAPES["dates.xlsx"](path)
    path.write_bytes(path.read_bytes()[:-400])


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", "<x/>")
        file.writestr("xl/worksheets/sheet1.xml", b"\0" * 40_000_000)


def encoding(path):
    path.write_bytes(b"\xef\xbb\xbfDue,Status\n\xff\xfe\xfa,Open\n")


def broken_part(path):
    SHAPES["dates.xlsx"](path)
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData><row r='1'><c t='s'><v>99999</v></c>"
    with zipfile.ZipFile(path, "w") as file:
        for name, data in parts.items():
            file.writestr(name, data)


BAD = [
    (bad_date, "'Due' is called like it but holds no dates"),
    (locked, "locked with a password"),
    (missing_column, "No column for DueDate"),
    (empty_sheet, "no table"),
    (junk, "more than 400 columns"),
    (not_a_workbook, "a PDF"),
    (legacy, "old kind"),
    (truncated, "damaged"),
    (bomb, "far more than a tracker"),
    (encoding, "encoding"),
    (broken_part, "damaged"),
]


def refused(folder, *args):
    """Run, and give the one line of a refusal that wrote nothing."""
    before = sorted(folder.iterdir())
    done = run(folder, *args, "--at", AT, "--out", "o.xlsx", "--write-mapping", "w.yaml")
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert sorted(folder.iterdir()) == before
    return done.stderr.strip()


@pytest.mark.parametrize(("make", "told"), BAD, ids=[make.__name__ for make, _ in BAD])
def test_a_bad_file_gives_one_clear_line(tmp_path, make, told):
    """Each kind of bad file: one line, exit 2, nothing written, no traceback."""
    make(tmp_path / "t.xlsx")
    line = refused(tmp_path, "t.xlsx")
    assert told in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colums: {}\n", "m.yaml:1: unknown key `colums`"),
        (
            'columns:\n  DueDate: "Due date"\n  DueDate: "Ref"\n',
            "m.yaml:3: `DueDate` stands here a second time",
        ),
    ],
)
def test_a_bad_mapping_file(tmp_path, text, told):
    """A wrong key and a doubled key are told with their line; nothing is written."""
    SHAPES["export.csv"](tmp_path / "t.csv")
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    assert told in refused(tmp_path, "t.csv", "--mapping", "m.yaml")


def test_a_file_that_is_not_there(tmp_path):
    """A missing file is told by its name."""
    assert "There is no such file" in refused(tmp_path, "t.xlsx")


def test_results_never_replace_the_tracker(tmp_path):
    """--out that names the tracker itself is refused."""
    SHAPES["export.csv"](tmp_path / "t.csv")
    done = run(tmp_path, "t.csv", "--out", "t.csv")
    assert done.returncode == 2
    assert "one of the files to judge" in done.stderr
