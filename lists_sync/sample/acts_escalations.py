"""Who takes up what the bot puts before them, and who does not in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from lists_sync.sample.acts_deadlines import TUESDAY, WEDNESDAY
from lists_sync.sample.days import written
from lists_sync.sample.people import BY_LOGIN
from lists_sync.sample.scene import Act, Edit, Row, Rows, Scene, Workspace, typed

_OWNER = "Action Owner"
_HOLDERS = {
    "Registered Manager": "amara.nwosu",
    "Operations Manager": "grace.holloway",
    "Provider Director": "helen.strand",
    "Nominated Individual": "marcus.bellamy",
    "Learning and Development Lead": "ruth.adeyemi",
    "Clinical Lead": "sofia.marsh",
    "Unit Manager": "daniel.osei",
}
_ROUNDS = ("08:40", "10:35", "13:10", "14:50", "16:20", "17:40")
"""When those who answer for a role look at what was put before them."""


def acts(scene: Scene) -> Iterator[Act]:
    """Yield the day's acts.

    On the third day the Operations Manager is late with what came in the morning, so that it goes a step up;
    of the owners one never takes up what is put before them, so that it goes to the Registered Manager.
    """
    yield scene.act("09:05", "amara.nwosu", "notes what came of what was taken up before", _resolve)
    yield scene.act("09:20", "The owners", "take up what was put before them, but for one", _owners)
    for role, login in _HOLDERS.items():
        for at in _ROUNDS:
            if not _is_away(scene, role, at):
                yield scene.act(at, login, "takes up what was put before them", _take_up(role))


def _is_away(scene: Scene, role: str, at: str) -> bool:
    """Tell whether the holder of a role does not look at that time."""
    if role == "Operations Manager" and scene.chapter == WEDNESDAY:
        return at < "13:00"
    if role == "Clinical Lead" and scene.chapter == TUESDAY:
        return at > "10:30"
    return role == "Unit Manager" and at != "16:20"


def _waiting(rows: Rows, matches: Callable[[Row], bool]) -> list[Row]:
    """Give the escalations that ask for something and that nobody has taken up."""
    return [
        row
        for row in rows("escalations")
        if row.get("Status", "Raised") in {"Raised", "Overdue"} and row.get("ActBy") and matches(row)
    ]


def _taken(row: Row, email: str, now: datetime) -> Row:
    return {
        "id": row["id"],
        "Status": "Acknowledged",
        "AcknowledgedBy": email,
        "AcknowledgedAt": written(now),
    }


def _take_up(role: str) -> Edit:
    email = BY_LOGIN[_HOLDERS[role]].email

    def edit(rows: Rows, now: datetime) -> Workspace:
        found = _waiting(rows, lambda row: row.get("ToRole") == role)
        return typed(escalations=[_taken(row, email, now) for row in found])

    return edit


def _owners(rows: Rows, now: datetime) -> Workspace:
    found = _waiting(rows, lambda row: row.get("ToRole") == _OWNER and "ToPerson" in row)
    taken = [_taken(row, row["ToPerson"], now) | {"Editor": row["ToPerson"]} for row in found[1:]]
    return typed(escalations=taken)


def _resolve(rows: Rows, now: datetime) -> Workspace:
    """Resolve what was taken up on an earlier day."""
    today = written(now)[:10]
    done = [
        row
        for row in rows("escalations")
        if row.get("Status") == "Acknowledged" and str(row.get("AcknowledgedAt", today))[:10] < today
    ]
    return typed(
        escalations=[{"id": row["id"], "Status": "Resolved", "Outcome": "Dealt with."} for row in done]
    )
