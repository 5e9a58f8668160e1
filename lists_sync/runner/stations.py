"""The stations that a run passes, over one context: each takes a value and hands one on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from lists_sync.clock import iso, now
from lists_sync.evaluate import evaluate
from lists_sync.memory import first_seen, remembered
from lists_sync.messages import render
from lists_sync.model import Outcome, Plan, Snapshot, Value
from lists_sync.plan.build import build_plan
from lists_sync.plan.limits import check_limits
from lists_sync.pull import pull
from lists_sync.read import names, people, read_snapshot, workspace_links

if TYPE_CHECKING:
    from lists_sync.context import Context
    from lists_sync.definitions.jobs import Job

Values = dict[tuple[str, int], dict[str, Value]]
"""By list and item id: values that this run has confirmed."""

_ALWAYS = ("escalations", "control_runs")


class Stations:
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

    def plan(self, snapshot: Snapshot, outcome: Outcome, written: Values) -> Plan:
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
