"""What was asked of the workspace and how it answered; never a token."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_SECRETS = re.compile(r"(?i)\b(tempauth|access_token|client_secret|client_assertion|code)=[^&]*")


@dataclass
class Journal:
    """One entry a request, numbered from 1."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    units: int = 0

    def add(self, *, at: str, method: str, path: str, status: int, units: int, batch: list[Any]) -> None:
        """Note an answered request; `status` 0 where the connection was reset."""
        self.requests.append(
            {
                "n": len(self.requests) + 1,
                "at": at,
                "method": method,
                "path": _SECRETS.sub(r"\1=hidden", path),
                "status": status,
                "batch": batch,
                "units": units,
            }
        )
        self.units += units

    def clear(self) -> None:
        """Forget all entries and units."""
        self.requests.clear()
        self.units = 0
