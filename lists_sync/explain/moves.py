"""What the program moved on a line by rule: its Status, and with it ClosedOn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from lists_sync.explain.closure import deferred, put_back
from lists_sync.explain.standing import DONE
from lists_sync.explain.table import source_of
from lists_sync.explain.told import Explained, MoveTold
from lists_sync.explain.view import View

if TYPE_CHECKING:
    from lists_sync.explain.ran import Ran
    from lists_sync.explain.standing import Standing, Written

MOVES: Mapping[str, Callable[[View], Explained]] = {"3.4": deferred, "2.5": put_back}
"""By control: what explains its moves of a line."""
_COLUMNS = ("Status", "ClosedOn")


def moves_of(standing: Standing, item: int) -> Iterator[MoveTold]:
    """Yield the moves of a line, oldest first."""
    for one in standing.writes("actions", item):
        if one.state == DONE and "Status" in one.values:
            told = _told(standing.ran, one, item)
            if told is not None:
                yield told


def _told(ran: Ran, one: Written, item: int) -> MoveTold | None:
    run = ran.by_id.get(one.run)
    job = ran.newest[0].jobs.get(run.job) if run else None
    if run is None or job is None:
        return None
    moved = {name: one.values[name] for name in _COLUMNS if name in one.values}
    source = source_of(job.source, job.control)
    return MoveTold(moved, job.name, job.control, source, run.told, _explained(ran, run.id, item))


def _explained(ran: Ran, number: int, item: int) -> Explained:
    scene = ran.scene(number)
    place = scene.place_of(item) if scene else None
    if scene is None or place is None:
        return Explained(
            None, f"Run {number} cannot be judged again: {ran.skipped.get(number, 'it had no such line')}"
        )
    job = scene.judging.job
    return MOVES[job.control](View(scene, job, place))
