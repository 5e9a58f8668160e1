"""The settings of this machine, from .env and the environment; what the environment says wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lists_sync.definitions.dotenv import Setting, read_dotenv
from lists_sync.definitions.shape import unknown
from lists_sync.errors import Problem, SettingsError

PREFIX = "LISTS_SYNC_"
REHEARSAL_SALT = "rehearsal"
WEBHOOK = "TEAMS_WEBHOOK_"
PING = "PING_URL"
CLOUDS = ("global", "usgov", "china")
ROLES = (
    "Registered Manager",
    "Deputy Manager",
    "Governance Coordinator",
    "Operations Manager",
    "Nominated Individual",
    "Quality Assurance Lead",
    "Clinical Lead",
    "Unit Manager",
    "Learning and Development Lead",
    "Compliance Manager",
    "Performance Analyst",
    "Resident Experience Lead",
    "Provider Director",
    "Action Owner",
)
"""The roles that a webhook may be named for."""

_ROLE_OF = {re.sub(r"[^A-Z]", "_", role.upper()): role for role in ROLES}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_DATABASES = ("sqlite", "postgresql")
_TRUE = frozenset({"yes", "true", "1", "on"})
_FALSE = frozenset({"no", "false", "0", "off"})
_RETIRED_HOST = re.compile(r"(.*\.)?webhook\.office\.com")
_OUTLOOK = frozenset({"outlook.office.com", "outlook.office365.com"})
_PING_OF_JOB = re.compile(rf"{PING}_[A-Z0-9_]*[A-Z0-9]")
_IN_ENVIRONMENT = "environment"


@dataclass(frozen=True)
class Settings:
    """The settings; "" and None mean not given. Secrets do not show when this is printed.

    Args:
        home: folder of the local state.
        config: the provider's file; None for the built-in provider.
        cloud: `global`, `usgov` or `china`.
        teams_webhooks: by role: the address of its Teams workflow.
        pings: by job: the address that is called after each of its scheduled runs; "" for every job.
        emulator_url: an embedded workspace that takes the place of everything else.
    """

    home: Path = Path(".lists-sync")
    config: Path | None = None
    tenant_id: str = ""
    client_id: str = ""
    certificate_path: Path | None = None
    certificate_password: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    cloud: str = "global"
    graph_url: str = ""
    login_url: str = ""
    database_url: str = field(default="", repr=False)
    sampling_salt: str = field(default="", repr=False)
    teams_webhooks: Mapping[str, str] = field(default_factory=dict, repr=False)
    pings: Mapping[str, str] = field(default_factory=dict, repr=False)
    emulator_url: str = ""
    managed_identity: bool = False

    @property
    def draw_salt(self) -> str:
        """The secret that the draw of evidence depends on, "" where there is none.

        A rehearsal on the embedded workspace needs none of its own; a tenant's draw always does.
        """
        return self.sampling_salt or (REHEARSAL_SALT if self.emulator_url else "")


def load_settings(environ: Mapping[str, str], dotenv: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        environ: the environment; an empty value counts as not given.
        dotenv: a .env file, or None. Relative paths in it are taken from its folder.

    Raises:
        SettingsError: with every fault at once; no value is told.
    """
    given, problems = read_dotenv(dotenv) if dotenv else ({}, [])
    problems += [
        Problem(one.where, f"{name} is no known setting.{unknown(name, _NAMES)}")
        for name, one in given.items()
        if name.startswith(PREFIX) and not _known(name)
    ]
    folder = dotenv.parent if dotenv else Path()
    ours = {name: Setting(value, _IN_ENVIRONMENT) for name, value in environ.items()}
    merged = _filled(given) | _filled(ours)
    values, faults = _read(merged, folder)
    problems += faults
    if problems:
        raise SettingsError(
            "The settings cannot be used.",
            hint="Mend what is told below; .env.example explains each setting.",
            problems=sorted(set(problems)),
        )
    return Settings(**values)


def _read(given: Mapping[str, Setting], folder: Path) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    webhooks: dict[str, str] = {}
    pings: dict[str, str] = {}
    problems: list[Problem] = []
    for name, one in sorted(given.items()):
        short = name.removeprefix(PREFIX)
        try:
            if short.startswith(WEBHOOK):
                webhooks[_role(short.removeprefix(WEBHOOK))] = _webhook(one.value.strip())
            elif _is_ping(short):
                pings[_job(short)] = _ping(one.value.strip())
            elif short in _READERS:
                values[short.lower()] = _READERS[short](one.value.strip())
        except ValueError as fault:
            problems.append(Problem(one.where, f"{name} {fault}"))
            continue
        if short in _PATHS and one.where != _IN_ENVIRONMENT:
            values[short.lower()] = folder / values[short.lower()]
        if short in _FILES and not values[short.lower()].is_file():
            problems.append(Problem(one.where, f"{name} names a file that is not there."))
    if webhooks:
        values["teams_webhooks"] = webhooks
    if pings:
        values["pings"] = pings
    return values, problems


def _filled(given: Mapping[str, Setting]) -> dict[str, Setting]:
    return {name: one for name, one in given.items() if name.startswith(PREFIX) and one.value.strip()}


def _known(name: str) -> bool:
    short = name.removeprefix(PREFIX)
    return short in _READERS or short.removeprefix(WEBHOOK) in _ROLE_OF or _is_ping(short)


def _is_ping(short: str) -> bool:
    return short == PING or _PING_OF_JOB.fullmatch(short) is not None


def _job(short: str) -> str:
    """Give the job that a ping's name means, "" for every job; whether there is one shows with the jobs."""
    return short.removeprefix(PING).strip("_").lower().replace("_", "-")


def _ping(url: str) -> str:
    if _parts(url).fragment:
        raise ValueError("must not hold a #.")
    return url


def _role(word: str) -> str:
    if word not in _ROLE_OF:
        raise ValueError(f"names no known role.{unknown(word, _ROLE_OF)}")
    return _ROLE_OF[word]


def _webhook(url: str) -> str:
    parts = _parts(url)
    host = (parts.hostname or "").lower()
    old_path = parts.path.lower().startswith("/webhook")
    if _RETIRED_HOST.fullmatch(host) or (host in _OUTLOOK and old_path):
        raise ValueError(
            "is the address of an Office 365 connector, which Microsoft has retired; "
            'make a Teams workflow "Send webhook alerts to a channel" and give its address.'
        )
    return url


def _parts(url: str) -> Any:
    """Give the parts of an address that is safe to send secrets to."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as fault:
        raise ValueError("is no usable address.") from fault
    if not host or parts.scheme not in {"https", "http"}:
        raise ValueError("must be an address like https://example.org.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password.")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ValueError("must begin with https; only this machine itself may be reached without.")
    return parts


def _address(url: str) -> str:
    parts = _parts(url)
    if parts.query or parts.fragment:
        raise ValueError("must not hold a ? or #.")
    return url.rstrip("/")


def _cloud(word: str) -> str:
    if word.lower() not in CLOUDS:
        raise ValueError(f"must be one of {', '.join(CLOUDS)}.")
    return word.lower()


def _tenant(word: str) -> str:
    if not _TENANT.fullmatch(word):
        raise ValueError("must be the tenant's id or its domain.")
    return word


def _client(word: str) -> str:
    if not _TENANT.fullmatch(word):
        raise ValueError("must be the app's application (client) id.")
    return word


def _database(url: str) -> str:
    kind, mark, _ = url.partition("://")
    if not mark or kind.split("+")[0] not in _DATABASES:
        raise ValueError("must begin with sqlite:// or postgresql://.")
    return url


def _switch(word: str) -> bool:
    if word.lower() in _TRUE | _FALSE:
        return word.lower() in _TRUE
    raise ValueError("must be yes or no.")


def _path(text: str) -> Path:
    return Path(text).expanduser()


_READERS: Mapping[str, Callable[[str], Any]] = {
    "HOME": _path,
    "CONFIG": _path,
    "TENANT_ID": _tenant,
    "CLIENT_ID": _client,
    "CERTIFICATE_PATH": _path,
    "CERTIFICATE_PASSWORD": str,
    "CLIENT_SECRET": str,
    "CLOUD": _cloud,
    "GRAPH_URL": _address,
    "LOGIN_URL": _address,
    "DATABASE_URL": _database,
    "SAMPLING_SALT": str,
    "EMULATOR_URL": _address,
    "MANAGED_IDENTITY": _switch,
}
_PATHS = frozenset({"HOME", "CONFIG", "CERTIFICATE_PATH"})
_FILES = frozenset({"CONFIG", "CERTIFICATE_PATH"})
_NAMES = [PREFIX + name for name in (*_READERS, PING)] + [PREFIX + WEBHOOK + role for role in _ROLE_OF]
