"""Control 2.4, competence retest: can the staff behind invalid evidence now do what the procedure says?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.bursts import Bursts, read_bursts
from lists_sync.controls.files import INVALID, pairs
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import NAT, Bools, Ints, micros, micros_of
from lists_sync.controls.matching import BLANK, ref_codes
from lists_sync.controls.percent import added, one_decimal, percents
from lists_sync.controls.validity import retest_due

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar

_SUMS = {
    "CorrectStages": "StagesCorrect",
    "CriticalOmissionsRepeated": "CriticalOmissionsRepeated",
    "CoachingMinutes": "CoachingMinutes",
}
"""By measure: the column it sums."""


def competence_retest(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Sum up the retests of the cycle, and find invalid samples whose retest is overdue.

    Args:
        lists: frames `retests`, `burst_samples` and `actions` (to match lines, and to name them);
            `first_seen["retests.RetestedAt"]` stands in where RetestedAt was not typed.
        settings: `look_back_days`; `retest_within_hours`, elapsed hours.
        remembered: the cycle, whose start is outside it and whose end is inside.

    Returns:
        measures Retests, CorrectStages, CriticalOmissionsRepeated, CoachingMinutes, AverageCorrectPercent
        (None where no retest has a percentage) and RetestsOverdue; column CorrectPercent on every retest;
        findings `AverageCorrectPercent` (lines of which a retest missed a stage) and `RetestsOverdue`.
    Source:
        Operational example 2, step 4; controls.md 2.4.
    """
    lines = read_lines(lists, calendar.zone)
    retests = _read(lists, lines)
    frame = retests.frame
    start, end = micros_of(remembered.cycle_start), micros_of(remembered.cycle_end)
    mine = (retests.at != NAT) & (retests.at > start) & (retests.at <= end)
    bursts = read_bursts(lists, lines, moment=moment, calendar=calendar, days_back=1)
    invalid = (bursts.samples.verdict == INVALID) & bursts.within(settings["look_back_days"])
    overdue = _overdue(bursts, retests, invalid, settings["retest_within_hours"])
    missed = mine & (frame["StagesCorrect"] < frame["StagesTotal"]).to_numpy()
    told = {
        "AverageCorrectPercent": bursts.tell(retests.lines_of(missed, len(lines.frame))),
        "RetestsOverdue": bursts.tell(bursts.lines_of(overdue)),
    }
    return Judged(
        {
            "Retests": int(mine.sum()),
            **{name: added(frame[column][mine]) for name, column in _SUMS.items()},
            "AverageCorrectPercent": _mean(retests.percents, mine),
            "RetestsOverdue": int(overdue.sum()),
        },
        {"retests": _column(retests)},
        findings={name: found for name, (found, _) in told.items()},
        facts={
            "totals": {name: count for name, (_, count) in told.items()},
            "from_history": {
                "retests.RetestedAt": int(retests.from_history.sum()),
                "burst_samples.ReviewedAt": int((bursts.samples.from_history & invalid).sum()),
            },
        },
    )


@dataclass(frozen=True, eq=False)
class _Retests:
    """The retests, one place each, in the order of the frame.

    Args:
        at: when each was done, in microseconds, blanks filled from history; `NAT` where nobody knows.
        percents: correct stages of all stages, exact; None where there is no percentage.
        retest: place of the pair's retest.
        line: place of the pair's line among the lines.
    """

    frame: pd.DataFrame
    at: Ints
    from_history: Bools
    percents: list[Fraction | None]
    retest: Ints
    line: Ints

    def lines_of(self, of_retests: Bools, count: int) -> Bools:
        """Tell for each of `count` lines whether it is one of a marked retest's."""
        found = np.zeros(count, dtype=bool)
        found[self.line[of_retests[self.retest]]] = True
        return found


def _read(lists: Lists, lines: Lines) -> _Retests:
    frame = lists.frames["retests"]
    times, filled = lists.or_first_seen("retests", "RetestedAt")
    retest, line = pairs(frame["ActionRef"], lines.frame["ActionRef"])
    return _Retests(
        frame=frame,
        at=micros(times),
        from_history=filled,
        percents=percents(frame["StagesCorrect"], frame["StagesTotal"]),
        retest=retest,
        line=line,
    )


def _mean(found: list[Fraction | None], mine: Bools) -> Fraction | None:
    """Give the mean of the exact percentages of the marked rows, those without one left out."""
    known = [one for one, is_mine in zip(found, mine, strict=True) if is_mine and one is not None]
    return sum(known, Fraction()) / len(known) if known else None


def _column(retests: _Retests) -> pd.DataFrame:
    shown = np.array([one_decimal(one) for one in retests.percents], dtype="float64")
    return pd.DataFrame({"CorrectPercent": shown}, index=retests.frame.index)


def _overdue(bursts: Bursts, retests: _Retests, invalid: Bools, hours: float) -> Bools:
    """Tell which invalid samples are past their retest time without one that was done.

    A retest is done where it has a time and at least one stage, and it counts for a sample where the burst
    and any line are the same. A sample whose reference names no line is left out.
    """
    due = retest_due(bursts.samples, hours)
    late = invalid & (due != NAT) & (due < bursts.moment_us) & bursts.have_a_line()
    (sampled, done), _ = ref_codes(bursts.samples.frame["BurstId"], retests.frame["BurstId"])
    counts = (retests.at != NAT) & (retests.frame["StagesTotal"] > 0).to_numpy() & (done != BLANK)
    of_retest = counts[retests.retest]
    size = len(bursts.lines.frame)
    have = done[retests.retest[of_retest]] * size + retests.line[of_retest]
    need = np.where(sampled[bursts.sample] != BLANK, sampled[bursts.sample] * size + bursts.line, BLANK)
    served = np.zeros(len(late), dtype=bool)
    served[bursts.sample[np.isin(need, have)]] = True
    found: Bools = late & ~served
    return found
