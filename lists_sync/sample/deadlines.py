"""Troubles with deadlines, owners and values, for controls 1.1 to 1.5."""

from __future__ import annotations

from datetime import date, time, timedelta

from lists_sync.sample.cast import Cast, Row
from lists_sync.sample.days import instant
from lists_sync.sample.people import (
    DISABLED,
    LEAVER,
    NO_CAPACITY,
    NOT_ACTIVE,
    OVERLOADED,
)
from lists_sync.sample.words import NOTICES

_DAY = timedelta(days=1)
_NOON, _FIVE = time(12), time(17)
_REASONS = ("Supplier's date moved.", "Audit cycle is monthly.", "Panel asked for more.")


def trouble(cast: Cast) -> None:
    """Give the cast's lines every trouble that the deadline controls look for."""
    _overdue(cast)
    _due_soon(cast)
    _owners(cast)
    _definitions(cast)
    _unusable(cast)


def _overdue(cast: Cast) -> None:
    days = cast.days
    for place, ref in enumerate(cast.take("overdue high risk", 6, RiskRating="High", EffortHours=2)):
        cast.due_on(ref, days.weekday_on(-4 * place - 9), None if place % 3 == 0 else _FIVE)
    for ref in cast.parts["overdue high risk"][1:3]:
        cast.set(ref, Owner=LEAVER)
    for place, ref in enumerate(
        cast.take("overdue", 4, RiskRating="Medium", Owner=OVERLOADED, EffortHours=5)
    ):
        cast.due_on(ref, days.weekday_on(-5 * place - 6), _NOON)
    for ref in cast.take("turning severe", 3, RiskRating="Medium", Status="In progress"):
        cast.due_on(ref, days.eve - _DAY, None)
    for ref in cast.take(
        "nearly complete without evidence", 2, RiskRating="Low", Owner=OVERLOADED, Status="Nearly complete"
    ):
        cast.due_on(ref, days.weekday_on(-12), _FIVE)
        cast.files[ref] = 0


def _due_soon(cast: Cast) -> None:
    days = cast.days
    moments = (
        (0, time(12)),
        (0, None),
        (0, time(17, 30)),
        (1, None),
        (1, time(9)),
        (1, time(17)),
        (2, time(8)),
        (2, time(8, 15)),
    )
    for (offset, at), ref in zip(moments, cast.take("due soon", len(moments)), strict=True):
        cast.due_on(ref, days.on(offset), at)
    cast.set(cast.parts["due soon"][6], RiskRating="High")
    for ref in cast.parts["due soon"][4:6]:
        cast.set(ref, Owner=NO_CAPACITY, EffortHours=3)
    for place, ref in enumerate(cast.take("due this week", 12)):
        cast.due_on(ref, days.on(3 + place % 4), _FIVE)
    first, second = cast.parts["due this week"][:2]
    cast.set(first, LinkedActions=second)
    cast.set(second, LinkedActions=f"{first}; {cast.parts['due this week'][2]}")
    for ref in cast.take("missing due date", 3):
        cast.set(ref, DueDate=None)
    for ref in cast.take("evidence overdue", 5):
        cast.set(ref, EvidenceDueDate=days.weekday_on(-7).isoformat())
        cast.files[ref] = 0


def _owners(cast: Cast) -> None:
    cast.take("owned by a leaver", 3, Owner=LEAVER)
    cast.take("owner not active", 1, Owner=NOT_ACTIVE)
    cast.take("owner's account disabled", 1, Owner=DISABLED)
    cast.take("no owner", 2, Owner=None)


def _definitions(cast: Cast) -> None:
    cast.take("missing evidence due date", 5, EvidenceDueDate=None)
    gaps = ("EvidenceRequirement", "ValidationMethod", "ClosureRule", "QualityStatements")
    for column, ref in zip(gaps, cast.take("definition gap", len(gaps)), strict=True):
        cast.set(ref, **{column: None})
    for ref in cast.take("outdated evidence", 3, Status="In progress"):
        cast.set(ref, RaisedOn=cast.days.weekday_on(-150).isoformat())
    cast.take(
        "improvement not shown",
        2,
        ResolutionClaim="Fully resolved",
        BaselineFailureRate=40,
        CurrentFailureRate=37,
    )


def _unusable(cast: Cast) -> None:
    days = cast.days
    (far,) = cast.take("due years ahead", 1)
    due = cast.due[far]
    cast.set(far, DueDate=instant(date(days.day.year + 6, due.month, min(due.day, 28)), 17))
    cast.take("impossible rate", 1, CurrentFailureRate=140)
    cast.take("negative effort", 1, EffortHours=-3)
    cast.take("unknown status", 1, Status="On hold")
    cast.take("closed in the future", 1, Status="Closed", ClosedOn=instant(days.weekday_on(6), 15))


def register(cast: Cast) -> list[Row]:
    """Give the compliance master register, which disagrees with five lines."""
    different = set(cast.take("mismatched with the register", 4))
    missing = set(cast.take("not on the register", 1))
    cast.take("mismatched with an approved change", 2)
    kinds = {notice.ref: notice for notice in NOTICES}
    rows = []
    for ref, row in cast.rows.items():
        if ref in missing:
            continue
        notice = kinds[row["NoticeRef"]]
        due = cast.due[ref] - 14 * _DAY if ref in different else cast.due[ref]
        rows.append(
            {
                "ActionRef": ref,
                "NoticeRef": notice.ref,
                "NoticeType": notice.kind,
                "IssuedOn": cast.days.weekday_on(-notice.issued_days_ago).isoformat(),
                "RegisteredDueDate": due.isoformat(),
            }
        )
    return rows


def deadline_changes(cast: Cast) -> list[Row]:
    """Give the deadline changes: approved, pending and rejected; three lines were moved again and again."""
    rows = [
        _change(cast, ref, moved=-7 * (step - 1), ago=6 * step - 1)
        for place, ref in enumerate(cast.take("repeated date changes", 3))
        for step in range(2 + place % 2, 0, -1)
    ]
    unmoved = cast.parts["mismatched with an approved change"]
    rows += [_change(cast, ref, moved=10, ago=8) for ref in unmoved]
    pending = cast.take("change pending", 3)
    rows += [_change(cast, ref, moved=14, ago=2, decision="Pending") for ref in pending]
    rejected = cast.take("change rejected", 2)
    rows += [_change(cast, ref, moved=21, ago=9, decision="Rejected") for ref in rejected]
    (late,) = cast.take("change approved on the eve", 1)
    return [*rows, _change(cast, late, ago=1) | {"ApprovedOn": instant(cast.days.eve, 15, 30)}]


def _change(cast: Cast, ref: str, *, ago: int, moved: int = 0, decision: str = "Approved") -> Row:
    """Give a change made some days ago that ends so many days off the line's own due day."""
    ends = cast.due[ref] + moved * _DAY
    made = instant(cast.days.weekday_on(-ago), 10, 30)
    row = {
        "ActionRef": ref,
        "PreviousDueDate": (ends - 7 * _DAY).isoformat(),
        "NewDueDate": ends.isoformat(),
        "RequestedBy": cast.rows[ref].get("Owner"),
        "Decision": decision,
        "Reason": cast.rng.choice(_REASONS),
    }
    if decision == "Approved":
        row |= {"ApprovedBy": "grace.holloway@rosewood.example", "ApprovedOn": made}
    return {column: value for column, value in row.items() if value is not None}
