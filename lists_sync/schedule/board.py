"""What stands open in Escalations and Closure holds, as the mirror last read those lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from lists_sync.clock import parse
from lists_sync.read import read_snapshot

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.mirror.versions import Mirror

SOONEST_COUNT = 10
_ESCALATIONS = "escalations"
_HOLDS = "closure_holds"


@dataclass(frozen=True)
class OpenEscalation:
    """An escalation that nobody resolved yet."""

    key: str
    role: str
    severity: str
    act_by: datetime
    overdue: bool


@dataclass(frozen=True)
class Hold:
    """A hold in force; `until` is None while its end is open."""

    key: str
    kind: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Board:
    """What stands open.

    Args:
        escalations_at: when the list was read last; None where it never was.
        by_severity: open escalations, counted.
        overdue: of those, how many are past their time and not taken up.
        soonest: those with the earliest time to act by.
        holds_at: as `escalations_at`.
    """

    escalations_at: datetime | None = None
    by_severity: Mapping[str, int] = field(default_factory=dict)
    overdue: int = 0
    soonest: tuple[OpenEscalation, ...] = ()
    holds_at: datetime | None = None
    holds: tuple[Hold, ...] = ()


def read_board(files: Definitions, mirror: Mirror, now: datetime) -> Board:
    """Read what stands open from the mirror alone; a list that was never read counts as not known."""
    read_at = {key: _read_at(mirror, key) for key in (_ESCALATIONS, _HOLDS)}
    known = [key for key, at in read_at.items() if at is not None]
    frames = read_snapshot(mirror, files, known, moment=now).frames if known else {}
    rows = frames.get(_ESCALATIONS)
    counts, overdue, soonest = _escalations(rows, now) if rows is not None else ({}, 0, ())
    holds = frames.get(_HOLDS)
    return Board(
        read_at[_ESCALATIONS],
        counts,
        overdue,
        soonest,
        read_at[_HOLDS],
        _in_force(holds, now) if holds is not None else (),
    )


def _read_at(mirror: Mirror, key: str) -> datetime | None:
    cursor = mirror.cursor(key)
    return parse(cursor.pulled_at) if cursor else None


def _escalations(rows: pd.DataFrame, now: datetime) -> tuple[dict[str, int], int, tuple[OpenEscalation, ...]]:
    rows = rows[rows["Status"].ne("Resolved").fillna(value=True).astype(bool)]
    late = (rows["ActBy"] < pd.Timestamp(now)) & rows["Status"].ne("Acknowledged").fillna(value=True)
    late |= rows["Status"].eq("Overdue").fillna(value=False)
    rows = rows.assign(late=late.astype(bool))
    counts = rows["Severity"].fillna("Not given").value_counts().to_dict()
    first = rows.dropna(subset=["ActBy"]).sort_values(["ActBy", "EscalationKey"]).head(SOONEST_COUNT)
    soonest = tuple(
        OpenEscalation(
            _text(row["EscalationKey"]),
            _text(row["ToRole"]),
            _text(row["Severity"]),
            row["ActBy"].to_pydatetime(),
            bool(row["late"]),
        )
        for row in first.to_dict("records")
    )
    return {str(name): int(count) for name, count in counts.items()}, int(rows["late"].sum()), soonest


def _in_force(rows: pd.DataFrame, now: datetime) -> tuple[Hold, ...]:
    """Give the holds that neither their end nor a person has ended."""
    at = pd.Timestamp(now)
    begun = rows["From"].isna() | (rows["From"] <= at)
    ended = rows["Until"].notna() & (rows["Until"] <= at)
    lifted = rows["LiftedAt"].notna() & (rows["LiftedAt"] <= at)
    lifted |= rows["LiftedAt"].isna() & rows["LiftedBy"].notna()
    found = rows[(begun & ~ended & ~lifted).astype(bool)].sort_values(["From", "HoldKey"])
    return tuple(
        Hold(_text(row["HoldKey"]), _text(row["Kind"]), _when(row["From"]), _when(row["Until"]))
        for row in found.to_dict("records")
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _when(value: object) -> datetime | None:
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) and not pd.isna(value) else None
