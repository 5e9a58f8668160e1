"""List items over Graph, as the embedded workspace serves them."""

from __future__ import annotations

import re

import pytest
import requests

PREFER = {"Prefer": "HonorNonIndexedQueriesWarningMayFailRandomly"}
HOST = "rosewood.sharepoint.com"


class Client:
    """A signed-in caller of Graph with one list at hand."""

    def __init__(self, workspace):
        self.workspace = workspace
        form = {
            "client_id": "bot",
            "client_secret": "throw-away",
            "grant_type": "client_credentials",
            "scope": "https://graph.microsoft.com/.default",
        }
        answer = requests.post(f"{workspace.url}/rosewood/oauth2/v2.0/token", data=form, timeout=10)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self.site = self.call("GET", f"/sites/{HOST}:/sites/governance").json()["id"]
        columns = [
            {"name": "Ref", "text": {}, "enforceUniqueValues": True, "indexed": True},
            {"name": "Score", "number": {}, "indexed": True},
            {"name": "State", "choice": {"choices": ["Open", "Closed"]}},
            {"name": "Tags", "choice": {"choices": ["A", "B"], "displayAs": "checkBoxes"}},
            {"name": "Owner", "personOrGroup": {}},
            {"name": "Day", "dateTime": {"format": "dateOnly"}},
            {"name": "Link", "hyperlinkOrPicture": {}},
            {"name": "Flag", "boolean": {}, "defaultValue": {"value": "0"}},
        ]
        made = self.call("POST", f"/sites/{self.site}/lists", {"displayName": "Things", "columns": columns})
        assert made.status_code == 201, made.text
        self.list_id = made.json()["id"]
        self.items = f"/sites/{self.site}/lists/{self.list_id}/items"

    def call(self, method, path, body=None, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        url = path if path.startswith("http") else f"{self.workspace.url}/v1.0{path}"
        return self.session.request(method, url, json=body, headers=names, timeout=10, allow_redirects=False)

    def add(self, **fields):
        answer = self.call("POST", self.items, {"fields": fields})
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture
def client(workspace):
    with_client = Client(workspace)
    yield with_client
    with_client.session.close()


def test_create_answers_with_fields_and_etag(client):
    """A created item comes back with its fields and an eTag of guid and counter."""
    made = client.add(Ref="a", Score=4)
    assert re.fullmatch(r'"[0-9a-f-]{36},1"', made["eTag"])
    assert made["fields"]["Score"] == 4


def test_fields_are_absent_without_expand(client):
    """Without $expand=fields an item carries no field values."""
    client.add(Ref="a")
    assert "fields" not in client.call("GET", f"{client.items}/1").json()


def test_empty_fields_are_absent(client):
    """A field that holds nothing is left out."""
    client.add(Ref="a", Score=None)
    row = client.call("GET", f"{client.items}/1?$expand=fields").json()["fields"]
    assert "Score" not in row


def test_patch_counts_up_and_makes_a_version(client):
    """A change counts the eTag up and keeps the former values as a version."""
    client.add(Ref="a", Score=1)
    answer = client.call("PATCH", f"{client.items}/1/fields", {"Score": 2})
    assert answer.status_code == 200
    assert answer.json()["@odata.etag"].endswith(',2"')
    versions = client.call("GET", f"{client.items}/1/versions?$expand=fields").json()["value"]
    assert [(one["id"], one["fields"]["Score"]) for one in versions] == [("2.0", 2), ("1.0", 1)]


def test_stale_if_match_is_refused(client):
    """A write whose If-Match is stale gets 412 and changes nothing."""
    etag = client.add(Ref="a", Score=1)["eTag"]
    client.call("PATCH", f"{client.items}/1/fields", {"Score": 2})
    answer = client.call("PATCH", f"{client.items}/1/fields", {"Score": 3}, If_Match=etag)
    assert answer.status_code == 412
    assert client.call("GET", f"{client.items}/1?expand=fields").json()["fields"]["Score"] == 2


def test_unknown_field_is_refused(client):
    """A field that the list lacks is refused by name; letters' case counts."""
    error = client.call("POST", client.items, {"fields": {"score": 1}}).json()["error"]
    assert (error["code"], error["message"]) == ("invalidRequest", "Field 'score' is not recognized")


def test_unique_value_is_refused_twice(client):
    """A second item with the same unique value is refused without naming the column."""
    client.add(Ref="a")
    answer = client.call("POST", client.items, {"fields": {"Ref": "A"}})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("One or more fields with unique constraints")


def test_person_is_read_as_text_id_and_by_name_only_when_selected(client, workspace):
    """A person comes as XLookupId text; the name only where $select names the column."""
    workspace.state.add_user("sam@rosewood.example", "Sam Okafor")
    site_id = workspace.state.sites()[0].id
    known = workspace.state.ensure_user(site_id, "sam@rosewood.example").id
    client.add(Ref="a", OwnerLookupId=known)
    plain = client.call("GET", f"{client.items}/1?$expand=fields").json()["fields"]
    named = client.call("GET", f"{client.items}/1?$expand=fields($select=Owner,OwnerLookupId)").json()[
        "fields"
    ]
    assert (plain["OwnerLookupId"], "Owner" in plain) == (str(known), False)
    assert (named["Owner"], named["OwnerLookupId"]) == ("Sam Okafor", str(known))


def test_unknown_person_is_refused(client):
    """A lookup id that the site does not know cannot be written."""
    assert client.call("POST", client.items, {"fields": {"OwnerLookupId": 999}}).status_code == 400


def test_more_than_twelve_lookups_are_refused(client, workspace):
    """A query may name twelve person columns, not thirteen."""
    names = [f"P{number}" for number in range(13)]
    for name in names:
        workspace.state.add_column(
            client.list_id,
            workspace.state.column(client.list_id, "Owner").__class__(id="", name=name, kind="person"),
        )
    asked = ",".join(f"{name}LookupId" for name in names)
    assert client.call("GET", f"{client.items}?$expand=fields($select={asked})").status_code == 400


def test_multi_choice_needs_its_type(client):
    """A multi-choice is taken with its type, refused without, and text in its place fails."""
    typed = {"Tags@odata.type": "Collection(Edm.String)", "Tags": ["A", "B"]}
    assert client.add(**typed)["fields"]["Tags"] == ["A", "B"]
    bare = client.call("POST", client.items, {"fields": {"Tags": ["A"]}})
    text = client.call("POST", client.items, {"fields": {"Tags": "A"}})
    assert bare.json()["error"]["message"].startswith("A value without a type name was found")
    assert text.json()["error"]["code"] == "generalException"


def test_hyperlink_cannot_be_written(client):
    """A hyperlink column refuses every write over Graph."""
    sent = {"fields": {"Link": {"Url": "https://a.example", "Description": "a"}}}
    assert client.call("POST", client.items, sent).status_code == 400


def test_date_only_is_the_sites_midnight(client):
    """A date-only value in summer comes back as London's midnight in UTC."""
    assert client.add(Day="2026-07-01T00:00:00Z")["fields"]["Day"] == "2026-06-30T23:00:00Z"


def test_long_text_is_refused(client):
    """Text of 256 characters does not fit into a text column."""
    assert client.call("POST", client.items, {"fields": {"Ref": "x" * 256}}).status_code == 400


def test_choice_word_not_offered_is_stored(client):
    """A choice column takes a word that it does not offer."""
    assert client.add(State="Elsewhere")["fields"]["State"] == "Elsewhere"


def test_default_is_given(client):
    """A column with a default holds it in a new item."""
    assert client.add(Ref="a")["fields"]["Flag"] is False


def test_filter_on_indexed_column(client):
    """A filter on an indexed column finds its items."""
    for number in range(4):
        client.add(Ref=f"r{number}", Score=number)
    found = client.call("GET", f"{client.items}?$filter=fields/Score ge 1 and fields/Score lt 3").json()[
        "value"
    ]
    assert [row["id"] for row in found] == ["2", "3"]


def test_filter_on_unindexed_column_needs_the_header(client):
    """A filter on a column without an index is refused unless the header allows it."""
    client.add(Ref="a", State="Open")
    path = f"{client.items}?$filter=startswith(fields/State,'Op')"
    refused = client.call("GET", path)
    allowed = client.call("GET", path, **PREFER)
    assert refused.status_code == 400
    assert "HonorNonIndexedQueriesWarningMayFailRandomly" in refused.json()["error"]["message"]
    assert len(allowed.json()["value"]) == 1


def test_filter_over_the_threshold_is_unprocessable(client, workspace):
    """With more rows than the threshold a scan is refused with 422 even with the header."""
    workspace.state.switch(threshold=2)
    for number in range(3):
        client.add(Ref=f"r{number}")
    answer = client.call("GET", f"{client.items}?$filter=fields/State eq 'Open'", **PREFER)
    assert (answer.status_code, answer.json()["error"]["innerError"]["code"]) == (422, "tooManyResources")


def test_pages_follow_the_next_link(client):
    """A nextLink leads on with the call's own options until it is missing."""
    for number in range(5):
        client.add(Ref=f"r{number}", Score=number)
    url, seen = f"{client.items}?$expand=fields($select=Ref)&$top=2", []
    while url:
        page = client.call("GET", url).json()
        seen += [row["fields"]["Ref"] for row in page["value"]]
        url = page.get("@odata.nextLink")
    assert seen == [f"r{number}" for number in range(5)]


def test_order_descending(client):
    """$orderby on an indexed column sorts, descending on request."""
    for number in (2, 3, 1):
        client.add(Ref=f"r{number}", Score=number)
    found = client.call("GET", f"{client.items}?$orderby=fields/Score desc&$top=2").json()
    assert [row["id"] for row in found["value"]] == ["2", "1"]
    rest = client.call("GET", found["@odata.nextLink"]).json()
    assert [row["id"] for row in rest["value"]] == ["3"]


def test_top_is_clamped(client, workspace):
    """A $top over the limit is clamped, not refused."""
    workspace.state.switch(max_top=2)
    for number in range(3):
        client.add(Ref=f"r{number}")
    assert len(client.call("GET", f"{client.items}?$top=5000").json()["value"]) == 2


def test_delete(client):
    """A deleted item is gone, and a second delete is told so."""
    client.add(Ref="a")
    assert client.call("DELETE", f"{client.items}/1").status_code == 204
    gone = client.call("DELETE", f"{client.items}/1")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "itemNotFound")


def test_null_clears(client):
    """JSON null empties a field."""
    client.add(Ref="a", Score=1)
    assert "Score" not in client.call("PATCH", f"{client.items}/1/fields", {"Score": None}).json()


def test_error_body_has_inner_error(client):
    """An error names its date without Z and the ids of the request."""
    answer = client.call("GET", f"{client.items}/77", client_request_id="abc")
    inner = answer.json()["error"]["innerError"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", inner["date"])
    assert (inner["client-request-id"], inner["request-id"]) == ("abc", answer.headers["request-id"])


def test_delta_tells_all_then_changes_then_deletions(client):
    """Delta gives everything once, then what changed, and a deletion as a facet."""
    for number in range(3):
        client.add(Ref=f"r{number}")
    url, seen = f"{client.items}/delta?$expand=fields($select=Ref)&$top=2", []
    while url:
        page = client.call("GET", url).json()
        seen += page["value"]
        url = page.get("@odata.nextLink")
    assert [row["id"] for row in seen] == ["1", "2", "3"]
    assert "lastModifiedBy" not in seen[0]
    client.call("PATCH", f"{client.items}/2/fields", {"Score": 9})
    client.call("DELETE", f"{client.items}/3")
    rows = client.call("GET", page["@odata.deltaLink"]).json()["value"]
    assert rows[0]["fields"]["Ref"] == "r1"
    assert (rows[1]["id"], rows[1]["deleted"]) == ("3", {"state": "deleted"})


def test_delta_from_now(client):
    """token=latest gives no rows and a link that tells only what comes after."""
    client.add(Ref="a")
    page = client.call("GET", f"{client.items}/delta?token=latest&$expand=fields").json()
    client.add(Ref="b")
    later = client.call("GET", page["@odata.deltaLink"]).json()
    assert page["value"] == []
    assert [row["fields"]["Ref"] for row in later["value"]] == ["b"]


def test_delta_token_runs_out(client, workspace):
    """A token older than sixty days gets 410 with the address of a fresh start."""
    link = client.call("GET", f"{client.items}/delta?$expand=fields").json()["@odata.deltaLink"]
    now = workspace.state.clock.now()
    workspace.state.clock.set(now.replace(year=now.year + 1))
    answer = client.call("GET", link)
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "resyncChangesApplyDifferences")
    assert client.call("GET", answer.headers["Location"]).status_code == 200


def test_delta_token_of_a_former_workspace(client, workspace):
    """After a reset an old token asks for a fresh start."""
    link = client.call("GET", f"{client.items}/delta").json()["@odata.deltaLink"]
    workspace.state.reset()
    site = workspace.state.sites()[0]
    workspace.state.create_list(site.id, "Things")
    assert client.call("GET", link).status_code == 410


def test_batch_answers_each_part(client):
    """A batch answers each part with its own status, in any order."""
    etag = client.add(Ref="a", Score=1)["eTag"]
    kind = {"Content-Type": "application/json"}
    path = f"{client.items}/1/fields"
    parts = [
        {"id": "a", "method": "PATCH", "url": path, "headers": kind, "body": {"Score": 2}},
        {
            "id": "b",
            "method": "PATCH",
            "url": path,
            "headers": {**kind, "If-Match": etag},
            "body": {"Score": 3},
        },
        {"id": "c", "method": "GET", "url": f"{client.items}/1", "dependsOn": ["b"]},
        {"id": "d", "method": "DELETE", "url": f"{client.items}/1"},
    ]
    rows = client.call("POST", "/$batch", {"requests": parts}).json()["responses"]
    assert {row["id"]: row["status"] for row in rows} == {"a": 200, "b": 412, "c": 424, "d": 204}


def test_batch_of_twenty_one_is_refused(client):
    """Twenty-one parts are too many."""
    parts = [{"id": str(number), "method": "GET", "url": client.items} for number in range(21)]
    assert client.call("POST", "/$batch", {"requests": parts}).status_code == 400


def test_batch_parts_cost_units_of_their_own(client, workspace):
    """Each part of a batch is charged by itself, and stands in the journal."""
    client.add(Ref="a")
    workspace.state.journal.clear()
    parts = [{"id": str(number), "method": "GET", "url": f"{client.items}/1"} for number in range(3)]
    client.call("POST", "/$batch", {"requests": parts})
    entry = workspace.state.journal.requests[-1]
    assert entry["units"] == 3
    assert [part["status"] for part in entry["batch"]] == [200, 200, 200]


@pytest.mark.parametrize("text", ["2026-11-25", "2026-11-25T00:00:00Z", "'2026-11-25T01:00:00+01:00'"])
def test_filter_reads_any_form_of_an_instant(client, text):
    """An instant in a filter may be a bare day, quoted, or of another zone."""
    client.add(Ref="a", Day="2026-11-25T00:00:00Z")
    path = f"{client.items}?$filter=fields/Day eq {text.replace('+', '%2B')}"
    assert len(client.call("GET", path, **PREFER).json()["value"]) == 1


def test_filter_takes_a_lookup_id_as_text(client, workspace):
    """A person is filtered by lookup id, quoted or not."""
    workspace.state.add_user("sam@rosewood.example", "Sam")
    known = workspace.state.ensure_user(workspace.state.sites()[0].id, "sam@rosewood.example").id
    client.add(Ref="a", OwnerLookupId=str(known))
    found = [
        client.call("GET", f"{client.items}?$filter=fields/OwnerLookupId eq {text}", **PREFER).json()["value"]
        for text in (known, f"'{known}'")
    ]
    assert [len(rows) for rows in found] == [1, 1]
