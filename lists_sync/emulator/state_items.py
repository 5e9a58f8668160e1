"""Items of the workspace: their values, versions, eTags and the change log."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from lists_sync.emulator import errors
from lists_sync.emulator.ids import guid
from lists_sync.emulator.records import Actor, Change, FileInfo, Item, Version, WorkList
from lists_sync.emulator.state_people import PeopleState
from lists_sync.emulator.values import check, default_of, unique_key

if TYPE_CHECKING:
    from collections.abc import Mapping


class ItemState(PeopleState):
    """Items, whatever they are made through."""

    def item(self, list_id: str, item_id: int) -> Item:
        """Give an item.

        Raises:
            EmulatedError: there is no such item (404).
        """
        item = self.get_list(list_id).items.get(item_id)
        if item is None:
            raise errors.no_item()
        return item

    def items(self, list_id: str) -> list[Item]:
        """Give the items of a list, ids ascending."""
        return list(self.get_list(list_id).items.values())

    def checked(self, found: WorkList, fields: Mapping[str, Any], *, bare: str = "") -> dict[str, Any]:
        """Give canonical values for what is to be written; None where a value is cleared.

        Raises:
            EmulatedError: a column is unknown or read-only, or cannot hold the value, or a person's id is
                not one of the site's (400).
        """
        zone = self.site(found.site_id).time_zone
        way = bare or str(self.switches["bare_dates"])
        out: dict[str, Any] = {}
        for name, value in fields.items():
            column = found.columns.get(name)
            if column is None:
                raise errors.unknown_field(name)
            if column.read_only:
                raise errors.invalid(f"Field '{name}' is read-only")
            out[name] = check(column, value, zone=zone, bare=way)
            if column.kind == "person" and out[name] is not None:
                self._check_people(found, out[name])
        return out

    def _check_people(self, found: WorkList, value: int | list[int]) -> None:
        known = self.user_list(found.site_id).items
        for one in value if isinstance(value, list) else [value]:
            if one not in known:
                raise errors.invalid(
                    "The user does not exist or is not unique.",
                    sp_code="-2146232832, Microsoft.SharePoint.SPException",
                )

    def create_item(
        self,
        list_id: str,
        fields: Mapping[str, Any],
        *,
        actor: Actor,
        at: str = "",
        unique_id: str = "",
        file: FileInfo | None = None,
        defaults: bool = True,
    ) -> Item:
        """Make an item of canonical values; columns left out get their defaults.

        Args:
            at: the instant it was made; "" for now.
            unique_id: its guid; "" for a fresh one.

        Raises:
            EmulatedError: a value cannot be held, or a unique one is taken (400).
        """
        with self.bulk():
            found = self.get_list(list_id)
            values = self._start_values(found, defaults=defaults)
            values.update(self.checked(found, fields))
            values = {name: value for name, value in values.items() if value is not None}
            item_id = found.next_id
            self._check_unique(found, item_id, values)
            who, now = self.actor_id(found.site_id, actor), at or self.clock.iso()
            item = Item(
                item_id, unique_id.lower() or guid(found.id, item_id), values, now, now, who, who, file=file
            )
            found.items[item_id] = item
            found.next_id = item_id + 1
            self.store.put("next", found.id, found.next_id)
            self._index(found, item, {}, values)
            self._log(found, item, "add")
            self._keep_item(found, item)
            return item

    def _start_values(self, found: WorkList, *, defaults: bool) -> dict[str, Any]:
        if not defaults:
            return {}
        now, zone = self.clock.iso(), self.site(found.site_id).time_zone
        return {
            name: default_of(column, now=now, zone=zone)
            for name, column in found.columns.items()
            if column.default is not None
        }

    def update_item(
        self,
        list_id: str,
        item_id: int,
        fields: Mapping[str, Any],
        *,
        actor: Actor,
        if_match: str = "",
        at: str = "",
        new_version: bool = True,
        system: bool = False,
    ) -> Item:
        """Change some values of an item; None clears one.

        Args:
            if_match: the eTag that must still hold; "" or "*" for any.
            at: the instant of the change; "" for now.
            new_version: False overwrites the present version (UpdateOverwriteVersion).
            system: True keeps Modified, Editor and the version, and is logged as a system update.

        Raises:
            EmulatedError: no such item (404), stale eTag (412), or a value that cannot be held (400).
        """
        with self.bulk():
            found, item = self.get_list(list_id), self.item(list_id, item_id)
            self.check_match(item, if_match)
            changes = self.checked(found, fields)
            self._check_unique(found, item_id, changes)
            if new_version and not system:
                self._keep_version(item)
            merged = {name: value for name, value in {**item.fields, **changes}.items() if value is not None}
            self._index(found, item, item.fields, merged)
            item.fields = merged
            item.counter += 1
            if not system:
                item.modified_at = at or self.clock.iso()
                item.editor_id = self.actor_id(found.site_id, actor)
            self._log(found, item, "system" if system else "update")
            self._keep_item(found, item)
            return item

    def _keep_version(self, item: Item) -> None:
        item.versions.append(Version(item.number, item.fields, item.modified_at, item.editor_id))
        item.number += 1
        surplus = len(item.versions) + 1 - int(self.switches["version_limit"])
        if surplus > 0:
            del item.versions[:surplus]

    def delete_item(self, list_id: str, item_id: int, *, actor: Actor, if_match: str = "") -> None:
        """Remove an item.

        Raises:
            EmulatedError: no such item (404), or stale eTag (412).
        """
        with self.bulk():
            found, item = self.get_list(list_id), self.item(list_id, item_id)
            self.check_match(item, if_match)
            self._index(found, item, item.fields, {})
            del found.items[item_id]
            self.store.drop_item(found.id, item_id)
            item.editor_id = self.actor_id(found.site_id, actor)
            self._log(found, item, "delete")

    def check_match(self, item: Item, if_match: str) -> None:
        """Refuse a write whose eTag does not hold any more; weak marks and quotes do not matter.

        Raises:
            EmulatedError: it is stale (412, or as switched).
        """
        if if_match in ("", "*"):
            return
        sent = if_match.removeprefix("W/").strip('"').casefold()
        if sent not in (item.etag.strip('"').casefold(), str(item.counter)):
            status, code = int(self.switches["stale_status"]), str(self.switches["stale_code"])
            raise errors.stale(if_match, item.etag, status=status, code=code)

    # unique columns

    def _unique_of(self, found: WorkList, name: str) -> dict[Any, int]:
        place = (found.id, name)
        if place not in self._unique:
            self._unique[place] = {
                unique_key(item.fields[name]): item.id for item in found.items.values() if name in item.fields
            }
        return self._unique[place]

    def _check_unique(self, found: WorkList, item_id: int, values: Mapping[str, Any]) -> None:
        taken = [
            name
            for name, value in values.items()
            if value is not None
            and found.columns[name].unique
            and self._unique_of(found, name).get(unique_key(value), item_id) != item_id
        ]
        if taken:
            raise errors.duplicate(taken)

    def _index(
        self, found: WorkList, item: Item, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        for name, column in found.columns.items():
            if not column.unique or before.get(name) == after.get(name):
                continue
            index = self._unique_of(found, name)
            if before.get(name) is not None:
                index.pop(unique_key(before[name]), None)
            if after.get(name) is not None:
                index[unique_key(after[name])] = item.id

    def item_by_unique(self, list_id: str, name: str, value: Any) -> Item | None:
        """Give the item that holds a value in a unique column, None if none does."""
        found = self.get_list(list_id)
        item_id = self._unique_of(found, name).get(unique_key(value))
        return found.items.get(item_id) if item_id is not None else None

    # the change log

    def changes(self, list_id: str, after: int) -> list[Change]:
        """Give the lines of a list's change log whose number is above `after`, in order."""
        log = self._changes.get(list_id, [])
        return log[bisect_right(log, after, key=lambda change: change.seq) :]

    def _read_back(self) -> None:
        super()._read_back()
        for list_id, following in self.store.things("next").items():
            if list_id in self._lists:
                self._lists[list_id].next_id = following
