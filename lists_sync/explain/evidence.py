"""What a line's evidence came to: EvidenceState, by controls 1.1 and 2.2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lists_sync.controls.files import (
    ANSWERS,
    AWAITING,
    EVIDENCE_STATES,
    INVALID,
    OVERDUE,
    UNKNOWN,
    VERDICTS,
    file_verdicts,
)
from lists_sync.explain.told import Explained, FigureTold, StepsTold, ThresholdTold, ValueTold
from lists_sync.explain.view import View, not_live
from lists_sync.worktime import steps

if TYPE_CHECKING:
    from lists_sync.controls.local import Ints

_NONE, _NOT_SAMPLED, _AWAITING, _VALID, _INVALID = EVIDENCE_STATES
_DRAW = "burst-sample"
_RULES = {
    _NONE: "No file of the Evidence library names this line.",
    _NOT_SAMPLED: "The line has files, and none of them was ever in a burst sample.",
    _INVALID: (
        "The last finished review of at least one of its files came to Invalid (an answer was No), and no "
        "correction of it was accepted."
    ),
    _AWAITING: (
        "No file's last finished review came to Invalid, and the latest sample of at least one file is not "
        "reviewed yet: not all three answers are given."
    ),
    _VALID: (
        "Of its files that were sampled none is awaiting review, and every last finished review came to "
        "Valid: all three answers are Yes, or a correction was accepted."
    ),
}


def evidence_state(view: View) -> Explained:
    """Explain EvidenceState.

    Source: Operational example 1, step 1, and example 2, step 2; controls.md 1.1, 2.2 and section 1.
    """
    if not view.live:
        return not_live(view)
    files = files_of(view)
    verdict, settled = _verdicts(view)
    state = _state(verdict[files], settled[files])
    told = _samples(view, files)
    values = [*view.values("Status"), *_file_values(view, files)]
    for item, _ in told:
        values += _sample_values(view, item)
    due = list(_reviews_due(view, [item for item, code in told if code in (AWAITING, OVERDUE)]))
    return Explained(
        state,
        _RULES[state],
        tuple(values),
        tuple(_figures(view, told)),
        tuple({one.name: one for _, one in due}.values()),
        tuple(one for one, _ in due if one),
    )


def _state(verdict: Ints, settled: Ints) -> str:
    if not len(verdict):
        return _NONE
    if (verdict == UNKNOWN).all():
        return _NOT_SAMPLED
    if (settled == INVALID).any():
        return _INVALID
    return _AWAITING if np.isin(verdict, (AWAITING, OVERDUE)).any() else _VALID


def files_of(view: View) -> Ints:
    """Give the places of the line's files in the library."""
    files = view.scene.files
    found: Ints = files.file[files.line == view.place]
    return found


def _file_values(view: View, files: Ints) -> Iterator[ValueTold]:
    for item in view.scene.files.frame.index[files]:
        yield view.value("ActionRef", "evidence", int(item))


def _verdicts(view: View) -> tuple[Ints, Ints]:
    scene = view.scene
    return scene.once(scene.judging.job, "verdicts", lambda: file_verdicts(scene.files, scene.samples))


def _samples(view: View, files: Ints) -> list[tuple[int, int]]:
    """Give the samples that count, each with its verdict: of each file the latest, and the last one done."""
    scene = view.scene
    latest, done = scene.once(scene.judging.job, "latest", lambda: _latest(view))
    found: dict[int, int] = {}
    for unique in scene.files.unique[files]:
        for by_file in (latest, done):
            if unique in by_file.index:
                place = int(by_file[unique])
                found[int(scene.samples.frame.index[place])] = int(scene.samples.verdict[place])
    return sorted(found.items())


def _latest(view: View) -> tuple[pd.Series[int], pd.Series[int]]:
    samples = view.scene.samples
    return samples.latest(), samples.latest(samples.settled != UNKNOWN)


def _sample_values(view: View, item: int) -> tuple[ValueTold, ...]:
    columns = ("SampledAt", *ANSWERS, "CorrectionAccepted", "Disposition", "ReviewBy")
    told = view.values(*columns, key="burst_samples", id_=item)
    always = {*ANSWERS, "SampledAt"}
    return tuple(one for one in told if one.column in always or one.value is not None)


def _figures(view: View, told: list[tuple[int, int]]) -> Iterator[FigureTold]:
    samples = view.scene.samples
    for item, code in told:
        place = samples.frame.index.get_loc(item)
        words = f"Sample #{item} comes to {VERDICTS[code]}"
        words += ", and its correction was accepted." if samples.corrected[place] else "."
        yield FigureTold(f"verdict_of_sample_{item}", VERDICTS[code], words)


def _reviews_due(view: View, items: list[int]) -> Iterator[tuple[StepsTold | None, ThresholdTold]]:
    """Tell how the time by which a sample is to be reviewed came about, where the rule gave it."""
    job = view.scene.definitions.jobs.get(_DRAW)
    if job is None:
        return
    hours, calendar = job.settings["review_hours"], view.scene.calendar_of(job)
    for item in items:
        drawn = view.cell("SampledAt", "burst_samples", item)
        by = view.cell("ReviewBy", "burst_samples", item)
        if drawn is None or by is None:
            continue
        told = None
        if calendar.add_working_hours(drawn, hours) == by:
            title = f"ReviewBy of sample #{item}: {hours:g} working hours after it was drawn"
            told = StepsTold(title, steps(calendar, drawn, hours), by)
        yield told, view.scene.threshold(job, "settings.review_hours")
