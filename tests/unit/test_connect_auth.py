"""Credentials and addresses: which is chosen, and that none is told."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs

import pytest
import responses
from contract.fake_service import provider
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import load_pem_x509_certificate

from lists_sync.connect.addresses import addresses
from lists_sync.connect.auth import TokenSource, sign_in
from lists_sync.connect.certificate import load_certificate, throw_away
from lists_sync.connect.session import agent
from lists_sync.definitions import Settings
from lists_sync.errors import SettingsError, SignInError

LOGIN = "https://login.microsoftonline.com/t1"
GRAPH = "https://graph.microsoft.com/.default"
TOKEN = {"token_type": "Bearer", "expires_in": 3599, "access_token": "canary-token"}


@pytest.fixture
def pem(tmp_path):
    made = throw_away()
    path = tmp_path / "app.pem"
    path.write_text(made.private_key + made.public)
    return path


@pytest.fixture
def pfx(tmp_path):
    made = throw_away()
    key = load_pem_private_key(made.private_key.encode(), None)
    certificate = load_pem_x509_certificate(made.public.encode())
    path = tmp_path / "app.pfx"
    path.write_bytes(
        serialize_key_and_certificates(b"app", key, certificate, None, BestAvailableEncryption(b"pw"))
    )
    return path


@pytest.fixture
def login():
    with responses.RequestsMock() as mock:
        mock.get(
            f"{LOGIN}/v2.0/.well-known/openid-configuration",
            json={
                "issuer": f"{LOGIN}/v2.0",
                "authorization_endpoint": f"{LOGIN}/a",
                "token_endpoint": f"{LOGIN}/oauth2/v2.0/token",
            },
        )
        mock.post(f"{LOGIN}/oauth2/v2.0/token", json=TOKEN)
        yield mock


def _asked(mock):
    return {name: values[0] for name, values in parse_qs(mock.calls[-1].request.body).items()}


def _signed(settings):
    return sign_in(settings, addresses(settings, provider()))


def test_certificate_signs_ps256_with_sha256_thumbprint(login, pem):
    """The assertion is signed as Microsoft asks today, and names the certificate by its SHA-256."""
    signed = _signed(Settings(tenant_id="t1", client_id="app", certificate_path=pem))
    signed.token(GRAPH)
    signed.close()
    head = _asked(login)["client_assertion"].split(".")[0]
    header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    assert header["alg"] == "PS256"
    assert "x5t#S256" in header


def test_secret_is_sent_to_the_sign_in_only(login):
    """With a client secret the token is asked for with it."""
    signed = _signed(Settings(tenant_id="t1", client_id="app", client_secret="canary"))
    assert TokenSource(signed, GRAPH)()["access_token"] == "canary-token"
    signed.close()
    assert _asked(login)["client_secret"] == "canary"


def test_pfx_and_pem_are_the_same_certificate(pem, pfx):
    """Either form of file gives the same key and thumbprint."""
    assert load_certificate(pem).thumbprint == load_certificate(pfx, "pw").thumbprint


def test_wrong_password_is_told_without_it(pfx):
    """A wrong password is reported by the setting's name and not by its value."""
    with pytest.raises(SettingsError) as caught:
        load_certificate(pfx, "canary-password")
    assert "canary" not in str(caught.value)


def test_missing_file_is_told_by_its_setting(tmp_path):
    """A certificate file that is not there is reported by the setting that names it."""
    with pytest.raises(SettingsError, match="LISTS_SYNC_CERTIFICATE_PATH"):
        load_certificate(tmp_path / "none.pem")


def test_key_alone_is_not_enough(tmp_path):
    """A PEM file without the certificate is refused, since the assertion must name it."""
    path = tmp_path / "key.pem"
    path.write_text(throw_away().private_key)
    with pytest.raises(SettingsError, match="both the private key and the certificate"):
        load_certificate(path)


def test_key_is_in_no_repr():
    """Printing a certificate shows its thumbprint and end, and not the key."""
    assert "PRIVATE" not in repr(throw_away())


def test_secret_alone_does_not_do_for_sharepoint():
    """SharePoint takes no secrets, and the error says so before any call is made."""
    given = Settings(tenant_id="t1", client_id="app", client_secret="s")
    with pytest.raises(SettingsError, match="certificate"):
        sign_in(given, addresses(given, provider()), for_sharepoint=True)


def test_no_credential_is_told():
    """Settings without any credential are refused with the way on."""
    with pytest.raises(SettingsError, match="No credential"):
        _signed(Settings(tenant_id="t1", client_id="app"))


def test_managed_identity_needs_no_credential(monkeypatch):
    """Where the machine has an identity, its endpoint gives the token."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:41/msi")
    monkeypatch.setenv("IDENTITY_HEADER", "h")
    with responses.RequestsMock() as mock:
        mock.get("http://127.0.0.1:41/msi", json={**TOKEN, "expires_on": "4102444800", "resource": "r"})
        signed = _signed(Settings(tenant_id="t1", managed_identity=True))
        assert signed.token(GRAPH)["access_token"] == "canary-token"
        signed.close()


def test_tenant_that_does_not_exist_is_a_sign_in_error():
    """A tenant whose documents are not there is reported as a refused sign-in."""
    with responses.RequestsMock() as mock:
        mock.get(
            f"{LOGIN}/v2.0/.well-known/openid-configuration", status=400, json={"error": "invalid_tenant"}
        )
        signed = _signed(Settings(tenant_id="t1", client_id="app", client_secret="s"))
        with pytest.raises(SignInError):
            signed.token(GRAPH)
        signed.close()


@pytest.mark.parametrize(
    ("cloud", "login", "graph"),
    [
        ("global", "login.microsoftonline.com", "https://graph.microsoft.com/v1.0"),
        ("usgov", "login.microsoftonline.us", "https://graph.microsoft.us/v1.0"),
        ("china", "login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn/v1.0"),
    ],
)
def test_clouds_have_their_own_hosts(cloud, login, graph):
    """Each national cloud signs in and answers at its own addresses."""
    at = addresses(Settings(tenant_id="t1", cloud=cloud), provider())
    assert at.authority == f"https://{login}/t1"
    assert at.graph == graph


def test_unknown_cloud_is_refused():
    """A cloud that there is none of is told with those there are."""
    with pytest.raises(SettingsError, match="global"):
        addresses(Settings(tenant_id="t1", cloud="mars"), provider())


def test_missing_tenant_is_refused():
    """Without a tenant there is nothing to sign in to."""
    with pytest.raises(SettingsError, match="LISTS_SYNC_TENANT_ID"):
        addresses(Settings(), provider())


def test_embedded_workspace_takes_the_place_of_all():
    """One address points sign-in, Graph and SharePoint at the embedded workspace."""
    at = addresses(Settings(emulator_url="http://127.0.0.1:9/"), provider())
    assert (at.login_moved_to, at.graph) == ("http://127.0.0.1:9", "http://127.0.0.1:9/v1.0")
    assert at.site("/sites/governance") == "http://127.0.0.1:9/sites/governance"


@pytest.mark.parametrize(
    ("company", "told"), [("Rosewood", "Rosewood"), ("A|B;C", "ABC"), ("Çà\n", "Unnamed"), ("", "Unnamed")]
)
def test_agent_holds_no_sign_of_its_own_form(company, told):
    """The company's name cannot break the User-Agent."""
    assert agent(company, "1.0") == f"NONISV|{told}|lists_sync/1.0"
