"""One hash of all that a run found, so that a run repeated later can be held against it, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from lists_sync.plan.diff import plain_column

if TYPE_CHECKING:
    import pandas as pd

    from lists_sync.model import Escalation, ListSchema, Outcome


def outcome_digest(outcome: Outcome, schemas: Mapping[str, ListSchema]) -> str:
    """Give the SHA-256 of an outcome, hex: figures, result columns item by item, rows, escalations, faults.

    What is compared with the lists afterwards is the plan's; the two together are all that a run decides.
    """
    content = [
        [outcome.job, outcome.slot, outcome.moment, outcome.first_run, outcome.records],
        dict(outcome.measures),
        {key: _columns(frame, schemas[key]) for key, frame in outcome.wanted.items()},
        {key: _columns(frame, schemas[key]) for key, frame in outcome.moves.items()},
        [[row.list, row.key, dict(row.values)] for row in outcome.rows],
        [dict(row) for row in outcome.record_rows or ()],
        [_told(one) for one in outcome.escalations],
        [[one.list, one.id, one.column, one.why, one.ref] for one in outcome.faults],
        list(outcome.notes),
    ]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _columns(frame: pd.DataFrame, schema: ListSchema) -> dict[str, list[Any]]:
    named = {str(name): plain_column(frame[name], schema.column(str(name))) for name in frame.columns}
    return {"id": [int(one) for one in frame.index], **{name: list(one) for name, one in named.items()}}


def _told(one: Escalation) -> list[Any]:
    return [
        [one.key, one.control, one.rule, str(one.severity), one.step],
        [one.raised_at, one.act_by, one.to_role, one.to_person],
        [list(one.copy_roles), list(one.people), list(one.refs), list(one.passed_over)],
    ]
