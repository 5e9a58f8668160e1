"""Where each cloud's sign-in, Graph and SharePoint stand, and where the settings move them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lists_sync.errors import SettingsError

if TYPE_CHECKING:
    from lists_sync.definitions import Provider, Settings

EMULATOR_TENANT = "rosewood"
_EMULATOR_LOGIN = "https://login.emulator.example"
_CLOUDS = {
    "global": ("https://login.microsoftonline.com", "https://graph.microsoft.com"),
    "usgov": ("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    "china": ("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
}


@dataclass(frozen=True)
class Addresses:
    """What a connection dials.

    Args:
        login: the authority msal is told, always https.
        login_moved_to: where its calls really go, "" for the authority itself.
        graph: with the version, without trailing slash.
        graph_scope, sharepoint_scope: what tokens are asked for; these never move.
        sharepoint: scheme and host of the sites.
        local: everything is on this machine, so no proxy stands between.
    """

    login: str
    login_moved_to: str
    tenant: str
    graph: str
    graph_scope: str
    sharepoint: str
    sharepoint_scope: str
    local: bool = False

    @property
    def authority(self) -> str:
        """The address of the tenant's sign-in."""
        return f"{self.login}/{self.tenant}"

    def site(self, path: str) -> str:
        """Give the address of a site from its path."""
        return f"{self.sharepoint}/{path.strip('/')}".rstrip("/")


def addresses(settings: Settings, provider: Provider) -> Addresses:
    """Give the addresses for these settings; the embedded workspace takes precedence over all.

    Raises:
        SettingsError: the cloud is unknown, or a tenant or host name is missing.
    """
    host = provider.hostname
    sharepoint_scope = f"https://{host}/.default"
    if settings.emulator_url:
        url = settings.emulator_url.rstrip("/")
        scope = f"{_CLOUDS['global'][1]}/.default"
        return Addresses(
            _EMULATOR_LOGIN, url, EMULATOR_TENANT, f"{url}/v1.0", scope, url, sharepoint_scope, local=True
        )
    cloud = settings.cloud or "global"
    if cloud not in _CLOUDS:
        known = ", ".join(_CLOUDS)
        raise SettingsError("There is no such cloud.", where="LISTS_SYNC_CLOUD", hint=f"Use one of {known}.")
    if not settings.tenant_id:
        raise SettingsError(
            "The tenant is not named.", where="LISTS_SYNC_TENANT_ID", hint="Give its id or its domain."
        )
    login, graph = _CLOUDS[cloud]
    moved = settings.login_url.rstrip("/") if settings.login_url else ""
    root = (settings.graph_url or graph).rstrip("/")
    return Addresses(
        login=login,
        login_moved_to=moved,
        tenant=settings.tenant_id,
        graph=root if root.endswith("/v1.0") else f"{root}/v1.0",
        graph_scope=f"{graph}/.default",
        sharepoint=f"https://{host}",
        sharepoint_scope=sharepoint_scope,
    )
