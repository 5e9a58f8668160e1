"""What reviewers, unit managers and trainers do about bursts, before and after controls 2.1 to 2.5."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import datetime

from lists_sync.sample.acts_deadlines import FRIDAY, MONDAY, THURSDAY, TUESDAY, WEDNESDAY
from lists_sync.sample.days import written
from lists_sync.sample.people import BY_LOGIN
from lists_sync.sample.scene import Act, Edit, Row, Rows, Scene, Workspace, typed

_ANSWERS = ("MatchesLivePractice", "SourceDateCurrent", "OutcomeProof")
_CLINICAL, _QUALITY, _UNIT, _STANDS_IN = (
    BY_LOGIN[login].email for login in ("sofia.marsh", "ewan.mackie", "daniel.osei", "mei.tanaka")
)
_CHECKED_COUNT = 8
_MORE = "reviews more files of it"
_KEPT_INVALID_COUNT = {TUESDAY: 6, WEDNESDAY: 2}
"""How many of the earlier bad samples the Quality Assurance Lead leaves uncorrected; on other days none."""


def acts(scene: Scene) -> Iterator[Act]:
    """Yield the day's acts; each finds the day's burst in the lists, and does nothing where there is none."""
    yield from _reviews(scene)
    yield from _live_proof(scene)
    chapter = scene.chapter
    if chapter == MONDAY:
        yield scene.act("17:20", "grace.holloway", "has a closed line opened again", _reinstates(scene))
    else:
        keeping = _KEPT_INVALID_COUNT.get(chapter, 0)
        yield scene.act(
            "10:50", "ewan.mackie", "accepts evidence that was corrected", _corrects(scene, keeping)
        )
    if chapter != WEDNESDAY:
        yield scene.act("13:50", "ruth.adeyemi", "re-tests staff behind invalid evidence", _retests(scene))
    if chapter == TUESDAY:
        yield scene.act(
            "10:32", "amara.nwosu", "marks the Clinical Lead as away ill", _active(_CLINICAL, at_work=False)
        )
    if chapter == WEDNESDAY:
        yield scene.act(
            "07:50", "amara.nwosu", "marks the Clinical Lead as back", _active(_CLINICAL, at_work=True)
        )


def _reviews(scene: Scene) -> Iterator[Act]:
    """Review the burst: badly on the first day, late on the second, and in good time on the others."""
    if scene.chapter == MONDAY:
        return _reviews_badly(scene)
    if scene.chapter == TUESDAY:
        return _reviews_late(scene)
    return _reviews_in_time(scene)


def _reviews_badly(scene: Scene) -> Iterator[Act]:
    """Find every third file without proof of an outcome, and leave the last one half done for a while."""
    wrong = range(0, 99, 3)
    first = _review(scene, range(5), _CLINICAL, wrong=wrong)
    yield scene.act("12:20", "sofia.marsh", "reviews the first files of the burst", first)
    yield scene.act("13:40", "ewan.mackie", _MORE, _review(scene, range(5, 9), _QUALITY, wrong=wrong))
    last = _review(scene, range(9, 99), _UNIT, wrong=wrong, half=True)
    yield scene.act("14:25", "daniel.osei", "reviews the last files, one only in part", last)
    rest = _review(scene, range(99), _UNIT)
    yield scene.act("16:10", "daniel.osei", "finishes the review of that file", rest)


def _reviews_late(scene: Scene) -> Iterator[Act]:
    half = _review(scene, range(6), _QUALITY, wrong=(0,))
    yield scene.act("16:35", "ewan.mackie", "reviews half of the burst, late", half)
    rest = _review(scene, range(6, 99), _STANDS_IN, forgets=True)
    yield scene.act("16:50", "mei.tanaka", "reviews the rest and forgets to say when", rest)


def _reviews_in_time(scene: Scene) -> Iterator[Act]:
    wrong = (5,) if scene.chapter == THURSDAY else ()
    first = _review(scene, range(5), _CLINICAL)
    yield scene.act("12:20", "sofia.marsh", "reviews the first files of the burst", first)
    yield scene.act("13:40", "ewan.mackie", _MORE, _review(scene, range(5, 9), _QUALITY, wrong=wrong))
    yield scene.act("14:25", "daniel.osei", "reviews the last files", _review(scene, range(9, 99), _UNIT))


def _live_proof(scene: Scene) -> Iterator[Act]:
    """Match care records with practice: poorly on the first day, on the third not at all."""
    if scene.chapter == MONDAY:
        yield scene.act(
            "14:50", "daniel.osei", "matches care records with practice", _records(scene, spoiled=4)
        )
        yield scene.act(
            "18:40",
            "joy.mensah",
            "revisits the sample before the shift ends",
            _records(scene, spoiled=1, again=True),
        )
    elif scene.chapter == TUESDAY:
        yield scene.act("15:10", "joy.mensah", "matches care records with practice", _records(scene))
    elif scene.chapter in {THURSDAY, FRIDAY}:
        yield scene.act("14:50", "ben.thackray", "matches care records with practice", _records(scene))


def _burst(rows: Rows, scene: Scene) -> list[Row]:
    return [row for row in rows("burst_samples") if row.get("BurstId") == scene.burst]


def _is_open(row: Row) -> bool:
    """Tell whether the review of a sample is not done: nothing is wrong, and not all is answered."""
    answers = [row.get(name) for name in _ANSWERS]
    return "No" not in answers and None in answers


def is_invalid(row: Row) -> bool:
    """Tell whether any of the three answers is no."""
    return "No" in [row.get(name) for name in _ANSWERS]


def _review(
    scene: Scene,
    places: Container[int],
    reviewer: str,
    *,
    wrong: Container[int] = (),
    half: bool = False,
    forgets: bool = False,
) -> Edit:
    """Give the review of files of the burst whose review is not done.

    Args:
        places: which of the burst's files, from 0.
        wrong: which of these prove no outcome.
        half: of the burst's last file only the first question is answered.
        forgets: the time is not typed.
    """

    def edit(rows: Rows, now: datetime) -> Workspace:
        burst = _burst(rows, scene)
        mine = [(place, row) for place, row in enumerate(burst) if place in places and _is_open(row)]
        when = {} if forgets else {"ReviewedAt": written(now)}
        reviewed = [_answered(row, reviewer, bad=place in wrong) | when for place, row in mine]
        if half and reviewed:
            reviewed[-1] = {"id": reviewed[-1]["id"], "MatchesLivePractice": "Yes"}
        return typed(burst_samples=reviewed)

    return edit


def _answered(row: Row, reviewer: str, *, bad: bool) -> Row:
    answers = dict.fromkeys(_ANSWERS, "Yes") | ({"OutcomeProof": "No"} if bad else {})
    disposition = "Residual risk" if bad else "Accepted"
    return {"id": row["id"], "ReviewedBy": reviewer, "Disposition": disposition} | answers


def _records(scene: Scene, *, spoiled: int = 0, again: bool = False) -> Edit:
    """Give the comparison of care records with the steps observed.

    Args:
        spoiled: how many of a sample's records do not match where its evidence is invalid.
        again: only samples whose records did not all match are looked at once more.
    """

    def edit(rows: Rows, _now: datetime) -> Workspace:
        burst = _burst(rows, scene)
        if again:
            burst = [row for row in burst if row.get("RecordsMatched", 0) < row.get("RecordsChecked", 0)]
        return typed(burst_samples=[_compared(place, row, spoiled) for place, row in enumerate(burst)])

    return edit


def _compared(place: int, row: Row, spoiled: int) -> Row:
    return {
        "id": row["id"],
        "StepsObserved": 6,
        "RecordsChecked": _CHECKED_COUNT,
        "RecordsMatched": _CHECKED_COUNT - (spoiled if is_invalid(row) else 0),
        "StaffPrompts": place % 3,
    }


def _reinstates(scene: Scene) -> Edit:
    """Give the reinstatement of a closed line whose evidence is invalid."""

    def edit(rows: Rows, _now: datetime) -> Workspace:
        closed = {row["ActionRef"] for row in rows("actions") if row.get("Status") == "Closed"}
        wrong = [row for row in _burst(rows, scene) if is_invalid(row) and closed & refs_of(row)]
        return typed(
            burst_samples=[{"id": row["id"], "Disposition": "Reinstated as open"} for row in wrong[:1]]
        )

    return edit


def _corrects(scene: Scene, keeping: int) -> Edit:
    """Give the acceptance of corrected evidence of earlier bursts, all but the newest few."""

    def edit(rows: Rows, now: datetime) -> Workspace:
        earlier = [row for row in rows("burst_samples") if row.get("BurstId") != scene.burst]
        bad = [row for row in earlier if _is_bad(row)]
        settled = [_settled(row, now) for row in bad[: max(0, len(bad) - keeping)]]
        return typed(burst_samples=settled)

    return edit


def _is_bad(row: Row) -> bool:
    if row.get("CorrectionAccepted") == "Yes" or row.get("Disposition") == "Reinstated as open":
        return False
    return is_invalid(row) or _is_open(row) or row.get("Disposition") == "Residual risk"


def _settled(row: Row, now: datetime) -> Row:
    corrected = {"Corrected": "Yes", "CorrectionAccepted": "Yes", "Disposition": "Accepted after correction"}
    if not _is_open(row):
        return {"id": row["id"]} | corrected
    answers = dict.fromkeys(_ANSWERS, "Yes") | {"Disposition": "Accepted"}
    return {"id": row["id"], "ReviewedBy": _QUALITY, "ReviewedAt": written(now)} | answers


def _retests(scene: Scene) -> Edit:
    """Give a retest for each invalid sample that has none yet; those re-tested do well."""

    def edit(rows: Rows, now: datetime) -> Workspace:
        done = {(row.get("BurstId"), row.get("ActionRef")) for row in rows("retests")}
        waiting = [
            row
            for row in rows("burst_samples")
            if is_invalid(row) and not any((row["BurstId"], ref) in done for ref in refs_of(row))
        ]
        rng = scene.rng("retests")
        return typed(retests=[_retest(row, f"S-{rng.randrange(1000, 2000)}", now) for row in waiting])

    return edit


def _retest(sample: Row, staff: str, now: datetime) -> Row:
    return {
        "BurstId": sample["BurstId"],
        "ActionRef": min(refs_of(sample)),
        "StaffRef": staff,
        "StagesTotal": 12,
        "StagesCorrect": 11,
        "CriticalOmissionsRepeated": 0,
        "CoachingMinutes": 15,
        "CanDescribe": "Yes",
        "RetestedAt": written(now),
    }


def refs_of(row: Row) -> set[str]:
    """Give the references that a row names, which `;` parts."""
    return {ref.strip() for ref in str(row.get("ActionRef", "")).split(";")} - {""}


def _active(email: str, *, at_work: bool) -> Edit:
    def edit(rows: Rows, _now: datetime) -> Workspace:
        mine = [row for row in rows("managers") if row["Email"] == email]
        return typed(managers=[{"id": row["id"], "Active": at_work} for row in mine])

    return edit
