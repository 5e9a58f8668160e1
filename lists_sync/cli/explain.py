"""The verb that shows how a line's flags, or a burst's sample, came about; it reads the local state alone."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lists_sync.cli.show import AsJson, print_json

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.controls.pool import Burst
    from lists_sync.mirror.versions import Mirror
    from lists_sync.trail.burst import BurstTold
    from lists_sync.trail.drawing import Drawing

_JOB = "burst-sample"


def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="REF", help="An action's reference, #17 for a line without one, or a burst id."
        ),
    ],
    at: Annotated[
        str | None,
        typer.Option("--at", help="As of then: 2026-11-23T12:00 (UK time) or with Z; for lines only."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show why each flag on a line stands, or how a burst's sample was drawn, step by step.

    For each flag: the rule in words, its source, the values with the version of the item they came from, the
    threshold and its file and line, the steps of a sum of working time, the run. Reads the local state of the
    machine that ran the jobs, or a copy of it, and needs no tenant. The salt is never shown.

    Example: lists-sync explain WN-014/03 --at 2026-11-23T12:00
    Example: lists-sync explain B-2026-11-23
    """
    from lists_sync.controls.bursts import burst_id
    from lists_sync.controls.pool import burst_day
    from lists_sync.errors import SettingsError

    day = burst_day(name)
    if day is None:
        _explain_line(name, at, as_json=as_json)
    elif at is not None:
        raise SettingsError("--at goes with an action's reference; a burst is explained as it was drawn.")
    else:
        _explain_burst(burst_id(day), as_json=as_json)


def _explain_line(name: str, at: str | None, *, as_json: bool) -> None:
    from lists_sync.cli.line_text import lines_json, print_lines
    from lists_sync.definitions.settings import load_settings
    from lists_sync.explain import explain_lines
    from lists_sync.explain.find import check_reference
    from lists_sync.explain.ran import Ran
    from lists_sync.replay.past import open_past

    check_reference(name)
    dotenv = Path(".env")
    settings = load_settings(os.environ, dotenv if dotenv.is_file() else None)
    with open_past(settings) as past:
        zone = Ran(past).newest[0].provider.calendar.zone
        found = explain_lines(past, name, at=_instant(at, zone) if at else None)
        if as_json:
            print_json(lines_json(found))
        else:
            print_lines(found, zone)


def _instant(text: str, zone: Any) -> datetime:
    """Give the instant that a local time names.

    Raises:
        SettingsError: it names none.
    """
    from lists_sync.clock import parse
    from lists_sync.errors import SettingsError

    try:
        moment = datetime.fromisoformat(text)
        return parse((moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat())
    except ValueError as fault:
        raise SettingsError(
            f"--at is not a time: {text[:40]!r}.",
            hint="Write it as 2026-11-23T12:00 or 2026-11-23T12:00:00Z.",
        ) from fault


def _explain_burst(burst: str, *, as_json: bool) -> None:
    from lists_sync.cli.burst_text import burst_json, print_burst
    from lists_sync.cli.work import definitions

    files = definitions()
    told = burst_told(files, burst)
    if as_json:
        print_json(burst_json(told))
    else:
        print_burst(told, files.provider.calendar.zone)


def burst_told(files: Definitions, burst: str) -> BurstTold:
    """Repeat a burst's draw from the local state, or tell what its rows alone show.

    Raises:
        SettingsError: there is no salt to repeat the draw with.
        StateError: there is no local state, or it knows neither run nor row of the burst.
    """
    from lists_sync.errors import StateError
    from lists_sync.mirror.database import open_to_read
    from lists_sync.mirror.versions import Mirror
    from lists_sync.trail.burst import tell_rows
    from lists_sync.trail.drawing import find_drawing, rows_made_since

    settings = {**files.job(_JOB).settings, "salt": _salt(files)}
    home = files.settings.home
    engine = open_to_read(files.settings.database_url or f"sqlite:///{home / 'state.db'}")
    try:
        mirror = Mirror(engine)
        drawing = find_drawing(engine, burst)
        rows = dict.fromkeys(rows_made_since(engine, burst), ()) | _rows(files, mirror, burst)
        if drawing is None and not rows:
            raise StateError(
                f"Nothing is known here of {burst}: no run drew it, and no row of it was read.",
                hint="If another machine runs the jobs, ask there; `lists-sync pull` reads the rows.",
            )
        if drawing is None or drawing.pull is None:
            why = (
                "No run of this local state is known to have drawn the burst, so the draw cannot be repeated."
            )
            return tell_rows(burst, rows, settings=settings, why=why)
        return _repeated(files, mirror, drawing, rows, settings)
    finally:
        engine.dispose()


def _salt(files: Definitions) -> str:
    """Give the salt that runs on this configuration draw with."""
    from lists_sync.errors import SettingsError

    salt = files.settings.draw_salt
    if not salt:
        raise SettingsError(
            "LISTS_SYNC_SAMPLING_SALT is not set, so no draw can be repeated.",
            hint="Set it to the salt that the sample was drawn with.",
        )
    return salt


def _rows(files: Definitions, mirror: Mirror, burst: str) -> dict[str, tuple[str, ...]]:
    """Give the strata, by unique id, of the burst's rows as the list was last read."""
    from lists_sync.clock import now
    from lists_sync.controls import Lists
    from lists_sync.controls.files import read_samples
    from lists_sync.controls.pool import of_burst, strata_of_rows
    from lists_sync.read import read_snapshot

    moment = now()
    frames = read_snapshot(mirror, files, ["burst_samples"], moment=moment).frames
    samples = read_samples(Lists(frames), moment)
    return strata_of_rows(samples, of_burst(samples, burst))


def _repeated(
    files: Definitions,
    mirror: Mirror,
    drawing: Drawing,
    rows: dict[str, tuple[str, ...]],
    settings: dict[str, Any],
) -> BurstTold:
    from lists_sync.trail.burst import tell_drawn

    notes = []
    if not drawing.completed:
        notes.append(
            f"Run {drawing.run} came to no end after it had fixed the sample; a later one completes it."
        )
    elif drawing.policy != files.job(_JOB).digest:
        notes.append("The job's rules were changed since that run; the draw is repeated by the present ones.")
    return tell_drawn(
        _burst_then(files, mirror, drawing, settings),
        drawing,
        rows,
        settings=settings,
        in_library=(item.unique_id for item in mirror.items("evidence")),
        notes=notes,
    )


def _burst_then(files: Definitions, mirror: Mirror, drawing: Drawing, settings: dict[str, Any]) -> Burst:
    """Read what the burst was drawn from, as the lists stood when its run had read them."""
    from lists_sync.clock import parse
    from lists_sync.controls import Lists
    from lists_sync.controls.pool import read_burst
    from lists_sync.memory.history import first_seen
    from lists_sync.read import read_snapshot

    moment = parse(drawing.moment)
    keys = ("actions", "evidence", "burst_samples")
    then = read_snapshot(mirror, files, keys, moment=moment, at_pull=drawing.pull)
    seen = first_seen(mirror, then, files.provider.lists, at_pull=drawing.pull)
    lists = Lists(then.frames, then.unusable, seen)
    calendar = files.provider.calendar.operational
    return read_burst(lists, moment=moment, calendar=calendar, settings=settings)
