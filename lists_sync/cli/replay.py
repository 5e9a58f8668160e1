"""The verb that judges runs again: to prove them, or to see what other numbers would have said."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lists_sync.cli.show import AsJson, print_json

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.replay.past import Past
    from lists_sync.trail.runs import RunRow


def replay(
    run: Annotated[
        str, typer.Argument(metavar="[RUN]", help="A run's number, or its key in Control runs.")
    ] = "",
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="A folder whose jobs/, provider.yaml, ... take the place of its own."),
    ] = None,
    since: Annotated[str, typer.Option("--from", help="The first local day, instead of RUN.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last local day; without it the first.")] = "",
    job: Annotated[str, typer.Option("--job", help="Of the days, the runs of this job only.")] = "",
    as_json: AsJson = False,
) -> None:
    """Judge a run again from the versions it had read, and compare it byte for byte with what it noted.

    With --policy DIR it shows instead what the files of DIR would have said. Nothing is written.

    Example: lists-sync replay deadline-status/2026-11-23T08:15Z
    Example: lists-sync replay --from 2026-11-23 --to 2026-11-27 --policy ./stricter
    """
    from lists_sync.cli.replay_text import print_replayed, print_tried, replayed_json, tried_json
    from lists_sync.cli.work import definitions
    from lists_sync.replay.compare import replay as judge_again
    from lists_sync.replay.compare import try_policy
    from lists_sync.replay.past import open_past

    files = definitions()
    zone = files.provider.calendar.zone
    with open_past(files.settings) as past:
        runs, passed = _runs(past, files, run, (since, until), job)
        if policy is None:
            replayed = [judge_again(past, one) for one in runs]
            if as_json:
                print_json(replayed_json(replayed, passed))
            else:
                print_replayed(replayed, passed, zone)
            if not all(one.same for one in replayed):
                raise typer.Exit(1)
            return
        tried = [try_policy(past, one, policy) for one in runs]
        if as_json:
            print_json(tried_json(tried, passed))
        else:
            print_tried(tried, passed, zone)


def _runs(
    past: Past, files: Definitions, run: str, days: tuple[str, str], job: str
) -> tuple[list[RunRow], int]:
    """Give the runs that are asked for, and how many of the days came to no end and were passed over."""
    from lists_sync.errors import SettingsError, StateError

    since, until = days
    if bool(run) == bool(since) or (until and not since) or (job and not since):
        raise SettingsError(
            "Name one RUN, or days with --from and --to.", hint="See `lists-sync replay --help`."
        )
    if run:
        return [past.find(run)], 0
    first, last = _days(files, since, until or since)
    found = [one for one in past.between(first, last) if job in ("", one.job)]
    whole = [one for one in found if one.content and "outcome" in one.content]
    if not whole:
        raise StateError("No run that could be judged again is known of these days.")
    return whole, len(found) - len(whole)


def _days(files: Definitions, since: str, until: str) -> tuple[datetime, datetime]:
    """Give the first and the last instant of local days."""
    from lists_sync.cli.day import day_of
    from lists_sync.errors import SettingsError

    calendar = files.provider.calendar
    first, last = day_of(since), day_of(until)
    if last < first:
        raise SettingsError("--to is before --from.")
    end = calendar.start_of_day(last + timedelta(days=1)) - timedelta(seconds=1)
    return calendar.start_of_day(first), end
