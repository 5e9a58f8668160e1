"""The story of a rehearsal: which threshold was crossed and cleared, when, and what people did meanwhile.

Everything is told from the runs' own results; nothing of it is written down beforehand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import typer

from lists_sync.clock import iso
from lists_sync.evaluate.escalate import is_met
from lists_sync.messages.words import day_words, measure_words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from lists_sync.cli.rehearsal import Deed
    from lists_sync.definitions.jobs import EscalateRule, Job
    from lists_sync.runner import Report

WIDTH = 80
ALIKE_COUNT = 2
_NAMED = 46
_FINDINGS = {
    "overdue-high-risk": ("High-risk lines newly overdue", ""),
    "reduction": ("Fully resolved on too small a reduction", "FlaggedCount"),
    "not-fallen": ("Complaints not fallen at a review point", "NotFallenCount"),
    "breach": ("Approved against the rules", ""),
}
"""By rule on a finding: its words, and the measure that counts what it finds; "" where none does."""


@dataclass(frozen=True)
class Threshold:
    """One threshold of the governance day, and when it was first crossed and then cleared.

    Args:
        crossed: the slot that first raised it; None where none did.
        cleared: the slot of the first later record at which it is no longer met.
    """

    control: str
    job: str
    words: str
    crossed: datetime | None
    cleared: datetime | None


def thresholds(jobs: Iterable[Job], reports: Sequence[Report]) -> list[Threshold]:
    """Tell of each threshold of the fifteen controls when it was crossed and when it was cleared.

    The record of a burst is updated all day: of a later burst its last state counts. Of the records that have
    a row a line the first of a later day counts, since those of the afternoon are of newly proposed lines.
    """
    found = []
    for job in sorted(jobs, key=lambda one: one.control):
        mine = [report for report in reports if report.outcome.job == job.name]
        if "." in job.control and mine:
            found += [_followed(job, name, mine) for name in job.escalate]
            found += _deferral(job, mine)
    return found


def _followed(job: Job, name: str, reports: Sequence[Report]) -> Threshold:
    rule = job.escalate[name]
    words, measure = _FINDINGS.get(name, (name.replace("-", " ").capitalize(), ""))
    if rule.measure:
        words = _rule_words(rule)
    raised = [
        place for place, one in enumerate(reports) if name in {raised.rule for raised in one.escalations}
    ]
    if not raised:
        return Threshold(job.control, job.name, words, None, None)
    crossed = reports[raised[0]]
    later = [one for one in reports[raised[0] + 1 :] if one.outcome.records]
    if job.record_per == "burst":
        later = _last_of_bursts(crossed, later)
    if job.record_per == "line":
        later = _first_of_days(crossed, later)
    cleared = next((one for one in later if not _is_met(rule, name, measure, one)), None)
    return Threshold(
        job.control, job.name, words, crossed.outcome.slot, cleared.outcome.slot if cleared else None
    )


def _last_of_bursts(crossed: Report, later: Sequence[Report]) -> list[Report]:
    """Keep the later runs of the same day, and of each day after it the last."""
    last = {_day(report): report for report in later}
    return [one for one in later if _day(one) == _day(crossed) or last[_day(one)] is one]


def _first_of_days(crossed: Report, later: Sequence[Report]) -> list[Report]:
    """Keep of each day after the crossing the first run that recorded any line."""
    first: dict[date, Report] = {}
    for one in later:
        if one.outcome.record_rows and _day(one) > _day(crossed):
            first.setdefault(_day(one), one)
    return list(first.values())


def _day(report: Report) -> date:
    return report.outcome.slot.date()


def _is_met(rule: EscalateRule, name: str, measure: str, report: Report) -> bool:
    """Tell whether a threshold is still met; a figure that is not available clears nothing."""
    measures: Mapping[str, Any] = report.outcome.measures
    if rule.measure:
        value = measures.get(rule.measure)
        return is_met(rule, value) or (value is None and not rule.blank)
    if measure in measures:
        return bool(measures[measure])
    return name in {raised.rule for raised in report.escalations}


def _rule_words(rule: EscalateRule) -> str:
    """Give a rule on a measure in words, with the limit that stands in the job's file."""
    if rule.blank:
        limit = "missing"
    elif rule.above is not None:
        limit = f"above {rule.above:g}"
    elif rule.reaches is not None:
        limit = f"reaching {rule.reaches:g}"
    else:
        limit = f"below {rule.below:g}"
    times = "twice" if rule.in_a_row == 2 else f"{rule.in_a_row} times"  # noqa: PLR2004  # the word for two
    running = f", {times} running" if rule.in_a_row > 1 else ""
    return f"{measure_words(rule.measure)} {limit}{' at ' + rule.at if rule.at else ''}{running}"


def _deferral(job: Job, reports: Sequence[Report]) -> Iterator[Threshold]:
    """Tell of the deferral that needs no panel, which is a rule of the gate and raises nothing."""
    settled = [report for report in reports if report.outcome.records]
    if not any("SystemDecision" in columns for columns in job.writes.values()) or not job.control.startswith(
        "3."
    ):
        return
    crossed = next((one for one in settled if _defers(one)), None)
    later = [one for one in settled if crossed and one.outcome.slot > crossed.outcome.slot]
    cleared = next((one for one in later if not _defers(one)), None)
    yield Threshold(
        job.control,
        job.name,
        "Deferred of itself, for want of both proofs",
        crossed.outcome.slot if crossed else None,
        cleared.outcome.slot if cleared else None,
    )


def _defers(report: Report) -> bool:
    """Tell whether a run deferred a review that the panel had not deferred itself."""
    return any(
        change.values.get("SystemDecision", (None, None))[1] == "Deferred"
        for change in report.changes
        if change.list == "closure_reviews"
    )


def story_json(found: Iterable[Threshold]) -> list[dict[str, Any]]:
    """Give the story for scripts."""
    return [
        {
            "control": one.control,
            "job": one.job,
            "threshold": one.words,
            "crossed_at": iso(one.crossed) if one.crossed else None,
            "cleared_at": iso(one.cleared) if one.cleared else None,
        }
        for one in found
    ]


def deeds_json(deeds: Iterable[Deed]) -> list[dict[str, str]]:
    """Give what people did for scripts."""
    return [{"at": iso(one.at), "who": one.who, "what": one.what} for one in deeds]


def print_story(found: Sequence[Threshold], zone: ZoneInfo) -> None:
    """Print the table of thresholds, and which were not crossed or not cleared."""
    typer.echo("The story: when each threshold was first crossed, and when cleared")
    typer.echo(f"  {'':<4} {'threshold':<{_NAMED}} {'crossed':<13} {'cleared':<12}".rstrip())
    for one in found:
        crossed, cleared = _when(one.crossed, zone), _when(one.cleared, zone)
        typer.echo(f"  {one.control:<4} {one.words[:_NAMED]:<{_NAMED}} {crossed:<13} {cleared:<12}".rstrip())
    missing = [one for one in found if one.crossed is None]
    standing = [one for one in found if one.crossed and one.cleared is None]
    _print_names("Not crossed", missing)
    _print_names("Crossed and not cleared", standing)
    if not missing and not standing:
        typer.echo("  Every threshold was crossed and cleared.")


def _when(slot: datetime | None, zone: ZoneInfo) -> str:
    return f"{slot.astimezone(zone):%a %d %H:%M}" if slot else "-"


def _print_names(head: str, found: Sequence[Threshold]) -> None:
    if found:
        told = f"{head}: " + "; ".join(f"{one.control} {one.words}" for one in found) + "."
        typer.echo("\n".join(wrap(told, WIDTH, initial_indent="  ", subsequent_indent="    ")))


def print_answers(reports: Sequence[Report], zone: ZoneInfo) -> None:
    """Print how what was put before people was answered, as far as the watch had to step in."""
    told = [one for report in reports for one in report.escalations]
    steps = [one for one in told if one.step]
    asked = [one for one in told if one.act_by and not one.step]
    late = f"{len(steps)} went a step up, since nobody took them up in time"
    lines = [f"{len(asked)} matters were put before people; {late}."]
    passed = sorted(
        {
            (role, f"{one.raised_at.astimezone(zone):%A}", one.to_role)
            for one in told
            for role in one.passed_over
        }
    )
    lines += [
        f"On {day} nobody held the role {role}: what was due to it went to the {to}."
        for role, day, to in passed
    ]
    for line in lines:
        typer.echo("\n".join(wrap(line, WIDTH, initial_indent="  ", subsequent_indent="    ")))


def print_deeds(deeds: Sequence[Deed]) -> None:
    """Print what people did, day by day, a line each; what several did alike is counted."""
    typer.echo("What people did")
    for day, group in groupby(deeds, key=lambda one: one.at.date()):
        typer.echo(f"  {day_words(day)}")
        mine = list(group)
        counts = Counter(one.what for one in mine)
        told: set[str] = set()
        for one in mine:
            often = counts[one.what] > ALIKE_COUNT
            if not (often and one.what in told):
                who = f"{counts[one.what]} times somebody" if often else one.who
                typer.echo(f"    {one.at:%H:%M} {who} {one.what}"[:WIDTH])
            told.add(one.what)
