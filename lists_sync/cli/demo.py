"""The verb that rehearses a governance day on the embedded workspace."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lists_sync.cli.show import print_json, print_report, report_json

if TYPE_CHECKING:
    from lists_sync.context import Context, Definitions
    from lists_sync.runner import Report

DAY = "2026-11-23"
SEED = 2026
HOME = Path(".lists-sync/demo")


def demo(
    serve: Annotated[
        bool, typer.Option("--serve", help="Keep the workspace and its pages up afterwards.")
    ] = False,
    day: Annotated[str, typer.Option("--date", help="The working day to rehearse, YYYY-MM-DD.")] = DAY,
    port: Annotated[int, typer.Option(help="The port of the workspace; 0 takes a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="Another seed makes another sample provider.")] = SEED,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Rehearse a governance day: sample provider, every job at its hour, what was written and who was told.

    Starts the embedded Microsoft 365 workspace on this machine; nothing leaves it, and no tenant is needed.

    Example: lists-sync demo --serve
    """
    from lists_sync.cli.rehearsal import Rehearsal

    with Rehearsal(_day(day), seed=seed, port=port, home=HOME) as rehearsal:
        if not as_json:
            typer.echo(f"Embedded workspace: {rehearsal.url}")
            typer.echo(f"Sample provider: {rehearsal.summary}\n")
        with rehearsal.open() as context:
            made = rehearsal.provision(context)
            if not as_json:
                typer.echo(f"Provisioned: {made}\n")
            reports = _play(rehearsal, context, quiet=as_json)
        definitions = rehearsal.definitions
        if as_json:
            print_json(_document(rehearsal.url, day, reports))
        else:
            _print_end(rehearsal, definitions, reports, serve=serve)
        if serve:
            rehearsal.wait()


def _day(text: str) -> date:
    from lists_sync.errors import SettingsError

    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise SettingsError(f"--date is not a day: {text[:40]!r}.", hint="Write it as 2026-11-23.") from fault


def _play(rehearsal: Any, context: Context, *, quiet: bool) -> list[Report]:
    zone = rehearsal.definitions.provider.calendar.zone
    reports = []
    for job, report in rehearsal.play(context):
        reports.append(report)
        if not quiet:
            print_report(report, job, zone)
            _print_digest(report)
            typer.echo("")
    return reports


def _print_digest(report: Report) -> None:
    """Print the digest that managers read at 08:45, where the run made one."""
    for one in report.escalations:
        if str(one.severity) == "Information":
            typer.echo("\n".join(f"  | {line}" for line in one.message.splitlines()))


def _document(url: str, day: str, reports: list[Report]) -> dict[str, Any]:
    runs = [report_json(report) for report in reports]
    return {"date": day, "runs": runs, "board_pack": None, "workspace_url": url}


def _print_end(rehearsal: Any, definitions: Definitions, reports: list[Report], *, serve: bool) -> None:
    items = sum(len(report.changes) for report in reports)
    told = sum(len(report.escalations) for report in reports)
    requests, units = rehearsal.spent()
    typer.echo(f"The day: {len(reports)} controls, {items} items written, {told} messages,")
    typer.echo(f"{requests} requests, {units} resource units.")
    if not serve:
        typer.echo("\nLook at the lists yourself:  lists-sync demo --serve   (or: make demo ARGS=--serve)")
        return
    last = max(report.outcome.moment for report in reports).astimezone(definitions.provider.calendar.zone)
    at = datetime.strftime(last, "%Y-%m-%dT%H:%M")
    typer.echo(
        f"\nThe lists are at {rehearsal.url} until Ctrl-C. Edit an item there, then in another window:"
    )
    typer.echo(f"  export LISTS_SYNC_EMULATOR_URL={rehearsal.url} LISTS_SYNC_HOME={HOME}")
    typer.echo(f"  lists-sync run deadline-status --at {at}")
    typer.echo(
        "The first such run also takes up what the sample's people did since 08:15; the next, only your"
    )
    typer.echo("edit. A run after which nobody edited anything writes nothing.")
