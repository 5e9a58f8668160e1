"""Judges a tracker file: the controls of jobs/*.yaml over its rows, blank where the file cannot tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lists_sync.assess.gather import Gatherer, Request, Source
from lists_sync.assess.losses import WORD_NEEDS, Loss, losses
from lists_sync.assess.mapping import MAIN, OTHERS, MappingFile, read_mapping
from lists_sync.assess.mapping_text import mapping_text
from lists_sync.assess.notes import reading_notes
from lists_sync.assess.people import People
from lists_sync.assess.rows import as_judged
from lists_sync.controls import Remembered
from lists_sync.evaluate import evaluate
from lists_sync.model import DataFault, Outcome
from lists_sync.snapshot import build

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.definitions.jobs import Job

CONTROLS = ("1.1", "1.2", "1.4")
_UNTOLD = frozenset({"EvidenceState"})
"""Result columns that rest on lists which no tracker brings along."""


@dataclass(frozen=True)
class Assessment:
    """What a tracker could and could not answer.

    Args:
        sources: the tracker first, then what further lists there were.
        chosen: why this sheet, "" where there was but one.
        outcomes: one a control, with blank measures where something was lost.
        results: by row number: by result column: value.
        people: names met, with the address known or "".
    """

    moment: datetime
    sources: tuple[Source, ...]
    chosen: str
    outcomes: tuple[tuple[Job, Outcome], ...]
    losses: tuple[Loss, ...]
    faults: tuple[DataFault, ...]
    results: Mapping[int, Mapping[str, Any]]
    pressing: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]
    people: Mapping[str, str]
    mapping: str

    @property
    def tracker(self) -> Source:
        """The sheet of action lines."""
        return self.sources[0]


def assess_file(request: Request, definitions: Definitions) -> Assessment:
    """Judge a tracker; nothing is written.

    Raises:
        TableError: a file is no table, or lacks a column without which nothing can be judged.
        FileError: the mapping file is wrong, with the line of each fault.
    """
    schemas = definitions.schemas
    given = read_mapping(request.mapping, schemas) if request.mapping else MappingFile()
    people = People(given.people)
    reader = Gatherer(request, given, people, definitions)
    tracker, chosen, others = reader.find()
    sources = reader.read(tracker, others)
    return _judge(request, definitions, sources, chosen=chosen, people=people, month_first=given.month_first)


def _judge(
    request: Request,
    definitions: Definitions,
    sources: tuple[Source, ...],
    *,
    chosen: str,
    people: People,
    month_first: bool,
) -> Assessment:
    """Run the controls, and take back what the file cannot answer."""
    calendar, schemas = definitions.provider.calendar, definitions.schemas
    jobs = [job for job in definitions.jobs.values() if job.control in CONTROLS]
    by_key = {source.key: source.rows.items for source in sources}
    keys = {MAIN, *OTHERS, *(key for job in jobs for key in (*job.reads, *job.also_reads))}
    snapshot = build(
        {key: by_key.get(key, ()) for key in sorted(keys)},
        {key: as_judged(schemas[key]) for key in keys},
        people={},
        zones={},
        provider_zone=calendar.zone,
        moment=request.moment,
    )
    start = calendar.same_time_previous_working_day(request.moment)
    remembered = Remembered(None, first_run=True, cycle_start=start, cycle_end=request.moment)
    columns = frozenset(sources[0].proposal.columns)
    outcomes, lost = [], []
    for job in sorted(jobs, key=lambda one: one.control):
        outcome = evaluate(
            job,
            snapshot,
            provider=definitions.provider,
            calendar=calendar,
            remembered=remembered,
            slot=request.moment,
            moment=request.moment,
        )
        missing = list(losses(job, columns, frozenset(by_key)))
        lost += [_at_least(one, missing, outcome) for one in missing]
        outcomes.append((job, _taken_back(outcome, job, {one.measure for one in missing})))
    proposals = [source.proposal for source in sources]
    return Assessment(
        request.moment,
        sources,
        chosen,
        tuple(outcomes),
        tuple(lost),
        snapshot.faults,
        _results(outcomes, {one.measure for one in lost}),
        _pressing(outcomes),
        tuple(reading_notes(sources, snapshot.faults, outcomes, start.astimezone(calendar.zone))),
        people.names,
        mapping_text(proposals, schemas, people=people.names, month_first=month_first),
    )


def _at_least(loss: Loss, missing: Sequence[Loss], outcome: Outcome) -> Loss:
    """Say what the known parts of the sum of defects come to, where the sum itself is lost."""
    if loss.measure != "IntegrityDefects":
        return loss
    lost = {one.measure for one in missing}
    parts = [outcome.measures[name] for name in WORD_NEEDS.values() if name not in lost]
    known_parts = [part for part in parts if isinstance(part, int)]
    return replace(loss, at_least=sum(known_parts)) if known_parts else loss


def _taken_back(outcome: Outcome, job: Job, lost: set[str]) -> Outcome:
    """Blank the measures that were lost, and drop the escalations that stood on them."""
    measures = {name: None if name in lost else value for name, value in outcome.measures.items()}
    kept = tuple(
        one
        for one in outcome.escalations
        if one.rule not in job.escalate or job.escalate[one.rule].measure not in lost
    )
    return replace(outcome, measures=measures, escalations=kept)


def _results(outcomes: Sequence[tuple[Job, Outcome]], lost: set[str]) -> dict[int, dict[str, Any]]:
    """Give the result columns by row, without what was lost."""
    results: dict[int, dict[str, Any]] = {}
    for _, outcome in outcomes:
        if MAIN not in outcome.wanted:
            continue
        frame = outcome.wanted[MAIN]
        for name in map(str, frame.columns):
            if name in _UNTOLD or (name == "HighRiskOverdue" and "OverdueHighRisk" in lost):
                continue
            for id_, value in zip(frame.index.tolist(), frame[name], strict=True):
                results.setdefault(int(id_), {})[name] = _result(name, value, lost)
    return results


def _result(name: str, value: Any, lost: set[str]) -> Any:
    if isinstance(value, tuple):
        return tuple(word for word in value if WORD_NEEDS.get(word) not in lost) or None
    if value is None or value != value:  # noqa: PLR0124  # only what is missing is unlike itself
        return None
    return bool(value) if name == "HighRiskOverdue" else value


def _pressing(outcomes: Sequence[tuple[Job, Outcome]]) -> tuple[Mapping[str, Any], ...]:
    for _, outcome in outcomes:
        for one in outcome.escalations:
            if str(one.severity) == "Information":
                return tuple(one.facts["lines"])
    return ()
