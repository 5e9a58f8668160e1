"""All that a run remembers, put together: only what its control asks for is looked up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from lists_sync.clock import iso
from lists_sync.controls import Lists, Remembered
from lists_sync.controls.burst_closure import BACK_TO
from lists_sync.controls.matching import is_in, normal
from lists_sync.controls.watch import OVERDUE, TAKEN_UP, next_key, stepless
from lists_sync.memory.history import (
    due_days,
    first_seen,
    held_since,
    proposed_since,
    reinstated_since,
)
from lists_sync.memory.records import remembered
from lists_sync.read import read_snapshot, site_zone, snapshot_as_of

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.context import Definitions
    from lists_sync.definitions.jobs import Job
    from lists_sync.mirror.versions import Mirror
    from lists_sync.model import Snapshot
    from lists_sync.outbox import Outbox
    from lists_sync.trail.runs import Runs

_EARLIER = frozenset({"1.3"})
_DRAWS = frozenset({"2.1"})
_REINSTATES = frozenset({"2.5"})
_PROPOSALS = frozenset({"3.1"})
_SETTLES = frozenset({"3.4"})
_WARNINGS = frozenset({"5"})
_WATCHES = frozenset({"6"})


@dataclass(frozen=True)
class Memory:
    """Where a run looks for what it remembers.

    Args:
        at_pull: the pull that is judged.
    """

    mirror: Mirror
    runs: Runs
    outbox: Outbox
    definitions: Definitions
    at_pull: int | None = None

    def recall(
        self, job: Job, along: tuple[Job, ...], snapshot: Snapshot, *, slot: datetime, moment: datetime
    ) -> Remembered:
        """Give what the job knows of its earlier runs.

        Args:
            along: the jobs judged along with it.
        """
        calendar = self.definitions.provider.calendar
        mine = calendar.operational if job.control.startswith("2.") else calendar
        found = remembered(job, snapshot, slot=slot, moment=moment, calendar=mine)
        mappings = self.definitions.provider.lists
        controls = {job.control, *(one.control for one in along)}
        if controls & _EARLIER and found.slot is not None:
            found = replace(found, earlier=self._earlier(job, found))
        if controls & _DRAWS:
            burst = f"B-{mine.local_date(moment).isoformat()}/"
            fixed = self.outbox.first_keys("burst_samples", burst)
            found = replace(found, fixed=tuple(key.removeprefix(burst) for key in fixed))
        if controls & _REINSTATES:
            reinstated, put_back = self._reinstated(job, snapshot), self._put_back(job, snapshot)
            found = replace(found, reinstated=reinstated, put_back=put_back)
        if controls & _PROPOSALS:
            since = proposed_since(self.mirror, snapshot, mappings, at_pull=self.at_pull)
            found = replace(found, proposed_since=since)
        if controls & _SETTLES:
            since = held_since(self.mirror, snapshot, mappings, at_pull=self.at_pull)
            found = replace(found, held_since=since)
        if controls & _WARNINGS:
            found = replace(found, due_days=self._due_days(snapshot))
        if controls & _WATCHES:
            left = self._left_behind(snapshot)
            services = self._services(snapshot) if left or self._is_any_late(snapshot) else {}
            found = replace(found, left_behind=left, services=services)
        return found

    def first_seen(self, snapshot: Snapshot) -> dict[str, pd.Series[pd.Timestamp]]:
        """Tell when values whose time was not typed were first seen."""
        return first_seen(self.mirror, snapshot, self.definitions.provider.lists, at_pull=self.at_pull)

    def _earlier(self, job: Job, found: Remembered) -> Lists | None:
        """Give the lists as they stood when the previous record was written."""
        if found.slot is None or found.previous_at is None:
            return None
        pull = self.runs.pull_of(job.name, iso(found.slot))
        if pull is None:
            then = snapshot_as_of(
                self.mirror, self.definitions, job.reads, moment=found.previous_at, at_pull=self.at_pull
            )
            return Lists(then.frames, then.unusable) if then else None
        then = read_snapshot(self.mirror, self.definitions, job.reads, moment=found.previous_at, at_pull=pull)
        return Lists(then.frames, then.unusable)

    def _reinstated(self, job: Job, snapshot: Snapshot) -> frozenset[tuple[int, int]]:
        """Give the pairs of sample and line whose reinstatement an earlier run has dealt with.

        A run has dealt with it when it ended, had seen the sample as reinstated, and was not refused the
        line. Without a run of its own to tell, a record that came after the reinstatement does.
        """
        began = reinstated_since(self.mirror, snapshot, self.definitions.provider.lists, at_pull=self.at_pull)
        lines = _lines_by_ref(snapshot)
        runs = self.runs.completed(job.name)
        failed = self.outbox.unmade([number for number, _ in runs], "actions")
        samples = snapshot.frames["burst_samples"]
        changed = {int(id_): at for id_, at in zip(samples.index, samples["Modified"], strict=True)}
        found = set()
        for sample, first in began.items():
            refs = str(samples.loc[sample, "ActionRef"] or "").split(";")
            for line in (line for ref in refs for line in lines.get(normal(ref), ())):
                seen = [number for number, pull in runs if pull >= first.pull]
                if any((number, line) not in failed for number in seen) or (
                    not runs and _recorded_after(snapshot, job.record, first.at or changed[sample])
                ):
                    found.add((sample, line))
        return frozenset(found)

    def _put_back(self, job: Job, snapshot: Snapshot) -> frozenset[int]:
        """Give the lines that stand as put back by runs of the job that broke off afterwards."""
        broken_off = self.runs.broken_off(job.name)
        lines = snapshot.frames["actions"]
        ids = [int(str(id_)) for id_ in lines.index[is_in(lines["Status"], [BACK_TO])]]
        if not broken_off or not ids:
            return frozenset()
        mapping = self.definitions.provider.lists.get("actions")
        field = mapping.theirs("Status") if mapping else "Status"
        words = mapping.choices.get("Status", {}) if mapping else {}
        word = next((theirs for theirs, ours in words.items() if ours == BACK_TO), BACK_TO)
        return self.outbox.held("actions", ids, field, word, runs=broken_off)

    def _is_any_late(self, snapshot: Snapshot) -> bool:
        """Tell whether any escalation may have to go up, so that its lines must be looked at."""
        rows = snapshot.frames["escalations"]
        late = (rows["ActBy"] < pd.Timestamp(snapshot.moment)).to_numpy()
        return bool((late & ~is_in(rows["Status"], (*TAKEN_UP, OVERDUE))).any())

    def _left_behind(self, snapshot: Snapshot) -> frozenset[int]:
        """Give the escalations that an earlier run moved, and that have no next step."""
        rows = snapshot.frames["escalations"]
        left = rows["EscalationKey"][stepless(rows)]
        if left.empty:
            return frozenset()
        steps = {int(str(id_)): next_key(str(key)) for id_, key in left.items()}
        made = self.outbox.made("escalations", sorted(steps.values()))
        moved = self.outbox.held("escalations", sorted(steps), "Status", OVERDUE)
        return frozenset(id_ for id_ in moved if steps[id_] not in made)

    def _services(self, snapshot: Snapshot) -> dict[str, str]:
        """Give the Service of each line by its reference, as the mirror last read the lines."""
        keys = ["actions"] if self.mirror.cursor("actions") else []
        then = read_snapshot(
            self.mirror, self.definitions, keys, moment=snapshot.moment, at_pull=self.at_pull
        )
        frame = then.frames.get("actions", pd.DataFrame({"ActionRef": [], "Service": []}))
        rows = frame[["ActionRef", "Service"]].dropna()
        return {normal(ref): service for ref, service in zip(rows["ActionRef"], rows["Service"], strict=True)}

    def _due_days(self, snapshot: Snapshot) -> pd.Series[int]:
        provider = self.definitions.provider
        schema = self.definitions.schemas["actions"]
        zone = ZoneInfo(provider.time_zone)
        return due_days(
            self.mirror,
            snapshot,
            schema.column("DueDate"),
            (site_zone(self.mirror, schema.store, self.at_pull, zone), zone),
            mapping=provider.lists.get("actions"),
            at_pull=self.at_pull,
        )


def _lines_by_ref(snapshot: Snapshot) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    refs = snapshot.frames["actions"]["ActionRef"].dropna()
    for id_, ref in refs.items():
        found.setdefault(normal(ref), []).append(int(str(id_)))
    return found


def _recorded_after(snapshot: Snapshot, record: str, instant: datetime) -> bool:
    return bool((snapshot.frames[record]["RanAt"] >= pd.Timestamp(instant)).any())
