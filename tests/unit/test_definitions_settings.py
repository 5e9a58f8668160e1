"""The settings of .env and the environment, and that no secret shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from lists_sync.definitions import load_settings, load_words
from lists_sync.definitions.settings import ROLES, Settings
from lists_sync.errors import SettingsError
from lists_sync.shipped import shipped

P = "LISTS_SYNC_"


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def refused_with(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(environ)
    return str(refused.value)


def test_without_any_setting_the_defaults_stand() -> None:
    """Local state in .lists-sync, the global cloud, the built-in provider."""
    assert load_settings({}) == Settings(home=Path(".lists-sync"), cloud="global", config=None)


def test_the_emulators_address_is_enough() -> None:
    """Its address alone is a whole configuration; a slash at its end does not count."""
    assert (
        load_settings({P + "EMULATOR_URL": "http://127.0.0.1:8765/"}).emulator_url == "http://127.0.0.1:8765"
    )


def test_dotenv_understands_quotes_remarks_and_export(dotenv: Path) -> None:
    """A # inside quotes or a word is part of the value; one after a blank begins a remark."""
    dotenv.write_text(
        "# heading\n\n"
        'LISTS_SYNC_CLIENT_SECRET="a # b"  # remark\n'
        "export LISTS_SYNC_SAMPLING_SALT='s=1'\n"
        "LISTS_SYNC_TENANT_ID = rosewood.example   # ours\n"
        "LISTS_SYNC_CERTIFICATE_PASSWORD=p#q\n"
        "OTHER=kept out\n",
        encoding="utf-8",
    )
    settings = load_settings({}, dotenv)
    assert settings.client_secret == "a # b"
    assert settings.sampling_salt == "s=1"
    assert settings.tenant_id == "rosewood.example"
    assert settings.certificate_password == "p#q"


def test_dotenv_saved_by_a_windows_editor_is_read(dotenv: Path) -> None:
    """A byte order mark and carriage returns do not become part of a name or value."""
    dotenv.write_bytes("\ufeffLISTS_SYNC_CLOUD=usgov\r\nLISTS_SYNC_TENANT_ID=t\r\n".encode())
    settings = load_settings({}, dotenv)
    assert (settings.cloud, settings.tenant_id) == ("usgov", "t")


def test_the_environment_wins(dotenv: Path) -> None:
    """A value in the environment takes the place of the one in .env; an empty one does not."""
    dotenv.write_text("LISTS_SYNC_TENANT_ID=file\nLISTS_SYNC_CLIENT_ID=file\n")
    settings = load_settings({P + "TENANT_ID": "environment", P + "CLIENT_ID": " "}, dotenv)
    assert (settings.tenant_id, settings.client_id) == ("environment", "file")


def test_paths_in_dotenv_are_taken_from_its_folder(dotenv: Path) -> None:
    """The folder that `init` makes works from anywhere; a path in the environment stays as it is."""
    (dotenv.parent / "provider.yaml").write_text("")
    dotenv.write_text("LISTS_SYNC_HOME=./state\nLISTS_SYNC_CONFIG=provider.yaml\n")
    settings = load_settings({}, dotenv)
    assert settings.home == dotenv.parent / "state"
    assert settings.config == dotenv.parent / "provider.yaml"
    assert load_settings({P + "HOME": "here"}, dotenv).home == Path("here")


def test_webhooks_are_named_by_role() -> None:
    """The role in capitals with underscores becomes the role's own name."""
    url = "https://example.org/workflows/1?sig=abc"
    settings = load_settings({P + "TEAMS_WEBHOOK_LEARNING_AND_DEVELOPMENT_LEAD": url})
    assert settings.teams_webhooks == {"Learning and Development Lead": url}


@pytest.mark.parametrize(
    "url",
    [
        "https://rosewood.webhook.office.com/webhookb2/1",
        "https://webhook.office.com/x",
        "https://outlook.office.com/webhook/1",
        "https://OUTLOOK.office365.com/WEBHOOK/1",
    ],
)
def test_addresses_of_retired_connectors_are_refused(url: str) -> None:
    """Microsoft answers them no longer; the sentence says what to make instead, without the address."""
    told = refused_with({P + "TEAMS_WEBHOOK_REGISTERED_MANAGER": url})
    assert "Teams workflow" in told
    assert "/1" not in told
    assert "webhookb2" not in told


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CLOUD", "mars", "must be one of global, usgov, china"),
        ("GRAPH_URL", "graph.example", "must be an address like https://example.org"),
        ("GRAPH_URL", "http://graph.example", "must begin with https"),
        ("LOGIN_URL", "https://me:word@login.example", "must not hold a user name or password"),
        ("LOGIN_URL", "https://login.example/?a=1", "must not hold a ? or #"),
        ("EMULATOR_URL", "http://127.0.0.1:99999", "is no usable address"),
        ("DATABASE_URL", "mysql://x", "must begin with sqlite:// or postgresql://"),
        ("MANAGED_IDENTITY", "perhaps", "must be yes or no"),
        ("TENANT_ID", "a tenant", "must be the tenant's id or its domain"),
        ("CERTIFICATE_PATH", "/nowhere/app.pem", "names a file that is not there"),
        ("CONFIG", "/nowhere/provider.yaml", "names a file that is not there"),
        ("TEAMS_WEBHOOK_REGISTER_MANAGER", "https://x.example", "Did you mean `REGISTERED_MANAGER`?"),
    ],
)
def test_an_unusable_value_is_refused_without_being_told(name: str, value: str, words: str) -> None:
    """The setting and the reason are told, the value never."""
    told = refused_with({P + name: value})
    assert f"environment: {P}{name} {words}" in told or (words in told and P + name in told)
    assert value not in told


def test_all_faults_are_told_at_once(dotenv: Path) -> None:
    """Lines that cannot be read, unknown names, doubles and bad values stand together."""
    dotenv.write_text("LISTS_SYNC_CLOUD=x\nnonsense\nLISTS_SYNC_TENANTID=t\nA=1\nA=2\nB='open\n")
    with pytest.raises(SettingsError) as refused:
        load_settings({P + "MANAGED_IDENTITY": "x"}, dotenv)
    places = [problem.where.rpartition("/")[2] for problem in refused.value.problems]
    assert sorted(places) == [".env:1", ".env:2", ".env:3", ".env:5", ".env:6", "environment"]
    assert "Did you mean `LISTS_SYNC_TENANT_ID`?" in str(refused.value)


def test_settings_printed_show_no_secret() -> None:
    """Neither password, secret, salt, database nor webhook shows."""
    secrets = {
        "CERTIFICATE_PASSWORD": "hush1",
        "CLIENT_SECRET": "hush2",
        "SAMPLING_SALT": "hush3",
        "DATABASE_URL": "postgresql://u:hush4@db/x",
        "TEAMS_WEBHOOK_CLINICAL_LEAD": "https://x.example/?sig=hush5",
    }
    assert "hush" not in repr(load_settings({P + name: value for name, value in secrets.items()}))


def test_a_missing_dotenv_is_refused(dotenv: Path) -> None:
    """A file that was named must be there."""
    with pytest.raises(SettingsError, match="missing"):
        load_settings({}, dotenv)


@pytest.mark.parametrize(("word", "value"), [("yes", True), ("TRUE", True), ("0", False), ("off", False)])
def test_a_switch_takes_the_usual_words(word: str, value: object) -> None:
    """Yes, true, on and 1 are one thing."""
    assert load_settings({P + "MANAGED_IDENTITY": word}).managed_identity is value


def test_the_roles_are_those_of_the_reference_data() -> None:
    """A webhook may be named for every role that an escalation may go to."""
    assert load_words(shipped("list_schemas"))["recipients"] == ROLES
