"""Whether to try a failed call again, and after how long: pure decisions, no clock and no sleep."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

THROTTLED = 429
BUSY = 503
FAILED = 500
ATTEMPTS = 6
ENDLESS_429_COUNT = 8
BACKOFF_CAP_S = 60.0
BUDGET_S = 900.0
_PASSING = frozenset({0, 408, 500, 502, 503, 504})
# the last is what SharePoint says where it names no number: -1, Microsoft.SharePoint.SPException
_PERHAPS_PASSING_CODES = frozenset(
    {"", "generalexception", "internalservererror", "unknownerror", "spexception"}
)
_ATTEMPTS_OF_500 = 3


@dataclass(frozen=True)
class Failure:
    """A call that did not succeed.

    Args:
        status: of the answer, 0 where none came.
        code: the service's code, "" where it gave none.
        retry_after_s: how long the service asked to wait, None where it did not say.
    """

    status: int
    code: str = ""
    retry_after_s: float | None = None


@dataclass(frozen=True)
class Decision:
    """Wait so long and try again; or stop (`wait_s` None) because of `why`."""

    wait_s: float | None
    why: str = ""

    @property
    def stop(self) -> bool:
        """Whether the call is given up."""
        return self.wait_s is None


FINAL = Decision(None, "final")
UNREPEATABLE = Decision(None, "unrepeatable")
TOO_OFTEN = Decision(None, "too often")
ENDLESS = Decision(None, "endless")
BUDGET = Decision(None, "budget")


def decide(
    failure: Failure,
    *,
    repeatable: bool,
    attempt: int,
    spent_s: float,
    chance: float,
    budget_s: float = BUDGET_S,
) -> Decision:
    """Say whether a call is tried again.

    Args:
        failure: how the last attempt ended.
        repeatable: doing it twice does no harm (every method but POST).
        attempt: failures of this call so far, this one included.
        spent_s: what the run has waited for the service already.
        chance: a number in [0, 1), for the jitter where the service names no time.
        budget_s: what the run may wait for the service in all.

    Returns:
        a wait that is never shorter than the service asked for, never longer than the budget still holds.
        What cannot be repeated is tried again only where the service says that it did nothing: on 429, and
        on 503 with a time to wait.
    """
    if failure.status == THROTTLED:
        if attempt >= ENDLESS_429_COUNT:
            return ENDLESS
    else:
        given_up = _given_up(failure, repeatable=repeatable, attempt=attempt)
        if given_up:
            return given_up
    wait_s = failure.retry_after_s
    if wait_s is None:
        wait_s = backoff_s(attempt, chance)
    return BUDGET if spent_s + wait_s > budget_s else Decision(wait_s)


def _given_up(failure: Failure, *, repeatable: bool, attempt: int) -> Decision | None:
    if failure.status not in _PASSING:
        return FINAL
    if failure.status == FAILED and failure.code.lower() not in _PERHAPS_PASSING_CODES:
        return FINAL
    if not repeatable and not (failure.status == BUSY and failure.retry_after_s is not None):
        return UNREPEATABLE
    limit = _ATTEMPTS_OF_500 if failure.status == FAILED else ATTEMPTS
    return TOO_OFTEN if attempt >= limit else None


def backoff_s(attempt: int, chance: float) -> float:
    """Give a wait anywhere between nothing and a bound that doubles up to a minute (full jitter)."""
    return chance * min(BACKOFF_CAP_S, 2.0 ** min(attempt, 10))


def asked_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Give the time that an answer asks to wait: the greater of Retry-After and a spent RateLimit's reset.

    Args:
        headers: by lower-case name.
        now: for the form of Retry-After that is a date.
    """
    waits = [_retry_after_s(headers.get("retry-after", ""), now), exhausted_s(headers)]
    known = [wait for wait in waits if wait is not None]
    return max(known, default=None)


def exhausted_s(headers: Mapping[str, str]) -> float | None:
    """Give the seconds until the app's allowance is new, where it is used up; else None."""
    remaining = _seconds(headers.get("ratelimit-remaining", ""))
    return _seconds(headers.get("ratelimit-reset", "")) if remaining == 0 else None


def _retry_after_s(text: str, now: datetime) -> float | None:
    seconds = _seconds(text)
    if seconds is not None or not text:
        return seconds
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
