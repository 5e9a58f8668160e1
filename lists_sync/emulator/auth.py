"""Tokens: how they are given out, and who stands behind one."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lists_sync.emulator.errors import EmulatedError, denied
from lists_sync.emulator.ids import guid, seal, unseal
from lists_sync.emulator.records import Actor

if TYPE_CHECKING:
    from lists_sync.emulator.records import Site
    from lists_sync.emulator.state_base import StateBase

GRAPH = "https://graph.microsoft.com"
_KEY = hashlib.sha256(b"embedded workspace").digest()
_RANKS = {"read": 1, "write": 2, "manage": 3, "owner": 3, "fullcontrol": 4}
_CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
)


@dataclass(frozen=True)
class Caller:
    """Who calls: the app, and whether it signed in with a certificate."""

    app_id: str
    by_certificate: bool

    @property
    def actor(self) -> Actor:
        """The app as the maker of changes."""
        return Actor(app_id=self.app_id)


def issue(state: StateBase, *, app_id: str, resource: str, strength: str) -> dict[str, Any]:
    """Give an answer of the token endpoint.

    Args:
        resource: the audience, without /.default.
        strength: the appidacr claim: "1" secret, "2" certificate or assertion.
    """
    life_s, now = int(state.switches["token_lifetime_s"]), int(time.time())
    roles = state.switches["apps"].get(app_id, {}).get("roles", ["Sites.FullControl.All", "User.Read.All"])
    claims = {
        "aud": resource,
        "iss": f"https://sts.windows.net/{state.tenant_id}/",
        "iat": now,
        "nbf": now,
        "exp": now + life_s,
        "appid": app_id,
        "appidacr": strength,
        "oid": guid("principal", app_id),
        "roles": roles,
        "tid": state.tenant_id,
        "ver": "1.0",
    }
    body = f"{seal({'typ': 'JWT', 'alg': 'HS256'})}.{seal(claims)}"
    return {
        "token_type": "Bearer",
        "expires_in": life_s,
        "ext_expires_in": life_s,
        "access_token": f"{body}.{_sign(body)}",
    }


def _sign(body: str) -> str:
    return seal(hmac.new(_KEY, body.encode(), hashlib.sha256).hexdigest())


def _unauthorised(message: str) -> EmulatedError:
    return EmulatedError(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": _CHALLENGE})


def _sharepoint_refusal(message: str) -> EmulatedError:
    refusal = _unauthorised(message)
    refusal.headers = {"WWW-Authenticate": 'Bearer realm="", trusted_issuers=""'}
    refusal.body = {"error_description": message}
    return refusal


def _claims(header: str) -> dict[str, Any]:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ValueError("Access token is empty.")
    body, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_sign(body), signature):
        raise ValueError("IDX10511: Signature validation failed.")
    claims: dict[str, Any] = unseal(body.split(".")[1])
    return claims


def caller(state: StateBase, header: str, *, audience: str = "graph") -> Caller:
    """Tell who stands behind an Authorization header.

    Args:
        audience: "graph" or "sharepoint".

    Raises:
        EmulatedError: 401 in the shape of that service.
    """
    refuse = _unauthorised if audience == "graph" else _sharepoint_refusal
    try:
        claims = _claims(header)
    except ValueError as problem:
        raise refuse(str(problem)) from problem
    if claims["exp"] <= time.time():
        raise refuse(
            "Lifetime validation failed, the token is expired."
            if audience == "graph"
            else "Invalid JWT token. The token is expired."
        )
    if (str(claims["aud"]).rstrip("/") == GRAPH) != (audience == "graph"):
        raise refuse("Access token validation failure. Invalid audience.")
    found = Caller(str(claims["appid"]), claims["appidacr"] == "2")
    if audience == "sharepoint" and not (
        found.by_certificate or state.switches["secret_tokens_on_sharepoint"]
    ):
        refusal = _sharepoint_refusal("Unsupported app only token.")
        refusal.body, refusal.text = None, "Unsupported app only token."
        raise refusal
    return found


def check_grant(state: StateBase, site: Site, role: str) -> None:
    """Refuse an app that was not granted the site, while Sites.Selected is switched on.

    Raises:
        EmulatedError: 403.
    """
    if not state.switches["sites_selected"]:
        return
    granted = state.switches["grants"].get(site.path, [])
    if max((_RANKS.get(one, 0) for one in granted), default=0) < _RANKS[role]:
        raise denied()
