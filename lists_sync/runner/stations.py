"""The stations that a run passes, over one context: each takes a value and hands one on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from lists_sync.clock import iso, now
from lists_sync.connect.teams import Teams
from lists_sync.deliver import undelivered
from lists_sync.evaluate import Circumstances, evaluate
from lists_sync.evaluate.people import Staff
from lists_sync.memory import Memory
from lists_sync.messages import render
from lists_sync.model import Answer, Escalation, Outcome, Plan, Snapshot, Value
from lists_sync.outbox import Outbox
from lists_sync.plan.build import build_plan
from lists_sync.plan.limits import check_limits
from lists_sync.plan.rows import unraised
from lists_sync.pull import pull
from lists_sync.read import names, people, read_snapshot, workspace_links
from lists_sync.runner.missed import MissedSlot, find_missed, missed_escalations
from lists_sync.trail.runs import Runs

if TYPE_CHECKING:
    from lists_sync.context import Context
    from lists_sync.definitions.jobs import Job
    from lists_sync.messages.links import Links

WATCH = "6"
"""The number of the escalation watch."""

Values = dict[tuple[str, int], dict[str, Value]]
"""By list and item id: values that this run has confirmed."""


class Stations:
    """The stations of one run over one context; each takes a value and hands one on."""

    def __init__(self, context: Context, job: Job, slot: datetime, moment: datetime) -> None:
        self.context = context
        self.job = job
        self.slot = slot
        self.moment = moment
        self.judged_pull = 0
        self.accounts: dict[str, bool | None] | None = None
        self.along = self._along()
        self.teams = Teams(context.definitions.settings)
        self.keys = sorted(job.keys.union(*(one.keys for one in self.along)))
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
        engine = self.context.engine
        memory = Memory(mirror, Runs(engine), Outbox(engine), definitions)
        told = Circumstances(
            first_seen=memory.first_seen(snapshot),
            accounts=self.accounts,
            names=names(mirror, self.schemas["actions"].store),
            along=self.along,
            salt=self.context.definitions.settings.draw_salt,
            link=self.links().item,
        )
        outcome = evaluate(
            self.job,
            snapshot,
            provider=definitions.provider,
            calendar=definitions.provider.calendar,
            remembered=memory.recall(self.job, self.along, snapshot, slot=self.slot, moment=self.moment),
            slot=self.slot,
            moment=self.moment,
            told=told,
        )
        return snapshot, outcome

    def missed(self, snapshot: Snapshot) -> tuple[MissedSlot, ...]:
        """Find windows that closed without a run: the watch looks at every job, any other at its own."""
        definitions = self.context.definitions
        jobs = definitions.jobs.values() if self.job.control == WATCH else [self.job]
        calendar = definitions.provider.calendar
        return find_missed(jobs, snapshot, calendar, slot=self.slot, moment=self.moment)

    def missed_escalations(
        self, missed: tuple[MissedSlot, ...], snapshot: Snapshot
    ) -> tuple[Escalation, ...]:
        """Give the escalations of missed windows that do not stand yet, with their messages."""
        provider = self.context.definitions.provider
        told = names(self.context.mirror, self.schemas["actions"].store)
        staff = Staff(provider, snapshot.frames.get("managers"), told)
        found = missed_escalations(missed, snapshot, provider.calendar, staff, moment=self.moment)
        return tuple(self.render(one) for one in unraised(found, snapshot))

    def undelivered(self) -> tuple[tuple[Escalation, ...], dict[str, Answer]]:
        """Give what the watch finds was raised of late and not handed to Teams, and how its rows stand."""
        if self.job.control != WATCH:
            return (), {}
        snapshot = read_snapshot(
            self.context.mirror, self.context.definitions, ["escalations"], moment=self.moment
        )
        return undelivered(snapshot, self.moment)

    def links(self) -> Links:
        """Give where the lists stand in the browser."""
        return workspace_links(self.context.workspace, self.keys)

    def render(self, escalation: Escalation) -> Escalation:
        """Fill an escalation's message and card."""
        definitions = self.context.definitions
        zone = definitions.provider.calendar.zone
        return render(escalation, links=self.links(), zone=zone, templates=definitions.templates)

    def _along(self) -> tuple[Job, ...]:
        """Give the jobs that this slot judges along with its own."""
        definitions = self.context.definitions
        local = definitions.provider.calendar.local_time(self.slot)
        here = self.job.schedule.slot_at(local)
        return tuple(definitions.job(name) for name, slots in self.job.along.items() if here in slots)

    def plan(self, snapshot: Snapshot, outcome: Outcome, written: Values) -> Plan:
        """Compare what should stand with what stands, and refuse what the job does not allow."""
        plan = build_plan(
            outcome,
            snapshot,
            self.schemas,
            record=self.job.record,
            record_per=self.job.record_per,
            render=self.render,
            written=written,
        )
        check_limits(
            self.job.name,
            self.job.limits,
            changed_items=len(plan.changes) + len(plan.rows),
            messages=len(plan.escalations),
        )
        return plan
