"""The sign-in service: token endpoint, discovery documents and managed identity."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
import uuid
from typing import TYPE_CHECKING, Any

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.responses import JSONResponse
from starlette.routing import Route

from lists_sync.emulator.auth import GRAPH, issue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from lists_sync.emulator.state import State

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Refused(Exception):  # noqa: N818 - it is an answer, told as one
    """A refusal of the sign-in service: OAuth error, AADSTS number, sentence and status."""

    def __init__(self, error: str, number: int, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.error, self.number, self.sentence, self.status = error, number, sentence, status


def _answer(state: State, refused: Refused) -> JSONResponse:
    trace, now = str(uuid.uuid4()), state.clock.now().strftime("%Y-%m-%d %H:%M:%SZ")
    ids = f"Trace ID: {trace} Correlation ID: {trace} Timestamp: {now}"
    text = f"AADSTS{refused.number}: {refused.sentence} {ids}"
    body = {
        "error": refused.error,
        "error_description": text,
        "error_codes": [refused.number],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": trace,
    }
    return JSONResponse(body, status_code=refused.status)


def _part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _resource(state: State, scope: str) -> str:
    resource, found, _ = scope.partition("/.default")
    allowed = {GRAPH, f"https://{state.hostname}", state.base_url}
    if not found or " " in scope.strip() or resource.rstrip("/") not in allowed:
        raise Refused(
            "invalid_scope",
            70011,
            f"The provided value for the input parameter 'scope' is not valid. "
            f"The scope {scope} is not valid.",
        )
    return resource.rstrip("/")


def check_assertion(assertion: str, client_id: str, certificate: str) -> None:
    """Check a client assertion; its signature only where the app's certificate (PEM) is known.

    Raises:
        Refused: it is not one that the service would take.
    """
    try:
        head, body, signature = assertion.split(".")
        header, claims = orjson.loads(_part(head)), orjson.loads(_part(body))
    except (ValueError, binascii.Error) as problem:
        raise Refused("invalid_client", 50027, "JWT token is invalid or malformed.", 401) from problem
    thumb = "x5t#S256" if "x5t#S256" in header else "x5t"
    if header.get("alg") not in {"PS256", "RS256"} or thumb not in header:
        raise Refused("invalid_client", 5002738, "Invalid JWT token: 'alg', or certificate thumbprint.", 401)
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise Refused(
            "invalid_client",
            700021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
            401,
        )
    if not str(claims.get("aud", "")).endswith(("/oauth2/v2.0/token", "/v2.0")):
        raise Refused(
            "invalid_client", 700023, "Client assertion audience claim does not match Realm issuer.", 401
        )
    if claims.get("exp", 0) <= time.time():
        raise Refused("invalid_client", 700024, "Client assertion is not within its valid time range.", 401)
    if certificate:
        _check_signature(certificate, header, thumb, f"{head}.{body}".encode(), _part(signature))


def _check_signature(
    certificate: str, header: Mapping[str, Any], thumb: str, signed: bytes, signature: bytes
) -> None:
    known = x509.load_pem_x509_certificate(certificate.encode())
    algorithm: hashes.HashAlgorithm = hashes.SHA256() if thumb == "x5t#S256" else hashes.SHA1()  # noqa: S303
    key = known.public_key()
    pad = (
        padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashlib.sha256().digest_size)
        if header["alg"] == "PS256"
        else padding.PKCS1v15()
    )
    try:
        good = _part(str(header[thumb])) == known.fingerprint(algorithm)
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, pad, hashes.SHA256())
    except (InvalidSignature, binascii.Error):
        good = False
    if not (good and isinstance(key, rsa.RSAPublicKey)):
        raise Refused(
            "invalid_client",
            700027,
            "The certificate with identifier used to sign the client assertion is not "
            "registered on application.",
            401,
        )


def _grant(state: State, form: Mapping[str, str]) -> dict[str, Any]:
    if form.get("grant_type") != "client_credentials":
        raise Refused("unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
    client_id, apps = form.get("client_id", ""), state.switches["apps"]
    if not client_id:
        raise Refused(
            "invalid_request", 900144, "The request body must contain the following parameter: 'client_id'."
        )
    if apps and client_id not in apps:
        raise Refused(
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id}' was not found in the directory.",
        )
    resource, app = _resource(state, form.get("scope", "")), apps.get(client_id, {})
    if form.get("client_assertion"):
        check_assertion(form["client_assertion"], client_id, app.get("certificate", ""))
        return issue(state, app_id=client_id, resource=resource, strength="2")
    if not form.get("client_secret"):
        raise Refused(
            "invalid_client",
            7000216,
            "'client_assertion', 'client_secret' or 'request' is required for the "
            "'client_credentials' grant type.",
            401,
        )
    if apps and form["client_secret"] != app.get("secret"):
        raise Refused("invalid_client", 7000215, "Invalid client secret provided.", 401)
    return issue(state, app_id=client_id, resource=resource, strength="1")


def _discovery(base: str, tenant: str) -> dict[str, Any]:
    return {
        "token_endpoint": f"{base}/{tenant}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": f"{base}/{tenant}/discovery/v2.0/keys",
        "issuer": f"{base}/{tenant}/v2.0",
        "authorization_endpoint": f"{base}/{tenant}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/{tenant}/oauth2/v2.0/devicecode",
        "response_types_supported": ["code", "token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": "graph.microsoft.com",
    }


def _managed(state: State, request: Request) -> JSONResponse:
    resource = request.query_params.get("resource", GRAPH).removesuffix("/.default").rstrip("/")
    token = issue(state, app_id="managed-identity", resource=resource, strength="2")
    expires = str(int(time.time()) + token["expires_in"])
    answer = {**token, "expires_in": str(token["expires_in"]), "expires_on": expires, "resource": resource}
    return JSONResponse(answer)


def routes(state: State) -> list[Route]:
    """Give the routes of the sign-in service."""

    async def token(request: Request) -> JSONResponse:
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            return JSONResponse(_grant(state, form), headers={"Cache-Control": "no-store, no-cache"})
        except Refused as refused:
            return _answer(state, refused)

    async def openid(request: Request) -> JSONResponse:
        base = f"https://{request.headers.get('host', '')}"
        return JSONResponse(_discovery(base, request.path_params["tenant"]))

    async def instances(request: Request) -> JSONResponse:
        asked = request.query_params.get("authorization_endpoint", "")
        endpoint = asked.split("/oauth2/")[0] + "/v2.0/.well-known/openid-configuration"
        aliases = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com"]
        entry = {"preferred_network": aliases[0], "preferred_cache": aliases[1], "aliases": aliases}
        return JSONResponse(
            {"tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": [entry]}
        )

    async def identity(request: Request) -> JSONResponse:
        if not (request.headers.get("x-identity-header") or request.headers.get("metadata")):
            refusal = {
                "error": "invalid_request",
                "error_description": "Required metadata header not specified",
            }
            return JSONResponse(refusal, status_code=400)
        return _managed(state, request)

    return [
        Route("/msi/token", identity),
        Route("/metadata/identity/oauth2/token", identity),
        Route("/common/discovery/instance", instances),
        Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", openid),
    ]
