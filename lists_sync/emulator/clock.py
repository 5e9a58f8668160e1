"""The workspace's own clock: real time, moved or stopped on request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def iso(instant: datetime) -> str:
    """Write an instant as the services do: UTC, whole seconds, Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str) -> datetime:
    """Read an ISO instant; one without a zone counts as UTC.

    Raises:
        ValueError: it is no ISO date or instant.
    """
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


class Clock:
    """Real time until it is set; then it runs on from there, or stands still."""

    def __init__(self) -> None:
        self._shift = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """Give the workspace's present instant, in UTC."""
        return self._frozen if self._frozen is not None else datetime.now(UTC) + self._shift

    def iso(self) -> str:
        """Give the present instant as text, to the second."""
        return iso(self.now())

    def set(self, instant: datetime, *, frozen: bool = False) -> None:
        """Make it that instant now; a frozen clock stays there until it is set again."""
        self._shift = instant - datetime.now(UTC)
        self._frozen = instant if frozen else None

    def reset(self) -> None:
        """Go back to real time."""
        self._shift, self._frozen = timedelta(), None
