"""What the lists hold now, as far as this machine knows: as last read, and as written since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lists_sync.clock import now
from lists_sync.explain.told import plain, version_of
from lists_sync.mirror.kept import read_json
from lists_sync.mirror.tables import outbox
from lists_sync.model import Item, Snapshot
from lists_sync.read import people, read_snapshot, site_zone
from lists_sync.snapshot import build

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from lists_sync.context import Definitions
    from lists_sync.explain.ran import Ran

DONE = "done"


@dataclass(frozen=True)
class Written:
    """One write that a run meant: its wire values by our column, and how it ended.

    Args:
        item: None for a row that was to be made.
    """

    run: int
    item: int | None
    key: str
    values: Mapping[str, Any]
    state: str
    detail: str


class Standing:
    """The lists as they stand after the runs that count."""

    def __init__(self, ran: Ran) -> None:
        self.ran = ran
        self.mirror = ran.past.mirror
        self.definitions: Definitions = ran.newest[0]
        self._writes: dict[tuple[str, int], list[Written]] = {}
        self._by_list: dict[str, dict[int | None, list[Written]]] = {}

    @cached_property
    def moment(self) -> datetime:
        """The instant at which values are looked at: no run's moment lies after it."""
        return self.ran.at or max([now(), *(one.moment for one in self.ran.runs)])

    def read(self, *keys: str) -> Snapshot:
        """Give lists as they were last read."""
        return read_snapshot(self.mirror, self.definitions, keys, moment=self.moment, at_pull=self.ran.pull)

    def writes(self, key: str, item: int | None) -> list[Written]:
        """List, in order, what runs meant to write to an item; for None the rows of the list to be made."""
        if key == "actions" and item is not None:
            if (key, item) not in self._writes:
                self._writes[key, item] = list(self._read_writes(key, outbox.c.item == item))
            return self._writes[key, item]
        if key not in self._by_list:
            self._by_list[key] = {}
            for one in self._read_writes(key):
                self._by_list[key].setdefault(one.item, []).append(one)
        return self._by_list[key].get(item, [])

    def _read_writes(self, key: str, *which: ColumnElement[bool]) -> Iterator[Written]:
        mine = [outbox.c.list == key, outbox.c.run <= self.ran.until, *which]
        with self.ran.past.engine.connect() as connection:
            for row in connection.execute(select(outbox).where(*mine).order_by(outbox.c.id)):
                values = self._ours(key, read_json(row.body))
                yield Written(row.run, row.item, row.key, values, row.state, row.detail)

    def _ours(self, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
        mapping = self.definitions.provider.lists.get(key)
        ours = {theirs: name for name, theirs in mapping.columns.items()} if mapping else {}
        return {ours.get(name, name): value for name, value in body.items() if "@" not in name}

    def last_writer(self, item: int, column: str, before: int | None = None) -> int | None:
        """Give the number of the run that last wrote a column of a line; None where none is known."""
        runs = [
            one.run
            for one in self.writes("actions", item)
            if one.state == DONE and column in one.values and (before is None or one.run < before)
        ]
        return runs[-1] if runs else None

    def last_try(self, item: int, column: str, number: int) -> Written | None:
        """Give how a run's writing of a column of a line ended; None where it had nothing to write."""
        tries = [one for one in self.writes("actions", item) if one.run == number and column in one.values]
        return tries[-1] if tries else None

    def version(self, item: int) -> Item | None:
        """Give the last version read of a line; None where it is no longer there."""
        found = self.mirror.history("actions", [item], self.ran.pull).get(item, [])
        return found[-1][1] if found and not found[-1][1].deleted else None

    def present(self, item: int) -> dict[str, Any]:
        """Give a line's values as they stand: as last read, with what was written since."""
        ((read, last),) = self.mirror.history("actions", [item], self.ran.pull)[item][-1:]
        frame = self._built("actions", [self._with_writes("actions", last, read)]).frames["actions"]
        schema = self.definitions.schemas["actions"]
        return {one.name: plain(frame.loc[item, one.name], one.kind) for one in schema.columns}

    def rows(self, key: str) -> Snapshot:
        """Give a list of the bot's own as it stands: made rows that were not read yet have ids below zero."""
        items = {item.id: item for item in self.mirror.items(key, self.ran.pull)}
        changed = [id_ for id_ in items if self.writes(key, id_)]
        for id_, history in self.mirror.history(key, changed, self.ran.pull).items():
            items[id_] = self._with_writes(key, items[id_], history[-1][0])
        unique = self.definitions.schemas[key].unique_column
        known = {item.fields.get(unique.name) for item in items.values()} if unique else set()
        return self._built(key, [*items.values(), *self._made(key, known)])

    def _made(self, key: str, known: set[Any]) -> Iterator[Item]:
        for number, one in enumerate(self.writes(key, None), start=1):
            if one.state == DONE and one.key not in known:
                yield Item(key, -number, "", dict(one.values))

    def _with_writes(self, key: str, item: Item, read: int) -> Item:
        """Give an item with what was written to it and has not been read back.

        Args:
            read: the pull that brought its last version.
        """
        mapping = self.definitions.provider.lists.get(key)
        fields = dict(item.fields)
        for one in self.writes(key, item.id):
            run = self.ran.by_id.get(one.run)
            if one.state == DONE and run is not None and run.pull >= read:
                named = {
                    mapping.theirs(name) if mapping else name: value for name, value in one.values.items()
                }
                fields |= named
        return replace(item, fields=fields)

    def _built(self, key: str, items: list[Item]) -> Snapshot:
        schema, provider = self.definitions.schemas[key], self.definitions.provider
        zone = ZoneInfo(provider.time_zone)
        return build(
            {key: items},
            {key: schema},
            people={schema.store: people(self.mirror, schema.store, self.ran.pull)},
            zones={schema.store: site_zone(self.mirror, schema.store, self.ran.pull, zone)},
            provider_zone=zone,
            moment=self.moment,
            mappings=provider.lists,
        )


def number_of(item: Item | None) -> int | None:
    """Give the number of a version; None for none."""
    return version_of(item.etag) if item else None
