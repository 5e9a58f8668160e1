"""The verb that checks the trail: the chain of runs, the local state, and the bot's rows in SharePoint."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lists_sync.cli.show import WIDTH, AsJson, print_json

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.inspect.rows import RowsChecked
    from lists_sync.trail.verify import Checked, Finding

LISTED_COUNT = 50


def verify(
    local: Annotated[
        bool, typer.Option("--local", help="Check the local state alone; nothing is asked of SharePoint.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the chain of runs, what it covers, and the bot's rows in SharePoint; name every break.

    Nothing is mended. Leaves with 1 where anything was altered, added or taken away.

    Example: lists-sync trail verify
    """
    from lists_sync.cli.work import definitions

    files = definitions()
    checked, rows = _check_local(files) if local else _check_all(files)
    findings = (*checked.findings, *(rows.findings if rows else ()))
    if as_json:
        print_json(_document(checked, rows, findings))
    else:
        _print(checked, rows, findings)
    if findings:
        raise typer.Exit(1)


def _check_local(files: Definitions) -> tuple[Checked, None]:
    from lists_sync.mirror.database import open_to_read
    from lists_sync.trail.verify import verify_local

    settings = files.settings
    engine = open_to_read(settings.database_url or f"sqlite:///{settings.home / 'state.db'}")
    try:
        return verify_local(engine), None
    finally:
        engine.dispose()


def _check_all(files: Definitions) -> tuple[Checked, RowsChecked]:
    from lists_sync.context import open_context
    from lists_sync.inspect.rows import verify_rows
    from lists_sync.trail.verify import verify_local

    with open_context(files) as context:
        return verify_local(context.engine), verify_rows(context.workspace, context.engine)


def _document(checked: Checked, rows: RowsChecked | None, findings: tuple[Finding, ...]) -> dict[str, Any]:
    return {
        "sound": not findings,
        "runs": checked.runs,
        "cut_off": checked.cut_off,
        "versions": checked.versions,
        "head": {"run": checked.head_run, "hash": checked.head or None},
        "rows": rows.rows if rows else None,
        "older_rows": rows.older if rows else None,
        "published_run": rows.published if rows else None,
        "findings": [{"place": one.place, "what": one.what} for one in findings],
    }


def _print(checked: Checked, rows: RowsChecked | None, findings: tuple[Finding, ...]) -> None:
    _say(
        f"{checked.runs} runs in the chain, {checked.cut_off} more that came to no end; "
        f"{checked.versions} versions of items."
    )
    if checked.head:
        _say(f"Its head is run {checked.head_run}: {checked.head}")
    if rows:
        older = f"; {rows.older} more are older than this local state" if rows.older else ""
        _say(f"{rows.rows} rows of the bot in SharePoint were compared with what was written{older}.")
        if rows.published:
            _say(f"The newest hash that stands in Control runs is that of run {rows.published}.")
    for one in findings[:LISTED_COUNT]:
        typer.echo(fill(f"{one.place}: {one.what}", WIDTH, initial_indent="  ! ", subsequent_indent="    "))
    if len(findings) > LISTED_COUNT:
        typer.echo(f"    and {len(findings) - LISTED_COUNT} more (--json lists them all)")
    found = f"{len(findings)} finding{'' if len(findings) == 1 else 's'}; nothing was mended."
    typer.echo(found if findings else "Sound: nothing was altered, added or taken away.")


def _say(text: str) -> None:
    typer.echo(fill(text, WIDTH, subsequent_indent="  ", break_long_words=False))
