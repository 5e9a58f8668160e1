"""Microsoft Graph: single calls, listings page by page, batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lists_sync.connect import batch as parts
from lists_sync.connect import faults, retry
from lists_sync.connect.answers import UNKNOWN, Op, Page, Reply
from lists_sync.errors import ListsSyncError, ProtocolError, ServiceError

if TYPE_CHECKING:
    from lists_sync.connect.pace import Pace
    from lists_sync.connect.session import Line

_TRIES = 6
_CALLERS_FAULT = 4


class Graph:
    """Graph of one tenant; thread-safe.

    Args:
        root: its address with the version, without trailing slash.
        pace: the connection's, as the line has it.
    """

    def __init__(self, line: Line, root: str, pace: Pace) -> None:
        self._line = line
        self._pace = pace
        self.root = root

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        if_match: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one call and give its answer, a successful one.

        The path is relative to the version, or an absolute address of this Graph.

        Raises:
            ListsSyncError: typed; ConflictError where `if_match` no longer holds. An UnavailableError of a
                POST leaves open whether it took effect.
        """
        named = dict(headers or {})
        if if_match:
            named["If-Match"] = if_match
        return self._line.call(method, self.address(path), body, headers=named)

    def pages(self, path: str, headers: Mapping[str, str] | None = None) -> Iterator[Page]:
        """Give a listing page by page, each link followed as it is; nothing is kept of a page given.

        Raises:
            ResyncError: the delta link that `path` is has expired.
            ProtocolError: a page has no rows member, or its link leads to itself or elsewhere.
        """
        url = self.address(path)
        while url:
            reply = self._line.call("GET", url, headers=headers)
            body = reply.body if isinstance(reply.body, Mapping) else {}
            rows = body.get("value")
            if not isinstance(rows, list):
                raise self._misshapen(url, reply.status)
            yield Page(rows, str(body.get("@odata.deltaLink") or ""))
            following = str(body.get("@odata.nextLink") or "")
            if following == url:
                raise self._misshapen(url, reply.status)
            url = self.address(following) if following else ""

    def rows(self, path: str, headers: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Give all rows of a short listing."""
        return [row for page in self.pages(path, headers) for row in page.rows]

    def batch(self, ops: Sequence[Op]) -> list[Reply]:
        """Send calls twenty at a time.

        Returns:
            one reply for each call, in their order. Parts that the service did not do for want of capacity
            are sent again; every other answer is given as it came. Where nobody knows whether a part took
            effect, its status is 0.

        Raises:
            ListsSyncError: the very first batch was refused whole, so nothing was done.
        """
        replies = [Reply(UNKNOWN)] * len(ops)
        tries = [0] * len(ops)
        waiting = list(enumerate(ops))
        while waiting:
            chunk, waiting = waiting[: parts.PARTS], waiting[parts.PARTS :]
            answered = self._sent(chunk, first=not any(tries))
            for number, reply in answered.items():
                replies[number] = reply
                tries[number] += 1
            again = [part for part in chunk if self._again(part, answered, tries)]
            waiting = (again if self._patient(again, answered) else []) + waiting
        return replies

    def address(self, path: str) -> str:
        """Give the absolute address of a path of this Graph.

        Raises:
            ProtocolError: it is an address elsewhere, where our token must not go.
        """
        if path.startswith("/"):
            return self.root + path
        ours, theirs = urlsplit(self.root), urlsplit(path)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise ProtocolError(
                "A link leads away from the service it came from, and was not followed.",
                where=faults.place("GET", path),
                hint="Check LISTS_SYNC_GRAPH_URL; report it if it repeats.",
            )
        return path

    def is_own_link(self, link: str) -> bool:
        """Whether a kept link leads to this Graph and not to another tenant's stand-in."""
        try:
            return bool(link) and self.address(link) == link
        except ProtocolError:
            return False

    def _sent(self, chunk: list[parts.Numbered], *, first: bool) -> dict[int, Reply]:
        """Send one batch; its failure is told as an answer of each part, unless nothing was done before."""
        url = f"{self.root}/$batch"
        try:
            reply = self._line.call("POST", url, parts.pack(chunk), repeatable=parts.is_reading(chunk))
        except ServiceError as error:
            if error.status // 100 == _CALLERS_FAULT:
                if first:
                    raise
                return {number: _refused(error.status, error.code) for number, _ in chunk}
            return {number: Reply(UNKNOWN) for number, _ in chunk}
        except ListsSyncError:
            if first:
                raise
            return {number: _refused(403, "") for number, _ in chunk}
        return parts.unpack(reply.body, chunk)

    def _again(self, part: parts.Numbered, answered: Mapping[int, Reply], tries: Sequence[int]) -> bool:
        number, op = part
        return tries[number] < _TRIES and parts.to_send_again(op, answered[number])

    def _patient(self, again: Sequence[parts.Numbered], answered: Mapping[int, Reply]) -> bool:
        """Hold all threads for the longest wait that a part asked for, if the run can spare it."""
        if not again:
            return False
        wait_s = self._line.longest_s([answered[number] for number, _ in again])
        if self._pace.spent_s + wait_s > retry.BUDGET_S:
            return False
        self._pace.hold(wait_s)
        return True

    def _misshapen(self, url: str, status: int) -> ProtocolError:
        return ProtocolError(
            "The answer was not of the documented shape.",
            where=faults.place("GET", url),
            hint="Run again; report it if it repeats.",
            status=status,
        )


def _refused(status: int, code: str) -> Reply:
    return Reply(status, {}, {"error": {"code": code}})
