"""The views of Control runs that managers look at: the last good runs, and the windows that were missed."""

from datetime import UTC, datetime

import pytest

from lists_sync.emulator.pages_caml import read_query
from lists_sync.emulator.pages_rows import ordered
from lists_sync.emulator.state import SYSTEM, Column, State
from lists_sync.provision.views import VIEWS

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROWS = [
    ("old", "Completed", "2026-11-02T08:15:00Z"),
    ("good", "Completed", "2026-11-23T08:15:00Z"),
    ("faulty", "Completed with faults", "2026-11-24T08:15:00Z"),
    ("failed", "Failed", "2026-11-24T09:45:00Z"),
    ("missed", "Missed", None),
]


@pytest.fixture
def runs():
    state = State()
    site = state.site_by_path("/sites/governance")
    words = ["Completed", "Completed with faults", "Failed", "Missed"]
    columns = [
        Column("", "Result", "choice", choices=words),
        Column("", "RanAt", "datetime"),
        Column("", "Slot", "datetime"),
    ]
    found = state.create_list(site.id, "Control runs", columns=columns)
    for title, result, ran in ROWS:
        times = {"RanAt": ran, "Slot": ran} if ran else {"Slot": "2026-11-24T10:15:00Z"}
        state.create_item(found.id, {"Title": title, "Result": result, **times}, actor=SYSTEM)
    yield found
    state.close()


@pytest.mark.parametrize(
    ("title", "shown"), [("Last good runs", ["faulty", "good"]), ("Missed windows", ["missed"])]
)
def test_a_view_of_runs_shows_its_rows_newest_first(runs, title, shown):
    """Good runs of the last two weeks, with or without faults in the data; or what was missed."""
    (view,) = [one for one in VIEWS["control_runs"] if one.title == title]
    query = read_query(view.query, runs, now=NOW, zone="Europe/London")
    items = [item for item in runs.items.values() if query.matches(item)]
    assert [item.fields["Title"] for item in ordered(items, runs, query.order)] == shown
