"""What Control runs in the workspace says was run already, whoever ran it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from lists_sync.clock import as_utc, iso, now
from lists_sync.plan.rows import slot_key
from lists_sync.pull import pull
from lists_sync.read import read_snapshot
from lists_sync.schedule.slots import Slot, State

if TYPE_CHECKING:
    from lists_sync.context import Context

RUNS = "control_runs"


def completed_runs(context: Context, moment: datetime) -> dict[str, int]:
    """Read Control runs anew and give its completed runs: by RunKey the minutes each was late.

    Raises:
        ListsSyncError: the list cannot be read.
    """
    pull(context.workspace, context.mirror, [RUNS], iso(now()), stop=context.stop)
    frame = read_snapshot(context.mirror, context.definitions, [RUNS], moment=as_utc(moment)).frames[RUNS]
    good = frame[frame["Result"].str.startswith("Completed").fillna(value=False).astype(bool)]
    good = good.dropna(subset=["RunKey"])
    pairs = zip(good["RunKey"], good["LateMinutes"], strict=True)
    return {str(key): 0 if pd.isna(late) else max(0, int(late)) for key, late in pairs}


def adopted(slots: Iterable[Slot], completed: Mapping[str, int]) -> list[Slot]:
    """Give as done those of the slots that were completed and are not known as such here."""
    keys = {slot_key(one.job, one.at): one for one in slots if one.state is not State.DONE}
    return [one.done(run=None, late_minutes=completed[key]) for key, one in keys.items() if key in completed]
