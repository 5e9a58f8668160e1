"""ProcessQuery of the embedded workspace: an item changed with and without a trace."""

from __future__ import annotations

from datetime import timedelta
from xml.sax.saxutils import escape

import pytest
import requests

from lists_sync.emulator.auth import issue
from lists_sync.emulator.records import SYSTEM, Actor, Column

SAM = "sam.okafor@rosewood.example"
NAMESPACE = "http://schemas.microsoft.com/sharepoint/clientquery/2009"
USER = "{c956ab54-16bd-4c18-89d2-996f57282a6f}"
LINK = "{fa8b44af-7b43-43f2-904a-bd319497011e}"
KINDS = {
    "Code": "text",
    "Score": "number",
    "Flag": "yesno",
    "Tags": "choices",
    "Due": "date",
    "Owner": "person",
    "Proof": "hyperlink",
}


def parameter(value, kind="String"):
    return f'<Parameter Type="{kind}">{escape(value)}</Parameter>'


def member(name, text):
    return f'<Property Name="{name}" Type="String">{text}</Property>'


def method(name, number, *pairs):
    blocks = "".join(f"<Parameters>{parameter(column)}{value}</Parameters>" for column, value in pairs)
    return f'<Method Name="{name}" Id="{number}" ObjectPathId="147">{blocks}</Method>'


class House:
    """A list with one item, and how one speaks to it."""

    def __init__(self, workspace):
        self.url, self.state = workspace.url, workspace.state
        self.site = self.state.site_by_path("/sites/governance")
        self.state.add_user(SAM, "Sam Okafor")
        self.list = self.state.create_list(self.site.id, "Tracker")
        for name, kind in KINDS.items():
            self.state.add_column(self.list.id, Column("", name, kind, choices=["A", "B"]))
        self.item = self.state.create_item(self.list.id, {"Code": "old"}, actor=SYSTEM)
        self.state.clock.set(self.state.clock.now() + timedelta(hours=1), frozen=True)
        self.token = issue(
            self.state, app_id="bot", resource="https://rosewood.sharepoint.com", strength="2"
        )["access_token"]

    @property
    def identity(self):
        site = f"site:{self.site.id}:web:{self.site.web_id}"
        return f"a|740c6a0b-85e2-48a0-a494-e0f1759d4aa7:{site}:list:{self.list.id}:item:{self.item.id},1"

    def post(self, text, token=""):
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "text/xml"}
        url = f"{self.url}/sites/governance/_vti_bin/client.svc/ProcessQuery"
        return requests.post(url, data=text.encode(), headers=headers, timeout=10)

    def run(self, *actions, path=""):
        paths = path or f'<Identity Id="147" Name="{self.identity}"/>'
        text = (
            f'<Request xmlns="{NAMESPACE}" SchemaVersion="15.0.0.0" LibraryVersion="16.0.0.0" '
            f'ApplicationName="Test"><Actions>{"".join(actions)}</Actions>'
            f"<ObjectPaths>{paths}</ObjectPaths></Request>"
        )
        answer = self.post(text)
        assert answer.status_code == 200
        return answer.json()

    def changed(self, column, value, *, setter="SetFieldValue", update="SystemUpdate"):
        answer = self.run(method(setter, 1, (column, value)), method(update, 2))
        assert answer[0]["ErrorInfo"] is None
        return self.item.fields.get(column)

    def refused(self, *actions, path=""):
        error = self.run(*actions, path=path)[0]["ErrorInfo"]
        return error["ErrorCode"], error["ErrorTypeName"], error["ErrorMessage"]


@pytest.fixture
def house(workspace):
    return House(workspace)


def test_the_answer_is_an_array_with_a_head(house):
    """A request that went well is answered with its head alone: versions, no error, and a mark."""
    answer = house.run(method("SetFieldValue", 1, ("Code", parameter("new"))), method("SystemUpdate", 2))
    assert len(answer) == 1
    assert (answer[0]["SchemaVersion"], answer[0]["ErrorInfo"]) == ("15.0.0.0", None)
    assert (answer[0]["LibraryVersion"][:5], len(answer[0]["TraceCorrelationId"])) == ("16.0.", 36)


def test_a_system_update_leaves_no_trace_on_the_item(house):
    """A system update changes the value and keeps Modified, Editor and the version."""
    before = (house.item.modified_at, house.item.editor_id, house.item.number)
    assert house.changed("Code", parameter("new")) == "new"
    assert (house.item.modified_at, house.item.editor_id, house.item.number) == before


def test_a_system_update_lands_in_the_change_log(house):
    """The change log tells a system update as type 15."""
    house.changed("Code", parameter("new"))
    url = f"{house.url}/sites/governance/_api/web/lists(guid'{house.list.id}')/getchanges"
    headers = {"Authorization": f"Bearer {house.token}", "Accept": "application/json;odata=nometadata"}
    asked = {"query": {"Item": True, "Add": True, "Update": True, "SystemUpdate": True}}
    rows = requests.post(url, json=asked, headers=headers, timeout=10).json()["value"]
    assert [row["ChangeType"] for row in rows] == [1, 15]


def test_an_update_is_a_change_like_any_other(house):
    """A plain update sets Modified and Editor and makes a version."""
    house.changed("Code", parameter("new"), update="Update")
    bot = house.state.actor_id(house.site.id, Actor(app_id="bot"))
    assert (house.item.modified_at, house.item.number) == (house.state.clock.iso(), 2)
    assert house.item.editor_id == bot


def test_overwriting_the_version_sets_modified_alone(house):
    """UpdateOverwriteVersion sets Modified and makes no version."""
    house.changed("Code", parameter("new"), update="UpdateOverwriteVersion")
    assert (house.item.modified_at, house.item.number) == (house.state.clock.iso(), 1)


@pytest.mark.parametrize(
    ("column", "value", "held"),
    [
        ("Score", parameter("2.5", "Double"), 2.5),
        ("Score", parameter("7", "Int32"), 7),
        ("Score", parameter("7"), 7),
        ("Flag", parameter("true", "Boolean"), True),
        ("Tags", '<Parameter Type="Array"><Object Type="String">A</Object></Parameter>', ["A"]),
        ("Tags", parameter(";#A;#B;#"), ["A", "B"]),
        ("Due", parameter("2026-11-30T00:00:00Z", "DateTime"), "2026-11-30T00:00:00Z"),
        ("Code", '<Parameter Type="Null"/>', None),
        ("Code", parameter("a < b & c"), "a < b & c"),
        (
            "Proof",
            f'<Parameter TypeId="{LINK}">{member("Description", "D")}{member("Url", "https://u")}</Parameter>',
            {"Description": "D", "Url": "https://u"},
        ),
    ],
)
def test_typed_values_are_set(house, column, value, held):
    """SetFieldValue takes values by their type, and text where a client sends no better."""
    assert house.changed(column, value) == held


@pytest.mark.parametrize(
    ("column", "text", "held"),
    [
        ("Score", "1,234.5", 1234.5),
        ("Flag", "1", True),
        ("Tags", "A;#B", ["A", "B"]),
        ("Due", "30/11/2026", "2026-11-30T00:00:00Z"),
        ("Proof", "https://u, D", {"Description": "D", "Url": "https://u"}),
        ("Code", "", None),
    ],
)
def test_parsed_values_are_read_as_a_person_types(house, column, text, held):
    """ParseAndSetFieldValue reads text as somebody in the site's region types it."""
    assert house.changed(column, parameter(text), setter="ParseAndSetFieldValue") == held


def test_a_person_is_set_by_id_by_login_or_as_a_lookup(house):
    """A person may be named by lookup id, as `id;#name`, or by e-mail."""
    sam = house.state.ensure_user(house.site.id, SAM).id
    number = f'<Property Name="LookupId" Type="Int32">{sam}</Property>'
    user = f'<Parameter TypeId="{USER}">{number}</Parameter>'
    for value in (user, parameter(f"{sam};#Sam"), parameter(SAM)):
        house.changed("Owner", '<Parameter Type="Null"/>')
        assert house.changed("Owner", value) == sam


def test_several_columns_may_share_one_method(house):
    """Pairs of several columns in one method are all set."""
    pairs = (("Code", parameter("new")), ("Score", parameter("3")))
    house.run(method("ParseAndSetFieldValue", 1, *pairs), method("SystemUpdate", 2))
    assert (house.item.fields["Code"], house.item.fields["Score"]) == ("new", 3)


def test_nothing_is_kept_without_an_update(house):
    """Setting a value without an update afterwards changes nothing."""
    house.run(method("SetFieldValue", 1, ("Code", parameter("new"))))
    assert house.item.fields["Code"] == "old"


def test_an_unknown_column_is_told_in_error_info(house):
    """An unknown column is told in ErrorInfo under status 200, and nothing is written."""
    pairs = (("Code", parameter("new")), ("Nowhere", parameter("x")))
    code, kind, message = house.refused(method("SetFieldValue", 1, *pairs), method("SystemUpdate", 2))
    assert (code, kind) == (-2147024809, "System.ArgumentException")
    assert message.startswith("Column 'Nowhere' does not exist.")
    assert house.item.fields["Code"] == "old"


def test_an_item_that_is_gone_is_told_in_error_info(house):
    """An item deleted meanwhile is told in ErrorInfo under status 200."""
    house.state.delete_item(house.list.id, house.item.id, actor=SYSTEM)
    code, _, message = house.refused(method("SystemUpdate", 1))
    assert (code, message) == (
        -2130575338,
        "Item does not exist. It may have been deleted by another user.",
    )


@pytest.mark.parametrize(("column", "text"), [("Due", "2026-11-30"), ("Score", "many"), ("Owner", "nobody")])
def test_text_that_cannot_be_read_is_told_in_error_info(house, column, text):
    """Text that is no date of the site's region, no number or nobody is told in ErrorInfo."""
    setter = method("ParseAndSetFieldValue", 1, (column, parameter(text)))
    assert house.refused(setter, method("SystemUpdate", 2))[0] == -2146232832


def test_a_value_that_stands_already_is_told_in_error_info(house):
    """A unique column refuses a value that another item holds."""
    house.state.update_column(house.list.id, "Code", unique=True)
    house.state.create_item(house.list.id, {"Code": "taken"}, actor=SYSTEM)
    setter = method("SetFieldValue", 1, ("Code", parameter("taken")))
    assert house.refused(setter, method("SystemUpdate", 2))[0] == -2130575169


def test_another_sites_item_is_out_of_range(house):
    """An identity of another web is refused."""
    other = house.identity.replace(house.site.web_id, house.site.id)
    path = f'<Identity Id="147" Name="{other}"/>'
    assert house.refused(method("SystemUpdate", 1), path=path)[0] == -2147024809


def test_the_site_tells_its_identity(house):
    """A query of the current web gives the identity that an item's identity starts with."""
    path = (
        '<StaticProperty Id="3" TypeId="{3747adcd-a3c3-41b9-bfab-4a64dd2f1e0a}" Name="Current"/>'
        '<Property Id="147" ParentId="3" Name="Web"/>'
    )
    _, number, web = house.run('<Query Id="1" ObjectPathId="147"/>', path=path)
    assert (number, web["ServerRelativeUrl"]) == (1, "/sites/governance")
    assert web["_ObjectIdentity_"].endswith(f":site:{house.site.id}:web:{house.site.web_id}")


def test_a_method_that_is_not_served_is_said_to_be(house):
    """A method beyond the served ones is told in ErrorInfo rather than passed over."""
    code, kind, message = house.refused(method("Recycle", 1))
    assert (code, kind.rpartition(".")[2]) == (-1, "InvalidClientQueryException")
    assert "'Recycle'" in message


@pytest.mark.parametrize(
    "text",
    ["no xml", "<Request/>", '<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>', f'<Request xmlns="{NAMESPACE}">'],
)
def test_what_is_no_client_query_is_told_in_error_info(house, text):
    """Broken XML, another document and one with entities of its own are all refused."""
    error = house.post(text).json()[0]["ErrorInfo"]
    assert error["ErrorTypeName"] == "Microsoft.SharePoint.Client.InvalidClientQueryException"


def test_a_secret_token_is_refused_in_plain_text(house):
    """As for REST, a token that a secret bought is answered 401 and one sentence."""
    wrong = issue(house.state, app_id="bot", resource="https://rosewood.sharepoint.com", strength="1")
    answer = house.post("", token=wrong["access_token"])
    assert (answer.status_code, answer.text) == (401, "Unsupported app only token.")


def test_a_reader_may_not_change_items(house):
    """An app that may only read the site is refused with 403."""
    house.state.switch(sites_selected=True, grants={"/sites/governance": ["read"]})
    assert house.post("").status_code == 403


def test_the_journal_charges_two_units(house):
    """A query counts against the limits of use like a call of REST."""
    house.run(method("SystemUpdate", 1))
    assert house.state.journal.requests[-1]["units"] == 2
