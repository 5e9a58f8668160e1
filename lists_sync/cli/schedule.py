"""The verb that stays up and runs every slot when it comes."""

from __future__ import annotations

import os
from pathlib import Path

import typer


def schedule() -> None:
    """Run every job at its slots, from now until it is told to stop (Ctrl-C or SIGTERM).

    What came while it was off is caught up at the start: of each job the latest slot of today, once, late.
    Edits of jobs/, provider.yaml and the other files are heeded without a restart.

    Example: lists-sync schedule
    """
    from lists_sync.schedule.alive import keep_on
    from lists_sync.schedule.configuration import Configuration
    from lists_sync.schedule.local import Scheduler
    from lists_sync.stop import Stop

    stop = Stop()
    configuration = Configuration(os.environ, Path(".env"), typer.echo)
    home = configuration.current().settings.home
    keep_on(Scheduler(configuration, stop, typer.echo), stop, typer.echo, home)
