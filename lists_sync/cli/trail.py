"""The verbs that show and check the trail of the runs."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lists_sync.cli.show import WIDTH, AsJson, print_json
from lists_sync.cli.verify import verify

if TYPE_CHECKING:
    from lists_sync.inspect.export import Exported

LISTED_COUNT = 20

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Write the trail of the runs out for an inspector, and check it.",
)
app.command()(verify)


@app.callback()
def trail() -> None:
    """Write the trail of the runs out for an inspector, and check it."""


@app.command()
def export(
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The first local day, 2026-11-23.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The last local day, itself included.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER", help="Where to; else ./trail-2026-11-23-to-2026-11-27 and the like."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a period's records, escalations, runs and rules into one folder that anybody can open and check.

    Reads the local state of this machine alone; run `lists-sync pull` first to have all that is in the lists.
    Leaves with 1 where the trail does not pass its own check; the folder then stands all the same.

    Example: lists-sync trail export --from 2026-11-23 --to 2026-11-27
    """
    from lists_sync.cli.work import definitions
    from lists_sync.inspect.export import export as write
    from lists_sync.inspect.period import period_of
    from lists_sync.mirror.database import open_to_read

    files = definitions()
    period = period_of(first, last, files.provider.calendar.zone)
    engine = open_to_read(files.settings.database_url or f"sqlite:///{files.settings.home / 'state.db'}")
    try:
        done = write(files, engine, period, out or Path(f"trail-{period.name}"))
    finally:
        engine.dispose()
    if as_json:
        print_json(_document(done))
    else:
        _print(done)
    if done.faults:
        raise typer.Exit(1)


def _document(done: Exported) -> dict[str, Any]:
    first, last = done.trail.read_at
    return {
        "folder": str(done.folder),
        "provider": done.trail.provider,
        "from": done.trail.period.first,
        "to": done.trail.period.last,
        "lists_read": {"first": first or None, "last": last or None},
        "changes_since": done.trail.since,
        "counts": done.trail.counts,
        "files": done.files,
        "bytes": done.size,
        "manifest_sha256": done.seal,
        "sound": not done.faults,
        "faults": list(done.faults),
    }


def _print(done: Exported) -> None:
    counts = done.trail.counts
    _say(f"The trail of {done.trail.provider}, {done.trail.period}:")
    _say(f"  {counts['records']} rows of the fifteen records, {counts['burst_samples']} burst samples")
    _say(f"  {counts['escalations']} escalations and messages, {counts['acknowledged']} acknowledged")
    _say(f"  {counts['control_runs']} control runs, {counts['late']} late, {counts['missed']} missed")
    _say(f"  {counts['holds']} holds, {counts['runs']} runs, rules in {counts['policies']} versions")
    if done.trail.since:
        _say(
            f"Not in it: {done.trail.since} changes that the bot made after the lists were last read. "
            "Run `lists-sync pull` and export again to have them in."
        )
    _say(f"Written to {done.folder} ({done.files} files, {done.size / 1e6:.1f} MB).")
    _say("Open index.html first; verify.py, in the same folder, checks it.")
    typer.echo(f"SHA-256 of manifest.json: {done.seal}")
    if done.faults:
        _say("It does not pass its own check, because of what this machine's state holds:")
    for fault in done.faults[:LISTED_COUNT]:
        typer.echo(fill(fault, WIDTH, initial_indent="  ! ", subsequent_indent="    "))
    if len(done.faults) > LISTED_COUNT:
        typer.echo(f"    and {len(done.faults) - LISTED_COUNT} more (--json lists them all)")


def _say(text: str) -> None:
    typer.echo(fill(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))
