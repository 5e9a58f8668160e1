"""One pace for all threads of a connection: when the service asks one for patience, all wait."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Pace:
    """The moment before which no call of this connection starts, and what the run has waited so far.

    `skew_s` is by how many whole seconds the service's clock is ahead of the machine's, negative where it is
    behind; None until an answer has told it.

    Args:
        sleep: how to wait.
        ticks: a clock that never goes back, in seconds.
    """

    def __init__(
        self, sleep: Callable[[float], None] = time.sleep, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._sleep = sleep
        self._ticks = ticks
        self._lock = threading.Lock()
        self._resume_at = float("-inf")
        self._spent_s = 0.0
        self.skew_s: int | None = None

    @property
    def spent_s(self) -> float:
        """Seconds this connection has waited, those waited by several threads at once counted once."""
        with self._lock:
            return self._spent_s

    def hold(self, wait_s: float) -> None:
        """Let no call start before so many seconds from now."""
        with self._lock:
            now = self._ticks()
            until = now + wait_s
            counted_from = max(now, self._resume_at)
            if until > counted_from:
                self._spent_s += until - counted_from
                self._resume_at = until

    def nap(self, wait_s: float) -> None:
        """Wait in this thread alone."""
        with self._lock:
            self._spent_s += wait_s
        self._sleep(wait_s)

    def await_turn(self) -> None:
        """Return once no hold stands."""
        while True:
            with self._lock:
                left_s = self._resume_at - self._ticks()
            if left_s <= 0:
                return
            self._sleep(left_s)
