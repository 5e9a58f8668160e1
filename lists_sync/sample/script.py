"""What the sample's people do on a day, in order: the script that makes a simulated day a day.

Everything is an ordinary edit of an ordinary list. Five different days follow one another: on the first much
goes wrong, on the others it is put right bit by bit, and something else goes wrong. Each act looks at the
lists as they stand, the bot's own columns among them, and does nothing where there is nothing to do.
"""

from __future__ import annotations

from datetime import date

from lists_sync.sample import acts_bursts, acts_closure, acts_deadlines, acts_escalations
from lists_sync.sample.days import falls_to, worked_from
from lists_sync.sample.provider import build
from lists_sync.sample.scene import Act, Scene

PANEL_DAYS = frozenset({0, 2, 4})
"""Weekdays of the closure panel: Monday, Wednesday and Friday."""


class Script:
    """The acts of a rehearsal that begins on a day.

    Args:
        seed: of the sample; the same seed, first day and day give the same acts.
        first: the working day that the sample was made for.
    """

    def __init__(self, seed: int, first: date) -> None:
        self.seed = seed
        self.first = first
        self._parts = build(seed, first).parts

    def acts(self, day: date) -> list[Act]:
        """Give what people do on a working day, in order of time.

        Args:
            day: the first day or a working day after it.
        """
        scene = self._scene(day)
        found = [
            *acts_deadlines.acts(scene),
            *acts_bursts.acts(scene),
            *acts_closure.acts(scene),
            *acts_escalations.acts(scene),
        ]
        return sorted(found, key=lambda act: act.at)

    def _scene(self, day: date) -> Scene:
        worked = [self.first]
        while worked[-1] < day:
            worked = worked_from(self.first, len(worked) + 1)
        held = [one for one in worked if falls_to(one, PANEL_DAYS)]
        panel = len(held) - 1 if day in held else None
        return Scene(self.seed, day, number=len(worked) - 1, panel=panel, parts=self._parts)
