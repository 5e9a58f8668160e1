"""The jobs: what each control reads, writes, measures and escalates, and when, one YAML file each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

from lists_sync.definitions.job_checks import job_faults, shared_names
from lists_sync.definitions.job_shapes import EscalateShape, JobShape, MessageShape, ScheduleShape
from lists_sync.definitions.shape import plain, read_files, read_shape, refuse
from lists_sync.errors import Problem
from lists_sync.model import ListSchema, Severity


@dataclass(frozen=True)
class Schedule:
    """When a job runs.

    Args:
        days: `working`, `operational`, `review`, or weekday names.
        slots: local times, ascending.
        stands_by: the local time by which the record of the last slot must stand; None for none.
    """

    days: str | tuple[str, ...]
    slots: tuple[time, ...]
    stands_by: time | None = None


@dataclass(frozen=True)
class EscalateRule:
    """When a figure or a finding is put before somebody, and how.

    Args:
        measure: the figure compared; "" where `finding` gives one escalation a row.
        finding: the kind of finding; "" where a measure is compared.
        above: escalates where the measure is greater; exactly one of the three is not None.
        reaches: escalates where it is greater or the same.
        below: escalates where it is less.
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
    otherwise: str = ""
    copy: tuple[str, ...] = ()

    @property
    def limit(self) -> float | None:
        """The number that the measure is compared with; None for a finding."""
        return next((one for one in (self.above, self.reaches, self.below) if one is not None), None)


@dataclass(frozen=True)
class MessageRule:
    """A message for information that a run makes.

    Args:
        meeting: local time of the meeting it is made for; None where there is none.
        lines: how many action lines it names at most.
    """

    to: str
    template: str
    copy: tuple[str, ...] = ()
    meeting: time | None = None
    lines: int = 10


@dataclass(frozen=True)
class Limits:
    """What one run may do; None and 0 mean stop."""

    changed_items: int | None = None
    messages: int | None = None


@dataclass(frozen=True)
class Job:
    """A job as its file has it.

    Args:
        writes: by list key: the result columns that the job owns.
        stays: of those, columns that stay on items no longer judged.
        record: schema key of its record list; "" for a job that keeps none.
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
    file_lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    digest: str = ""


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
        include={"name", "title", "control", "role", "purpose", "source", "record"},
    )
    return Job(
        **named,
        schedule=_schedule(shape.schedule),
        reads=tuple(shape.reads),
        writes={key: tuple(columns) for key, columns in shape.writes.items()},
        stays=tuple(shape.stays),
        measures=tuple(shape.measures),
        settings=plain(shape.settings),
        escalate={name: _rule(rule) for name, rule in shape.escalate.items()},
        messages={name: _message(one) for name, one in shape.messages.items()},
        limits=Limits(shape.limits.changed_items, shape.limits.messages),
        file_lines=dict(lines),
        digest=digest_of(shape.model_dump(exclude_defaults=True)),
    )


def _schedule(shape: ScheduleShape) -> Schedule:
    days = shape.days if isinstance(shape.days, str) else tuple(shape.days)
    return Schedule(days, tuple(shape.slots), shape.stands_by)


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
        otherwise=shape.otherwise,
        copy=tuple(shape.copy_),
    )


def _number(value: float | None) -> float | None:
    """Give a whole number as such, so that a message says 5 and not 5.0."""
    return int(value) if value is not None and value == int(value) else value


def _message(shape: MessageShape) -> MessageRule:
    return MessageRule(shape.to, shape.template, tuple(shape.copy_), shape.meeting, shape.lines)
