"""Earlier versions of items that SharePoint still keeps, read back after the local state was lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import insert, select

from lists_sync.clock import iso, parse
from lists_sync.mirror.kept import read_json
from lists_sync.mirror.tables import mark, recovered
from lists_sync.model import Item

if TYPE_CHECKING:
    from sqlalchemy import Engine

SINCE = "bot since"
"""The mark that tells since when earlier local states ran here: an instant, or "" where there was none."""
_CHUNK = 500

Version = tuple[int, Item]
"""SharePoint's number of a version, and the item as it stood."""


class Recovered:
    """What was read back of the time before this local state."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._since: str | None = None

    @property
    def is_asked(self) -> bool:
        """Whether it was found out already if there was a local state before this one."""
        return self._value() is not None

    @property
    def since(self) -> datetime | None:
        """When the earliest run before this local state was; None where there was none."""
        value = self._value()
        return parse(value) if value else None

    def begin(self, since: datetime | None) -> None:
        """Commit since when earlier local states ran here, None for never; the first word stands."""
        if not self.is_asked:
            value = iso(since) if since else ""
            with self.engine.begin() as connection:
                connection.execute(insert(mark).values(name=SINCE, value=value))
            self._since = value

    def keep(self, key: str, versions: Mapping[int, Sequence[Version]], number: int) -> None:
        """Commit what SharePoint told of these items; one it told nothing of is kept as looked up.

        Args:
            number: the pull with which it was read.
        """
        rows = [
            {
                "list": key,
                "id": id_,
                "version": version,
                "modified": iso(item.modified) if item.modified else "",
                "fields": orjson.dumps(item.fields),
                "pull": number,
            }
            for id_, told in versions.items()
            for version, item in (told or [(0, Item(key, id_, "", {}))])
        ]
        with self.engine.begin() as connection:
            for start in range(0, len(rows), _CHUNK):
                connection.execute(insert(recovered), rows[start : start + _CHUNK])

    def ids(self, key: str) -> frozenset[int]:
        """Give the items of a list that were looked up."""
        with self.engine.connect() as connection:
            return frozenset(connection.scalars(select(recovered.c.id).where(recovered.c.list == key)))

    def history(self, key: str, ids: Iterable[int], at_pull: int | None = None) -> dict[int, list[Version]]:
        """Give the versions that were read back of these items, oldest first.

        Args:
            at_pull: leave out what was read back after that pull.
        """
        found: dict[int, list[Version]] = {}
        if self.since is None:
            return found
        wanted, row = list(ids), recovered.c
        with self.engine.connect() as connection:
            for start in range(0, len(wanted), _CHUNK):
                mine = [row.list == key, row.version > 0, row.id.in_(wanted[start : start + _CHUNK])]
                if at_pull is not None:
                    mine.append(row.pull <= at_pull)
                query = select(recovered).where(*mine).order_by(row.id, row.version)
                for one in connection.execute(query):
                    when = parse(one.modified) if one.modified else None
                    item = Item(key, one.id, "", read_json(one.fields), when)
                    found.setdefault(one.id, []).append((one.version, item))
        return found

    def _value(self) -> str | None:
        if self._since is None:
            with self.engine.connect() as connection:
                self._since = connection.scalar(select(mark.c.value).where(mark.c.name == SINCE))
        return self._since
