"""Control 3.1, closure-gate register: which lines are proposed for closure, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.findings import refs
from lists_sync.controls.gate import Gate, read_gate, reason_words
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import NAT, Bools, Ints, days, micros
from lists_sync.controls.matching import normal
from lists_sync.controls.proposals import (
    day_of,
    deferred_lines,
    not_yet_recorded,
    objects,
    or_present,
    proposed_lines,
    record_rows_of,
    today,
)
from lists_sync.controls.reviews import APPROVED, NONE, REJECTED, Reviews, read_reviews

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar


def closure_gate_register(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Put every proposed line on the register, with what stands against closing it.

    Args:
        lists: frames `actions`, `closure_reviews`, `evidence`, `burst_samples`, `closure_holds`.
        settings: `validation_days`, local days that a validation stays good for.
        remembered: `records`, of which those of today say which lines were seen to this morning, and all
            how often a line stood on the register; `proposed_since`.

    Returns:
        measures Proposed and Ready and the record's rows, of lines that no earlier slot of the day has seen;
        column GateReasons of all proposed lines (deferred ones keep theirs, all others are cleared), and on
        their reviews with LatestValidationDate and ReviewPoints; a new row of Closure reviews where needed.
    Source:
        Operational example 3, step 1; controls.md 3.1.
    """
    lines, day = read_lines(lists, calendar.zone), today(moment, calendar)
    proposed = proposed_lines(lines)
    seen = not_yet_recorded(remembered.records, lines, zone=calendar.zone, day=day)
    within = int(settings["validation_days"])
    gate = read_gate(lists, lines, moment=moment, zone=calendar.zone, within_days=within)
    reviews = read_reviews(lists, lines)
    lacking = _without_review(lines, reviews, proposed, remembered)
    reasons = reason_words(np.where(proposed, gate.bits, 0))
    kept = or_present(reasons, lines.frame["GateReasons"], deferred_lines(lines))
    stood = record_rows_of(remembered.records, lines, calendar.zone)
    return Judged(
        measures={"Proposed": int(seen.sum()), "Ready": int((seen & gate.ready).sum())},
        columns={
            "actions": pd.DataFrame({"GateReasons": kept}, index=lines.frame.index),
            "closure_reviews": _on_reviews(lines, reviews, gate, proposed & ~lacking, stood, day),
        },
        rows={"closure_reviews": _new_reviews(lines, gate, np.flatnonzero(lacking), moment, day)},
        record_rows=_record_rows(lines, gate, np.flatnonzero(seen)),
        facts={"from_history": {"burst_samples.ReviewedAt": int(gate.from_history[proposed].sum())}},
    )


def _without_review(lines: Lines, reviews: Reviews, proposed: Bools, remembered: Remembered) -> Bools:
    """Tell which proposed lines need a review: all but those with an open or an approved one.

    One with a word that cannot be used is left to people. An approval of an earlier proposal does not count.
    """
    current = reviews.of_lines(len(lines.frame))
    known = current != NONE
    decision = np.where(known, np.append(reviews.decision, REJECTED)[current], REJECTED)
    decided_at = np.append(reviews.decided_at, NAT)[current]
    since = micros(remembered.proposed_since.reindex(lines.frame.index))
    proposed_anew = (since != NAT) & (since > decided_at)
    stands = (decision < 0) | ((decision == APPROVED) & ~proposed_anew)
    found: Bools = proposed & ~stands
    return found


def _on_reviews(
    lines: Lines, reviews: Reviews, gate: Gate, marked: Bools, stood: pd.DataFrame, day: int
) -> pd.DataFrame:
    """Give what the reviews of these lines show: lines that share one add their reasons together."""
    review, line = reviews.shown_on(marked, lines.frame.index.to_numpy())
    bits = np.zeros(len(reviews.frame), dtype=np.int64)
    pairs = marked[reviews.line]
    np.bitwise_or.at(bits, reviews.review[pairs], gate.bits[reviews.line[pairs]])
    proposed_on = days(reviews.frame["ProposedOn"])[review]
    points = [
        _points(stood, place, since, day) if since != NAT else None
        for place, since in zip(line, proposed_on, strict=True)
    ]
    return pd.DataFrame(
        {
            "ReviewPoints": np.array(points, dtype="float64"),
            "LatestValidationDate": _instants(gate.validated_at[line]),
            "GateReasons": reason_words(bits[review]),
        },
        index=reviews.frame.index[review],
    )


def _points(stood: pd.DataFrame, line: int, since: int, day: int) -> int:
    """Count the review days, today included, on which a line stood on the register since a day."""
    mine = stood["day"][(stood["line"] == line) & (stood["day"] >= since) & (stood["day"] < day)]
    return mine.nunique() + 1


def _new_reviews(
    lines: Lines, gate: Gate, places: Ints, moment: datetime, day: int
) -> tuple[Mapping[str, Any], ...]:
    """Give a review row for each reference, of lines that share one with the reasons of all."""
    at = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    found: dict[str, dict[str, Any]] = {}
    bits: dict[str, int] = {}
    ordered = places[np.argsort(lines.frame.index[places], kind="stable")]
    for place, ref in zip(ordered, refs(lines.frame, ordered), strict=True):
        row = {
            "Title": f"{ref}/{at}",
            "ActionRef": ref,
            "ProposedOn": day_of(day).date(),
            "ReviewPoints": 1,
            "LatestValidationDate": _instant(gate.validated_at[place]),
        }
        found.setdefault(normal(ref), row)
        bits[normal(ref)] = bits.get(normal(ref), 0) | int(gate.bits[place])
    return tuple({**row, "GateReasons": reason_words(np.array([bits[ref]]))[0]} for ref, row in found.items())


def _record_rows(lines: Lines, gate: Gate, places: Ints) -> pd.DataFrame:
    frame = lines.frame.iloc[places]
    return pd.DataFrame(
        {
            "ActionRef": objects(refs(lines.frame, places)),
            "BaselineRiskScore": frame["BaselineRiskScore"],
            "LatestValidationDate": _instants(gate.validated_at[places]),
            "GateReady": gate.ready[places],
            "GateReasons": reason_words(gate.bits[places]),
        },
        index=frame.index,
    )


def _instants(us: Ints) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(us.view("datetime64[us]")).tz_localize("UTC")


def _instant(us: int) -> datetime | None:
    return None if us == NAT else pd.Timestamp(us, unit="us", tz="UTC").to_pydatetime()
