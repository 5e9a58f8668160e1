"""A line put together: each of its flags with rule, values, thresholds and run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lists_sync.controls.findings import refs
from lists_sync.explain.changes import Since
from lists_sync.explain.escalations import escalations_of
from lists_sync.explain.find import check_reference, find_lines
from lists_sync.explain.moves import moves_of
from lists_sync.explain.ran import Ran
from lists_sync.explain.rows import records_of
from lists_sync.explain.standing import Standing, number_of
from lists_sync.explain.table import SEVERAL, SINGLE, source_of
from lists_sync.explain.told import Explained, FlagTold, LineTold, plain
from lists_sync.explain.view import View

if TYPE_CHECKING:
    from lists_sync.explain.scene import Scene
    from lists_sync.replay.past import Past

_NO_RUN = "No run that judges this column is known here."


def explain_lines(past: Past, typed: str, *, at: datetime | None = None) -> tuple[LineTold, ...]:
    """Explain the lines that a reference names, as of the last run that judged them.

    Args:
        typed: an action's reference, or `#17` for the line of item 17.
        at: as of then; None for the newest run.

    Returns:
        one line, or all that share the reference.

    Raises:
        SettingsError: the word cannot be a reference.
        StateError: nothing is known of such a line, or of any run.
        DefinitionError: this version refuses the files by which the runs judged.
    """
    ref = check_reference(typed)
    standing = Standing(Ran(past, at))
    actions = standing.read("actions").frames["actions"]
    items = find_lines(actions, ref)
    return tuple(Explaining(standing, item).line() for item in items)


@dataclass(frozen=True, eq=False)
class Explaining:
    """One line that is being explained."""

    standing: Standing
    item: int

    @cached_property
    def present(self) -> dict[str, Any]:
        """What the line holds now, by column."""
        return self.standing.present(self.item)

    @cached_property
    def ref(self) -> str:
        """The line's reference, else `#<item id>`."""
        frame = self.standing.read("actions").frames["actions"]
        return refs(frame, np.array([frame.index.get_loc(self.item)]))[0]

    def line(self) -> LineTold:
        """Give all that is told of the line."""
        flags = [one for column in (*SINGLE, *SEVERAL) for one in self.flags(column)]
        order = [column.name for column in self.standing.definitions.schemas["actions"].columns]
        flags.sort(key=lambda one: order.index(one.column))
        version = self.standing.version(self.item)
        return LineTold(
            ref=self.ref,
            item=self.item,
            status=self.present["Status"],
            due=self.present["DueDate"],
            owner=self.present["Owner"],
            version=number_of(version),
            modified=version.modified if version else None,
            at=self.standing.ran.at,
            flags=tuple(one for one in flags if one.flag not in (None, False)),
            blank=tuple(one for one in flags if one.flag in (None, False)),
            records=tuple(records_of(self.standing, self.ref, self.item)),
            escalations=tuple(escalations_of(self.standing, self.ref)),
            moves=tuple(moves_of(self.standing, self.item)),
            notes=tuple(f"Run {one} cannot be judged again: {why}" for one, why in self._skipped()),
        )

    def _skipped(self) -> Iterator[tuple[int, str]]:
        yield from sorted(self.standing.ran.skipped.items())

    def flags(self, column: str) -> Iterator[FlagTold]:
        """Yield the flags of a column: its word, or each of its words; one without a flag if blank."""
        scene = next(self.standing.ran.of_column(column), None)
        if scene is None:
            explained = Explained(None, _NO_RUN)
            yield FlagTold(column, None, "", "", "", explained, None, None, self.present[column])
            return
        place = scene.place_of(self.item)
        if place is None:
            yield self._flag(column, scene, None, Explained(None, "The line came after this run."))
            return
        yield from self._judged(column, scene, place)

    def _judged(self, column: str, scene: Scene, place: int) -> Iterator[FlagTold]:
        told, notes = dict(_explain(column, scene, place)), tuple[str, ...]()
        if any(one.kept for one in told.values()):
            earlier = self._before_it_was_kept(column, scene)
            if earlier is not None:
                notes = (f"Run {scene.run.id} left it as it stood, as the rule has it for this line.",)
                scene, told = earlier
        standing = {word: one for word, one in told.items() if one.conclusion not in (None, False)}
        if column in SINGLE:
            yield self._flag(column, scene, told[""].conclusion, told[""], notes)
        elif not standing:
            yield self._flag(column, scene, None, _none_of(told), notes)
        for word, one in standing.items() if column in SEVERAL else ():
            yield self._flag(column, scene, word, one, notes)

    def _before_it_was_kept(self, column: str, scene: Scene) -> tuple[Scene, dict[str, Explained]] | None:
        """Give the latest earlier run that judged what later ones keep; None where none can tell.

        It is one that wrote the column, or that moved the line.
        """
        runs = {
            one.run
            for one in self.standing.writes("actions", self.item)
            if {column, "Status"} & set(one.values)
        }
        for number in sorted((one for one in runs if one < scene.run.id), reverse=True):
            found = self.standing.ran.scene(number) if number in self.standing.ran.by_id else None
            place = found.place_of(self.item) if found is not None else None
            if found is None or place is None or found.job_for(column) is None:
                continue
            told = dict(_explain(column, found, place))
            if not any(one.kept for one in told.values()):
                return found, told
        return None

    def _flag(
        self, column: str, scene: Scene, flag: Any, explained: Explained, notes: tuple[str, ...] = ()
    ) -> FlagTold:
        job = scene.job_for(column) or scene.judging.job
        since = Since(self.standing, scene, self.item, column, self.present)
        looked_at = {one.column for one in explained.values if (one.list, one.item) == ("actions", self.item)}
        return FlagTold(
            column=column,
            flag=flag,
            job=job.name,
            control=job.control,
            source=source_of(job.source, job.control, column),
            explained=explained,
            run=scene.told,
            written_by=self.standing.last_writer(self.item, column),
            stands=self.present[column],
            notes=(*notes, *since.notes(wanted(scene, self.item, column), looked_at)),
        )


def _none_of(told: Mapping[str, Explained]) -> Explained:
    """Say that none of a column's words holds, with the values that its rules looked at."""
    rules = {one.rule for one in told.values()}
    rule = rules.pop() if len(rules) == 1 else "None of its words holds."
    values = dict.fromkeys(value for one in told.values() for value in one.values)
    return Explained(None, rule, tuple(values))


def _explain(column: str, scene: Scene, place: int) -> Iterator[tuple[str, Explained]]:
    """Give the explanation of a column, or of each of its words."""
    view = View(scene, scene.job_for(column) or scene.judging.job, place)
    if column in SINGLE:
        yield "", SINGLE[column](view)
        return
    for word, explain in SEVERAL[column].items():
        yield word, explain(view)


def wanted(scene: Scene, item: int, column: str) -> Any:
    """Give what a run found should stand in a column of a line; blank is None, False or ()."""
    frame = scene.outcome.wanted.get("actions")
    if frame is None or column not in frame.columns or item not in frame.index:
        return None
    return plain(frame.loc[item, column], scene.definitions.schemas["actions"].column(column).kind)
