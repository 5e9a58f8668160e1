"""Open the local state so that what was committed survives a crash, and two writers never interleave."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, insert, inspect, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from lists_sync.errors import SettingsError, StateDamagedError, StateError, StateVersionError
from lists_sync.mirror.database_faults import told
from lists_sync.mirror.tables import OUTBOX_INDEXES, SCHEMA_VERSION, metadata, schema_version

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import ExceptionContext

_SQLITE = "sqlite:///"
_SINCE_TALLIES = 3
_PRAGMAS = (
    "page_size=16384",  # an item takes about 1 kB; larger pages hold it with less around it
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=30000",
    "foreign_keys=ON",
    "wal_autocheckpoint=2000",  # a first read of a long list is folded in fewer, longer stretches
)


def open_database(url: str, *, at: str) -> Engine:
    """Open the state, made or brought to this version's shape.

    Args:
        url: an SQLAlchemy address; for SQLite the file's folder is made, readable by its owner only.
        at: the present instant, noted beside a new schema version.

    Whatever the database refuses from then on is told as one of the state's own errors, in mid-run too.

    Raises:
        SettingsError: the driver for the address is not installed.
        StateVersionError: a newer version of lists_sync wrote this state.
        StateDamagedError: the file is no database, or is damaged.
        StateFullError: the disk has no room for it.
        BusyError: another program holds it.
        StateError: it cannot be opened, read or written.
    """
    if url.startswith(_SQLITE):
        folder = Path(url.removeprefix(_SQLITE)).parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = _engine(url)
    if engine.dialect.name == "sqlite":
        _settle_sqlite(engine)
    try:
        _migrate(engine, at)
    except DatabaseError as fault:
        engine.dispose()
        raise StateDamagedError(
            "The local state is damaged and was left as it is.",
            hint="Move the folder named by LISTS_SYNC_HOME aside; the next run rebuilds it from the lists.",
        ) from fault
    return engine


def open_to_read(url: str) -> Engine:
    """Open a state that is there already, for reading alone: nothing is made, changed or locked.

    A process that is at work on the same state is neither kept waiting nor waited for.

    Raises:
        StateError: there is no state at this address, or it cannot be read.
        StateVersionError: a newer version of lists_sync wrote it, or an older one that no run brought up to
            date yet.
    """
    if url.startswith(_SQLITE):
        path = Path(url.removeprefix(_SQLITE)).resolve()
        if not path.is_file():
            raise StateError(
                "There is no local state here yet, so nothing is known of any run.",
                hint="Point LISTS_SYNC_HOME at the folder of the machine that runs the jobs.",
            )
        engine = _telling(
            create_engine(
                "sqlite://",
                creator=lambda: sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True),
                poolclass=NullPool,
            )
        )
    else:
        engine = _engine(url).execution_options(postgresql_readonly=True)
    try:
        with engine.connect() as connection:
            present = max(connection.scalars(select(schema_version.c.version)), default=0)
            _refuse_newer(present)
            _refuse_older(present)
    except DatabaseError as fault:
        engine.dispose()
        raise StateError(
            "The local state cannot be read.", hint="Is it one of lists_sync, and may this user read it?"
        ) from fault
    return engine


def _engine(url: str) -> Engine:
    try:
        return _telling(create_engine(url))
    except ModuleNotFoundError as fault:
        raise SettingsError(
            "The driver for this kind of database is not installed.",
            where="LISTS_SYNC_DATABASE_URL",
            hint='For PostgreSQL: pip install "lists-sync[postgresql]", and an address postgresql+psycopg://…',
        ) from fault


def _telling(engine: Engine) -> Engine:
    """Have the engine tell what its database refuses as one of the state's own errors."""

    @event.listens_for(engine, "handle_error")
    def on_error(context: ExceptionContext) -> None:
        refused = told(context.original_exception)
        if refused is not None:
            raise refused from context.original_exception

    return engine


def _settle_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        # The driver's own transactions are switched off: `begin` below decides when one starts, and
        # starts it IMMEDIATE, since a deferred one fails when two processes upgrade their read lock.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: Engine, at: str) -> None:
    with engine.begin() as connection:
        present = 0
        if inspect(connection).has_table("schema_version"):
            present = max(connection.scalars(select(schema_version.c.version)), default=0)
        _refuse_newer(present)
        if present < SCHEMA_VERSION:
            metadata.create_all(connection)
            for index in OUTBOX_INDEXES:
                index.create(connection, checkfirst=True)
            if present and present < _SINCE_TALLIES:
                connection.execute(text("ALTER TABLE pull ADD COLUMN tally VARCHAR(64)"))
            connection.execute(insert(schema_version).values(version=SCHEMA_VERSION, applied_at=at))


def _refuse_newer(present: int) -> None:
    if present > SCHEMA_VERSION:
        raise StateVersionError(
            f"The local state has version {present}; this program knows {SCHEMA_VERSION}.",
            hint="Install the newer lists_sync, or point LISTS_SYNC_HOME at another folder.",
        )


def _refuse_older(present: int) -> None:
    if present < SCHEMA_VERSION:
        raise StateVersionError(
            f"The local state has version {present}; this program reads {SCHEMA_VERSION}.",
            hint="The next run brings it up to date: `lists-sync run deadline-status --dry-run`, for one.",
        )
