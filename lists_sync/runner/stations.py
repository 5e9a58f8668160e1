"""The stations that a run passes, over one context: each takes a value and hands one on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from lists_sync.clock import iso, now
from lists_sync.evaluate import Circumstances, evaluate
from lists_sync.memory import Memory
from lists_sync.messages import render
from lists_sync.model import Outcome, Plan, Snapshot, Value
from lists_sync.outbox import Outbox
from lists_sync.plan.build import build_plan
from lists_sync.plan.limits import check_limits
from lists_sync.pull import pull
from lists_sync.read import names, people, read_snapshot, workspace_links
from lists_sync.trail.runs import Runs

if TYPE_CHECKING:
    from lists_sync.context import Context
    from lists_sync.definitions.jobs import Job

Values = dict[tuple[str, int], dict[str, Value]]
"""By list and item id: values that this run has confirmed."""

REHEARSAL_SALT = "rehearsal"
"""The salt of draws on the embedded workspace where none is set; a tenant's draw always needs its own."""


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
            salt=self._salt(),
            link=workspace_links(self.context.workspace, self.keys).item,
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

    def _along(self) -> tuple[Job, ...]:
        """Give the jobs that this slot judges along with its own."""
        definitions = self.context.definitions
        local = definitions.provider.calendar.local_time(self.slot)
        here = self.job.schedule.slot_at(local)
        return tuple(definitions.job(name) for name, slots in self.job.along.items() if here in slots)

    def _salt(self) -> str:
        """Give the secret of the draw; a rehearsal on the embedded workspace needs none of its own."""
        settings = self.context.definitions.settings
        if settings.sampling_salt or not settings.emulator_url:
            return settings.sampling_salt
        return REHEARSAL_SALT

    def plan(self, snapshot: Snapshot, outcome: Outcome, written: Values) -> Plan:
        """Compare what should stand with what stands, and refuse what the job does not allow."""
        definitions = self.context.definitions
        links = workspace_links(self.context.workspace, self.keys)
        plan = build_plan(
            outcome,
            snapshot,
            self.schemas,
            record=self.job.record,
            record_per=self.job.record_per,
            render=lambda one: render(
                one, links=links, zone=definitions.provider.calendar.zone, templates=definitions.templates
            ),
            written=written,
        )
        check_limits(
            self.job.name,
            self.job.limits,
            changed_items=len(plan.changes) + len(plan.rows),
            messages=len(plan.escalations),
        )
        return plan
