"""Control 1.1, deadline status: what is due, what is overdue, and where evidence is late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.files import Files, evidence_states, read_files
from lists_sync.controls.findings import most_pressing, tell
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import HOUR_US, NAT, Bools, days, micros_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from lists_sync.worktime import Calendar

STATES = ("Overdue", "Due within 48 h", "On track", "No due date")


def deadline_status(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,  # noqa: ARG001  # every control is called alike
) -> Judged:
    """Judge every live line against its due moment, and by what its evidence came to.

    Args:
        lists: frames `actions`, `evidence` and `burst_samples`.
        settings: `due_soon_hours`, elapsed hours.

    Returns:
        measures LiveLines, DueWithin48h, Overdue, OverdueHighRisk, EvidenceOverdue; columns DeadlineState,
        HighRiskOverdue and EvidenceState, cleared on lines not live; findings `overdue_high_risk` (every
        such line) and `pressing` (the lines a meeting takes first).
    Source:
        Operational example 1, step 1; controls.md 1.1.
    """
    now = micros_of(moment)
    lines = read_lines(lists, calendar.zone)
    files = read_files(lists, lines)
    overdue = lines.overdue(now)
    soon_us = int(settings["due_soon_hours"] * HOUR_US)
    soon = lines.live & lines.has_due & ~overdue & (lines.due <= now + soon_us)
    high = overdue & lines.high
    measures = {
        "LiveLines": int(lines.live.sum()),
        "DueWithin48h": int(soon.sum()),
        "Overdue": int(overdue.sum()),
        "OverdueHighRisk": int(high.sum()),
        "EvidenceOverdue": _evidence_overdue(lines, files, calendar.local_date(moment)),
    }
    columns = pd.DataFrame(
        {
            "DeadlineState": _states(lines, overdue, soon),
            "HighRiskOverdue": high,
            "EvidenceState": evidence_states(lists, lines, moment, files),
        },
        index=lines.frame.index,
    )
    late = np.where(lines.has_due, now - lines.due, NAT)
    findings = {
        "overdue_high_risk": tell(lines, most_pressing(lines, high, None), late),
        "pressing": tell(lines, most_pressing(lines, overdue | soon), late),
    }
    totals = {"pressing": int((overdue | soon).sum())}
    return Judged(measures, {"actions": columns}, findings, {"totals": totals})


def _states(lines: Lines, overdue: Bools, soon: Bools) -> pd.Series[Any]:
    """Give DeadlineState; a due date that cannot be used is none, and 1.2 says so beside it."""
    code = np.select([~lines.live, overdue, soon, lines.has_due], [4, 0, 1, 2], default=3)
    words = np.array([*STATES, np.nan], dtype=object)
    return pd.Series(pd.array(words[code], dtype="str"), index=lines.frame.index)


def _evidence_overdue(lines: Lines, files: Files, today: date) -> int:
    """Count live lines whose evidence day is before today and that no file names."""
    evidence_day = days(lines.frame["EvidenceDueDate"])
    late = lines.live & (evidence_day != NAT) & (evidence_day < today.toordinal() - _EPOCH)
    return int((late & ~files.are_there(len(lines.frame))).sum())


_EPOCH = 719_163  # ordinal of 1 January 1970
