"""The verbs that work on the provider's lists: pull and run."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lists_sync.cli.show import AsJson, print_json, print_report, report_json

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.definitions.jobs import Job


def definitions() -> Definitions:
    """Read the configuration that the environment and ./.env name."""
    from lists_sync.context import load_definitions

    dotenv = Path(".env")
    return load_definitions(os.environ, dotenv if dotenv.is_file() else None)


def run(
    job: Annotated[str, typer.Argument(help="A job's name, deadline-status for one.")],
    at: Annotated[
        str | None,
        typer.Option("--at", help="The slot and the moment, as 2026-11-23T08:15 (UK time) or with Z."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print every write as old -> new; make none.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run one job once: pull, judge, write back, record.

    Example: lists-sync run deadline-status --dry-run
    """
    from lists_sync.context import open_context
    from lists_sync.runner import run_job

    files = definitions()
    one = files.job(job)
    slot, moment = times(files, one, at)
    with open_context(files) as context:
        report = run_job(context, one, slot=slot, moment=moment, dry_run=dry_run)
    zone = files.provider.calendar.zone
    if as_json:
        print_json(report_json(report))
    else:
        print_report(report, one, zone)
    if report.refused:
        raise typer.Exit(1)


def times(files: Definitions, job: Job, at: str | None) -> tuple[datetime, datetime]:
    """Give the slot and the moment: those of `--at`, else the latest slot not after now, and now."""
    from lists_sync.clock import now
    from lists_sync.errors import SettingsError
    from lists_sync.worktime import latest_slot

    calendar = files.provider.calendar
    if not job.schedule.slots:
        hosts = ", ".join(name for name, one in files.jobs.items() if job.name in one.along)
        raise SettingsError(f"{job.name} has no slots of its own.", hint=f"It runs along with {hosts}.")
    if at is None:
        moment = now()
        slot = latest_slot(job.schedule, moment, calendar)
        if slot is None:
            raise SettingsError(f"{job.name} has had no slot yet.", hint="Name one with --at.")
        return slot, moment
    moment = _instant(at, calendar.zone)
    return moment.replace(second=0, microsecond=0), moment


def _instant(text: str, zone: object) -> datetime:
    from zoneinfo import ZoneInfo

    from lists_sync.clock import parse
    from lists_sync.errors import SettingsError

    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None and isinstance(zone, ZoneInfo):
            moment = moment.replace(tzinfo=zone)
        return parse(moment.isoformat())
    except ValueError as fault:
        raise SettingsError(
            f"--at is not a time: {text[:40]!r}.",
            hint="Write it as 2026-11-23T08:15 or 2026-11-23T08:15:00Z.",
        ) from fault


def pull(
    accept_empty: Annotated[
        bool, typer.Option("--accept-empty", help="A list that held rows may now be empty.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the local mirror up to date with every list that a job reads or writes.

    Example: lists-sync pull
    """
    from lists_sync.clock import iso, now
    from lists_sync.context import open_context
    from lists_sync.pull import pull as pull_lists

    files = definitions()
    keys = {key for job in files.jobs.values() for key in job.keys}
    with open_context(files) as context:
        pulled = pull_lists(context.workspace, context.mirror, keys, iso(now()), accept_empty=accept_empty)
    if as_json:
        print_json({"pull": pulled.number, "at": pulled.at, "changed": pulled.changed, "whole": pulled.whole})
        return
    for key, count in sorted(pulled.changed.items()):
        how = "read whole" if key in pulled.whole else "changes only"
        typer.echo(f"{files.schemas[key].title:<34} {count:>7} new versions  ({how})")
