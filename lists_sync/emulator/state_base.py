"""The ground of the workspace's state: what is held in memory, kept in step with SQLite."""

from __future__ import annotations

import secrets
import threading
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lists_sync.emulator.clock import Clock
from lists_sync.emulator.ids import guid
from lists_sync.emulator.records import (
    Change,
    Column,
    FileInfo,
    Item,
    Site,
    User,
    Version,
    View,
    WorkList,
)
from lists_sync.emulator.store import Store
from lists_sync.emulator.switches import DEFAULTS, check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOSTNAME = "rosewood.sharepoint.com"
TENANT = "rosewood"


def _item_from(row: dict[str, Any]) -> Item:
    row["versions"] = [Version(**version) for version in row["versions"]]
    row["file"] = FileInfo(**row["file"]) if row["file"] else None
    return Item(**row)


class StateBase:
    """Memory and store. Every public method of the classes above it may be called from any thread.

    Args:
        db: the SQLite file to keep everything in; None keeps it in memory.
        schema_dir: the folder of list schemas for `load`.
        clock: the workspace's clock.
    """

    def __init__(
        self, db: Path | None = None, *, schema_dir: Path | None = None, clock: Clock | None = None
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock or Clock()
        self.schema_dir = schema_dir
        self.hostname = HOSTNAME
        self.tenant_id = guid("tenant", TENANT)
        self.base_url = f"https://{HOSTNAME}"
        self.store = Store(db)
        self._empty()
        self._read_back()

    def _empty(self) -> None:
        self.switches: dict[str, Any] = dict(DEFAULTS)
        self.epoch = secrets.token_hex(4)
        self._sites: dict[str, Site] = {}
        self._lists: dict[str, WorkList] = {}
        self._users: dict[str, User] = {}
        self._changes: dict[str, list[Change]] = {}
        self._unique: dict[tuple[str, str], dict[Any, int]] = {}
        self._paths: dict[str, dict[str, int]] = {}
        self._busy: set[str] = set()
        self.seq = 0

    def _read_back(self) -> None:
        settings = self.store.things("setting")
        self.epoch = settings.get("epoch", self.epoch)
        self.switches.update(settings.get("switches", {}))
        self._sites = {key: Site(**row) for key, row in self.store.things("site").items()}
        self._users = {key: User(**row) for key, row in self.store.things("user").items()}
        for key, row in self.store.things("list").items():
            self._lists[key] = self._list_from(row)
        for row in self.store.changes():
            change = Change(**row)
            self._changes.setdefault(change.list_id, []).append(change)
            self.seq = change.seq
        self.store.put("setting", "epoch", self.epoch)

    def _list_from(self, row: dict[str, Any]) -> WorkList:
        row["columns"] = {name: Column(**column) for name, column in row["columns"].items()}
        row["views"] = [View(**view) for view in row["views"]]
        found = WorkList(**row)
        for item in self.store.items(found.id):
            found.items[item["id"]] = _item_from(item)
        return found

    def close(self) -> None:
        """Close the store; the state must not be used afterwards."""
        self.store.close()

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Hold the lock and commit everything inside at once."""
        with self.lock, self.store.bulk():
            yield

    def switch(self, **settings: Any) -> None:
        """Set switches by name (see `switches.DEFAULTS`).

        Raises:
            ValueError: there is no switch of that name, or none of that kind.
        """
        check(settings)
        with self.lock:
            self.switches.update(settings)
            self.store.put("setting", "switches", self.switches)

    def _keep_list(self, found: WorkList) -> None:
        row = {name: getattr(found, name) for name in WorkList.__dataclass_fields__ if name != "items"}
        row["columns"] = {name: asdict(column) for name, column in found.columns.items()}
        row["views"] = [asdict(view) for view in found.views]
        row["items"] = {}
        self.store.put("list", found.id, row)

    def _keep_item(self, found: WorkList, item: Item) -> None:
        self.store.put_item(found.id, item.id, item)

    def _log(self, found: WorkList, item: Item, kind: str) -> None:
        self.seq += 1
        change = Change(self.seq, found.id, item.id, kind, self.clock.iso(), item.unique_id, item.editor_id)
        self._changes.setdefault(found.id, []).append(change)
        self.store.put_change(self.seq, change)
