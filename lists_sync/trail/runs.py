"""The chain of runs: each holds the hash of what it did and of the run before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import insert, select, update

from lists_sync.mirror.tables import run

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True)
class RunRow:
    """One run as the local state keeps it; `content` is what its hash covers."""

    id: int
    job: str
    slot: str
    moment: str
    result: str | None
    chain_hash: str | None
    content: Mapping[str, Any] | None


class Runs:
    """The runs of this local state, oldest first."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def begin(self, job: str, *, slot: str, moment: str, started_at: str) -> int:
        """Commit that a run has begun; gives its number."""
        values = {"job": job, "slot": slot, "moment": moment, "started_at": started_at}
        with self.engine.begin() as connection:
            made = connection.execute(insert(run).values(**values).returning(run.c.id))
            return int(made.scalar_one())

    def chained(self, number: int, content: Mapping[str, Any]) -> str:
        """Commit what the run did and chain it to the newest run before it; gives the hash."""
        body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        with self.engine.begin() as connection:
            before = connection.scalar(
                select(run.c.chain_hash)
                .where(run.c.chain_hash.is_not(None), run.c.id < number)
                .order_by(run.c.id.desc())
                .limit(1)
            )
            digest = chain_hash(before or "", body)
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
        ]
        with self.engine.connect() as connection:
            return connection.scalar(select(run.c.pull).where(*mine).order_by(run.c.id).limit(1))

    def completed(self, job: str) -> list[tuple[int, int]]:
        """List the completed runs of a job, oldest first: number and the pull it judged."""
        mine = [run.c.job == job, run.c.result.like("Completed%"), run.c.pull.is_not(None)]
        with self.engine.connect() as connection:
            rows = connection.execute(select(run.c.id, run.c.pull).where(*mine).order_by(run.c.id))
            return [(int(number), int(pull)) for number, pull in rows]

    def all(self) -> list[RunRow]:
        """List every run."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(run).order_by(run.c.id)).all()
        return [
            RunRow(
                row.id,
                row.job,
                row.slot,
                row.moment,
                row.result,
                row.chain_hash,
                orjson.loads(row.content) if row.content else None,
            )
            for row in rows
        ]


def chain_hash(before: str, content: bytes) -> str:
    """Give the hash of a run: SHA-256 over the hash before it and its own content, hex."""
    return hashlib.sha256(before.encode() + b"\n" + content).hexdigest()
