"""How things stand, from the local state alone: no network, and nobody at work is kept waiting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lists_sync.clock import parse
from lists_sync.mirror.tables import outbox, run
from lists_sync.mirror.versions import Mirror
from lists_sync.outbox import TEAMS, Outbox
from lists_sync.schedule.board import Board, read_board
from lists_sync.schedule.slots import Slot, State, next_slot, slots_of
from lists_sync.schedule.table import SlotTable, minutes_after
from lists_sync.trail.runs import first_moment

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lists_sync.context import Definitions


@dataclass(frozen=True)
class LastRun:
    """The newest run of a job; `result` is None while it goes on, or where it was cut off."""

    slot: datetime
    moment: datetime
    result: str | None

    @property
    def late_minutes(self) -> int:
        """Whole minutes after the slot."""
        return minutes_after(self.slot, self.moment)


@dataclass(frozen=True)
class JobStatus:
    """A job's last run and its next slot; None where there is none."""

    job: str
    title: str
    last: LastRun | None
    next: datetime | None


@dataclass(frozen=True)
class Window:
    """A window of today that was not kept; `late_minutes` is None where it was missed."""

    job: str
    slot: datetime
    closed_at: datetime
    late_minutes: int | None = None


@dataclass(frozen=True)
class Status:
    """How things stand.

    Args:
        windows: today's windows that were not kept, in order.
        unsent: writes that are meant and not answered.
        posts_refused: posts of today that Teams did not take.
        posts_in_doubt: those of today of which nobody knows.
    """

    at: datetime
    jobs: tuple[JobStatus, ...]
    windows: tuple[Window, ...]
    board: Board = field(default_factory=Board)
    unsent: int = 0
    posts_refused: int = 0
    posts_in_doubt: int = 0


def read_status(files: Definitions, engine: Engine, now: datetime) -> Status:
    """Read how things stand.

    Args:
        engine: the local state, open for reading.

    Raises:
        StateError, SQLAlchemyError: it cannot be read.
    """
    calendar = files.provider.calendar
    last = _last_runs(engine)
    jobs = [
        JobStatus(job.name, job.title, last.get(job.name), coming.at if coming else None)
        for job in files.jobs.values()
        if job.schedule.slots
        for coming in [next_slot(job, now, calendar)]
    ]
    posts = _posts(engine, calendar.start_of_day(calendar.local_date(now)))
    return Status(
        now,
        tuple(jobs),
        tuple(_windows(files, engine, now)),
        read_board(files, Mirror(engine), now),
        Outbox(engine).unsent_count(),
        posts.get("refused", 0),
        posts.get("sending", 0),
    )


def _last_runs(engine: Engine) -> dict[str, LastRun]:
    newest = select(func.max(run.c.id)).group_by(run.c.job)
    query = select(run.c.job, run.c.slot, run.c.moment, run.c.result).where(run.c.id.in_(newest))
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    return {row.job: LastRun(parse(row.slot), parse(row.moment), row.result) for row in rows}


def _windows(files: Definitions, engine: Engine, now: datetime) -> Iterator[Window]:
    """Yield today's windows that have closed and were not kept, from the first run of this state on."""
    calendar, table = files.provider.calendar, SlotTable(engine)
    first = first_moment(engine)
    today = calendar.local_date(now)
    noted = {one.key: one for one in table.rows(calendar.start_of_day(today))}
    slots = [one for job in files.jobs.values() for one in slots_of(job, today, calendar)]
    for one in sorted(slots, key=lambda one: one.at):
        known = table.done_by_hand(one) or noted.get(one.key)
        if one.closes_at is None or one.closes_at > now:
            continue
        if known is not None:
            yield from _not_kept(known, one.closes_at)
        elif first is not None and parse(first) < one.at:
            yield Window(one.job, one.at, one.closes_at)


def _not_kept(slot: Slot, closed_at: datetime) -> Iterator[Window]:
    if slot.is_open or slot.state in {State.MISSED, State.PASSED}:
        yield Window(slot.job, slot.at, closed_at)
    elif slot.late_minutes is not None and minutes_after(slot.at, closed_at) <= slot.late_minutes:
        yield Window(slot.job, slot.at, closed_at, slot.late_minutes)


def _posts(engine: Engine, since: datetime) -> dict[str, int]:
    """Count by state the posts of the runs begun since an instant."""
    first = select(func.min(run.c.id)).where(run.c.moment >= f"{since:%Y-%m-%dT%H:%M:%SZ}").scalar_subquery()
    mine = [outbox.c.list.like(f"{TEAMS}%"), outbox.c.run >= first]
    query = select(outbox.c.state, func.count()).where(*mine).group_by(outbox.c.state)
    with engine.connect() as connection:
        return {state: int(count) for state, count in connection.execute(query)}
