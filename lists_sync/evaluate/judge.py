"""One job over one snapshot: its control, and what follows from the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from lists_sync.controls import CONTROLS, Judged, Lists
from lists_sync.controls.percent import one_decimal
from lists_sync.errors import FileError
from lists_sync.evaluate.escalate import Case, escalations
from lists_sync.evaluate.holds import holds
from lists_sync.evaluate.people import Staff
from lists_sync.model import DataFault, Escalation, NewRow, Outcome, Snapshot, Value

if TYPE_CHECKING:
    from lists_sync.controls import Control, Figure, Remembered
    from lists_sync.definitions.jobs import Job
    from lists_sync.evaluate.people import Roles
    from lists_sync.worktime import Calendar

_BURSTS = "2."
"""What the numbers of the controls begin with whose days are the operational days."""
_KEYS = ("SampleKey", "HoldKey")
"""The unique columns of the lists in which controls make rows."""


@dataclass(frozen=True)
class Circumstances:
    """What a run is told from outside the lists and the job's file.

    Args:
        first_seen: when a value whose time people forgot was first seen, by `list.column` of that time.
        accounts: by e-mail: whether the account is enabled (None: gone); None where nobody asked.
        names: display name by e-mail.
        along: the jobs that this slot judges along with its own.
        salt: the secret that the draw of evidence depends on.
        link: gives the address of an item from list key and id.
    """

    first_seen: Mapping[str, pd.Series[Any]] = field(default_factory=dict)
    accounts: Mapping[str, bool | None] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    along: tuple[Job, ...] = ()
    salt: str = ""
    link: Callable[[str, int], str] = lambda key, id_: f"{key}/{id_}"


def evaluate(
    job: Job,
    snapshot: Snapshot,
    *,
    provider: Roles,
    calendar: Calendar,
    remembered: Remembered,
    slot: datetime,
    moment: datetime,
    told: Circumstances | None = None,
) -> Outcome:
    """Judge a job's lists and say what should stand; nothing is compared and nothing is written.

    Args:
        job: with the provider's own numbers already in it.
        snapshot: holds at least the lists that the job reads.
        remembered: what the job knows of its earlier runs.
        told: what else the run is told; None for nothing.

    Returns:
        measures in the job's order, ratios to one decimal; result columns the job owns, for every item of
        their list; rows to make; escalations with facts and without message; the faults of the lists the
        job reads.

    Raises:
        FileError: the job names a control or a measure that there is not.
    """
    told = told or Circumstances()
    local = calendar.local_time(slot)
    lists = Lists(_frames(job, snapshot, told), snapshot.unusable, told.first_seen)
    records = job.schedule.writes_record(local) or not job.schedule.slots
    given = {"records": records, "salt": told.salt, "link": told.link}

    def judge(one: Job) -> Judged:
        return _control(one)(
            lists,
            moment=moment,
            calendar=_calendar_of(one, calendar),
            settings={**one.settings, **given},
            remembered=remembered,
        )

    faults = _faults(job, snapshot)
    case = Case(
        job,
        judge(job),
        Staff(provider, snapshot.frames.get("managers"), told.names),
        _calendar_of(job, calendar),
        remembered,
        slot,
        moment,
        unusable_count=len({(fault.list, fault.id) for fault in faults}),
        at_shift_end=job.schedule.is_shift_end(local),
        records=records,
    )
    along = [(one, judge(one).columns) for one in told.along]
    return _outcome(case, snapshot, faults, along, asked=told.accounts is not None)


def _outcome(
    case: Case,
    snapshot: Snapshot,
    faults: tuple[DataFault, ...],
    along: Sequence[tuple[Job, Mapping[str, pd.DataFrame]]],
    *,
    asked: bool,
) -> Outcome:
    """Put together what a judged job wants to stand.

    Args:
        along: the result columns of the jobs judged along with it.
        asked: whether the directory was asked about accounts.
    """
    job, judged = case.job, case.judged
    raised = tuple(escalations(case))
    held = holds(case, snapshot.frames.get("closure_holds"))
    return Outcome(
        job=job.name,
        slot=case.slot,
        moment=case.moment,
        first_run=case.remembered.first_run,
        measures=_measures(job, judged, held.measures),
        wanted=_wanted([(job, judged.columns), *along]),
        escalations=raised,
        faults=faults,
        notes=tuple(_notes(case, raised, asked=asked)),
        moves=_wanted([(job, {**judged.moves, **held.ends})]),
        rows=(*_rows(judged, snapshot), *held.begins),
        record_rows=_record_rows(job, judged),
        records=case.records,
    )


def _calendar_of(job: Job, calendar: Calendar) -> Calendar:
    """Give the calendar of a control's days: of the burst validation the operational days."""
    return calendar.operational if job.control.startswith(_BURSTS) else calendar


def _control(job: Job) -> Control:
    control = CONTROLS.get(job.control)
    if control is None:
        raise _wrong(job, "control", f"There is no control {job.control}.")
    return control


def _frames(job: Job, snapshot: Snapshot, told: Circumstances) -> dict[str, pd.DataFrame]:
    named = {key for one in (job, *told.along) for key in (*one.reads, *one.also_reads)}
    frames = {key: snapshot.frames[key] for key in sorted(named)}
    if told.accounts is not None:
        enabled = {"Email": list(told.accounts), "Enabled": [bool(one) for one in told.accounts.values()]}
        frames["accounts"] = pd.DataFrame(enabled).astype({"Email": "str", "Enabled": "bool"})
    return frames


def _measures(job: Job, judged: Judged, held: Mapping[str, bool]) -> dict[str, Value]:
    """Give the job's measures in its order; a ratio as it is shown, to one decimal."""
    found = {**judged.measures, **held}
    for name in job.measures:
        if name not in found:
            raise _wrong(job, "measures", f"Control {job.control} has no measure {name}.")
    return {name: shown(found[name]) for name in job.measures}


def shown(figure: Figure) -> Value:
    """Give a figure as lists and people have it: a ratio to one decimal, all others as they are."""
    return one_decimal(figure) if isinstance(figure, Fraction) else figure


def _wanted(found: Sequence[tuple[Job, Mapping[str, pd.DataFrame]]]) -> dict[str, pd.DataFrame]:
    """Keep of each job the columns that its file lets it write, and put those of one list together."""
    wanted: dict[str, pd.DataFrame] = {}
    for job, columns in found:
        for key, frame in columns.items():
            owned = frame[[name for name in job.writes.get(key, ()) if name in frame.columns]]
            if len(owned.columns):
                wanted[key] = pd.concat([wanted[key], owned], axis=1) if key in wanted else owned
    return wanted


def _rows(judged: Judged, snapshot: Snapshot) -> Iterator[NewRow]:
    """Give the rows to make; those whose unique value stands already are left out later, by the plan."""
    for key in sorted(judged.rows):
        names = [name for name in _KEYS if name in snapshot.frames[key].columns]
        for row in judged.rows[key]:
            unique = str(row[names[0]] if names else row["Title"])
            yield NewRow(key, unique, {name: value for name, value in row.items() if name != "Title"})


def _record_rows(job: Job, judged: Judged) -> tuple[Mapping[str, Value], ...] | None:
    if job.record_per != "line" or judged.record_rows is None:
        return None
    frame = judged.record_rows
    return tuple(
        {"id": int(id_), **{str(name): _plain(value) for name, value in row.items()}}
        for id_, row in zip(frame.index, frame.to_dict("records"), strict=True)
    )


def _plain(value: Any) -> Value:
    """Give a cell of a frame as a plain value: missing as None, joined choices apart, ratios as shown."""
    if isinstance(value, Fraction | tuple):
        return shown(value) if isinstance(value, Fraction) else value
    if value is None or bool(pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    plain: Value = value.item() if hasattr(value, "item") else value
    return plain


def _faults(job: Job, snapshot: Snapshot) -> tuple[DataFault, ...]:
    return tuple(sorted(fault for fault in snapshot.faults if fault.list in job.reads))


def _notes(case: Case, raised: tuple[Escalation, ...], *, asked: bool) -> Iterator[str]:
    """Say what a reader of the figures must know about how they came about."""
    yield from case.judged.facts.get("notes", ())
    for place, count in sorted(case.judged.facts.get("from_history", {}).items()):
        if count:
            column = place.split(".")[1]
            yield f"{column} of {count} item{'s' if count > 1 else ''} is from history."
    named = {case.moment} | {one.act_by for one in raised if one.act_by}
    years = {day.year for day in map(case.calendar.local_date, named) if case.calendar.beyond_published(day)}
    for year in sorted(years):
        yield f"Bank holidays of {year} are not published yet: its working days are only foreseen."
    for role in sorted({role for one in raised for role in one.passed_over}):
        yield f"Nobody active holds the role {role}, so its escalations go to the next role."
    for role in sorted({one.to_role for one in raised if not one.to_person}):
        yield f"Nobody active holds the role {role}, so an escalation names no person."
    if case.job.settings.get("directory_check") and not asked:
        yield "The directory was not asked whether the owners' accounts are enabled."


def _wrong(job: Job, key: str, what: str) -> FileError:
    line = job.file_lines.get(key)
    where = f"jobs/{job.name}.yaml:{line}" if line else f"jobs/{job.name}.yaml"
    return FileError(what, where=where, hint="Compare it with the shipped file.")
