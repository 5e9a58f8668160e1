"""What a pull brought, as one number that does not depend on order, so that a changed version shows.

A tally is the sum, over the versions that a pull brought, of the SHA-256 of each, modulo 2 to the 256th. It
is kept beside the pull while it is read, and the chain of runs holds it, so that a version which somebody
alters, adds or takes away in the local state can be told from what was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

ZERO = "0" * 64
_MODULUS = 1 << 256
_FIELDS = 6
_TO_PULL = 3


def tally_of(row: Sequence[Any]) -> int:
    """Give the number of one version: list, id, from_pull, to_pull, etag, modified, fields, deleted.

    The pull to which it is valid is left out, since a later pull sets it.
    """
    told = [value for place, value in enumerate(row) if place not in (_TO_PULL, _FIELDS)]
    return int.from_bytes(hashlib.sha256(orjson.dumps(told) + bytes(row[_FIELDS])).digest(), "big")


def moved(tally: str, brought: Iterable[int], away: Iterable[int] = ()) -> str:
    """Give a tally after some versions were added and others taken away, hex."""
    return f"{(int(tally, 16) + sum(brought) - sum(away)) % _MODULUS:064x}"
