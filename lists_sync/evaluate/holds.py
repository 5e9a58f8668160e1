"""What is held while a figure is past its limit: rows that managers see, and may lift.

Source: controls.md 2.5 and 3.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import TYPE_CHECKING

import pandas as pd

from lists_sync.controls.holds import lifted_at
from lists_sync.controls.local import NAT, micros_of
from lists_sync.controls.matching import is_in
from lists_sync.evaluate.escalate import Case, is_met, key_of, plain_figure
from lists_sync.messages.words import figure, measure_words
from lists_sync.model import NewRow, Value

if TYPE_CHECKING:
    from lists_sync.definitions.jobs import HoldRule

NEXT_PASSING = "next passing closure"
NEXT_WORKING_DAY = "next working day "
UNTIL = ("next working day 08:00", NEXT_PASSING)
"""What `hold_until` may say; the time of day is free."""


@dataclass(frozen=True)
class Held:
    """What a run says of its holds.

    Args:
        begins: rows of Closure holds to make.
        ends: by list key: `Until` of the holds that end now.
        measures: by yes/no figure: whether it is held.
    """

    begins: tuple[NewRow, ...] = ()
    ends: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    measures: Mapping[str, bool] = field(default_factory=dict)


def holds(case: Case, standing: pd.DataFrame | None) -> Held:
    """Say which holds begin and which end, and fill the figures that tell of them.

    Args:
        standing: the frame of Closure holds; None where the job holds nothing.
    """
    begins: list[NewRow] = []
    measures: dict[str, bool] = {}
    ended: list[int] = []
    for hold in case.job.holds.values():
        met = is_met(
            case.job.escalate[hold.rule], case.judged.measures.get(case.job.escalate[hold.rule].measure)
        )
        if hold.measure:
            measures[hold.measure] = met
        if standing is None or not case.records:
            continue
        still_open = _open(standing, hold.kind, case.moment)
        if not met:
            ended += still_open
        elif not (still_open and _until(case) is None):
            begins.append(_row(case, hold))
    until = pd.Series(
        case.moment, index=pd.Index(ended, name="id", dtype="int64"), dtype="datetime64[us, UTC]"
    )
    return Held(tuple(begins), {"closure_holds": until.to_frame("Until")} if ended else {}, measures)


def _open(standing: pd.DataFrame, kind: str, moment: datetime) -> list[int]:
    """List the holds of a kind without an end that nobody has lifted."""
    at = lifted_at(standing)
    lifted = (at != NAT) & (at <= micros_of(moment))
    found = is_in(standing["Kind"], (kind,)) & standing["Until"].isna().to_numpy() & ~lifted
    return [int(id_) for id_ in standing.index[found]]


def _until(case: Case) -> datetime | None:
    """Give when a hold that begins now ends; None where the next passing run ends it."""
    told = str(case.job.settings["hold_until"])
    if told == NEXT_PASSING:
        return None
    return case.calendar.next_day_at(case.moment, time.fromisoformat(told.removeprefix(NEXT_WORKING_DAY)))


def _row(case: Case, hold: HoldRule) -> NewRow:
    rule = case.job.escalate[hold.rule]
    key = key_of(case, rule)
    found = figure(plain_figure(case.judged.measures.get(rule.measure)))
    values: dict[str, Value] = {
        "HoldKey": key,
        "Kind": hold.kind,
        "From": case.moment,
        "Until": _until(case),
        "Reason": f"{measure_words(rule.measure)}: {found}; above {figure(rule.limit)} it is held.",
    }
    return NewRow("closure_holds", key, values)
