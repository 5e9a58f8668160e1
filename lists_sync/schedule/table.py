"""The slots as the local state keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, or_, select

from lists_sync.clock import iso, parse
from lists_sync.mirror.tables import run as run_table
from lists_sync.mirror.tables import slot as slot_table
from lists_sync.schedule.slots import LOOK_BACK, OPEN, Slot, State

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lists_sync.worktime import Calendar


class SlotTable:
    """The slots that have come, each once by its job and local time; opened over the local state."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def rows(self, since: datetime) -> list[Slot]:
        """Give the slots from an instant on, and every earlier one that is open, in order of time."""
        mine = or_(slot_table.c.at >= iso(since), slot_table.c.state.in_(sorted(OPEN)))
        with self.engine.connect() as connection:
            found = connection.execute(select(slot_table).where(mine).order_by(slot_table.c.at)).all()
        return [_slot(row) for row in found]

    def to_plan_from(self, now: datetime, calendar: Calendar) -> list[Slot]:
        """Give what the planner must know: the newest day's slots and today's, and all that is open."""
        with self.engine.connect() as connection:
            newest = connection.scalar(select(func.max(slot_table.c.at)).where(slot_table.c.at <= iso(now)))
        since = max(parse(newest), now - LOOK_BACK) if newest else now
        return self.rows(calendar.start_of_day(calendar.local_date(since)))

    def save(self, slots: Iterable[Slot]) -> None:
        """Commit how these slots stand, all or none."""
        rows = [_row(one) for one in slots]
        if not rows:
            return
        with self.engine.begin() as connection:
            for row in rows:
                mine = [slot_table.c.job == row["job"], slot_table.c.local == row["local"]]
                connection.execute(delete(slot_table).where(*mine))
            connection.execute(insert(slot_table), rows)

    def done_by_hand(self, slot: Slot) -> Slot | None:
        """Give the slot as done where a run of this state completed it; None where none did."""
        mine = [
            run_table.c.job == slot.job,
            run_table.c.slot == iso(slot.at),
            run_table.c.result.like("Completed%"),
        ]
        query = select(run_table.c.id, run_table.c.moment).where(*mine).order_by(run_table.c.id).limit(1)
        with self.engine.connect() as connection:
            found = connection.execute(query).one_or_none()
        if found is None:
            return None
        return slot.done(run=int(found.id), late_minutes=minutes_after(slot.at, parse(found.moment)))


def minutes_after(slot: datetime, moment: datetime) -> int:
    """Give the whole minutes from a slot to the moment at which it was judged; never below zero."""
    return max(0, int((moment - slot).total_seconds() // 60))


def _row(slot: Slot) -> dict[str, Any]:
    return {
        "job": slot.job,
        "local": slot.local,
        "at": iso(slot.at),
        "closes_at": iso(slot.closes_at) if slot.closes_at else None,
        "state": str(slot.state),
        "tries": slot.tries,
        "not_before": iso(slot.not_before) if slot.not_before else None,
        "run": slot.run,
        "late_minutes": slot.late_minutes,
    }


def _slot(row: Any) -> Slot:
    return Slot(
        row.job,
        row.local,
        parse(row.at),
        parse(row.closes_at) if row.closes_at else None,
        State(row.state),
        row.tries,
        parse(row.not_before) if row.not_before else None,
        row.run,
        row.late_minutes,
    )
