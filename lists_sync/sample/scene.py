"""What an act of the sample's people is, and what somebody who acts can see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from lists_sync.sample.days import LONDON, Days, local_day, written
from lists_sync.sample.people import BY_LOGIN, DOMAIN

Row = dict[str, Any]
Workspace = dict[str, Any]
Rows = Callable[[str], list[Row]]
"""How the lists stand now: the items of a list by its key, each with its `id`; not to be changed."""
Edit = Callable[[Rows, datetime], Workspace]
"""What somebody types, seeing the lists at an instant; empty where there is nothing for them to do."""

CHAPTERS = 5
BEFORE_SLOTS = time(8, 15)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Act:
    """Something that somebody of the sample does at a time.

    Args:
        at: the instant, in local time.
        who: the name of the person, or of those who do it.
        what: a short plain sentence.
        edit: gives what they type, as `POST /_workspace/load` takes it; empty where there is nothing to do.
    """

    at: datetime
    who: str
    what: str
    edit: Callable[[Rows], Workspace]


@dataclass(frozen=True)
class Scene:
    """One working day of the sample's people.

    Args:
        number: how many working days of the rehearsal lie before it.
        panel: how many of these were review days, if the panel sits on this day; None if it does not.
        parts: references of the sample's lines by the name of the part they play.
    """

    seed: int
    day: date
    number: int
    panel: int | None
    parts: Mapping[str, list[str]]
    days: Days = field(init=False)

    def __post_init__(self) -> None:
        """Look up the calendar around the day."""
        object.__setattr__(self, "days", Days(self.day))

    @property
    def chapter(self) -> int:
        """Which of the five different days this is, from 0; after the fifth the first comes again."""
        return self.number % CHAPTERS

    @property
    def burst(self) -> str:
        """The name of the day's burst."""
        return f"B-{self.day.isoformat()}"

    @property
    def until_tomorrow(self) -> datetime:
        """The next working morning's first slot, before which nobody can do anything more."""
        return datetime.combine(self.days.next_worked, BEFORE_SLOTS, LONDON)

    def rng(self, name: str) -> Random:
        """Give a generator of the scene's own for one thing, so that no act moves another's draw."""
        return Random(f"{self.seed}/{self.day}/{name}")  # noqa: S311  # the same every time is the point

    def act(self, at: str, login: str, what: str, edit: Edit) -> Act:
        """Give an act of a person, who is then the editor of all that it touches.

        Args:
            at: the local time, `10:20`.
            login: of one of the people; anything else is the name of several, whose items name their editors.
        """
        when = datetime.combine(self.day, time.fromisoformat(at), LONDON)
        person = BY_LOGIN.get(login)

        def typed(rows: Rows) -> Workspace:
            return _signed(edit(rows, when), f"{login}@{DOMAIN}" if person else "")

        return Act(when, person.name if person else login, what, typed)


def _signed(typed: Workspace, editor: str) -> Workspace:
    """Name the editor on every item that does not name one."""
    lists = typed.get("lists", {})
    signed = {
        key: [({"Editor": editor} if editor else {}) | row for row in rows] for key, rows in lists.items()
    }
    return typed | {"lists": signed} if lists else typed


def typed(**lists: Iterable[Row]) -> Workspace:
    """Give edits of lists as a document to load; those without a row are left out."""
    found = {key: list(rows) for key, rows in lists.items()}
    kept = {key: rows for key, rows in found.items() if rows}
    return {"lists": kept} if kept else {}


def live(rows: Rows) -> list[Row]:
    """Give the action lines that are neither closed nor cancelled."""
    return [row for row in rows("actions") if row.get("Status") not in {"Closed", "Cancelled"}]


def due_moment(row: Row) -> datetime | None:
    """Give when a line is due; one that is due on a day has all of that day."""
    text = row.get("DueDate")
    if not text:
        return None
    instant = datetime.fromisoformat(str(text))
    if instant.tzinfo is None:
        return datetime.combine(instant.date() + _DAY, time(), LONDON)
    local = instant.astimezone(LONDON)
    if local.time() == time():
        return datetime.combine(local.date() + _DAY, time(), LONDON)
    return local


def due_day(row: Row) -> date:
    """Give the day that a line with a due date is due on."""
    return local_day(str(row["DueDate"]))


def overdue(rows: Rows, now: datetime) -> list[Row]:
    """Give the live lines past their due moment, longest overdue first."""
    late = [(moment, row) for row in live(rows) if (moment := due_moment(row)) and moment < now]
    return [row for _, row in sorted(late, key=lambda one: (one[0], one[1]["id"]))]


def closing(row: Row, now: datetime, *, forgets: bool = False) -> Row:
    """Give the edit that closes a line; one who forgets leaves the time out."""
    return {"id": row["id"], "Status": "Closed"} | ({} if forgets else {"ClosedOn": written(now)})


def moving(row: Row, to: date, now: datetime, approver: str) -> tuple[Row, Row]:
    """Give the edit that moves a line's due date, and the approved change that stands behind it."""
    asked = row.get("Owner")
    change = {
        "ActionRef": row["ActionRef"],
        "PreviousDueDate": due_day(row).isoformat(),
        "NewDueDate": to.isoformat(),
        "Decision": "Approved",
        "ApprovedBy": approver,
        "ApprovedOn": written(now),
        "Reason": "Agreed with the notice's own date in view.",
    } | ({"RequestedBy": asked} if asked else {})
    return {"id": row["id"], "DueDate": to.isoformat()}, change
