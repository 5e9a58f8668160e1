"""How a line's explanation is shown: for people within 80 columns, for scripts as one JSON document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import typer

from lists_sync.cli.line_json import lines_json
from lists_sync.cli.show import WIDTH
from lists_sync.explain.act_by import amount_words
from lists_sync.explain.told import duration_words
from lists_sync.messages.words import clean, day_words, due_words, figure, moment_words
from lists_sync.worktime import DayStep

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from lists_sync.explain.told import (
        EscalationTold,
        Explained,
        FlagTold,
        LineTold,
        MoveTold,
        RecordTold,
        RunTold,
        StepsTold,
        ThresholdTold,
        ValueTold,
    )
    from lists_sync.worktime import Step

__all__ = ["lines_json", "print_lines"]

_TITLES = {
    "actions": "Enforcement actions",
    "register": "Compliance master register",
    "deadline_changes": "Deadline changes",
    "managers": "Managers",
    "evidence": "Evidence",
    "burst_samples": "Burst samples",
    "retests": "Competence retests",
    "complaints": "Complaints",
    "closure_reviews": "Closure reviews",
    "closure_holds": "Closure holds",
    "closure_gate_register": "Closure-gate register",
    "closure_comparison": "Closure comparison",
    "closure_experience": "Closure experience",
}


def print_lines(lines: Sequence[LineTold], zone: ZoneInfo) -> None:
    """Print each line: its head, a block a flag, its records, escalations and what was moved."""
    for number, line in enumerate(lines):
        if number:
            typer.echo("")
        if len(lines) > 1:
            typer.echo(f"Line {number + 1} of {len(lines)} that share this reference")
        for text in _Printer(zone).line(line):
            typer.echo(text)


class _Printer:
    """Gives text lines; times are local.

    Args:
        zone: whose time it is.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def line(self, line: LineTold) -> Iterator[str]:
        """Give all that is told of a line."""
        yield from self._head(line)
        for flag in line.flags:
            yield ""
            yield from self._flag(flag)
        yield from self._blank(line.blank)
        for record in line.records:
            yield ""
            yield from self._record(record)
        for move in line.moves:
            yield ""
            yield from self._move(move)
        for escalation in line.escalations:
            yield ""
            yield from self._escalation(escalation)

    def _head(self, line: LineTold) -> Iterator[str]:
        due, owner = due_words(line.due, self.zone), line.owner or "nobody"
        yield from _paragraph(
            f"{clean(line.ref)}: {line.status or 'no status'}, {due}, owner {clean(owner)}", 0
        )
        read = f"Item {line.item} of Enforcement actions, version {line.version or 'unknown'}"
        read += f" of {self._at(line.modified)} when last read" if line.modified else ""
        yield from _paragraph(f"{read}." if line.at is None else f"{read}; as of {self._at(line.at)}.", 2)
        for note in line.notes:
            yield from _paragraph(f"Note: {note}", 2)

    def _flag(self, flag: FlagTold) -> Iterator[str]:
        yield from _paragraph(f"{flag.column}: {_word(flag.flag)}", 0)
        for note in flag.notes:
            yield from _paragraph(f"Note: {note}", 2)
        yield from self._explained(flag.explained, flag.source)
        yield from self._run(flag.run, _wrote(flag))

    def _explained(self, told: Explained, source: str) -> Iterator[str]:
        yield from _paragraph(f"Rule: {told.rule}", 2)
        yield from _paragraph(f"Source: {source}", 2)
        yield from self._values(told.values)
        for one in told.figures:
            if one.words:
                yield from _paragraph(one.words, 2)
        yield from _thresholds(told.thresholds)
        for steps in told.steps:
            yield from self._steps(steps)

    def _run(self, run: RunTold | None, wrote: str = "") -> Iterator[str]:
        if run is None:
            yield from _paragraph(f"Run: not known here{wrote}", 2)
            return
        text = f"Run: {run.id}, {run.job} of {self._at(run.slot)}{wrote}"
        yield from _paragraph(text, 2)

    def _values(self, values: Iterable[ValueTold]) -> Iterator[str]:
        """Give values item by item, with the version of each."""
        seen = dict.fromkeys(values)
        for _, group in groupby(seen, key=lambda one: (one.list, one.item)):
            mine = list(group)
            first = mine[0]
            name = f" {clean(first.ref)}" if first.ref else ""
            name += f" {first.unique}" if first.unique else ""
            version = f"version {first.version}" if first.version else "version unknown"
            at = f" of {self._at(first.modified)}" if first.modified else ""
            where = f"{_TITLES.get(first.list, first.list)} #{first.item}{name}, {version}{at}"
            told = "; ".join(
                self._value(one) for one in mine if not first.unique or one.column != "ActionRef"
            )
            yield from _paragraph(f"{where}: {told}" if told else where, 2)

    def _value(self, one: ValueTold) -> str:
        note = f" ({one.note})" if one.note else ""
        if one.note.startswith("not used"):
            return f"{one.column}{note}"
        return f"{one.column} {self._plain(one.column, one.value)}{note}"

    def _plain(self, column: str, value: Any) -> str:
        if isinstance(value, datetime):
            local = value.astimezone(self.zone)
            is_day = "Due" in column and local.time() == time(0)
            return f"{local:%Y-%m-%d}" if is_day else f"{local:%Y-%m-%d %H:%M}"
        return _word(value)

    def _steps(self, told: StepsTold) -> Iterator[str]:
        yield from _paragraph(f"How: {told.title}:", 2)
        for step in told.steps:
            yield from _paragraph(self._day(step) if isinstance(step, DayStep) else self._stretch(step), 4)
        end = (
            day_words(told.ends)
            if not isinstance(told.ends, datetime)
            else moment_words(told.ends, self.zone)
        )
        yield from _paragraph(f"so {end}.", 4)

    def _day(self, step: DayStep) -> str:
        return f"{step.day:%a %d %b %Y}  {'counts' if step.counted else f'skipped: {step.why}'}"

    def _stretch(self, step: Step) -> str:
        first, last = (one.astimezone(self.zone) for one in (step.begins, step.ends))
        until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%a %d %b %H:%M}"
        how = f"counts {duration_words(step.hours)}" if step.counted else f"skipped: {step.why}"
        return f"{first:%a %d %b %H:%M} to {until}  {how}"

    def _blank(self, flags: Sequence[FlagTold]) -> Iterator[str]:
        if not flags:
            return
        yield ""
        yield "Blank, or no"
        for flag in flags:
            run = f" Run {flag.run.id}." if flag.run else ""
            yield from _paragraph(f"{flag.column}: {flag.explained.rule}{run}", 2)
            for note in flag.notes:
                yield from _paragraph(f"Note: {note}", 4)

    def _record(self, record: RecordTold) -> Iterator[str]:
        yield from _paragraph(f"{_TITLES[record.list]}: row {clean(record.key, 255)}", 0)
        told = "; ".join(f"{name} {self._plain(name, value)}" for name, value in record.columns.items())
        yield from _paragraph(told, 2)
        yield from self._explained(record.explained, record.source)
        yield from self._run(record.run)

    def _move(self, move: MoveTold) -> Iterator[str]:
        moved = ", ".join(f"{name} {_word(value)}" for name, value in move.columns.items())
        yield from _paragraph(f"Moved by rule: {moved}", 0)
        yield from self._explained(move.explained, move.source)
        yield from self._run(move.run)

    def _escalation(self, one: EscalationTold) -> Iterator[str]:
        yield from _paragraph(f"Escalation {clean(one.key, 255)}", 0)
        raised = self._at(one.raised_at) if one.raised_at else "an unknown time"
        yield from _paragraph(f"{one.severity}, to {one.to_role}; raised at {raised}; {one.status}", 2)
        if one.act_by:
            yield from _paragraph(f"Act by {self._at(one.act_by)}", 2)
        if one.acknowledged_by or one.acknowledged_at:
            at = f" at {self._at(one.acknowledged_at)}" if one.acknowledged_at else ""
            yield from _paragraph(f"Acknowledged by {clean(one.acknowledged_by) or 'somebody'}{at}", 2)
        yield from _paragraph(f"Rule: {one.rule}", 2)
        yield from _thresholds(one.thresholds)
        for steps in one.steps:
            yield from self._steps(steps)
        for note in one.notes:
            yield from _paragraph(f"Note: {note}", 2)
        yield from self._run(one.run)

    def _at(self, instant: datetime) -> str:
        return f"{instant.astimezone(self.zone):%H:%M on %a %d %b %Y}"


def _wrote(flag: FlagTold) -> str:
    if flag.written_by is None:
        return "; no write of the column is known"
    if flag.run is not None and flag.written_by == flag.run.id:
        return "; it also wrote the column"
    return f"; run {flag.written_by} last wrote the column"


def _thresholds(told: Iterable[ThresholdTold]) -> Iterator[str]:
    for one in dict.fromkeys((one.name, str(_number(one.value)), one.where) for one in told):
        yield from _paragraph(f"Threshold: {one[0]} {one[1]} ({one[2]})", 2)


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(amount_words(unit, amount) for unit, amount in value.items())
    return value


def _word(value: Any) -> str:
    if value is None or value == ():
        return "blank"
    if isinstance(value, tuple):
        return ", ".join(map(_word, value))
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return figure(value) if isinstance(value, int | float) else clean(value)


def _paragraph(text: str, indent: int) -> Iterable[str]:
    return wrap(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_on_hyphens=False,
    )
