"""Sites, lists, columns, people and files over Graph, and how one signs in."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import time

import msal
import orjson
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

HOST = "rosewood.sharepoint.com"
GRAPH = "https://graph.microsoft.com/.default"


def token_form(**more):
    form = {"client_id": "bot", "grant_type": "client_credentials", "scope": GRAPH}
    return {**form, **more}


def ask_token(workspace, **more):
    url = f"{workspace.url}/rosewood/oauth2/v2.0/token"
    return requests.post(url, data=token_form(**more), timeout=10)


@pytest.fixture
def graph(workspace):
    token = ask_token(workspace, client_secret="throw-away").json()["access_token"]
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"

        def call(method, path, body=None, **more):
            url = path if path.startswith("http") else f"{workspace.url}/v1.0{path}"
            return session.request(method, url, json=body, timeout=10, allow_redirects=False, **more)

        yield call


@pytest.fixture
def site(graph):
    return graph("GET", f"/sites/{HOST}:/sites/governance").json()["id"]


@pytest.fixture
def library(graph, workspace):
    evidence = workspace.state.site_by_path("/sites/evidence")
    made = workspace.state.create_list(evidence.id, "Evidence", template="documentLibrary")
    site_id = workspace.state.graph_site_id(evidence)
    return graph("GET", f"/sites/{site_id}/lists/{made.id}/drive").json()["id"]


def claims_of(answer):
    body = answer.json()["access_token"].split(".")[1]
    return orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def part(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def assertion(algorithm, thumb):
    claims = {
        "aud": "https://login.microsoftonline.com/rosewood/oauth2/v2.0/token",
        "iss": "bot",
        "sub": "bot",
        "exp": int(time.time()) + 300,
    }
    header = {"alg": algorithm, "typ": "JWT", thumb: part(hashlib.sha256(b"x").digest())}
    return ".".join([part(orjson.dumps(header)), part(orjson.dumps(claims)), part(b"signature")])


KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.mark.parametrize(("algorithm", "thumb"), [("PS256", "x5t#S256"), ("RS256", "x5t")])
def test_assertion_gives_a_certificates_token(workspace, algorithm, thumb):
    """Both forms of a client assertion give a token whose appidacr says certificate."""
    answer = ask_token(workspace, client_assertion_type=KIND, client_assertion=assertion(algorithm, thumb))
    assert (answer.status_code, claims_of(answer)["appidacr"]) == (200, "2")


def test_secret_gives_a_secrets_token(workspace):
    """A secret gives a token whose appidacr says secret."""
    assert claims_of(ask_token(workspace, client_secret="s"))["appidacr"] == "1"


def test_wrong_scope_is_told_as_microsoft_tells_it(workspace):
    """A scope that is no resource's default is refused with AADSTS70011."""
    answer = ask_token(workspace, client_secret="s", scope="openid")
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [70011])


def test_unknown_app_is_refused_once_apps_are_named(workspace):
    """With a table of apps, one that is not in it cannot sign in."""
    workspace.state.switch(apps={"other": {"secret": "s"}})
    assert ask_token(workspace, client_secret="s").json()["error"] == "unauthorized_client"


def _certificate():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bot")])
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day + dt.timedelta(days=900))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), made.public_bytes(serialization.Encoding.PEM).decode()


class Moved(requests.Session):
    def __init__(self, base):
        super().__init__()
        self._base = base

    def request(self, method, url, *args, **kwargs):
        return super().request(method, self._base + "/" + url.split("/", 3)[3], *args, **kwargs)


def test_msal_signs_in_with_a_known_certificate(workspace):
    """The client library msal signs in with its own discovery and a checked certificate."""
    private, public = _certificate()
    workspace.state.switch(apps={"bot": {"certificate": public}})
    with Moved(workspace.url) as http:
        app = msal.ConfidentialClientApplication(
            "bot",
            authority="https://login.example/rosewood",
            client_credential={"private_key": private, "public_certificate": public},
            instance_discovery=False,
            http_client=http,
        )
        answer = app.acquire_token_for_client([GRAPH])
    assert "access_token" in answer, answer


def test_missing_token_is_401(workspace):
    """Without a token Graph says so, with a challenge."""
    answer = requests.get(f"{workspace.url}/v1.0/sites/root", timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_token_for_sharepoint_is_no_token_for_graph(workspace):
    """A token of the other audience is refused."""
    token = ask_token(workspace, client_secret="s", scope=f"https://{HOST}/.default").json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{workspace.url}/v1.0/sites/root", headers=headers, timeout=10).status_code == 401


def test_expired_token_is_told(workspace):
    """An expired token gets the sentence that the real service gives."""
    workspace.state.switch(token_lifetime_s=-1)
    token = ask_token(workspace, client_secret="s").json()["access_token"]
    answer = requests.get(
        f"{workspace.url}/v1.0/sites/root", headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert answer.json()["error"]["message"].startswith("Lifetime validation failed")


def test_site_by_path_has_a_three_part_id(site, graph):
    """A site found by path names host, collection and web, and is found again by that id."""
    assert site.startswith(f"{HOST},")
    assert graph("GET", f"/sites/{site}").json()["name"] == "governance"


def test_path_goes_on_after_a_second_colon(graph):
    """A site's path may be followed by more after a second colon."""
    assert graph("GET", f"/sites/{HOST}:/sites/governance:/lists").json()["value"] == []


def test_foreign_host_is_refused(graph):
    """A host of another tenancy is a bad request."""
    answer = graph("GET", "/sites/contoso.sharepoint.com:/sites/x")
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        400,
        "Invalid hostname for this tenancy",
    )


def test_ungranted_site_is_403(workspace, graph):
    """While only chosen sites are granted, another one is denied."""
    workspace.state.switch(sites_selected=True, grants={"/sites/evidence": ["write"]})
    assert graph("GET", f"/sites/{HOST}:/sites/governance").status_code == 403
    assert graph("GET", f"/sites/{HOST}:/sites/evidence").status_code == 200


def test_read_grant_does_not_write(workspace, graph):
    """A read grant does not make lists."""
    workspace.state.switch(sites_selected=True, grants={"/sites/governance": ["read"]})
    answer = graph("POST", f"/sites/{HOST}:/sites/governance:/lists", {"displayName": "X"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "accessDenied")


def test_second_list_of_a_title_is_409(graph, site):
    """A title that is taken is refused with nameAlreadyExists."""
    graph("POST", f"/sites/{site}/lists", {"displayName": "Log"})
    answer = graph("POST", f"/sites/{site}/lists", {"displayName": "log"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "nameAlreadyExists")


def test_name_of_a_list_is_not_ours_to_give(graph, site):
    """A list's name is the server's to assign."""
    answer = graph("POST", f"/sites/{site}/lists", {"name": "log", "displayName": "Log"})
    assert answer.status_code == 400


def test_people_list_is_hidden_but_there(workspace, graph, site):
    """The list of people is hidden, and readable by its id."""
    workspace.state.add_user("sam@rosewood.example", "Sam")
    inner = workspace.state.sites()[0].id
    workspace.state.ensure_user(inner, "sam@rosewood.example")
    people = workspace.state.user_list(inner).id
    assert graph("GET", f"/sites/{site}/lists").json()["value"] == []
    rows = graph("GET", f"/sites/{site}/lists/{people}/items?$expand=fields").json()["value"]
    assert [row["fields"]["EMail"] for row in rows] == ["sam@rosewood.example"]


def test_column_comes_back_as_it_was_made(graph, site):
    """A column shows the facet it was made with; a wrong case of a facet's name is refused."""
    graph("POST", f"/sites/{site}/lists", {"displayName": "Log"})
    path = f"/sites/{site}/lists/Log/columns"
    made = graph("POST", path, {"name": "Due", "dateTime": {"format": "dateOnly"}, "indexed": True})
    assert (made.status_code, made.json()["dateTime"]["format"]) == (201, "dateOnly")
    assert graph("POST", path, {"name": "Other", "datetime": {}}).status_code == 400


def test_title_is_made_optional(graph, site):
    """Title may be made optional by its name."""
    graph("POST", f"/sites/{site}/lists", {"displayName": "Log"})
    path = f"/sites/{site}/lists/Log/columns/Title"
    assert graph("GET", path).json()["required"] is True
    assert graph("PATCH", path, {"required": False}).json()["required"] is False


def test_hyperlink_column_has_no_facet(graph, site):
    """A hyperlink column comes back without any facet."""
    graph("POST", f"/sites/{site}/lists", {"displayName": "Log"})
    made = graph("POST", f"/sites/{site}/lists/Log/columns", {"name": "Link", "hyperlinkOrPicture": {}})
    assert "hyperlinkOrPicture" not in made.json()


def test_unindexable_column_is_refused(graph, site):
    """A multi-line column takes no index."""
    graph("POST", f"/sites/{site}/lists", {"displayName": "Log"})
    wanted = {"name": "Note", "text": {"allowMultipleLines": True}, "indexed": True}
    assert graph("POST", f"/sites/{site}/lists/Log/columns", wanted).status_code == 400


def test_account_enabled_only_when_selected(workspace, graph):
    """Whether an account is enabled is told only where it is asked for."""
    workspace.state.add_user("sam@rosewood.example", "Sam", enabled=False)
    path = "/users/sam@rosewood.example"
    assert "accountEnabled" not in graph("GET", path).json()
    assert graph("GET", f"{path}?$select=accountEnabled").json()["accountEnabled"] is False


def test_unknown_account_is_404(graph):
    """An account that is not there has the directory's own code."""
    answer = graph("GET", "/users/nobody@rosewood.example")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "Request_ResourceNotFound")


def test_file_goes_up_and_comes_down(workspace, graph, library):
    """A file is uploaded by path, and its content comes from an address that needs no sign-in."""
    path = f"/drives/{library}/root:/packs/pack.html:"
    made = graph("PUT", f"{path}/content", data=b"hello")
    assert made.status_code == 201
    assert made.json()["cTag"].endswith(',1"')
    moved = graph("GET", f"{path}/content")
    assert moved.status_code == 302
    assert requests.get(moved.headers["Location"], timeout=10).content == b"hello"
    again = graph("PUT", f"{path}/content", data=b"other")
    assert (again.status_code, again.json()["cTag"][-2]) == (200, "2")


def test_download_address_is_not_in_the_journal(workspace, graph, library):
    """The journal hides what would open a file."""
    graph("PUT", f"/drives/{library}/root:/a.txt:/content", data=b"a")
    requests.get(graph("GET", f"/drives/{library}/root:/a.txt:/content").headers["Location"], timeout=10)
    assert workspace.state.journal.requests[-1]["path"].endswith("tempauth=hidden")


def test_metadata_of_a_file_is_patched(graph, library):
    """A file's fields are read and written through its drive item."""
    file_id = graph("PUT", f"/drives/{library}/root:/a.txt:/content", data=b"a").json()["id"]
    path = f"/drives/{library}/items/{file_id}/listItem/fields"
    graph("PATCH", path, {"Title": "A file"})
    assert graph("GET", path).json()["Title"] == "A file"


def test_drive_delta_tells_files(graph, library):
    """A drive's delta gives files without cTag, and later what was deleted without a name."""
    file_id = graph("PUT", f"/drives/{library}/root:/a.txt:/content", data=b"a").json()["id"]
    first = graph("GET", f"/drives/{library}/root/delta").json()
    assert "cTag" not in first["value"][0]
    graph("DELETE", f"/drives/{library}/items/{file_id}")
    gone = graph("GET", first["@odata.deltaLink"]).json()["value"][0]
    assert (gone["id"], gone["deleted"], "name" in gone) == (file_id, {"state": "deleted"}, False)


def test_list_item_of_a_plain_list_is_no_drive_item(graph, site):
    """An item of a plain list has no file behind it."""
    graph("POST", f"/sites/{site}/lists", {"displayName": "Log"})
    graph("POST", f"/sites/{site}/lists/Log/items", {"fields": {"Title": "a"}})
    assert graph("GET", f"/sites/{site}/lists/Log/items/1/driveItem").status_code == 400


def test_unknown_segment_is_told(graph):
    """A path that Graph does not have is a bad request that names the segment."""
    answer = graph("GET", "/nothing")
    assert answer.json()["error"]["message"] == "Resource not found for the segment 'nothing'."


def test_managed_identity_gives_a_token(workspace):
    """The endpoint of a managed identity gives a token with the header only."""
    url = f"{workspace.url}/msi/token?resource=https://graph.microsoft.com&api-version=2019-08-01"
    assert requests.get(url, timeout=10).status_code == 400
    answer = requests.get(url, headers={"X-IDENTITY-HEADER": "x"}, timeout=10).json()
    assert answer["resource"] == "https://graph.microsoft.com"


def test_msal_signs_in_as_a_managed_identity(workspace, monkeypatch):
    """The client library msal signs in as the identity of an App Service."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{workspace.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "x")
    with requests.Session() as http:
        client = msal.ManagedIdentityClient(msal.SystemAssignedManagedIdentity(), http_client=http)
        answer = client.acquire_token_for_client(resource="https://graph.microsoft.com")
    assert "access_token" in answer, answer
