"""A line's explanation as one JSON document; what is not known is null."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from lists_sync.clock import iso
from lists_sync.worktime import DayStep, Step

if TYPE_CHECKING:
    from lists_sync.explain.told import (
        EscalationTold,
        Explained,
        FlagTold,
        LineTold,
        RunTold,
        StepsTold,
        ThresholdTold,
        ValueTold,
    )


def lines_json(lines: Sequence[LineTold]) -> dict[str, Any]:
    """Give the lines that a reference names."""
    return _mapped({"lines": [_line(line) for line in lines]})


def _line(line: LineTold) -> dict[str, Any]:
    return {
        "ref": line.ref,
        "id": str(line.item),
        "status": line.status,
        "due": line.due,
        "owner": line.owner,
        "version": line.version,
        "modified": line.modified,
        "at": line.at,
        "flags": [_flag(one) for one in line.flags],
        "blank": [_flag(one) for one in line.blank],
        "records": [
            {
                "list": one.list,
                "key": one.key,
                "job": one.job,
                "control": one.control,
                "source": one.source,
                "columns": one.columns,
                "run": _run(one.run),
                "notes": list(one.notes),
                **_explained(one.explained),
            }
            for one in line.records
        ],
        "moves": [
            {
                "columns": one.columns,
                "job": one.job,
                "control": one.control,
                "source": one.source,
                "run": _run(one.run),
                **_explained(one.explained),
            }
            for one in line.moves
        ],
        "escalations": [_escalation(one) for one in line.escalations],
        "notes": list(line.notes),
    }


def _flag(one: FlagTold) -> dict[str, Any]:
    return {
        "column": one.column,
        "flag": one.flag,
        "job": one.job,
        "control": one.control,
        "source": one.source,
        "run": _run(one.run),
        "written_by": str(one.written_by) if one.written_by else None,
        "stands": one.stands,
        "notes": list(one.notes),
        **_explained(one.explained),
    }


def _explained(told: Explained) -> dict[str, Any]:
    return {
        "rule": told.rule,
        "values": [_value(one) for one in told.values],
        "figures": [{"name": one.name, "value": one.value, "words": one.words} for one in told.figures],
        "thresholds": [_threshold(one) for one in told.thresholds],
        "steps": [_steps(one) for one in told.steps],
    }


def _value(one: ValueTold) -> dict[str, Any]:
    return {
        "list": one.list,
        "id": str(one.item),
        "ref": one.ref,
        "unique_id": one.unique or None,
        "column": one.column,
        "value": one.value,
        "version": one.version,
        "modified": one.modified,
        "note": one.note,
    }


def _threshold(one: ThresholdTold) -> dict[str, Any]:
    return {"name": one.name, "value": one.value, "where": one.where}


def _steps(told: StepsTold) -> dict[str, Any]:
    return {"title": told.title, "ends": told.ends, "steps": [_step(one) for one in told.steps]}


def _step(one: Step | DayStep) -> dict[str, Any]:
    if isinstance(one, DayStep):
        return {"day": one.day, "counted": one.counted, "why": one.why}
    return {
        "begins": one.begins,
        "ends": one.ends,
        "hours": float(one.hours),
        "counted": one.counted,
        "why": one.why,
    }


def _escalation(one: EscalationTold) -> dict[str, Any]:
    return {
        "key": one.key,
        "id": str(one.item) if one.item else None,
        "job": one.job,
        "severity": one.severity,
        "to_role": one.to_role,
        "raised_at": one.raised_at,
        "act_by": one.act_by,
        "status": one.status,
        "acknowledged_by": one.acknowledged_by or None,
        "acknowledged_at": one.acknowledged_at,
        "rule": one.rule,
        "thresholds": [_threshold(each) for each in one.thresholds],
        "steps": [_steps(each) for each in one.steps],
        "run": _run(one.run),
        "notes": list(one.notes),
    }


def _run(run: RunTold | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {"run": str(run.id), "job": run.job, "slot": iso(run.slot), "moment": iso(run.moment)}


def _mapped(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in columns.items()}


def _plain(value: Any) -> Any:
    """Give a value as JSON has it: instants in UTC with Z, several choices as a list."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return _mapped(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value
