"""The mapping file: read strictly, written out ready to edit."""

from zoneinfo import ZoneInfo

import pytest

from lists_sync.assess.mapping import read_mapping
from lists_sync.assess.mapping_text import mapping_text, write_mapping
from lists_sync.assess.propose import propose
from lists_sync.assess.sheets import Sheet
from lists_sync.definitions.schemas import load_schemas
from lists_sync.errors import FileError, TableError
from lists_sync.shipped import shipped

SCHEMAS = load_schemas(shipped("list_schemas"))
SHEET = Sheet(
    "Plan: 2026",
    ("Ref", 'The "real" due date', "Status"),
    (("A1", "01/12/2026", "Done"), ("A2", "02/12/2026", "Banana: split")),
    (2, 3),
    1,
)


def read(tmp_path, text):
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path, SCHEMAS)


def test_what_is_written_out_can_be_read_back(tmp_path):
    """A mapping file as proposed is a valid mapping file that says the same."""
    proposal = propose(SHEET, SCHEMAS["actions"], zone=ZoneInfo("Europe/London"))
    text = mapping_text(
        [proposal], SCHEMAS, people={"Sam O'Hara": "sam@x.example", "Jo": ""}, month_first=False
    )
    given = read(tmp_path, text)
    part = given.part("actions")
    assert part.sheet == "Plan: 2026"
    assert {ours: theirs for ours, theirs in part.columns.items() if theirs} == {
        "ActionRef": "Ref",
        "DueDate": 'The "real" due date',
        "Status": "Status",
    }
    assert part.choices["Status"] == {"Done": "Closed", "Banana: split": None}
    assert given.people == {"sam o hara": "sam@x.example"}
    assert "% sure" in text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colums: {DueDate: Due}\n", "mapping.yaml:1: unknown key `colums`"),
        ("list: actions\ncolumns:\n  DueDat: Due\n", "mapping.yaml:3: unknown key `DueDat`"),
        (
            "columns:\n  DueDate: Due\n  DueDate: Deadline\n",
            "mapping.yaml:3: `DueDate` stands here a second time",
        ),
        (
            "columns:\n  DueDate: Due\n  ClosedOn: due\n",
            "mapping.yaml:3: the column 'due' is used for DueDate",
        ),
        ("columns: {DeadlineState: x}\n", "mapping.yaml:1: unknown key `DeadlineState`"),
        ("choices:\n  Status:\n    Done: Finished\n", "mapping.yaml:3: our word for 'Done' must be one of"),
        ("choices: {DueDate: {a: b}}\n", "no column with choice words"),
        ("people: {Sam: not an address}\n", "needs an e-mail address"),
        ("list: register\n", "`list` must be actions"),
        ("dates: american\n", "`dates` must be"),
        ("register: [1]\n", "must hold keys with values"),
        ("managers: {columns: {Nobody: x}}\n", "unknown key `Nobody`"),
        ("columns: {DueDate: 3}\n", "must be a title in quotes"),
        ("columns: [1, 2]\n", "must hold keys with values"),
        ("- a\n- b\n", "keys with values"),
        ("a: [unclosed\n", "not valid YAML"),
        ("", "empty"),
    ],
)
def test_a_wrong_mapping_file_is_refused_by_line(tmp_path, text, told):
    """Each fault is told with its line, and nothing is guessed."""
    with pytest.raises(FileError) as caught:
        read(tmp_path, text)
    assert told in str(caught.value)


def test_a_title_that_the_sheet_lacks(tmp_path):
    """A column that is not there is told by the mapping file's line."""
    given = read(tmp_path, 'columns:\n  DueDate: "Deadline"\n')
    with pytest.raises(FileError, match=r"mapping.yaml:2: the sheet has no column 'Deadline'"):
        given.check("actions", SHEET)


def test_a_mapping_file_is_never_overwritten(tmp_path):
    """A file that may hold a person's corrections stays as it is."""
    path = tmp_path / "mapping.yaml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(TableError, match="left alone"):
        write_mapping(path, "new")
    assert path.read_text(encoding="utf-8") == "mine"
