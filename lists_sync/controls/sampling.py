"""Control 2.1, burst sample: which files of evidence are tested today?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Figure, Judged, Lists, Remembered
from lists_sync.controls.draw import draw
from lists_sync.controls.pool import Burst, read_burst

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar


def burst_sample(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Draw the day's sample of evidence, or complete the one that was drawn before.

    The first run of a burst fixes it: from then on the sample is what that run meant to draw, as far as the
    files are still there, together with the rows that stand. Where nobody knows that run any more, the rows
    that stand count as taken first, and the draw fills up to the size. A sample of no file fixes nothing.

    Args:
        lists: frames `actions`, `evidence`, `burst_samples`.
        calendar: of the operational days.
        settings: `size`, `high_risk_percent`, `newly_closed_percent`, `newly_closed_days`,
            `sampled_lately_days`, `most_of_a_line`, `review_hours`.
        remembered: `fixed`.

    Returns:
        measures BurstId, FilesSelected, FromHighRisk, FromNewlyClosed, Shortfall and QuotaShortfall, of the
        sample as it is: a row counts for the strata that it was made with; the rows of Burst samples that
        are missing, in the order of drawing; LastSampledOn of the sample's files.

    Raises:
        SettingsError: there is no salt, so anybody could foretell the draw.
    Source:
        Operational example 2, step 1; controls.md 2.1 and section 9.
    """
    burst = read_burst(lists, moment=moment, calendar=calendar, settings=settings)
    wanted = remembered.fixed or drawn(burst)
    fresh = burst.missing(wanted)
    review_by = calendar.add_working_hours(moment, settings["review_hours"])
    times = {"SampledAt": moment, "ReviewBy": review_by}
    return Judged(
        _measures(burst, fresh),
        {"evidence": _sampled_today(burst, fresh)},
        facts={
            "from_history": {"actions.ClosedOn": burst.from_history},
            "notes": list(_notes(burst, wanted)),
        },
        rows={"burst_samples": tuple(burst.row(place, settings["link"]) | times for place in fresh)},
    )


def drawn(burst: Burst) -> tuple[str, ...]:
    """Give the unique ids of the files that the draw takes, in the order of drawing."""
    steps = draw(burst.pool, burst.rules, burst.held)
    return tuple(burst.pool.unique[place] for step in steps for place in step.taken)


def _measures(burst: Burst, fresh: list[int]) -> dict[str, Figure]:
    rules, standing = burst.rules, burst.standing
    selected = len(standing) + len(fresh)
    high = int(standing["high"].sum()) + int(burst.high[fresh].sum())
    newly = int(standing["newly"].sum()) + int(burst.newly[fresh].sum())
    return {
        "BurstId": burst.id,
        "FilesSelected": selected,
        "FromHighRisk": high,
        "FromNewlyClosed": newly,
        "Shortfall": max(0, rules.size - selected),
        "QuotaShortfall": max(0, rules.high - high) + max(0, rules.newly - newly),
    }


def _sampled_today(burst: Burst, fresh: list[int]) -> pd.DataFrame:
    """Give LastSampledOn of the sample's files; the others keep theirs."""
    standing = [burst.places[unique] for unique in burst.standing.index if unique in burst.places]
    index = burst.files.frame.index
    chosen = np.zeros(len(index), dtype=bool)
    chosen[[*standing, *fresh]] = True
    today = pd.Series(pd.Timestamp(burst.day), index=index[chosen], dtype="datetime64[us]")
    return today.to_frame("LastSampledOn")


def _notes(burst: Burst, wanted: Sequence[str]) -> Iterator[str]:
    """Say what the sample lost since it was fixed."""
    gone = len({unique for unique in wanted if unique not in burst.places} - set(burst.standing.index))
    if gone:
        files = "1 file of the sample is" if gone == 1 else f"{gone} files of the sample are"
        yield f"{files} no longer in the library; none is drawn instead."
