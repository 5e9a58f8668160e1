"""What a view's CAML shows: the conditions, the order, and moving days."""

from datetime import UTC, datetime

import pytest

from lists_sync.emulator.pages_caml import CamlError, read_query
from lists_sync.emulator.pages_rows import ordered
from lists_sync.emulator.state import SYSTEM, Column, State

# In London this is 00:30 on 2 July: the day differs from the one in UTC.
NOW = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
ROWS = [
    {"Title": "A", "Status": "Raised", "Due": "2026-07-01T22:30:00Z", "Score": 3, "Tags": ["X", "Y"]},
    {"Title": "B", "Status": "Resolved", "Due": "2026-07-02T09:00:00Z", "Score": 1, "Flag": True},
    {"Title": "C", "Due": "2026-07-04T09:00:00Z", "Flag": False},
    {"Title": "D", "Status": "Overdue", "Score": 2},
]


@pytest.fixture
def actions():
    state = State()
    site = state.site_by_path("/sites/governance")
    columns = [
        Column("", "Status", "choice", choices=["Raised", "Resolved", "Overdue"]),
        Column("", "Due", "datetime"),
        Column("", "Score", "number"),
        Column("", "Tags", "choices", choices=["X", "Y"]),
        Column("", "Flag", "yesno"),
    ]
    found = state.create_list(site.id, "Actions", columns=columns)
    for row in ROWS:
        state.create_item(found.id, row, actor=SYSTEM)
    yield found
    state.close()


def shown(found, caml):
    query = read_query(caml, found, now=NOW, zone="Europe/London")
    items = [item for item in found.items.values() if query.matches(item)]
    return "".join(item.fields["Title"] for item in ordered(items, found, query.order))


def compare(operator, column, value, kind="Text"):
    held = f"<Value Type='{kind}'>{value}</Value>"
    return f"<{operator}><FieldRef Name='{column}'/>{held}</{operator}>"


RAISED = compare("Eq", "Status", "raised")
CASES = {
    "no condition": ("", "ABCD"),
    "a word, whatever its letters": (RAISED, "A"),
    "not equal takes empty ones in": (compare("Neq", "Status", "Resolved"), "ACD"),
    "yes": (compare("Eq", "Flag", "1", "Boolean"), "B"),
    "one of several words": (compare("Eq", "Tags", "Y"), "A"),
    "empty": ("<IsNull><FieldRef Name='Status'/></IsNull>", "C"),
    "not empty": ("<IsNotNull><FieldRef Name='Score'/></IsNotNull>", "ABD"),
    "both": (f"<And>{RAISED}{compare('Geq', 'Score', '3', 'Number')}</And>", "A"),
    "either": (f"<Or>{RAISED}{compare('Lt', 'Score', '2', 'Number')}</Or>", "AB"),
    "at most": (compare("Leq", "Score", "2", "Number"), "BD"),
    "more than": (compare("Gt", "Score", "1", "Number"), "AD"),
    "today is the site's day": (compare("Eq", "Due", "<Today/>", "DateTime"), "B"),
    "up to a day ahead": (compare("Leq", "Due", "<Today OffsetDays='2'/>", "DateTime"), "ABC"),
    "a day by its date": (compare("Geq", "Due", "2026-07-03T12:00:00Z", "DateTime"), "C"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_condition_shows_its_items(actions, name):
    """Each condition that views use keeps exactly the items it names."""
    condition, wanted = CASES[name]
    assert shown(actions, f"<Where>{condition}</Where>") == wanted


def test_an_instant_is_compared_to_the_second_where_the_view_asks_for_it(actions):
    """With IncludeTimeValue, what was due an hour ago is past and what is due this morning is not."""
    value = "<Value Type='DateTime' IncludeTimeValue='TRUE'><Now/></Value>"
    assert shown(actions, f"<Where><Leq><FieldRef Name='Due'/>{value}</Leq></Where>") == "A"


def test_a_view_sorts_by_each_of_its_columns_and_puts_empty_ones_last(actions):
    """Descending and ascending are both followed; items without a value stand at the end."""
    falling = "<OrderBy><FieldRef Name='Score' Ascending='FALSE'/></OrderBy>"
    both = "<OrderBy><FieldRef Name='Flag'/><FieldRef Name='Due' Ascending='FALSE'/></OrderBy>"
    assert shown(actions, falling) == "ADBC"
    assert shown(actions, both) == "CBAD"


@pytest.mark.parametrize(
    "caml",
    [
        "<Where>",
        "<Where><Membership Type='CurrentUserGroups'/></Where>",
        compare("Eq", "Nowhere", "1").join(("<Where>", "</Where>")),
        compare("BeginsWith", "Status", "R").join(("<Where>", "</Where>")),
        "<Where><Eq><FieldRef Name='Status'/></Eq></Where>",
        compare("Eq", "Score", "many", "Number").join(("<Where>", "</Where>")),
        compare("Eq", "Due", "soon", "DateTime").join(("<Where>", "</Where>")),
    ],
)
def test_what_a_page_cannot_apply_is_never_guessed(actions, caml):
    """Unknown elements, columns and values are refused, so that the page can say so."""
    with pytest.raises(CamlError):
        read_query(caml, actions, now=NOW, zone="Europe/London")
