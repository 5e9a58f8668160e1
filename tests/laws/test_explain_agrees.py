"""What an explanation comes to is what the control gave, whatever the lists hold."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from lists_of_anything import JOBS, PROVIDER, SCHEMAS, items_of, moment_of, snapshot_of

from lists_sync.controls import CONTROLS, Lists
from lists_sync.definitions.policy import Policy
from lists_sync.evaluate.judge import shown
from lists_sync.explain.records import ROWS
from lists_sync.explain.scene import Scene
from lists_sync.explain.table import SEVERAL, SINGLE
from lists_sync.explain.told import plain
from lists_sync.explain.view import View
from lists_sync.memory import remembered
from lists_sync.plan.diff import plain_column

COLUMNS = (*SINGLE, *SEVERAL)
FLAGGED = sorted(name for name, job in JOBS.items() if set(job.writes.get("actions", ())) & set(COLUMNS))
RECORDED = sorted(name for name, job in JOBS.items() if job.record in ROWS)
SEEDS, SIZES = st.integers(0, 2**32), st.integers(1, 10)
EASY = {"deadline": None, "phases": (Phase.explicit, Phase.reuse, Phase.generate)}


def _scene(name, seed, size):
    """Give drawn lists as a run that judged them, and what its control found."""
    job, moment = JOBS[name], moment_of(JOBS[name])
    snapshot = snapshot_of(items_of(job, seed, size), moment)
    found = remembered(job, snapshot, slot=moment, moment=moment, calendar=PROVIDER.calendar)
    lists = Lists(snapshot.frames, snapshot.unusable)
    calendar = PROVIDER.calendar.operational if job.control.startswith("2.") else PROVIDER.calendar
    judged = CONTROLS[job.control](
        Lists({key: snapshot.frames[key] for key in (*job.reads, *job.also_reads)}, snapshot.unusable),
        moment=moment,
        calendar=calendar,
        settings={**job.settings, "records": True, "salt": "pepper", "link": "{}/{}".format},
        remembered=found,
    )
    definitions = SimpleNamespace(provider=PROVIDER, schemas=SCHEMAS, jobs=JOBS)
    judging = SimpleNamespace(definitions=definitions, moment=moment, slot=moment, job=job, along=())
    outcome = SimpleNamespace(wanted=judged.columns, moves=judged.moves, records=True)
    run = SimpleNamespace(id=1, job=name)
    return Scene(run, judging, Policy({}), snapshot, outcome, lists, found), judged


@pytest.mark.parametrize("name", FLAGGED)
@given(seed=SEEDS, size=SIZES)
@settings(max_examples=8, **EASY)
def test_every_flag_is_explained_as_it_was_found(name, seed, size):
    """All lines and all flags of drawn lists, nonsense among them."""
    scene, judged = _scene(name, seed, size)
    frame = judged.columns["actions"]
    for column in set(frame.columns) & set(COLUMNS):
        found = plain_column(frame[column], SCHEMAS["actions"].column(column))
        for place, id_ in enumerate(frame.index):
            view = View(scene, JOBS[name], scene.place_of(int(id_)))
            assert (_concluded(column, view) or None) == (_split(column, found[place]) or None), (column, id_)


def _concluded(column, view):
    if column in SINGLE:
        return SINGLE[column](view).conclusion
    return tuple(word for word, explain in SEVERAL[column].items() if explain(view).conclusion)


def _split(column, value):
    return tuple(value.split(";#")) if column in SEVERAL and value else value


@pytest.mark.parametrize("name", RECORDED)
@given(seed=SEEDS, size=SIZES)
@settings(max_examples=8, **EASY)
def test_every_record_row_is_explained_as_it_was_found(name, seed, size):
    """Each column of a line's row in the records of 3.1, 3.2 and 3.3."""
    scene, judged = _scene(name, seed, size)
    rows = judged.record_rows
    for id_ in rows.index:
        told = ROWS[JOBS[name].record](View(scene, JOBS[name], scene.place_of(int(id_)))).conclusion
        for column, value in told.items():
            kind = SCHEMAS[JOBS[name].record].column(column).kind
            cell = rows.loc[id_, column]
            found = cell if isinstance(cell, tuple) else shown(cell) if _is_ratio(cell) else plain(cell, kind)
            assert (found or None) == (value or None), (column, id_)


def _is_ratio(cell):
    return not isinstance(cell, int | float | bool | str | pd.Timestamp) and hasattr(cell, "denominator")
