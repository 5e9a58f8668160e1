"""One job over the mirror as it stood at a pull: what a run judges, and what anybody may judge again later.

Nothing here touches the world: the same pull, slot, moment and policy give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from lists_sync.clock import iso, parse
from lists_sync.evaluate import Circumstances, evaluate
from lists_sync.evaluate.people import Staff
from lists_sync.memory import Memory
from lists_sync.messages import render
from lists_sync.outbox import Outbox
from lists_sync.plan.build import build_plan
from lists_sync.plan.rows import unraised
from lists_sync.read import accounts, links, names, read_snapshot
from lists_sync.runner.missed import MissedSlot, find_missed, missed_escalations
from lists_sync.trail.runs import Runs

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lists_sync.context import Definitions
    from lists_sync.definitions.jobs import Job
    from lists_sync.messages.links import Links
    from lists_sync.mirror.versions import Mirror
    from lists_sync.model import Escalation, Outcome, Plan, Snapshot, Value
    from lists_sync.trail.runs import RunRow

    Values = dict[tuple[str, int], dict[str, Value]]

WATCH = "6"
"""The number of the escalation watch."""


@dataclass(frozen=True)
class Judging:
    """A job, its slot and moment, and what it is judged from.

    Args:
        at_pull: the pull to judge; None for the newest.
        before_run: only runs before this one are remembered; None for all.
        drawn_until: the last run whose draw of a burst is remembered; None for all.
    """

    definitions: Definitions
    engine: Engine
    mirror: Mirror
    job: Job
    slot: datetime
    moment: datetime
    at_pull: int | None = None
    before_run: int | None = None
    drawn_until: int | None = None

    @cached_property
    def along(self) -> tuple[Job, ...]:
        """The jobs that this slot judges along with its own."""
        local = self.definitions.provider.calendar.local_time(self.slot)
        here = self.job.schedule.slot_at(local)
        return tuple(self.definitions.job(name) for name, slots in self.job.along.items() if here in slots)

    @cached_property
    def keys(self) -> list[str]:
        """The lists that are read."""
        return sorted(self.job.keys.union(*(one.keys for one in self.along)))

    @cached_property
    def links(self) -> Links:
        """Where the lists stand in the browser."""
        return links(self.mirror, self.definitions, self.keys, self.at_pull)

    def judge(self) -> tuple[Snapshot, Outcome]:
        """Evaluate the control."""
        snapshot = self._snapshot(self.keys)
        memory = Memory(
            self.mirror,
            Runs(self.engine, before=self.before_run),
            Outbox(self.engine, until=self.drawn_until),
            self.definitions,
            self.at_pull,
        )
        outcome = evaluate(
            self.job,
            snapshot,
            provider=self.definitions.provider,
            calendar=self.definitions.provider.calendar,
            remembered=memory.recall(self.job, self.along, snapshot, slot=self.slot, moment=self.moment),
            slot=self.slot,
            moment=self.moment,
            told=self._told(snapshot, memory),
        )
        return snapshot, outcome

    def plan(self, snapshot: Snapshot, outcome: Outcome, written: Values | None = None) -> Plan:
        """Compare what should stand with what stands.

        Args:
            written: by list and item id: values that this run has confirmed since.
        """
        return build_plan(
            outcome,
            snapshot,
            self.definitions.schemas,
            record=self.job.record,
            record_per=self.job.record_per,
            render=self.render,
            written=written or {},
        )

    def missed(self, snapshot: Snapshot) -> tuple[MissedSlot, ...]:
        """Find windows that closed without a run: the watch looks at every job, any other at its own."""
        return tuple(one for one in self._closed(snapshot) if self._run_of(one) is None)

    def unrecorded(self, snapshot: Snapshot) -> list[RunRow]:
        """Give the runs whose windows look missed, because their row in Control runs could not be made."""
        return [run for one in self._closed(snapshot) if not one.late and (run := self._run_of(one))]

    def _closed(self, snapshot: Snapshot) -> tuple[MissedSlot, ...]:
        jobs = self.definitions.jobs.values() if self.job.control == WATCH else [self.job]
        calendar = self.definitions.provider.calendar
        return find_missed(jobs, snapshot, calendar, slot=self.slot, moment=self.moment)

    def _run_of(self, missed: MissedSlot) -> RunRow | None:
        """Give the run of a slot that this local state knows to have come to its end in time."""
        found = Runs(self.engine, before=self.before_run).last_of(missed.job.name, iso(missed.slot))
        content = (found.content if found else None) or {}
        is_whole = "conflicts" in content and parse(str(content["moment"])) < missed.closed_at
        return found if is_whole else None

    def missed_escalations(
        self, missed: tuple[MissedSlot, ...], snapshot: Snapshot
    ) -> tuple[Escalation, ...]:
        """Give the escalations of missed windows that do not stand yet, with their messages."""
        provider = self.definitions.provider
        staff = Staff(provider, snapshot.frames.get("managers"), self._names())
        found = missed_escalations(missed, snapshot, provider.calendar, staff, moment=self.moment)
        return tuple(self.render(one) for one in unraised(found, snapshot))

    def render(self, escalation: Escalation) -> Escalation:
        """Fill an escalation's message and card."""
        zone = self.definitions.provider.calendar.zone
        return render(escalation, links=self.links, zone=zone, templates=self.definitions.templates)

    def _snapshot(self, keys: list[str]) -> Snapshot:
        return read_snapshot(self.mirror, self.definitions, keys, moment=self.moment, at_pull=self.at_pull)

    def _told(self, snapshot: Snapshot, memory: Memory) -> Circumstances:
        store = self.definitions.schemas["actions"].store
        asks = bool(self.job.settings.get("directory_check"))
        return Circumstances(
            first_seen=memory.first_seen(snapshot),
            accounts=accounts(self.mirror, store, self.at_pull) if asks else None,
            names=self._names(),
            along=self.along,
            salt=self.definitions.settings.draw_salt,
            link=self.links.item,
        )

    def _names(self) -> dict[str, str]:
        return names(self.mirror, self.definitions.schemas["actions"].store, self.at_pull)
