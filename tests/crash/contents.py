"""A hash of what a database holds."""

import hashlib
import sqlite3
from contextlib import closing


def digest_of(path, left_out=frozenset()):
    """Give the hash of every table's rows in a file, without these columns; of no file, that of nothing."""
    if not path.is_file():
        return ""
    with closing(sqlite3.connect(path)) as database:
        return digest(database, left_out)


def digest(database, left_out=frozenset()):
    """Give the hash of every table's rows in an open database, without these columns."""
    found = hashlib.sha256()
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for (table,) in tables:
        columns = [
            row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] not in left_out
        ]
        chosen = ", ".join(f'"{column}"' for column in columns)
        rows = sorted(map(repr, database.execute(f"SELECT {chosen} FROM {table}")))
        found.update(repr((table, columns, rows)).encode())
    return found.hexdigest()
