"""Ids that stay the same from one start to the next, and opaque tokens."""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import Any

import orjson

_ROOT = uuid.UUID("6f0f6b1e-51a2-4f0c-9a8e-0c5e5a0d7b11")


def guid(*parts: object) -> str:
    """Give the guid that always belongs to these words."""
    return str(uuid.uuid5(_ROOT, "/".join(str(part) for part in parts)))


def is_guid(text: str) -> bool:
    """Tell whether the text is a guid, braces allowed."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def seal(content: Any) -> str:
    """Turn JSON content into one opaque word fit for a URL."""
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


def unseal(word: str) -> Any:
    """Give back what `seal` was given.

    Raises:
        ValueError: the word is none of ours.
    """
    try:
        return orjson.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
    except (binascii.Error, orjson.JSONDecodeError, UnicodeEncodeError) as problem:
        raise ValueError("not a token of this workspace") from problem
