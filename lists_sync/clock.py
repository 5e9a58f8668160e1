"""The one place that reads the clock, and the one written form of an instant."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Give the present instant in UTC, cut to whole seconds.

    Returns:
        An aware datetime; SharePoint keeps no more than seconds, so neither does anything of ours.
    """
    return datetime.now(UTC).replace(microsecond=0)


def iso(instant: datetime) -> str:
    """Write an instant as `2026-11-23T08:15:00Z`; what is below a second is cut off.

    Raises:
        ValueError: the datetime has no time zone.
    """
    return f"{as_utc(instant).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def parse(text: str) -> datetime:
    """Read an ISO 8601 instant in any offset.

    Returns:
        The instant, aware, in UTC.

    Raises:
        ValueError: the text is no ISO 8601 instant, or names no time zone.
    """
    return as_utc(datetime.fromisoformat(text.strip()))


def as_utc(instant: datetime) -> datetime:
    """Give the same instant in UTC.

    Raises:
        ValueError: the datetime has no time zone, so it names no instant.
    """
    if instant.tzinfo is UTC:
        return instant
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} names no time zone, so it is no instant")
    return instant.astimezone(UTC)
