"""Enforcement actions as a control sees them: which are live, when they are due, which are high-risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lists_sync.controls.due import due_moments
from lists_sync.controls.local import NAT, Bools, Ints, micros
from lists_sync.controls.matching import is_in

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pandas as pd

    from lists_sync.controls.base import Lists

NOT_LIVE = ("Closed", "Cancelled")


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines, one place each, in the order of the frame.

    Args:
        live: neither closed nor cancelled; a blank or unknown Status is live.
        due: due moment in microseconds, `NAT` where there is none to use.
        due_day: local day it is due on, days since 1970.
        due_unusable: a due date stands there but cannot be used.
    """

    frame: pd.DataFrame
    live: Bools
    closed: Bools
    high: Bools
    due: Ints
    due_day: Ints
    due_unusable: Bools

    @property
    def has_due(self) -> Bools:
        """Where there is a due date to use."""
        known: Bools = self.due != NAT
        return known

    def overdue(self, moment_us: int) -> Bools:
        """Where a live line's due moment has passed; at the moment itself it is still in time."""
        late: Bools = self.live & self.has_due & (self.due < moment_us)
        return late


def read_lines(lists: Lists, zone: ZoneInfo) -> Lines:
    """Read the lines of a snapshot.

    Source: controls.md section 1: live line, high-risk, due moment.
    """
    frame = lists.frames["actions"]
    due, due_day = due_moments(micros(frame["DueDate"]), zone)
    closed = is_in(frame["Status"], NOT_LIVE[:1])
    return Lines(
        frame=frame,
        live=~(closed | is_in(frame["Status"], NOT_LIVE[1:])),
        closed=closed,
        high=is_in(frame["RiskRating"], ("High",)),
        due=due,
        due_day=due_day,
        due_unusable=lists.is_unusable("actions", "DueDate"),
    )
