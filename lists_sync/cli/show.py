"""What verbs print: for people in plain words within 80 columns, for scripts as one JSON document."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lists_sync.clock import iso
from lists_sync.messages.words import clean, figure, measure_words
from lists_sync.plan.render import render_plan

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from lists_sync.definitions.jobs import Job
    from lists_sync.model import Change, DataFault, Escalation
    from lists_sync.runner import Report
    from lists_sync.runner.missed import MissedSlot

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]

WIDTH = 80
OFTEN_COUNT = 4
"""A job with more slots a day than this is printed only where it has something new to tell."""
LISTED_COUNT = 10
_DEEP = 5 * " "


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document; what is not available is null."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.write(orjson.dumps(document, option=options, default=_plain).decode())


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | frozenset | set):
        return list(value)
    raise TypeError(type(value).__name__)


def report_json(report: Report) -> dict[str, Any]:
    """Give a run as interfaces.md section 1 promises it to scripts."""
    outcome = report.outcome
    return {
        "run": str(report.run) if report.run else None,
        "job": outcome.job,
        "slot": iso(outcome.slot),
        "moment": iso(outcome.moment),
        "first_run": outcome.first_run,
        "measures": {name: _wire(value) for name, value in outcome.measures.items()},
        "rows": [_row_json(row) for row in outcome.record_rows or ()],
        "escalations": [_escalation_json(one) for one in report.escalations],
        "items": [_item_json(change) for change in report.changes],
        "writes": report.writes,
        "conflicts": report.conflicts,
        "refused": [
            {"list": one.change.list, "ref": one.change.ref, "why": one.detail} for one in report.refused
        ],
        "data_faults": [
            {"list": one.list, "id": str(one.id), "ref": one.ref, "column": one.column, "why": one.why}
            for one in outcome.faults
        ],
        "notes": list(report.notes),
        "missed": [_missed_json(one) for one in report.missed],
        "late_minutes": report.late_minutes,
        "dry_run": report.dry_run,
    }


def _escalation_json(one: Escalation) -> dict[str, Any]:
    return {
        "key": one.key,
        "to_role": one.to_role,
        "act_by": iso(one.act_by) if one.act_by else None,
        "severity": str(one.severity),
        "copy_roles": list(one.copy_roles),
        "refs": list(one.refs),
    }


def _missed_json(one: MissedSlot) -> dict[str, Any]:
    return {"job": one.job.name, "slot": iso(one.slot), "stands_by": iso(one.closed_at)}


def _row_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if name == "id" else _wire(value) for name, value in row.items()}


def _item_json(change: Change) -> dict[str, Any]:
    return {
        "list": change.list,
        "id": None if change.id is None else str(change.id),
        "ref": change.ref,
        "changes": {name: [_wire(old), _wire(new)] for name, (old, new) in change.values.items()},
    }


def _wire(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def is_worth_telling(job: Job, report: Report) -> bool:
    """Tell whether a run of a day is printed: of many a day only those that have something new."""
    done = bool(report.writes or report.missed or report.conflicts or report.refused)
    return done or (report.outcome.records and len(job.schedule.slots) <= OFTEN_COUNT)


def print_report(report: Report, job: Job, zone: ZoneInfo, *, known: set[DataFault] | None = None) -> None:
    """Print what a manager would want to know of one run.

    Args:
        known: unusable values that were listed before, and so are only counted; those of this run are added.
    """
    outcome = report.outcome
    local = outcome.moment.astimezone(zone)
    late = f", {report.late_minutes} min after its slot" if report.late_minutes > 0 else ""
    name = f"{job.control} {job.title}" if "." in job.control else job.title
    typer.echo(f"{name}: as at {local:%H:%M} on {local:%A} {local.day} {local:%B %Y}{late}")
    _print_measures(outcome.measures)
    _print_escalations(report.escalations, would="would be " if report.dry_run else "")
    if report.dry_run:
        typer.echo(render_plan(report.plan, zone))
    _print_end(report)
    _print_faults(report.outcome.faults, set() if known is None else known)
    for note in report.notes:
        typer.echo(fill(f"Note: {note}", WIDTH, initial_indent="  ", subsequent_indent=_DEEP))


def _print_measures(measures: Mapping[str, Any]) -> None:
    if not measures:
        return
    parts = [f"{measure_words(name)} {figure(value)}" for name, value in measures.items()]
    line = "  "
    for part in parts:
        if len(line) + len(part) + 3 > WIDTH and line.strip():
            typer.echo(line.rstrip(" ·"))
            line = "  "
        line += f"{part} · "
    typer.echo(line.rstrip(" ·"))


def _print_escalations(escalations: Sequence[Escalation], *, would: str) -> None:
    for one in escalations[:LISTED_COUNT]:
        copies = f" (copy: {', '.join(one.copy_roles)})" if one.copy_roles else ""
        first = one.message.splitlines()[0] if one.message else one.key
        typer.echo(f"  -> {one.severity} {would}told to {one.to_role}{copies}")
        typer.echo(fill(clean(first, 200), WIDTH, initial_indent=_DEEP, subsequent_indent=_DEEP))
    if len(escalations) > LISTED_COUNT:
        rest = Counter(one.to_role for one in escalations[LISTED_COUNT:])
        told = ", ".join(f"{count} to {role}" for role, count in sorted(rest.items()))
        typer.echo(f"     and {len(escalations) - LISTED_COUNT} more: {told}")


def _print_end(report: Report) -> None:
    verb = "Would write" if report.dry_run else "Wrote"
    lines, told = len(report.changes), len(report.escalations)
    typer.echo(f"  {verb} {lines} item{_s(lines)} and {told} message{_s(told)}.")
    if report.conflicts:
        count = report.conflicts
        typer.echo(f"  {count} write{_s(count)} could not be made now; run this slot again.")
    for one in report.refused:
        typer.echo(f"  Refused by the service: {one.change.list} {one.change.ref} ({one.detail}).")


def _print_faults(faults: Sequence[DataFault], known: set[DataFault]) -> None:
    """List the unusable values that were not listed before, and count the others."""
    new = [fault for fault in faults if fault not in known]
    if faults:
        told = len(faults) - len(new)
        some = f"{told} of them " if new else ""
        as_before = f", {some}as told before" if told else ""
        typer.echo(
            f"  {len(faults)} value{_s(len(faults))} could not be used{as_before}{':' if new else '.'}"
        )
    for fault in new[:LISTED_COUNT]:
        typer.echo(f"    {fault.list} {clean(fault.ref) or f'#{fault.id}'} {fault.column} {fault.why}")
    if len(new) > LISTED_COUNT:
        typer.echo(f"    and {len(new) - LISTED_COUNT} more (--json lists them all)")
    known.update(faults)


def _s(count: int) -> str:
    return "" if count == 1 else "s"
