"""The root of the command line: finds verbs late, and turns every failure into one plain line.

Nothing heavy is imported here, so that `lists-sync --help` answers at once.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.core import TyperGroup

from lists_sync import __version__
from lists_sync.errors import ListsSyncError

if TYPE_CHECKING:
    from collections.abc import Sequence

VERBS: dict[str, tuple[str, str]] = {
    "demo": (
        "lists_sync.cli.demo:demo",
        "Rehearse a governance day on the embedded workspace; needs no tenant.",
    ),
    "assess": ("lists_sync.cli.assess:assess", "Judge your own tracker (csv, xlsx); needs no tenant."),
    "provision": ("lists_sync.cli.provision:app", "Show, then make, what is missing in SharePoint."),
    "pull": ("lists_sync.cli.work:pull", "Bring the local mirror up to date."),
    "run": ("lists_sync.cli.work:run", "Run one job once; --dry-run writes nothing."),
    "day": ("lists_sync.cli.day:day", "Run every slot of one local day in order."),
    "schedule": (
        "lists_sync.cli.schedule:schedule",
        "Run every slot when it comes, until told to stop; catches up at its start.",
    ),
    "status": ("lists_sync.cli.status:status", "Show last runs, next slots, and what stands open."),
    "explain": (
        "lists_sync.cli.explain:explain",
        "Show why each flag on a line stands, or how a burst's sample was drawn.",
    ),
    "replay": ("lists_sync.cli.replay:replay", "Judge past runs again, or try other numbers on them."),
    "trail": ("lists_sync.cli.trail:app", "Verify the chain of runs, or write it out for an inspector."),
    "emulator": ("lists_sync.cli.emulator:emulator", "Start the embedded Microsoft 365 workspace by itself."),
}
"""Every verb: where it is, and its line in the help."""


class VerbGroup(TyperGroup):
    """The verbs, imported only when one is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # typer's own signature
        """Name every verb, in the order of the help."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # as above
        """Import the verb of that name, None where there is none."""
        if cmd_name not in VERBS:
            return None
        module, name = VERBS[cmd_name][0].split(":")
        verb = getattr(importlib.import_module(module), name)
        if not isinstance(verb, typer.Typer):
            group = typer.Typer(add_completion=False, rich_markup_mode=None)
            group.command(cmd_name, help=verb.__doc__)(verb)
            verb = group
        command = typer.main.get_command(verb)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # as above
        """Write the verbs into the help without importing one."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, line) for name, (_, line) in VERBS.items()])


app = typer.Typer(cls=VerbGroup, rich_markup_mode=None, no_args_is_help=True)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"lists-sync {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Print the version and leave."
    ),
) -> None:
    """Keep a CQC enforcement action tracker in Microsoft Lists on time and honest.

    Try it first: lists-sync demo --serve
    Every verb has --help with an example; --debug anywhere shows the traceback of a failure.
    """


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with 0 (done), 1 (the work failed) or 2 (usage, or a bad file)."""
    args = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in args
    args = [arg for arg in args if arg != "--debug"]
    try:
        code = typer.main.get_command(app).main(args, prog_name="lists-sync", standalone_mode=False)
    except BaseException as fault:  # noqa: BLE001  # the one place where every failure becomes a line
        if debug and not isinstance(fault, SystemExit):
            traceback.print_exc()
        code = _tell(fault)
    sys.exit(code if isinstance(code, int) else 0)


def _tell(fault: BaseException) -> int:
    """Print one plain line for a failure and give its exit code."""
    if isinstance(fault, SystemExit):
        return fault.code if isinstance(fault.code, int) else 1
    if isinstance(fault, ListsSyncError):
        return _say(str(fault), fault.exit_code)
    if isinstance(fault, KeyboardInterrupt) or type(fault).__name__ == "Abort":
        return _say("Stopped.", 1)
    if hasattr(fault, "format_message") and hasattr(fault, "exit_code"):
        usage = getattr(fault, "ctx", None)
        way_on = f" See `{usage.command_path} --help`." if usage else ""
        return _say(f"{fault.format_message()}{way_on}", 2)
    return _say(
        f"Something failed that was not foreseen ({type(fault).__name__}); nothing more was written. "
        "Run it again with --debug to see where.",
        1,
    )


def _say(line: str, code: int) -> int:
    sys.stderr.write(f"lists-sync: {line}\n")
    return code
