"""Control 1.1, deadline status: what is due, what is overdue, and where evidence is late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.findings import most_pressing, tell
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import HOUR_US, NAT, Bools, Ints, days, micros_of
from lists_sync.controls.matching import normal_all, texts

if TYPE_CHECKING:
    from datetime import datetime

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
    """Judge every live line against its due moment.

    Args:
        lists: frames `actions` and `evidence`.
        settings: `due_soon_hours`, elapsed hours.

    Returns:
        measures LiveLines, DueWithin48h, Overdue, OverdueHighRisk, EvidenceOverdue; columns DeadlineState and
        HighRiskOverdue, cleared on lines not live; findings `overdue_high_risk` (every such line) and
        `pressing` (the lines a meeting takes first).
    Source:
        Operational example 1, step 1; controls.md 1.1.
    """
    now = micros_of(moment)
    lines = read_lines(lists, calendar.zone)
    overdue = lines.overdue(now)
    soon_us = int(settings["due_soon_hours"] * HOUR_US)
    soon = lines.live & lines.has_due & ~overdue & (lines.due <= now + soon_us)
    high = overdue & lines.high
    measures = {
        "LiveLines": int(lines.live.sum()),
        "DueWithin48h": int(soon.sum()),
        "Overdue": int(overdue.sum()),
        "OverdueHighRisk": int(high.sum()),
        "EvidenceOverdue": _evidence_overdue(lists, lines, calendar, moment),
    }
    columns = pd.DataFrame(
        {"DeadlineState": _states(lines, overdue, soon), "HighRiskOverdue": high}, index=lines.frame.index
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


def _evidence_overdue(lists: Lists, lines: Lines, calendar: Calendar, moment: datetime) -> int:
    """Count live lines whose evidence day is before today and that no file names."""
    today = calendar.local_date(moment).toordinal() - _EPOCH
    evidence_day = days(lines.frame["EvidenceDueDate"])
    late = np.flatnonzero(lines.live & (evidence_day != NAT) & (evidence_day < today))
    return int((~_has_file(lists, lines, late)).sum())


def _has_file(lists: Lists, lines: Lines, places: Ints) -> Bools:
    """Tell which of these lines a file of the evidence library names; a file may name several."""
    words, present = texts(lines.frame["ActionRef"].iloc[places])
    files, named = texts(lists.frames["evidence"]["ActionRef"])
    parts = ";".join(files[named]).replace("; ", ";").split(";")
    known = set(normal_all(parts)) - {""}
    found = np.zeros(len(places), dtype=bool)
    mine = normal_all(words[present].tolist())
    found[present] = np.fromiter((ref in known for ref in mine), dtype=bool, count=len(mine))
    return found


_EPOCH = 719_163  # ordinal of 1 January 1970
