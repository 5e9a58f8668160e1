"""One step up the chain for each escalation that nobody took up in time.

Source: controls.md section 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lists_sync.clock import iso
from lists_sync.evaluate.people import next_role
from lists_sync.model import Escalation

if TYPE_CHECKING:
    from lists_sync.definitions.jobs import EscalateRule
    from lists_sync.evaluate.escalate import Case

NEXT_IN_CHAIN = "next in chain"
"""The recipient of a rule that goes one step up from the role that was asked before."""


def steps(case: Case, name: str, rule: EscalateRule) -> Iterator[Escalation]:
    """Yield the next step of each escalation that is past its time; above the chain's end there is none."""
    for row in case.judged.findings[rule.finding].to_dict("records"):
        wanted = next_role(str(row["role"]))
        if wanted:
            yield _step(case, name, rule, row=row, wanted=wanted)


def _step(case: Case, name: str, rule: EscalateRule, *, row: dict[Any, Any], wanted: str) -> Escalation:
    service = str(row["service"])
    role, holders, passed = case.staff.reached(wanted, case.staff.holders(wanted, service), service)
    by = case.deadlines[name]
    facts = {
        "template": rule.template,
        "slot": iso(case.slot),
        "moment": iso(case.moment),
        "about": row["about"],
        "asked": row["role"],
        "original": row["key"],
        "total": len(row["refs"]),
    }
    return Escalation(
        key=str(row["next_key"]),
        control=str(row["about"]) or case.job.name,
        rule=name,
        severity=rule.severity,
        raised_at=case.moment,
        act_by=by,
        to_role=role,
        to_person=holders[0] if holders else "",
        people=tuple(case.staff.name(one) for one in holders),
        refs=tuple(row["refs"]),
        facts=facts,
        step=int(row["step"]),
        passed_over=passed,
    )
