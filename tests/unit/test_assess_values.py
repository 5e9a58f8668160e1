"""People, several choices, and texts that a spreadsheet might run."""

import pytest

from lists_sync.assess.output import is_formula
from lists_sync.assess.people import People
from lists_sync.assess.values import split_words

STATEMENTS = ("Kindness, compassion and dignity", "Safeguarding", "Safe systems, pathways and transitions")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('["Safeguarding","Kindness, compassion and dignity"]', ["Safeguarding", STATEMENTS[0]]),
        ("Safeguarding;#Kindness, compassion and dignity", ["Safeguarding", STATEMENTS[0]]),
        (";#Safeguarding;#Staffing;#", ["Safeguarding", "Staffing"]),
        ("Safeguarding; Staffing", ["Safeguarding", "Staffing"]),
        ("Safeguarding\nStaffing", ["Safeguarding", "Staffing"]),
        ("Kindness, compassion and dignity, Safeguarding", [STATEMENTS[0], "Safeguarding"]),
        ("Safeguarding, Staffing", ["Safeguarding", "Staffing"]),
        ("[odd", ["[odd"]),
    ],
)
def test_several_choices_are_split_as_they_are_exported(text, words):
    """Every separator of Lists and Excel is known, and a comma inside a word of ours is none."""
    assert split_words(text, STATEMENTS) == words


@pytest.mark.parametrize(
    "cell",
    [
        "Sam Okafor",
        "Okafor, Sam",
        "  sam   OKAFOR ",
        "Sam Okafor (Deputy)",
        "Sam.Okafor@X.example",
        "Sam Okafor <sam.okafor@x.example>",
        "i:0#.f|membership|sam.okafor@x.example",
    ],
)
def test_a_person_is_found_however_written(cell):
    """A name, an address and a claim of one person come out as one address."""
    people = People({})
    people.learn("Sam Okafor", "sam.okafor@x.example")
    assert people.resolve(cell) == ("sam.okafor@x.example", False)


@pytest.mark.parametrize(
    "cell", ["Sam Okafor;Jo Bell", "Sam Okafor;#12;#Jo Bell", "Sam Okafor, Jo Bell", "Sam Okafor & Jo Bell"]
)
def test_of_several_people_the_first(cell):
    """A line has one owner: the first named, and it is said that there were more."""
    assert People({}).resolve(cell) == ("sam okafor", True)


def test_a_name_without_an_address_stands_for_itself():
    """Names are still compared where nobody knows their address."""
    people = People({"jo bell": "jo@x.example"})
    assert people.resolve("Lee Marsh") == ("lee marsh", False)
    assert people.resolve("Jo Bell") == ("jo@x.example", False)
    assert people.names == {"Lee Marsh": "", "Jo Bell": "jo@x.example"}


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1"]
)
def test_a_text_that_a_spreadsheet_might_run(text):
    """Whatever Excel or another program might take for a formula is known."""
    assert is_formula(text)


@pytest.mark.parametrize("text", ["-5", "+44", "-1,250.50", "10%", "WN-014/03", "a = b"])
def test_a_number_is_no_formula(text):
    """A plain number keeps its sign."""
    assert not is_formula(text)
