"""The lines that the scheduler says: one each, in plain words, without free text or an address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lists_sync.errors import DefinitionError

if TYPE_CHECKING:
    from lists_sync.definitions.jobs import Job
    from lists_sync.runner import Report
    from lists_sync.schedule.slots import Slot

OFTEN_COUNT = 4
"""A job with more slots a day than this is told of only where it has something new."""


class Once:
    """Says a line that holds for a while only when it begins to hold."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._said = ""

    def __call__(self, line: str) -> None:
        """Say the line unless it was the last one said."""
        if line != self._said:
            self._said = line
            self._tell(line)

    def over(self) -> None:
        """Note that it holds no more, so that it is said anew when it comes back."""
        self._said = ""


def one_line(fault: Exception) -> str:
    """Tell a fault in one line: the first of its problems, and how many more there are."""
    if not isinstance(fault, DefinitionError) or not fault.problems:
        return " ".join(str(fault).split())
    more = len(fault.problems) - 1
    rest = f" And {more} more." if more else ""
    return " ".join(f"{fault.problems[0]}{rest}".split())


def is_worth_a_line(job: Job, report: Report) -> bool:
    """Tell whether a run is told of: what came late, found or wrote something, or makes a record."""
    if report.late_minutes > 0 or report.missed or report.conflicts or report.refused:
        return True
    return bool(report.writes) or (report.outcome.records and len(job.schedule.slots) <= OFTEN_COUNT)


def ran_line(slot: Slot, report: Report, zone: ZoneInfo) -> str:
    """Tell what a run did and how late it was."""
    always = {"item written": len(report.changes), "message": len(report.escalations)}
    rarely = {
        "write left to the next run": report.conflicts,
        "write refused by the service": len(report.refused),
        "value that could not be used": len(report.outcome.faults),
        "window that closed without a run": sum(not one.late for one in report.missed),
    }
    said = [*always.items(), *((words, count) for words, count in rarely.items() if count)]
    did = ", ".join(_counted(count, words) for words, count in said)
    return f"{stamp(report.outcome.moment, zone)} {slot.job}: {did}{_late(slot, report, zone)}."


def _counted(count: int, words: str) -> str:
    """Write a count before its words, the first of which is one thing."""
    first, *rest = words.split(" ")
    return " ".join([str(count), first if count == 1 else f"{first}s", *rest])


def _late(slot: Slot, report: Report, zone: ZoneInfo) -> str:
    if report.late_minutes <= 0:
        return ""
    late = f"; {report.late_minutes} min after its slot of {clock(slot.at, zone)}"
    if slot.closes_at and slot.closes_at <= report.outcome.moment:
        late += f", and its figures were to stand by {clock(slot.closes_at, zone)}"
    return late


def failed_line(slot: Slot, why: str, now: datetime, zone: ZoneInfo) -> str:
    """Tell that a run failed, and when it is tried again."""
    again = f" Tried again at {clock(slot.not_before, zone)}." if slot.not_before else ""
    place = f"{slot.job} of {clock(slot.at, zone)}"
    return f"{stamp(now, zone)} {place} did not run: {why.rstrip('.')}.{again}"


def stamp(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant as a local date and time to the minute."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant as a local time."""
    return f"{instant.astimezone(zone):%H:%M}"
