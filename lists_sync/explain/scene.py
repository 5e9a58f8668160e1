"""A run judged again, with all that an explanation looks at: read once, for every line and every flag."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from lists_sync.controls import Lists
from lists_sync.controls.files import Files, Samples, read_files, read_samples
from lists_sync.controls.findings import refs
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import micros_of
from lists_sync.controls.matching import normal
from lists_sync.definitions.locate import parse_yaml
from lists_sync.definitions.policy import PROVIDER
from lists_sync.explain.told import RunTold, ThresholdTold
from lists_sync.memory import Memory
from lists_sync.outbox import Outbox
from lists_sync.read import accounts
from lists_sync.trail.runs import Runs

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.controls import Remembered
    from lists_sync.definitions.jobs import Job
    from lists_sync.definitions.policy import Policy
    from lists_sync.model import Outcome, Snapshot
    from lists_sync.replay.past import Past
    from lists_sync.runner.judging import Judging
    from lists_sync.trail.runs import RunRow
    from lists_sync.worktime import Calendar

T = TypeVar("T")
_BURSTS = "2."


@dataclass(frozen=True, eq=False)
class Scene:
    """One run, judged again from what it had read, by the files it judged by.

    Args:
        lists: what the controls were given.
        remembered: what the run knew of earlier ones.
    """

    run: RunRow
    judging: Judging
    policy: Policy
    snapshot: Snapshot
    outcome: Outcome
    lists: Lists
    remembered: Remembered
    _kept: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def definitions(self) -> Definitions:
        """What the files said."""
        return self.judging.definitions

    @property
    def moment(self) -> datetime:
        """The instant that was judged at."""
        return self.judging.moment

    @cached_property
    def now(self) -> int:
        """The moment, in microseconds."""
        return micros_of(self.moment)

    @property
    def calendar(self) -> Calendar:
        """The provider's calendar."""
        return self.definitions.provider.calendar

    @cached_property
    def lines(self) -> Lines:
        """The lines as the controls saw them."""
        return read_lines(self.lists, self.calendar.zone)

    @cached_property
    def files(self) -> Files:
        """The evidence, and the lines it is for."""
        return read_files(self.lists, self.lines)

    @cached_property
    def samples(self) -> Samples:
        """The burst samples."""
        return read_samples(self.lists, self.moment)

    @cached_property
    def whys(self) -> dict[tuple[str, int, str], str]:
        """Why a value cannot be used, by list, item and column."""
        return {(one.list, one.id, one.column): one.why for one in self.snapshot.faults}

    @cached_property
    def _places(self) -> dict[int, int]:
        return {int(id_): place for place, id_ in enumerate(self.lines.frame.index)}

    @cached_property
    def names(self) -> list[str]:
        """The reference of each line, else `#<item id>`."""
        return refs(self.lines.frame, np.arange(len(self.lines.frame)))

    def rows_named(self, key: str) -> Mapping[str, list[int]]:
        """Give the places of a list's rows by the reference that each has, in normal form."""

        def grouped() -> dict[str, list[int]]:
            found: dict[str, list[int]] = {}
            for place, ref in enumerate(self.lists.frames[key]["ActionRef"]):
                found.setdefault(normal(ref) if isinstance(ref, str) else "", []).append(place)
            return found

        return self.once(self.judging.job, f"rows of {key}", grouped)

    @cached_property
    def told(self) -> RunTold:
        """The run as it is named."""
        return RunTold(self.run.id, self.run.job, self.judging.slot, self.moment)

    def once(self, job: Job, name: str, make: Callable[[], T]) -> T:
        """Give what `make` gives, made once a job and name."""
        if (job.name, name) not in self._kept:
            self._kept[job.name, name] = make()
        found: T = self._kept[job.name, name]
        return found

    def calendar_of(self, job: Job) -> Calendar:
        """Give the calendar of a job's days."""
        return days_of(job, self.calendar)

    def settings_of(self, job: Job) -> dict[str, Any]:
        """Give the settings as a control gets them."""
        return {**job.settings, "records": self.outcome.records}

    def job_for(self, column: str, key: str = "actions") -> Job | None:
        """Give the job, this run's own or one judged along with it, that writes a column; None for none."""
        jobs = (self.judging.job, *self.judging.along)
        return next((job for job in jobs if column in job.writes.get(key, ())), None)

    def place_of(self, id_: int) -> int | None:
        """Give the place of a line among the lines; None where the run had not read it."""
        return self._places.get(id_)

    def threshold(self, job: Job, key: str) -> ThresholdTold:
        """Give a number of a job, `settings.due_soon_hours`, and where it stands."""
        return threshold_of(self.definitions, self.policy, job, key)


def days_of(job: Job, calendar: Calendar) -> Calendar:
    """Give the calendar of a job's days: of the burst validation the operational days."""
    return calendar.operational if job.control.startswith(_BURSTS) else calendar


def threshold_of(definitions: Definitions, policy: Policy, job: Job, key: str) -> ThresholdTold:
    """Give a number of a job's file, and file and line; of a provider's own number those of provider.yaml."""
    group, _, name = key.partition(".")
    value = job.settings[name] if group == "settings" else _of_rule(job, name)
    given = definitions.provider.thresholds.get(job.name, {})
    if key in given and PROVIDER in policy.files:
        lines = parse_yaml(policy.files[PROVIDER].removeprefix("\ufeff"), PROVIDER).lines
        line = lines.get(("thresholds", job.name, key))
        return ThresholdTold(key, value, f"{PROVIDER}:{line}" if line else PROVIDER)
    line = job.file_lines.get(key)
    where = f"jobs/{job.name}.yaml"
    return ThresholdTold(key, value, f"{where}:{line}" if line else where)


def _of_rule(job: Job, name: str) -> Any:
    rule, _, what = name.rpartition(".")
    return getattr(job.escalate[rule], what)


def open_scene(past: Past, run: RunRow) -> Scene:
    """Judge a run again, and keep what it was judged from.

    Raises:
        StateError: it came to no end, or what it judged by is not kept.
        DefinitionError: this version refuses the files.
    """
    policy = past.policy(run)
    judging = past.judging(run, past.definitions(policy))
    snapshot, outcome = judging.judge()
    memory = Memory(
        judging.mirror,
        Runs(judging.engine, before=judging.before_run),
        Outbox(judging.engine, until=judging.drawn_until),
        judging.definitions,
        judging.at_pull,
    )
    remembered = memory.recall(judging.job, judging.along, snapshot, slot=judging.slot, moment=judging.moment)
    lists = Lists(_frames(judging, snapshot), snapshot.unusable, memory.first_seen(snapshot))
    return Scene(run, judging, policy, snapshot, outcome, lists, remembered)


def _frames(judging: Judging, snapshot: Snapshot) -> Mapping[str, pd.DataFrame]:
    """Give the frames, with what the directory said of accounts where the job asked it."""
    if not judging.job.settings.get("directory_check"):
        return snapshot.frames
    store = judging.definitions.schemas["actions"].store
    known = accounts(judging.mirror, store, judging.at_pull)
    enabled = {"Email": list(known), "Enabled": [bool(one) for one in known.values()]}
    frame = pd.DataFrame(enabled).astype({"Email": "str", "Enabled": "bool"})
    return {**snapshot.frames, "accounts": frame}
