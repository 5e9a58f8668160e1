"""A call of Graph and its answer, whether it came alone or inside a batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from lists_sync.emulator.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.auth import Caller
    from lists_sync.emulator.state import State

_SYSTEM_OPTIONS = {"select", "expand", "filter", "orderby", "top", "skiptoken", "search", "count", "skip"}


@dataclass
class Call:
    """One call.

    Args:
        path: decoded, below /v1.0, with a leading slash.
        query: options by lower-case name without `$`.
        headers: by lower-case name.
        base: the address that links of the answer start with, `http://host/v1.0`.
    """

    state: State
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any
    caller: Caller
    base: str
    raw: bytes = b""

    def option(self, name: str) -> str:
        """Give a query option, "" where it was not sent."""
        return self.query.get(name, "")

    @property
    def names(self) -> list[str]:
        """What $select names, empty for everything."""
        return [name.strip() for name in self.option("select").split(",") if name.strip()]

    def json(self) -> dict[str, Any]:
        """Give the body as an object.

        Raises:
            EmulatedError: it is none (400).
        """
        if not isinstance(self.body, dict):
            raise invalid(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and "
                "payload is of valid JSON format."
            )
        return self.body

    def link(self, path: str, **more: str) -> str:
        """Give the address of another page of this call: its own options, these changed or left out ("")."""
        options = {**self.query, **more}
        options.pop("skiptoken" if "token" in more else "", None)
        named = [
            (f"${name}" if name in _SYSTEM_OPTIONS else name, value)
            for name, value in options.items()
            if value
        ]
        return f"{self.base}{path}?{urlencode(named, safe='$()=,')}" if named else self.base + path


@dataclass
class Answer:
    """An answer; `body` JSON, bytes, or None for none; `units` what the call cost."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    units: int = 2


def query_of(text: str) -> dict[str, str]:
    """Read a query string into options by lower-case name without `$`."""
    return {name.removeprefix("$").lower(): value for name, value in parse_qsl(text, keep_blank_values=True)}
