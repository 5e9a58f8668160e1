"""The workspace's pages as a browser gets them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import pytest
import requests

from lists_sync.emulator.server import running
from lists_sync.emulator.state import SYSTEM, Actor, Column, State

SAM, PRIYA = "sam.okafor@rosewood.example", "priya.nair@rosewood.example"
LIST = "/sites/governance/Lists/Actions"


@dataclass
class Web:
    state: State
    base: str
    list_id: str

    def get(self, path: str) -> requests.Response:
        return requests.get(self.base + path, timeout=10)

    def form(self, path: str) -> dict[str, list[str]]:
        """What a browser would send for the form on that page, untouched."""
        text = self.get(path).text
        sent: dict[str, list[str]] = {}
        for name, value in re.findall(
            r'<input[^>]*? name="(\w+)"[^>]*?type="(?!checkbox)[^>]*?value="([^"]*)"', text
        ):
            sent[name] = [value]
        sent["_etag"] = [re.search(r'name="_etag" value="([^"]*)"', text)[1]]
        for name, value in re.findall(r'type="checkbox" name="(\w+)" value="([^"]*)" checked', text):
            sent.setdefault(name, []).append(value)
        for name, inner in re.findall(r'<select id="[^"]*" name="(\w+)".*?>(.*?)</select>', text, re.DOTALL):
            sent[name] = re.findall(r'value="([^"]*)" selected', inner) or [""]
        for name, inner in re.findall(
            r'<textarea id="[^"]*" name="(\w+)"[^>]*>(.*?)</textarea>', text, re.DOTALL
        ):
            sent[name] = [inner.removeprefix("\n")]
        return {name: [unescape(value) for value in values] for name, values in sent.items()}

    def post(self, path: str, sent: dict[str, list[str]], **headers: str) -> requests.Response:
        marks = {"Origin": self.base, **headers}
        return requests.post(self.base + path, data=sent, headers=marks, timeout=10, allow_redirects=False)


@pytest.fixture
def web() -> Iterator[Web]:
    state = State()
    state.add_user(SAM, "Sam Okafor")
    state.add_user(PRIYA, "Priya Nair")
    site = state.site_by_path("/sites/governance")
    columns = [
        Column("", "ActionRef", "text", required=True, unique=True),
        Column("", "Status", "choice", choices=["In progress", "Closed"]),
        Column("", "Tags", "choices", choices=["A", "B", "C"]),
        Column("", "Owner", "person"),
        Column("", "DueDate", "datetime"),
        Column("", "RaisedOn", "date"),
        Column("", "Message", "note"),
        Column("", "Active", "yesno"),
    ]
    found = state.create_list(site.id, "Actions", columns=columns)
    sam = state.ensure_user(site.id, SAM).id
    fields = {
        "Title": "Check rounds",
        "ActionRef": "WN-1/01",
        "Status": "Closed",
        "Tags": ["B", "A"],
        "Owner": sam,
        "DueDate": "2026-07-01T11:30:15Z",
        "RaisedOn": "2026-07-01",
        "Message": "One\nTwo <b>three</b>",
    }
    state.create_item(found.id, fields, actor=SYSTEM)
    with running(state) as base:
        yield Web(state, base, found.id)
    state.close()


def test_the_home_page_lists_every_list_with_its_count(web):
    """Sites and lists stand there with the number of their items."""
    text = web.get("/").text
    assert re.search(
        r'<a href="/sites/governance/Lists/Actions/AllItems.aspx">Actions</a>.*?class="number">1<',
        text,
        re.DOTALL,
    )


def test_a_list_shows_people_pills_and_british_local_dates(web):
    """Names instead of ids, a pill for a choice, dd/mm/yyyy HH:MM in London time."""
    text = web.get(f"{LIST}/AllItems.aspx").text
    assert "Sam Okafor" in text
    assert '<span class="pill good">Closed</span>' in text
    assert "01/07/2026 12:30" in text


def test_what_people_typed_is_never_markup(web):
    """Markup inside a value is shown as text."""
    text = web.get(f"{LIST}/DispForm.aspx?ID=1").text
    assert "Two &lt;b&gt;three&lt;/b&gt;" in text
    assert "<b>three" not in text


def test_a_message_keeps_its_line_breaks(web):
    """A note is drawn with its own line breaks."""
    assert '<span class="note">One\nTwo' in web.get(f"{LIST}/DispForm.aspx?ID=1").text
    assert "white-space: pre-wrap" in web.get("/_pages/style.css").text


def test_every_page_allows_no_script_and_no_other_site(web):
    """The content security policy starts from nothing and no page is kept."""
    for path in (
        "/",
        f"{LIST}/AllItems.aspx",
        f"{LIST}/EditForm.aspx?ID=1",
        "/teams/",
        "/sites/governance/Lists/No/AllItems.aspx",
    ):
        answer = web.get(path)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "<script" not in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_address_graph_gives_an_item_opens_it(web):
    """`1_.000` leads to the item's page."""
    assert "Version history" in web.get(f"{LIST}/1_.000").text


def test_a_list_that_is_not_there_says_so(web):
    """An unknown list is a 404 with one sentence and a way back."""
    answer = web.get("/sites/governance/Lists/Nope/AllItems.aspx")
    assert (answer.status_code, "All lists</a>" in answer.text) == (404, True)


def test_an_item_that_is_not_there_leads_back_to_its_list(web):
    """A missing item or file is a 404 that names the list and leads back to it."""
    for page in ("DispForm.aspx?ID=99", "nothing.txt"):
        answer = web.get(f"{LIST}/{page}")
        assert (answer.status_code, "Back to Actions</a>" in answer.text) == (404, True)


def test_an_address_outside_every_list_answers_a_browser_with_a_page(web):
    """A browser gets a page with a way on; a program gets a bare line."""
    page = requests.get(f"{web.base}/nowhere", headers={"Accept": "text/html"}, timeout=10)
    assert (page.status_code, "All lists</a>" in page.text) == (404, True)
    assert web.get("/nowhere").text == "Not Found"


def test_an_address_in_a_message_can_be_followed(web):
    """A web address in a note is a link; its full stop and the markup around it are not part of it."""
    note = "Open http://127.0.0.1:1/x?a=1&b=2. <i>Soon</i>"
    web.state.update_item(web.list_id, 1, {"Message": note}, actor=SYSTEM)
    text = web.get(f"{LIST}/DispForm.aspx?ID=1").text
    assert '<a href="http://127.0.0.1:1/x?a=1&amp;b=2" rel="noreferrer">' in text
    assert "</a>. &lt;i&gt;Soon" in text


def test_a_filter_takes_a_whole_word_before_a_part_of_one(web):
    """Valid does not find Invalid, and an address of a message finds exactly its reference."""
    web.state.add_column(web.list_id, Column("", "Verdict", "choice", choices=["Valid", "Invalid"]))
    for number, word in (("1", "Valid"), ("12", "Invalid")):
        fields = {"Title": "Line", "ActionRef": f"X-{number}", "Verdict": word}
        web.state.create_item(web.list_id, fields, actor=SYSTEM)
    for field, value in (("Verdict", "valid"), ("ActionRef", "X-1")):
        text = web.get(f"{LIST}/AllItems.aspx?FilterField1={field}&FilterValue1={value}").text
        assert "X-1</a>" in text
        assert "X-12</a>" not in text


def test_two_filters_both_hold_and_are_told_in_words(web):
    """FilterField1 and FilterField2 narrow together; several words are parted by `;#`."""
    fields = {"Title": "Line", "ActionRef": "X-1", "Status": "Closed"}
    web.state.create_item(web.list_id, fields, actor=SYSTEM)
    query = "FilterFields1=Status&FilterValues1=Closed%3B%23Open&FilterField2=Title&FilterValue2=Line"
    text = web.get(f"{LIST}/AllItems.aspx?{query}").text
    assert ("X-1</a>" in text, "WN-1/01</a>" in text) == (True, False)
    assert "Status holds “Closed” or “Open” and Title holds “Line”" in text


def test_a_view_that_cannot_be_applied_says_so(web):
    """Every item is shown, with a plain word that the view's filter was not applied."""
    caml = "<Where><Membership Type='CurrentUserGroups'/></Where>"
    web.state.add_view(web.list_id, "Mine", fields=["ActionRef"], query=caml)
    text = web.get(f"{LIST}/AllItems.aspx?view=Mine").text
    assert ("WN-1/01" in text, "cannot apply the filter of this view" in text) == (True, True)


def test_a_card_in_a_column_is_drawn_as_a_card(web):
    """The card that a person would see stands above its JSON."""
    web.state.update_item(web.list_id, 1, {"Message": json.dumps(CARD)}, actor=SYSTEM)
    text = web.get(f"{LIST}/DispForm.aspx?ID=1").text
    assert '<p class="note">Five lines are overdue</p>' in text
    assert "<dt>Act by</dt><dd>10:15</dd>" in text


def many(web: Web, count: int) -> None:
    with web.state.bulk():
        for number in range(2, count + 2):
            fields = {"Title": f"Line {number:05d}", "ActionRef": f"WN-{number}"}
            web.state.create_item(web.list_id, fields, actor=SYSTEM)


def test_twelve_thousand_rows_come_a_hundred_at_a_time(web):
    """A long list is paged and its last page is reached."""
    many(web, 12_000)
    first, last = web.get(f"{LIST}/AllItems.aspx"), web.get(f"{LIST}/AllItems.aspx?page=121")
    assert first.text.count('<th scope="row"') == 100
    assert "Page 121 of 121" in last.text
    assert last.text.count('<th scope="row"') == 1


def test_a_list_is_sorted_and_filtered_by_the_query_string(web):
    """SortField, SortDir, FilterField1 and FilterValue1 do what they say."""
    many(web, 20)
    text = web.get(
        f"{LIST}/AllItems.aspx?SortField=Title&SortDir=Desc&FilterField1=Title&FilterValue1=line+0000"
    ).text
    assert re.findall(r"Line \d+", text) == [f"Line {number:05d}" for number in range(9, 1, -1)]


def test_an_edit_writes_a_version_as_the_person(web):
    """Saving makes version 2.0, modified by whoever was chosen, and shows what changed."""
    sent = web.form(f"{LIST}/EditForm.aspx?ID=1") | {
        "_who": [PRIYA],
        "Status": ["In progress"],
        "Tags": ["A", "C"],
    }
    answer = web.post(f"{LIST}/EditForm.aspx?ID=1", sent)
    assert answer.status_code == 303
    item = web.state.item(web.list_id, 1)
    assert (item.number, item.fields["Status"], item.fields["Tags"]) == (2, "In progress", ["A", "C"])
    assert web.state.lookup_email(web.state.get_list(web.list_id).site_id, item.editor_id) == PRIYA
    assert "Closed → In progress" in web.get(answer.headers["Location"]).text


def test_saving_without_a_change_writes_nothing(web):
    """A form sent as it was shown makes no version, whatever the order of its choices."""
    sent = web.form(f"{LIST}/EditForm.aspx?ID=1") | {"_who": [SAM]}
    assert web.post(f"{LIST}/EditForm.aspx?ID=1", sent).status_code == 303
    assert web.state.item(web.list_id, 1).counter == 1


def test_an_edit_of_an_item_that_changed_meanwhile_is_refused_plainly(web):
    """The page says that somebody else changed the item; what they wrote stays."""
    sent = web.form(f"{LIST}/EditForm.aspx?ID=1") | {"_who": [SAM], "Status": ["In progress"]}
    web.state.update_item(web.list_id, 1, {"Title": "Theirs"}, actor=Actor(email=PRIYA))
    answer = web.post(f"{LIST}/EditForm.aspx?ID=1", sent)
    assert answer.status_code == 409
    assert "Somebody else changed this item while you were editing." in answer.text
    assert web.state.item(web.list_id, 1).fields["Status"] == "Closed"


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": ""}])
def test_a_form_from_elsewhere_is_refused(web, headers):
    """A form that another site sends, or that names no origin, changes nothing."""
    sent = web.form(f"{LIST}/EditForm.aspx?ID=1") | {"_who": [SAM], "Status": ["In progress"]}
    assert web.post(f"{LIST}/EditForm.aspx?ID=1", sent, **headers).status_code == 403
    assert web.state.item(web.list_id, 1).counter == 1


def test_a_form_without_a_person_or_a_needed_value_says_what_is_missing(web):
    """Nobody chosen, or a needed column left empty, is told in words and kept in the form."""
    sent = web.form(f"{LIST}/EditForm.aspx?ID=1") | {"Title": ["Kept in the form"]}
    assert "Choose who you are." in web.post(f"{LIST}/EditForm.aspx?ID=1", sent).text
    answer = web.post(f"{LIST}/EditForm.aspx?ID=1", sent | {"_who": [SAM], "ActionRef": [""]})
    assert (answer.status_code, "ActionRef must be given." in answer.text) == (422, True)
    assert "Kept in the form" in answer.text


def test_a_new_item_is_added_as_the_person(web):
    """NewForm makes an item; local time in summer is stored an hour earlier."""
    sent = web.form(f"{LIST}/NewForm.aspx") | {
        "_who": [SAM],
        "Title": ["New"],
        "ActionRef": ["WN-9"],
        "DueDate": ["2026-07-02T09:00"],
    }
    assert web.post(f"{LIST}/NewForm.aspx", sent).status_code == 303
    assert web.state.item(web.list_id, 2).fields["DueDate"] == "2026-07-02T08:00:00Z"


def test_a_file_is_handed_over_and_never_run(web):
    """A page in a library is a download inside a sandbox; plain text is shown."""
    site = web.state.site_by_path("/sites/evidence")
    library = web.state.create_list(site.id, "Proof", template="documentLibrary")
    for name in ("a.html", "b.txt"):
        web.state.put_file(library.id, name, b"<script>1</script>", actor=SYSTEM)
    page, text = web.get("/sites/evidence/Proof/a.html"), web.get("/sites/evidence/Proof/b.txt")
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert text.headers["Content-Disposition"].startswith("inline")
    assert page.headers["Content-Security-Policy"].startswith("sandbox")
    assert "b.txt" in web.get("/sites/evidence/Proof/Forms/AllItems.aspx").text


CARD = {
    "type": "AdaptiveCard",
    "body": [
        {"type": "TextBlock", "text": "Five lines are overdue"},
        {"type": "FactSet", "facts": [{"title": "Act by", "value": "10:15"}]},
    ],
}


def posted(web: Web, card: dict[str, object]) -> requests.Response:
    part = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return requests.post(
        f"{web.base}/teams/managers", json={"type": "message", "attachments": [part]}, timeout=10
    )


def test_a_card_is_taken_with_202_and_shown(web):
    """The webhook answers 202 with nothing; the card is on the page and behind the control prefix."""
    answer = posted(web, CARD)
    assert (answer.status_code, answer.content) == (202, b"")
    assert "Five lines are overdue" in web.get("/teams/").text
    kept = web.get("/_workspace/posts").json()["posts"][0]
    assert (kept["channel"], kept["posted"]) == ("managers", True)


def test_a_post_that_is_no_json_is_a_400(web):
    """Only what cannot be read at all is refused at once."""
    assert requests.post(f"{web.base}/teams/managers", data=b"{", timeout=10).status_code == 400


def test_a_card_that_is_too_large_is_taken_but_fails_later(web):
    """A card counts as a string inside a string; over 28,672 bytes the flow posts nothing."""
    long = {**CARD, "body": [{"type": "TextBlock", "text": '"' * 8000}]}
    assert posted(web, long).status_code == 202
    assert "max allowed size is 28672" in web.get("/_workspace/posts").json()["posts"][0]["failure"]


def test_a_browser_draws_the_list_without_running_over(web, tmp_path):
    """Headless Chromium at 400 pixels draws the list with its rows."""
    browser = shutil.which("chromium")
    if browser is None:
        pytest.fail("This test needs Chromium: apt-get install chromium, then run it again.")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=400,800",
    ]
    command = [
        browser,
        *flags,
        f"--user-data-dir={tmp_path}",
        "--dump-dom",
        f"{web.base}{LIST}/AllItems.aspx",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "WN-1/01" in done.stdout
    assert "Sam Okafor" in done.stdout
