"""The snapshot: typed frames, what could not be used, the versions, a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import orjson
import pandas as pd

from lists_sync.controls.matching import normal
from lists_sync.model import Column, Item, Kind, ListSchema, Snapshot
from lists_sync.snapshot.decode import Setting, decode
from lists_sync.snapshot.faults import Faults
from lists_sync.snapshot.rules import Limits, check_column, check_lists

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

FILE_NAME = "FileLeafRef"
"""A library's own column, which no schema names."""

_CHUNK = 5000
_WITH_CREATED = frozenset({"deadline_changes"})
"""Lists of which a control asks when a row was made."""


class Mapped(Protocol):
    """How a provider's own list stands for one of ours."""

    @property
    def columns(self) -> Mapping[str, str]:
        """Our column -> theirs."""

    @property
    def choices(self) -> Mapping[str, Mapping[str, str]]:
        """Our column -> their word -> ours."""


def build(
    items: Mapping[str, Sequence[Item]],
    schemas: Mapping[str, ListSchema],
    *,
    people: Mapping[str, Mapping[int, str]],
    zones: Mapping[str, ZoneInfo],
    provider_zone: ZoneInfo,
    moment: datetime,
    mappings: Mapping[str, Mapped] | None = None,
    known: FrameCache | None = None,
) -> Snapshot:
    """Give the lists as typed frames, as they can be judged at a moment.

    Args:
        items: by list key, in any order; deleted ones are left out, of several with one id the last stands.
        people: store -> lookup id -> e-mail; an unknown id becomes `#<id>`.
        zones: store -> the site's zone, by which date-only values are written.
        provider_zone: the zone that days are judged in.
        mappings: by list key: a provider's own columns and words.
        known: frames decoded before; a list given as the very same object is not decoded again.

    Returns:
        frames with index `id` (int64, ascending) and every column of the schema, `Modified` and `_unique`
        (of Deadline changes `Created` too):
        text, note, choice, person `str`; several choices `str` joined by `;#` in schema order; number
        float64; yes/no bool; date datetime64[us], naive midnight; datetime datetime64[us, UTC]. A value that
        cannot be used is missing and told in `unusable` and `faults`; references and choice words stay as
        typed. The digest does not depend on the moment.
    Source:
        controls.md section 1.
    """
    faults, limits = Faults(), Limits.at(moment, provider_zone)
    cache = FrameCache() if known is None else known
    decoded: dict[str, Decoded] = {}
    frames = {}
    for key in sorted(items):
        schema, mapping = schemas[key], (mappings or {}).get(key)
        setting = Setting(
            people.get(schema.store, {}),
            zones.get(schema.store, provider_zone),
            provider_zone,
            _words(mapping),
        )
        decoded[key] = cache.decoded(items[key], schema, mapping, setting)
        frames[key] = decoded[key].frame.copy(deep=False)
        faults.take(decoded[key].faults)
        for column in schema.columns:
            check_column(frames[key], key, column, limits, faults)
    check_lists(frames, schemas, faults)
    return Snapshot(
        moment=moment,
        frames=frames,
        unusable=faults.unusable(),
        faults=faults.told(frames, schemas),
        versions={key: one.versions for key, one in decoded.items()},
        digest=hashlib.sha256(b"".join(one.digest for one in decoded.values())).hexdigest(),
    )


@dataclass(frozen=True, eq=False)
class Decoded:
    """One list as typed columns, before it is asked what can be used at a moment.

    Args:
        items: what it was decoded from.
        faults: what was no value of its column's kind.
        digest: SHA-256 over the list's items and versions.
    """

    items: Sequence[Item]
    schema: ListSchema
    mapping: Mapped | None
    setting: Setting
    frame: pd.DataFrame
    faults: Faults
    versions: Mapping[int, str]
    digest: bytes

    def is_of(
        self, items: Sequence[Item], schema: ListSchema, mapping: Mapped | None, setting: Setting
    ) -> bool:
        """Tell whether decoding these would give the same; the items must be the same object."""
        same = self.items is items and self.schema is schema and self.mapping is mapping
        return same and self.setting == setting


class FrameCache:
    """The lists decoded last, so that a list in which nothing changed is not decoded again."""

    def __init__(self) -> None:
        self._held: dict[str, Decoded] = {}

    def decoded(
        self, items: Sequence[Item], schema: ListSchema, mapping: Mapped | None, setting: Setting
    ) -> Decoded:
        """Give a list decoded; nobody may change its frame in place."""
        held = self._held.get(schema.key)
        if held is None or not held.is_of(items, schema, mapping, setting):
            rows, faults = _present(items), Faults()
            frame = _frame(rows, schema, mapping, setting, faults)
            versions = {item.id: item.etag for item in rows}
            digest = _digest(schema.key, rows)
            held = Decoded(items, schema, mapping, setting, frame, faults, versions, digest)
            self._held[schema.key] = held
        return held


def _present(rows: Sequence[Item]) -> list[Item]:
    latest = {item.id: item for item in rows}
    return [latest[id_] for id_ in sorted(latest) if not latest[id_].deleted]


def _words(mapping: Mapped | None) -> dict[str, dict[str, str]]:
    if mapping is None:
        return {}
    return {
        column: {normal(theirs): ours for theirs, ours in words.items()}
        for column, words in mapping.choices.items()
    }


def _frame(
    rows: list[Item], schema: ListSchema, mapping: Mapped | None, setting: Setting, faults: Faults
) -> pd.DataFrame:
    index = pd.Index(np.array([item.id for item in rows], dtype=np.int64), name="id")
    columns: dict[str, pd.Series[Any]] = {}
    for column in _columns(schema):
        theirs = mapping.columns.get(column.name, column.name) if mapping else column.name
        values, wrong, why = decode(column, _collect(rows, theirs, column.kind), setting)
        columns[column.name] = values.set_axis(index)
        if wrong.any() and not column.bot:
            faults.add(schema.key, column.name, index[wrong], why)
    modified = pd.Series([item.modified for item in rows], index=index, dtype="datetime64[us, UTC]")
    columns["Modified"] = modified
    if schema.key in _WITH_CREATED:
        columns["Created"] = _created(rows, modified)
    columns["_unique"] = pd.Series([item.unique_id for item in rows], index=index, dtype="str")
    return pd.DataFrame(columns, index=index)


def _created(rows: list[Item], modified: pd.Series[Any]) -> pd.Series[Any]:
    """Give when each item was made; where that is not told, its latest change stands in."""
    told = pd.Series([item.fields.get("Created") for item in rows], index=modified.index, dtype="str")
    made = pd.to_datetime(told, format="ISO8601", utc=True, errors="coerce")
    return made.astype("datetime64[us, UTC]").fillna(modified)


def _columns(schema: ListSchema) -> list[Column]:
    names = {column.name for column in schema.columns}
    implied = [Column(FILE_NAME, Kind.TEXT, bot=True)] if schema.library and FILE_NAME not in names else []
    return [*schema.columns, *implied]


def _collect(rows: list[Item], name: str, kind: Kind) -> list[Any]:
    """Collect one column's wire values; a person is told by lookup id, or by address in a text column."""
    if kind is not Kind.PERSON:
        return [item.fields.get(name) for item in rows]
    lookup = f"{name}LookupId"
    return [item.fields.get(lookup, item.fields.get(name)) for item in rows]


def _digest(key: str, rows: list[Item]) -> bytes:
    """Hash every item's list, id, version and values, in a fixed order and form."""
    digest = hashlib.sha256()
    for start in range(0, len(rows), _CHUNK):
        part = [[key, item.id, item.etag, dict(item.fields)] for item in rows[start : start + _CHUNK]]
        digest.update(b"".join(orjson.dumps(one, option=orjson.OPT_SORT_KEYS) + b"\n" for one in part))
    return digest.digest()
