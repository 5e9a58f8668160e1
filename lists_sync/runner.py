"""One run of one job: the stations in order, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from lists_sync.clock import iso, now
from lists_sync.errors import ListsSyncError
from lists_sync.evaluate import evaluate
from lists_sync.memory import first_seen, remembered
from lists_sync.messages import render
from lists_sync.model import Answer, Answered, Change, Escalation, Outcome, Plan, Snapshot, Value
from lists_sync.outbox import Outbox
from lists_sync.plan.build import build_plan
from lists_sync.plan.limits import check_limits
from lists_sync.plan.rows import escalation_row, fault_count, row_to_hold, slot_key
from lists_sync.pull import pull, pull_items
from lists_sync.read import names, people, read_snapshot, workspace_links
from lists_sync.trail.runs import Runs
from lists_sync.write import Writer

if TYPE_CHECKING:
    from lists_sync.context import Context
    from lists_sync.definitions.jobs import Job

ROUNDS = 3
"""How often a run plans anew for items that somebody edits meanwhile; then the next run takes them."""

_ALWAYS = ("escalations", "control_runs")
_READ_AGAIN = (Answered.CONFLICT, Answered.GONE, Answered.UNKNOWN)


@dataclass
class Report:
    """What a run found and did; what `run --json` prints.

    Args:
        changes: the items changed, as confirmed (in a dry run: that would be).
        escalations: those newly raised.
        conflicts: items that somebody kept editing and that the next run takes.
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
    dry_run: bool = False

    @property
    def writes(self) -> int:
        """Items changed and escalations raised."""
        return len(self.changes) + len(self.escalations)

    @property
    def late_minutes(self) -> int:
        """Whole minutes between the slot and the moment."""
        return int((self.outcome.moment - self.outcome.slot).total_seconds() // 60)

    @property
    def result(self) -> str:
        """The word of Control runs."""
        faulty = self.conflicts or self.refused or self.outcome.faults
        return "Completed with faults" if faulty else "Completed"


def run_job(context: Context, job: Job, *, slot: datetime, moment: datetime, dry_run: bool = False) -> Report:
    """Pull, judge, plan, write and record one slot of a job.

    Args:
        slot: the scheduled minute the run answers for.
        moment: the instant the control evaluates at; data is as it stands now.
        dry_run: plan only: nothing is written to the workspace, and no run is recorded.

    Raises:
        LimitError: the plan is larger than the job allows; nothing was written.
        PartialDataError: what was read is not whole; nothing was judged.
        ListsSyncError: as the stations tell; the run is then kept as `Failed`.
    """
    stations = _Stations(context, job, slot, moment)
    if dry_run:
        stations.pull()
        snapshot, outcome = stations.judge()
        plan = stations.plan(snapshot, outcome, {})
        return Report(0, outcome, plan, plan.changes, plan.escalations, dry_run=True)
    runs = Runs(context.engine)
    number = runs.begin(job.name, slot=iso(slot), moment=iso(moment), started_at=iso(now()))
    try:
        report = _carry_out(stations, runs, number)
    except ListsSyncError:
        runs.finish(number, result="Failed", finished_at=iso(now()))
        raise
    runs.finish(number, result=report.result, finished_at=iso(now()), pull=stations.judged_pull)
    return report


class _Stations:
    """The stations of one run over one context; each takes a value and hands one on."""

    def __init__(self, context: Context, job: Job, slot: datetime, moment: datetime) -> None:
        self.context = context
        self.job = job
        self.slot = slot
        self.moment = moment
        self.judged_pull = 0
        self.accounts: dict[str, bool | None] | None = None
        self.keys = sorted({*job.reads, *job.writes, job.record, *_ALWAYS})
        self.schemas = context.definitions.schemas

    def pull(self) -> None:
        """Bring the mirror up to date for every list the job touches, and ask for accounts if it wants to."""
        workspace, mirror = self.context.workspace, self.context.mirror
        pull(workspace, mirror, self.keys, iso(now()))
        if self.job.settings.get("directory_check"):
            known = people(mirror, self.schemas["actions"].store).values()
            self.accounts = workspace.accounts(sorted(email for email in known if email))

    def judge(self) -> tuple[Snapshot, Outcome]:
        """Evaluate the control over the mirror as it stands."""
        definitions, mirror = self.context.definitions, self.context.mirror
        self.judged_pull = mirror.last_pull()
        snapshot = read_snapshot(mirror, definitions, self.keys, moment=self.moment)
        calendar = definitions.provider.calendar
        memory = remembered(self.job, snapshot, slot=self.slot, moment=self.moment, calendar=calendar)
        outcome = evaluate(
            self.job,
            snapshot,
            provider=definitions.provider,
            calendar=calendar,
            remembered=memory,
            slot=self.slot,
            moment=self.moment,
            first_seen=first_seen(mirror, snapshot, definitions.provider.lists),
            accounts=self.accounts,
            names=names(mirror, self.schemas["actions"].store),
        )
        return snapshot, outcome

    def plan(self, snapshot: Snapshot, outcome: Outcome, written: _Values) -> Plan:
        """Compare what should stand with what stands, and refuse what the job does not allow."""
        definitions = self.context.definitions
        links = workspace_links(self.context.workspace, self.keys)
        plan = build_plan(
            outcome,
            snapshot,
            self.schemas,
            record=self.job.record,
            render=lambda one: render(
                one, links=links, zone=definitions.provider.calendar.zone, templates=definitions.templates
            ),
            written=written,
        )
        check_limits(
            self.job.name,
            self.job.limits,
            changed_items=len(plan.changes),
            messages=len(plan.escalations),
        )
        return plan


_Values = dict[tuple[str, int], dict[str, Value]]


@dataclass
class _Rounds:
    """What the writing rounds came to."""

    snapshot: Snapshot
    outcome: Outcome
    plan: Plan
    done: list[Change] = field(default_factory=list)
    stale: list[Answer] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)

    def take(self, answers: Sequence[Answer]) -> None:
        """Sort the answers of a round by what is to be done about them."""
        self.done += [answer.change for answer in answers if answer.answered is Answered.DONE]
        self.refused += [answer for answer in answers if answer.answered is Answered.REFUSED]
        self.stale = [answer for answer in answers if answer.answered in _READ_AGAIN]

    def still_open(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Leave out what the service has refused for good."""
        refused = {(answer.change.list, answer.change.id) for answer in self.refused}
        return tuple(change for change in changes if (change.list, change.id) not in refused)


def _carry_out(stations: _Stations, runs: Runs, number: int) -> Report:
    writer = Writer(stations.context.workspace, Outbox(stations.context.engine))
    writer.settle()
    stations.pull()
    rounds = _write_rounds(stations, writer, number)
    raised = _make(writer, number, [escalation_row(one) for one in rounds.plan.escalations])
    recorded = _make(writer, number, rounds.plan.record)
    report = _report(number, rounds, raised, recorded)
    _record_run(stations, runs, writer, report, rounds)
    return report


def _write_rounds(stations: _Stations, writer: Writer, number: int) -> _Rounds:
    """Write item changes; for those somebody edited meanwhile read, judge and plan once more."""
    snapshot, outcome = stations.judge()
    rounds = _Rounds(snapshot, outcome, stations.plan(snapshot, outcome, {}))
    for _ in range(ROUNDS):
        if not rounds.plan.changes:
            break
        answers = writer.write(number, rounds.plan.changes)
        rounds.take(answers)
        if not rounds.stale:
            break
        _read_again(stations, rounds.stale)
        rounds.snapshot, rounds.outcome = stations.judge()
        plan = stations.plan(rounds.snapshot, rounds.outcome, _confirmed(rounds.done))
        rounds.plan = replace(plan, changes=rounds.still_open(plan.changes))
    return rounds


def _read_again(stations: _Stations, stale: Sequence[Answer]) -> None:
    """Bring the items that answered otherwise than planned up to date in the mirror."""
    by_list: dict[str, set[int]] = {}
    for answer in stale:
        if answer.change.id is not None:
            by_list.setdefault(answer.change.list, set()).add(answer.change.id)
    for key, ids in sorted(by_list.items()):
        pull_items(stations.context.workspace, stations.context.mirror, key, ids, iso(now()))


def _confirmed(changes: Sequence[Change]) -> _Values:
    values: _Values = {}
    for change in changes:
        if change.id is not None:
            mine = values.setdefault((change.list, change.id), {})
            mine |= {name: new for name, (_, new) in change.values.items()}
    return values


def _make(writer: Writer, number: int, rows: Sequence[Change]) -> list[Answer]:
    """Write rows of the bot's own; one whose outcome was unknown and that is not there is sent once more."""
    answers = writer.write(number, rows)
    again = [one.change for one in answers if one.answered is Answered.CONFLICT and one.change.id is None]
    if not again:
        return answers
    kept = [answer for answer in answers if answer.change not in again]
    return kept + writer.write(number, again)


def _report(number: int, rounds: _Rounds, raised: Sequence[Answer], recorded: Sequence[Answer]) -> Report:
    stood = {answer.change.key for answer in raised if answer.answered is Answered.DONE}
    refused = [one for one in (*raised, *recorded) if one.answered is Answered.REFUSED]
    return Report(
        number,
        rounds.outcome,
        rounds.plan,
        tuple(rounds.done),
        tuple(one for one in rounds.plan.escalations if one.key in stood),
        conflicts=len(rounds.plan.changes) if rounds.stale else 0,
        refused=(*rounds.refused, *refused),
        rows_made=sum(answer.answered is Answered.DONE for answer in recorded),
    )


def _record_run(stations: _Stations, runs: Runs, writer: Writer, report: Report, rounds: _Rounds) -> None:
    """Chain the run locally, and tell managers of it in Control runs unless nothing happened anew."""
    job, outcome = stations.job, report.outcome
    chain = runs.chained(report.run, _content(stations, report, rounds))
    unique = slot_key(job.name, stations.slot)
    schema = stations.schemas["control_runs"]
    frame = rounds.snapshot.frames["control_runs"]
    stands = bool((frame["RunKey"] == unique).any())
    if stands and not report.writes and not report.rows_made:
        return
    values: dict[str, Value] = {
        "RunKey": unique,
        "Control": job.name,
        "Slot": stations.slot,
        "RanAt": stations.moment,
        "LateMinutes": report.late_minutes,
        "Result": report.result,
        "DataFaults": fault_count(outcome),
        "Writes": report.writes,
        "Conflicts": report.conflicts,
        "Escalations": len(report.escalations),
        "ChainHash": chain,
    }
    _make(writer, report.run, row_to_hold(schema, rounds.snapshot, unique, values))


def _content(stations: _Stations, report: Report, rounds: _Rounds) -> dict[str, object]:
    """What the run's hash covers: what it read, by which policy, what it found and wrote."""
    return {
        "job": stations.job.name,
        "slot": iso(stations.slot),
        "moment": iso(stations.moment),
        "pull": stations.judged_pull,
        "snapshot": rounds.snapshot.digest,
        "policy": stations.job.digest,
        "plan": rounds.plan.digest,
        "measures": dict(report.outcome.measures),
        "raised": [one.key for one in report.escalations],
        "writes": [[change.list, change.id, change.etag] for change in report.changes],
    }
