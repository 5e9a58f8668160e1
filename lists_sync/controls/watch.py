"""The escalation watch: which escalations nobody took up in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.matching import clean, is_in, normal

if TYPE_CHECKING:
    from lists_sync.worktime import Calendar

TAKEN_UP = ("Acknowledged", "Resolved")
OVERDUE = "Overdue"
_STEP = "/step/"


def escalation_watch(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Find escalations past their time to act that nobody acknowledged.

    Args:
        lists: frame `escalations`.
        settings: `grace_hours`: working hours given where the time to act is the moment of raising.
        remembered: `left_behind`; `services`: the Service of a line, by its reference.

    Returns:
        no measures; moves of Status to `Overdue`; finding `step`: each such row with its key, the key and
        number of its next step, the role it was sent to, its references, and the Service of the first. A row
        that an earlier run moved, and whose next step it could not raise, is among them.
    Source:
        controls.md section 6, escalation watch; section 9, act by moment.
    """
    rows = lists.frames["escalations"]
    waiting = ~is_in(rows["Status"], (*TAKEN_UP, OVERDUE)) & rows["ActBy"].notna().to_numpy()
    due = _due(rows[waiting], calendar, settings["grace_hours"])
    late = rows[waiting][due < pd.Timestamp(moment)]
    left = rows[stepless(rows) & rows.index.isin(sorted(remembered.left_behind))]
    moved = pd.DataFrame({"Status": pd.Series(OVERDUE, index=late.index, dtype="str")})
    return Judged(
        {},
        moves={"escalations": moved} if len(late) else {},
        findings={"step": _steps(pd.concat([late, left]), remembered.services)},
    )


def stepless(rows: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Mark the rows that are `Overdue` although the step that goes with it does not stand."""
    moved = is_in(rows["Status"], (OVERDUE,)) & rows["ActBy"].notna().to_numpy()
    if moved.any():
        standing = {normal(key) for key in rows["EscalationKey"].dropna()}
        keys = [str(key or "") for key in rows["EscalationKey"][moved]]
        moved[moved] = [normal(next_key(key)) not in standing for key in keys]
    return moved


def _due(rows: pd.DataFrame, calendar: Calendar, grace_hours: float) -> np.ndarray[Any, Any]:
    """Give until when each row may stay as raised: its ActBy, a while longer where that was at once."""
    found = []
    for raised, by in zip(rows["RaisedAt"], rows["ActBy"], strict=True):
        at_once = not pd.isna(raised) and by - raised < timedelta(minutes=1)
        until = calendar.add_working_hours(by.to_pydatetime(), grace_hours) if at_once else by
        found.append(pd.Timestamp(until))
    return np.array(found, dtype=object)


def _steps(late: pd.DataFrame, services: Mapping[str, str]) -> pd.DataFrame:
    rows = []
    for row in late.to_dict("records"):
        key = str(row["EscalationKey"] or "")
        refs = tuple(clean(ref) for ref in str(_or(row["ActionRefs"], "")).split(";") if clean(ref))
        rows.append(
            {
                "key": str(row["EscalationKey"]),
                "next_key": next_key(key),
                "step": base_key(key)[1] + 1,
                "role": str(_or(row["ToRole"], "")),
                "about": str(_or(row["Control"], "")),
                "refs": refs,
                "service": services.get(normal(refs[0]), "") if refs else "",
            }
        )
    names = ("key", "next_key", "step", "role", "about", "refs", "service")
    return pd.DataFrame(rows, index=late.index, columns=list(names))


def next_key(key: str) -> str:
    """Give the key of the step that comes after an escalation, or after a step of it."""
    base, step = base_key(key)
    return f"{base}{_STEP}{step + 1}"


def base_key(key: str) -> tuple[str, int]:
    """Give the key of the escalation that a step belongs to, and how many steps it has gone up."""
    base, mark, step = key.rpartition(_STEP)
    return (base, int(step)) if mark and step.isdigit() else (key, 0)


def _or(value: Any, otherwise: str) -> Any:
    return otherwise if value is None or pd.isna(value) else value
