"""A person edits a line on its page; the next run of a control writes that line and no other."""

import re
from datetime import UTC, date, datetime
from html import unescape
from html.parser import HTMLParser

import pytest
import requests

from lists_sync.context import load_definitions, open_context
from lists_sync.emulator.server import running
from lists_sync.emulator.state import State
from lists_sync.runner import run_job
from lists_sync.sample.provider import make
from lists_sync.shipped import shipped

ACTIONS = "/sites/governance/Lists/Enforcement%20actions"
SLOT = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
MOMENT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


class Form(HTMLParser):
    """The fields of the page's edit form, as a browser would send them untouched."""

    def __init__(self, text):
        super().__init__()
        self.sent = {}
        self._inside, self._name, self._note = False, "", False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        marks = dict(attrs)
        if tag == "form":
            self._inside = marks.get("method") == "post"
        if not self._inside:
            return
        if tag == "input" and (marks.get("type") != "checkbox" or "checked" in marks):
            self.sent.setdefault(marks["name"], []).append(marks.get("value", ""))
        elif tag in {"select", "textarea"}:
            self._name, self._note = marks["name"], tag == "textarea"
            self.sent[self._name] = [""]
        elif tag == "option" and "selected" in marks:
            self.sent[self._name] = [marks["value"]]

    def handle_data(self, data):
        if self._inside and self._note:
            self.sent[self._name][0] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.sent[self._name] = [self.sent[self._name][0].removeprefix("\n")]
            self._note = False


class House:
    """The sample provider's workspace on loopback, its pages, and the bot beside it."""

    def __init__(self, url, state, home):
        self.url = url
        self.state = state
        settings = {"LISTS_SYNC_EMULATOR_URL": url, "LISTS_SYNC_HOME": str(home)}
        self.definitions = load_definitions(settings, None)

    def control(self, verb, body):
        requests.post(f"{self.url}/_workspace/{verb}", json=body, timeout=30).raise_for_status()

    def run(self):
        with open_context(self.definitions) as context:
            job = self.definitions.job("deadline-status")
            return run_job(context, job, slot=SLOT, moment=MOMENT)

    def page(self, path):
        return requests.get(self.url + path, timeout=30).text

    def lines(self):
        lists = [one for site in self.state.sites() for one in self.state.lists(site.id)]
        (found,) = [one for one in lists if one.key == "actions"]
        return self.state.items(found.id)

    def edit(self, line, **changes):
        address = f"{ACTIONS}/EditForm.aspx?ID={line.id}"
        sent = Form(self.page(address)).sent
        sent |= {
            "_who": ["amara.nwosu@rosewood.example"],
            **{name: [value] for name, value in changes.items()},
        }
        return requests.post(self.url + address, data=sent, headers={"Origin": self.url}, timeout=30)


@pytest.fixture
def house(tmp_path):
    state = State(schema_dir=shipped("list_schemas"))
    with running(state) as url:
        house = House(url, state, tmp_path / "home")
        house.control("clock", {"now": "2026-11-23T17:00:00Z", "frozen": True})
        house.control("load", make(2026, date(2026, 11, 23)))
        yield house
    state.close()


def first_on_track(house):
    return next(one for one in house.lines() if one.fields.get("DeadlineState") == "On track")


def test_a_due_date_moved_on_the_page_is_judged_by_the_next_run(house):
    """A due date typed into the form makes exactly that line overdue, and the page shows it."""
    house.run()
    line = first_on_track(house)
    numbers = {one.id: one.number for one in house.lines()}

    answer = house.edit(line, DueDate="2026-11-20T12:00")
    report = house.run()

    assert "Saved as version" in answer.text
    assert [(change.list, change.id) for change in report.changes] == [("actions", line.id)]
    assert report.changes[0].values["DeadlineState"] == ("On track", "Overdue")
    moved = {one.id: one.number - numbers[one.id] for one in house.lines() if one.number != numbers[one.id]}
    assert moved == {line.id: 2}
    history = unescape(house.page(f"{ACTIONS}/DispForm.aspx?ID={line.id}"))
    assert re.search(r"DeadlineState</b>: On track → Overdue", history)
    assert "→ 20/11/2026 12:00" in history


def test_an_edit_that_changes_nothing_lets_the_next_run_write_nothing(house):
    """A form sent as it was shown makes no version, says so, and leaves the bot nothing to do."""
    house.run()
    line = first_on_track(house)
    number = line.number

    answer = house.edit(line)
    report = house.run()

    assert "You changed nothing, so nothing was saved." in answer.text
    assert (line.number, report.writes) == (number, 0)


def test_what_the_bot_writes_cannot_be_typed_into_the_form(house):
    """The form shows the bot's columns to be read; a value sent for one all the same is not taken."""
    house.run()
    line = first_on_track(house)
    text = house.page(f"{ACTIONS}/EditForm.aspx?ID={line.id}")

    house.edit(line, DeadlineState="Overdue")

    assert "Written by lists-sync" in text
    assert 'name="DeadlineState"' not in text
    assert first_on_track(house).id == line.id


def test_a_record_of_the_bot_has_no_form(house):
    """A list that only the bot writes offers no button, and its form's address says why."""
    house.run()
    records = "/sites/governance/Lists/Control%20runs"
    answer = requests.get(f"{house.url}{records}/EditForm.aspx?ID=1", timeout=30)

    assert (answer.status_code, "Back to Control runs" in answer.text) == (403, True)
    assert "Add an item" not in house.page(f"{records}/AllItems.aspx")


@pytest.mark.parametrize("view", ["Overdue high-risk", "Due within 48 h"])
def test_a_provisioned_view_shows_its_items_soonest_first(house, view):
    """The views that provisioning makes hold exactly their lines, in the order of their due dates."""
    from lists_sync.provision.apply import apply

    house.run()
    with open_context(house.definitions) as context:
        apply(context.workspace)
    wanted = {
        "Overdue high-risk": lambda one: one.fields.get("HighRiskOverdue") is True,
        "Due within 48 h": lambda one: one.fields.get("DeadlineState") == "Due within 48 h",
    }[view]
    lines = sorted(filter(wanted, house.lines()), key=lambda one: one.fields["DueDate"])

    text = requests.get(f"{house.url}{ACTIONS}/AllItems.aspx", params={"view": view}, timeout=30).text

    assert lines
    assert re.findall(r'<th scope="row"[^>]*><a [^>]*>([^<]+)</a>', text) == [
        one.fields["ActionRef"] for one in lines
    ]


def test_open_escalations_leaves_out_what_is_resolved(house):
    """An escalation that a person sets to Resolved is gone from the view of open ones."""
    from lists_sync.provision.apply import apply

    house.run()
    with open_context(house.definitions) as context:
        apply(context.workspace)
    address = "/sites/governance/Lists/Escalations"
    before = house.page(f"{address}/AllItems.aspx?view=Open+escalations")
    sent = Form(house.page(f"{address}/EditForm.aspx?ID=1")).sent
    sent |= {"_who": ["amara.nwosu@rosewood.example"], "Status": ["Resolved"]}
    requests.post(
        f"{house.url}{address}/EditForm.aspx?ID=1", data=sent, headers={"Origin": house.url}, timeout=30
    ).raise_for_status()
    after = house.page(f"{address}/AllItems.aspx?view=Open+escalations")

    assert "DispForm.aspx?ID=1&" not in after
    assert before.count('scope="row"') - after.count('scope="row"') == 1
