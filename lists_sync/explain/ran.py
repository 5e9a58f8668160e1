"""The completed runs of a local state, newest first, each judged again once where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select

from lists_sync.clock import iso, parse
from lists_sync.errors import DefinitionError, StateError
from lists_sync.explain.scene import Scene, open_scene
from lists_sync.explain.told import RunTold
from lists_sync.mirror.tables import run
from lists_sync.trail.runs import Runs

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.definitions.policy import Policy
    from lists_sync.replay.past import Past


@dataclass(frozen=True)
class Brief:
    """A completed run: its number, job, slot, moment, and the pull it judged."""

    id: int
    job: str
    slot: datetime
    moment: datetime
    pull: int

    @property
    def told(self) -> RunTold:
        """The run as it is named."""
        return RunTold(self.id, self.job, self.slot, self.moment)


class Ran:
    """The runs that count.

    Args:
        at: only runs that judged at this instant or before; None for all.

    `runs` are they, the newest first. `skipped` tells why some could not be judged again.

    Raises:
        StateError: there is none.
    """

    def __init__(self, past: Past, at: datetime | None = None) -> None:
        self.past = past
        self.at = at
        self.skipped: dict[int, str] = {}
        self._scenes: dict[int, Scene | None] = {}
        self.runs = tuple(self._read())
        if not self.runs:
            told = "No run had come to its end by then" if at else "No run has come to its end here yet"
            raise StateError(
                f"{told}, so there is no flag to explain.", hint="`lists-sync status` names the runs."
            )

    def _read(self) -> Iterator[Brief]:
        completed = [run.c.result.like("Completed%"), run.c.pull.is_not(None), run.c.content.is_not(None)]
        query = select(run.c.id, run.c.job, run.c.slot, run.c.moment, run.c.pull).where(*completed)
        if self.at is None:
            query = query.order_by(run.c.id.desc())
        else:
            query = query.where(run.c.moment <= iso(self.at)).order_by(run.c.moment.desc(), run.c.id.desc())
        with self.past.engine.connect() as connection:
            for id_, job, slot, moment, pull in connection.execute(query):
                yield Brief(int(id_), job, parse(slot), parse(moment), int(pull))

    @cached_property
    def by_id(self) -> dict[int, Brief]:
        """The runs by number."""
        return {one.id: one for one in self.runs}

    @cached_property
    def pull(self) -> int | None:
        """The last pull that counts; None for the newest."""
        return None if self.at is None else max(one.pull for one in self.runs)

    @cached_property
    def until(self) -> int:
        """The number of the last run that counts."""
        return max(one.id for one in self.runs)

    @cached_property
    def newest(self) -> tuple[Definitions, Policy]:
        """What the files said by which the newest run judged, and the files.

        Raises:
            StateError: of no run they are kept.
            DefinitionError: this version refuses them.
        """
        fault = StateError("The files by which the runs judged are not kept here.")
        for one in self.runs[:3]:
            try:
                return self.files_of(one.id)
            except StateError as told:
                fault = told
        raise fault

    def files_of(self, number: int) -> tuple[Definitions, Policy]:
        """Give what the files said by which a run judged, and the files.

        Raises:
            StateError, DefinitionError: as `newest`.
        """
        row = Runs(self.past.engine).one(number)
        if row is None:
            raise StateError(f"No run {number} is known here.")
        policy = self.past.policy(row)
        return self.past.definitions(policy), policy

    def scene(self, number: int) -> Scene | None:
        """Give a run judged again; None where that cannot be done, and then `skipped` says why."""
        if number not in self._scenes:
            self._scenes[number] = self._open(number)
        return self._scenes[number]

    def _open(self, number: int) -> Scene | None:
        row = Runs(self.past.engine).one(number)
        try:
            return open_scene(self.past, row) if row else None
        except (StateError, DefinitionError) as fault:
            self.skipped[number] = fault.message
            return None

    def of_column(self, column: str) -> Iterator[Scene]:
        """Yield, newest first, the runs that judge a column of the lines, a job along with them included."""
        jobs = self.newest[0].jobs
        owners = {name for name, job in jobs.items() if column in job.writes.get("actions", ())}
        hosts = owners | {name for name, job in jobs.items() if owners & job.along.keys()}
        for one in self.runs:
            if one.job in hosts and (one.job in owners or self._takes_along(one, owners)):
                scene = self.scene(one.id)
                if scene is not None and scene.job_for(column):
                    yield scene

    def _takes_along(self, one: Brief, owners: set[str]) -> bool:
        """Tell whether a run's slot takes one of these jobs along."""
        definitions = self.newest[0]
        job = definitions.jobs[one.job]
        here = job.schedule.slot_at(definitions.provider.calendar.local_time(one.slot))
        return any(here in slots for name, slots in job.along.items() if name in owners)
