"""Being told to end: asked by a signal, heeded between two writes and in every wait."""

from __future__ import annotations

import threading

from lists_sync.errors import StoppedError


class Stop:
    """Whether the program was told to end; thread-safe, and safe to ask from a signal handler."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    @property
    def asked(self) -> bool:
        """Whether somebody asked."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Ask; a wait ends at once, a write in hand is finished first."""
        self._asked.set()

    def check(self) -> None:
        """Return only if nobody asked.

        Raises:
            StoppedError: somebody did.
        """
        if self.asked:
            raise StoppedError(
                "Told to stop: the write in hand was finished and noted, and nothing more was begun.",
                hint="The next start goes on from there.",
            )

    def sleep(self, wait_s: float) -> None:
        """Wait that long.

        Raises:
            StoppedError: somebody asked to stop before or meanwhile.
        """
        self._asked.wait(wait_s)
        self.check()
