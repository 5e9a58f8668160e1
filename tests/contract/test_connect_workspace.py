"""Sites, lists, people and items over scripted answers of the real shapes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from contract.fake_service import HOST, Answer, batch_answer, provider, running, settings

from lists_sync import errors
from lists_sync.connect import Connection, Workspace
from lists_sync.definitions import ListMapping
from lists_sync.model import Column, Kind, ListSchema

GUID = "3af9b42f-0000-4000-8000-000000000001"
SCHEMA = ListSchema(
    "actions",
    "Enforcement actions",
    "governance",
    (
        Column("ActionRef", Kind.TEXT, unique=True),
        Column("Owner", Kind.PERSON),
        Column("Flags", Kind.CHOICES, choices=("A", "B")),
        Column("Day", Kind.DATE),
    ),
)
LISTS = "/v1.0/sites/s1/lists"
ITEMS = f"{LISTS}/l1/items"
API = "/sites/governance/_api/web"
ROW = {
    "id": "5",
    "eTag": f'"{GUID.upper()},3"',
    "lastModifiedDateTime": "2026-11-24T08:15:00Z",
    "contentType": {"id": "0x0100AB", "name": "Item"},
    "fields": {
        "@odata.etag": "x",
        "id": "5",
        "ActionRef": "W/1",
        "OwnerLookupId": "7",
        "Edit": "",
        "Flags": ["A"],
    },
}


@pytest.fixture
def service():
    with running() as found:
        site = {"id": "s1", "webUrl": f"{found.url}/sites/governance"}
        found.on("GET", f"/v1.0/sites/{HOST}:/sites/governance", Answer(body=site))
        lists = [
            {"id": "l1", "displayName": "Enforcement Actions", "webUrl": "w"},
            {"id": "l2", "displayName": "Tracker"},
        ]
        found.on("GET", LISTS, Answer(body={"value": lists}))
        found.on(
            "GET",
            f"{LISTS}/l./columns",
            Answer(body={"value": [{"name": "ActionRef", "id": "c1", "text": {}}]}),
        )
        found.on("GET", f"{API}/RegionalSettings/TimeZone", Answer(body={"Id": 2}))
        yield found


@pytest.fixture
def connection(service):
    with Connection(settings(service.url), provider(), sleep=lambda seconds: None) as found:
        yield found


@pytest.fixture
def workspace(connection):
    return Workspace(connection, {"actions": SCHEMA})


def test_site_is_asked_for_by_its_path(service, workspace):
    """A store's site is found by path, which a right to chosen sites allows, and asked for once."""
    assert workspace.site("governance").id == workspace.site("governance").id == "s1"
    assert len(service.calls("/v1.0/sites/rosewood")) == 1


def test_missing_site_names_store_and_path(service, workspace):
    """A path without a site leads to the configuration."""
    service.on(
        "GET", f"/v1.0/sites/{HOST}:/sites/governance", Answer(404, {"error": {"code": "itemNotFound"}})
    )
    with pytest.raises(errors.MissingError, match="store governance"):
        workspace.site("governance")


def test_unplaced_store_is_missing(workspace):
    """A store without a site in the configuration is told by its name."""
    with pytest.raises(errors.MissingError, match="store elsewhere"):
        workspace.site("elsewhere")


def test_list_is_found_whatever_the_case_of_its_title(workspace):
    """SharePoint keeps titles apart without regard to case, and so does the search."""
    ref = workspace.list_ref("actions")
    assert (ref.id, ref.url) == ("l1", "w")
    assert ref.columns["ActionRef"]["id"] == "c1"


def test_mapped_list_is_found_by_the_providers_title(service):
    """A provider's own list stands in for ours."""
    mapped = provider(lists={"actions": ListMapping("Tracker")})
    with Connection(settings(service.url), mapped) as connection:
        assert Workspace(connection, {"actions": SCHEMA}).list_ref("actions").id == "l2"


def test_absent_list_is_missing(service, workspace):
    """A list that its site lacks leads to provisioning."""
    service.on("GET", LISTS, Answer(body={"value": []}))
    with pytest.raises(errors.MissingError, match="provision"):
        workspace.list_ref("actions")


def test_delta_asks_for_the_columns_of_the_schema(service, workspace):
    """The first reading expands exactly the columns we use, a person by lookup id."""
    service.on(
        "GET",
        f"{ITEMS}/delta",
        Answer(body={"value": [ROW], "@odata.deltaLink": f"{service.url}{ITEMS}/delta?token=t"}),
    )
    pages = list(workspace.delta("actions", None))
    assert pages[0].delta_link.endswith("token=t")
    path = unquote(service.calls("/delta")[0].path)
    assert "$expand=fields($select=ActionRef,OwnerLookupId,Flags,Day,Title,Modified,Created)" in path


def test_delta_follows_the_link_it_is_given(service, workspace):
    """A kept link is asked for as it is."""
    link = f"{service.url}{ITEMS}/delta?token=a%2Bb"
    service.on("GET", f"{ITEMS}/delta", Answer(body={"value": [], "@odata.deltaLink": link}))
    list(workspace.delta("actions", link))
    assert service.calls("/delta")[0].path == f"{ITEMS}/delta?token=a%2Bb"


def test_own_links_are_told_from_others(service, workspace):
    """A link kept from another tenant or workspace is known as foreign."""
    assert workspace.is_own_link(f"{service.url}/v1.0/x")
    assert not workspace.is_own_link("https://graph.microsoft.com/v1.0/x")
    assert not workspace.is_own_link("")


def test_item_keeps_the_wires_own_values(workspace):
    """A row becomes an item with its eTag, its instant and the columns we asked for."""
    item = workspace.decode_item("actions", ROW)
    assert item.fields == {"ActionRef": "W/1", "OwnerLookupId": "7", "Flags": ["A"]}
    assert (item.id, item.etag, item.unique_id) == (5, ROW["eTag"], GUID)
    assert item.modified == datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
    assert not workspace.is_folder(item)


def test_tombstone_is_a_deleted_item(workspace):
    """A row with the deleted facet is an item that is gone."""
    item = workspace.decode_item("actions", {"id": "7", "deleted": {"state": "deleted"}})
    assert (item.id, item.deleted, item.fields) == (7, True, {})


def test_folder_is_told_from_an_item(workspace):
    """A folder's content type marks it."""
    row = {**ROW, "contentType": {"id": "0x012000AB", "name": "Ordner"}}
    assert workspace.is_folder(workspace.decode_item("actions", row))


def test_item_that_is_gone_is_none(workspace):
    """Reading a deleted item gives nothing rather than an error."""
    assert workspace.item("actions", 99) is None


def test_item_is_read_with_its_fields(service, workspace):
    """One item can be read afresh."""
    service.on("GET", f"{ITEMS}/5", Answer(body=ROW))
    assert workspace.item("actions", 5).etag == ROW["eTag"]


def test_search_by_key_escapes_the_value(service, workspace):
    """A quote or slash in a key stays inside the filter's text."""
    service.on("GET", ITEMS, Answer(body={"value": [ROW]}))
    found = workspace.items_by("actions", "ActionRef", "O'Neil & Söhne/1")
    assert [item.id for item in found] == [5]
    assert "%26" in service.calls(f"{ITEMS}\\?")[0].path
    assert "fields/ActionRef eq 'O''Neil & Söhne/1'" in unquote(service.calls(f"{ITEMS}\\?")[0].path)


def test_update_is_guarded_and_writes_fields(workspace):
    """A change is a PATCH of the item's fields against the version it was planned on."""
    op = workspace.update_op("actions", 5, {"A": None}, '"g,3"')
    assert (op.method, op.path, op.body, op.if_match) == (
        "PATCH",
        "/sites/s1/lists/l1/items/5/fields",
        {"A": None},
        '"g,3"',
    )


def test_create_leaves_out_what_is_empty(workspace):
    """Graph refuses null on a create, so empty columns are not named."""
    fields = {"ActionRef": "W/1", "Day": None, "Flags": [], "Flags@odata.type": "Collection(Edm.String)"}
    assert workspace.create_op("actions", fields).body == {"fields": {"ActionRef": "W/1"}}


def test_values_are_encoded_with_the_sites_zone_and_people(service, workspace):
    """A day is midnight of the site, and a person the site's number for them, made known if need be."""
    service.on("POST", f"{API}/ensureuser", Answer(body={"Id": 11}))
    fields = workspace.encode("actions", {"Day": date(2026, 7, 1), "Owner": "Ada@rosewood.example"})
    assert fields == {"Day": "2026-06-30T23:00:00Z", "OwnerLookupId": 11}
    assert service.calls("ensureuser")[0].body == {"logonName": "i:0#.f|membership|Ada@rosewood.example"}


def test_person_is_ensured_once(service, workspace):
    """A second change for the same person asks nothing more."""
    service.on("POST", f"{API}/ensureuser", Answer(body={"Id": 11}))
    assert workspace.ensure_user("governance", "a@b.example") == workspace.ensure_user(
        "governance", "A@B.example"
    )
    assert len(service.calls("ensureuser")) == 1


def test_unknown_person_is_missing(service, workspace):
    """Somebody the directory does not know is told as missing, and not by name."""
    text = {
        "odata.error": {
            "code": "-2146232832, Microsoft.SharePoint.SPException",
            "message": {"value": "a@b.example"},
        }
    }
    service.on("POST", f"{API}/ensureuser", Answer(400, text))
    with pytest.raises(errors.MissingError) as caught:
        workspace.ensure_user("governance", "a@b.example")
    assert "a@b.example" not in str(caught.value)


def test_people_come_from_the_hidden_list_whatever_its_title(service, workspace):
    """Everybody the site knows is read through the list's role, and not its localised name."""
    service.on("GET", f"{API}/siteuserinfolist", Answer(body={"Id": "uil"}))
    fields = {
        "EMail": "Ada@Rosewood.example",
        "Title": "Ada",
        "Name": "i:0#.f|membership|ada@rosewood.example",
    }
    bare = {"Title": "Bo", "Name": "i:0#.f|membership|bo@rosewood.example"}
    group = {"Title": "Everyone", "Name": "c:0(.s|true"}
    rows = [{"id": "7", "fields": fields}, {"id": "8", "fields": bare}, {"id": "9", "fields": group}]
    service.on("GET", f"{LISTS}/uil/items", Answer(body={"value": rows}))
    found = workspace.people("governance")
    assert {number: person.email for number, person in found.items()} == {
        7: "ada@rosewood.example",
        8: "bo@rosewood.example",
        9: "",
    }


def test_people_fall_back_to_present_users(service, workspace):
    """Where the hidden list is refused, the site's users stand in."""
    service.on("GET", f"{API}/siteuserinfolist", Answer(403, {"odata.error": {"code": "-2147024891, X"}}))
    users = [{"Id": 7, "Email": "ada@rosewood.example", "Title": "Ada", "LoginName": "x"}]
    service.on("GET", f"{API}/siteusers", Answer(body={"value": users}))
    assert workspace.people("governance")[7].name == "Ada"


def test_accounts_tell_enabled_disabled_and_gone(service, workspace):
    """An account that is gone counts as not enabled, and a refused question as unknown."""
    answers = {
        "ada": {"status": 200, "body": {"accountEnabled": True}},
        "bo": {"status": 200, "body": {"accountEnabled": False}},
        "cy": {"status": 404, "body": {"error": {"code": "Request_ResourceNotFound"}}},
        "di": {"status": 403, "body": {"error": {"code": "Authorization_RequestDenied"}}},
    }
    service.on(
        "POST",
        r"/v1.0/\$batch",
        batch_answer(
            lambda part: answers[part["url"][7:9]] if part["url"][7:9] in answers else answers["ada"]
        ),
    )
    found = workspace.accounts(["Ada@x.example", "bo@x.example", "cy@x.example", "di@x.example"])
    assert found == {
        "Ada@x.example": True,
        "bo@x.example": False,
        "cy@x.example": False,
        "di@x.example": None,
    }
    assert "%23EXT%23" in _asked_for(workspace, service, "g_x#EXT#@t.example")


def _asked_for(workspace, service, email):
    workspace.accounts([email])
    return service.calls(r"\$batch")[-1].body["requests"][0]["url"].replace("%23ext%23", "%23EXT%23")


def test_time_zone_is_the_sites_own(service, workspace):
    """The site's zone comes from SharePoint's id, with its summer time, and is asked for once."""
    assert workspace.time_zone("governance") == workspace.time_zone("governance") == ZoneInfo("Europe/London")
    assert len(service.calls("TimeZone")) == 1


def test_sharepoint_is_signed_in_with_a_certificate(service):
    """Even where Graph goes by a secret, SharePoint's token is asked for with an assertion."""
    given = settings(service.url, client_id="app", client_secret="canary")
    with Connection(given, provider()) as connection:
        Workspace(connection, {"actions": SCHEMA}).time_zone("governance")
    asked = [str(one.body) for one in service.calls("/token")]
    assert any("client_assertion=" in body and HOST in body for body in asked)
    assert not any("client_secret" in body and HOST in body for body in asked)


def test_merge_of_rest_is_guarded_by_default(service, workspace):
    """A change through REST says what it is and that it overwrites."""
    service.on("POST", f"{API}/x", Answer(204))
    workspace.sharepoint("governance").merge("web/x", {"A": 1})
    sent = service.calls(f"{API}/x")[0]
    assert (sent.headers["X-HTTP-Method"], sent.headers["If-Match"]) == ("MERGE", "*")
    assert sent.headers["Accept"] == "application/json;odata=nometadata"
