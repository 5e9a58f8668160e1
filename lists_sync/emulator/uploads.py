"""Upload sessions: what has arrived of each file, and which range may come next."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from lists_sync.emulator.errors import EmulatedError, invalid, not_found

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.emulator.auth import Caller

UNIT = 327_680
LIMIT = 60 * 1024 * 1024
BEHAVIOURS = ("replace", "fail", "rename")
_LIFE = timedelta(days=1)  # undocumented how long; each range starts it anew, as the documents say
_RANGE = re.compile(r"^bytes (\d+)-(\d+)/(\d+)$")


@dataclass
class UploadSession:
    """A file on its way to a path of a library; `total` is 0 until the first range names it."""

    word: str
    list_id: str
    path: str
    behaviour: str
    caller: Caller
    expires_at: datetime
    total: int = 0
    content: bytearray = field(default_factory=bytearray)

    @property
    def expected(self) -> list[str]:
        """What is still missing, as `nextExpectedRanges` has it."""
        return [f"{len(self.content)}-"]


def out_of_range(message: str, inner: str = "") -> EmulatedError:
    """Give the refusal of a range that cannot be taken (416)."""
    return EmulatedError(416, "invalidRange", message, inner=inner)


def accept(session: UploadSession, header: str, raw: bytes) -> bool:
    """Check one range against what has arrived; nothing is stored.

    Returns:
        Whether it is the last one.

    Raises:
        EmulatedError: the header is none, or is not of these bytes (400); the range is too large, not a
            multiple of 327,680 bytes before the last, of another total, or not the next one (416).
    """
    match = _RANGE.match(header)
    if match is None:
        raise invalid("The Content-Range header is missing or malformed.")
    first, last, total = (int(part) for part in match.groups())
    if last - first + 1 != len(raw) or last >= total:
        raise invalid("The Content-Range header does not fit the length of the content.")
    is_last = last + 1 == total
    _check_size(len(raw), is_last=is_last)
    _check_place(session, first, total)
    return is_last


def _check_size(size: int, *, is_last: bool) -> None:
    if size >= LIMIT:
        raise out_of_range("A fragment must be smaller than 60 MiB.", "fragmentLengthMismatch")
    if not is_last and size % UNIT:
        # The documents only say that such uploads fail, at the latest when the file is put together.
        raise out_of_range("The fragment is not a multiple of 320 KiB.", "fragmentLengthMismatch")


def _check_place(session: UploadSession, first: int, total: int) -> None:
    held = len(session.content)
    if session.total not in (0, total):
        told = f"The current upload session is for {session.total} total bytes, "
        raise out_of_range(
            f"{told}but the current fragment declares a total of {total}.", "fragmentLengthMismatch"
        )
    if first < held:
        raise out_of_range("The fragment overlaps with data already received.", "fragmentOverlap")
    if first > held:
        raise out_of_range("The fragment is out of order.", "fragmentOutOfOrder")


class Uploads:
    """The sessions that are open; a restart of the workspace ends them all."""

    def __init__(self) -> None:
        self._open: dict[str, UploadSession] = {}

    def start(
        self, *, list_id: str, path: str, behaviour: str, caller: Caller, now: datetime
    ) -> UploadSession:
        """Open a session; its word is what opens its address."""
        word = secrets.token_urlsafe(24)
        session = UploadSession(word, list_id, path, behaviour, caller, now + _LIFE)
        self._open[word] = session
        return session

    def find(self, word: str, now: datetime) -> UploadSession:
        """Give an open session.

        Raises:
            EmulatedError: it is unknown, finished, cancelled or expired (404).
        """
        session = self._open.get(word)
        if session is None or session.expires_at <= now:
            self._open.pop(word, None)
            raise not_found("The upload session was not found.")
        return session

    def extend(self, session: UploadSession, raw: bytes, *, total: int, now: datetime) -> None:
        """Store a range that is not the last; the session's life starts anew."""
        session.total = total
        session.content += raw
        session.expires_at = now + _LIFE

    def end(self, session: UploadSession) -> None:
        """Forget a session, finished or cancelled."""
        self._open.pop(session.word, None)

    def clear(self) -> None:
        """Forget all sessions."""
        self._open.clear()
