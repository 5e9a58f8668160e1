"""A sign of life after each run: whoever listens is alarmed when it stays away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import requests

from lists_sync.schedule.told import Once

if TYPE_CHECKING:
    from lists_sync.definitions.settings import Settings

TIMEOUTS_S = (3, 5)
"""To connect, and to wait for the answer."""


class Ping:
    """Calls the addresses that wait for a sign of life; a failure is told once and stops nothing.

    Args:
        tell: says a line to whoever keeps the machine.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._once = Once(tell)

    def after(self, settings: Settings, job: str) -> None:
        """Call the address for all runs and the one for this job, where there are such, once each."""
        addresses = [settings.pings[name] for name in ("", job) if name in settings.pings]
        answers = [_call(address, rehearsal=bool(settings.emulator_url)) for address in addresses]
        failed = [answer for answer in answers if answer]
        if failed:
            self._once(f"A sign of life could not be given ({failed[0]}); the runs go on.")
        elif answers:
            self._once.over()


def _call(address: str, *, rehearsal: bool) -> str:
    """Call an address; gives "" when it answered well, else a word that holds no address."""
    with requests.Session() as session:
        session.trust_env = not rehearsal
        try:
            answer = session.get(address, timeout=TIMEOUTS_S, allow_redirects=False, stream=True)
        except Exception as fault:  # noqa: BLE001  # whatever an address does, no run fails by it
            return type(fault).__name__
        answer.close()
    return "" if answer.status_code < requests.codes.multiple_choices else str(answer.status_code)
