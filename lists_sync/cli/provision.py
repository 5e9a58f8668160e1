"""The verb that brings a workspace up to the schemas: shows what is missing, then makes it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from lists_sync.cli.show import AsJson, print_json
from lists_sync.cli.work import definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lists_sync.connect.workspace import Workspace
    from lists_sync.provision.plan import Step

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Show, then make, what is missing in SharePoint. Nothing is ever removed, renamed or narrowed.",
)


@app.command()
def plan(as_json: AsJson = False) -> None:
    """Show every list, column, choice, index and view that is missing; make nothing.

    Example: lists-sync provision plan
    """
    from lists_sync.provision.look import current_plan

    with _workspace() as workspace:
        found = current_plan(workspace)
    if as_json:
        print_json(found.to_dict())
        return
    typer.echo(str(found))
    if found.steps:
        typer.echo("Make them with: lists-sync provision apply")


@app.command()
def apply(as_json: AsJson = False) -> None:
    """Make what is missing, one change at a time; a half-done earlier apply is carried on.

    Example: lists-sync provision apply
    """
    from lists_sync.provision.apply import apply as make

    with _workspace() as workspace:
        titles = {key: workspace.sites.title(key) for key in workspace.schemas}

        def tell(step: Step) -> None:
            if not as_json:
                typer.echo(f"{titles[step.list]}: {step}")

        applied = make(workspace, tell=tell)
    if as_json:
        failed = [{**step.to_dict(), "why": why} for step, why in applied.failed]
        done = [step.to_dict() for step in applied.done]
        print_json({"done": done, "failed": failed, "left": applied.left.to_dict()})
    else:
        for step, why in applied.failed:
            typer.echo(f"Not made: {titles[step.list]}: {step}. {why}")
        typer.echo(str(applied.left))
    if applied.failed:
        raise typer.Exit(1)


@contextmanager
def _workspace() -> Iterator[Workspace]:
    """Connect to the workspace that the configuration names."""
    from lists_sync.connect.connection import Connection
    from lists_sync.connect.workspace import Workspace

    files = definitions()
    with Connection(files.settings, files.provider) as connection:
        yield Workspace(connection, files.schemas)
