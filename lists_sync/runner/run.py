"""One run: begin, carry out, record, finish."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from lists_sync import __version__
from lists_sync.clock import iso, now
from lists_sync.deliver import Courier, Delivered
from lists_sync.errors import ListsSyncError, StoppedError
from lists_sync.model import Answer, Answered, Change, Escalation
from lists_sync.outbox import Outbox
from lists_sync.plan.fingerprint import outcome_digest
from lists_sync.plan.rows import escalation_row, fault_count, row_to_hold
from lists_sync.runner.missed import missed_rows
from lists_sync.runner.recorded import row_values, rows_made_up
from lists_sync.runner.report import Report
from lists_sync.runner.rounds import Rounds, make_rows, write_rounds
from lists_sync.runner.stations import Stations
from lists_sync.trail.runs import Runs
from lists_sync.write import Writer

if TYPE_CHECKING:
    from lists_sync.context import Context
    from lists_sync.definitions.jobs import Job


UNRECORDED = "The run's row in Control runs could not be made; the job's next run, or the watch, makes it."


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
    stations = Stations(context, job, slot, moment)
    if dry_run:
        stations.pull()
        snapshot, outcome = stations.judge()
        plan = stations.plan(snapshot, outcome, {})
        return Report(
            0,
            outcome,
            plan,
            (*plan.rows, *plan.changes),
            plan.escalations,
            dry_run=True,
            told=tuple(stations.notes),
        )
    runs = Runs(context.engine)
    number = runs.begin(job.name, slot=iso(slot), moment=iso(moment), started_at=iso(now()))
    try:
        report = _carry_out(stations, runs, number)
    except ListsSyncError as fault:
        _give_up(stations, runs, number, fault)
        raise
    runs.finish(number, result=report.result, finished_at=iso(now()), pull=stations.judged_pull)
    return report


def _give_up(stations: Stations, runs: Runs, number: int, fault: ListsSyncError) -> None:
    """Chain a run that came to no end; where the local state itself is at fault, nothing can be noted."""
    result = "Stopped" if isinstance(fault, StoppedError) else "Failed"
    with suppress(ListsSyncError, SQLAlchemyError):
        content = {**_named(stations), "result": result, "fault": type(fault).__name__}
        runs.chained(number, content)
        runs.finish(number, result=result, finished_at=iso(now()))


def _carry_out(stations: Stations, runs: Runs, number: int) -> Report:
    context = stations.context
    writer = Writer(context.workspace, Outbox(context.engine), context.stop)
    writer.settle()
    stations.pull()
    rounds = write_rounds(stations, writer, number)
    missed = stations.judging.missed(rounds.snapshot)
    planned = (
        *rounds.plan.escalations,
        *stations.judging.missed_escalations(missed, rounds.snapshot),
    )
    raised = make_rows(writer, number, [escalation_row(stations.reachable(one)) for one in planned])
    unrecorded = rows_made_up(stations.judging.unrecorded(rounds.snapshot))
    recorded = make_rows(writer, number, [*rounds.plan.record, *missed_rows(missed), *unrecorded])
    report = _report(number, rounds, planned, raised, recorded)
    report = replace(report, missed=missed, told=tuple(stations.notes))
    report = replace(report, delivered=_deliver(stations, writer, report, raised))
    return _record_run(stations, runs, writer, report, rounds)


def _deliver(stations: Stations, writer: Writer, report: Report, raised: Sequence[Answer]) -> Delivered:
    """Hand what was raised, and what an earlier run could not hand over, to Teams."""
    rows = {one.change.key: one for one in raised if one.answered is Answered.DONE}
    waiting, standing = stations.undelivered()
    courier = Courier(
        stations.teams,
        writer,
        writer.outbox,
        stations.judging.links,
        stations.context.definitions.provider.calendar.zone,
        run=report.run,
        moment=stations.moment,
    )
    return courier.deliver([*report.escalations, *waiting], {**standing, **rows})


def _report(
    number: int,
    rounds: Rounds,
    planned: Sequence[Escalation],
    raised: Sequence[Answer],
    recorded: Sequence[Answer],
) -> Report:
    stood = {answer.change.key for answer in raised if answer.answered is Answered.DONE}
    rows = (*rounds.made, *raised, *recorded)
    refused = [one for one in rows if one.answered is Answered.REFUSED]
    unmade = [one for one in rows if one.answered not in (Answered.DONE, Answered.REFUSED)]
    return Report(
        number,
        rounds.outcome,
        rounds.plan,
        (*_made(rounds.made), *rounds.done),
        tuple(one for one in planned if one.key in stood),
        conflicts=(len(rounds.plan.changes) if rounds.stale else 0) + len(unmade),
        refused=(*rounds.refused, *refused),
        rows_made=sum(answer.answered is Answered.DONE for answer in recorded),
    )


def _made(answers: Sequence[Answer]) -> tuple[Change, ...]:
    """Give the rows that were made, with the ids they got."""
    return tuple(replace(one.change, id=one.id) for one in answers if one.answered is Answered.DONE)


def _record_run(stations: Stations, runs: Runs, writer: Writer, report: Report, rounds: Rounds) -> Report:
    """Chain the run locally, and tell managers of it in Control runs unless nothing happened anew."""
    content = _content(stations, report, rounds)
    values = row_values(content, runs.chained(report.run, content))
    frame = rounds.snapshot.frames["control_runs"]
    standing = set(frame["Result"][frame["RunKey"] == values["RunKey"]].fillna(""))
    if standing and "Missed" not in standing and not report.writes and not report.rows_made:
        return report
    # A second run of a slot does not make its first one later than it was.
    stays = () if "Missed" in standing else ("RanAt", "LateMinutes")
    schema, unique = stations.schemas["control_runs"], str(values["RunKey"])
    made = make_rows(writer, report.run, row_to_hold(schema, rounds.snapshot, unique, values, stays=stays))
    if all(one.answered is Answered.DONE for one in made):
        return report
    return replace(report, told=(*report.told, UNRECORDED))


def _named(stations: Stations) -> dict[str, object]:
    """Name the run and the policy that it applies, as its hash covers them."""
    return {
        "job": stations.job.name,
        "slot": iso(stations.slot),
        "moment": iso(stations.moment),
        "version": __version__,
        "policy": stations.job.digest,
        "files": stations.keep_policy(),
        "rehearsal": bool(stations.context.definitions.settings.emulator_url),
    }


def _content(stations: Stations, report: Report, rounds: Rounds) -> dict[str, object]:
    """Give what the run's hash covers: what it read, by which policy, what it found, raised and wrote."""
    snapshot, outcome = rounds.snapshot, rounds.outcome
    return {
        **_named(stations),
        "result": report.result,
        "faults": fault_count(outcome),
        "conflicts": report.conflicts,
        "pull": stations.judged_pull,
        "judged": stations.judged_count,
        "snapshot": snapshot.digest,
        "outcome": outcome_digest(outcome, stations.schemas),
        "plan": stations.plan_digest(snapshot, outcome, rounds.plan),
        "measures": dict(outcome.measures),
        "raised": [one.key for one in report.escalations],
        "missed": [one.key for one in report.missed],
        "writes": [[change.list, change.id, change.etag] for change in report.changes],
    }
