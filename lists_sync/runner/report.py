"""What a run found and did."""

from __future__ import annotations

from dataclasses import dataclass, field

from lists_sync.deliver import Delivered
from lists_sync.model import Answer, Change, Escalation, Outcome, Plan
from lists_sync.runner.missed import MissedSlot


@dataclass
class Report:
    """What a run found and did; what `run --json` prints.

    Args:
        changes: the items changed, as confirmed (in a dry run: that would be).
        escalations: those newly raised.
        delivered: what came of the posts to Teams.
        told: sentences on how the run went.
        missed: windows that closed without a run, as this run found and recorded them.
        conflicts: items that somebody kept editing, and rows of ours that could not be made now.
        refused: writes that the service refused for good.
    """

    run: int
    outcome: Outcome
    plan: Plan
    changes: tuple[Change, ...]
    escalations: tuple[Escalation, ...]
    conflicts: int = 0
    refused: tuple[Answer, ...] = ()
    rows_made: int = 0
    delivered: Delivered = field(default_factory=Delivered)
    missed: tuple[MissedSlot, ...] = ()
    dry_run: bool = False
    told: tuple[str, ...] = ()

    @property
    def writes(self) -> int:
        """Items changed and escalations raised."""
        return len(self.changes) + len(self.escalations)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of how the figures came about, and of what was not handed over."""
        return tuple(note for note in (*self.told, *self.outcome.notes, self.delivered.note) if note)

    @property
    def late_minutes(self) -> int:
        """Whole minutes between the slot and the moment."""
        return int((self.outcome.moment - self.outcome.slot).total_seconds() // 60)

    @property
    def result(self) -> str:
        """The word of Control runs."""
        faulty = self.conflicts or self.refused or self.outcome.faults
        return "Completed with faults" if faulty else "Completed"
