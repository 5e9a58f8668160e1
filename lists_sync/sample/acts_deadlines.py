"""What people do about deadlines, owners and their work, before and after controls 1.1 to 1.5."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from lists_sync.sample.days import written
from lists_sync.sample.people import BY_LOGIN, NO_CAPACITY, OVERLOADED, STEADY
from lists_sync.sample.scene import (
    Act,
    Edit,
    Row,
    Rows,
    Scene,
    Workspace,
    closing,
    due_day,
    due_moment,
    live,
    moving,
    overdue,
    typed,
)

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)
"""The five chapters by the days of a week that begins on a Monday."""

_HIGH_LEFT_COUNT = 3
_DEFECTS_LEFT_COUNT = 4
_WEEK = timedelta(days=7)
_APPROVER = BY_LOGIN["grace.holloway"].email
_MISMATCHED, _NO_EVIDENCE_DATE, _NO_OWNER = (
    "Mismatched deadline",
    "Missing evidence due date",
    "Inactive owner",
)


def acts(scene: Scene) -> Iterator[Act]:
    """Yield the day's acts; each finds what there is to do in the lists themselves."""
    chapter = scene.chapter
    if chapter in {MONDAY, WEDNESDAY, FRIDAY}:
        yield scene.act("10:20", "priya.raman", "puts right half of the dates and owners named", _half)
    if chapter != TUESDAY:
        yield scene.act("15:05", "priya.raman", "puts right what is left of them, but for a few", _most)
    if chapter == MONDAY:
        yield scene.act("11:10", "tom.ellery", "closes four lines, three of them days late", _closes_late)
        yield scene.act(
            "12:35", "grace.holloway", "gives Hanna Kowalska eight hours of help", _helps(NO_CAPACITY, 8)
        )
    else:
        yield scene.act("12:35", "grace.holloway", "moves lines to the owners suggested", _follows)
    if chapter == TUESDAY:
        yield scene.act(
            "12:40", "grace.holloway", "gives Callum Reyes four hours of help", _helps(OVERLOADED, 4)
        )
        yield scene.act("10:25", "mei.tanaka", "closes a line and forgets to say when", _forgets)
        yield scene.act(
            "14:50", "callum.reyes", "moves the dates of his lines without asking", _moves_unasked
        )
    if chapter == WEDNESDAY:
        yield scene.act("10:40", "grace.holloway", "approves half of the dates he moved", _decides)
        yield scene.act("12:40", "grace.holloway", "brings a linked deadline forward", _brings_forward)
        yield scene.act("11:20", "grace.holloway", "agrees new dates for two high-risk lines", _agrees_dates)
    if chapter in {WEDNESDAY, THURSDAY}:
        yield scene.act("11:50", "rhys.morgan", "closes the high-risk line longest overdue", _closes_high)
    if chapter == THURSDAY:
        yield scene.act("13:35", "grace.holloway", "agrees new dates for other high-risk lines", _down_to_few)

    def ends(rows: Rows, now: datetime) -> Workspace:
        return _end_of_day(scene, rows, now)

    yield scene.act("15:40", "The owners", "close what is due by tomorrow, or have it moved", ends)


def _half(rows: Rows, now: datetime) -> Workspace:
    named = _named(rows)
    return _put_right(named[: (len(named) + 1) // 2], now)


def _most(rows: Rows, now: datetime) -> Workspace:
    return _put_right(_named(rows)[_DEFECTS_LEFT_COUNT:], now)


def _named(rows: Rows) -> list[Row]:
    """Give the live lines on which control 1.2 shows a defect, but for those that wait for a decision."""
    defects = {_MISMATCHED, _NO_EVIDENCE_DATE, _NO_OWNER}
    waiting = {row.get("ActionRef") for row in rows("deadline_changes") if row.get("Decision") == "Pending"}
    found = [row for row in live(rows) if defects & set(row.get("IntegrityDefects", ()))]
    return [row for row in found if row.get("ActionRef") not in waiting]


def _put_right(named: list[Row], now: datetime) -> Workspace:
    actions, changes = [], []
    for row in named:
        defects = row["IntegrityDefects"]
        edit: Row = {"id": row["id"]}
        dated = row if row.get("DueDate") else row | {"DueDate": (now.date() + 3 * _WEEK).isoformat()}
        if _MISMATCHED in defects:
            _, change = moving(dated, due_day(dated), now, _APPROVER)
            edit |= {"DueDate": dated["DueDate"]}
            changes.append(change)
        if _NO_EVIDENCE_DATE in defects:
            edit |= {"EvidenceDueDate": (due_day(dated) - timedelta(days=2)).isoformat()}
        if _NO_OWNER in defects:
            edit |= {"Owner": STEADY[row["id"] % len(STEADY)]}
        actions.append(edit)
    return typed(actions=actions, deadline_changes=changes)


def _closes_late(rows: Rows, now: datetime) -> Workspace:
    """Close three lines that were due some days ago, and the first that is due today."""
    late = [row for row in overdue(rows, now) if row.get("RiskRating") != "High"][-3:]
    today = [row for row in live(rows) if (due := due_moment(row)) and now <= due < now + timedelta(hours=3)]
    return typed(actions=[closing(row, now) for row in [*late, *today[:1]]])


def _helps(manager: str, hours: int) -> Edit:
    """Give a manager so many hours more of provider support."""

    def edit(rows: Rows, _now: datetime) -> Workspace:
        mine = [row for row in rows("managers") if row["Email"] == manager]
        return typed(
            managers=[{"id": row["id"], "SupportHours": row.get("SupportHours", 0) + hours} for row in mine]
        )

    return edit


def _brings_forward(rows: Rows, now: datetime) -> Workspace:
    """Have a line that is linked to another end a day earlier; the change is approved."""
    later = now + timedelta(days=2)
    linked = [row for row in live(rows) if row.get("LinkedActions") and (due_moment(row) or now) > later]
    moves = [moving(row, due_day(row) - timedelta(days=1), now, _APPROVER) for row in linked[:1]]
    return typed(actions=[edit for edit, _ in moves], deadline_changes=[change for _, change in moves])


def _follows(rows: Rows, _now: datetime) -> Workspace:
    """Give lines to the owners whom control 1.3 suggests beside them."""
    suggested = [row for row in live(rows) if row.get("SuggestedOwner")]
    return typed(actions=[{"id": row["id"], "Owner": row["SuggestedOwner"]} for row in suggested])


def _forgets(rows: Rows, now: datetime) -> Workspace:
    ahead = [row for row in live(rows) if (due := due_moment(row)) and due > now and _is_at_work(row)]
    return typed(actions=[closing(row, now, forgets=True) for row in ahead[:1]])


def _is_at_work(row: Row) -> bool:
    return row.get("Status") in {"In progress", "Nearly complete"} and row.get("RiskRating") != "High"


def _moves_unasked(rows: Rows, now: datetime) -> Workspace:
    """Move the dates of lines two weeks ahead; the changes are asked for, and nobody has decided them."""
    mine = [row for row in live(rows) if row.get("Owner") == OVERLOADED and row.get("DueDate")][:7]
    actions, changes = [], []
    to = now.date() + 2 * _WEEK
    for row in mine:
        actions.append({"id": row["id"], "DueDate": to.isoformat()})
        changes.append(
            {
                "ActionRef": row["ActionRef"],
                "PreviousDueDate": due_day(row).isoformat(),
                "NewDueDate": to.isoformat(),
                "RequestedBy": OVERLOADED,
                "Decision": "Pending",
                "Reason": "More time needed.",
            }
        )
    return typed(actions=actions, deadline_changes=changes)


def _decides(rows: Rows, now: datetime) -> Workspace:
    """Decide the changes that the unasked moves wait for: every other is approved, the rest put back."""
    waiting = [row for row in rows("deadline_changes") if row.get("Decision") == "Pending"]
    waiting = [row for row in waiting if row.get("RequestedBy") == OVERLOADED]
    by_ref = {row["ActionRef"]: row for row in rows("actions") if "ActionRef" in row}
    changes, actions = [], []
    for place, row in enumerate(waiting):
        if place % 2 == 0:
            decided = {"Decision": "Approved", "ApprovedBy": _APPROVER, "ApprovedOn": written(now)}
        else:
            decided = {"Decision": "Rejected"}
            back = by_ref.get(row["ActionRef"])
            actions += [{"id": back["id"], "DueDate": row["PreviousDueDate"]}] if back else []
        changes.append({"id": row["id"]} | decided)
    return typed(actions=actions, deadline_changes=changes)


def _high(rows: Rows, now: datetime) -> list[Row]:
    return [row for row in overdue(rows, now) if row.get("RiskRating") == "High"]


def _agrees_dates(rows: Rows, now: datetime) -> Workspace:
    return _move(_high(rows, now)[-2:], now)


def _down_to_few(rows: Rows, now: datetime) -> Workspace:
    return _move(_high(rows, now)[_HIGH_LEFT_COUNT:], now)


def _move(lines: list[Row], now: datetime) -> Workspace:
    moves = [moving(row, now.date() + 2 * _WEEK, now, _APPROVER) for row in lines]
    return typed(actions=[edit for edit, _ in moves], deadline_changes=[change for _, change in moves])


def _closes_high(rows: Rows, now: datetime) -> Workspace:
    return typed(actions=[closing(row, now) for row in _high(rows, now)[:1]])


def _end_of_day(scene: Scene, rows: Rows, now: datetime) -> Workspace:
    """Close what falls due before the next morning's first slot, or move it; one line is left lying.

    On the second day the high-risk lines are left as well.
    """
    until = scene.until_tomorrow
    ending = [row for row in live(rows) if (due := due_moment(row)) and now <= due < until]
    if scene.chapter == TUESDAY:
        ending = [row for row in ending if row.get("RiskRating") != "High"]
    plain = [row for row in ending if row.get("RiskRating") != "High"]
    left = {row["id"] for row in plain[-1:]}
    moved = {row["id"] for row in plain[:1]} - left
    moves = [moving(row, now.date() + _WEEK, now, _APPROVER) for row in ending if row["id"] in moved]
    closed = [closing(row, now) for row in ending if row["id"] not in left | moved]
    signed = [_by_owner(edit, ending) for edit in [*closed, *(edit for edit, _ in moves)]]
    return typed(actions=signed, deadline_changes=[change for _, change in moves])


def _by_owner(edit: Row, lines: list[Row]) -> Row:
    """Let the owner sign an edit of a line."""
    owner = next((row.get("Owner") for row in lines if row["id"] == edit["id"]), None)
    return {"Editor": owner} | edit if owner else edit
