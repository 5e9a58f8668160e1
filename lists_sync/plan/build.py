"""Put the plan of a run together: item changes, escalations to raise, the record of the slot."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import orjson

from lists_sync.clock import iso
from lists_sync.model import Change, Escalation, ListSchema, Outcome, Plan, Snapshot, Value
from lists_sync.plan.diff import diff
from lists_sync.plan.rows import new_rows, record_rows, unraised

if TYPE_CHECKING:
    from datetime import datetime


def build_plan(
    outcome: Outcome,
    snapshot: Snapshot,
    schemas: Mapping[str, ListSchema],
    *,
    record: str,
    record_per: str = "slot",
    render: Callable[[Escalation], Escalation],
    written: Mapping[tuple[str, int], Mapping[str, Value]] | None = None,
) -> Plan:
    """Give everything the run would write now; an outcome already carried out gives an empty plan.

    Args:
        record: key of the job's record list; "" for a job that keeps none.
        record_per: what has a row of it: `slot`, `burst` or `line`.
        render: fills an escalation's message and card.
        written: values this run has already confirmed.
    """
    made = new_rows(outcome.rows, snapshot, schemas)
    changes = diff(outcome.wanted, snapshot, schemas, moves=outcome.moves, written=written)
    escalations = tuple(render(one) for one in unraised(outcome.escalations, snapshot))
    rows = record_rows(outcome, schemas[record], snapshot, per=record_per) if record else ()
    digest = _digest(outcome.slot, (*made, *changes), escalations, rows)
    return Plan(outcome.job, outcome.slot, made, changes, escalations, rows, digest)


def _digest(
    slot: datetime,
    changes: tuple[Change, ...],
    escalations: tuple[Escalation, ...],
    rows: tuple[Change, ...],
) -> str:
    """Give the SHA-256 of the plan, hex: two runs that would write the same have the same."""
    content = [
        iso(slot),
        [[change.list, change.id, change.key, change.etag, change.values] for change in (*changes, *rows)],
        [[one.key, one.to_role, one.to_person, one.message, one.card] for one in escalations],
    ]
    return hashlib.sha256(orjson.dumps(content)).hexdigest()
