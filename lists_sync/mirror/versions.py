"""Item versions and delta links: what the lists held at each pull."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from lists_sync.clock import iso, parse
from lists_sync.mirror.kept import read_json
from lists_sync.mirror.recovered import Recovered
from lists_sync.mirror.tables import cursor, item_version, pull
from lists_sync.mirror.tally import ZERO, moved, tally_of
from lists_sync.model import Item
from lists_sync.snapshot import FrameCache

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Engine

_CHUNK = 1000
_FIRST_VERSION = re.compile(r",1\"?$")
_MARGIN = timedelta(days=32)


@dataclass(frozen=True)
class Cursor:
    """How far a list has been read.

    Args:
        list_id: the service's own id of the list; another id under the same name is another list.
        shape: mark of the columns that were asked for; a link for fewer columns is of no use.
        first_pull: the pull that first read it whole; values seen then have no known beginning.
    """

    list_id: str
    shape: str
    link: str
    pull: int
    first_pull: int
    pulled_at: str


class Mirror:
    """The versions of every item the bot has read; opened over `database.open_database`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.recovered = Recovered(engine)
        self.frames = FrameCache()
        self._held: dict[str, _Held] = {}

    def begin_pull(self, at: str) -> int:
        """Number a new pull; versions it brings are valid from that number."""
        with self.engine.begin() as connection:
            made = connection.execute(insert(pull).values(at=at, tally=ZERO).returning(pull.c.id))
            return int(made.scalar_one())

    def last_pull(self) -> int:
        """Give the newest pull's number, 0 before the first."""
        with self.engine.connect() as connection:
            return int(connection.scalar(select(func.max(pull.c.id))) or 0)

    def cursor(self, key: str) -> Cursor | None:
        """Give how far the list has been read, None before its first whole read."""
        with self.engine.connect() as connection:
            row = connection.execute(select(cursor).where(cursor.c.list == key)).one_or_none()
        return (
            Cursor(row.list_id, row.shape, row.link, row.pull, row.first_pull, row.pulled_at) if row else None
        )

    def absorb(
        self, key: str, items: Sequence[Item], number: int, *, empty: bool = False, anew: bool = False
    ) -> int:
        """Keep what a pull brought; an item seen before at the same eTag makes no new version.

        Args:
            items: of one list; of several rows with one id the last wins.
            number: the pull's number.
            empty: the mirror is known to hold nothing of this list, so nothing need be compared.
            anew: other columns are read than before, so an item is news even at the same eTag.

        Returns:
            how many versions were made.
        """
        latest = {item.id: item for item in items}
        made = 0
        if key in self._held and number <= self._held[key].seen_pull:
            del self._held[key]  # a pull that was thought to be over goes on
        with self.engine.begin() as connection:
            for chunk in _chunks(list(latest), _CHUNK):
                known = {} if empty else _present_etags(connection, key, chunk)
                if empty:
                    fresh = [item for item in map(latest.__getitem__, chunk) if not item.deleted]
                else:
                    fresh = [latest[id_] for id_ in chunk if anew or _is_news(latest[id_], known)]
                if not fresh:
                    continue
                rows = [_row(key, item, number) for item in fresh]
                seen = [item.id for item in fresh if item.id in known]
                again = [id_ for id_ in seen if known[id_][2] == number]
                _count(connection, number, _rows_of(connection, key, again, number), rows)
                _close(connection, key, seen, number)
                _insert(connection, rows)
                made += len(fresh)
        return made

    def replace_missing(self, key: str, seen: set[int], number: int) -> int:
        """Mark every item not in `seen` as deleted: after a whole read, what did not come is gone.

        Returns:
            how many items were so marked.
        """
        gone = [id_ for id_ in self.present_ids(key) if id_ not in seen]
        tombs = [Item(list=key, id=id_, etag="", fields={}, deleted=True) for id_ in gone]
        return self.absorb(key, tombs, number)

    def holds(self, key: str) -> bool:
        """Tell whether any version of any item of the list is kept."""
        query = select(item_version.c.id).where(item_version.c.list == key).limit(1)
        with self.engine.connect() as connection:
            return connection.scalar(query) is not None

    def present_ids(self, key: str) -> list[int]:
        """List the ids of the items that stand in the list, ascending."""
        present = item_version.c.to_pull.is_(None) & (item_version.c.deleted == 0)
        query = select(item_version.c.id).where(item_version.c.list == key, present)
        with self.engine.connect() as connection:
            return sorted(connection.scalars(query))

    def set_cursor(self, key: str, *, list_id: str, link: str, number: int, at: str, shape: str = "") -> None:
        """Note that the list has been read up to `link`; call once everything before it is absorbed."""
        before = self.cursor(key)
        first = before.first_pull if before and before.list_id == list_id else number
        with self.engine.begin() as connection:
            connection.execute(delete(cursor).where(cursor.c.list == key))
            row = {"list": key, "list_id": list_id, "shape": shape, "link": link, "pull": number}
            connection.execute(insert(cursor).values(**row, first_pull=first, pulled_at=at))

    def items(self, key: str, at_pull: int | None = None) -> list[Item]:
        """Give the items of a list as they stood at a pull (None: the newest), by ascending id.

        Of the newest only what changed since the last call is read; while nothing has, the very same list
        comes back, which nobody may change.
        """
        row = item_version.c
        if at_pull is None:
            held = self._held.setdefault(key, _Held())
            newest = self.last_pull()
            if newest > held.seen_pull:
                valid = and_(row.to_pull.is_(None), row.from_pull > held.seen_pull)
                held.take(self._read(key, valid), newest)
            return held.items
        valid = and_(row.from_pull <= at_pull, or_(row.to_pull.is_(None), row.to_pull > at_pull))
        return sorted((item for item in self._read(key, valid) if not item.deleted), key=_by_id)

    def _read(self, key: str, valid: ColumnElement[bool]) -> list[Item]:
        row = item_version.c
        query = select(row.id, row.etag, row.modified, row.fields, row.deleted)
        with self.engine.connect() as connection:
            rows = connection.execute(query.where(row.list == key, valid)).all()
        return [
            Item(
                key,
                id_,
                etag,
                read_json(fields),
                parse(modified) if modified else None,
                deleted=bool(deleted),
            )
            for id_, etag, modified, fields, deleted in rows
        ]

    def history(
        self, key: str, ids: Iterable[int], at_pull: int | None = None
    ) -> dict[int, list[tuple[int, Item]]]:
        """Give every version of those items up to a pull, oldest first, with the pull that brought it.

        Versions from before this local state, where any were read back, come first; 0 stands for their pull.
        """
        wanted = list(ids)
        before = self.recovered.history(key, wanted, at_pull)
        found = {id_: [(0, item) for _, item in versions] for id_, versions in before.items()}
        row = item_version.c
        with self.engine.connect() as connection:
            for chunk in _chunks(wanted, _CHUNK):
                query = select(item_version).where(row.list == key, row.id.in_(chunk))
                if at_pull is not None:
                    query = query.where(row.from_pull <= at_pull)
                for one in connection.execute(query.order_by(row.id, row.from_pull)):
                    fields, when = read_json(one.fields), _when(one.modified)
                    item = Item(key, one.id, one.etag, fields, when, deleted=bool(one.deleted))
                    found.setdefault(one.id, []).append((one.from_pull, item))
        return found

    def changed_since(
        self, key: str, since: datetime, at_pull: int | None = None
    ) -> dict[int, list[tuple[int, Item]]]:
        """Give the versions, oldest first, of the items of which a pull since that instant saw another one.

        Pulls are told by the machine's clock; where a rehearsal judges a later day, the newest pull counts
        as that day's.
        """
        row = item_version.c
        until = self.last_pull() if at_pull is None else at_pull
        with self.engine.connect() as connection:
            newest = connection.scalar(select(func.max(pull.c.at)).where(pull.c.id <= until)) or iso(since)
            ahead = max(since - parse(newest), timedelta())
            earliest = select(func.min(pull.c.id)).where(pull.c.at >= iso(since - ahead - _MARGIN))
            first = connection.scalar(earliest) or 0
            query = select(row.id).where(row.list == key, row.to_pull.between(first, until)).distinct()
            ids = set(connection.scalars(query))
        if self.recovered.since is not None:
            ids |= self.recovered.ids(key)
        return self.history(key, sorted(ids), at_pull)

    def items_as_of(self, key: str, instant: datetime, at_pull: int | None = None) -> list[Item] | None:
        """Give the items of a list as they stood at an instant, by when each version was made.

        Returns:
            by ascending id; None where nobody can tell, because of an item changed since no earlier version
            is known. Items deleted since are not among them.
        """
        present = self.items(key, at_pull)
        changed = [item.id for item in present if item.modified is None or item.modified > instant]
        history = self.history(key, changed, at_pull)
        told = self.recovered.history(key, changed, at_pull)
        found = [item for item in present if item.id not in set(changed)]
        for id_ in changed:
            then = [one for _, one in history[id_] if one.modified and one.modified <= instant]
            if then and not then[-1].deleted:
                found.append(then[-1])
            elif not then and not _is_new(history[id_], told.get(id_)):
                return None
        return sorted(found, key=_by_id)


def _is_new(history: Sequence[tuple[int, Item]], told: Sequence[tuple[int, Item]] | None) -> bool:
    """Tell whether the oldest version known of an item is its first."""
    if told:
        return told[0][0] == 1
    return _FIRST_VERSION.search(history[0][1].etag) is not None


class _Held:
    """The items of a list as they were read last.

    Args:
        seen_pull: all that pulls up to this one brought is in.
    """

    def __init__(self) -> None:
        self.seen_pull = 0
        self.items: list[Item] = []
        self._by_id: dict[int, Item] = {}

    def take(self, versions: list[Item], seen_pull: int) -> None:
        """Take over the present versions that came since the last call."""
        for item in versions:
            if item.deleted:
                self._by_id.pop(item.id, None)
            else:
                self._by_id[item.id] = item
        if versions:
            self.items = sorted(self._by_id.values(), key=_by_id)
        self.seen_pull = seen_pull


def _by_id(item: Item) -> int:
    return item.id


def _when(modified: str | None) -> datetime | None:
    return parse(modified) if modified else None


def _is_news(item: Item, known: dict[int, tuple[str, int, int]]) -> bool:
    before = known.get(item.id)
    if before is None:
        return not item.deleted
    etag, deleted, _ = before
    if item.deleted:
        return not deleted
    return bool(deleted) or etag != item.etag


def _present_etags(connection: Connection, key: str, ids: Sequence[int]) -> dict[int, tuple[str, int, int]]:
    row = item_version.c
    query = select(row.id, row.etag, row.deleted, row.from_pull).where(
        row.list == key, row.to_pull.is_(None), row.id.in_(ids)
    )
    return {id_: (etag, deleted, since) for id_, etag, deleted, since in connection.execute(query)}


def _close(connection: Connection, key: str, ids: Sequence[int], number: int) -> None:
    if not ids:
        return
    row = item_version.c
    mine = [row.list == key, row.id == bindparam("one"), row.to_pull.is_(None)]
    each = [{"one": id_} for id_ in ids]
    connection.execute(delete(item_version).where(*mine, row.from_pull == number), each)
    connection.execute(update(item_version).where(*mine).values(to_pull=number), each)


def _count(
    connection: Connection, number: int, away: Sequence[tuple[Any, ...]], brought: Sequence[tuple[Any, ...]]
) -> None:
    """Count into a pull's tally what it brings, and out of it what it brought before and now replaces."""
    before = connection.scalar(select(pull.c.tally).where(pull.c.id == number))
    if before is not None:
        after = moved(before, map(tally_of, brought), map(tally_of, away))
        connection.execute(update(pull).where(pull.c.id == number).values(tally=after))


def _rows_of(connection: Connection, key: str, ids: Sequence[int], number: int) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    row = item_version.c
    mine = select(item_version).where(row.list == key, row.from_pull == number, row.id.in_(ids))
    return [tuple(getattr(one, name) for name in _COLUMNS) for one in connection.execute(mine)]


_COLUMNS = ("list", "id", "from_pull", "to_pull", "etag", "modified", "fields", "deleted")


def _row(key: str, item: Item, number: int) -> tuple[Any, ...]:
    fields = orjson.dumps(item.fields)
    modified = item.modified.isoformat() if item.modified else None
    return (key, item.id, number, None, item.etag, modified, fields, int(item.deleted))


def _insert(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Hand the rows straight to the driver: building a statement's parameters a row took half the time."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    marks = ", ".join([mark] * len(_COLUMNS))
    statement = f"INSERT INTO item_version ({', '.join(_COLUMNS)}) VALUES ({marks})"  # noqa: S608  # our own names
    connection.exec_driver_sql(statement, rows)


def _chunks(values: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (values[start : start + size] for start in range(0, len(values), size))
