"""The bot's own rows in SharePoint, held against what the local state knows it wrote.

Nothing is mended: a row that somebody altered or deleted is named, and stands as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lists_sync.clock import iso
from lists_sync.connect.wire import parsed
from lists_sync.outbox import Outbox
from lists_sync.trail.runs import Runs, first_moment
from lists_sync.trail.verify import Finding
from lists_sync.write import differing

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lists_sync.connect.workspace import Workspace
    from lists_sync.model import Item, ListSchema

SINCE = {
    "escalations": "RaisedAt",
    "closure_holds": "From",
    "burst_samples": "SampledAt",
    "control_runs": "Slot",
}
"""Lists in which the bot makes rows, and when each row is of; of records it is the slot."""
HASH = "ChainHash"


@dataclass(frozen=True)
class RowsChecked:
    """What was looked at, and what was found.

    Args:
        rows: rows that were held against what was written.
        older: rows from before this local state, of which it cannot know what was written.
        published: the newest hash of this chain that stands in Control runs, as its run's number; 0 for none.
    """

    rows: int = 0
    older: int = 0
    published: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass
class _Written:
    """What was last written of a list's rows: by key, and of changes by item id."""

    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: dict[int, dict[str, Any]] = field(default_factory=dict)


def verify_rows(workspace: Workspace, engine: Engine) -> RowsChecked:
    """Read the bot's lists whole and compare every row with what was written last.

    Raises:
        AdministratorError, ServiceError: as the connection tells.
    """
    written = _written(engine)
    since = first_moment(engine)
    rows, older, findings = 0, 0, list[Finding]()
    runs: list[Item] = []
    for key, schema in sorted(workspace.schemas.items()):
        if not schema.record and key not in SINCE:
            continue
        found = [item for page in workspace.delta(key, None) for item in _items(workspace, key, page.rows)]
        runs = found if key == "control_runs" else runs
        checked = _ListChecked(workspace, schema, written.get(key, _Written()), since)
        findings += checked.findings(found)
        rows, older = rows + checked.rows, older + checked.older
    published, unknown = _published(engine, runs, since)
    return RowsChecked(rows, older, published, (*findings, *unknown))


def _items(workspace: Workspace, key: str, raw: Iterable[Mapping[str, Any]]) -> Iterator[Item]:
    for one in raw:
        item = workspace.decode_item(key, one)
        if not item.deleted and not workspace.is_folder(item):
            yield item


def _written(engine: Engine) -> dict[str, _Written]:
    """Put together, from all that was ever written, how each row was left."""
    found: dict[str, _Written] = {}
    for entry in Outbox(engine).done():
        mine = found.setdefault(entry.list, _Written())
        if entry.item is None:
            mine.made.setdefault(entry.key, {}).update(entry.fields)
        else:
            mine.changed.setdefault(entry.item, {}).update(entry.fields)
    return found


class _ListChecked:
    """One list; `rows` and `older` count what was looked at."""

    def __init__(
        self, workspace: Workspace, schema: ListSchema, written: _Written, since: str | None
    ) -> None:
        self._wire = workspace.wire(schema.key)
        self._schema = schema
        self._written = written
        self._since = since or ""
        unique = schema.unique_column
        self._unique = self._wire.name(unique.name) if unique else ""
        self._own = {self._wire.field_name(column) for column in schema.bot_columns}
        self.rows = 0
        self.older = 0

    def findings(self, items: Iterable[Item]) -> Iterator[Finding]:
        """Yield the rows that were altered, that nobody here made, and that are gone."""
        missing = dict(self._written.made)
        for item in items:
            key = str(item.fields.get(self._unique, ""))
            if key in self._written.made:
                missing.pop(key, None)
                self.rows += 1
                yield from self._altered(item, key)
            elif self._is_older(item):
                self.older += 1
            else:
                yield Finding(self._place(key or f"#{item.id}"), "No run of this local state made it.")
        for key in missing:
            yield Finding(self._place(key), "It was made, and is no longer there: somebody deleted it.")

    def _altered(self, item: Item, key: str) -> Iterator[Finding]:
        expected = self._written.made[key] | self._written.changed.get(item.id, {})
        own = {name: value for name, value in expected.items() if name in self._own}
        names = differing(item.fields, own)
        if names:
            when = f", last changed {iso(item.modified)}" if item.modified else ""
            yield Finding(self._place(key), f"Somebody altered {', '.join(names)}{when}.")

    def _is_older(self, item: Item) -> bool:
        column = self._wire.name(SINCE.get(self._schema.key, "Slot"))
        moment = parsed(item.fields.get(column))
        return moment is None or not self._since or iso(moment) < self._since

    def _place(self, key: str) -> str:
        return f"{self._schema.title}: {key}"


def _published(engine: Engine, items: Iterable[Item], since: str | None) -> tuple[int, list[Finding]]:
    """Give the newest run of this chain that Control runs names, and tell the hashes of no run of it."""
    known = {one.chain_hash: one for one in Runs(engine).all() if one.chain_hash}
    newest, findings = 0, list[Finding]()
    for item in items:
        digest, ran = item.fields.get(HASH), parsed(item.fields.get("RanAt"))
        if not digest:
            continue
        if digest in known:
            newest = max(newest, known[digest].id)
        elif since and ran and iso(ran) >= since:
            place = f"Control runs: {item.fields.get('RunKey')}"
            findings.append(
                Finding(place, "Its hash is that of no run kept here: the run was taken away or altered.")
            )
    return newest, findings
