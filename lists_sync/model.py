"""The frozen values that all stations speak.

Times are aware UTC datetimes; days are dates. A missing value is None, never 0 or "".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Value = str | int | float | bool | date | datetime | tuple[str, ...] | None
"""A decoded column value. A person is an e-mail; a multi-choice is a tuple in schema order."""


class Kind(StrEnum):
    """What a column holds (lists.md)."""

    TEXT = "text"
    NOTE = "note"
    NUMBER = "number"
    YESNO = "yesno"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON = "person"


@dataclass(frozen=True)
class Column:
    """A column of one of our list schemas; `name` is the internal name on the wire."""

    name: str
    kind: Kind
    required: bool = False
    unique: bool = False
    indexed: bool = False
    bot: bool = False
    choices: tuple[str, ...] = ()
    fill_in: bool = False
    default: str | bool | None = None
    description: str = ""


@dataclass(frozen=True)
class ListSchema:
    """One list or library; `ref` names the column that identifies a row to people, "" for none."""

    key: str
    title: str
    store: str
    columns: tuple[Column, ...]
    library: bool = False
    record: bool = False
    title_optional: bool = False
    ref: str = ""
    description: str = ""
    source: str = ""

    def column(self, name: str) -> Column:
        """Give the column of that name.

        Raises:
            KeyError: the schema has none of that name.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def bot_columns(self) -> tuple[Column, ...]:
        """The result columns, which only the bot writes."""
        return tuple(column for column in self.columns if column.bot)

    @property
    def unique_column(self) -> Column | None:
        """The first unique column, which names a row once and for all."""
        return next((column for column in self.columns if column.unique), None)


@dataclass(frozen=True, slots=True)
class Item:
    """One version of one item as it came over the wire.

    Args:
        fields: wire values by internal name, empty ones absent.
        unique_id: the guid of the eTag, lower case.
        deleted: a tombstone; `fields` is then empty.
    """

    list: str
    id: int
    etag: str
    fields: Mapping[str, Any]
    modified: datetime | None = None
    deleted: bool = False

    @property
    def unique_id(self) -> str:
        """The item's guid, lower case, "" where the eTag has none."""
        return self.etag.strip('"').split(",")[0].lower() if self.etag else ""


@dataclass(frozen=True, order=True)
class DataFault:
    """A value that could not be used; told by list, item and column, never by the value itself."""

    list: str
    id: int
    column: str
    why: str
    ref: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What one run judges: typed frames at one moment (see snapshot.py for the dtypes).

    Args:
        frames: by list key; index `id` (int64, ascending).
        unusable: by (list key, column): ids whose value is there but cannot be used.
        faults: every such value once, sorted.
        versions: by list key: id -> eTag.
        digest: SHA-256 over items and versions, hex.
    """

    moment: datetime
    frames: Mapping[str, pd.DataFrame]
    unusable: Mapping[tuple[str, str], frozenset[int]]
    faults: tuple[DataFault, ...]
    versions: Mapping[str, Mapping[int, str]]
    digest: str


class Severity(StrEnum):
    """How much an escalation weighs."""

    INFORMATION = "Information"
    WARNING = "Warning"
    CRITICAL = "Critical"


@dataclass(frozen=True)
class Escalation:
    """A row that shall stand in Escalations once, by its key.

    Args:
        rule: the entry under `escalate:` or `messages:` in the job's YAML, which names the template.
        act_by: None for an Information message.
        to_person: e-mail of the first person told, "" when nobody holds the role.
        people: display names of all who are told.
        refs: action references, most pressing first.
        facts: what the template may name: numbers, references, instants, links; no free text.
        passed_over: roles that nobody active holds, so that it goes to the next.
    """

    key: str
    control: str
    rule: str
    severity: Severity
    raised_at: datetime
    act_by: datetime | None
    to_role: str
    copy_roles: tuple[str, ...] = ()
    to_person: str = ""
    people: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    card: str = ""
    step: int = 0
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewRow:
    """A row that shall stand in one of the bot's lists; `key` names it once and for all."""

    list: str
    key: str
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Outcome:
    """What a control found at a moment, before anybody compares it with what stands in the lists.

    Args:
        measures: by column of the record list; None is "not available".
        rows: rows to make in lists of the bot's own.
        record_rows: of a record with a row a line, each row's values, ActionRef among them; None otherwise.
        records: whether this slot writes the record.
        moves: by list key: columns of people that are moved, only the items moved.
        wanted: by list key: a frame indexed by `id` holding the result columns of every item this job
            judges or clears (blank: None/NA; choices: tuple).
        escalations: those that should stand, rendered or not.
        faults: those this job's section reads, sorted.
    """

    job: str
    slot: datetime
    moment: datetime
    first_run: bool
    measures: Mapping[str, Value]
    wanted: Mapping[str, pd.DataFrame]
    escalations: tuple[Escalation, ...]
    faults: tuple[DataFault, ...]
    notes: tuple[str, ...] = ()
    moves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    rows: tuple[NewRow, ...] = ()
    record_rows: tuple[Mapping[str, Value], ...] | None = None
    records: bool = True


@dataclass(frozen=True)
class Change:
    """One item to change (`id` set) or to make (`id` None, then `key` is its unique value).

    Args:
        values: by column: (old, new), in schema order.
        etag: the version the change was planned against; "" for a new item.
    """

    list: str
    id: int | None
    ref: str
    values: Mapping[str, tuple[Value, Value]]
    etag: str = ""
    key: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything a run would write, sorted: new rows, item changes, escalations, the record."""

    job: str
    slot: datetime
    rows: tuple[Change, ...]
    changes: tuple[Change, ...]
    escalations: tuple[Escalation, ...]
    record: tuple[Change, ...]
    digest: str


class Answered(StrEnum):
    """How a write ended."""

    DONE = "done"
    CONFLICT = "conflict"
    GONE = "gone"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """The end of one change; `detail` is the service's code, never its text."""

    change: Change
    answered: Answered
    etag: str = ""
    id: int | None = None
    detail: str = ""
