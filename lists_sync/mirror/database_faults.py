"""What a refusal of the database means to whoever keeps the machine: by SQLite's code or PostgreSQL's state.

Source: https://sqlite.org/rescode.html; PostgreSQL, appendix A of its manual. The texts of neither are shown,
because they may quote a row.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from lists_sync.errors import BusyError, ListsSyncError, StateDamagedError, StateError, StateFullError

_PRIMARY = 0xFF
"""The part of SQLite's extended codes that names the kind."""


@dataclass(frozen=True)
class _Fault:
    error: type[ListsSyncError]
    message: str
    hint: str


_FULL = _Fault(
    StateFullError,
    "The disk that holds the local state is full, so the run was ended.",
    "Free some space; the next run settles what was in hand and goes on.",
)
_DAMAGED = _Fault(
    StateDamagedError,
    "The local state is damaged and was left as it is.",
    "Move the folder named by LISTS_SYNC_HOME aside; the next run rebuilds it from the lists.",
)
_BUSY = _Fault(
    BusyError,
    "Another program holds the local state, so the run was ended.",
    "Close whatever has it open, a copy or a virus scan; the next run goes on.",
)
_UNWRITABLE = _Fault(
    StateError,
    "The local state may not be written by this user.",
    "Check the owner and the rights of the folder named by LISTS_SYNC_HOME.",
)
_UNREADABLE = _Fault(
    StateError,
    "The disk that holds the local state failed.",
    "Check the disk, or the share it lies on; the next run goes on once it answers.",
)
_UNOPENED = _Fault(
    StateError,
    "The local state cannot be opened.",
    "Check that the folder named by LISTS_SYNC_HOME is there and that this user may use it.",
)
_UNREACHED = _Fault(
    StateError,
    "The database of the local state cannot be reached.",
    "Check LISTS_SYNC_DATABASE_URL and that the server runs; the next run goes on.",
)

_OF_SQLITE = {
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_IOERR: _UNREADABLE,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: _UNOPENED,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
_OF_POSTGRESQL = {
    "08": _UNREACHED,  # connection
    "25006": _UNWRITABLE,  # a transaction that may only read
    "28": _UNREACHED,  # not let in
    "3D": _UNREACHED,  # no such database
    "40": _BUSY,  # serialization, deadlock
    "42501": _UNWRITABLE,
    "53100": _FULL,
    "53": _BUSY,  # too many connections, no memory
    "55": _BUSY,  # in use, no lock to be had
    "57": _UNREACHED,  # shut down, or told to end
    "58": _UNREADABLE,  # the machine below it
    "XX": _DAMAGED,
}


def told(raised: BaseException) -> ListsSyncError | None:
    """Give the error for what a driver raised; None where it is a fault of the program itself."""
    fault = _of_sqlite(raised) if isinstance(raised, sqlite3.Error) else _of_postgresql(raised)
    return fault.error(fault.message, where="local state", hint=fault.hint) if fault else None


def _of_sqlite(raised: sqlite3.Error) -> _Fault | None:
    code = getattr(raised, "sqlite_errorcode", None)
    return None if code is None else _OF_SQLITE.get(code & _PRIMARY)


def _of_postgresql(raised: BaseException) -> _Fault | None:
    """By the whole state, else by its class; a connection that was never made has none."""
    state = getattr(raised, "sqlstate", "")
    if state:
        return _OF_POSTGRESQL.get(state) or _OF_POSTGRESQL.get(state[:2])
    return _UNREACHED if type(raised).__name__ == "OperationalError" else None
