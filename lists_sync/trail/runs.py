"""The chain of runs: each holds the hash of what it did and of the run before."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import func, insert, select, update

from lists_sync.mirror.tables import outbox, pull, run
from lists_sync.outbox import OPEN

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Engine, Row


@dataclass(frozen=True)
class RunRow:
    """One run as the local state keeps it; `content`, and `body` as its bytes, is what its hash covers."""

    id: int
    job: str
    slot: str
    moment: str
    result: str | None
    chain_hash: str | None
    content: Mapping[str, Any] | None
    body: str = ""
    started_at: str = ""
    finished_at: str | None = None


class Runs:
    """The runs of this local state, oldest first.

    Args:
        before: only earlier runs count for what is remembered; None for all.
    """

    def __init__(self, engine: Engine, *, before: int | None = None) -> None:
        self.engine = engine
        self._before = before

    def begin(self, job: str, *, slot: str, moment: str, started_at: str) -> int:
        """Commit that a run has begun; gives its number."""
        values = {"job": job, "slot": slot, "moment": moment, "started_at": started_at}
        with self.engine.begin() as connection:
            made = connection.execute(insert(run).values(**values).returning(run.c.id))
            return int(made.scalar_one())

    def chained(self, number: int, content: Mapping[str, Any]) -> str:
        """Commit what the run did and chain it to the newest run before it; gives the hash.

        To the content come the run's number, that of the run before it in the chain, and what the local
        state holds since that one: how each write was meant and answered, and what each pull brought.
        """
        with self.engine.begin() as connection:
            before = _newest_chained(connection, number)
            body = orjson.dumps(
                {**content, "run": number, **_kept_since(connection, before)}, option=orjson.OPT_SORT_KEYS
            )
            digest = chain_hash((before.chain_hash or "") if before else "", body)
            mine = update(run).where(run.c.id == number)
            connection.execute(mine.values(content=body.decode(), chain_hash=digest))
        return digest

    def finish(self, number: int, *, result: str, finished_at: str, pull: int | None = None) -> None:
        """Commit how the run ended."""
        values: dict[str, Any] = {"result": result, "finished_at": finished_at}
        if pull is not None:
            values["pull"] = pull
        with self.engine.begin() as connection:
            connection.execute(update(run).where(run.c.id == number).values(**values))

    def pull_of(self, job: str, slot: str) -> int | None:
        """Give the pull that the first completed run of a job's slot judged; None where there is none."""
        mine = [
            run.c.job == job,
            run.c.slot == slot,
            run.c.result.like("Completed%"),
            run.c.pull.is_not(None),
            *self._earlier(),
        ]
        with self.engine.connect() as connection:
            return connection.scalar(select(run.c.pull).where(*mine).order_by(run.c.id).limit(1))

    def completed(self, job: str) -> list[tuple[int, int]]:
        """List the completed runs of a job, oldest first: number and the pull it judged."""
        mine = [
            run.c.job == job,
            run.c.result.like("Completed%"),
            run.c.pull.is_not(None),
            *self._earlier(),
        ]
        with self.engine.connect() as connection:
            rows = connection.execute(select(run.c.id, run.c.pull).where(*mine).order_by(run.c.id))
            return [(int(number), int(pull)) for number, pull in rows]

    def _earlier(self) -> list[ColumnElement[bool]]:
        return [run.c.id < self._before] if self._before is not None else []

    def one(self, number: int) -> RunRow | None:
        """Give the run of that number, None where there is none."""
        with self.engine.connect() as connection:
            row = connection.execute(select(run).where(run.c.id == number)).one_or_none()
        return _run_row(row) if row else None

    def last_of(self, job: str, slot: str) -> RunRow | None:
        """Give the last run of a job's slot, one that came to an end where there is any."""
        ended = run.c.result.like("Completed%")
        here = [run.c.job == job, run.c.slot == slot, *self._earlier()]
        mine = select(run).where(*here).order_by(ended.desc(), run.c.id.desc())
        with self.engine.connect() as connection:
            row = connection.execute(mine.limit(1)).one_or_none()
        return _run_row(row) if row else None

    def of_slots(self, first: str, last: str) -> list[RunRow]:
        """List the runs of the slots from one instant up to another, both in, oldest run first."""
        mine = select(run).where(run.c.slot >= first, run.c.slot <= last).order_by(run.c.id)
        with self.engine.connect() as connection:
            return [_run_row(row) for row in connection.execute(mine)]

    def broken_off(self, job: str) -> list[int]:
        """List the runs of a job since its last completed one, oldest first: they came to no end."""
        ended = [number for number, _ in self.completed(job)]
        mine = [run.c.job == job, run.c.id > (ended[-1] if ended else 0), *self._earlier()]
        with self.engine.connect() as connection:
            return list(connection.scalars(select(run.c.id).where(*mine).order_by(run.c.id)))

    def hashes(self) -> frozenset[str]:
        """Give the hash of every run in the chain."""
        with self.engine.connect() as connection:
            found = connection.scalars(select(run.c.chain_hash).where(run.c.chain_hash.is_not(None)))
            return frozenset(str(one) for one in found)

    def all(self) -> list[RunRow]:
        """List every run."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(run).order_by(run.c.id)).all()
        return [_run_row(row) for row in rows]


def _run_row(row: Row[Any]) -> RunRow:
    return RunRow(
        row.id,
        row.job,
        row.slot,
        row.moment,
        row.result,
        row.chain_hash,
        _read(row.content),
        row.content or "",
        row.started_at,
        row.finished_at,
    )


def _read(content: str | None) -> Mapping[str, Any] | None:
    """Give what a run says of itself; None where it said nothing, or where it was altered past reading."""
    try:
        return dict(orjson.loads(content)) if content else None
    except (orjson.JSONDecodeError, TypeError, ValueError):
        return None


def _newest_chained(connection: Connection, number: int) -> RunRow | None:
    mine = select(run).where(run.c.chain_hash.is_not(None), run.c.id < number)
    row = connection.execute(mine.order_by(run.c.id.desc()).limit(1)).one_or_none()
    return _run_row(row) if row else None


def _kept_since(connection: Connection, before: RunRow | None) -> dict[str, Any]:
    """Give what the chain holds of writes and pulls since the run before."""
    known = (before.content if before else None) or {}
    writes = writes_of(connection, int(known.get("writes_until", 0)))
    pulls = pulls_of(connection, int(known.get("pulls_until", 0)))
    return {"before": before.id if before else 0, **writes, **pulls}


def writes_of(
    connection: Connection, after: int, until: int | None = None, *, open_: Collection[int] | None = None
) -> dict[str, Any]:
    """Give the hash over the writes after one number, as they were meant and as they were answered.

    Args:
        until: the last number; None for the newest.
        open_: the numbers of those that were not answered at the time; None to take them as they are now.
            How one of them was answered later does not count.
    """
    mine = [outbox.c.id > after, *([outbox.c.id <= until] if until is not None else [])]
    digest, last, waiting = hashlib.sha256(), after, list[int]()
    for row in connection.execute(select(outbox).where(*mine).order_by(outbox.c.id)):
        is_open = row.state in OPEN if open_ is None else row.id in open_
        last, ended = row.id, None if is_open else [row.state, row.detail]
        if is_open:
            waiting.append(row.id)
        told = [row.id, row.run, row.list, row.item, row.key, row.etag, row.body, ended]
        digest.update(orjson.dumps(told) + b"\n")
    return {"writes_until": last, "writes_hash": digest.hexdigest(), "writes_open": waiting}


def pulls_of(connection: Connection, after: int, until: int | None = None) -> dict[str, Any]:
    """Give the hash over the pulls after one number: when each was, and what it brought."""
    mine = [pull.c.id > after, *([pull.c.id <= until] if until is not None else [])]
    digest, last = hashlib.sha256(), after
    for row in connection.execute(select(pull).where(*mine).order_by(pull.c.id)):
        digest.update(orjson.dumps([row.id, row.at, row.tally]) + b"\n")
        last = row.id
    return {"pulls_until": last, "pulls_hash": digest.hexdigest()}


def first_moment(engine: Engine) -> str | None:
    """Give the earliest moment of any run of this state, None before the first."""
    with engine.connect() as connection:
        first: str | None = connection.scalar(select(func.min(run.c.moment)))
    return first


def chain_hash(before: str, content: bytes) -> str:
    """Give the hash of a run: SHA-256 over the hash before it and its own content, hex."""
    return hashlib.sha256(before.encode() + b"\n" + content).hexdigest()
