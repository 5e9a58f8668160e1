"""What is told of a line: values, figures, thresholds, calendar steps, flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pandas as pd

from lists_sync.model import Kind
from lists_sync.plan.diff import JOINER
from lists_sync.worktime import DayStep, Step


@dataclass(frozen=True)
class ValueTold:
    """One value that a rule looked at, as it stood in the version that the run had read.

    Args:
        list: list key.
        item: item id.
        column: its internal name.
        value: None is blank; a value that cannot be used is never told.
        version: number of the item's version; None where the service gave none.
        modified: when that version was made.
        unique: of a file: its unique id, which stands for its name; "" for other items.
        ref: the reference that people know the item by; "" for none.
        note: `from history`, or why the value cannot be used.
    """

    list: str
    item: int
    column: str
    value: Any
    version: int | None
    modified: datetime | None
    unique: str = ""
    ref: str = ""
    note: str = ""


@dataclass(frozen=True)
class FigureTold:
    """A figure derived from the values, and a sentence on how."""

    name: str
    value: Any
    words: str


@dataclass(frozen=True)
class ThresholdTold:
    """A number of a job's file, and the file and line where it stands."""

    name: str
    value: Any
    where: str


@dataclass(frozen=True)
class StepsTold:
    """How a sum of working time or of days came about.

    Args:
        steps: stretches of time, or local days; () where elapsed time alone was added.
        ends: what the sum comes to.
    """

    title: str
    steps: tuple[Step | DayStep, ...]
    ends: datetime | date


@dataclass(frozen=True)
class Explained:
    """What an explanation comes to.

    Args:
        conclusion: the word of a choice, a yes or no, or None for blank; for one word of several choices
            whether it stands.
        kept: the rule leaves what stands from an earlier run.
    """

    conclusion: Any
    rule: str
    values: tuple[ValueTold, ...] = ()
    figures: tuple[FigureTold, ...] = ()
    thresholds: tuple[ThresholdTold, ...] = ()
    steps: tuple[StepsTold, ...] = ()
    kept: bool = False


@dataclass(frozen=True)
class RunTold:
    """The run that found something: its number, the job, the slot and the moment it judged at."""

    id: int
    job: str
    slot: datetime
    moment: datetime


@dataclass(frozen=True)
class FlagTold:
    """One flag of a line.

    Args:
        flag: the word that stands, or True; None for a column that is blank.
        control: number of the control.
        source: step of the source and section of the rules.
        run: the run that last found it.
        written_by: number of the run that last wrote the column; None where no write is known.
        stands: what the list holds now, all words of it.
        notes: what its reader must know: it was edited since, a write was refused.
    """

    column: str
    flag: Any
    job: str
    control: str
    source: str
    explained: Explained
    run: RunTold | None
    written_by: int | None
    stands: Any
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordTold:
    """The latest row of a record with a row a line: its columns, the rule of each, the run."""

    list: str
    job: str
    control: str
    source: str
    key: str
    columns: Mapping[str, Any]
    explained: Explained
    run: RunTold | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class EscalationTold:
    """An escalation that names the line; what is said in it is not told here."""

    key: str
    job: str
    severity: str
    to_role: str
    raised_at: datetime | None
    act_by: datetime | None
    status: str
    acknowledged_by: str
    acknowledged_at: datetime | None
    item: int | None
    run: RunTold | None
    rule: str
    thresholds: tuple[ThresholdTold, ...] = ()
    steps: tuple[StepsTold, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class MoveTold:
    """A column of people that a run moved on the line by rule."""

    columns: Mapping[str, Any]
    job: str
    control: str
    source: str
    run: RunTold | None
    explained: Explained


@dataclass(frozen=True)
class LineTold:
    """All that is told of a line.

    Args:
        version: number of its version when the list was last read.
        read_pull: the pull that the newest values are of.
        blank: the columns that hold nothing, each with its explanation.
    """

    ref: str
    item: int
    status: str | None
    due: datetime | None
    owner: str | None
    version: int | None
    modified: datetime | None
    at: datetime | None
    flags: tuple[FlagTold, ...]
    blank: tuple[FlagTold, ...]
    records: tuple[RecordTold, ...] = ()
    escalations: tuple[EscalationTold, ...] = ()
    moves: tuple[MoveTold, ...] = ()
    notes: tuple[str, ...] = field(default=())


def plain(value: Any, kind: Kind) -> Any:
    """Give a cell of a frame as a plain value: missing as None, several choices apart, a date as a date."""
    if kind is Kind.CHOICES:
        return _choices(value)
    if isinstance(value, tuple | list):
        return tuple(value)
    if kind is Kind.YESNO:
        return False if value is None or bool(pd.isna(value)) else bool(value)
    if value is None or bool(pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date() if kind is Kind.DATE else value.to_pydatetime()
    found = value.item() if hasattr(value, "item") else value
    return int(found) if isinstance(found, float) and found.is_integer() else found


def _choices(value: Any) -> tuple[str, ...]:
    if isinstance(value, tuple | list):
        return tuple(value)
    return tuple(value.split(JOINER)) if isinstance(value, str) and value else ()


def version_of(etag: str) -> int | None:
    """Give the number of a version: in an eTag it stands after the comma."""
    number = etag.strip('"').rpartition(",")[2]
    return int(number) if number.isdigit() else None


def duration_words(hours: Fraction) -> str:
    """Give a stretch of time exactly, as `48 h 30 min`."""
    seconds, rest = divmod(abs(hours) * 3600, 1)
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    parts = [f"{hour} h"] if hour or not minutes else []
    parts += [f"{minute} min"] if minute else []
    parts += [f"{second} s"] if second else []
    parts += ["a part of a second"] if rest else []
    return " ".join(parts if any((hour, minute, second, rest)) else ["0 h"])
