"""Signing in as the app: one msal application a tenant, from which each service's tokens come.

The client library is given these tokens by callback; its own sign-in would hold one application for each
service, know no managed identity and pass on no claims challenge.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msal
import requests
from msal.exceptions import MsalError

from lists_sync.connect.certificate import load_certificate, throw_away
from lists_sync.errors import SettingsError, SignInError

if TYPE_CHECKING:
    from lists_sync.connect.addresses import Addresses
    from lists_sync.definitions import Settings

_LOGIN_TIMEOUT_S = (10, 30)
_FAILED = 500
_AADSTS = re.compile(r"AADSTS\d{4,7}")
_HINTS = {
    "AADSTS7000215": "The client secret is wrong: give its value, not its id.",
    "AADSTS7000222": "The client secret has expired: make a new one, or better use a certificate.",
    "AADSTS700016": "The client id is unknown in this tenant: check LISTS_SYNC_CLIENT_ID.",
    "AADSTS700027": "The certificate is not registered with the app: upload its public part.",
    "AADSTS90002": "The tenant is unknown: check LISTS_SYNC_TENANT_ID.",
    "AADSTS70011": "The cloud and the host name do not match: check LISTS_SYNC_CLOUD and provider.yaml.",
    "AADSTS53003": "A conditional access policy blocks the app: ask the tenant's administrator.",
}
_LOCAL_APP = "11111111-1111-4111-8111-111111111111"


class LoginSession(requests.Session):
    """What msal calls through: with timeouts, and to another host where the settings say so.

    msal itself refuses an authority that is not https, which the embedded workspace is not. And it would keep
    a failure of the service for a minute and tell it as a refusal of the app; here it is raised as a failure.
    """

    def __init__(self, moved_to: str = "") -> None:
        super().__init__()
        self._moved_to = moved_to
        self.trust_env = not moved_to

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the call, to the moved host if there is one."""
        kwargs.setdefault("timeout", _LOGIN_TIMEOUT_S)
        if self._moved_to:
            parts = urlsplit(str(url))
            url = f"{self._moved_to}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        answer = super().request(method, url, *args, **kwargs)
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.status_code >= _FAILED:
            raise requests.HTTPError("The sign-in service failed.", response=answer)
        return answer


class SignIn:
    """Gives tokens for any service of the tenant; thread-safe.

    Args:
        make: makes the msal application from the session it shall call through. It is called on first use,
            since msal asks the network for the tenant's documents then, and again when a token must be
            renewed without a challenge.
        ask: gets a token's answer from the application: (application, scope, claims).
        moved_to: where the sign-in calls really go, "" for the authority itself.
    """

    def __init__(
        self,
        make: Callable[[LoginSession], Any],
        ask: Callable[[Any, str, str | None], Any],
        moved_to: str = "",
    ) -> None:
        self._make = make
        self._ask = ask
        self._session = LoginSession(moved_to)
        self._app: Any = None
        self._lock = threading.Lock()

    def token(self, scope: str) -> dict[str, Any]:
        """Give msal's answer with a token that is good for some minutes yet.

        Raises:
            SignInError: the sign-in was refused.
            requests.RequestException: the sign-in service could not be reached.
        """
        with self._lock:
            return self._acquired(scope, None)

    def renew(self, scope: str, stale: str, claims: str | None) -> None:
        """Have `token` give another one than the stale, unless another thread has seen to it already."""
        with self._lock:
            if self._acquired(scope, None)["access_token"] != stale:
                return
            if claims is None:
                self._app = None
            else:
                self._acquired(scope, claims)

    def close(self) -> None:
        """Close the connections to the sign-in service."""
        self._session.close()

    def _acquired(self, scope: str, claims: str | None) -> dict[str, Any]:
        try:
            if self._app is None:
                self._app = self._make(self._session)
            answer = self._ask(self._app, scope, claims)
        except (ValueError, MsalError) as error:
            if isinstance(error, requests.RequestException):
                raise
            # msal's texts may quote what was sent, so neither they nor the chain go further.
            raise refusal({}) from None
        if not isinstance(answer, Mapping) or not answer.get("access_token"):
            raise refusal(answer if isinstance(answer, Mapping) else {})
        return dict(answer)


class TokenSource:
    """The tokens of one service, in the form the client library asks for."""

    def __init__(self, sign_in: SignIn, scope: str) -> None:
        self._sign_in = sign_in
        self._scope = scope

    def __call__(self) -> dict[str, Any]:
        """Give msal's answer as `SignIn.token` does."""
        return self._sign_in.token(self._scope)

    def renew(self, stale: str, claims: str | None = None) -> None:
        """See `SignIn.renew`."""
        self._sign_in.renew(self._scope, stale, claims)


def sign_in(settings: Settings, at: Addresses, *, for_sharepoint: bool = False) -> SignIn:
    """Choose the credential: certificate before secret before managed identity.

    For SharePoint a certificate is needed; against the embedded workspace one is made up.

    Raises:
        SettingsError: no credential is given, or its file is not usable.
    """
    if settings.managed_identity and not at.local:
        return _managed(settings.client_id)
    credential = _credential(settings, at, for_sharepoint=for_sharepoint)
    client_id = settings.client_id or (_LOCAL_APP if at.local else "")
    if not client_id:
        raise SettingsError(
            "The app is not named.", where="LISTS_SYNC_CLIENT_ID", hint="Give the app's client id from Entra."
        )

    def make(session: LoginSession) -> Any:
        return msal.ConfidentialClientApplication(
            client_id,
            client_credential=credential,
            authority=at.authority,
            instance_discovery=False if at.login_moved_to else None,
            http_client=session,
            client_capabilities=["CP1"],
        )

    return SignIn(make, _ask_app, at.login_moved_to)


def refusal(answer: Mapping[str, Any]) -> SignInError:
    """Give the error for a refused sign-in: Microsoft's number for it, never its text."""
    found = _AADSTS.search(str(answer.get("error_description") or ""))
    number = found.group() if found else ""
    word = str(answer.get("error") or "")
    code = number or (word if re.fullmatch(r"[a-z_]{1,40}", word) else "")
    told = f" ({code})" if code else ""
    hint = _HINTS.get(number, "Check tenant, client id and certificate, then run `lists-sync doctor`.")
    return SignInError(f"Microsoft refused the app's sign-in{told}.", where="sign-in", hint=hint)


def _credential(settings: Settings, at: Addresses, *, for_sharepoint: bool) -> Any:
    if settings.certificate_path:
        return load_certificate(settings.certificate_path, settings.certificate_password).for_msal()
    if settings.client_secret and not for_sharepoint:
        return settings.client_secret
    if at.local:
        return throw_away().for_msal()
    if settings.client_secret:
        raise SettingsError(
            "SharePoint needs a certificate; only a client secret is given.",
            where="LISTS_SYNC_CERTIFICATE_PATH",
            hint="Register a certificate with the app and give its file here.",
        )
    raise SettingsError(
        "No credential is given.",
        where="LISTS_SYNC_CERTIFICATE_PATH",
        hint="Give the app's certificate, or run where it has a managed identity.",
    )


def _ask_app(app: Any, scope: str, claims: str | None) -> Any:
    return app.acquire_token_for_client([scope], claims_challenge=claims)


def _managed(client_id: str) -> SignIn:
    identity = (
        msal.UserAssignedManagedIdentity(client_id=client_id)
        if client_id
        else msal.SystemAssignedManagedIdentity()
    )

    def make(session: LoginSession) -> Any:
        return msal.ManagedIdentityClient(identity, http_client=session)

    def ask(app: Any, scope: str, claims: str | None) -> Any:
        return app.acquire_token_for_client(resource=scope.removesuffix("/.default"), claims_challenge=claims)

    return SignIn(make, ask)
