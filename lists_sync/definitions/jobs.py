"""The jobs: what each control reads, writes, measures and escalates, and when, one YAML file each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path
from typing import Any

from lists_sync.definitions.job_checks import job_faults, shared_names
from lists_sync.definitions.job_shapes import EscalateShape, JobShape, MessageShape, ScheduleShape
from lists_sync.definitions.shape import plain, read_files, read_shape, refuse
from lists_sync.definitions.times import windows
from lists_sync.errors import Problem
from lists_sync.model import ListSchema, Severity


@dataclass(frozen=True)
class Schedule:
    """When a job runs.

    Args:
        days: `working`, `operational`, `review`, or weekday names.
        slots: local times, ascending; none for a job that only runs along with others.
        records: those of the slots that write the record; at the others the figures are only shown.
        stands_by: for each slot the local time by which its record must stand; () for none.
        shift_end: the slot that moves with the provider's shift end; None for none.
    """

    days: str | tuple[str, ...]
    slots: tuple[time, ...] = ()
    records: tuple[time, ...] = ()
    stands_by: tuple[time, ...] = ()
    shift_end: time | None = None

    def slot_at(self, local: time) -> time | None:
        """Give the scheduled slot that a local time belongs to: the latest not after it, else the first."""
        past = [slot for slot in self.slots if slot <= local]
        return past[-1] if past else next(iter(self.slots), None)

    def writes_record(self, local: time) -> bool:
        """Tell whether a run at that local time writes the record."""
        return self.slot_at(local) in self.records

    def is_shift_end(self, local: time) -> bool:
        """Tell whether a run at that local time answers for the shift's end."""
        return self.shift_end is not None and self.slot_at(local) == self.shift_end

    def with_shift_end(self, at: time) -> Schedule:
        """Give the schedule with the slot of the shift's end at that local time."""
        if self.shift_end in (None, at):
            return self
        moved = {self.shift_end: at}
        late = _later(at, self.shift_end, self.stands_by[-1]) if self.stands_by else None
        return replace(
            self,
            slots=tuple(sorted(moved.get(slot, slot) for slot in self.slots)),
            records=tuple(sorted(moved.get(slot, slot) for slot in self.records)),
            stands_by=(*self.stands_by[:-1], late) if late else (),
            shift_end=at,
        )


def _later(at: time, before: time | None, stood_by: time) -> time:
    """Give by when a moved slot must stand: as long after it as before, within the day."""
    was = (before or at).hour * 60 + (before or at).minute
    length = stood_by.hour * 60 + stood_by.minute - was
    minute = min(at.hour * 60 + at.minute + length, 24 * 60 - 1)
    return time(minute // 60, minute % 60)


@dataclass(frozen=True)
class EscalateRule:
    """When a figure or a finding is put before somebody, and how.

    Args:
        measure: the figure compared; "" where `finding` gives one escalation a row.
        finding: the kind of finding; "" where a measure is compared.
        above: escalates where the measure is greater; exactly one of the three is not None.
        reaches: escalates where it is greater or the same.
        below: escalates where it is less.
        blank: escalates where the measure is not available.
        in_a_row: of how many records running the measure must be past its limit, this one included.
        at: `shift end` where the rule only holds then; "" for every slot.
        when: a measure or finding without which the rule does not hold; "" for always.
        to: the role that must act; `Action Owner` is the owner of the line.
        otherwise: the role that takes the place of an Action Owner who is not there; "" for none.
        act_by: as the YAML has it: {"minutes": 90}, `close of day`, `next day 09:00`, `moment`.
        key: names the escalation once and for all; {slot} and the like are filled in.
    """

    severity: Severity
    to: str
    act_by: str | Mapping[str, float]
    key: str
    template: str
    measure: str = ""
    finding: str = ""
    above: float | None = None
    reaches: float | None = None
    below: float | None = None
    blank: bool = False
    in_a_row: int = 1
    at: str = ""
    when: str = ""
    otherwise: str = ""
    copy: tuple[str, ...] = ()

    @property
    def limit(self) -> float | None:
        """The number that the measure is compared with; None for a finding or a blank."""
        return next((one for one in (self.above, self.reaches, self.below) if one is not None), None)


@dataclass(frozen=True)
class MessageRule:
    """A message for information that a run makes.

    Args:
        when: a measure or finding without which there is nothing to tell; "" to tell at every record.
        unless: a measure that, while it holds, keeps the message back.
        finding: the finding whose lines it names.
        meeting: local time of the meeting it is made for; None where there is none.
        lines: how many action lines it names at most.
    """

    to: str
    template: str
    copy: tuple[str, ...] = ()
    meeting: time | None = None
    lines: int = 10
    when: str = ""
    unless: str = ""
    finding: str = "pressing"


@dataclass(frozen=True)
class HoldRule:
    """What is held while a rule of the job is met.

    Args:
        rule: the entry under `escalate:` whose limit decides.
        kind: the word of Closure holds.
        measure: the yes/no figure of the record that says so; "" for none.
    """

    rule: str
    kind: str
    measure: str = ""


@dataclass(frozen=True)
class Limits:
    """What one run may do; None and 0 mean stop."""

    changed_items: int | None = None
    messages: int | None = None


@dataclass(frozen=True)
class Job:
    """A job as its file has it.

    Args:
        reads: the lists whose unusable values the record counts.
        also_reads: lists read besides: for people, holds and earlier records.
        writes: by list key: the result columns that the job owns, and the columns of people it moves.
        stays: of those, columns that stay on items no longer judged.
        makes: lists in which it makes rows.
        record: schema key of its record list; "" for a job that keeps none.
        record_per: what has a row of the record: `slot`, `burst` or `line`.
        along: by job: the slots at which that job, which has none of its own, is judged along with this one.
        file_lines: by dotted key (`escalate.defects.above`): the line of the file.
        digest: SHA-256 over the content, hex; comments, order of keys and layout do not count.
    """

    name: str
    title: str
    control: str
    role: str
    purpose: str
    source: str
    schedule: Schedule
    reads: tuple[str, ...]
    writes: Mapping[str, tuple[str, ...]]
    stays: tuple[str, ...]
    record: str
    measures: tuple[str, ...]
    settings: Mapping[str, Any]
    escalate: Mapping[str, EscalateRule]
    messages: Mapping[str, MessageRule]
    limits: Limits
    also_reads: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    record_per: str = "slot"
    along: Mapping[str, tuple[time, ...]] = field(default_factory=dict)
    holds: Mapping[str, HoldRule] = field(default_factory=dict)
    file_lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    digest: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """The lists that the job has to do with; `escalations` and `control_runs` are every job's."""
        named = {*self.reads, *self.also_reads, *self.writes, *self.makes, self.record}
        return frozenset((named | {"escalations", "control_runs"}) - {""})


def load_jobs(directory: Path, schemas: Mapping[str, ListSchema]) -> dict[str, Job]:
    """Read every job of a folder.

    Args:
        directory: holds one YAML file a job, named by it.
        schemas: the lists that the jobs may name.

    Returns:
        The jobs by name, in order of names.

    Raises:
        FileError: with every fault of every file at once.
    """
    problems: list[Problem] = []
    jobs: dict[str, Job] = {}
    files = read_files(directory)
    for stem, located in files.items():
        shape, faults = read_shape(located, JobShape)
        problems += faults
        if shape:
            problems += job_faults(stem, shape, located, schemas)
            jobs[stem] = _job(shape, located.dotted_lines)
    problems += shared_names(jobs, files)
    refuse(directory.name, problems)
    return jobs


def digest_of(content: Any) -> str:
    """Give the SHA-256, hex, of a content: its layout and the order of its keys do not count."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _job(shape: JobShape, lines: Mapping[str, int]) -> Job:
    named = shape.model_dump(
        include={"name", "title", "control", "role", "purpose", "source", "record", "record_per"},
    )
    return Job(
        **named,
        schedule=_schedule(shape.schedule) if shape.schedule else Schedule("working"),
        reads=tuple(shape.reads),
        also_reads=tuple(shape.also_reads),
        writes={key: tuple(columns) for key, columns in shape.writes.items()},
        stays=tuple(shape.stays),
        makes=tuple(shape.makes),
        along={name: tuple(slots) for name, slots in shape.along.items()},
        measures=tuple(shape.measures),
        settings=plain(shape.settings),
        escalate={name: _rule(rule) for name, rule in shape.escalate.items()},
        holds={name: HoldRule(one.rule, one.kind, one.measure) for name, one in shape.holds.items()},
        messages={name: _message(one) for name, one in shape.messages.items()},
        limits=Limits(shape.limits.changed_items, shape.limits.messages),
        file_lines=dict(lines),
        digest=digest_of(shape.model_dump(exclude_defaults=True)),
    )


def _schedule(shape: ScheduleShape) -> Schedule:
    days = shape.days if isinstance(shape.days, str) else tuple(shape.days)
    slots = tuple(shape.slots)
    records = slots if shape.records is None else tuple(shape.records)
    shift_end = next((slot for slot in slots if slot.fold), None)
    return Schedule(days, slots, records, windows(shape.stands_by, slots), shift_end)


def _rule(shape: EscalateShape) -> EscalateRule:
    return EscalateRule(
        severity=Severity(shape.severity),
        to=shape.to,
        act_by=plain(shape.act_by),
        key=shape.key,
        template=shape.template,
        measure=shape.measure,
        finding=shape.finding,
        above=_number(shape.above),
        reaches=_number(shape.reaches),
        below=_number(shape.below),
        blank=shape.blank,
        in_a_row=shape.in_a_row,
        at=shape.at,
        when=shape.when,
        otherwise=shape.otherwise,
        copy=tuple(shape.copy_),
    )


def _number(value: float | None) -> float | None:
    """Give a whole number as such, so that a message says 5 and not 5.0."""
    return int(value) if value is not None and value == int(value) else value


def _message(shape: MessageShape) -> MessageRule:
    return MessageRule(
        shape.to,
        shape.template,
        tuple(shape.copy_),
        shape.meeting,
        shape.lines,
        when=shape.when,
        unless=shape.unless,
        finding=shape.finding,
    )
