"""Values as ProcessQuery carries them, made canonical."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.sharepoint_forms import typed
from lists_sync.emulator.sharepoint_wire import SP_EXCEPTION, refused

if TYPE_CHECKING:
    from lists_sync.emulator.records import Column, Site
    from lists_sync.emulator.state import State

_LOOKUP = re.compile(r"(\d+)(?:;#|$)")
_AS_TYPED = {"number", "yesno", "choices"}


def set_value(state: State, site: Site, column: Column, value: Any) -> Any:
    """Give the canonical value of SetFieldValue: typed, or text that the column's kind can be read from.

    Raises:
        EmulatedError: it names nobody, or is none of the column's kind.
    """
    if column.kind in {"person", "lookup"}:
        return _people(state, site, column, value)
    if isinstance(value, str) and column.kind in _AS_TYPED:
        return parsed_value(state, site, column, value)
    return _link(value) if column.kind == "hyperlink" and isinstance(value, str) else value


def parsed_value(state: State, site: Site, column: Column, value: Any) -> Any:
    """Give the canonical value of ParseAndSetFieldValue: text as a person of the site's region types it.

    Raises:
        EmulatedError: it names nobody, or cannot be read.
    """
    if not isinstance(value, str) or column.kind in {"person", "lookup", "hyperlink"}:
        return set_value(state, site, column, value)
    try:
        return typed(state, site, column, value)
    except ValueError as problem:
        raise refused(400, -2146232832, SP_EXCEPTION, str(problem)) from problem


def _link(text: str) -> dict[str, str] | None:
    url, _, described = text.partition(", ")
    return {"Url": url, "Description": described or url} if url else None


def _people(state: State, site: Site, column: Column, value: Any) -> Any:
    sent = value if isinstance(value, list) else [value]
    ids = [one for part in sent for one in _ids(state, site, part)]
    return ids if column.many else (ids[0] if ids else None)


def _ids(state: State, site: Site, value: Any) -> list[int]:
    """Give the lookup ids of one value: an id, a user value, `5;#Ada`, a login or an e-mail."""
    if isinstance(value, dict):
        number = value.get("LookupId")
        known = isinstance(number, int) and number > 0
        value = number if known else value.get("Email") or value.get("LookupValue")
    if isinstance(value, int | float):
        return [int(value)]
    if not value:
        return []
    text = str(value)
    if _LOOKUP.match(text):
        # Pairs of an id and a name; only every other part is an id.
        return [int(part) for part in text.split(";#")[::2] if part.isdigit()]
    try:
        return [state.ensure_user(site.id, text).id]
    except EmulatedError as problem:
        message = f"The specified user {text} could not be found."
        raise refused(400, -2146232832, SP_EXCEPTION, message) from problem
