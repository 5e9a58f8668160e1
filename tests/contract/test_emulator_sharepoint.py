"""SharePoint REST of the embedded workspace, over the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from lists_sync.emulator.auth import issue
from lists_sync.emulator.server import running
from lists_sync.emulator.state import State

NOMETADATA = "application/json;odata=nometadata"
VERBOSE = "application/json;odata=verbose"


@dataclass
class Site:
    state: State
    api: str
    token: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        sent = {"Authorization": f"Bearer {self.token}", "Accept": NOMETADATA}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(method, f"{self.api}/{path}", json=body, headers=sent, timeout=10)

    def made(self, path: str, body: Any, **headers: str) -> Any:
        answer = self.send("POST", path, body, **headers)
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture
def site() -> Iterator[Site]:
    state = State()
    state.add_user("sam.okafor@rosewood.example", "Sam Okafor")
    token = issue(state, app_id="bot", resource="https://rosewood.sharepoint.com", strength="2")[
        "access_token"
    ]
    with running(state) as base:
        yield Site(state, f"{base}/sites/governance/_api", token)
    state.close()


@pytest.fixture
def tracker(site: Site) -> str:
    site.made("web/lists", {"Title": "Tracker", "BaseTemplate": 100})
    path = "web/lists/getByTitle('Tracker')"
    for title, kind in (("Code", 2), ("Score", 9), ("Owner", 20), ("Due", 4), ("Flag", 8)):
        site.made(f"{path}/fields", {"Title": title, "FieldTypeKind": kind})
    site.made(f"{path}/fields", {"Title": "Tags", "FieldTypeKind": 15, "Choices": ["A", "B"]})
    return path


def code_of(answer: requests.Response) -> str:
    return str(answer.json()["odata.error"]["code"])


def test_a_secret_token_is_refused_in_plain_text(site):
    """SharePoint answers an app-only token that a secret bought with 401 and one plain sentence."""
    wrong = issue(site.state, app_id="bot", resource="https://rosewood.sharepoint.com", strength="1")
    answer = site.send("GET", "web", Authorization=f"Bearer {wrong['access_token']}")
    assert (answer.status_code, answer.text) == (401, "Unsupported app only token.")


def test_the_time_zone_is_londons(site):
    """The zone of a London site is number 2, with a bias of 0 and a daylight bias of -60."""
    zone = site.send("GET", "web/RegionalSettings/TimeZone").json()
    assert zone["Description"] == "(UTC+00:00) Dublin, Edinburgh, Lisbon, London"
    assert (zone["Id"], zone["Information"]["Bias"], zone["Information"]["DaylightBias"]) == (2, 0, -60)


def test_local_time_follows_the_clock_change(site):
    """An instant in July is shown an hour later in London."""
    answer = site.send("GET", "web/RegionalSettings/TimeZone/UtcToLocalTime('2026-07-01T11:00:00Z')")
    assert answer.json()["value"] == "2026-07-01T12:00:00"


def test_contextinfo_gives_a_digest_in_the_verbose_envelope(site):
    """The form digest stands below d.GetContextWebInformation for a verbose caller."""
    answer = site.send("POST", "contextinfo", Accept=VERBOSE)
    assert answer.json()["d"]["GetContextWebInformation"]["FormDigestValue"].startswith("0x")


def test_every_answer_carries_sharepoints_marks(site):
    """A request guid and a health score come with each answer."""
    headers = site.send("GET", "web").headers
    assert len(headers["SPRequestGuid"]) == 36
    assert headers["X-SharePointHealthScore"].isdigit()


def test_a_caller_who_asks_for_no_json_gets_atom(site):
    """Without an Accept of JSON the answer is Atom XML."""
    answer = site.send("GET", "web?$select=Title", Accept="*/*")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    assert "<d:Title>Governance</d:Title>" in answer.text


def test_ensureuser_gives_one_lookup_id_a_person(site):
    """Ensuring a person twice, by claims login and by address, names the same id."""
    first = site.made("web/ensureuser", {"logonName": "i:0#.f|membership|sam.okafor@rosewood.example"})
    again = site.made("web/ensureuser", {"logonName": "sam.okafor@rosewood.example"})
    assert first["Id"] == again["Id"]
    assert first["LoginName"] == "i:0#.f|membership|sam.okafor@rosewood.example"


def test_ensureuser_refuses_a_stranger(site):
    """Somebody whom the directory does not know is a 400 with SharePoint's code."""
    answer = site.send("POST", "web/ensureuser", {"logonName": "nobody@elsewhere.example"})
    assert (answer.status_code, code_of(answer)) == (400, "-2146232832, Microsoft.SharePoint.SPException")


def test_getuserbyid_of_nobody_is_a_500(site):
    """SharePoint calls an unknown lookup id a 500, although the caller is at fault."""
    answer = site.send("GET", "web/getuserbyid(4711)")
    assert (answer.status_code, code_of(answer)) == (500, "-2146232832, Microsoft.SharePoint.SPException")


def test_siteuserinfolist_is_found_whatever_its_name(site):
    """The list of people can be addressed without knowing its title."""
    found = site.send("GET", "web/siteuserinfolist?$select=Id,Title").json()
    assert found["Id"] == site.state.user_list(site.state.site_by_path("/sites/governance").id).id


def test_a_second_list_of_the_same_title_is_a_500(site, tracker):
    """A title that is taken is refused with 500 and a code that says so."""
    answer = site.send("POST", "web/lists", {"Title": "Tracker", "BaseTemplate": 100})
    assert (answer.status_code, code_of(answer)) == (500, "-2130575342, Microsoft.SharePoint.SPException")


def test_a_list_is_found_by_title_guid_and_address(site, tracker):
    """Three ways of addressing a list give the same one."""
    known = site.send("GET", tracker).json()["Id"]
    for path in (f"web/lists(guid'{known}')", "web/GetList('/sites/governance/Lists/Tracker')"):
        assert site.send("GET", path).json()["Id"] == known


def test_a_missing_list_says_which_and_where(site):
    """The 404 of a list names its title and the site."""
    answer = site.send("GET", "web/lists/getByTitle('Nope')")
    assert answer.status_code == 404
    assert answer.json()["odata.error"]["message"]["value"].startswith("List 'Nope' does not exist at site")


def test_a_field_keeps_formatter_index_and_uniqueness(site, tracker):
    """What a MERGE sets on a column is read back."""
    wanted = {
        "CustomFormatter": '{"elmType":"div"}',
        "Indexed": True,
        "EnforceUniqueValues": True,
        "Required": True,
    }
    field = f"{tracker}/fields/getbyinternalnameortitle('Code')"
    assert site.send("POST", field, wanted, X_HTTP_Method="MERGE", IF_MATCH="*").status_code == 204
    held = site.send("GET", field).json()
    assert {name: held[name] for name in wanted} == wanted


def test_a_unique_column_must_be_indexed_first(site, tracker):
    """Unique values without an index are refused."""
    field = f"{tracker}/fields/getbyinternalnameortitle('Code')"
    assert site.send("MERGE", field, {"EnforceUniqueValues": True}).status_code == 400


def test_a_field_is_made_from_xml(site, tracker):
    """SchemaXml makes a column with its internal name, choices and default."""
    xml = (
        '<Field Type="Choice" Name="Band" DisplayName="Band of risk"><Default>Low</Default>'
        "<CHOICES><CHOICE>Low</CHOICE><CHOICE>High</CHOICE></CHOICES></Field>"
    )
    made = site.made(f"{tracker}/fields/createfieldasxml", {"parameters": {"SchemaXml": xml}})
    assert (made["InternalName"], made["Title"], made["Choices"]) == ("Band", "Band of risk", ["Low", "High"])
    assert made["DefaultValue"] == "Low"


def test_a_field_definition_with_declarations_is_refused(site, tracker):
    """XML that declares entities is not read."""
    xml = '<!DOCTYPE x [<!ENTITY a "b">]><Field Type="Text" Name="&a;" />'
    body = {"parameters": {"SchemaXml": xml}}
    assert site.send("POST", f"{tracker}/fields/createfieldasxml", body).status_code == 400


def test_an_internal_name_keeps_the_first_title(site, tracker):
    """A space in the first title stays in the internal name as _x0020_; renaming leaves it."""
    made = site.made(f"{tracker}/fields", {"Title": "Device type", "FieldTypeKind": 2})
    site.send("MERGE", f"{tracker}/fields(guid'{made['Id']}')", {"Title": "Device"})
    held = site.send("GET", f"{tracker}/fields/getbyinternalnameortitle('Device')").json()
    assert held["InternalName"] == "Device_x0020_type"


def test_parallel_schema_writes_conflict(site, tracker):
    """While one schema write runs, another one is refused with 409 and the save conflict's code."""
    found = site.state.find_list(site.state.site_by_path("/sites/governance").id, "Tracker")
    with site.state.schema_write(found.id):
        answer = site.send("POST", f"{tracker}/fields", {"Title": "More", "FieldTypeKind": 2})
    assert (answer.status_code, code_of(answer)) == (409, "-2130575305, Microsoft.SharePoint.SPException")


def test_a_view_is_added_with_its_columns_and_query(site, tracker):
    """A view keeps its columns in order, its query and its row limit."""
    body = {
        "parameters": {
            "Title": "Due",
            "ViewFields": {"results": ["LinkTitle", "Code"]},
            "RowLimit": 7,
            "Query": "<OrderBy><FieldRef Name='Due'/></OrderBy>",
        }
    }
    view = site.made(f"{tracker}/views/add", body, Content_Type=VERBOSE)
    fields = site.send("GET", f"{tracker}/views(guid'{view['Id']}')/viewfields").json()["Items"]
    assert (view["RowLimit"], view["ViewQuery"], fields) == (
        7,
        body["parameters"]["Query"],
        ["LinkTitle", "Code"],
    )


def test_view_columns_are_added_moved_and_removed(site, tracker):
    """The calls on a view's columns change their order."""
    view = site.made(
        f"{tracker}/views/add", {"parameters": {"Title": "V", "ViewFields": ["LinkTitle", "Code"]}}
    )
    path = f"{tracker}/views(guid'{view['Id']}')/viewfields"
    site.send("POST", f"{path}/addviewfield('Score')")
    site.send("POST", f"{path}/moveviewfieldto", {"field": "Score", "index": 0})
    site.send("POST", f"{path}/removeviewfield('Code')")
    assert site.send("GET", path).json()["Items"] == ["Score", "LinkTitle"]


def test_an_item_shows_ids_of_people_and_arrays_of_choices(site, tracker):
    """A person is an integer id, a multi-choice an array, an empty column null."""
    sam = site.made("web/ensureuser", {"logonName": "sam.okafor@rosewood.example"})["Id"]
    made = site.made(f"{tracker}/items", {"Title": "One", "OwnerId": sam, "Tags": ["A", "B"]})
    assert (made["OwnerId"], made["Tags"], made["Score"]) == (sam, ["A", "B"], None)
    assert made["OData__UIVersionString"] == "1.0"


def test_a_person_is_named_only_when_expanded(site, tracker):
    """Name and e-mail need $expand; without it the query is refused."""
    sam = site.made("web/ensureuser", {"logonName": "sam.okafor@rosewood.example"})["Id"]
    site.made(f"{tracker}/items", {"Title": "One", "OwnerId": sam})
    asked = f"{tracker}/items(1)?$select=Id,Owner/EMail"
    assert site.send("GET", asked).status_code == 400
    assert site.send("GET", f"{asked}&$expand=Owner").json()["Owner"] == {
        "EMail": "sam.okafor@rosewood.example"
    }


def test_verbose_wraps_and_types_everything(site, tracker):
    """The verbose dialect has d, results, __metadata, and an eTag without the guid."""
    site.made(f"{tracker}/items", {"Title": "One", "Tags": ["A"]})
    item = site.send("GET", f"{tracker}/items", Accept=VERBOSE).json()["d"]["results"][0]
    assert item["__metadata"]["type"] == "SP.Data.TrackerListItem"
    assert (item["__metadata"]["etag"], item["Tags"]) == ('"1"', {"results": ["A"]})


def test_plain_json_means_minimal_metadata(site, tracker):
    """`application/json` carries odata.type, odata.id and odata.etag beside the values."""
    site.made(f"{tracker}/items", {"Title": "One"})
    answer = site.send("GET", f"{tracker}/items(1)", Accept="application/json")
    assert answer.json()["odata.etag"] == answer.headers["ETag"]
    assert answer.json()["odata.type"] == "SP.Data.TrackerListItem"


def test_metadata_in_a_body_that_is_not_verbose_is_refused(site, tracker):
    """__metadata belongs to verbose bodies only."""
    body = {"__metadata": {"type": "SP.Data.TrackerListItem"}, "Title": "One"}
    answer = site.send("POST", f"{tracker}/items", body)
    assert (answer.status_code, code_of(answer)) == (
        400,
        "-1, Microsoft.SharePoint.Client.InvalidClientQueryException",
    )
    assert site.send("POST", f"{tracker}/items", body, Content_Type=VERBOSE).status_code == 201


def test_a_merge_answers_204_with_the_new_etag(site, tracker):
    """A change has no body; its eTag is the item's new one."""
    old = site.send("POST", f"{tracker}/items", {"Title": "One"}).headers["ETag"]
    answer = site.send("POST", f"{tracker}/items(1)", {"Score": 5}, X_HTTP_Method="MERGE", IF_MATCH=old)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["ETag"] == old.replace(',1"', ',2"')


def test_a_stale_etag_is_a_412_and_changes_nothing(site, tracker):
    """The refusal names both eTags and the value stays."""
    old = site.send("POST", f"{tracker}/items", {"Title": "One"}).headers["ETag"]
    site.send("PATCH", f"{tracker}/items(1)", {"Score": 5}, IF_MATCH="*")
    answer = site.send("PATCH", f"{tracker}/items(1)", {"Score": 6}, IF_MATCH=old)
    assert (answer.status_code, code_of(answer)) == (
        412,
        "-1, Microsoft.SharePoint.Client.ClientServiceException",
    )
    assert site.send("GET", f"{tracker}/items(1)").json()["Score"] == 5


def test_a_deleted_item_is_gone_with_sharepoints_code(site, tracker):
    """After DELETE the item answers 404 with the code of a missing item."""
    site.made(f"{tracker}/items", {"Title": "One"})
    assert site.send("POST", f"{tracker}/items(1)", X_HTTP_Method="DELETE", IF_MATCH="*").status_code == 200
    answer = site.send("GET", f"{tracker}/items(1)")
    assert (answer.status_code, code_of(answer)) == (404, "-2130575338, System.ArgumentException")


def test_an_unknown_property_is_refused(site, tracker):
    """A name that no column has is an invalid query."""
    answer = site.send("POST", f"{tracker}/items", {"Nope": 1})
    assert (answer.status_code, code_of(answer)) == (
        400,
        "-1, Microsoft.SharePoint.Client.InvalidClientQueryException",
    )


def test_a_duplicate_in_a_unique_column_names_the_column(site, tracker):
    """SharePoint, unlike Graph, says which column holds the duplicate."""
    site.send(
        "MERGE",
        f"{tracker}/fields/getbyinternalnameortitle('Code')",
        {"Indexed": True, "EnforceUniqueValues": True},
    )
    site.made(f"{tracker}/items", {"Title": "One", "Code": "C-1"})
    answer = site.send("POST", f"{tracker}/items", {"Title": "Two", "Code": "c-1"})
    assert code_of(answer) == "-2130575169, Microsoft.SharePoint.SPDuplicateValuesFoundException"
    assert "[Code]" in answer.text


def filled(site: Site, count: int) -> None:
    found = site.state.find_list(site.state.site_by_path("/sites/governance").id, "Tracker")
    with site.state.bulk():
        for number in range(1, count + 1):
            fields = {
                "Title": f"Item {number}",
                "Code": f"C-{number}",
                "Score": number,
                "Flag": number % 2 == 0,
            }
            site.state.create_item(found.id, fields, actor=site_actor())


def site_actor() -> Any:
    from lists_sync.emulator.state import SYSTEM

    return SYSTEM


def test_pages_follow_the_next_link_to_the_end(site, tracker):
    """The next link brings every item once, in order."""
    filled(site, 25)
    ids, path = [], f"{site.api}/{tracker}/items?$select=Id&$top=10"
    while path:
        headers = {"Authorization": f"Bearer {site.token}", "Accept": NOMETADATA}
        page = requests.get(path, headers=headers, timeout=10).json()
        ids += [item["Id"] for item in page["value"]]
        path = page.get("odata.nextLink", "")
    assert ids == list(range(1, 26))


def test_a_page_holds_100_items_by_default(site, tracker):
    """Without $top a page ends at 100."""
    filled(site, 101)
    page = site.send("GET", f"{tracker}/items?$select=Id").json()
    assert (len(page["value"]), "Paged%3dTRUE%26p_ID%3d100" in page["odata.nextLink"]) == (100, True)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Code eq 'C-3'", [3]),
        ("Score ge 4 and Score lt 6", [4, 5]),
        ("Flag eq 1 and not (Score eq 2)", [4, 6]),
        ("startswith(Title,'Item 1') or substringof('6',Code)", [1, 6]),
        ("Due eq null and Id gt 5", [6]),
    ],
)
def test_a_filter_keeps_what_it_says(site, tracker, text, ids):
    """Comparisons, functions, not, and, or and null do what OData says."""
    filled(site, 6)
    answer = site.send("GET", f"{tracker}/items?$select=Id&$filter={text}")
    assert [item["Id"] for item in answer.json()["value"]] == ids


def test_a_broken_filter_is_a_400(site, tracker):
    """A filter that cannot be read is refused, not guessed."""
    assert site.send("GET", f"{tracker}/items?$filter=Code eq").status_code == 400


def test_a_filter_over_the_threshold_is_a_500_with_its_code(site, tracker):
    """Beyond the threshold a filter needs an index; the permanent refusal is a 500."""
    site.state.switch(threshold=5)
    filled(site, 6)
    answer = site.send("GET", f"{tracker}/items?$filter=Code eq 'C-3'")
    assert (answer.status_code, code_of(answer)) == (
        500,
        "-2147024860, Microsoft.SharePoint.SPQueryThrottledException",
    )
    site.send("MERGE", f"{tracker}/fields/getbyinternalnameortitle('Code')", {"Indexed": True})
    assert site.send("GET", f"{tracker}/items?$filter=Code eq 'C-3'").json()["value"][0]["Id"] == 3


def test_validate_update_answers_200_although_a_value_is_refused(site, tracker):
    """One value that cannot be read stops the whole item; only HasException tells."""
    site.made(f"{tracker}/items", {"Title": "One"})
    values = [{"FieldName": "Score", "FieldValue": "5"}, {"FieldName": "Due", "FieldValue": "2026-11-25"}]
    answer = site.send("POST", f"{tracker}/items(1)/ValidateUpdateListItem()", {"formValues": values})
    assert answer.status_code == 200
    assert [row["HasException"] for row in answer.json()["value"]] == [False, True]
    assert site.send("GET", f"{tracker}/items(1)").json()["Score"] is None


def test_validate_update_reads_dates_as_the_site_writes_them(site, tracker):
    """A British date and time in summer is stored an hour earlier in UTC."""
    site.made(f"{tracker}/items", {"Title": "One"})
    values = [{"FieldName": "Due", "FieldValue": "25/06/2026 10:00"}]
    site.send("POST", f"{tracker}/items(1)/ValidateUpdateListItem()", {"formValues": values})
    assert site.send("GET", f"{tracker}/items(1)").json()["Due"] == "2026-06-25T09:00:00Z"


def test_the_change_log_names_who_made_a_change(site, tracker):
    """Changes after a token come with their kind and editor."""
    site.made(f"{tracker}/items", {"Title": "One"})
    token = site.send("GET", f"{tracker}?$select=CurrentChangeToken").json()["CurrentChangeToken"]
    site.send("PATCH", f"{tracker}/items(1)", {"Score": 5})
    query = {"Item": True, "Add": True, "Update": True, "DeleteObject": True, "ChangeTokenStart": token}
    log = site.made(f"{tracker}/getchanges", {"query": query})["value"]
    assert [(line["ChangeType"], line["ItemId"], line["Editor"]) for line in log] == [(2, 1, "App bot")]


def batch_of(site: Site, parts: list[tuple[str, str, Any]]) -> requests.Response:
    lines = []
    for method, path, body in parts:
        lines += ["--batch_x", "Content-Type: application/http", "Content-Transfer-Encoding: binary", ""]
        lines += [
            f"{method} {site.api}/{path} HTTP/1.1",
            f"Accept: {NOMETADATA}",
            "Content-Type: application/json",
            "",
        ]
        lines += [json.dumps(body) if body else "", ""]
    headers = {"Authorization": f"Bearer {site.token}", "Content-Type": "multipart/mixed; boundary=batch_x"}
    content = "\r\n".join([*lines, "--batch_x--", ""])
    return requests.post(f"{site.api}/$batch", data=content, headers=headers, timeout=10)


def test_a_batch_answers_in_order_and_part_by_part(site, tracker):
    """Each part has its own status under an outer 200; a part that fails undoes none of the others."""
    answer = batch_of(
        site,
        [
            ("POST", f"{tracker}/items", {"Title": "One"}),
            ("GET", f"{tracker}/items(77)", None),
            ("PATCH", f"{tracker}/items(1)", {"Score": 3}),
        ],
    )
    assert answer.status_code == 200
    assert re.findall(r"HTTP/1.1 (\d+)", answer.text) == ["201", "404", "204"]
    assert site.send("GET", f"{tracker}/items(1)").json()["Score"] == 3


def test_a_batch_part_of_another_site_is_refused(site):
    """A part's address must be of the batch's own site."""
    other = site.api.replace("governance", "evidence")
    content = f"--b\r\nContent-Type: application/http\r\n\r\nGET {other}/web HTTP/1.1\r\n\r\n--b--\r\n"
    headers = {"Authorization": f"Bearer {site.token}", "Content-Type": "multipart/mixed; boundary=b"}
    answer = requests.post(f"{site.api}/$batch", data=content, headers=headers, timeout=10)
    assert re.findall(r"HTTP/1.1 (\d+)", answer.text) == ["400"]


def test_an_unknown_address_and_a_wrong_method_are_told_apart(site):
    """Nothing there is 404; there but not so is 405."""
    assert site.send("GET", "web/nothing").status_code == 404
    assert site.send("DELETE", "web/siteusers").status_code == 405
