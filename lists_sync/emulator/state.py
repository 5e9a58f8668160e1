"""The workspace's state: all rules of what it holds, none of how it is spoken to.

`State` is one object over five layers: `state_base` (memory and SQLite), `state_lists` (sites, lists,
columns, views), `state_people` (directory, lookup ids), `state_items` (items, versions, change log) and
`state_files` (libraries). Every refusal is an `errors.EmulatedError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lists_sync.emulator.faults import Faults
from lists_sync.emulator.journal import Journal
from lists_sync.emulator.records import (
    SYSTEM,
    Actor,
    Change,
    Column,
    FileInfo,
    Item,
    Site,
    User,
    View,
    WorkList,
)
from lists_sync.emulator.state_base import HOSTNAME, TENANT
from lists_sync.emulator.state_files import FileState
from lists_sync.emulator.throttle import Meter
from lists_sync.emulator.uploads import Uploads

if TYPE_CHECKING:
    from pathlib import Path

    from lists_sync.emulator.clock import Clock

__all__ = [
    "HOSTNAME",
    "SYSTEM",
    "TENANT",
    "Actor",
    "Change",
    "Column",
    "FileInfo",
    "Item",
    "Site",
    "State",
    "User",
    "View",
    "WorkList",
]

SITES = (("/sites/governance", "Governance"), ("/sites/evidence", "Evidence testing"))


class State(FileState):
    """A tenancy with its two sites, its journal, its faults and its meter of resource units."""

    def __init__(
        self, db: Path | None = None, *, schema_dir: Path | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__(db, schema_dir=schema_dir, clock=clock)
        self.journal = Journal()
        self.faults = Faults()
        self.meter = Meter(self)
        self.uploads = Uploads()
        self._furnish()

    def _furnish(self) -> None:
        for path, title in SITES:
            if not any(site.path == path for site in self.sites()):
                self.add_site(path, title)

    def reset(self) -> None:
        """Empty the workspace: two bare sites, real time, no faults, an empty journal."""
        with self.bulk():
            self.store.clear()
            self._empty()
            self.store.put("setting", "epoch", self.epoch)
            self.clock.reset()
            self.journal.clear()
            self.faults.clear()
            self.meter.clear()
            self.uploads.clear()
            self._furnish()
