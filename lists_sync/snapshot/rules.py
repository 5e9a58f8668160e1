"""Which values cannot be used, although they are of the right kind.

Source: controls.md section 1, unusable values; section 9, hours and scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.matching import normal_all, ref_codes, texts
from lists_sync.model import Column, Kind, ListSchema
from lists_sync.snapshot import faults as why

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from lists_sync.snapshot.faults import Faults

FIRST_YEAR = 1990
YEARS_AHEAD = 5
RATE_MAX = 100

_DATES = (Kind.DATE, Kind.DATETIME)
_TOO_MANY = (
    ("burst_samples", "RecordsMatched", "RecordsChecked", why.MORE_MATCHED),
    ("retests", "StagesCorrect", "StagesTotal", why.MORE_CORRECT),
)


@dataclass(frozen=True)
class Limits:
    """The days and instants between which a date can be used.

    Args:
        moment: nothing that has happened lies after it.
        furthest: nothing is due after it.
    """

    first: pd.Timestamp
    moment: pd.Timestamp
    furthest: pd.Timestamp

    @classmethod
    def at(cls, moment: datetime, zone: ZoneInfo) -> Limits:
        """Give the limits in local time."""
        local = pd.Timestamp(moment).tz_convert(zone)
        return cls(pd.Timestamp(FIRST_YEAR, 1, 1, tz=zone), local, local + pd.DateOffset(years=YEARS_AHEAD))


def check_column(frame: pd.DataFrame, key: str, column: Column, limits: Limits, faults: Faults) -> None:
    """Take out of a people's column what lies outside its bounds; the bot's own columns are left alone."""
    if column.bot:
        return
    place = (key, column.name)
    values = frame[column.name]
    if column.kind is Kind.NUMBER:
        faults.take_out(frame, place, *_number_out(values, is_rate=column.name.endswith("Rate")))
    elif column.kind in _DATES:
        first, moment, furthest = _as_kind(limits, column.kind)
        faults.take_out(frame, place, (values < first).to_numpy(), why.TOO_EARLY)
        if "Due" in column.name:
            faults.take_out(frame, place, (values > furthest).to_numpy(), why.TOO_FAR)
        else:
            faults.take_out(frame, place, (values > moment).to_numpy(), why.NOT_YET)


def _number_out(values: pd.Series[Any], *, is_rate: bool) -> tuple[np.ndarray[Any, Any], str]:
    if is_rate:
        return ((values < 0) | (values > RATE_MAX)).to_numpy(), why.NO_RATE
    return (values < 0).to_numpy(), why.NEGATIVE


def _as_kind(limits: Limits, kind: Kind) -> tuple[pd.Timestamp, ...]:
    told = (limits.first, limits.moment, limits.furthest)
    if kind is Kind.DATETIME:
        return told
    return tuple(one.tz_localize(None).normalize() for one in told)


def check_lists(
    frames: Mapping[str, pd.DataFrame], schemas: Mapping[str, ListSchema], faults: Faults
) -> None:
    """Find what can only be seen across columns, rows and lists. References keep standing as typed."""
    for key in sorted(frames):
        if not schemas[key].record:
            _check_unique(frames[key], schemas[key], faults)
            _check_references(frames, key, faults)
    for key, part, whole, reason in _TOO_MANY:
        if key in frames:
            frame = frames[key]
            faults.take_out(frame, (key, part), (frame[part] > frame[whole]).to_numpy(), reason)
    if "actions" in frames:
        status = frames["actions"]["Status"]
        # An unknown word is missing by now too; its own reason was noted first and stays.
        faults.add("actions", "Status", status.index[status.isna()], why.BLANK_STATUS)


def _check_unique(frame: pd.DataFrame, schema: ListSchema, faults: Faults) -> None:
    for column in schema.columns:
        if column.unique and not column.bot:
            (codes,), _ = ref_codes(frame[column.name])
            shared = pd.Series(codes).duplicated(keep=False).to_numpy() & (codes >= 0)
            faults.add(schema.key, column.name, frame.index[shared], why.SHARED)


def _check_references(frames: Mapping[str, pd.DataFrame], key: str, faults: Faults) -> None:
    for column, home, reason in (
        ("ActionRef", "actions", why.NAMES_NO_LINE),
        ("BurstId", "burst_samples", why.NAMES_NO_BURST),
    ):
        if key != home and home in frames and column in frames[key].columns:
            lost = _names_nothing(frames[key][column], frames[home][column])
            if home == "actions" and lost.any():
                lost &= ~_names_by_id(frames[key][column], frames[home][column])
            faults.add(key, column, frames[key].index[lost], reason)


def _names_by_id(named: pd.Series[Any], refs: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """Tell where a value is `#<item id>`, which is how a line without a reference is called."""
    known = {f"#{id_}" for id_ in refs.index[refs.isna()]}
    words, present = texts(named)
    found = np.zeros(len(named), dtype=bool)
    found[present] = [word in known for word in normal_all(words[present].tolist())]
    return found


def _names_nothing(named: pd.Series[Any], home: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """Tell where any of the references of a value, separated by `;`, stands in no row of `home`."""
    words, present = texts(home)
    known = set(normal_all(words[present].tolist())) | {""}
    words, present = texts(named)
    lost = np.zeros(len(named), dtype=bool)
    plain = normal_all(words[present].tolist())
    if any(";" in word for word in plain):
        lost[present] = [not known.issuperset(normal_all(word.split(";"))) for word in plain]
    else:
        lost[present] = [word not in known for word in plain]
    return lost
