"""How things stand, in plain words within 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import shorten
from typing import TYPE_CHECKING

import typer

from lists_sync.messages.words import clean

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from lists_sync.schedule.board import Board, Hold, OpenEscalation
    from lists_sync.schedule.status import JobStatus, LastRun, Status

SOON_DAYS = 30
"""A certificate with fewer days left is told with a word more."""
DAY_MIN = 1000
"""What is later than this is told in words: it is of another day."""
_SEVERITIES = ("Critical", "Warning", "Information")
_WORK = {
    True: "A scheduler is at work on this state.",
    False: "No scheduler is at work on this state: start one with `lists-sync schedule`.",
    None: "Whether a scheduler is at work cannot be seen by this user.",
}


def print_status(told: Status, zone: ZoneInfo, *, at_work: bool | None, certificate: int | None) -> None:
    """Print how things stand."""
    typer.echo(f"As at {_stamp(told.at, zone)}. Times are local.")
    typer.echo(_WORK[at_work])
    for part in (_jobs(told, zone), _windows(told, zone), _escalations(told.board, zone)):
        typer.echo("")
        for line in part:
            typer.echo(line)
    typer.echo("")
    for line in (*_holds(told.board, zone), *_unsent(told), _certificate(certificate)):
        typer.echo(line)


def _jobs(told: Status, zone: ZoneInfo) -> Iterator[str]:
    yield f"{'Job':<25} {'Last slot':<16} {'Result':<20} {'Next slot':<16}".rstrip()
    for one in told.jobs:
        yield _job(one, zone)


def _job(one: JobStatus, zone: ZoneInfo) -> str:
    last = _short(one.last.slot, zone) if one.last else "-"
    coming = _short(one.next, zone) if one.next else "none"
    return f"{one.job[:25]:<25} {last:<16} {_result(one.last):<20} {coming:<16}".rstrip()


def _result(last: LastRun | None) -> str:
    """Give how a run ended, in 20 places."""
    if last is None:
        return "has not run here"
    if last.result is None:
        return "has not ended"
    late = last.late_minutes
    told = f", {late} min late" if late < DAY_MIN else ", days late"
    whole = "done with faults" if last.result.startswith("Completed ") else "done"
    if not last.result.startswith("Completed"):
        return f"{last.result.lower()[:8]}{told if late else ''}"
    return whole if not late else f"{'faults' if ' ' in whole else whole}{told}"


def _windows(told: Status, zone: ZoneInfo) -> Iterator[str]:
    if not told.windows:
        yield "Windows of today: none was late or missed."
        return
    yield "Windows of today that were not kept:"
    for one in told.windows:
        place = f"{_clock(one.slot, zone)} {one.job[:25]:<25}"
        how = "not run" if one.late_minutes is None else f"run {one.late_minutes} min late"
        yield f"  {place} to stand by {_clock(one.closed_at, zone)}: {how}"


def _escalations(board: Board, zone: ZoneInfo) -> Iterator[str]:
    if board.escalations_at is None:
        yield "Escalations: not read yet, so not known."
        return
    named = [*_SEVERITIES, *sorted(set(board.by_severity) - set(_SEVERITIES))]
    counts = ", ".join(f"{board.by_severity[one]} {one}" for one in named if one in board.by_severity)
    none = "" if counts else " none."
    yield f"Open escalations, as read at {_stamp(board.escalations_at, zone)}:{none}"
    if counts:
        yield f"  {counts}" + (f"; {board.overdue} of them overdue." if board.overdue else ".")
    for one in board.soonest:
        yield from _escalation(one, zone)


def _escalation(one: OpenEscalation, zone: ZoneInfo) -> Iterator[str]:
    overdue = ", overdue" if one.overdue else ""
    yield f"  {_short(one.act_by, zone)}  {one.role}{overdue}"
    yield f"      {shorten(clean(one.key, 200), 74, placeholder='…')}"


def _holds(board: Board, zone: ZoneInfo) -> Iterator[str]:
    if board.holds_at is None:
        yield "Holds: not read yet, so not known."
        return
    yield f"Holds in force, as read at {_stamp(board.holds_at, zone)}: {len(board.holds) or 'none'}."
    for one in board.holds:
        yield f"  {_hold(one, zone)}"


def _hold(one: Hold, zone: ZoneInfo) -> str:
    since = f" since {_short(one.since, zone)}" if one.since else ""
    until = f", until {_short(one.until, zone)}" if one.until else ", until a check ends it"
    return f"{one.kind or 'Not given'}{since}{until}"


def _unsent(told: Status) -> Iterator[str]:
    yield f"Writes not answered yet: {told.unsent or 'none'}."
    if told.posts_refused or told.posts_in_doubt:
        yield (
            f"Posts of today that Teams did not take: {told.posts_refused}; "
            f"of which nobody knows: {told.posts_in_doubt}."
        )


def _certificate(days: int | None) -> str:
    if days is None:
        return "Certificate: none."
    if days < 0:
        return "Certificate: has run out; nothing can sign in until there is a new one."
    hurry = "; have a new one made" if days < SOON_DAYS else ""
    return f"Certificate: {days} days left{hurry}."


def _stamp(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def _short(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant as `Mon 23 Nov 08:15`, always in 16 places."""
    local = instant.astimezone(zone)
    return f"{local:%a} {local.day:>2} {local:%b %H:%M}"


def _clock(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%H:%M}"
