"""The escalations that name a line: by which rule each was raised, and by when somebody must act."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any

import numpy as np

from lists_sync.controls.matching import normal, normal_all
from lists_sync.errors import DefinitionError, FileError, StateError
from lists_sync.evaluate.act_by import act_by
from lists_sync.explain.act_by import act_by_steps, act_by_words
from lists_sync.explain.scene import days_of, threshold_of
from lists_sync.explain.told import EscalationTold, StepsTold, ThresholdTold, plain
from lists_sync.worktime import steps

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.definitions.jobs import EscalateRule, Job
    from lists_sync.definitions.policy import Policy
    from lists_sync.explain.ran import Ran
    from lists_sync.explain.standing import Standing

_LIST = "escalations"
_WATCH = "escalation-watch"
_MISSED = "missed/"
_FINDINGS = {
    "overdue_high_risk": "a high-risk line that is newly overdue for that due day",
    "flagged": "a line presented as fully resolved whose failure rate is not down enough, once a day",
    "not_fallen": "a line whose linked complaints have not fallen, once a day",
    "breach": "a closure that the panel approved with neither proof, or while approvals were suspended",
}
"""By finding: what it is raised for."""
_COMPARATORS = {"above": "above", "reaches": "at or above", "below": "below"}


def escalations_of(standing: Standing, ref: str) -> Iterator[EscalationTold]:
    """Yield the escalations that name a reference, oldest first."""
    snapshot, schema = standing.rows(_LIST), standing.definitions.schemas[_LIST]
    frame, wanted = snapshot.frames[_LIST], normal(ref)
    raised_by = {normal(one.key): one.run for one in standing.writes(_LIST, None)}
    marks = np.array([wanted in _refs(value) for value in frame["ActionRefs"]], dtype=bool)
    named = frame[marks].sort_values("RaisedAt", kind="stable")
    for id_ in named.index:
        row = {one.name: plain(named.loc[id_, one.name], one.kind) for one in schema.columns}
        yield _told(standing.ran, row, int(id_), raised_by.get(normal(str(row["EscalationKey"]))))


def _refs(value: Any) -> set[str]:
    return set(normal_all(value.split(";"))) - {""} if isinstance(value, str) else set()


@dataclass(frozen=True)
class _Found:
    """The rule by which an escalation was raised; None for a message, and for a missed window."""

    definitions: Definitions
    policy: Policy
    job: Job | None
    name: str
    rule: EscalateRule | None


def _told(ran: Ran, row: Mapping[str, Any], id_: int, number: int | None) -> EscalationTold:
    found = _find_rule(ran, row, number)
    known = ran.by_id.get(number) if number else None
    steps_told, notes = _steps(found, row)
    return EscalationTold(
        key=str(row["EscalationKey"]),
        job=str(row["Control"] or ""),
        severity=str(row["Severity"] or ""),
        to_role=str(row["ToRole"] or ""),
        raised_at=row["RaisedAt"],
        act_by=row["ActBy"],
        status=str(row["Status"] or ""),
        acknowledged_by=str(row["AcknowledgedBy"] or ""),
        acknowledged_at=row["AcknowledgedAt"],
        item=id_ if id_ > 0 else None,
        run=known.told if known else None,
        rule=_rule_words(found, row),
        thresholds=tuple(_thresholds(found)),
        steps=steps_told,
        notes=(*notes, *(["Made since the list was last read."] if id_ < 0 else [])),
    )


def _find_rule(ran: Ran, row: Mapping[str, Any], number: int | None) -> _Found:
    """Find by which rule of which files a key was raised: those of its run, else the newest."""
    definitions, policy = _files(ran, number)
    run = ran.by_id.get(number) if number else None
    key = str(row["EscalationKey"] or "")
    for name in dict.fromkeys(
        (run.job if run else "", _WATCH if "/step/" in key else "", str(row["Control"]))
    ):
        job = definitions.jobs.get(name)
        for rule_name, rule in job.escalate.items() if job else ():
            if _pattern(rule.key).fullmatch(key):
                return _Found(definitions, policy, job, rule_name, rule)
    return _Found(definitions, policy, definitions.jobs.get(str(row["Control"])), "", None)


def _files(ran: Ran, number: int | None) -> tuple[Definitions, Policy]:
    try:
        return ran.files_of(number) if number else ran.newest
    except (StateError, DefinitionError):
        return ran.newest


def _pattern(key: str) -> re.Pattern[str]:
    parts = Formatter().parse(key)
    return re.compile(
        "".join(re.escape(text) + (".+" if name is not None else "") for text, name, _, _ in parts)
    )


def _rule_words(found: _Found, row: Mapping[str, Any]) -> str:
    rule = found.rule
    if rule is None:
        if row["ActBy"] is None:
            return "A message for information: it names the line, and nobody has to act by a time."
        if str(row["EscalationKey"]).startswith(_MISSED):
            return "A window closed without a run, and somebody must look into it at once."
        return "The rule that raised it is not among the files that are kept here."
    if found.job is not None and found.job.name == _WATCH:
        return f"Nobody had acknowledged the one before it by its time. To act: {act_by_words(rule.act_by)}."
    if rule.finding:
        what = f"Raised once for {_FINDINGS.get(rule.finding, rule.finding.replace('_', ' '))}"
    elif rule.blank:
        what = f"Raised when {rule.measure} is not available"
    else:
        word = next(name for name in _COMPARATORS if getattr(rule, name) is not None)
        what = f"Raised when {rule.measure} is {_COMPARATORS[word]} {rule.limit:g}"
        what += f" in {rule.in_a_row} records running" if rule.in_a_row > 1 else ""
    return f"{what}. To act: {act_by_words(rule.act_by)}."


def _thresholds(found: _Found) -> Iterator[ThresholdTold]:
    rule, job = found.rule, found.job
    if rule is None or job is None:
        return
    names = [name for name in _COMPARATORS if getattr(rule, name) is not None]
    for name in (*names, "act_by"):
        yield threshold_of(found.definitions, found.policy, job, f"escalate.{found.name}.{name}")
    if rule.act_by == "moment" and _WATCH in found.definitions.jobs:
        watch = found.definitions.jobs[_WATCH]
        yield threshold_of(found.definitions, found.policy, watch, "settings.grace_hours")


def _steps(found: _Found, row: Mapping[str, Any]) -> tuple[tuple[StepsTold, ...], list[str]]:
    """Tell how ActBy came about, and say so where it stands otherwise than the rule has it."""
    rule, raised, by = found.rule, row["RaisedAt"], row["ActBy"]
    if rule is None or found.job is None or raised is None or by is None:
        return (), []
    calendar = days_of(found.job, found.definitions.provider.calendar)
    try:
        wanted = act_by(rule.act_by, raised, calendar)
    except FileError:
        return (), []
    told = act_by_steps(rule.act_by, raised, wanted, calendar)
    steps_told = (told,) if told else _grace(found, by)
    return steps_told, [] if wanted == by else ["ActBy stands otherwise than the rule has it."]


def _grace(found: _Found, by: Any) -> tuple[StepsTold, ...]:
    """Tell how long the watch waits where somebody must act at once."""
    watch = found.definitions.jobs.get(_WATCH)
    if found.rule is None or found.rule.act_by != "moment" or watch is None:
        return ()
    hours = watch.settings["grace_hours"]
    calendar = found.definitions.provider.calendar
    title = f"Unacknowledged, it goes up after {hours:g} working hour{'' if hours == 1 else 's'}"
    return (StepsTold(title, steps(calendar, by, hours), calendar.add_working_hours(by, hours)),)
