"""The shapes of recorded answers of Microsoft's services, restated, and ours held against them."""

import json
import re

import pytest
import requests

from lists_sync.emulator.auth import issue

GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
PLAIN = "application/json;odata=nometadata"
VERBOSE = "application/json;odata=verbose"
MARKS = {"SPRequestGuid", "SPClientServiceRequestDuration", "X-SharePointHealthScore", "X-SP-SERVERSTATE"}
GRAPH_MARKS = {
    "Date", "Cache-Control", "Strict-Transport-Security", "request-id", "client-request-id",
    "x-ms-ags-diagnostic",
}  # fmt: skip

# A member's value is its JSON type, a pattern that its text matches, or a further shape.
NOTHING = type(None)
INNER_ERROR = {
    "date": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "request-id": GUID, "client-request-id": GUID,
}  # fmt: skip
GRAPH_ERROR = {"error": {"code": str, "message": str, "innerError": INNER_ERROR}}
REST_ERROR = {"code": r"-?\d+, [A-Za-z.]+", "message": {"lang": "en-US", "value": str}}
LIST = {
    "AllowContentTypes": bool, "BaseTemplate": int, "BaseType": int, "ContentTypesEnabled": bool,
    "CrawlNonDefaultViews": bool, "Created": INSTANT,
    "CurrentChangeToken": {"StringValue": rf"1;3;{GUID};\d+;-?\d+"},
    "DisableGridEditing": bool, "DocumentTemplateUrl": NOTHING, "EnableRequestSignOff": bool,
    "EnableVersioning": bool, "EntityTypeName": str, "HasExternalDataSource": bool, "Hidden": bool,
    "Id": GUID, "ImagePath": {"DecodedUrl": str}, "IrmEnabled": bool, "ItemCount": int,
    "LastItemModifiedDate": INSTANT, "ListItemEntityTypeFullName": r"SP\.Data\.\w+ListItem",
    "MajorVersionLimit": int, "ParentWebPath": {"DecodedUrl": str}, "TemplateFeatureId": GUID, "Title": str,
}  # fmt: skip
FIELD = {
    "AutoIndexed": bool, "CanBeDeleted": bool, "ClientSideComponentId": GUID, "CustomFormatter": NOTHING,
    "DefaultValue": NOTHING, "Description": str, "EnforceUniqueValues": bool, "EntityPropertyName": str,
    "Filterable": bool, "Group": str, "Hidden": bool, "Id": GUID, "Indexed": bool, "IndexStatus": int,
    "InternalName": str, "ReadOnlyField": bool, "Required": bool, "SchemaXml": "<Field .*", "Scope": str,
    "Sortable": bool, "StaticName": str, "Title": str, "FieldTypeKind": int, "TypeAsString": str,
    "TypeDisplayName": str, "TypeShortDescription": str, "ValidationFormula": NOTHING,
}  # fmt: skip
OF_KIND = {
    2: {"MaxLength": int},
    4: {"DateFormat": NOTHING, "DisplayFormat": int, "FriendlyDisplayFormat": int, "TimeFormat": NOTHING},
    6: {"FillInChoice": bool, "Mappings": NOTHING, "Choices": list, "EditFormat": int},
    9: {"CommaSeparator": bool, "CustomUnitName": NOTHING, "MaximumValue": float, "MinimumValue": float,
        "ShowAsPercentage": bool, "Unit": NOTHING},
    11: {"DisplayFormat": int},
    15: {"FillInChoice": bool, "Mappings": NOTHING, "Choices": list},
    20: {"AllowMultipleValues": bool, "IsRelationship": bool, "LookupField": str, "PrimaryFieldId": NOTHING},
}  # fmt: skip
VIEW = {
    "Aggregations": NOTHING, "ContentTypeId": {"StringValue": "0x"}, "CustomFormatter": NOTHING,
    "DefaultView": bool, "DefaultViewForContentType": bool, "Hidden": bool, "Id": GUID,
    "ListViewXml": "<View .*", "Paged": bool, "PersonalView": bool, "RowLimit": int, "Scope": int,
    "ServerRelativePath": {"DecodedUrl": str}, "TabularView": bool, "Threaded": bool, "Title": str,
    "ViewData": NOTHING, "ViewQuery": str, "ViewType": "HTML", "ViewType2": "NONE",
}  # fmt: skip
USER = {
    "Id": int, "IsHiddenInUI": bool, "LoginName": r"i:0#\.f\|membership\|.+", "Title": str,
    "PrincipalType": int, "Email": str, "Expiration": str, "IsEmailAuthenticationGuestUser": bool,
    "IsShareByEmailGuestUser": bool, "IsSiteAdmin": bool, "UserPrincipalName": str,
    "UserId": {"NameId": "[0-9a-f]{16}", "NameIdIssuer": "urn:federation:microsoftonline"},
}  # fmt: skip
ITEM = {
    "FileSystemObjectType": int, "Id": int, "ServerRedirectedEmbedUri": NOTHING,
    "ServerRedirectedEmbedUrl": str, "ID": int, "ContentTypeId": "0x0100[0-9A-F]{32}", "Title": str,
    "Modified": INSTANT, "Created": INSTANT, "AuthorId": int, "EditorId": int,
    "OData__UIVersionString": r"\d+\.\d", "Attachments": bool, "GUID": GUID, "ComplianceAssetId": NOTHING,
}  # fmt: skip
PERSON = {"LookupId": int, "LookupValue": str, "Email": str}
VERSION = {
    "Created": INSTANT[:-1], "IsCurrentVersion": bool, "VersionId": int, "VersionLabel": r"\d+\.\d",
    "ID": int, "ContentTypeId": {"StringValue": "0x.+"}, "Author": PERSON, "Editor": PERSON,
    "Modified": INSTANT, "OData__x005f_UIVersionString": r"\d+\.\d", "GUID": GUID, "Title": str,
    "UniqueId": GUID, "FSObjType": "0", "FileLeafRef": str, "FileRef": str, "owshiddenversion": int,
}  # fmt: skip
RESULT = {"ErrorCode": int, "FieldName": str, "FieldValue": str, "HasException": bool, "ItemId": int}
CHANGE = {
    "__metadata": {"id": str, "uri": str, "type": r"SP\.ChangeItem"},
    "ChangeToken": {"__metadata": {"type": r"SP\.ChangeToken"}, "StringValue": rf"1;3;{GUID};\d+;\d+"},
    "ChangeType": int, "SiteId": GUID, "Time": INSTANT, "Editor": str, "ItemId": int, "ListId": GUID,
    "ServerRelativeUrl": str, "SharedByUser": NOTHING, "SharedWithUsers": NOTHING, "UniqueId": GUID,
    "WebId": GUID,
}  # fmt: skip
WEB = {
    "__metadata": {"id": str, "uri": str, "type": r"SP\.Web"}, "CurrentUser": {"__deferred": {"uri": str}},
    "Lists": {"__deferred": {"uri": str}}, "AllowRssFeeds": bool, "AppInstanceId": GUID,
    "Created": INSTANT[:-1], "CurrentChangeToken": {"StringValue": rf"1;2;{GUID};\d+;\d+"},
    "Id": GUID, "Language": int, "LastItemModifiedDate": INSTANT, "MasterUrl": str, "Title": str, "Url": str,
    "ResourcePath": {"__metadata": {"type": r"SP\.ResourcePath"}, "DecodedUrl": str},
}  # fmt: skip
ZONE = {
    "Description": str, "Id": int, "Information": {"Bias": int, "DaylightBias": int, "StandardBias": int},
}  # fmt: skip
SITE = {
    "@odata.context": str, "id": rf"rosewood\.sharepoint\.com,{GUID},{GUID}", "displayName": str,
    "description": str, "sharepointIds": {"siteId": GUID, "siteUrl": str, "tenantId": GUID, "webId": GUID},
}  # fmt: skip


def faults(shape, value, place="answer"):
    """Tell where a value is not of its shape; members beyond the shape are no matter."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{place} is no object"]
        missing = [f"{place}.{name} is missing" for name in shape if name not in value]
        held = [name for name in shape if name in value]
        return missing + [one for name in held for one in faults(shape[name], value[name], f"{place}.{name}")]
    if isinstance(shape, str):
        fits = isinstance(value, str) and re.fullmatch(shape, value, re.DOTALL)
        return [] if fits else [f"{place} is {value!r}"]
    return [] if type(value) is shape else [f"{place} is {value!r}"]


class Site:
    def __init__(self, workspace):
        workspace.state.add_user("sam@rosewood.example", "Sam Okafor")
        self.graph, self.api = f"{workspace.url}/v1.0", f"{workspace.url}/sites/governance/_api"
        self.tokens = [
            issue(workspace.state, app_id="bot", resource=resource, strength="2")["access_token"]
            for resource in ("https://graph.microsoft.com", "https://rosewood.sharepoint.com")
        ]

    def ask(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.tokens[0]}"}
        return requests.request(method, self.graph + path, json=body, headers=headers, timeout=10)

    def rest(self, method, path, body=None, accept=PLAIN):
        headers = {"Authorization": f"Bearer {self.tokens[1]}", "Accept": accept}
        return requests.request(method, f"{self.api}/{path}", json=body, headers=headers, timeout=10)


@pytest.fixture
def site(workspace):
    made = Site(workspace)
    made.rest("POST", "web/lists", {"Title": "Tracker", "BaseTemplate": 100}).raise_for_status()
    for title in ("one", "two", "three"):
        made.rest("POST", f"{TRACKER}/items", {"Title": title}).raise_for_status()
    return made


TRACKER = "web/lists/getByTitle('Tracker')"
SITE_PATH = "/sites/rosewood.sharepoint.com:/sites/governance"


def test_a_refusal_of_graph(site):
    """Body and headers of Graph's error, its date without a Z."""
    answer = site.ask("GET", "/sites/other.sharepoint.com:/sites/x")
    assert answer.status_code == 400
    assert faults(GRAPH_ERROR, answer.json()) == []
    assert {name.lower() for name in GRAPH_MARKS} <= {name.lower() for name in answer.headers}


def test_a_site_of_graph(site):
    """The site's id has three parts, and its sharepointIds four."""
    path = f"{SITE_PATH}?$select=sharepointIds,displayName,description,id"
    assert faults(SITE, site.ask("GET", path).json()) == []


def test_a_part_of_a_graph_batch(site):
    """A part's answer has id, status, headers and body, its id as text."""
    asked = {"requests": [{"id": "1", "method": "GET", "url": SITE_PATH}]}
    (part,) = site.ask("POST", "/$batch", asked).json()["responses"]
    kind = (
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    )
    shape = {"id": "1", "status": int, "headers": {"OData-Version": "4.0", "Content-Type": str}, "body": dict}
    assert faults(shape, part) == []
    assert part["headers"]["Content-Type"] == kind


@pytest.mark.parametrize(("accept", "name"), [(PLAIN, "odata.error"), (VERBOSE, "error")])
def test_a_refusal_of_rest(site, accept, name):
    """The verbose dialect says error, the others odata.error; the marks are there."""
    answer = site.rest("POST", "web/lists", {"Title": "Tracker", "BaseTemplate": 100}, accept)
    assert (answer.status_code, list(answer.json())) == (500, [name])
    assert faults(REST_ERROR, answer.json()[name]) == []
    assert set(MARKS) <= {name for name in MARKS if name in answer.headers}


def test_a_verbose_web(site):
    """A web stands below d with its metadata and the addresses of what is below it."""
    assert faults({"d": WEB}, site.rest("GET", "web", accept=VERBOSE).json()) == []


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (TRACKER, LIST),
        ("web/RegionalSettings/TimeZone", ZONE),
        ("web/currentuser", {"Id": int, "LoginName": str, "PrincipalType": int, "UserId": dict}),
    ],
)
def test_an_entity_of_rest(site, path, shape):
    """A list, a time zone and a user have their members bare in plain JSON."""
    assert faults(shape, site.rest("GET", path).json()) == []


def test_a_plain_web_has_no_metadata(site):
    """Plain JSON carries neither metadata nor addresses."""
    assert not {"__metadata", "Lists", "odata.type"} & set(site.rest("GET", "web").json())


def test_a_user(site):
    """A person made known is answered with the person's login, lookup id and issuer."""
    assert (
        faults(USER, site.rest("POST", "web/ensureuser", {"logonName": "sam@rosewood.example"}).json()) == []
    )


@pytest.mark.parametrize("kind", sorted(OF_KIND))
def test_a_field(site, kind):
    """A column has the members of every column and those of its kind."""
    asked = {"Title": "New one", "FieldTypeKind": kind, "Choices": ["A"] if kind in (6, 15) else []}
    field = site.rest("POST", f"{TRACKER}/fields", asked).json()
    assert faults(FIELD | OF_KIND[kind], field) == []
    assert field["InternalName"] == "New_x0020_one"


def test_a_view(site):
    """A new view has every member, most of them null."""
    assert faults(VIEW, site.rest("POST", f"{TRACKER}/views", {"Title": "Due", "RowLimit": 3}).json()) == []


def test_a_page_of_items(site):
    """The next link stands beside value and names the last id of the page."""
    page = site.rest("GET", f"{TRACKER}/items?$top=2").json()
    link = r".*/items\?%24skiptoken=Paged%3dTRUE%26p_ID%3d2&%24top=2"
    assert faults({"odata.nextLink": link, "value": list}, page) == []
    assert faults(ITEM, page["value"][0]) == []


def test_the_versions_of_an_item(site):
    """A version spells a name's underscores out, and names people by id, name and e-mail."""
    rows = site.rest("GET", f"{TRACKER}/items(1)/versions").json()["value"]
    assert [fault for row in rows for fault in faults(VERSION, row)] == []
    assert rows[0]["VersionId"] == 512


@pytest.mark.parametrize("column", ["Title", "Nowhere"])
def test_the_results_of_validate_update(site, column):
    """Each value has its result, with a message only where it was refused; the status stays 200."""
    asked = {"formValues": [{"FieldName": column, "FieldValue": "x"}]}
    answer = site.rest("POST", f"{TRACKER}/items(1)/ValidateUpdateListItem()", asked)
    (row,) = answer.json()["value"]
    told = NOTHING if column == "Title" else str
    assert answer.status_code == 200
    assert faults({**RESULT, "ErrorMessage": told}, row) == []
    assert row["HasException"] == (column != "Title")


def test_a_change(site):
    """A line of the change log has a token of five parts."""
    asked = {"query": {"Item": True, "Add": True}}
    rows = site.rest("POST", f"{TRACKER}/getchanges", asked, VERBOSE).json()["d"]["results"]
    assert [fault for row in rows for fault in faults(CHANGE, row)] == []


def test_a_batch_of_rest(site):
    """Each part of the multipart answer is an HTTP answer; a refused one stands under an outer 200."""
    part = "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    paths = ("web?$select=Id", "web/lists/getByTitle('no')")
    body = "".join(f"{part}GET {site.api}/{path} HTTP/1.1\r\nAccept: {PLAIN}\r\n\r\n" for path in paths)
    headers = {"Authorization": f"Bearer {site.tokens[1]}", "Content-Type": "multipart/mixed; boundary=b"}
    answer = requests.post(f"{site.api}/$batch", f"{body}--b--\r\n", headers=headers, timeout=10)
    mark = answer.text.split("\r\n")[0]
    kind = "CONTENT-TYPE: application/json;odata=nometadata;streaming=true;charset=utf-8"
    head = f"{mark}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 "
    parts = answer.text.removesuffix(f"{mark}--\r\n").split(head)[1:]
    assert re.fullmatch(f"--batchresponse_{GUID}", mark)
    assert [one.split("\r\n")[:3] for one in parts] == [["200 OK", kind, ""], ["404 Not Found", kind, ""]]
    assert faults({"odata.error": REST_ERROR}, json.loads(parts[1].split("\r\n")[3])) == []
