"""What goes wrong and is no answer of a service: what people and machines do, and how it is put right."""

import sqlite3
from unittest.mock import patch

from sqlalchemy import event
from sqlalchemy.pool import Pool
from the_day import instant

from lists_sync.emulator.schemas import provisioned, read_schemas
from lists_sync.emulator.state import SYSTEM
from lists_sync.mirror import database

REVIEWS = "Closure reviews"
PLAN = "Enforcement actions"
A_DAYS_UNITS = 1_200_001


class Act:
    """Something that happens before a slot, and is put right after a run has failed of it."""

    def begin(self, play):
        """Do it."""

    def end(self, play):
        """Put it right."""


class ListDeleted(Act):
    """A list goes to the recycle bin with all it holds, and comes back as it was."""

    def begin(self, play):
        play.close()
        self.found = play.house.list_of(REVIEWS)
        play.house.state.delete_list(self.found.id)

    def end(self, play):
        state = play.house.state
        with state.bulk():
            state._lists[self.found.id] = self.found
            state._keep_list(self.found)
            for item in self.found.items.values():
                state._keep_item(self.found, item)


class ListMadeAnew(ListDeleted):
    """Somebody makes an empty list in the place of the one that was deleted."""

    def begin(self, play):
        super().begin(play)
        state = play.house.state
        self.made = provisioned(state, read_schemas(state.schema_dir)["closure_reviews"])

    def end(self, play):
        play.house.state.delete_list(self.made.id)
        super().end(play)


class ListRenamed(Act):
    """A list's title is changed."""

    def begin(self, play):
        play.close()
        self.found = play.house.list_of(REVIEWS)
        play.house.state.update_list(self.found.id, title="Panel")

    def end(self, play):
        play.house.state.update_list(self.found.id, title=REVIEWS)


class ColumnRenamed(Act):
    """A column's title is changed, which leaves its internal name."""

    def begin(self, play):
        play.close()
        found = play.house.list_of(PLAN)
        play.house.state.update_column(found.id, "DueDate", display_name="To be done by")


class ColumnDeleted(Act):
    """A column goes with its values; it is made anew and people type them in again."""

    name = "DueDate"

    def begin(self, play):
        play.close()
        self.found = play.house.list_of(PLAN)
        self.column = self.found.columns[self.name]
        self.values = {
            item.id: item.fields[self.name] for item in self.found.items.values() if self.name in item.fields
        }
        play.house.state.delete_column(self.found.id, self.name)

    def end(self, play):
        state = play.house.state
        state.add_column(self.found.id, self.column)
        for id_, value in self.values.items():
            state.update_item(self.found.id, id_, {self.name: value}, actor=SYSTEM)


class ResultColumnDeleted(ColumnDeleted):
    """A column that the bot writes goes."""

    name = "DeadlineState"


class OwnerDeleted(Act):
    """An account is deleted; what the sites know of the person stays."""

    who = "ben"

    def begin(self, play):
        play.close()
        play.house.state.remove_user(f"{self.who}@rosewood.example")


class RoleHolderDeleted(OwnerDeleted):
    """The account of the Provider Director is deleted."""

    who = "helen.strand"


class QuotaUsedUp(Act):
    """The units of the day are used up; the next day they are new."""

    def begin(self, play):
        state = play.house.state
        state.switch(licences=500, throttle_clock="workspace")
        state.meter.clear()
        state.meter.charge(A_DAYS_UNITS)

    def end(self, play):
        play.house.state.meter.clear()


class OfConnections(Act):
    """Something that every connection to the local state meets that is opened while it lasts."""

    def begin(self, play):
        play.close()
        event.listen(Pool, "connect", self._meet)
        play.stack.callback(self._over)

    def end(self, play):
        play.close()
        self._over()

    def _over(self):
        if event.contains(Pool, "connect", self._meet):
            event.remove(Pool, "connect", self._meet)

    def _meet(self, connection, _record):
        raise NotImplementedError


class DiskFull(OfConnections):
    """The disk has room for so many more pages of the state and no more."""

    pages = 1

    def begin(self, play):
        super().begin(play)
        with sqlite3.connect(play.home / "state.db") as raw:
            self.most = raw.execute("PRAGMA page_count").fetchone()[0] + self.pages
        raw.close()

    def _meet(self, connection, _record):
        connection.execute(f"PRAGMA max_page_count={self.most}")


class StateReadOnly(OfConnections):
    """The state may be read and not written."""

    def _meet(self, connection, _record):
        connection.execute("PRAGMA query_only=ON")


class StateHeld(Act):
    """Another program holds the state for writing; the bot's own patience is cut to a tenth of a second."""

    def begin(self, play):
        play.close()
        self.other = sqlite3.connect(play.home / "state.db", isolation_level=None)
        self.other.execute("BEGIN IMMEDIATE")
        pragmas = [one.replace("busy_timeout=30000", "busy_timeout=100") for one in database._PRAGMAS]
        self.short = patch.object(database, "_PRAGMAS", pragmas)
        self.short.start()
        play.stack.callback(self.end, play)

    def end(self, play):
        if self.other:
            self.short.stop()
            self.other.close()
            self.other = None


class OfFile(Act):
    """Something befalls the file of the state; whoever keeps the machine moves the folder aside, as told."""

    def begin(self, play):
        play.close()
        self.path = play.home / "state.db"
        self.spoil()
        self.spoiled = self.path.read_bytes()

    def end(self, play):
        play.close()
        play.found.left_alone = self.path.read_bytes() == self.spoiled
        self.path.parent.rename(self.path.parent.with_name("aside"))

    def spoil(self):
        raise NotImplementedError


class StateDamaged(OfFile):
    """A stretch in the middle is overwritten."""

    def spoil(self):
        size = self.path.stat().st_size
        with self.path.open("r+b") as file:
            file.seek(size // 4)
            file.write(b"\xa5" * (size // 2))


class StateCutOff(OfFile):
    """The file is cut off in the middle."""

    def spoil(self):
        with self.path.open("r+b") as file:
            file.truncate(self.path.stat().st_size // 2 + 100)


class StateNewer(OfFile):
    """A newer version writes its number; the copy from before is put back."""

    def spoil(self):
        self.copy = self.path.read_bytes()
        with sqlite3.connect(self.path) as raw:
            raw.execute("INSERT INTO schema_version VALUES (99, ?)", [instant("2026-09-01 10:59")])
        raw.close()

    def end(self, play):
        play.close()
        play.found.left_alone = self.path.read_bytes() == self.spoiled
        self.path.write_bytes(self.copy)


class StateLost(OfFile):
    """The file is gone."""

    def begin(self, play):
        play.close()
        play.home.rename(play.home.with_name("lost"))

    def end(self, play):
        """Nothing can be put right."""


ACTS = {
    "list_deleted": ListDeleted,
    "list_made_anew": ListMadeAnew,
    "list_renamed": ListRenamed,
    "column_renamed": ColumnRenamed,
    "column_deleted": ColumnDeleted,
    "result_column_deleted": ResultColumnDeleted,
    "owner_deleted": OwnerDeleted,
    "role_holder_deleted": RoleHolderDeleted,
    "quota_used_up": QuotaUsedUp,
    "disk_full": DiskFull,
    "state_held": StateHeld,
    "state_read_only": StateReadOnly,
    "state_damaged": StateDamaged,
    "state_cut_off": StateCutOff,
    "state_newer": StateNewer,
    "state_lost": StateLost,
}
