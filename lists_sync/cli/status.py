"""The verb that says how things stand; it reads the local state alone, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.cli.show import AsJson, print_json

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.definitions.settings import Settings
    from lists_sync.schedule.board import Board
    from lists_sync.schedule.status import JobStatus, Status


def status(as_json: AsJson = False) -> None:
    """Show the last run and next slot of each job, late and missed windows, and what stands open.

    Reads the local state of the machine that runs the jobs; needs no tenant, and answers while they run.

    Example: lists-sync status
    """
    from lists_sync.cli.status_text import print_status
    from lists_sync.cli.work import definitions
    from lists_sync.clock import now
    from lists_sync.schedule.alive import is_at_work

    files = definitions()
    told = _read(files, now())
    at_work = is_at_work(files.settings.home)
    certificate = certificate_days(files.settings, now())
    if as_json:
        print_json(status_json(told, at_work=at_work, certificate=certificate))
    else:
        print_status(told, files.provider.calendar.zone, at_work=at_work, certificate=certificate)


def _read(files: Any, at: datetime) -> Status:
    from sqlalchemy.exc import SQLAlchemyError

    from lists_sync.errors import StateError
    from lists_sync.mirror.database import open_to_read
    from lists_sync.schedule.status import read_status

    home = files.settings.home
    engine = open_to_read(files.settings.database_url or f"sqlite:///{home / 'state.db'}")
    try:
        return read_status(files, engine, at)
    except SQLAlchemyError as fault:
        raise StateError(
            "The local state is of an older version, or cannot be read.",
            hint="The next run of this version brings it up to date.",
        ) from fault
    finally:
        engine.dispose()


def certificate_days(settings: Settings, at: datetime) -> int | None:
    """Give how many whole days the app's certificate is good for; None where none is used.

    Raises:
        SettingsError: the file cannot be read.
    """
    from lists_sync.connect.certificate import load_certificate

    if settings.emulator_url or settings.certificate_path is None:
        return None
    certificate = load_certificate(settings.certificate_path, settings.certificate_password)
    return (certificate.expires_at - at).days


def status_json(told: Status, *, at_work: bool | None, certificate: int | None) -> dict[str, Any]:
    """Give how things stand for scripts; what is not known is null."""
    return {
        "at": told.at,
        "scheduler_at_work": at_work,
        "jobs": [_job_json(one) for one in told.jobs],
        "windows": [
            {
                "job": one.job,
                "slot": one.slot,
                "stands_by": one.closed_at,
                "result": "missed" if one.late_minutes is None else "late",
                "late_minutes": one.late_minutes,
            }
            for one in told.windows
        ],
        **_board_json(told.board),
        "unsent_writes": told.unsent,
        "posts_not_taken": told.posts_refused,
        "posts_in_doubt": told.posts_in_doubt,
        "certificate_days": certificate,
    }


def _job_json(one: JobStatus) -> dict[str, Any]:
    last = one.last and {
        "slot": one.last.slot,
        "moment": one.last.moment,
        "result": one.last.result,
        "late_minutes": one.last.late_minutes,
    }
    return {"job": one.job, "last": last, "next": one.next}


def _board_json(board: Board) -> dict[str, Any]:
    soonest = [
        {
            "key": one.key,
            "to_role": one.role,
            "severity": one.severity,
            "act_by": one.act_by,
            "overdue": one.overdue,
        }
        for one in board.soonest
    ]
    holds = [{"key": one.key, "kind": one.kind, "from": one.since, "until": one.until} for one in board.holds]
    by_severity = dict(board.by_severity)
    counted = {"open": sum(by_severity.values()), "by_severity": by_severity, "overdue": board.overdue}
    read = {**counted, "soonest": soonest, "as_at": board.escalations_at}
    return {
        "escalations": read if board.escalations_at else None,
        "holds": {"in_force": holds, "as_at": board.holds_at} if board.holds_at else None,
    }
