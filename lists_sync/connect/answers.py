"""What the connection takes and gives: plain values without any behaviour of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN = 0
"""Status of a call that was sent and of which nobody knows whether it took effect."""


@dataclass(frozen=True)
class Op:
    """One call of a batch; `path` is relative to /v1.0 and starts with a slash."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    if_match: str = ""


@dataclass(frozen=True)
class Reply:
    """The answer to one call; `status` 0 (UNKNOWN) where none came and the call may have taken effect.

    Args:
        headers: by lower-case name.
        body: parsed JSON, text where it was none, None where there was no body.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def ok(self) -> bool:
        """Whether the call succeeded."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True)
class Page:
    """One page of a listing; `delta_link` stands on the last page of a delta only, else ""."""

    rows: list[dict[str, Any]]
    delta_link: str = ""


@dataclass(frozen=True)
class Site:
    """A site as Graph names it; `url` has no trailing slash, `path` is the part after the host."""

    id: str
    url: str
    path: str


@dataclass(frozen=True)
class ListRef:
    """A list found in its site; `columns` are Graph's own definitions by internal name."""

    key: str
    id: str
    store: str
    site_id: str
    title: str
    url: str
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """Who stands behind a lookup id of one site; `email` is lower case, "" where the site knows none."""

    id: int
    email: str
    name: str
