"""From what went wrong below to an error that says who must act and how.

The service's code decides before its status: SharePoint answers many a client's error with 500. Texts of the
service are never shown, because they may quote names, free text or tokens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lists_sync.connect.fault_table import BY_CLASS, BY_CODE, BY_STATUS, UNLISTED, Fault
from lists_sync.errors import ListsSyncError, ResyncError, ServiceError

if TYPE_CHECKING:
    from lists_sync.connect.answers import Reply

_PRIVATE = re.compile(r"@|%40|\||%7C|%20|[ '\"]", re.IGNORECASE)
_GUARDED_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_HRESULT = re.compile(r"\s*(-?\d+)\s*(?:,\s*([\w.]+))?")


@dataclass(frozen=True)
class Said:
    """What a service said of an error: its codes from the innermost outwards, lower case."""

    codes: tuple[str, ...]

    @property
    def first(self) -> str:
        """The most telling code, "" where there is none."""
        return self.codes[0] if self.codes else ""


def said(body: Any) -> Said:
    """Read the codes out of an error body of Graph or SharePoint, in any of their four shapes."""
    error = _error(body)
    codes: list[str] = []
    while isinstance(error, Mapping):
        codes[:0] = _codes(error.get("code"))
        error = error.get("innerError") or error.get("innererror")
    return Said(tuple(dict.fromkeys(codes)))


def refused(reply: Reply, where: str, retry_after_s: float | None = None) -> ListsSyncError:
    """Give the error for an answer that is none of success.

    `where` names the call as `place` gives it.
    """
    codes = said(reply.body).codes
    if (
        reply.status == HTTPStatus.UNAUTHORIZED
        and isinstance(reply.body, str)
        and "app only token" in reply.body
    ):
        codes = ("unsupported app only token", *codes)
    fault, code = _known(reply.status, codes)
    return _made(
        fault,
        where=where,
        status=reply.status,
        code=code,
        retry_after_s=retry_after_s,
        location=reply.headers.get("location", ""),
    )


def failed(error: BaseException, where: str) -> ListsSyncError:
    """Give the error for a call that brought no answer, or an answer that could not be read."""
    if isinstance(error, ListsSyncError):
        return error
    for kind in type(error).__mro__:
        fault = BY_CLASS.get(kind.__name__)
        if fault:
            return _made(fault, where=where, code=type(error).__name__)
    return _made(UNLISTED, where=where, code=type(error).__name__)


def place(method: str, url: str) -> str:
    """Name a call in an error or a log: method and path, without query, people, titles or file names."""
    path = urlsplit(url).path.split("/root:/")[0]
    kept = [_segment(segment) for segment in path.split("/")]
    return f"{method} {'/'.join(kept)}"


def _segment(segment: str) -> str:
    head, paren, _ = segment.partition("('")
    if paren:
        return f"{head}(…)"
    return "…" if _PRIVATE.search(segment) else segment


def _error(body: Any) -> Any:
    if not isinstance(body, Mapping):
        return None
    return body.get("error") or body.get("odata.error")


def _codes(code: Any) -> list[str]:
    """Split SharePoint's `HRESULT, .NET type`; a code of Graph stays one word."""
    text = str(code or "").strip()
    number = _HRESULT.fullmatch(text)
    if number:
        kind = (number.group(2) or "").rpartition(".")[2]
        return [part.lower() for part in (number.group(1) if number.group(1) != "-1" else "", kind) if part]
    return [text.lower()] if _GUARDED_CODE.fullmatch(text) else []


def _known(status: int, codes: tuple[str, ...]) -> tuple[Fault, str]:
    for code in codes:
        for key in (f"{status} {code}", code):
            if key in BY_CODE:
                return BY_CODE[key], code
    fault = BY_STATUS.get(status) or BY_STATUS.get(status // 100) or UNLISTED
    return fault, codes[0] if codes else ""


def _made(
    fault: Fault,
    *,
    where: str,
    status: int = 0,
    code: str = "",
    retry_after_s: float | None = None,
    location: str = "",
) -> ListsSyncError:
    if issubclass(fault.error, ServiceError):
        return fault.error(
            fault.message, where=where, hint=fault.hint, status=status, code=code, retry_after_s=retry_after_s
        )
    if issubclass(fault.error, ResyncError):
        return fault.error(fault.message, location=location, where=where, hint=fault.hint)
    return fault.error(fault.message, where=where, hint=fault.hint)
