"""The latest rows of a line in the records that have one a line: 3.1, 3.2 and 3.3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.matching import normal
from lists_sync.explain.records import ROWS
from lists_sync.explain.table import source_of
from lists_sync.explain.told import Explained, RecordTold, plain
from lists_sync.explain.view import View

if TYPE_CHECKING:
    from lists_sync.definitions.jobs import Job
    from lists_sync.explain.ran import Brief, Ran
    from lists_sync.explain.standing import Standing


def records_of(standing: Standing, ref: str, item: int) -> Iterator[RecordTold]:
    """Yield the line's latest row of each record that has a row a line and tells of it."""
    for job in standing.definitions.jobs.values():
        if job.record in ROWS:
            row = _latest(standing, job.record, ref, item)
            if row is not None:
                yield _told(standing, job, row, item)


def _latest(standing: Standing, key: str, ref: str, item: int) -> Mapping[str, Any] | None:
    """Give the row of the latest slot; of lines that share a reference only its own."""
    schema = standing.definitions.schemas[key]
    frame = standing.rows(key).frames[key]
    named = frame[["ActionRef", "RecordKey"]].itertuples(index=False)
    marks = np.array([_names(row, ref, item) for row in named], dtype=bool)  # an empty list picks columns
    mine = frame[marks].dropna(subset=["Slot"]).sort_values("Slot", kind="stable")
    if mine.empty:
        return None
    last = mine.iloc[-1]
    return {one.name: plain(last[one.name], one.kind) for one in schema.columns}


def _names(row: Any, ref: str, item: int) -> bool:
    if pd.isna(row.ActionRef) or normal(row.ActionRef) != normal(ref):
        return False
    named = normal(str(row.RecordKey)).partition(f"/{normal(ref)}#")[2]
    return not named or named.startswith(f"{item}/")


def _told(standing: Standing, job: Job, row: Mapping[str, Any], item: int) -> RecordTold:
    run = _run_of(standing.ran, job.name, row)
    explained, notes = _explained(standing.ran, run, item, job.record)
    columns = {name: row[name] for name in explained.conclusion or _own(job, row) if name in row}
    return RecordTold(
        list=job.record,
        job=job.name,
        control=job.control,
        source=source_of(job.source, job.control),
        key=str(row["RecordKey"]),
        columns=columns,
        explained=explained,
        run=run.told if run else None,
        notes=notes,
    )


def _own(job: Job, row: Mapping[str, Any]) -> list[str]:
    """Give the columns of a record that tell of the line alone."""
    common = {"RecordKey", "Slot", "RanAt", "FirstRun", "DataFaults", "ActionRef", *job.measures}
    return [name for name in row if name not in common]


def _run_of(ran: Ran, job: str, row: Mapping[str, Any]) -> Brief | None:
    """Give the last run of the row's slot that counts; None where it is not known here."""
    return next((one for one in ran.runs if one.job == job and one.slot == row["Slot"]), None)


def _explained(ran: Ran, run: Brief | None, item: int, key: str) -> tuple[Explained, tuple[str, ...]]:
    scene = ran.scene(run.id) if run else None
    place = scene.place_of(item) if scene else None
    if scene is None or place is None:
        why = ran.skipped.get(run.id, "") if run else ""
        return Explained(None, "The run that made the row is not known here. " + why), ()
    return ROWS[key](View(scene, scene.judging.job, place)), ()
