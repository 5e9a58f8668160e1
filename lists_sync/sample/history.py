"""What stands in the record lists before the first day.

Rosewood's board tried the bot at its last deadline challenge session; everything else begins with the day.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from lists_sync.sample.cast import Cast, Row
from lists_sync.sample.days import LONDON, falls_to, written
from lists_sync.sample.people import LEAVER, NO_CAPACITY, NOT_ACTIVE, OVERLOADED
from lists_sync.sample.scene import due_moment

CHALLENGE_DAYS = frozenset({1, 3})
"""Weekdays of the challenge session: Tuesday and Thursday."""
_SESSION = time(14, 30)
_JOB = "deadline-challenge"
_CANNOT_COPE = {None, LEAVER, NO_CAPACITY, NOT_ACTIVE, OVERLOADED}


def board_summary(cast: Cast, changes: list[Row], files: list[Row]) -> list[Row]:
    """Give the record of the last challenge session, counted from the lines as they stood then."""
    day = next(day for day in cast.days.worked_before if falls_to(day, CHALLENGE_DAYS))
    then = datetime.combine(day, _SESSION, LONDON)
    live = [row for row in cast.items() if _was_live(row, then)]
    late = [row for row in live if (due := due_moment(row)) and due < then]
    high = [row for row in late if row["RiskRating"] == "High"]
    slot = then.astimezone(UTC)
    return [
        {
            "RecordKey": f"{_JOB}/{slot:%Y-%m-%dT%H:%M}Z",
            "Slot": written(then),
            "RanAt": written(then),
            "FirstRun": True,
            "OverdueOpen": len(late),
            "DeadlineChangesApproved": sum(_is_in_first_cycle(row, then) for row in changes),
            "HighRiskWithoutEvidence": len(_without_evidence(live, files)),
            "OverdueHighRisk": len(high),
            "ServicesAtRisk": len({row["Service"] for row in high if row.get("Owner") in _CANNOT_COPE}),
        }
    ]


def _was_live(row: Row, then: datetime) -> bool:
    if row["Status"] == "Closed":
        return datetime.fromisoformat(row["ClosedOn"]) > then
    return bool(row["Status"] != "Cancelled")


def _is_in_first_cycle(change: Row, then: datetime) -> bool:
    """Tell whether a change was approved in the day before the session, which was the first."""
    if "ApprovedOn" not in change:
        return False
    return then - timedelta(days=1) < datetime.fromisoformat(change["ApprovedOn"]) <= then


def _without_evidence(live: list[Row], files: list[Row]) -> list[Row]:
    evidenced = {
        ref.strip()
        for file in files
        if file["fields"].get("LatestVerdict") != "Invalid"
        for ref in file["fields"].get("ActionRef", "").split(";")
    }
    return [row for row in live if row["RiskRating"] == "High" and row["ActionRef"] not in evidenced]
