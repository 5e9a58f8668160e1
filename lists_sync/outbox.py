"""What a run means to write, is writing and has written: committed before the call and after it.

States of an entry: planned -> sending -> done | conflict | gone | refused. An entry still `sending` when a
run starts was cut off in mid-call: nobody knows whether it took effect, so it is looked up, never repeated
blindly. `dropped` is a planned entry that a crash kept from being sent; the next plan decides anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import func, insert, select, update

from lists_sync.mirror.kept import read_json
from lists_sync.mirror.tables import outbox

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lists_sync.model import Answered

OPEN = ("planned", "sending")
"""The states of an entry that is not answered."""
TEAMS = "teams:"
"""What the place of a post begins with; the role follows."""
_CHUNK = 500


@dataclass(frozen=True)
class Entry:
    """One write: an update of `item` at `etag`, or the making of the row that `key` names."""

    id: int
    list: str
    item: int | None
    key: str
    etag: str
    fields: dict[str, Any]
    state: str


@dataclass(frozen=True)
class Try:
    """One handing over of an escalation to Teams: how it stands, and the reference of its post."""

    state: str
    reference: str


class Outbox:
    """The writes of all runs, over the local state.

    Args:
        until: the last run that counts for what is remembered; None for all.
    """

    def __init__(self, engine: Engine, *, until: int | None = None) -> None:
        self.engine = engine
        self._until = until

    def intend(self, run: int, writes: Sequence[Entry]) -> list[Entry]:
        """Commit the intention to make these writes; gives them back with their numbers."""
        if not writes:
            return []
        rows = [
            {
                "run": run,
                "list": one.list,
                "item": one.item,
                "key": one.key,
                "etag": one.etag,
                "body": orjson.dumps(one.fields).decode(),
                "state": "planned",
                "detail": "",
            }
            for one in writes
        ]
        with self.engine.begin() as connection:
            statement = insert(outbox).returning(outbox.c.id, sort_by_parameter_order=True)
            ids = connection.scalars(statement, rows).all()
        return [
            Entry(id_, one.list, one.item, one.key, one.etag, one.fields, "planned")
            for id_, one in zip(ids, writes, strict=True)
        ]

    def sending(self, entries: Sequence[Entry]) -> None:
        """Commit that these are about to leave."""
        self.turn([], [], entries)

    def answered(self, entries: Sequence[Entry], answers: Sequence[tuple[Answered, str]]) -> None:
        """Commit how each ended; an unknown outcome stays `sending` until it has been looked up."""
        self.turn(entries, answers, [])

    def turn(
        self,
        entries: Sequence[Entry],
        answers: Sequence[tuple[Answered, str]],
        following: Sequence[Entry],
    ) -> None:
        """Commit how one batch ended and that the following one is about to leave, in one commit."""
        states: dict[tuple[str, str], list[int]] = {}
        for entry, (answer, detail) in zip(entries, answers, strict=True):
            state = "sending" if answer == "unknown" else str(answer)
            states.setdefault((state, detail), []).append(entry.id)
        if following:
            states.setdefault(("sending", ""), []).extend(entry.id for entry in following)
        with self.engine.begin() as connection:
            for (state, detail), ids in states.items():
                for start in range(0, len(ids), _CHUNK):
                    mine = update(outbox).where(outbox.c.id.in_(ids[start : start + _CHUNK]))
                    connection.execute(mine.values(state=state, detail=detail))

    def drop_planned(self) -> int:
        """Drop what an earlier run planned and never sent; gives how many."""
        with self.engine.begin() as connection:
            mine = update(outbox).where(outbox.c.state == "planned").values(state="dropped")
            return int(connection.execute(mine).rowcount)

    def in_doubt(self) -> list[Entry]:
        """List the writes to lists whose outcome nobody knows, oldest first; posts cannot be looked up."""
        mine = [outbox.c.state == "sending", outbox.c.list.not_like(f"{TEAMS}%")]
        query = select(outbox).where(*mine).order_by(outbox.c.id)
        with self.engine.connect() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def unsent_count(self) -> int:
        """Count the writes that are planned or in doubt."""
        with self.engine.connect() as connection:
            query = select(func.count()).select_from(outbox).where(outbox.c.state.in_(OPEN))
            return int(connection.scalar(query) or 0)

    def first_keys(self, key: str, prefix: str) -> list[str]:
        """List the keys, with this prefix, of the rows that the first run to make any meant to make."""
        mine = [outbox.c.list == key, outbox.c.key.startswith(prefix, autoescape=True)]
        if self._until is not None:
            mine.append(outbox.c.run <= self._until)
        with self.engine.connect() as connection:
            first = connection.scalar(select(func.min(outbox.c.run)).where(*mine))
            query = select(outbox.c.key).where(*mine, outbox.c.run == first).order_by(outbox.c.id)
            return list(dict.fromkeys(connection.scalars(query))) if first is not None else []

    def unmade(self, runs: Sequence[int], key: str) -> set[tuple[int, int]]:
        """Give run and item of the changes to a list's items that these runs could not make in the end."""
        found: dict[tuple[int, int], str] = {}
        query = select(outbox).where(outbox.c.list == key, outbox.c.item.is_not(None)).order_by(outbox.c.id)
        with self.engine.connect() as connection:
            for start in range(0, len(runs), _CHUNK):
                for row in connection.execute(query.where(outbox.c.run.in_(runs[start : start + _CHUNK]))):
                    found[row.run, row.item] = row.state
        return {place for place, state in found.items() if state != "done"}

    def held(
        self, key: str, ids: Sequence[int], field: str, value: str, *, runs: Sequence[int] | None = None
    ) -> frozenset[int]:
        """Give those of a list's items into whose field one of these runs has written that value.

        Args:
            runs: their numbers; None for all.
        """
        mine = [outbox.c.list == key, outbox.c.state == "done"]
        if runs is not None:
            mine.append(outbox.c.run.in_(runs))
        if self._until is not None:
            mine.append(outbox.c.run <= self._until)
        found = set[int]()
        with self.engine.connect() as connection:
            for start in range(0, len(ids), _CHUNK):
                query = select(outbox.c.item, outbox.c.body).where(*mine)
                part = query.where(outbox.c.item.in_(ids[start : start + _CHUNK]))
                for item, body in connection.execute(part):
                    if read_json(body).get(field) == value:
                        found.add(int(item))
        return frozenset(found)

    def made(self, key: str, names: Sequence[str]) -> frozenset[str]:
        """Give those of these keys whose row a run has made in a list."""
        found = set[str]()
        with self.engine.connect() as connection:
            for start in range(0, len(names), _CHUNK):
                mine = [outbox.c.list == key, outbox.c.state == "done"]
                if self._until is not None:
                    mine.append(outbox.c.run <= self._until)
                query = select(outbox.c.key).where(*mine, outbox.c.key.in_(names[start : start + _CHUNK]))
                found.update(connection.scalars(query))
        return frozenset(found)

    def posts(self, keys: Sequence[str]) -> dict[str, list[Try]]:
        """Give by escalation key the posts that were to tell of it, oldest first."""
        found: dict[str, list[Try]] = {}
        mine = select(outbox.c.key, outbox.c.state, outbox.c.body).where(outbox.c.list.like(f"{TEAMS}%"))
        with self.engine.connect() as connection:
            for start in range(0, len(keys), _CHUNK):
                part = mine.where(outbox.c.key.in_(keys[start : start + _CHUNK])).order_by(outbox.c.id)
                for key, state, body in connection.execute(part):
                    reference = str(read_json(body).get("reference", ""))
                    found.setdefault(key, []).append(Try(state, reference))
        return found

    def done(self) -> Iterator[Entry]:
        """Yield every write to lists that took effect, in the order they were meant."""
        mine = [outbox.c.state == "done", outbox.c.list.not_like(f"{TEAMS}%")]
        query = select(outbox).where(*mine).order_by(outbox.c.id).execution_options(yield_per=2000)
        with self.engine.connect() as connection:
            for row in connection.execute(query):
                yield _entry(row)

    def of_run(self, run: int) -> list[Entry]:
        """List a run's writes in the order they were meant."""
        query = select(outbox).where(outbox.c.run == run).order_by(outbox.c.id)
        with self.engine.connect() as connection:
            return [_entry(row) for row in connection.execute(query)]


def _entry(row: Any) -> Entry:
    return Entry(row.id, row.list, row.item, row.key, row.etag, read_json(row.body), row.state)
