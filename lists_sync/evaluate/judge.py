"""One job over one snapshot: its control, and what follows from the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from lists_sync.controls import CONTROLS, Judged, Lists
from lists_sync.errors import FileError
from lists_sync.evaluate.escalate import Case, escalations
from lists_sync.evaluate.people import Staff
from lists_sync.model import DataFault, Escalation, Outcome, Snapshot

if TYPE_CHECKING:
    from lists_sync.controls import Remembered
    from lists_sync.definitions.jobs import Job
    from lists_sync.evaluate.people import Roles
    from lists_sync.worktime import Calendar


def evaluate(
    job: Job,
    snapshot: Snapshot,
    *,
    provider: Roles,
    calendar: Calendar,
    remembered: Remembered,
    slot: datetime,
    moment: datetime,
    first_seen: pd.Series[Any] | Mapping[str, pd.Series[Any]] | None = None,
    accounts: Mapping[str, bool | None] | None = None,
    names: Mapping[str, str] | None = None,
) -> Outcome:
    """Judge a job's lists and say what should stand; nothing is compared and nothing is written.

    Args:
        job: with the provider's own numbers already in it.
        snapshot: holds at least the lists that the job reads.
        remembered: what the job knows of its earlier runs.
        first_seen: when a value whose time people forgot was first seen, by `list.column` of that time; a
            series alone is that of `actions.ClosedOn`.
        accounts: by e-mail: whether the account is enabled (None: gone); None where nobody asked.
        names: display name by e-mail.

    Returns:
        measures in the job's order; result columns the job owns, for every item of their list; escalations
        with facts and without message; the faults of the lists the job reads.

    Raises:
        FileError: the job names a control or a measure that there is not.
    """
    lists = Lists(_frames(job, snapshot, accounts), snapshot.unusable, _first_seen(first_seen))
    control = CONTROLS.get(job.control)
    if control is None:
        raise _wrong(job, "control", f"There is no control {job.control}.")
    judged = control(lists, moment=moment, calendar=calendar, settings=job.settings, remembered=remembered)
    staff = Staff(provider, snapshot.frames.get("managers"), names or {})
    faults = _faults(job, snapshot)
    unusable = len({(fault.list, fault.id) for fault in faults})
    case = Case(job, judged, staff, calendar, remembered, slot, moment, unusable)
    raised = tuple(escalations(case))
    return Outcome(
        job=job.name,
        slot=slot,
        moment=moment,
        first_run=remembered.first_run,
        measures=_measures(job, judged),
        wanted=_wanted(job, judged),
        escalations=raised,
        faults=faults,
        notes=tuple(_notes(case, raised, asked=accounts is not None)),
    )


def _frames(
    job: Job, snapshot: Snapshot, accounts: Mapping[str, bool | None] | None
) -> dict[str, pd.DataFrame]:
    frames = {key: snapshot.frames[key] for key in job.reads}
    if accounts is not None:
        enabled = {"Email": list(accounts), "Enabled": [bool(one) for one in accounts.values()]}
        frames["accounts"] = pd.DataFrame(enabled).astype({"Email": "str", "Enabled": "bool"})
    return frames


def _first_seen(
    given: pd.Series[Any] | Mapping[str, pd.Series[Any]] | None,
) -> Mapping[str, pd.Series[Any]]:
    if given is None:
        return {}
    return given if isinstance(given, Mapping) else {"actions.ClosedOn": given}


def _measures(job: Job, judged: Judged) -> dict[str, Any]:
    for name in job.measures:
        if name not in judged.measures:
            raise _wrong(job, "measures", f"Control {job.control} has no measure {name}.")
    return {name: judged.measures[name] for name in job.measures}


def _wanted(job: Job, judged: Judged) -> dict[str, pd.DataFrame]:
    """Keep the columns that the job's file lets it write."""
    wanted = {}
    for key, frame in judged.columns.items():
        owned = [name for name in job.writes.get(key, ()) if name in frame.columns]
        if owned:
            wanted[key] = frame[owned]
    return wanted


def _faults(job: Job, snapshot: Snapshot) -> tuple[DataFault, ...]:
    return tuple(sorted(fault for fault in snapshot.faults if fault.list in job.reads))


def _notes(case: Case, raised: tuple[Escalation, ...], *, asked: bool) -> Iterator[str]:
    """Say what a reader of the figures must know about how they came about."""
    for place, count in sorted(case.judged.facts.get("from_history", {}).items()):
        if count:
            column = place.split(".")[1]
            yield f"{column} of {count} item{'s' if count > 1 else ''} is from history."
    named = {case.moment} | {one.act_by for one in raised if one.act_by}
    years = {day.year for day in map(case.calendar.local_date, named) if case.calendar.beyond_published(day)}
    for year in sorted(years):
        yield f"Bank holidays of {year} are not published yet: its working days are only foreseen."
    for role in sorted({one.to_role for one in raised if not one.to_person}):
        yield f"Nobody active holds the role {role}, so an escalation names no person."
    if case.job.settings.get("directory_check") and not asked:
        yield "The directory was not asked whether the owners' accounts are enabled."


def _wrong(job: Job, key: str, what: str) -> FileError:
    line = job.file_lines.get(key)
    where = f"jobs/{job.name}.yaml:{line}" if line else f"jobs/{job.name}.yaml"
    return FileError(what, where=where, hint="Compare it with the shipped file.")
