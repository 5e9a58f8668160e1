"""Control 2.3, live-proof comparison: does the practice on the unit match what the sampled files claim?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Figure, Judged, Lists, Remembered
from lists_sync.controls.bursts import Bursts, read_bursts
from lists_sync.controls.lines import read_lines
from lists_sync.controls.percent import added, exact, one_decimal, percents

if TYPE_CHECKING:
    from datetime import datetime
    from fractions import Fraction

    from lists_sync.controls.local import Bools
    from lists_sync.worktime import Calendar

_SUMS = ("StepsObserved", "RecordsMatched", "StaffPrompts")


def live_proof_comparison(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,  # noqa: ARG001  # every control is called alike
) -> Judged:
    """Compare the care records of the day's burst with the steps that were observed.

    Args:
        lists: frames `actions` (to name the lines) and `burst_samples`.
        settings: `settle_days`, operational days.

    Returns:
        measures BurstId, StepsObserved, RecordsMatched, StaffPrompts and MatchPercent of the day's burst, all
        but the first None where there is none, MatchPercent also where no record was checked; column
        MatchPercent on the samples of that burst and those before it; findings `sampled` (the lines of the
        burst; its total counts the samples) and `MatchPercent`: the lines with a record that did not match,
        or, where there is no percentage, those whose records were not compared.
    Source:
        Operational example 2, step 3; controls.md 2.3.
    """
    lines = read_lines(lists, calendar.zone)
    bursts = read_bursts(
        lists, lines, moment=moment, calendar=calendar, days_back=int(settings["settle_days"])
    )
    frame = bursts.samples.frame
    is_there = bool(bursts.mine.any())
    overall = _match_percent(frame[bursts.mine])
    measures: dict[str, Figure] = {"BurstId": bursts.id}
    measures |= {name: added(frame[name][bursts.mine]) if is_there else None for name in _SUMS}
    measures["MatchPercent"] = overall
    told, count = bursts.tell(bursts.lines_of(bursts.mine & _to_look_at(frame, overall)))
    sampled, _ = bursts.tell(bursts.lines_of(bursts.mine))
    return Judged(
        measures,
        {"burst_samples": _by_item(bursts)},
        findings={"MatchPercent": told, "sampled": sampled},
        facts={
            "totals": {"MatchPercent": count, "sampled": int(bursts.mine.sum())},
            "notes": [*bursts.notes, *_not_compared(bursts)],
        },
    )


def _compared(frame: pd.DataFrame) -> Bools:
    """Tell which samples have both figures, so that they count in the percentage."""
    found: Bools = (frame["RecordsMatched"].notna() & frame["RecordsChecked"].notna()).to_numpy()
    return found


def _match_percent(frame: pd.DataFrame) -> Fraction | None:
    """Give 100 x records matched / records checked, over the samples that have both."""
    rows = frame[_compared(frame)]
    checked = sum(map(exact, rows["RecordsChecked"]))
    return 100 * sum(map(exact, rows["RecordsMatched"])) / checked if checked else None


def _to_look_at(frame: pd.DataFrame, overall: Fraction | None) -> Bools:
    if overall is None:
        return ~_compared(frame) | (frame["RecordsChecked"] == 0).to_numpy()
    return _compared(frame) & (frame["RecordsMatched"] < frame["RecordsChecked"]).to_numpy()


def _by_item(bursts: Bursts) -> pd.DataFrame:
    frame = bursts.samples.frame[bursts.late]
    found = [one_decimal(one) for one in percents(frame["RecordsMatched"], frame["RecordsChecked"])]
    return pd.DataFrame({"MatchPercent": np.array(found, dtype="float64")}, index=frame.index)


def _not_compared(bursts: Bursts) -> list[str]:
    """Say how many samples of the burst the percentage says nothing of."""
    open_count = int((~_compared(bursts.samples.frame) & bursts.mine).sum())
    total = int(bursts.mine.sum())
    return [f"{open_count} of {total} samples have no records compared yet."] if open_count else []
