"""Control 2.2, evidence validity: what the reviewers' answers come to, burst by burst."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Figure, Judged, Lists, Remembered
from lists_sync.controls.bursts import Bursts, instants, read_bursts, words
from lists_sync.controls.files import (
    AWAITING,
    INVALID,
    OVERDUE,
    VERDICTS,
    Files,
    Samples,
    evidence_states,
    file_verdicts,
    read_files,
)
from lists_sync.controls.lines import read_lines
from lists_sync.controls.local import HOUR_US, NAT, Bools, Ints, micros
from lists_sync.controls.matching import is_in

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar

_TOLD = ("InvalidFiles", "ReviewsOverdue")
"""The measures whose lines are named."""


def evidence_validity(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,  # noqa: ARG001  # every control is called alike
) -> Judged:
    """Judge every sample of the day's burst and of the bursts before it by its three answers.

    Args:
        lists: frames `actions`, `evidence` and `burst_samples`; `first_seen["burst_samples.ReviewedAt"]`
            stands in where ReviewedAt was not typed.
        settings: `settle_days`, operational days; `retest_within_hours`, elapsed hours.

    Returns:
        measures BurstId, MatchingLivePractice, OutdatedSourceDates, LackingOutcomeProof, InvalidFiles,
        AwaitingReview and ReviewsOverdue of the day's burst, all but the first None where there is none;
        columns Verdict and RetestDue on the samples of those bursts, LatestVerdict on their files,
        EvidenceState on all lines; findings `InvalidFiles` and `ReviewsOverdue`.
    Source:
        Operational example 2, step 2; controls.md 2.2 and section 9.
    """
    lines = read_lines(lists, calendar.zone)
    files = read_files(lists, lines)
    bursts = read_bursts(
        lists, lines, moment=moment, calendar=calendar, days_back=int(settings["settle_days"])
    )
    marks = _marks(bursts.samples)
    measures: dict[str, Figure] = {"BurstId": bursts.id}
    measures |= {name: bursts.count(mark) for name, mark in marks.items()}
    told = {name: bursts.tell(bursts.lines_of(marks[name] & bursts.mine)) for name in _TOLD}
    invalid = bursts.late & (bursts.samples.verdict == INVALID)
    return Judged(
        measures,
        {
            "burst_samples": _settled(bursts, settings["retest_within_hours"]),
            "evidence": _latest(files, bursts),
            "actions": evidence_states(lists, lines, moment, files).to_frame(),
        },
        findings={name: frame for name, (frame, _) in told.items()},
        facts={
            "totals": {name: count for name, (_, count) in told.items()},
            "from_history": {"burst_samples.ReviewedAt": int((bursts.samples.from_history & invalid).sum())},
            "notes": bursts.notes,
        },
    )


def _marks(samples: Samples) -> dict[str, Bools]:
    """Tell by measure which samples it counts."""
    frame, verdict = samples.frame, samples.verdict
    return {
        "MatchingLivePractice": is_in(frame["MatchesLivePractice"], ("Yes",)),
        "OutdatedSourceDates": is_in(frame["SourceDateCurrent"], ("No",)),
        "LackingOutcomeProof": is_in(frame["OutcomeProof"], ("No",)),
        "InvalidFiles": verdict == INVALID,
        "AwaitingReview": verdict == AWAITING,
        "ReviewsOverdue": verdict == OVERDUE,
    }


def _settled(bursts: Bursts, hours: float) -> pd.DataFrame:
    """Give Verdict and RetestDue of the samples of late."""
    index = bursts.samples.frame.index[bursts.late]
    due = np.where(bursts.samples.verdict == INVALID, retest_due(bursts.samples, hours), NAT)
    return pd.DataFrame(
        {
            "Verdict": words(bursts.samples.verdict[bursts.late], VERDICTS, index),
            "RetestDue": instants(due[bursts.late], index),
        }
    )


def retest_due(samples: Samples, hours: float) -> Ints:
    """Give by when staff behind a sample must be re-tested: as it stands, else so long after the review.

    Returns:
        microseconds, `NAT` where nobody knows when it was reviewed.
    Source:
        controls.md 2.2: set once.
    """
    set_before = micros(samples.frame["RetestDue"])
    reviewed = samples.reviewed_at
    from_review = np.where(reviewed != NAT, reviewed + int(hours * HOUR_US), NAT)
    return np.where(set_before != NAT, set_before, from_review)


def _latest(files: Files, bursts: Bursts) -> pd.DataFrame:
    """Give LatestVerdict of the files that were sampled of late, each by its latest sample."""
    sampled = np.isin(files.unique, bursts.samples.unique[bursts.late])
    verdict, _ = file_verdicts(files, bursts.samples)
    index = files.frame.index[sampled]
    return words(verdict[sampled], VERDICTS, index).to_frame("LatestVerdict")
