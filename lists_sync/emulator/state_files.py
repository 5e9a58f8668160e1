"""Files of the workspace's libraries: each is an item with a file behind it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from lists_sync.emulator import errors
from lists_sync.emulator.records import Actor, FileInfo, Item, WorkList
from lists_sync.emulator.state_items import ItemState

if TYPE_CHECKING:
    from collections.abc import Mapping

_OFFICE = (".docx", ".xlsx", ".pptx")


class FileState(ItemState):
    """Files and folders of libraries."""

    def library_file(self, list_id: str, path: str) -> Item:
        """Give the file or folder at a path below the library's root, whatever the letters' case.

        Raises:
            EmulatedError: there is none (404).
        """
        found = self.get_list(list_id)
        item = found.items.get(self._paths_of(found).get(path.strip("/").casefold(), 0))
        if item is None:
            raise errors.not_found()
        return item

    def _paths_of(self, found: WorkList) -> dict[str, int]:
        """Give the item of each path; a path is an item's for as long as it stands."""
        if found.id not in self._paths:
            files = (item for item in found.items.values() if item.file is not None)
            self._paths[found.id] = {item.file.path.casefold(): item.id for item in files if item.file}
        return self._paths[found.id]

    def _make_file(
        self, found: WorkList, fields: Mapping[str, Any], info: FileInfo, *, actor: Actor, **more: Any
    ) -> Item:
        """Make the item of a file or folder, and remember its path."""
        paths = self._paths_of(found)
        item = self.create_item(found.id, fields, actor=actor, file=info, **more)
        paths[info.path.casefold()] = item.id
        return item

    def file_by_unique(self, list_id: str, unique_id: str) -> Item:
        """Give the file with that guid.

        Raises:
            EmulatedError: there is none (404).
        """
        wanted = unique_id.strip("{}").lower()
        for item in self.get_list(list_id).items.values():
            if item.unique_id == wanted:
                return item
        raise errors.not_found()

    def folder_items(self, list_id: str, folder: str = "") -> list[Item]:
        """Give the files and folders that stand directly in a folder."""
        wanted = folder.strip("/").casefold()
        return [
            item
            for item in self.get_list(list_id).items.values()
            if item.file is not None and item.file.folder.casefold() == wanted
        ]

    def add_folder(self, list_id: str, path: str, *, actor: Actor) -> None:
        """Make a folder and those above it, where they are not there yet."""
        parts = [part for part in path.split("/") if part]
        found = self.get_list(list_id)
        for depth, name in enumerate(parts):
            parent, whole = "/".join(parts[:depth]), "/".join(parts[: depth + 1])
            try:
                self.library_file(list_id, whole)
            except errors.EmulatedError:
                info = FileInfo(name, parent, is_folder=True)
                self._make_file(found, {"FileLeafRef": name}, info, actor=actor, defaults=False)

    def put_file(
        self,
        list_id: str,
        path: str,
        content: bytes,
        *,
        actor: Actor,
        fields: Mapping[str, Any] | None = None,
        at: str = "",
        unique_id: str = "",
    ) -> tuple[Item, bool]:
        """Store a file at a path, over the one that may stand there.

        Returns:
            The item, and whether it is new.
        """
        with self.bulk():
            found = self.get_list(list_id)
            if not found.is_library:
                raise errors.invalid(
                    "Only a File or a Folder in a DocumentLibrary can be accessed as a DriveItem."
                )
            folder, _, name = path.strip("/").rpartition("/")
            kept = self._as_kept(name, content)
            try:
                item, made = self.library_file(list_id, path), False
            except errors.EmulatedError:
                self.add_folder(list_id, folder, actor=actor)
                named = {**(fields or {}), "FileLeafRef": name}
                info = FileInfo(name, folder)
                item, made = (
                    self._make_file(found, named, info, actor=actor, at=at, unique_id=unique_id),
                    True,
                )
            else:
                self.update_item(list_id, item.id, fields or {}, actor=actor, at=at)
            self._set_content(list_id, item, kept, made=made)
            return item, made

    def _as_kept(self, name: str, content: bytes) -> bytes:
        alters = self.switches["office_upload_alters"] and name.lower().endswith(_OFFICE)
        return content + b"\0" if alters else content

    def _set_content(self, list_id: str, item: Item, content: bytes, *, made: bool) -> None:
        if item.file is None:
            raise errors.not_found()
        item.file.size = len(content)
        item.file.sha = hashlib.sha256(content).hexdigest()
        item.file.counter += 0 if made else 1
        self.store.put_content(item.unique_id, content)
        self._keep_item(self.get_list(list_id), item)

    def content(self, item: Item) -> bytes:
        """Give a file's content."""
        with self.lock:
            return self.store.content(item.unique_id)
