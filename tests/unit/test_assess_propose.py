"""Which columns and words are proposed for ours, and how sure."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from lists_sync.assess.names import _file, known, plain, title_score, word_score
from lists_sync.assess.propose import propose
from lists_sync.assess.sheets import Sheet
from lists_sync.definitions.schemas import load_schemas
from lists_sync.shipped import shipped

LONDON = ZoneInfo("Europe/London")
SCHEMAS = load_schemas(shipped("list_schemas"))


def sheet(columns):
    titles = tuple(columns)
    rows = tuple(zip(*columns.values(), strict=True))
    return Sheet("Plan", titles, rows, tuple(range(2, 2 + len(rows))), 1)


def mapped(columns, key="actions", **given):
    proposal = propose(sheet(columns), SCHEMAS[key], zone=LONDON, **given)
    return {ours: guess.value for ours, guess in proposal.columns.items()}


TRACKER = {
    "Created": ["01/01/2026", "02/01/2026"],
    "Ref No": ["A1", "A2"],
    "What needs to be done?": ["Audit charts", "Train staff"],
    "Person responsible": ["Sam Okafor", "Jo Bell"],
    "Evidence due": ["01/12/2026", "02/12/2026"],
    "Target date": ["03/12/2026", "04/12/2026"],
    "RAG": ["Red", "Amber"],
    "Progress": ["half way", "begun"],
    "State": ["Ongoing", "Done"],
    "Date completed": [None, "20/11/2026"],
}


def test_a_usual_tracker_is_mapped():
    """The names that trackers usually have are found, each once."""
    assert mapped(TRACKER) == {
        "ActionRef": "Ref No",
        "Title": "What needs to be done?",
        "Owner": "Person responsible",
        "EvidenceDueDate": "Evidence due",
        "DueDate": "Target date",
        "RiskRating": "RAG",
        "ProgressNote": "Progress",
        "Status": "State",
        "ClosedOn": "Date completed",
    }


def test_the_order_of_columns_changes_nothing():
    """The same columns in another order give the same mapping."""
    turned = dict(reversed(TRACKER.items()))
    assert mapped(turned) == mapped(TRACKER)


def test_values_contradict_a_title():
    """A column called like ours that holds something else is not taken for it."""
    assert "ClosedOn" not in mapped({"Status": ["Open", "Done"], "Closed": ["Yes", "No"]})


def test_words_alone_tell_a_status_column():
    """A column of our own words is proposed although nobody knows its title, and unsure."""
    proposal = propose(
        sheet({"Wo": ["In progress", "Closed", "Not started"]}), SCHEMAS["actions"], zone=LONDON
    )
    assert proposal.columns["Status"].value == "Wo"
    assert proposal.columns["Status"].pct < 80


def test_what_lists_adds_is_never_proposed():
    """Created and Modified are dates, but nobody's deadline."""
    assert mapped({"Created": ["01/01/2026"], "Modified": ["01/02/2026"], "Status": ["Open"]}) == {
        "Status": "Status"
    }


def test_what_a_person_said_comes_first():
    """A correction is taken, its column is free for nothing else, and None leaves ours unmapped."""
    found = mapped(TRACKER, given={"DueDate": "Evidence due", "EvidenceDueDate": None})
    assert found["DueDate"] == "Evidence due"
    assert "EvidenceDueDate" not in found


def test_choice_words_are_proposed_and_unknown_ones_counted():
    """Known spellings map to our words; the rest is counted by row."""
    columns = {"Status": ["Done", "done ", "Ongoing", "Banana"], "Due": ["01/12/2026"] * 4}
    proposal = propose(sheet(columns), SCHEMAS["actions"], zone=LONDON)
    assert {word: guess.value for word, guess in proposal.words["Status"].items()} == {
        "Done": "Closed",
        "done": "Closed",
        "Ongoing": "In progress",
    }
    assert proposal.unknown == {"Status": {"Banana": 1}}


@pytest.mark.parametrize(
    "word", ["Incomplete", "Not complete", "Uncompleted", "Not closed", "Reclosed?", "Closing"]
)
def test_likeness_never_closes_a_line(word):
    """A word that is only like a closing one closes nothing: a slip must never hide a deadline."""
    spellings = known("actions", "Status").words["Closed"]
    assert word_score(word, "Closed", spellings) < 60


def test_a_word_corrected_by_a_person():
    """The mapping file's word wins over the proposed one."""
    columns = {"Status": ["Parked"], "Due": ["01/12/2026"]}
    proposal = propose(
        sheet(columns), SCHEMAS["actions"], zone=LONDON, given_words={"Status": {"parked": "Cancelled"}}
    )
    assert proposal.words["Status"]["Parked"].value == "Cancelled"
    assert proposal.words["Status"]["Parked"].given


def test_dates_as_dates_are_evidence_too():
    """A workbook's own dates speak for a date column."""
    assert mapped({"By when": [dt.datetime(2026, 12, 1)], "Status": ["Open"]})["DueDate"] == "By when"  # noqa: DTZ001


@pytest.mark.parametrize("key", ["actions", "register", "deadline_changes", "managers"])
def test_the_synonyms_file_names_only_our_columns_and_words(key):
    """Every column and word of the synonyms file is one of ours, and every name counts."""
    columns = {column.name: column for column in SCHEMAS[key].columns}
    for name, entry in _file()[key].items():
        assert name in columns
        offered = columns[name].choices or ("Yes", "No")
        assert set(entry.get("words", {})) <= set(offered)
        assert all(title_score(one, known(key, name)) >= 97 for one in entry["names"]), name


def test_internal_names_are_read():
    """An internal name of SharePoint reads as its title."""
    assert plain("Due_x0020_Date") == "due date" == plain("DueDate")
