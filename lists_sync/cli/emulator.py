"""The verb that starts the embedded workspace."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Annotated

import typer


def emulator(
    port: Annotated[
        int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)
    ] = 0,
    load: Annotated[Path | None, typer.Option(help="A workspace file (JSON) to start with.")] = None,
    db: Annotated[Path | None, typer.Option(help="Keep the workspace in this file between starts.")] = None,
    faults: Annotated[Path | None, typer.Option(help="A file (YAML) of faults to answer with.")] = None,
) -> None:
    """Start the embedded Microsoft 365 workspace on loopback, and keep it until Ctrl-C.

    Its first line says where it listens; open that address to see the lists.

    Example: lists-sync emulator --port 8365 --load workspace.json
    """
    from lists_sync.emulator.load import LoadError
    from lists_sync.emulator.server import serve
    from lists_sync.errors import FileError, Problem
    from lists_sync.shipped import shipped

    try:
        serve(port=port, load=load, db=db, faults=faults, schema_dir=shipped("list_schemas"))
    except LoadError as fault:
        problems = [Problem(str(load), str(one)) for one in fault.problems]
        raise FileError("The workspace file cannot be loaded:", problems=problems) from fault
    except ValueError as fault:
        raise FileError(
            "The faults file cannot be used:", problems=[Problem(str(faults), str(fault))]
        ) from fault
    except OSError as fault:
        raise FileError(_told(fault, port)) from fault


def _told(fault: OSError, port: int) -> str:
    """Say in one line which port or file the workspace cannot have."""
    if fault.errno == errno.EADDRINUSE:
        return f"Port {port} is taken. Give --port another number, or leave it out to take a free one."
    told = f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault)
    return f"The embedded workspace cannot start: {told}."
