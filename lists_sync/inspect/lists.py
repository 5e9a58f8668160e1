"""The lists of the bot's own as they were last read: the rows of a period, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from lists_sync.controls.matching import normal
from lists_sync.controls.pool import burst_day
from lists_sync.inspect.cells import Cell, Reading
from lists_sync.inspect.tables import Head, Read, Table, by_time
from lists_sync.messages.words import measure_words
from lists_sync.mirror.tables import outbox, run
from lists_sync.model import Column, Item, Kind, ListSchema
from lists_sync.read import people, site_zone

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.definitions.jobs import Job
    from lists_sync.inspect.period import Period
    from lists_sync.mirror.versions import Mirror

SEEN = "AcknowledgedSeen"
LEFT_OUT = {"escalations": ("Card",), "burst_samples": ("FileName",)}
"""The card says what the message says; a file's name may name a person, and its link leads to it."""
_DATED_BY = {"escalations": "RaisedAt", "closure_holds": "From", "burst_samples": "BurstId"}
_KEPT = {
    "escalations": (
        "escalations",
        "What was put before somebody, to whom and by when, and who took it on; information is here too.",
    ),
    "closure_holds": (
        "holds",
        "When approvals or the closure update were held, why, and who lifted it early.",
    ),
    "control_runs": (
        "control-runs",
        "The runs of the jobs, how late each was, and the windows that were missed.",
    ),
    "burst_samples": ("burst-samples", "The evidence files drawn for review, and what the reviewers found."),
}
_BELOW = {
    "escalations": ("Control", "CopyRoles", SEEN, "DeliveredAt", "Step"),
    "burst_samples": (
        *("SampleKey", "BurstId", "StepsObserved", "RecordsChecked", "RecordsMatched", "MatchPercent"),
        *("StaffPrompts", "Corrected", "CorrectionAccepted", "RetestDue"),
    ),
}
"""Columns that stand below the others on a page."""
_TAKEN_ON = frozenset(("Acknowledged", "Resolved"))
_ITEM = (
    Head("Item", "Item", "The item's number in the list.", is_number=True, on_page=False),
    Head("Version", "Version", "How often the item has been saved.", is_number=True, on_page=False),
    Head("Modified", "Modified", "When it was last saved, by whoever.", is_time=True, on_page=False),
)
_SEEN_HEAD = Head(
    SEEN,
    measure_words(SEEN),
    "When the version was saved in which the bot first saw it acknowledged or resolved; nobody types this.",
    is_time=True,
    is_below=True,
)


@dataclass(frozen=True)
class Lists:
    """The bot's own lists as a local state holds them.

    Args:
        at_pull: nothing that later pulls brought is shown.
    """

    definitions: Definitions
    mirror: Mirror
    period: Period
    at_pull: int

    def records(self) -> list[Table]:
        """Give the fifteen records, in the order of their controls."""
        jobs = [job for job in self.definitions.jobs.values() if job.record]
        return [self._record(job) for job in sorted(jobs, key=lambda job: job.control)]

    def kept(self, key: str) -> Table:
        """Give escalations, closure_holds, control_runs or burst_samples."""
        return self._table(key, *_KEPT[key])

    def _record(self, job: Job) -> Table:
        return self._table(job.record, f"records/{job.record}", job.purpose)

    def _table(self, key: str, path: str, about: str) -> Table:
        schema = self.definitions.schemas[key]
        dated_by = _DATED_BY.get(key, "Slot")
        rows, undated = self._rows(schema, dated_by)
        return Table(
            path,
            schema.title,
            dated_by,
            (*_heads(schema), *_ITEM),
            rows,
            about,
            schema.source,
            self._read(key, undated),
        )

    def _rows(self, schema: ListSchema, dated_by: str) -> tuple[tuple[Mapping[str, Cell], ...], int]:
        reading, found, undated = self._reading(schema), list[dict[str, Cell]](), 0
        seen = self._seen(schema, reading) if schema.key == "escalations" else {}
        for item in self.mirror.items(schema.key, self.at_pull):
            row = {column.name: reading.cell(column, item.fields) for column in _columns(schema)}
            when = _dated(row.get(dated_by))
            undated += when is None
            if self.period.holds(when):
                extra = {SEEN: seen.get(item.id)} if schema.key == "escalations" else {}
                found.append(row | extra | _of_item(item))
        return tuple(sorted(found, key=lambda row: by_time(row, dated_by, "ActionRef", schema.ref))), undated

    def _reading(self, schema: ListSchema) -> Reading:
        zone = ZoneInfo(self.definitions.provider.time_zone)
        mapping = self.definitions.provider.lists.get(schema.key)
        words = mapping.choices if mapping else {}
        return Reading(
            people(self.mirror, schema.store, self.at_pull),
            site_zone(self.mirror, schema.store, self.at_pull, zone),
            mapping.columns if mapping else {},
            {name: {normal(their): our for their, our in table.items()} for name, table in words.items()},
        )

    def _seen(self, schema: ListSchema, reading: Reading) -> dict[int, datetime | None]:
        """Give by item when it was first seen taken on; not what stood so at the very first reading."""
        cursor, status = self.mirror.cursor(schema.key), schema.column("Status")
        first = cursor.first_pull if cursor else 0
        ids = [item.id for item in self.mirror.items(schema.key, self.at_pull)]
        found: dict[int, datetime | None] = {}
        for id_, versions in self.mirror.history(schema.key, ids, self.at_pull).items():
            taken = [one for one in versions if reading.cell(status, one[1].fields) in _TAKEN_ON]
            if taken and taken[0][0] > first:
                found[id_] = taken[0][1].modified
        return found

    def _read(self, key: str, undated: int) -> Read:
        cursor = self.mirror.cursor(key)
        since = self._written_since(key, cursor.pull if cursor else 0)
        return Read(cursor.pull, cursor.pulled_at, since, undated) if cursor else Read(since=since)

    def _written_since(self, key: str, pull: int) -> int:
        """Count what runs that judged this pull or a later one wrote to a list: no pull brought it back."""
        mine = [outbox.c.list == key, outbox.c.state == "done", run.c.pull >= pull]
        query = select(func.count()).select_from(outbox.join(run, outbox.c.run == run.c.id)).where(*mine)
        with self.mirror.engine.connect() as connection:
            return int(connection.scalar(query) or 0)


def _columns(schema: ListSchema) -> Iterator[Column]:
    left_out = LEFT_OUT.get(schema.key, ())
    return (column for column in schema.columns if column.name not in left_out)


def _heads(schema: ListSchema) -> Iterator[Head]:
    for column in _columns(schema):
        yield Head(
            column.name,
            measure_words(column.name),
            column.description,
            is_time=column.kind is Kind.DATETIME,
            is_below=column.kind is Kind.NOTE or column.name in _BELOW.get(schema.key, ()),
            is_number=column.kind is Kind.NUMBER,
            # These keys are made of what their rows say anyway.
            on_page=not (column.unique and (schema.record or schema.key == "control_runs")),
        )
        if column.name == "AcknowledgedAt":
            yield _SEEN_HEAD


def _dated(cell: Cell) -> date | None:
    """Give the instant, or of a burst the day, by which a row lies in a period."""
    return cell if isinstance(cell, datetime) else burst_day(str(cell or ""))


def _of_item(item: Item) -> dict[str, Any]:
    version = item.etag.strip('"').rpartition(",")[2]
    return {
        "Item": item.id,
        "Version": int(version) if version.isdigit() else None,
        "Modified": item.modified,
    }
