"""A whole local day: every slot of every job, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from lists_sync.runner.run import run_job
from lists_sync.worktime import slots_on

if TYPE_CHECKING:
    from lists_sync.context import Context, Definitions
    from lists_sync.definitions.jobs import Job
    from lists_sync.runner.report import Report

WATCH = "escalation-watch"


def slots_of_day(definitions: Definitions, day: date) -> list[tuple[datetime, Job]]:
    """Give every slot of a local day with its job, in order of time, then of the controls' numbers.

    Of two at one minute the watch comes last, so that it sees what the other raised.
    """
    calendar = definitions.provider.calendar
    found = [
        (slot, job)
        for job in definitions.jobs.values()
        for slot in slots_on(day, job.schedule.days, job.schedule.slots, calendar)
    ]
    return sorted(found, key=lambda one: place_in_day(*one))


def place_in_day(slot: datetime, job: Job) -> tuple[datetime, bool, str]:
    """Give what slots are ordered by: time, then the watch last, then the controls' numbers."""
    return slot, job.name == WATCH, job.control


def run_day(
    context: Context, day: date, *, before: Callable[[datetime], None] | None = None
) -> Iterator[tuple[Job, Report]]:
    """Run every slot of a local day in order, each at its own moment, on data as it stands then.

    Args:
        before: called with each slot before it runs; a rehearsal moves its clock and its people there.

    Yields:
        each job with what its run found and did.
    """
    for slot, job in slots_of_day(context.definitions, day):
        if before is not None:
            before(slot)
        yield job, run_job(context, job, slot=slot, moment=slot)
