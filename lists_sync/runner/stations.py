"""The stations that a run passes, over one context: each takes a value and hands one on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from lists_sync.clock import iso, now
from lists_sync.connect.teams import Teams
from lists_sync.deliver import undelivered
from lists_sync.errors import MissingError
from lists_sync.messages.words import counted
from lists_sync.model import Answer, Escalation, Outcome, Plan, Snapshot
from lists_sync.plan.limits import check_limits
from lists_sync.pull import pull, pull_accounts
from lists_sync.read import people, read_snapshot
from lists_sync.recover import NEW_HERE, found_before, read_back
from lists_sync.runner.judging import WATCH, Judging
from lists_sync.trail.policies import Policies
from lists_sync.trail.runs import Runs

SKEW_S = 120
"""From how far off the clock is told; Microsoft itself takes sign-ins up to five minutes off."""

if TYPE_CHECKING:
    from lists_sync.context import Context
    from lists_sync.definitions.jobs import Job
    from lists_sync.runner.judging import Values


class Stations:
    """The stations of one run over one context; each takes a value and hands one on.

    `judging` is what is judged, `judged_pull` the pull that was judged last, `judged_count` how often;
    `notes` is what a reader must know of how the run went.
    """

    def __init__(self, context: Context, job: Job, slot: datetime, moment: datetime) -> None:
        self.context = context
        self.job = job
        self.slot = slot
        self.moment = moment
        self.judging = Judging(context.definitions, context.engine, context.mirror, job, slot, moment)
        self.judged_pull = 0
        self.judged_count = 0
        self.notes: list[str] = []
        self.teams = Teams(context.definitions.settings)
        self.keys = self.judging.keys
        self.schemas = context.definitions.schemas

    def pull(self) -> None:
        """Bring the mirror up to date for every list the job touches, and ask for accounts if it wants to."""
        context = self.context
        pulled = pull(context.workspace, context.mirror, self.keys, iso(now()), stop=context.stop)
        if self.job.settings.get("directory_check"):
            known = people(context.mirror, self.schemas["actions"].store).values()
            pull_accounts(context.workspace, context.mirror, filter(None, known), pulled.number)
        self._recover(pulled.number)
        self._note_clock()

    def _note_clock(self) -> None:
        """Say so where this machine's clock, by which the day is kept, is not Microsoft's."""
        skew_s = self.context.workspace.connection.skew_s or 0
        if abs(skew_s) >= SKEW_S:
            way = "behind" if skew_s > 0 else "ahead of"
            self.notes.append(
                f"This machine's clock is {counted(abs(skew_s) // 60, 'minute')} {way} Microsoft's; slots "
                "and deadlines are judged by this machine's. Set it right."
            )

    def _recover(self, number: int) -> None:
        """Where an earlier local state was lost, read back what the job remembers of its time."""
        mirror = self.context.mirror
        if mirror.recovered.is_asked and mirror.recovered.since is None:
            return
        snapshot = read_snapshot(mirror, self.context.definitions, self.keys, moment=self.moment)
        if not mirror.recovered.is_asked:
            mirror.recovered.begin(found_before(snapshot, Runs(self.context.engine).hashes()))
            self.notes += [NEW_HERE] if mirror.recovered.since else []
        if mirror.recovered.since is not None:
            self._read_lines()
            jobs = (self.job, *self.judging.along)
            told = read_back(self.context.workspace, mirror, jobs, snapshot, slot=self.slot, number=number)
            self.notes += [told.note] if told.note else []

    def _read_lines(self) -> None:
        """Read the lines for the watch, which finds them in the mirror otherwise, to know their services."""
        context = self.context
        if self.job.control == WATCH and context.mirror.cursor("actions") is None:
            pull(context.workspace, context.mirror, ["actions"], iso(now()), stop=context.stop)

    def judge(self) -> tuple[Snapshot, Outcome]:
        """Evaluate the control over the mirror as it stands."""
        self.judged_pull = self.context.mirror.last_pull()
        self.judged_count += 1
        return self.judging.judge()

    def plan(self, snapshot: Snapshot, outcome: Outcome, written: Values) -> Plan:
        """Compare what should stand with what stands, and refuse what the job does not allow."""
        plan = self.judging.plan(snapshot, outcome, written)
        check_limits(
            self.job.name,
            self.job.limits,
            changed_items=len(plan.changes) + len(plan.rows),
            messages=len(plan.escalations),
        )
        return plan

    def plan_digest(self, snapshot: Snapshot, outcome: Outcome, plan: Plan) -> str:
        """Give the hash of what the last judgement alone would write: that of the first plan, if it stood."""
        return plan.digest if self.judged_count == 1 else self.judging.plan(snapshot, outcome).digest

    def keep_policy(self) -> str:
        """Keep the files that this run judges by; gives their digest."""
        return Policies(self.context.engine).keep(self.context.definitions.policy)

    def undelivered(self) -> tuple[tuple[Escalation, ...], dict[str, Answer]]:
        """Give what was raised of late and not handed to Teams, and how its rows stand.

        A job looks for what an earlier run of its own could not hand over, the watch for that of all jobs.
        """
        mirror, definitions = self.context.mirror, self.context.definitions
        snapshot = read_snapshot(mirror, definitions, ["escalations"], moment=self.moment)
        control = "" if self.job.control == WATCH else self.job.name
        return undelivered(snapshot, self.moment, control=control)

    def reachable(self, escalation: Escalation) -> Escalation:
        """Leave out a person whom the site cannot know: the row must stand, if only for the role."""
        if not escalation.to_person:
            return escalation
        store = self.schemas["escalations"].store
        try:
            self.context.workspace.ensure_user(store, escalation.to_person)
        except MissingError:
            return replace(escalation, to_person="")
        return escalation
