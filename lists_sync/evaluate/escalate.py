"""From figures and findings to the escalations that should stand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from lists_sync.clock import iso
from lists_sync.controls.matching import normal, normal_all
from lists_sync.controls.percent import one_decimal
from lists_sync.evaluate.act_by import act_by
from lists_sync.evaluate.people import ACTION_OWNER, Staff
from lists_sync.evaluate.watch import NEXT_IN_CHAIN, steps
from lists_sync.model import Escalation, Severity

if TYPE_CHECKING:
    from lists_sync.controls import Figure, Judged, Remembered
    from lists_sync.definitions.jobs import EscalateRule, Job, MessageRule
    from lists_sync.worktime import Calendar


KEY_LENGTH = 255
"""Characters that the key's column holds."""

_MARK_LENGTH = 16


@dataclass(frozen=True)
class Case:
    """All that an escalation of one run is made from.

    Args:
        unusable_count: items, among those the job reads, with a value that could not be used.
        at_shift_end: whether the slot answers for the shift's end.
        records: whether the slot writes the record; only then are messages made.
    """

    job: Job
    judged: Judged
    staff: Staff
    calendar: Calendar
    remembered: Remembered
    slot: datetime
    moment: datetime
    unusable_count: int = 0
    at_shift_end: bool = False
    records: bool = True

    @property
    def burst(self) -> str:
        """The burst of the moment's local day, as keys name it."""
        return str(self.judged.measures.get("BurstId") or f"B-{self.day}")

    @property
    def day(self) -> str:
        """The local day of the moment."""
        return self.calendar.local_date(self.moment).isoformat()

    @property
    def slot_name(self) -> str:
        """The slot as keys name it: `2026-11-23T08:15Z`."""
        return f"{iso(self.slot)[:16]}Z"

    @cached_property
    def raised(self) -> frozenset[str]:
        """The keys that were ever raised, in the form in which keys are compared."""
        return frozenset(normal_all(sorted(self.remembered.raised_keys)))

    @cached_property
    def deadlines(self) -> dict[str, datetime]:
        """By rule: by when to act; the same for all that a rule raises in one run."""
        rules = self.job.escalate.items()
        return {name: act_by(rule.act_by, self.moment, self.calendar) for name, rule in rules}


def escalations(case: Case) -> Iterator[Escalation]:
    """Yield what should stand: each rule of the job that is met, then its messages."""
    for name, rule in case.job.escalate.items():
        if (rule.at and not case.at_shift_end) or (rule.when and not _figure(case, rule.when)):
            continue
        if rule.to == NEXT_IN_CHAIN:
            yield from steps(case, name, rule)
        elif rule.finding:
            yield from _by_finding(case, name, rule)
        elif _is_met_now(case, name, rule):
            yield _by_measure(case, name, rule)
    for name, message in case.job.messages.items():
        if case.records and _has_something_to_tell(case, message):
            yield _message(case, name, message)


def _is_met_now(case: Case, name: str, rule: EscalateRule) -> bool:
    """Tell whether a rule is met in this record, and in as many before it as it asks for."""
    stood = case.remembered.stood.get(name, 0)
    return is_met(rule, case.judged.measures.get(rule.measure)) and stood + 1 >= rule.in_a_row


def _has_something_to_tell(case: Case, message: MessageRule) -> bool:
    """Tell whether a message's figure or finding is there, and what keeps it back is not."""
    if message.unless and _figure(case, message.unless):
        return False
    return not message.when or bool(_figure(case, message.when))


def _figure(case: Case, name: str) -> Any:
    """Give a measure, whether the rule that holds it is met, or how many items a finding stands for."""
    for hold in case.job.holds.values():
        if hold.measure == name:
            rule = case.job.escalate[hold.rule]
            return is_met(rule, case.judged.measures.get(rule.measure))
    if name in case.judged.measures:
        return case.judged.measures[name]
    rows = case.judged.findings.get(name, pd.DataFrame())
    return case.judged.facts.get("totals", {}).get(name, len(rows))


def is_met(rule: EscalateRule, measure: Figure) -> bool:
    """Tell whether a measure is past the limit; one not available is so only for a rule that asks for it."""
    if rule.blank:
        return measure is None
    if measure is None or isinstance(measure, str):
        return False
    if rule.above is not None:
        return measure > rule.above
    if rule.reaches is not None:
        return measure >= rule.reaches
    return rule.below is not None and measure < rule.below


def _by_finding(case: Case, name: str, rule: EscalateRule) -> Iterator[Escalation]:
    """One escalation a key that was never raised, for the line's owner where the rule says so.

    Lines of one key, which share their reference and due day, are told together: each owner is asked.
    """
    found: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for line in lines_of(case.judged.findings.get(rule.finding, pd.DataFrame())):
        named = {name: line.get(name) for name in ("ref", "due_day", "review") if line.get(name) is not None}
        key = key_of(case, rule, **named)
        same = normal(key)
        if same not in case.raised:
            found.setdefault(same, (key, []))[1].append(line)
    for key, lines in found.values():
        yield _escalation(case, name, rule, key=key, lines=lines)


def key_of(case: Case, rule: EscalateRule, **named: object) -> str:
    """Fill the rule's key; one that the column cannot hold is cut, and ends in a mark of its own."""
    return cut_key(rule.key.format(slot=case.slot_name, day=case.day, burst=case.burst, **named))


def cut_key(key: str) -> str:
    """Give a key as its column can hold it: one too long is cut, and ends in a mark of its own."""
    if len(key) <= KEY_LENGTH:
        return key
    mark = hashlib.sha256(normal(key).encode()).hexdigest()[:_MARK_LENGTH]
    return f"{key[: KEY_LENGTH - _MARK_LENGTH - 1]}~{mark}"


def _by_measure(case: Case, name: str, rule: EscalateRule) -> Escalation:
    rows = case.judged.findings.get(rule.measure, pd.DataFrame())
    return _escalation(
        case,
        name,
        rule,
        key=key_of(case, rule),
        lines=lines_of(rows),
        count=plain_figure(case.judged.measures.get(rule.measure)),
        limit=rule.limit,
        since=case.remembered.standing.get(name),
        total=case.judged.facts.get("totals", {}).get(rule.measure, len(rows)),
    )


def _escalation(
    case: Case, name: str, rule: EscalateRule, *, key: str, lines: list[dict[str, Any]], **more: Any
) -> Escalation:
    service = str(lines[0]["service"] or "") if rule.finding and lines else ""
    wanted, holders = _recipients(case.staff, rule, lines, service)
    to_role, holders, passed = case.staff.reached(wanted, holders, service)
    copies = tuple(role for role in rule.copy if role != to_role)
    by = case.deadlines[name]
    return Escalation(
        key=key,
        control=case.job.name,
        rule=name,
        severity=rule.severity,
        raised_at=case.moment,
        act_by=by,
        to_role=to_role,
        copy_roles=copies,
        to_person=holders[0] if holders else "",
        people=_names(case.staff, holders, copies, lines, service),
        refs=_refs(lines),
        facts=_facts(case, rule.template, lines, act_by=iso(by), **more),
        passed_over=passed,
    )


def _recipients(
    staff: Staff, rule: EscalateRule, lines: list[dict[str, Any]], service: str
) -> tuple[str, tuple[str, ...]]:
    """Give the role that must act and its people; an owner who is not there gives way to `otherwise`."""
    if rule.to != ACTION_OWNER:
        return rule.to, staff.holders(rule.to, service)
    owners = staff.owners(line["owner"] for line in lines)
    if owners or not rule.otherwise:
        return ACTION_OWNER, owners
    return rule.otherwise, staff.holders(rule.otherwise, service)


def _names(
    staff: Staff,
    holders: tuple[str, ...],
    copies: tuple[str, ...],
    lines: list[dict[str, Any]],
    service: str,
) -> tuple[str, ...]:
    """Name everybody who is told, the recipient first, each once."""
    told = list(holders)
    for role in copies:
        is_owner = role == ACTION_OWNER
        told += staff.owners(line["owner"] for line in lines) if is_owner else staff.holders(role, service)
    return tuple(staff.name(email) for email in dict.fromkeys(told))


def _message(case: Case, name: str, message: MessageRule) -> Escalation:
    """Give an Information row: it asks for nothing and so has no act-by."""
    rows = case.judged.findings.get(message.finding, pd.DataFrame())
    lines = lines_of(rows.head(message.lines))
    to_role, holders, passed = case.staff.reached(message.to, case.staff.holders(message.to))
    total = case.judged.facts.get("totals", {}).get(message.finding, len(rows))
    return Escalation(
        key=f"{case.job.name}/message/{case.slot_name}",
        control=case.job.name,
        rule=name,
        severity=Severity.INFORMATION,
        raised_at=case.moment,
        act_by=None,
        to_role=to_role,
        copy_roles=tuple(role for role in message.copy if role != to_role),
        to_person=holders[0] if holders else "",
        people=_names(case.staff, holders, message.copy, lines, ""),
        refs=_refs(lines),
        facts=_facts(
            case,
            message.template,
            lines,
            total=total,
            meeting=_meeting(case, message.meeting),
        ),
        passed_over=passed,
    )


def _meeting(case: Case, at: time | None) -> str | None:
    """Give when the slot's meeting begins, while it has not: a late message must not point to a past one."""
    if at is None:
        return None
    begins = case.calendar.instant(case.calendar.local_date(case.slot), at)
    return iso(begins) if case.moment <= begins else None


def _refs(lines: list[dict[str, Any]]) -> tuple[str, ...]:
    """Give the references, each once however it was typed."""
    told: dict[str, str] = {}
    for line in lines:
        told.setdefault(normal(line["ref"]), line["ref"])
    return tuple(told.values())


def _facts(case: Case, template: str, lines: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Give what a message may name: figures, references and instants, never free text."""
    given = {name: value for name, value in more.items() if value is not None}
    if "since" in given:
        given["since"] = iso(given["since"])
    return {
        "template": template,
        "measures": {name: plain_figure(value) for name, value in case.judged.measures.items()},
        "count": len(lines),
        "limit": None,
        "lines": lines,
        "total": len(lines),
        "slot": iso(case.slot),
        "moment": iso(case.moment),
        "act_by": None,
        "unusable": case.unusable_count,
        **given,
    }


def plain_figure(figure: Figure) -> Figure:
    """Give a ratio to one decimal, as messages show it."""
    return one_decimal(figure) if isinstance(figure, Fraction) else figure


def lines_of(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a finding's rows as plain values; what is missing is None."""
    told = []
    for row in rows.reset_index().to_dict("records"):
        plain = {name: None if _is_missing(value) else value for name, value in row.items()}
        if isinstance(due := plain.get("due"), pd.Timestamp):
            plain["due"] = iso(due.to_pydatetime())
        plain["defects"] = list(plain.get("defects") or ())
        told.append({str(name): value for name, value in plain.items()})
    return told


def _is_missing(value: Any) -> bool:
    return value is None or (not isinstance(value, tuple) and bool(pd.isna(value)))
