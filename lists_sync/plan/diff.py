"""Wanted result values minus present ones, as sorted changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.matching import clean
from lists_sync.model import Change, Kind, ListSchema, Snapshot, Value

if TYPE_CHECKING:
    import numpy.typing as npt

    from lists_sync.model import Column

JOINER = ";#"
"""What a frame puts between the words of a multi-choice."""


def diff(
    wanted: Mapping[str, pd.DataFrame],
    snapshot: Snapshot,
    schemas: Mapping[str, ListSchema],
    *,
    moves: Mapping[str, pd.DataFrame] | None = None,
    written: Mapping[tuple[str, int], Mapping[str, Value]] | None = None,
) -> tuple[Change, ...]:
    """List the items whose columns do not stand as they should.

    Args:
        wanted: by list key, indexed by item id; a blank is NA (yes/no: no, which an absent value also is).
        moves: frames like those of `wanted`, of the few columns of people that a control moves.
        written: values that this run has already confirmed, over what the snapshot holds.

    Returns:
        changes sorted by list, then item id, one an item; values in the schema's order; items that agree do
        not appear.
    """
    changes: list[Change] = []
    for frames in (wanted, moves or {}):
        for key in sorted(frames):
            changes += _diff_list(schemas[key], frames[key], snapshot, written or {})
    return _one_an_item(changes, schemas) if moves else tuple(changes)


def _one_an_item(changes: list[Change], schemas: Mapping[str, ListSchema]) -> tuple[Change, ...]:
    """Put the changes of one item together, for each has one version to be written against."""
    found: dict[tuple[str, int | None], Change] = {}
    for change in changes:
        place = (change.list, change.id)
        values = {**found[place].values, **change.values} if place in found else change.values
        order = [column.name for column in schemas[change.list].columns]
        found[place] = replace(
            change, values=dict(sorted(values.items(), key=lambda one: order.index(one[0])))
        )
    return tuple(found[place] for place in sorted(found, key=lambda one: (one[0], one[1] or 0)))


def _diff_list(
    schema: ListSchema,
    wanted: pd.DataFrame,
    snapshot: Snapshot,
    written: Mapping[tuple[str, int], Mapping[str, Value]],
) -> list[Change]:
    present = snapshot.frames[schema.key]
    columns = [column for column in schema.columns if column.name in wanted.columns]
    news = {column.name: plain_column(wanted[column.name], column) for column in columns}
    olds = {
        column.name: plain_column(present[column.name].reindex(wanted.index), column) for column in columns
    }
    for (key, id_), confirmed in written.items():
        if key == schema.key and id_ in wanted.index:
            for name in olds.keys() & confirmed.keys():
                olds[name][wanted.index.get_loc(id_)] = _as_plain(_midnight(confirmed[name]))
    differs = {name: news[name] != olds[name] for name in news}
    if not differs:
        return []
    ids: list[int] = [int(id_) for id_ in wanted.index.to_numpy()]
    refs = present[schema.ref].reindex(wanted.index) if schema.ref else None
    etags = snapshot.versions[schema.key]
    changes = []
    for row in np.flatnonzero(np.logical_or.reduce(list(differs.values()))).tolist():
        id_ = ids[row]
        values: dict[str, tuple[Value, Value]] = {
            column.name: (
                _value(olds[column.name][row], column),
                _value(news[column.name][row], column),
            )
            for column in columns
            if differs[column.name][row]
        }
        ref = refs.iloc[row] if refs is not None else None
        name = (clean(ref) if isinstance(ref, str) else "") or f"#{id_}"
        changes.append(Change(schema.key, id_, name, values, etag=etags[id_]))
    return changes


def plain_column(series: pd.Series[Any], column: Column) -> npt.NDArray[Any]:
    """Give the column as objects that compare by ==, a blank as None (yes/no: False)."""
    if column.kind is Kind.YESNO:
        return series.astype("boolean").fillna(value=False).to_numpy(dtype=object)
    plain = np.array(series.array, dtype=object)
    plain[series.isna().to_numpy()] = None
    if column.kind is Kind.CHOICES or not isinstance(series.dtype, pd.StringDtype):
        plain[:] = [_as_plain(value) for value in plain]
    return plain


def _midnight(value: Any) -> Any:
    """Give a day as a frame holds it."""
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    return datetime.combine(value, time()) if is_day else value


def _as_plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return JOINER.join(value) or None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, np.generic):
        return value.item()
    return None if value == "" else value


def _value(plain: Any, column: Column) -> Value:
    if column.kind is Kind.CHOICES:
        return tuple(plain.split(JOINER)) if plain else ()
    if column.kind is Kind.DATE and plain is not None:
        day: Value = plain.date()
        return day
    if column.kind is Kind.YESNO:
        return bool(plain)
    value: Value = plain
    return value
