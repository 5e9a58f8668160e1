"""What the local state keeps as JSON, read back."""

from __future__ import annotations

from typing import Any

import orjson

from lists_sync.errors import StateDamagedError


def read_json(raw: bytes | str) -> Any:
    """Read a value that was kept as JSON.

    Raises:
        StateDamagedError: it is none any more: somebody, or the disk, altered it.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise StateDamagedError(
            "A value kept in the local state was altered and can no longer be read; nothing was mended.",
            where="local state",
            hint="`lists-sync trail verify --local` names what was altered; put the state back from a copy, "
            "or move the folder named by LISTS_SYNC_HOME aside.",
        ) from None
