"""One authenticated line to one service, through the client library's request pipeline.

What the library does here: it authenticates, numbers and sends the request, keeps a session a thread and
types the refusals. Its query queue is not used, because two threads on one queue lose If-Match, and its
retry is not, because it does not wait as long as the service asks.
"""

from __future__ import annotations

import base64
import binascii
import random
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import requests
from office365.graph_request import GraphRequest
from office365.runtime.http.http_method import HttpMethod
from office365.runtime.http.request_options import RequestOptions

from lists_sync.connect import faults, retry
from lists_sync.connect.answers import Reply
from lists_sync.connect.fault_table import ENDLESS, PATIENCE
from lists_sync.errors import ListsSyncError, ProtocolError, SignInError, ThrottledError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from lists_sync.connect.auth import TokenSource
    from lists_sync.connect.pace import Pace

T = TypeVar("T")

TIMEOUTS_S = (10, 120)
_HALF_S = 0.5
_RENEW_SOCKETS = frozenset({0, 502, 503, 504})
_CLAIMS = re.compile(r'claims="([^"]+)"')
_NO_PROXY = {"http": "", "https": ""}


class Line:
    """Sends calls to one service and gives their answers, or a typed error.

    Args:
        source: its tokens.
        pace: shared by all lines of the connection.
        agent: the User-Agent, decorated so that Microsoft gives it its due priority.
        local: the service is on this machine, so no proxy stands between.
        chance: a number in [0, 1), for the jitter of waits that the service does not name.
        now: the present instant, for a Retry-After that is a date.
    """

    def __init__(
        self,
        source: TokenSource,
        pace: Pace,
        *,
        agent: str,
        local: bool = False,
        chance: Callable[[], float] = random.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        budget_s: float = retry.BUDGET_S,
    ) -> None:
        self._source = source
        self._pace = pace
        self._agent = agent
        self._chance = chance
        self._now = now
        self._budget_s = budget_s
        # The request class is the pipeline itself; the client around it would only add its object layer.
        self._pipeline = GraphRequest().with_access_token(source)
        self._pipeline.with_transport(timeout=TIMEOUTS_S, proxies=_NO_PROXY if local else None)

    def call(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Reply:
        """Send one call and wait out what passes.

        The address is absolute. `repeatable` says that doing it twice does no harm; by default so for every
        method but POST.

        Raises:
            ListsSyncError: the most telling one of the family whose member must act.
        """
        may_repeat = method != "POST" if repeatable is None else repeatable
        where = faults.place(method, url)
        attempt, renewed = 0, False
        while True:
            self._pace.await_turn()
            # A sign-in that cannot be reached has done nothing at the service, so it is always tried again.
            token, error = _guarded(self._source)
            reply = None
            if token is not None:
                reply, error = _guarded(lambda: self._exchange(method, url, body, headers or {}))
            if reply is not None and reply.ok:
                self._heed(reply)
                return reply
            if (
                reply is not None
                and reply.status == HTTPStatus.UNAUTHORIZED
                and not renewed
                and not _is_throttle(reply)
            ):
                renewed = True
                self._renew(reply, where, stale=str(token["access_token"]) if token else "")
                continue
            attempt += 1
            self._wait_or_raise(reply, error, where, attempt=attempt, repeatable=may_repeat or token is None)

    def longest_s(self, replies: Iterable[Reply]) -> float:
        """Give the longest time that parts of a batch ask to wait, a jittered one where none names any."""
        now = self._now_there()
        asked = [retry.asked_s(reply.headers, now) for reply in replies]
        return max((wait for wait in asked if wait is not None), default=retry.backoff_s(2, self._chance()))

    def close(self) -> None:
        """Close the sessions of all threads."""
        self._pipeline.transport.close()

    def _exchange(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Reply:
        options = RequestOptions(url, HttpMethod(method), headers={"User-Agent": self._agent, **headers})
        options.auth = _untouched
        if body is not None:
            options.data = orjson.dumps(body)
            options.ensure_header("Content-Type", "application/json")
        try:
            response = self._pipeline.execute_request_direct(options)
        except requests.RequestException as refused:
            if refused.response is None:
                raise
            response = refused.response
        self._note_clock(response.headers.get("Date", ""))
        return _reply(response)

    def _note_clock(self, date: str) -> None:
        """Keep how far the service's clock is from ours, as the connection's first answer tells it."""
        if self._pace.skew_s is not None:
            return
        try:
            there = parsedate_to_datetime(date)
        except ValueError:
            return
        there = there if there.tzinfo else there.replace(tzinfo=UTC)
        # the header leaves out the part of a second
        self._pace.skew_s = round((there - self._now()).total_seconds() + _HALF_S)

    def _now_there(self) -> datetime:
        """Give the present instant by the service's clock, by which its dates are to be read."""
        return self._now() + timedelta(seconds=self._pace.skew_s or 0)

    def _renew(self, reply: Reply, where: str, *, stale: str) -> None:
        """Have the next attempt carry another token; a challenge of the service is passed on."""
        try:
            self._source.renew(stale, _claims(reply))
        except requests.RequestException as error:
            raise faults.failed(error, where) from None

    def _heed(self, reply: Reply) -> None:
        """Hold all threads where the answer says that the allowance is used up."""
        exhausted_s = retry.exhausted_s(reply.headers)
        if exhausted_s:
            self._pace.hold(exhausted_s)

    def _wait_or_raise(
        self, reply: Reply | None, error: Exception | None, where: str, *, attempt: int, repeatable: bool
    ) -> None:
        failure = self._failure(reply, error)
        decision = retry.decide(
            failure,
            repeatable=repeatable,
            attempt=attempt,
            spent_s=self._pace.spent_s,
            chance=self._chance(),
            budget_s=self._budget_s,
        )
        if decision.wait_s is None:
            raise _final(reply, error, where, failure, decision)
        if failure.status in _RENEW_SOCKETS:
            self._pipeline.transport.reset_connections()
        if failure.status == retry.THROTTLED or failure.retry_after_s is not None:
            self._pace.hold(decision.wait_s)
        else:
            self._pace.nap(decision.wait_s)

    def _failure(self, reply: Reply | None, error: Exception | None) -> retry.Failure:
        if reply is None:
            return self._unanswered(error)
        status = retry.THROTTLED if _is_throttle(reply) else reply.status
        return retry.Failure(
            status, faults.said(reply.body).first, retry.asked_s(reply.headers, self._now_there())
        )

    def _unanswered(self, error: Exception | None) -> retry.Failure:
        """Tell how a call failed that has no answer; where the sign-in service failed, it may name a wait."""
        answer = error.response if isinstance(error, requests.RequestException) else None
        if answer is None:
            return retry.Failure(0)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return retry.Failure(answer.status_code, "", retry.asked_s(headers, self._now_there()))


def agent(company: str, version: str) -> str:
    """Give the User-Agent that Microsoft asks of an in-house bot."""
    named = "".join(sign for sign in company if sign.isascii() and sign.isprintable() and sign not in "|;")
    return f"NONISV|{named.strip() or 'Unnamed'}|lists_sync/{version}"


def _final(
    reply: Reply | None, error: Exception | None, where: str, failure: retry.Failure, decision: retry.Decision
) -> ListsSyncError:
    throttled = failure.status == retry.THROTTLED or decision is retry.BUDGET
    if throttled and reply is not None:
        fault = ENDLESS if decision is retry.ENDLESS and failure.retry_after_s is None else PATIENCE
        return ThrottledError(
            fault.message,
            where=where,
            hint=fault.hint,
            status=reply.status,
            code=failure.code,
            retry_after_s=failure.retry_after_s,
        )
    if reply is not None:
        return faults.refused(reply, where, failure.retry_after_s)
    return faults.failed(error or SignInError("No token was got.", where=where), where)


def _reply(response: requests.Response) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    content = response.content
    if not content:
        return Reply(response.status_code, headers)
    try:
        return Reply(response.status_code, headers, orjson.loads(content))
    except orjson.JSONDecodeError:
        if response.ok and "json" in headers.get("content-type", ""):
            raise ProtocolError(
                "The answer was not of the documented shape.",
                where=faults.place(str(response.request.method), str(response.url)),
                hint="Run again; report it if it repeats.",
                status=response.status_code,
            ) from None
        return Reply(response.status_code, headers, response.text)


def _guarded(act: Callable[[], T]) -> tuple[T | None, Exception | None]:
    """Do something on the network; gives what came of it, or what the network made of it."""
    try:
        return act(), None
    except requests.RequestException as error:
        return None, error


def _untouched(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from putting a .netrc entry in the place of our token."""
    return request


def _is_throttle(reply: Reply) -> bool:
    """Whether it says to slow down; SharePoint has said so with a 401 and a text, too."""
    told = isinstance(reply.body, str) and reply.body.lstrip('"').startswith("429")
    return reply.status == retry.THROTTLED or (reply.status == HTTPStatus.UNAUTHORIZED and told)


def _claims(reply: Reply) -> str | None:
    found = _CLAIMS.search(reply.headers.get("www-authenticate", ""))
    if not found:
        return None
    text = found.group(1)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text
