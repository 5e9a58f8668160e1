"""After the local state was lost: read back from SharePoint's own versions what a job remembers.

Only what this job asks for is read, of items that were changed since, and each item once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from lists_sync.controls.matching import is_in
from lists_sync.memory.history import FORGOTTEN, PROPOSED, REINSTATED, candidates

if TYPE_CHECKING:
    from lists_sync.connect.workspace import Workspace
    from lists_sync.definitions.jobs import Job
    from lists_sync.mirror.versions import Mirror
    from lists_sync.model import Snapshot

LATELY = timedelta(days=32)
ITEMS_COUNT = 1000
"""How many items of a list are read back at most in one run: 50 batches; those changed last come first."""
_ENDED = ("Closed", "Cancelled")


@dataclass(frozen=True)
class ReadBack:
    """What was read back.

    Args:
        left_out: items that might have told something and were too many.
    """

    items: int = 0
    versions: int = 0
    left_out: int = 0

    @property
    def note(self) -> str:
        """Give one sentence on it, "" where nothing was asked."""
        if not self.items and not self.left_out:
            return ""
        left = f"; {self.left_out} more were too many, and what they held before is not known"
        return (
            f"{self.versions} earlier versions of {self.items} items were read back from SharePoint"
            f"{left if self.left_out else ''}."
        )


NEW_HERE = (
    "The local state is new here although earlier runs stand in Control runs: it was rebuilt from the lists, "
    "and its chain of runs starts anew."
)


def found_before(snapshot: Snapshot, own_hashes: frozenset[str]) -> datetime | None:
    """Give when the earliest run was that an earlier local state made, None where there was none.

    Args:
        own_hashes: the hashes of this local state's chain.
    """
    rows = snapshot.frames["control_runs"].dropna(subset=["RanAt", "ChainHash"])
    foreign = rows[~rows["ChainHash"].isin(sorted(own_hashes))]
    return foreign["RanAt"].min().to_pydatetime() if len(foreign) else None


def read_back(
    workspace: Workspace,
    mirror: Mirror,
    jobs: Iterable[Job],
    snapshot: Snapshot,
    *,
    slot: datetime,
    number: int,
) -> ReadBack:
    """Read back what these jobs remember and this local state never saw, and keep it.

    Args:
        jobs: the job and those judged along with it.
        number: the pull with which it is kept.
    """
    wanted: dict[str, set[int]] = {}
    for key, ids in _asked(list(jobs), snapshot, slot):
        wanted.setdefault(key, set()).update(ids)
    items = versions = left = 0
    for key, ids in sorted(wanted.items()):
        asked = _worth_asking(mirror, snapshot, key, ids)
        told = workspace.versions(key, asked[:ITEMS_COUNT])
        mirror.recovered.keep(key, told, number)
        items, left = items + len(told), left + len(asked) - len(told)
        versions += sum(map(len, told.values()))
    return ReadBack(items, versions, left)


def _asked(jobs: list[Job], snapshot: Snapshot, slot: datetime) -> Iterator[tuple[str, Iterable[int]]]:
    """Yield by list the items of which the jobs ask what they held before."""
    controls = {job.control for job in jobs}
    for (key, time), stretch in FORGOTTEN.items():
        if key in snapshot.frames:
            frame = snapshot.frames[key]
            yield key, frame.index[frame[time].isna().to_numpy() & candidates(frame, stretch)]
    if controls & {"3.1", "3.4"}:
        lines = snapshot.frames["actions"]
        yield "actions", lines.index[is_in(lines["Status"], [PROPOSED])]
    if "2.5" in controls:
        samples = snapshot.frames["burst_samples"]
        yield "burst_samples", samples.index[is_in(samples["Disposition"], [REINSTATED])]
    if "5" in controls:
        lines = snapshot.frames["actions"]
        live = ~is_in(lines["Status"], _ENDED)
        yield "actions", lines.index[live & _since(lines, snapshot.moment - LATELY)]
    for job in jobs:
        if job.control == "1.3":
            yield from _since_the_record(job, snapshot, slot)


def _since_the_record(job: Job, snapshot: Snapshot, slot: datetime) -> Iterator[tuple[str, Iterable[int]]]:
    """Yield what was changed since the job's previous record: it compares with what stood then."""
    rows = snapshot.frames[job.record].dropna(subset=["Slot", "RanAt"]).sort_values("Slot", kind="stable")
    earlier = rows[rows["Slot"] < pd.Timestamp(slot)]
    if len(earlier):
        for key in job.reads:
            frame = snapshot.frames[key]
            yield key, frame.index[_since(frame, earlier["RanAt"].iloc[-1].to_pydatetime())]


def _since(frame: pd.DataFrame, instant: datetime) -> pd.Series[bool]:
    return frame["Modified"].isna() | (frame["Modified"] > pd.Timestamp(instant))


def _worth_asking(mirror: Mirror, snapshot: Snapshot, key: str, ids: set[int]) -> list[int]:
    """Give those of the items that were never asked for and had an earlier version, changed last first."""
    cursor = mirror.cursor(key)
    known = mirror.recovered.ids(key)
    fresh = {id_ for id_ in ids - known if not _is_first(snapshot.versions[key][id_])}
    seen = mirror.history(key, fresh)
    first = cursor.first_pull if cursor else 0
    left = [id_ for id_ in fresh if seen[id_][0][0] <= first]
    changed = snapshot.frames[key]["Modified"]
    return sorted(left, key=lambda id_: (-_ticks(changed[id_]), id_))


def _is_first(etag: str) -> bool:
    """Tell whether a version is an item's first, and so has none before it."""
    return etag.strip('"').rpartition(",")[2] == "1"


def _ticks(when: pd.Timestamp) -> float:
    return 0.0 if pd.isna(when) else when.timestamp()
