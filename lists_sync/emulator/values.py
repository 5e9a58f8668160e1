"""What a column may hold, in the canonical form of `records.Item.fields`."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lists_sync.emulator.clock import iso, parse
from lists_sync.emulator.errors import EmulatedError, invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from lists_sync.emulator.records import Column

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(8900, 12, 31)
INDEXABLE = frozenset({"text", "choice", "number", "date", "datetime", "person", "lookup", "yesno"})
_TEXT_CODE = "-2130575155, Microsoft.SharePoint.SPException"


def midnight(day: date, zone: str) -> str:
    """Give the site's midnight of that day as a UTC instant."""
    return iso(datetime.combine(day, time(), ZoneInfo(zone)))


def local_day(instant: str, zone: str) -> date:
    """Give the site's calendar day of an instant."""
    return parse(instant).astimezone(ZoneInfo(zone)).date()


def check_range(day: date) -> None:
    """Refuse a day that no list could hold.

    Raises:
        EmulatedError: it is before 1900 or after 8900.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise invalid("The date is outside the range that is supported, 1900-01-01 to 8900-12-31.")


def read_instant(value: Any, *, kind: str, zone: str, bare: str = "utc") -> str:
    """Read an ISO date or instant into canonical form.

    Args:
        value: what was sent.
        kind: "date" keeps only the site's day; "datetime" the second.
        zone: the site's time zone.
        bare: "utc" or "site", how text without a zone is read.

    Raises:
        EmulatedError: it is no date, or out of range.
    """
    if not isinstance(value, str):
        raise invalid()
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=ZoneInfo(zone) if bare == "site" else UTC)
        check_range(instant.date())
        local = instant.astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError) as problem:
        raise invalid() from problem
    return midnight(local.date(), zone) if kind == "date" else iso(instant)


def _text(column: Column, value: Any) -> str:
    if not isinstance(value, str):
        raise invalid()
    if column.kind != "note" and len(value) > column.max_length:
        raise invalid(
            "Invalid text value.\n\nA text field contains invalid data. Please check the value "
            "and try again.",
            sp_code=_TEXT_CODE,
        )
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise invalid()
    return value


def _ids(column: Column, value: Any) -> int | list[int]:
    if column.many:
        if not isinstance(value, list) or not all(type(one) is int for one in value):
            raise invalid()
        return list(value)
    if type(value) is not int:
        raise invalid()
    return value


def _choices(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise EmulatedError(500, "generalException", "General exception while processing")
    return list(value)


def _link(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not isinstance(value.get("Url"), str):
        raise invalid()
    return {"Description": str(value.get("Description") or value["Url"]), "Url": value["Url"]}


def _yesno(value: Any) -> bool:
    if not isinstance(value, bool):
        raise invalid()
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "number": _number,
    "yesno": _yesno,
    "choices": _choices,
    "hyperlink": _link,
}


def check(column: Column, value: Any, *, zone: str, bare: str = "utc") -> Any:
    """Give the canonical value of what is to be stored; None and empty mean "holds nothing".

    Raises:
        EmulatedError: the column cannot hold it.
    """
    if value is None or value in ("", []):
        return None
    if column.kind in {"date", "datetime"}:
        return read_instant(value, kind=column.kind, zone=zone, bare=bare)
    if column.kind in {"person", "lookup"}:
        return _ids(column, value)
    read = _READERS.get(column.kind)
    return read(value) if read is not None else _text(column, value)


def default_of(column: Column, *, now: str, zone: str) -> Any:
    """Give the value that a new item gets where none was sent, None for none."""
    text = column.default
    if text is None or text == "":
        return None
    if column.kind == "yesno":
        return text in {"1", "true", "True", "yes"}
    if column.kind == "number":
        return float(text) if "." in text else int(text)
    if column.kind == "choices":
        return [word for word in text.split(";#") if word]
    if column.kind in {"date", "datetime"}:
        return read_instant(now if text == "[today]" else text, kind=column.kind, zone=zone)
    return text if column.kind in {"text", "note", "choice"} else None


def unique_key(value: Any) -> Any:
    """Give what two values share when a unique column takes them for the same."""
    return value.casefold() if isinstance(value, str) else value
