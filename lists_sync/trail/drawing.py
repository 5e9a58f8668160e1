"""Which run drew a burst, what it had read, and which rows it made: as the local state keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from lists_sync.mirror.kept import read_json
from lists_sync.mirror.tables import cursor, outbox, pull, run

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Engine, Row

JOB = "burst-sample"
ROWS = "burst_samples"
_DONE = "done"


@dataclass(frozen=True)
class Drawing:
    """The run that fixed the sample of a burst.

    Args:
        moment: the instant it judged at, ISO UTC.
        pull: the pull that brought what it read; None where nobody can tell.
        completed: False where it was cut off, or failed.
        policy: fingerprint of the job it applied, "" where it came to no end.
        fixed: unique ids of the files whose rows it meant to make, in the order of drawing.
    """

    run: int
    moment: str
    pull: int | None
    completed: bool
    policy: str
    fixed: tuple[str, ...] = ()


def find_drawing(engine: Engine, burst: str) -> Drawing | None:
    """Give the run that fixed a burst's sample: the first to mean any of its rows, else the first completed.

    A run that was cut off counts too, because its intention was committed before its first row was made.
    """
    with engine.connect() as connection:
        meant = select(outbox.c.run, outbox.c.key).where(*_rows_of(burst)).order_by(outbox.c.id)
        keys = connection.execute(meant).all()
        if keys:
            first = min(row.run for row in keys)
            row = connection.execute(select(run).where(run.c.id == first)).one_or_none()
            fixed = dict.fromkeys(one.key.rpartition("/")[2] for one in keys if one.run == first)
            return _drawing(connection, row, tuple(fixed)) if row else None
        ended = [run.c.job == JOB, run.c.result.like("Completed%"), run.c.content.is_not(None)]
        for row in connection.execute(select(run).where(*ended).order_by(run.c.id)).all():
            if read_json(row.content)["measures"].get("BurstId") == burst:
                return _drawing(connection, row)
    return None


def rows_made_since(engine: Engine, burst: str) -> frozenset[str]:
    """Give the unique ids of the files whose rows the bot made after the list was last read."""
    with engine.connect() as connection:
        read = connection.scalar(select(cursor.c.pull).where(cursor.c.list == ROWS)) or 0
        made = select(outbox.c.key, outbox.c.run).where(*_rows_of(burst), outbox.c.state == _DONE)
        keys = connection.execute(made).all()
        numbers = {row.run for row in keys}
        rows = connection.execute(select(run).where(run.c.id.in_(numbers))).all()
        pulls = {row.id: _pull_of(connection, row) for row in rows}
    unseen = (row.key for row in keys if read <= (pulls.get(row.run) or 0))
    return frozenset(key.rpartition("/")[2] for key in unseen)


def _rows_of(burst: str) -> list[ColumnElement[bool]]:
    """Give what picks the rows of a burst among all that was ever meant to be written."""
    return [outbox.c.list == ROWS, outbox.c.item.is_(None), outbox.c.key.startswith(f"{burst}/")]


def _drawing(connection: Connection, row: Row[Any], fixed: tuple[str, ...] = ()) -> Drawing:
    content = read_json(row.content) if row.content else {}
    completed = str(row.result or "").startswith("Completed")
    policy = str(content.get("policy") or "")
    return Drawing(row.id, row.moment, _pull_of(connection, row), completed, policy, fixed)


def _pull_of(connection: Connection, row: Row[Any]) -> int | None:
    """Give the pull that a run judged; of one that came to no end, the first that began after it did."""
    if row.pull is not None:
        return int(row.pull)
    before = connection.scalar(select(func.max(run.c.pull)).where(run.c.id < row.id)) or 0
    own = [pull.c.at >= row.started_at, pull.c.id > before]
    found = connection.scalar(select(func.min(pull.c.id)).where(*own))
    return int(found) if found is not None else None
