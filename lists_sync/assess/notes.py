"""What a reader of the figures must know about how the file was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from lists_sync.assess.gather import Source
from lists_sync.assess.mapping import MAIN
from lists_sync.messages.words import counted, measure_words
from lists_sync.model import DataFault, Outcome

if TYPE_CHECKING:
    from lists_sync.definitions.jobs import Job


def reading_notes(
    sources: Sequence[Source],
    faults: Sequence[DataFault],
    outcomes: Sequence[tuple[Job, Outcome]],
    start: datetime,
) -> list[str]:
    """Give the notes of the sheets, then of the runs, each once."""
    notes = []
    for source in sources:
        label = "" if source.key == MAIN else f"{source.key}: "
        notes += [f"{label}{note}." for note in source.rows.notes]
        for name, words in source.proposal.unknown.items():
            rows = sum(words.values())
            unread = " Such lines count as live." if name == "Status" else ""
            told = f"{counted(len(words), 'word')} of {measure_words(name).lower()} on {counted(rows, 'row')}"
            notes.append(f"{label}{told} could not be matched with ours.{unread}")
    closed = _closed_without_time(sources[0], faults)
    if closed:
        notes.append(f"{counted(closed, 'closed line')} without a closing time: left out of 1.4.")
    notes.append(
        f"1.4 looks back to {start:%H:%M} on {start:%A} {start.day} {start:%B}: no earlier review is known."
    )
    keys = {source.key for source in sources}
    if "register" in keys and "deadline_changes" not in keys:
        notes.append(
            "Approved deadline changes are not known (--changes FILE): "
            "due dates are held against the register alone."
        )
    told_by_run = [
        note for _, outcome in outcomes for note in outcome.notes if not note.startswith("Nobody active")
    ]
    return list(dict.fromkeys([*notes, *told_by_run]))


def _closed_without_time(tracker: Source, faults: Sequence[DataFault]) -> int:
    if "ClosedOn" not in tracker.proposal.columns:
        return 0
    wrong = {fault.id for fault in faults if (fault.list, fault.column) == (MAIN, "ClosedOn")}
    return sum(
        item.fields.get("Status") == "Closed" and "ClosedOn" not in item.fields and item.id not in wrong
        for item in tracker.rows.items
    )
