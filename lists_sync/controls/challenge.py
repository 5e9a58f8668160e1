"""Control 1.5, deadline challenge: what the board must know of deadlines, twice a week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.files import INVALID, Files, file_verdicts, read_files, read_samples
from lists_sync.controls.findings import most_pressing, tell
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.load import NOBODY, Loads, read_loads
from lists_sync.controls.local import NAT, Bools, Ints, micros, micros_of
from lists_sync.controls.matching import is_in, word_table

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar


def deadline_challenge(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Count what is overdue, what was granted since the last session, and where nothing shows delivery.

    Args:
        lists: frames `actions`, `deadline_changes`, `managers`, `evidence`, `burst_samples`.
        settings: `pressure_above`, `horizon_days`, `blank_effort_hours`, as the rebalance has them.
        remembered: the cycle, whose start is outside it and whose end is inside.

    Returns:
        measures OverdueOpen, DeadlineChangesApproved, HighRiskWithoutEvidence, OverdueHighRisk,
        ServicesAtRisk; finding `OverdueHighRisk`.
    Source:
        Operational example 1, step 5; controls.md 1.5.
    """
    now = micros_of(moment)
    lines = read_lines(lists, calendar.zone)
    loads = read_loads(lists, lines, moment=moment, calendar=calendar, settings=settings)
    overdue = lines.overdue(now)
    high = overdue & lines.high
    approved, from_history = _changes_approved(lists, remembered)
    measures = {
        "OverdueOpen": int(overdue.sum()),
        "DeadlineChangesApproved": approved,
        "HighRiskWithoutEvidence": int(_without_evidence(lists, lines, moment).sum()),
        "OverdueHighRisk": int(high.sum()),
        "ServicesAtRisk": _services_at_risk(lines, loads, high),
    }
    late = np.where(lines.has_due, now - lines.due, NAT)
    facts = {
        "totals": {"OverdueHighRisk": measures["OverdueHighRisk"]},
        "from_history": {"deadline_changes.ApprovedOn": from_history},
    }
    findings = {"OverdueHighRisk": tell(lines, most_pressing(lines, high), late)}
    return Judged(measures, findings=findings, facts=facts)


def _changes_approved(lists: Lists, remembered: Remembered) -> tuple[int, int]:
    """Count the changes approved in the cycle, and how many of these times are from history."""
    approved_on, filled = lists.or_first_seen("deadline_changes", "ApprovedOn")
    at: Ints = micros(approved_on)
    start, end = micros_of(remembered.cycle_start), micros_of(remembered.cycle_end)
    in_cycle = (at != NAT) & (at > start) & (at <= end)
    counted = is_in(lists.frames["deadline_changes"]["Decision"], ("Approved",)) & in_cycle
    return int(counted.sum()), int((filled & counted).sum())


def _without_evidence(lists: Lists, lines: Lines, moment: datetime) -> Bools:
    """Tell which live high-risk lines have no file, or none but files found invalid."""
    files: Files = read_files(lists, lines)
    _, settled = file_verdicts(files, read_samples(lists, moment))
    shown = files.any_of_line(settled != INVALID, len(lines.frame))
    found: Bools = lines.live & lines.high & ~shown
    return found


def _services_at_risk(lines: Lines, loads: Loads, high_overdue: Bools) -> int:
    """Count the services with a line in trouble whose owner is not there or cannot cope."""
    alone = high_overdue & ((loads.owner == NOBODY) | loads.owner_is_overloaded)
    codes, words = word_table(lines.frame["Service"])
    return len({words[code] for code in np.unique(codes[alone]).tolist() if code >= 0} - {""})
