"""Headers and error bodies as Graph writes them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.errors import EmulatedError
    from lists_sync.emulator.state_base import StateBase

JSON_TYPE = (
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
)
_DIAGNOSTIC = '{"ServerInfo":{"DataCenter":"UK South","Slice":"E","Ring":"5","RoleInstance":"LOCAL01"}}'
CODES = {
    400: ("invalidRequest", "Invalid request"),
    401: ("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    403: ("accessDenied", "Access denied"),
    404: ("itemNotFound", "The resource could not be found."),
    409: (
        "resourceModified",
        "The resource has changed since the caller last read it; usually an eTag mismatch",
    ),
    410: (
        "resyncChangesApplyDifferences",
        "The delta token is no longer valid, and the application must reset the sync state.",
    ),
    412: ("resourceModified", "ETag does not match current item's value"),
    422: ("notSupported", "The request is unprocessable because it uses too many resources"),
    423: ("notAllowed", "The file is locked for editing."),
    429: ("activityLimitReached", "The request has been throttled"),
    500: ("generalException", "General exception while processing"),
    502: ("BadGateway", "Failed to execute backend request."),
    503: ("serviceNotAvailable", "The service is not available. Try the request again after a delay."),
    504: ("timeout", "The request timed out."),
    507: ("quotaLimitReached", "The caller has reached the storage limit."),
}
_INNER = {429: "throttledRequest", 422: "tooManyResources"}


def graph_headers(request_id: str, client_request_id: str) -> dict[str, str]:
    """Give the headers that every answer of Graph carries."""
    return {
        "Cache-Control": "no-store, no-cache",
        "Strict-Transport-Security": "max-age=31536000",
        "request-id": request_id,
        "client-request-id": client_request_id,
        "x-ms-ags-diagnostic": _DIAGNOSTIC,
        "OData-Version": "4.0",
    }


def body_of(
    state: StateBase, *, code: str, message: str, inner: str = "", request_id: str = "", client_id: str = ""
) -> dict[str, Any]:
    """Give a Graph error body; its date has no Z, as in the real service."""
    made = request_id or str(uuid.uuid4())
    details = {
        **({"code": inner} if inner else {}),
        "date": state.clock.iso().removesuffix("Z"),
        "request-id": made,
        "client-request-id": client_id or made,
    }
    return {"error": {"code": code, "message": message, "innerError": details}}


def error_body(state: StateBase, refusal: EmulatedError, request_id: str, client_id: str) -> dict[str, Any]:
    """Give the body of a refusal."""
    return body_of(
        state, code=refusal.code, message=refusal.message, inner=refusal.inner, request_id=request_id,
        client_id=client_id,
    )  # fmt: skip


def sharepoint_fault(fault: Mapping[str, Any], *, verbose: bool) -> dict[str, Any]:
    """Give the body of a fault's answer in SharePoint's shape."""
    message = CODES.get(int(fault.get("status", 500)), CODES[500])[1]
    error = {
        "code": str(fault.get("code") or "-1, Microsoft.SharePoint.SPException"),
        "message": {"lang": "en-US", "value": str(fault.get("message") or message)},
    }
    return {"error" if verbose else "odata.error": error}


def fault_body(state: StateBase, fault: Mapping[str, Any]) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Give status, headers and body of a fault's answer."""
    status = int(fault.get("status", 500))
    code, message = CODES.get(status, ("generalException", "General exception while processing"))
    headers = {str(name): str(value) for name, value in (fault.get("headers") or {}).items()}
    if fault.get("retry_after") is not None:
        headers["Retry-After"] = str(fault["retry_after"])
    body = body_of(
        state,
        code=str(fault.get("code") or code),
        message=str(fault.get("message") or message),
        inner=_INNER.get(status, ""),
    )
    return status, headers, body
