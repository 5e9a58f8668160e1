"""Counts resource units and throttles as SharePoint's licence table says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lists_sync.emulator.state_base import StateBase

# licences up to, units per minute, units per 24 hours (an app in a tenant), units per 5 minutes (the tenant)
TIERS = (
    (1_000, 1_250, 1_200_000, 18_750),
    (5_000, 2_500, 2_400_000, 37_500),
    (15_000, 3_750, 3_600_000, 56_250),
    (50_000, 5_000, 4_800_000, 75_000),
    (float("inf"), 6_250, 6_000_000, 93_750),
)
_WARN = 0.8
_MINUTE, _FIVE, _DAY = 60.0, 300.0, 86_400.0


class Meter:
    """Resource units used in the present minute, five minutes and day.

    With no licences set nobody is throttled, whatever is used. Throttled calls count as well.
    """

    def __init__(self, state: StateBase) -> None:
        self._state = state
        self.clear()

    def clear(self) -> None:
        """Start all windows anew."""
        self._used = {_MINUTE: 0, _FIVE: 0, _DAY: 0}
        self._since: dict[float, float] = {}

    def _now_s(self) -> float:
        if self._state.switches["throttle_clock"] == "workspace":
            return self._state.clock.now().timestamp()
        return time.monotonic()

    def limits(self) -> dict[float, int]:
        """Give the limit of each window in units, empty where nobody is throttled."""
        licences = int(self._state.switches["licences"])
        if licences <= 0:
            return {}
        tier = next(row for row in TIERS if licences <= row[0])
        return {_MINUTE: tier[1], _DAY: tier[2], _FIVE: tier[3]}

    def charge(self, units: int) -> tuple[bool, dict[str, str]]:
        """Count the units of one call.

        Returns:
            Whether it may go on, and the headers of its answer (Retry-After, RateLimit-…).
        """
        now, limits = self._now_s(), self.limits()
        for window in self._used:
            if now - self._since.get(window, -window) >= window:
                self._since[window], self._used[window] = now, 0
            self._used[window] += units
        over = [window for window, limit in limits.items() if self._used[window] > limit]
        headers = self._rate_headers(now, limits) if not over or _MINUTE in over else {}
        if over:
            headers |= self._retry_after(max(self._since[window] + window - now for window in over))
        return not over, headers

    def _rate_headers(self, now: float, limits: dict[float, int]) -> dict[str, str]:
        limit = limits.get(_MINUTE, 0)
        if not limit or self._used[_MINUTE] < _WARN * limit:
            return {}
        return {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(0, limit - self._used[_MINUTE])),
            "RateLimit-Reset": str(self._whole(self._since[_MINUTE] + _MINUTE - now)),
        }

    def _retry_after(self, wait_s: float) -> dict[str, str]:
        form = self._state.switches["retry_after"]
        if form == "absent":
            return {}
        return {"Retry-After": f"{wait_s:.3f}" if form == "decimal" else str(self._whole(wait_s))}

    @staticmethod
    def _whole(wait_s: float) -> int:
        return max(1, int(wait_s) + 1)
