"""The tables of the local state: one schema for SQLite and PostgreSQL.

An item's version is valid from pull A to pull B: the state any run judged is a query, nothing is copied.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA_VERSION = 3

metadata = MetaData()

_ID = BigInteger().with_variant(Integer, "sqlite")

schema_version = Table(
    "schema_version",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("applied_at", String(20), nullable=False),
)

pull = Table(
    "pull",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("at", String(20), nullable=False),
    Column("tally", String(64)),
)
"""`tally` (since version 3): what the pull brought, as one number; `versions.py` says how."""

item_version = Table(
    "item_version",
    metadata,
    Column("list", String(64), primary_key=True),
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("from_pull", _ID, primary_key=True, autoincrement=False),
    Column("to_pull", _ID),
    Column("etag", String(80), nullable=False),
    Column("modified", String(32)),
    Column("fields", LargeBinary, nullable=False),
    Column("deleted", Integer, nullable=False),
    Index("item_version_present", "list", "to_pull"),
    sqlite_with_rowid=False,
)

cursor = Table(
    "cursor",
    metadata,
    Column("list", String(64), primary_key=True),
    Column("list_id", String(80), nullable=False),
    Column("shape", String(16), nullable=False),
    Column("link", Text, nullable=False),
    Column("pull", _ID, nullable=False),
    Column("first_pull", _ID, nullable=False),
    Column("pulled_at", String(20), nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("job", String(64), nullable=False),
    Column("slot", String(20), nullable=False),
    Column("moment", String(20), nullable=False),
    Column("started_at", String(20), nullable=False),
    Column("finished_at", String(20)),
    Column("result", String(32)),
    Column("pull", _ID),
    Column("content", Text),
    Column("chain_hash", String(64)),
    Index("run_job_slot", "job", "slot"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("run", _ID, nullable=False),
    Column("list", String(64), nullable=False),
    Column("item", _ID),
    Column("key", String(255), nullable=False),
    Column("etag", String(80), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("detail", String(80), nullable=False),
)

_open = outbox.c.state.in_(("planned", "sending"))
OUTBOX_INDEXES = (Index("outbox_key", outbox.c.key), Index("outbox_run", outbox.c.run))
"""Since version 2: rows and posts are looked up by their key, changes by their run."""
Index("outbox_open", outbox.c.id, sqlite_where=_open, postgresql_where=_open)

policy = Table(
    "policy",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Since version 3: the files by which runs judged, each state of them once, named by its own digest."""

recovered = Table(
    "recovered",
    metadata,
    Column("list", String(64), primary_key=True),
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("version", _ID, primary_key=True, autoincrement=False),
    Column("modified", String(32), nullable=False),
    Column("fields", LargeBinary, nullable=False),
    Column("pull", _ID, nullable=False),
)
"""Since version 3: earlier versions of items as SharePoint keeps them, read back after a state was lost."""

mark = Table(
    "mark",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
"""Since version 3: what the state knows of itself."""

slot = Table(
    "slot",
    metadata,
    Column("job", String(64), primary_key=True),
    Column("local", String(16), primary_key=True),
    Column("at", String(20), nullable=False),
    Column("closes_at", String(20)),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before", String(20)),
    Column("run", _ID),
    Column("late_minutes", Integer),
    Index("slot_at", "at"),
)
"""Since version 3: the slots of the scheduler, each once by its job and local time."""
