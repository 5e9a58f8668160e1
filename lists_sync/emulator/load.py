"""Loads people, lists and files from one JSON document: every item of it, or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from lists_sync.emulator.ids import is_guid
from lists_sync.emulator.load_values import Row, ValueReader, shown
from lists_sync.emulator.records import SYSTEM, Actor, WorkList
from lists_sync.emulator.schemas import Schema, provisioned, read_schemas
from lists_sync.emulator.values import unique_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from lists_sync.emulator.state import State

_ITEM_WORDS = {"id", "Modified", "Editor"}
_FILE_WORDS = {"name", "path", "text", "unique_id", "fields", "Modified", "folder"}
_DAY_LENGTH = 10


class LoadError(Exception):
    """The document cannot be loaded; `problems` are sentences, each with its place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_file(state: State, path: Path) -> None:
    """Load a document from a file.

    Raises:
        LoadError: it cannot be read, or holds what a real list could not.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as problem:
        raise LoadError([f"it cannot be read: {problem.strerror or problem}."]) from problem
    except orjson.JSONDecodeError as problem:
        raise LoadError([f"line {problem.lineno}: it is no JSON: {problem.msg}."]) from problem
    load(state, content, base=path.parent)


def load(state: State, content: Any, *, base: Path | None = None) -> None:
    """Load a document; the schemas' lists are made first where they are missing.

    Args:
        content: as interfaces.md tells: time_zone, users, lists, files.
        base: the folder that files' paths are relative to.

    Raises:
        LoadError: no item was loaded; each problem is told with its place.
    """
    loader = _Loader(state, base)
    with state.lock:
        rows = loader.read(content)
        if loader.problems:
            raise LoadError(loader.problems)
        with state.bulk():
            for row in rows:
                loader.write(row)


class _Loader(ValueReader):
    def __init__(self, state: State, base: Path | None) -> None:
        super().__init__(state)
        self.base = base
        self.zone = ""
        self.new_users: list[dict[str, Any]] = []

    def read(self, content: Any) -> list[Row]:
        if not isinstance(content, dict):
            self.problems.append("The document must be a JSON object.")
            return []
        for name in sorted(set(content) - {"time_zone", "users", "lists", "files"}):
            self.problems.append(f"{name}: there is no such part; use time_zone, users, lists or files.")
        self._read_zone(content.get("time_zone"))
        for number, user in enumerate(self._array(content.get("users"), "users")):
            self._read_user(user, f"users[{number}]")
        found = self._provisioned(self._schemas())
        rows = self._rows(content.get("lists"), found, "lists", self._item)
        rows += self._rows(content.get("files"), found, "files", self._file)
        self._check_unique(rows)
        return rows

    def _read_zone(self, zone: Any) -> None:
        if zone is None:
            self.zone = ""
            return
        try:
            ZoneInfo(str(zone))
            self.zone = str(zone)
        except (ZoneInfoNotFoundError, ValueError):
            self.problems.append(f"time_zone: {zone} is no time zone.")

    def _read_user(self, user: Any, place: str) -> None:
        if not isinstance(user, dict) or not isinstance(user.get("email"), str) or "@" not in user["email"]:
            self.problems.append(f"{place}: a user needs an email.")
            return
        self.users[user["email"].lower()] = user["email"]
        odd = [name for name in ("name", "upn") if not isinstance(user.get(name, ""), str)]
        odd += [] if isinstance(user.get("enabled", True), bool) else ["enabled"]
        self.problems += [f"{place}.{name}: a user cannot have {shown(user[name])} there." for name in odd]
        if not odd:
            self.new_users.append(user)

    def _array(self, part: Any, place: str) -> list[Any]:
        if part is None or isinstance(part, list):
            return part or []
        self.problems.append(f"{place}: must be a list.")
        return []

    def _schemas(self) -> dict[str, Schema]:
        if self.state.schema_dir is None:
            return {}
        try:
            return read_schemas(self.state.schema_dir)
        except ValueError as problem:
            self.problems.append(str(problem))
            return {}

    def _provisioned(self, schemas: dict[str, Schema]) -> dict[str, WorkList]:
        if self.zone:
            self.state.set_time_zone(self.zone)
        for user in self.new_users:
            name, enabled = user.get("name", ""), user.get("enabled", True)
            self.state.add_user(user["email"], name, enabled=enabled, upn=user.get("upn", ""))
        return {key: provisioned(self.state, schema) for key, schema in schemas.items()}

    def _rows(
        self,
        lists: Any,
        found: dict[str, WorkList],
        part: str,
        read: Callable[[WorkList, Any, str], Row | None],
    ) -> list[Row]:
        rows: list[Row] = []
        if not isinstance(lists, dict) and lists is not None:
            self.problems.append(f"{part}: must be an object, a list of items under each key.")
            return rows
        for key, entries in (lists or {}).items():
            if key not in found:
                self.problems.append(f"{part}.{key}: there is no list schema of that key.")
                continue
            for number, entry in enumerate(self._array(entries, f"{part}.{key}")):
                place = f"{part}.{key}[{number}]"
                if isinstance(entry, dict):
                    row = read(found[key], entry, place)
                    rows += [row] if row is not None else []
                else:
                    self.problems.append(f"{place}: must be an object.")
        return rows

    def _item(self, found: WorkList, entry: dict[str, Any], place: str) -> Row | None:
        if found.is_library and "id" not in entry:
            self.problems.append(f"{place}: {found.title} is a library; give its files under `files`.")
            return None
        columns = {name: value for name, value in entry.items() if name not in _ITEM_WORDS}
        row = Row(found, place, {}, editor=str(entry.get("Editor") or ""))
        row.at = self._instant(entry.get("Modified"), f"{place}.Modified")
        if row.editor and row.editor.lower() not in self.users:
            self.problems.append(f"{place}.Editor: {row.editor} is not among the users.")
        if "id" in entry:
            row.item_id = int(entry["id"]) if str(entry["id"]).isdigit() else 0
            if row.item_id not in found.items:
                self.problems.append(f"{place}.id: {found.title} has no item {entry['id']}.")
        self._fields(row, columns)
        return row

    def _file(self, found: WorkList, entry: dict[str, Any], place: str) -> Row | None:
        unknown = sorted(set(entry) - _FILE_WORDS)
        if unknown or not isinstance(entry.get("name"), str) or not found.is_library:
            why = (
                f"unknown {', '.join(unknown)}" if unknown else "a file needs a name, and a library to be in"
            )
            self.problems.append(f"{place}: {why}.")
            return None
        unique_id = str(entry.get("unique_id") or "")
        if unique_id and not is_guid(unique_id):
            self.problems.append(f"{place}.unique_id: {unique_id} is no guid.")
        path = "/".join(part for part in (str(entry.get("folder") or ""), entry["name"]) if part)
        row = Row(found, place, {}, unique_id=unique_id, path=path)
        row.at = self._instant(entry.get("Modified"), f"{place}.Modified")
        row.content = self._content(entry, place)
        fields = entry.get("fields") or {}
        if isinstance(fields, dict):
            self._fields(row, fields)
        else:
            self.problems.append(f"{place}.fields: must be an object.")
        return row

    def _content(self, entry: dict[str, Any], place: str) -> bytes:
        if "path" not in entry or self.base is None:
            return str(entry.get("text") or "").encode()
        try:
            return (self.base / str(entry["path"])).read_bytes()
        except OSError:
            if "text" in entry:
                return str(entry["text"]).encode()
            self.problems.append(f"{place}.path: {entry['path']} cannot be read.")
            return b""

    def _check_unique(self, rows: list[Row]) -> None:
        seen: dict[tuple[str, str, Any], str] = {}
        for row in rows:
            for name, value in row.fields.items():
                if value is None or not row.found.columns[name].unique:
                    continue
                held = self.state.item_by_unique(row.found.id, name, value)
                first = seen.setdefault((row.found.id, name, unique_key(value)), row.place)
                if first != row.place or (held is not None and held.id != row.item_id):
                    self.problems.append(f"{row.place}.{name}: {shown(value)} is there already.")

    def write(self, row: Row) -> None:
        state, site_id = self.state, row.found.site_id
        values = dict(row.fields)
        for name, email in row.people.items():
            values[name] = state.ensure_user(site_id, email).id
        actor = Actor(email=row.editor) if row.editor else self._somebody()
        if row.path:
            state.put_file(
                row.found.id, row.path, row.content, actor=actor, fields=values, at=row.at,
                unique_id=row.unique_id,
            )  # fmt: skip
        elif row.item_id:
            state.update_item(row.found.id, row.item_id, values, actor=actor, at=row.at)
        else:
            state.create_item(row.found.id, values, actor=actor, at=row.at)

    def _somebody(self) -> Actor:
        user = next((user for user in self.state.users() if user.enabled), None)
        return Actor(email=user.email) if user else SYSTEM
