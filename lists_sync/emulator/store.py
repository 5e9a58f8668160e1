"""Keeps the workspace in a SQLite file, so that it is there again after a restart."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS things (kind TEXT, id TEXT, json BLOB, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS items (list_id TEXT, id INTEGER, json BLOB, PRIMARY KEY (list_id, id));
CREATE TABLE IF NOT EXISTS changes (seq INTEGER PRIMARY KEY, json BLOB);
CREATE TABLE IF NOT EXISTS contents (unique_id TEXT PRIMARY KEY, content BLOB);
"""


class Store:
    """Rows of JSON in one SQLite database; each call is committed unless inside `bulk`."""

    def __init__(self, path: Path | None) -> None:
        self._db = sqlite3.connect(str(path or ":memory:"), check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_TABLES)
        self._depth = 0

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Commit everything inside at once, or nothing of it if an exception passes."""
        if self._depth == 0:
            self._db.execute("BEGIN")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("ROLLBACK")
            raise
        self._depth -= 1
        if self._depth == 0:
            self._db.execute("COMMIT")

    def put(self, kind: str, key: str, value: Any) -> None:
        """Keep a site, list, user or setting."""
        self._db.execute("INSERT OR REPLACE INTO things VALUES (?, ?, ?)", (kind, key, orjson.dumps(value)))

    def drop(self, kind: str, key: str) -> None:
        """Forget a site, list, user or setting."""
        self._db.execute("DELETE FROM things WHERE kind = ? AND id = ?", (kind, key))

    def things(self, kind: str) -> dict[str, Any]:
        """Give everything of that kind by its id."""
        rows = self._db.execute("SELECT id, json FROM things WHERE kind = ?", (kind,))
        return {key: orjson.loads(json) for key, json in rows}

    def put_item(self, list_id: str, item_id: int, value: Any) -> None:
        """Keep an item with its versions."""
        self._db.execute(
            "INSERT OR REPLACE INTO items VALUES (?, ?, ?)", (list_id, item_id, orjson.dumps(value))
        )

    def drop_item(self, list_id: str, item_id: int) -> None:
        """Forget an item."""
        self._db.execute("DELETE FROM items WHERE list_id = ? AND id = ?", (list_id, item_id))

    def drop_items(self, list_id: str) -> None:
        """Forget all items of a list."""
        self._db.execute("DELETE FROM items WHERE list_id = ?", (list_id,))

    def items(self, list_id: str) -> Iterator[Any]:
        """Give the items of a list, ids ascending."""
        rows = self._db.execute("SELECT json FROM items WHERE list_id = ? ORDER BY id", (list_id,))
        return (orjson.loads(json) for (json,) in rows)

    def put_change(self, seq: int, value: Any) -> None:
        """Keep a line of the change log."""
        self._db.execute("INSERT OR REPLACE INTO changes VALUES (?, ?)", (seq, orjson.dumps(value)))

    def changes(self) -> Iterator[Any]:
        """Give the change log in order."""
        return (orjson.loads(json) for (json,) in self._db.execute("SELECT json FROM changes ORDER BY seq"))

    def put_content(self, unique_id: str, content: bytes) -> None:
        """Keep a file's content."""
        self._db.execute("INSERT OR REPLACE INTO contents VALUES (?, ?)", (unique_id, content))

    def content(self, unique_id: str) -> bytes:
        """Give a file's content, empty if there is none."""
        row = self._db.execute("SELECT content FROM contents WHERE unique_id = ?", (unique_id,)).fetchone()
        return bytes(row[0]) if row else b""

    def clear(self) -> None:
        """Forget everything."""
        for table in ("things", "items", "changes", "contents"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
