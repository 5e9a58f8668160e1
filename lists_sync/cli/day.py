"""The verb that runs every slot of one local day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lists_sync.cli.show import AsJson, is_worth_telling, print_json, print_report, report_json
from lists_sync.cli.work import definitions

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.definitions.jobs import Job
    from lists_sync.runner import Report

FAILURES_COUNT = 3
"""After how many failed runs in a row the day is given up."""


@dataclass
class Day:
    """What came of a day: reports in order, what failed, and how many slots are still to come."""

    reports: list[tuple[Job, Report]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    to_come: int = 0


def day(
    on: Annotated[str, typer.Argument(metavar="DATE", help="The local day, as 2026-11-23.")],
    as_json: AsJson = False,
) -> None:
    """Run every slot of a local day in order, each as at its own time, on the lists as they stand.

    A run that fails is told and the others go on. On a tenant, slots still to come are left out.

    Example: lists-sync day 2026-11-23
    """
    files = definitions()
    told = Day()
    _play(files, day_of(on), told, quiet=as_json)
    if as_json:
        runs = [report_json(report) for _, report in told.reports]
        document: dict[str, Any] = {"date": on, "runs": runs, "failed": told.failed}
        print_json(document)
    else:
        _print_end(told)
    if told.failed or any(report.refused for _, report in told.reports):
        raise typer.Exit(1)


def day_of(text: str) -> date:
    """Give the day that a text like 2026-11-23 names.

    Raises:
        SettingsError: it names none.
    """
    from lists_sync.errors import SettingsError

    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise SettingsError(f"This is no day: {text[:40]!r}.", hint="Write it as 2026-11-23.") from fault


def _play(files: Definitions, on: date, told: Day, *, quiet: bool) -> None:
    from lists_sync.clock import iso
    from lists_sync.context import open_context
    from lists_sync.errors import ListsSyncError
    from lists_sync.model import DataFault
    from lists_sync.runner import run_job, slots_of_day

    slots = slots_of_day(files, on)
    due = [(slot, job) for slot, job in slots if not _is_to_come(files, slot)]
    told.to_come = len(slots) - len(due)
    in_a_row, known = 0, set[DataFault]()
    with open_context(files) as context:
        for slot, job in due:
            try:
                report = run_job(context, job, slot=slot, moment=slot)
            except ListsSyncError as fault:
                told.failed.append({"job": job.name, "slot": iso(slot), "why": str(fault)})
                typer.echo(f"lists-sync: {job.name} at {iso(slot)}: {fault}", err=True)
                in_a_row += 1
                if in_a_row == FAILURES_COUNT:
                    raise
                continue
            in_a_row = 0
            told.reports.append((job, report))
            if not quiet and is_worth_telling(job, report):
                print_report(report, job, files.provider.calendar.zone, known=known)
                typer.echo("")


def _is_to_come(files: Definitions, slot: datetime) -> bool:
    """Tell whether a slot lies ahead; a rehearsal on the embedded workspace has a clock of its own."""
    from lists_sync.clock import now

    return not files.settings.emulator_url and slot > now()


def _print_end(told: Day) -> None:
    items = sum(len(report.changes) for _, report in told.reports)
    messages = sum(len(report.escalations) for _, report in told.reports)
    typer.echo(f"The day: {len(told.reports)} runs, {items} items written, {messages} messages.")
    if not told.reports and not told.failed:
        typer.echo("No job has a slot on that day.")
    if told.to_come:
        typer.echo(f"{told.to_come} slots are still to come and were left out.")
    if told.failed:
        typer.echo(f"{len(told.failed)} runs failed; run them again with `lists-sync run JOB --at TIME`.")
