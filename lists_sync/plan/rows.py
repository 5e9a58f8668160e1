"""The rows that the bot itself makes: escalations, the record of a slot, the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from lists_sync.clock import iso
from lists_sync.controls.matching import normal, normal_all
from lists_sync.evaluate.escalate import cut_key
from lists_sync.model import Change, Kind, ListSchema, Snapshot, Value
from lists_sync.plan.diff import JOINER

if TYPE_CHECKING:
    from lists_sync.model import Escalation, NewRow, Outcome

TITLE_LENGTH = 255
_NO_DIFFERENCE = 1e-9


def slot_key(job: str, slot: datetime) -> str:
    """Give the key of a job's slot: `deadline-status/2026-11-23T08:15Z`."""
    return f"{job}/{iso(slot)[:16]}Z"


def unraised(escalations: Sequence[Escalation], snapshot: Snapshot) -> tuple[Escalation, ...]:
    """Keep the escalations whose key no row of Escalations holds yet, each key once, in order."""
    # The service's own uniqueness takes no notice of capitals, and so neither does this.
    raised = set(normal_all(snapshot.frames["escalations"]["EscalationKey"].dropna().tolist()))
    fresh: dict[str, Escalation] = {}
    for one in escalations:
        if normal(one.key) not in raised:
            fresh.setdefault(normal(one.key), one)
    return tuple(fresh.values())


def escalation_row(escalation: Escalation) -> Change:
    """Give the row of Escalations to make; people move its Status from `Raised` on."""
    values: dict[str, Value] = {
        "EscalationKey": escalation.key,
        "Control": escalation.control,
        "Severity": str(escalation.severity),
        "RaisedAt": escalation.raised_at,
        "ActBy": escalation.act_by,
        "ToRole": escalation.to_role,
        "CopyRoles": escalation.copy_roles,
        "ToPerson": escalation.to_person or None,
        "ActionRefs": ";".join(escalation.refs) or None,
        "Message": escalation.message,
        "Card": escalation.card,
        "Status": "Raised",
        "Step": escalation.step,
    }
    return new_row("escalations", escalation.key, values)


def new_row(key: str, unique: str, values: Mapping[str, Value]) -> Change:
    """Give the change that makes a row; blanks are left out, and Title tells its key."""
    filled = {name: (None, value) for name, value in values.items() if value is not None and value != ()}
    return Change(key, None, unique, {"Title": (None, unique[:TITLE_LENGTH]), **filled}, key=unique)


def new_rows(
    rows: Sequence[NewRow], snapshot: Snapshot, schemas: Mapping[str, ListSchema]
) -> tuple[Change, ...]:
    """Give the rows to make that do not stand yet; which of two with one key came first is the list's."""
    made = []
    for row in rows:
        unique = schemas[row.list].unique_column
        frame = snapshot.frames[row.list]
        stands = unique is not None and bool((frame[unique.name] == row.key).any())
        if not stands:
            made.append(new_row(row.list, row.key, row.values))
    return tuple(made)


def record_rows(
    outcome: Outcome, schema: ListSchema, snapshot: Snapshot, *, per: str = "slot"
) -> tuple[Change, ...]:
    """Give the rows of the record: made, or brought up to date where a second run found otherwise.

    Args:
        per: `slot`, `burst` (one row a burst, brought up to date by each slot) or `line`.
    """
    if not outcome.records:
        return ()
    common: dict[str, Value] = {"Slot": outcome.slot, "RanAt": outcome.moment}
    common |= {"FirstRun": outcome.first_run, "DataFaults": fault_count(outcome), **outcome.measures}
    # A second run never moves a cycle: the moment of the record stays that of the first.
    stays: tuple[str, ...] = ("RanAt", "FirstRun")
    rows = [(slot_key(outcome.job, outcome.slot), common)]
    if per == "line":
        rows = [(unique, common | values) for unique, values in _line_keys(outcome)]
    elif per == "burst":
        unique = cut_key(f"{outcome.job}/{outcome.measures['BurstId']}")
        rows = [(unique, common)]
        later = _is_latest(snapshot.frames[schema.key], unique, outcome.slot)
        stays = ("FirstRun",) if later else ("Slot", "RanAt", "FirstRun")
    return tuple(
        change
        for unique, values in rows
        for change in row_to_hold(schema, snapshot, unique, {"RecordKey": unique, **values}, stays=stays)
    )


def _is_latest(frame: pd.DataFrame, unique: str, slot: datetime) -> bool:
    """Tell whether a slot is later than the one its burst's row answers for."""
    slots = frame["Slot"][frame["RecordKey"] == unique].dropna()
    return bool((slots < pd.Timestamp(slot)).all()) if len(slots) else True


def _line_keys(outcome: Outcome) -> Iterator[tuple[str, dict[str, Value]]]:
    """Give key and values of each line's row; of lines that share a reference the later ones by their id."""
    slot = slot_key("", outcome.slot)
    seen: set[str] = set()
    for row in outcome.record_rows or ():
        values = {name: value for name, value in row.items() if name != "id"}
        ref = str(row["ActionRef"])
        named = f"{ref}#{row['id']}" if normal(ref) in seen else ref
        seen.add(normal(ref))
        yield cut_key(f"{outcome.job}/{named}{slot}"), values


def row_to_hold(
    schema: ListSchema,
    snapshot: Snapshot,
    unique: str,
    values: Mapping[str, Value],
    *,
    stays: Sequence[str] = (),
) -> tuple[Change, ...]:
    """Give the change after which the list holds this row: a new row, what differs in it, or nothing.

    Args:
        stays: columns that keep their value once the row stands.
    """
    column = schema.unique_column
    frame = snapshot.frames[schema.key]
    same = frame.index[frame[column.name] == unique] if column else frame.index[:0]
    if not len(same):
        return (new_row(schema.key, unique, values),)
    id_ = int(same[0])
    present = {name: _present(frame.loc[id_, name], schema, name) for name in values}
    changed = {
        name: (present[name], value)
        for name, value in values.items()
        if name not in stays and not _same(present[name], value)
    }
    if not changed:
        return ()
    return (Change(schema.key, id_, unique, changed, etag=snapshot.versions[schema.key][id_], key=unique),)


def fault_count(outcome: Outcome) -> int:
    """Count the distinct items that hold a value this job could not use."""
    return len({(fault.list, fault.id) for fault in outcome.faults})


def _present(value: Any, schema: ListSchema, name: str) -> Value:
    kind = schema.column(name).kind
    if kind is Kind.CHOICES:
        return tuple(value.split(JOINER)) if isinstance(value, str) and value else ()
    if kind is Kind.DATE and isinstance(value, pd.Timestamp):
        return value.date()
    if kind is Kind.YESNO:
        return bool(value)
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    plain: Value = value.item() if hasattr(value, "item") else value
    return plain


def _same(present: Value, value: Value) -> bool:
    if isinstance(present, datetime) and isinstance(value, datetime):
        return iso(present) == iso(value)
    if isinstance(present, float) and isinstance(value, int | float):
        return abs(present - value) < _NO_DIFFERENCE
    return present == value or (present in (None, ()) and value in (None, ()))
