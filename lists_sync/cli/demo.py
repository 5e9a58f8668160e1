"""The verb that rehearses governance days on the embedded workspace."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lists_sync.cli.show import is_worth_telling, print_json, print_report, report_json
from lists_sync.cli.story import (
    deeds_json,
    print_answers,
    print_deeds,
    print_story,
    story_json,
    thresholds,
)
from lists_sync.messages.words import day_words

if TYPE_CHECKING:
    from lists_sync.cli.rehearsal import Rehearsal
    from lists_sync.cli.story import Threshold
    from lists_sync.context import Context
    from lists_sync.model import DataFault
    from lists_sync.runner import Report

    Played = dict[date, list[Report]]

DAY = "2026-11-23"
SEED = 2026
HOME = Path(".lists-sync/demo")


def demo(
    serve: Annotated[
        bool, typer.Option("--serve", help="Keep the workspace and its pages up afterwards.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, help="How many working days to rehearse.")] = 1,
    day: Annotated[str, typer.Option("--date", help="The first of them, YYYY-MM-DD.")] = DAY,
    port: Annotated[int, typer.Option(help="The port of the workspace; 0 takes a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="Another seed makes another sample provider.")] = SEED,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Rehearse governance days: sample provider, every job at its hour, what was written and who was told.

    Starts the embedded Microsoft 365 workspace on this machine; nothing leaves it, and no tenant is needed.
    Between the slots the provider's people do what people do. In five days from a Monday every threshold is
    crossed and cleared; the story at the end says which and when.

    Example: lists-sync demo --days 5
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
            played = _play(rehearsal, context, days, quiet=as_json)
        if as_json:
            print_json(_document(rehearsal, played))
        else:
            _print_end(rehearsal, played, serve=serve)
        if serve:
            rehearsal.wait()


def _day(text: str) -> date:
    from lists_sync.errors import SettingsError

    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise SettingsError(f"--date is not a day: {text[:40]!r}.", hint="Write it as 2026-11-23.") from fault


def _play(rehearsal: Rehearsal, context: Context, days: int, *, quiet: bool) -> Played:
    """Run the days, and print each run that has something to tell."""
    zone = rehearsal.definitions.provider.calendar.zone
    played: Played = {}
    known: set[DataFault] = set()
    for day, job, report in rehearsal.play(context, days):
        if day not in played and not quiet:
            typer.echo(f"=== {day_words(day)} ===\n")
        played.setdefault(day, []).append(report)
        if not quiet and is_worth_telling(job, report):
            print_report(report, job, zone, known=known)
            if len(played) == 1:
                _print_digest(report)
            typer.echo("")
    return played


def _print_digest(report: Report) -> None:
    """Print the digest that managers read at 08:45, where the run made one."""
    for one in report.escalations:
        if str(one.severity) == "Information":
            typer.echo("\n".join(f"  | {line}" for line in one.message.splitlines()))


def _document(rehearsal: Rehearsal, played: Played) -> dict[str, Any]:
    days = [
        {"date": day.isoformat(), "runs": [report_json(report) for report in reports]}
        for day, reports in played.items()
    ]
    runs = [run for one in days for run in one["runs"]]
    document = {"date": days[0]["date"], "runs": runs}
    document |= {"days": days} if len(days) > 1 else {}
    story = story_json(_story(rehearsal, played))
    told = {"story": story, "deeds": deeds_json(rehearsal.deeds)}
    return document | told | {"board_pack": None, "workspace_url": rehearsal.url}


def _story(rehearsal: Rehearsal, played: Played) -> list[Threshold]:
    return thresholds(rehearsal.definitions.jobs.values(), _all(played))


def _all(played: Played) -> list[Report]:
    return [report for reports in played.values() for report in reports]


def _print_end(rehearsal: Rehearsal, played: Played, *, serve: bool) -> None:
    reports = _all(played)
    zone = rehearsal.definitions.provider.calendar.zone
    print_deeds(rehearsal.deeds)
    typer.echo("")
    print_story(_story(rehearsal, played), zone)
    print_answers(reports, zone)
    items = sum(len(report.changes) for report in reports)
    told = sum(len(report.escalations) for report in reports)
    requests, units = rehearsal.spent()
    typer.echo(f"\n{len(reports)} runs, {items} items written, {told} messages,")
    typer.echo(f"{requests} requests, {units} resource units.")
    if not serve:
        if len(played) == 1:
            typer.echo("\nSee what becomes of it in a week:  lists-sync demo --days 5")
        typer.echo("\nSee how a flag came about, and whether all is as it was written:")
        typer.echo(f"  LISTS_SYNC_HOME={HOME} lists-sync explain WN-014/32")
        typer.echo(f"  LISTS_SYNC_HOME={HOME} lists-sync trail verify --local")
        typer.echo("\nLook at the lists yourself:  lists-sync demo --serve")
        typer.echo("                     (or, in a clone:  make demo ARGS=--serve)")
        return
    last = max(report.outcome.moment for report in reports).astimezone(zone)
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
