"""Burst samples of the last days with their reviews, and competence retests, for controls 2.1 to 2.5."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lists_sync.sample.cast import Cast, Row
from lists_sync.sample.closure import GATE_TROUBLES
from lists_sync.sample.days import hours_after, instant
from lists_sync.sample.people import REVIEWERS

SIZE = 12
BURSTS = 5
_RETEST_AFTER_H = 36
_STALE_DAYS = 45
_UNSAMPLED = {"never validated", "validation too old"}
_SPOILED = {
    "invalid": {"OutcomeProof": "No"},
    "outdated": {"SourceDateCurrent": "No"},
    "unlike practice": {"MatchesLivePractice": "No", "OutcomeProof": "No"},
    "corrected": {
        "OutcomeProof": "No",
        "Corrected": "Yes",
        "CorrectionAccepted": "Yes",
        "Disposition": "Accepted after correction",
    },
    "reinstated": {"MatchesLivePractice": "No", "Disposition": "Reinstated as open"},
    "residual": {"Disposition": "Residual risk"},
}
_INVALID = {"invalid", "outdated", "unlike practice", "corrected", "reinstated"}
_FATES = (
    ("late", "late", "outdated", "unlike practice"),
    ("invalid", "corrected", "impossible"),
    ("unlike practice", "reinstated"),
    ("invalid", "outdated", "residual"),
    (),
)
"""What befalls ordinary files in each burst, the latest burst first; the others turn out valid."""


def samples(cast: Cast, files: list[Row]) -> list[Row]:
    """Give the samples of the last five working days and an old one; tells the files their verdicts."""
    by_line = {ref: [f for f in files if f["fields"].get("ActionRef") == ref] for ref in cast.rows}
    old = cast.parts["validation too old"][0]
    rows = [_sample(cast, by_line[old].pop(), cast.days.weekday_on(-_STALE_DAYS), "valid", 0)]
    ordinary = _ordinary(cast, by_line)
    for back in range(BURSTS - 1, -1, -1):
        day = cast.days.worked_before[back]
        planned = [(ref, fate) for ref, fate, burst in _planned(cast) if burst == back]
        planned += [(next(ordinary), fate) for fate in _FATES[back]]
        planned += [(next(ordinary), "valid") for _ in range(SIZE - len(planned))]
        for place, (ref, fate) in enumerate(planned):
            rows.append(_sample(cast, by_line[ref].pop(0), day, fate, place))
    return rows


def _planned(cast: Cast) -> Iterator[tuple[str, str, int]]:
    """Yield line, fate and burst of the proposed lines, which the closure gate depends on."""
    for place, ref in enumerate(cast.parts["ready for the gate"]):
        yield ref, "valid", place % BURSTS
    fates = {"validated by its owner": "by its owner", "invalid evidence outstanding": "invalid"}
    for place, part in enumerate(sorted(set(GATE_TROUBLES) - _UNSAMPLED)):
        yield cast.parts[part][0], fates.get(part, "valid"), 1 + place % (BURSTS - 1)


def _ordinary(cast: Cast, by_line: dict[str, list[Row]]) -> Iterator[str]:
    proposed = {ref for part in ("ready for the gate", *GATE_TROUBLES) for ref in cast.parts[part]}
    closed = cast.parts["newly closed"]
    for ref in [*closed, *(r for r in cast.live() if r not in proposed)]:
        if by_line[ref] and by_line[ref][0]["text"]:
            yield ref


def _sample(cast: Cast, file: Row, day: date, fate: str, place: int) -> Row:
    ref, rng = file["fields"]["ActionRef"], cast.rng
    burst = f"B-{day.isoformat()}"
    line = cast.rows[ref]
    checked = rng.randrange(6, 11)
    row: Row = {
        "SampleKey": f"{burst}/{file['unique_id']}",
        "BurstId": burst,
        "ActionRef": ref,
        "FileName": file["name"],
        "FileLink": f"https://rosewood.sharepoint.com/sites/evidence/Evidence/{file['name']}",
        "Strata": _strata(line),
        "SampledAt": instant(day, 11),
        "ReviewBy": instant(day, 15),
    }
    if fate == "late":
        row |= {"MatchesLivePractice": "Yes", "Verdict": "Review overdue"}
    else:
        row |= dict.fromkeys(("MatchesLivePractice", "SourceDateCurrent", "OutcomeProof"), "Yes")
        matched = checked - (rng.choice((0, 0, 0, 1)) if fate == "valid" else 3)
        row |= _review(line, day, fate, place) | _records(checked, matched, rng.randrange(0, 4))
        row |= _SPOILED.get(fate, {})
        row |= _verdict(row, fate)
    if fate == "impossible":
        row["RecordsMatched"] = checked + 2
        row.pop("MatchPercent")
    file["fields"] |= {"LastSampledOn": day.isoformat(), "LatestVerdict": row["Verdict"]}
    return row


def _strata(line: Row) -> list[str]:
    closed = line["Status"] == "Closed"
    strata = ["High risk"] if line["RiskRating"] == "High" else []
    return [*strata, "Newly closed"] if closed else strata or ["Routine"]


def _review(line: Row, day: date, fate: str, place: int) -> Row:
    others = [reviewer for reviewer in REVIEWERS if reviewer != line.get("Owner")]
    reviewer = line["Owner"] if fate == "by its owner" else others[place % len(others)]
    return {"ReviewedBy": reviewer, "ReviewedAt": instant(day, 12 + place % 3, 4 * place)}


def _records(checked: int, matched: int, prompts: int) -> Row:
    return {
        "StepsObserved": checked - 1,
        "RecordsChecked": checked,
        "RecordsMatched": matched,
        "StaffPrompts": prompts,
        "MatchPercent": round(100 * matched / checked, 1),
    }


def _verdict(row: Row, fate: str) -> Row:
    if fate in _INVALID:
        return {"Verdict": "Invalid", "RetestDue": hours_after(row["ReviewedAt"], _RETEST_AFTER_H)}
    disposition = {} if fate in _SPOILED else {"Disposition": "Accepted"}
    return {"Verdict": "Valid"} | disposition


def retests(cast: Cast, sampled: list[Row]) -> list[Row]:
    """Give the retests of staff behind invalid samples; some samples still wait for theirs."""
    eve, day = cast.days.eve, cast.days.day
    waiting = f"B-{cast.days.worked_before[3].isoformat()}"
    invalid = [s for s in sampled if s.get("Verdict") == "Invalid" and s["BurstId"] != waiting]
    recent = (
        (instant(eve, 14, 20), 7, 12),
        (instant(eve, 15, 5), 8, 12),
        (instant(eve, 15, 40), 6, 10),
        (instant(eve, 16, 10), 9, 10),
        (instant(day, 7, 15), 8, 10),
        (instant(day, 7, 35), 10, 12),
    )
    rows = [
        _retest(cast, invalid[place % len(invalid)], at, (correct, total))
        for place, (at, correct, total) in enumerate(recent)
    ]
    rows[0]["CanDescribe"] = "Yes"
    for place in range(9):
        at = instant(cast.days.weekday_on(-8 - 2 * place), 15, 5 * place)
        rows.append(_retest(cast, invalid[place % len(invalid)], at, (9 + place % 4, 12)))
    rows[-1]["StagesCorrect"] = 13
    rows[-2]["BurstId"] = "B-2020-02-30"
    return rows


def _retest(cast: Cast, sample: Row, at: str, stages: tuple[int, int]) -> Row:
    correct, total = stages
    return {
        "BurstId": sample["BurstId"],
        "ActionRef": sample["ActionRef"].split(";")[0],
        "StaffRef": f"S-{cast.rng.randrange(1000, 2000)}",
        "StagesTotal": total,
        "StagesCorrect": correct,
        "CriticalOmissionsRepeated": max(0, total - correct - 2),
        "CoachingMinutes": 15 * max(0, total - correct),
        "CanDescribe": "Yes" if correct > total - 3 else "No",
        "RetestedAt": at,
    }
