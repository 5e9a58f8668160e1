"""Every write of a plan as people and scripts read it: item by item, old -> new."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from lists_sync.clock import iso
from lists_sync.messages.words import clean, counted, figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from lists_sync.model import Change, Escalation, Plan, Value

BLANK = "(blank)"
NOT_SHOWN = frozenset({"Message", "Card"})
"""Columns of a new row that are told by their length only."""


def render_plan(plan: Plan, zone: ZoneInfo) -> str:
    """Give the plan as text: each item's reference, then its columns as `old -> new`, in the plan's order.

    Args:
        plan: what a run would write.
        zone: whose time instants are told in.
    """
    items = len(plan.changes)
    rows = [f"{plan.job}: {counted(items, 'item')} to change, {counted(len(plan.escalations), 'message')}."]
    for title, changes in (("New rows", plan.rows), ("Items", plan.changes), ("Records", plan.record)):
        if changes:
            rows += [title, *_changes(changes, zone)]
    if plan.escalations:
        rows += ["Messages", *_messages(plan.escalations, zone)]
    rows.append(f"Plan {plan.digest[:12]}")
    return "\n".join(rows)


def plan_dict(plan: Plan) -> dict[str, Any]:
    """Give the plan for JSON; instants in UTC, what is blank as None."""
    return {
        "job": plan.job,
        "slot": iso(plan.slot),
        "digest": plan.digest,
        "items": [_change_dict(change) for change in (*plan.rows, *plan.changes)],
        "record": [_change_dict(change) for change in plan.record],
        "escalations": [
            {
                "key": one.key,
                "to_role": one.to_role,
                "act_by": iso(one.act_by) if one.act_by else None,
                "severity": str(one.severity),
            }
            for one in plan.escalations
        ],
    }


def _changes(changes: Iterable[Change], zone: ZoneInfo) -> Iterator[str]:
    for change in changes:
        new = " (new)" if change.id is None else ""
        yield f"  {change.list} {clean(change.ref or change.key, 255)}{new}"
        for name, (old, now) in change.values.items():
            if name in NOT_SHOWN and isinstance(now, str):
                yield f"    {name}: {counted(len(now), 'character')}"
            elif change.id is None:
                yield f"    {name}: {_said(now, zone)}"
            else:
                yield f"    {name}: {_said(old, zone)} -> {_said(now, zone)}"


def _messages(escalations: Iterable[Escalation], zone: ZoneInfo) -> Iterator[str]:
    for one in escalations:
        by = f", act by {_said(one.act_by, zone)}" if one.act_by else ""
        yield f"  {one.severity} to {one.to_role}{by}"
        yield f"    {clean(one.key, 255)}"


def _said(value: Value, zone: ZoneInfo) -> str:
    """Give a value in words; nothing in it can break the line."""
    if value is None or value in ("", ()):
        return BLANK
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, tuple):
        return clean(", ".join(value))
    if isinstance(value, str | date):
        return clean(value)
    return figure(value)


def _change_dict(change: Change) -> dict[str, Any]:
    return {
        "list": change.list,
        "id": None if change.id is None else str(change.id),
        "ref": change.ref,
        "changes": {name: [_wire(old), _wire(new)] for name, (old, new) in change.values.items()},
    }


def _wire(value: Value) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
