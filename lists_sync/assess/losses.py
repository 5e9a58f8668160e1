"""What a tracker cannot answer: which figure is lost for want of which column or list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lists_sync.messages.words import measure_words

if TYPE_CHECKING:
    from lists_sync.definitions.jobs import Job

_DEFINITION = ("Owner", "EvidenceRequirement", "ValidationMethod", "ClosureRule", "QualityStatements")

NEEDS: Mapping[str, tuple[str, ...]] = {
    "OverdueHighRisk": ("RiskRating",),
    "EvidenceOverdue": ("EvidenceDueDate", "list:evidence"),
    "MismatchedDeadlines": ("ActionRef", "list:register"),
    "MissingEvidenceDue": ("EvidenceDueDate",),
    "InactiveOwners": ("Owner", "list:managers"),
    "IntegrityDefects": ("ActionRef", "list:register", "EvidenceDueDate", "Owner", "list:managers"),
    "DefinitionGaps": _DEFINITION,
    "ClosedOnSchedule": ("ClosedOn",),
    "MissedUnder24h": ("ClosedOn",),
    "Missed24hOrMore": ("ClosedOn",),
    "SevereThisCycle": ("ClosedOn",),
}
"""By measure: columns of the tracker and further lists that it needs beside Status and DueDate."""

_NAMES = {"ClosedOn": "the closing date"}
_LISTS = {
    "list:evidence": "which evidence files there are, and no tracker says that",
    "list:register": "the register of agreed dates (--register FILE)",
    "list:managers": "who is an active manager (--managers FILE)",
}

WORD_NEEDS: Mapping[str, str] = {
    "Mismatched deadline": "MismatchedDeadlines",
    "Missing evidence due date": "MissingEvidenceDue",
    "Inactive owner": "InactiveOwners",
}
"""By word of the result column IntegrityDefects: the measure that must be there."""


@dataclass(frozen=True)
class Loss:
    """A figure that could not be judged; it is blank, not 0.

    Args:
        at_least: what its parts that could be judged come to, None where that says nothing.
    """

    control: str
    measure: str
    why: str
    at_least: int | None = None


def losses(job: Job, columns: frozenset[str], lists: frozenset[str]) -> Iterator[Loss]:
    """Yield what a job cannot judge with these columns of the tracker and these further lists."""
    have = columns | {f"list:{key}" for key in lists}
    for measure in job.measures:
        missing = [need for need in NEEDS.get(measure, ()) if need not in have]
        if missing:
            yield Loss(job.control, measure, _why(missing))


def _why(missing: list[str]) -> str:
    columns = [_NAMES.get(need, measure_words(need).lower()) for need in missing if need not in _LISTS]
    told = []
    if columns:
        names = ", ".join(columns[:-1]) + (" and " if len(columns) > 1 else "") + columns[-1]
        told.append(f"a column for {names}")
    told += [_LISTS[need] for need in missing if need in _LISTS]
    return "needs " + "; ".join(told)
