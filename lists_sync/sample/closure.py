"""Closed, proposed and deferred lines, their reviews, and complaints, for controls 1.4 and 3.1 to 3.5."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from lists_sync.sample.cast import Cast, Row
from lists_sync.sample.days import instant
from lists_sync.sample.people import SERVICES
from lists_sync.sample.words import THEMES

_DAY = timedelta(days=1)
_ASSURANCE = ("Commissioner visit", "Family feedback", "External audit", "Health professional", "Advocate")
_FULL, _PARTLY = "Fully resolved", "Partly resolved"

GATE_TROUBLES: dict[str, dict[str, Any]] = {
    "no baseline risk score": {"BaselineRiskScore": None},
    "risk score not reduced": {"BaselineRiskScore": 12, "CurrentRiskScore": 12},
    "never validated": {},
    "validation too old": {},
    "validated by its owner": {},
    "invalid evidence outstanding": {},
    "reduction below 15": {
        "BaselineFailureRate": 40,
        "CurrentFailureRate": 37,
        "ResolutionClaim": _FULL,
    },
    "no movement from baseline": {"BaselineFailureRate": 30, "CurrentFailureRate": 33},
    "baseline rate zero": {
        "BaselineFailureRate": 0,
        "CurrentFailureRate": 0,
        "ResolutionClaim": _FULL,
    },
    "neither proof": {"BaselineFailureRate": 40, "CurrentFailureRate": 38},
    "weak complaint data": {"RiskTheme": None},
    "complaints not falling": {"RiskTheme": "Falls"},
}
"""What stands between a proposed line and its closure, one line each."""

_WITHOUT_ASSURANCE = {"reduction below 15", "neither proof", "no movement from baseline", "never validated"}


def close(cast: Cast) -> None:
    """Close, cancel, propose and defer lines."""
    _closed_in_cycle(cast)
    _closed_before(cast)
    cast.take("cancelled", 4, Status="Cancelled")
    proposed = {"Status": "Proposed for closure", "ResolutionClaim": _PARTLY}
    cast.take(
        "ready for the gate",
        8,
        **proposed | {"RiskRating": "Medium", "BaselineRiskScore": 12, "CurrentRiskScore": 6},
        BaselineFailureRate=40,
        CurrentFailureRate=12,
    )
    for part, values in GATE_TROUBLES.items():
        cast.take(part, 1, **proposed | values)
    cast.take("deferred", 3, Status="Deferred")
    cast.take("rejected by the panel", 1, Status="In progress")


def _shut(cast: Cast, ref: str, closed: str) -> None:
    cast.set(ref, Status="Closed", ClosedOn=closed, ResolutionClaim=_FULL)


def _closed_in_cycle(cast: Cast) -> None:
    days = cast.days
    for place, ref in enumerate(cast.take("closed on schedule", 2)):
        cast.due_on(ref, days.on(3), time(17))
        _shut(cast, ref, instant(days.day, 7, 5 + place))
    (ref,) = cast.take("closed under 24 h late", 1)
    cast.due_on(ref, days.on(-1), time(12))
    _shut(cast, ref, instant(days.day, 7, 10))
    for place, ref in enumerate(cast.take("closed severely late", 3)):
        cast.due_on(ref, days.weekday_on(-4 - place), time(17))
        _shut(cast, ref, instant(days.day, 7, 15 + place))


def _closed_before(cast: Cast) -> None:
    days = cast.days
    for place, ref in enumerate(cast.take("newly closed", 6)):
        cast.due_on(ref, days.weekday_on(2 + place), time(17))
        _shut(cast, ref, instant(days.worked_before[place % 3], 14, 10 * place))
    for place, ref in enumerate(cast.take("closed earlier", 22)):
        closed = days.weekday_on(-10 - (place * 3) % 36)
        late_days = {5: 1, 11: 3, 17: 6}.get(place, -4)
        cast.due_on(ref, closed - late_days * _DAY, time(12))
        _shut(cast, ref, instant(closed, 11, place))
    (ref,) = cast.take("closed on tasks", 1, BaselineFailureRate=30, CurrentFailureRate=29)
    _shut(cast, ref, instant(days.eve, 16, 5))


def reviews(cast: Cast) -> list[Row]:
    """Give the closure reviews: open ones of proposed lines, and those decided before."""
    rows = [_open(cast, ref, place) for place, ref in enumerate(cast.parts["ready for the gate"])]
    for place, part in enumerate(GATE_TROUBLES):
        if part != "baseline rate zero":  # proposed since the last review day, so not yet on the register
            rows.append(_open(cast, cast.parts[part][0], place, assured=part not in _WITHOUT_ASSURANCE))
    last = rows[-1]
    last |= {"ReviewPoints": 2, "ComplaintsLinked": 3}
    for place, ref in enumerate(cast.parts["newly closed"]):
        rows.append(_decided(cast, ref, "Approved", place % 3, assured=True))
    for place, ref in enumerate(cast.parts["deferred"]):
        rows.append(_decided(cast, ref, "Deferred", 2 + place))
    rows[-1] |= {
        "PanelDecision": "Approved",
        "SystemDecision": "Deferred",
        "SystemDecidedAt": instant(cast.days.worked_before[4], 16, 45),
        "SystemReason": "No outcome movement and no external assurance.",
    }
    rows.append(_decided(cast, cast.parts["rejected by the panel"][0], "Rejected", 1))
    rows.append(_decided(cast, cast.parts["closed on tasks"][0], "Approved", 0))
    return rows


def _open(cast: Cast, ref: str, place: int, *, assured: bool = True) -> Row:
    residual = "Medium" if place < 6 else "Low"  # noqa: PLR2004  # six are enough to block the closure update
    return {
        "ActionRef": ref,
        "ProposedOn": cast.days.worked_before[1 + place % 4].isoformat(),
        "ExternalAssurance": _ASSURANCE[place % len(_ASSURANCE)] if assured else "None",
        "ResidualRisk": residual,
    }


def _decided(cast: Cast, ref: str, decision: str, back: int, *, assured: bool = False) -> Row:
    return {
        "ActionRef": ref,
        "ProposedOn": cast.days.worked_before[back + 3].isoformat(),
        "ExternalAssurance": _ASSURANCE[back % len(_ASSURANCE)] if assured else "None",
        "ResidualRisk": "Low" if assured else "Medium",
        "PanelDecision": decision,
        "PanelDecidedAt": instant(cast.days.worked_before[back], *((11, 5) if assured else (15, 50))),
        "PanelReason": "Seen by the panel with the evidence set.",
    }


def complaints(cast: Cast) -> list[Row]:
    """Give the complaints, most of them healthy, on every theme."""
    rows = [_complaint(cast, place) for place in range(44)]
    still = cast.parts["complaints not falling"][0]
    for place, ago in enumerate((9, 23, 37, 88)):  # the last one no longer counts on the fourth day
        row = _complaint(cast, 7 * len(THEMES) + place, ago=ago)
        row |= {"RiskTheme": "Falls", "ActionRef": still, "State": "Open"}
        row.pop("ClosedOn", None)
        rows.append(row)
    weak = cast.parts["weak complaint data"][0]
    rows.append(_complaint(cast, 50, ago=40) | {"ActionRef": weak, "State": "Closed"})
    rows[-1].pop("ClosedOn", None)
    rows.append(_complaint(cast, 51, ago=50) | {"ActionRef": weak})
    rows[-1].pop("ReceivedOn")
    early = cast.days.on(-70).isoformat()
    rows.append(_complaint(cast, 52, ago=60) | {"State": "Closed", "ClosedOn": early})
    for place, row in enumerate(rows, start=1):
        row["ComplaintRef"] = f"C-{cast.days.day.year}-{place:03d}"
    return rows


def _complaint(cast: Cast, place: int, ago: int | None = None) -> Row:
    rng = cast.rng
    ago = 3 + (place * 17) % 140 if ago is None else ago
    took = rng.randrange(12, 41)
    row: Row = {
        "ComplaintRef": "",
        "RiskTheme": THEMES[place % len(THEMES)].theme,
        "Service": SERVICES[place % len(SERVICES)],
        "ReceivedOn": cast.days.on(-ago).isoformat(),
        "State": "Open",
    }
    if took < ago:
        row |= {"State": "Closed", "ClosedOn": cast.days.on(took - ago).isoformat()}
    return row
