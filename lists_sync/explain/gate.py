"""What stands against closing a line: GateReasons, by controls 3.1 and 3.4."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from lists_sync.controls.files import INVALID, VALID, file_verdicts, pairs
from lists_sync.controls.gate import REASONS, SUSPENDED
from lists_sync.controls.holds import lifted_at
from lists_sync.controls.local import NAT, local_time, micros
from lists_sync.controls.matching import is_in, normal
from lists_sync.controls.proposals import deferred_lines, proposed_lines
from lists_sync.controls.sitting import Settling, Sitting, open_sitting, settle
from lists_sync.explain.complaints import today_of
from lists_sync.explain.evidence import files_of
from lists_sync.explain.told import Explained, FigureTold, ThresholdTold, ValueTold
from lists_sync.explain.view import FROM_HISTORY, View

DECIDES = "3.4"
"""The control that settles what is before the panel."""


def sitting_of(view: View) -> tuple[Sitting, Settling]:
    """Give what was before the panel at the run's moment, and what the rule settled."""
    scene, job = view.scene, view.job

    def opened() -> tuple[Sitting, Settling]:
        settings = scene.settings_of(job)
        sitting = open_sitting(
            scene.lists,
            moment=scene.moment,
            calendar=scene.calendar_of(job),
            settings=settings,
            remembered=scene.remembered,
        )
        applies = bool(settings["apply_deferral"])
        return sitting, settle(sitting, settles=bool(settings["records"]), applies=applies)

    return scene.once(job, "sitting", opened)


def is_moved(view: View) -> bool:
    """Tell whether this very run moves the line to Deferred."""
    return view.job.control == DECIDES and bool(sitting_of(view)[1].moved[view.place])


def is_proposed(view: View) -> bool:
    """Tell whether the line is proposed for closure."""
    return bool(proposed_lines(view.lines)[view.place])


def is_deferred(view: View) -> bool:
    """Tell whether the line is deferred."""
    return bool(deferred_lines(view.lines)[view.place])


def _reason(word: str, explain: Callable[[View], Explained]) -> Callable[[View], Explained]:
    """Give the explainer of a reason: only lines at the gate have any, and a deferred line keeps its own."""

    def explained(view: View) -> Explained:
        if is_deferred(view):
            return Explained(
                word in view.cell("GateReasons"), "A deferred line keeps its reasons.", kept=True
            )
        if not (is_proposed(view) or is_moved(view)):
            rule = "Only lines proposed for closure have reasons."
            return Explained(conclusion=False, rule=rule, values=view.values("Status"))
        return explain(view)

    return explained


def _no_baseline(view: View) -> Explained:
    rule = "A proposed line needs a BaselineRiskScore that can be used."
    found = view.cell("BaselineRiskScore") is None
    return Explained(found, rule, view.values("Status", "BaselineRiskScore"))


def _not_reduced(view: View) -> Explained:
    rule = "The CurrentRiskScore of a proposed line, where it is given, must be below the BaselineRiskScore."
    baseline, current = view.cell("BaselineRiskScore"), view.cell("CurrentRiskScore")
    found = baseline is not None and current is not None and current >= baseline
    return Explained(found, rule, view.values("BaselineRiskScore", "CurrentRiskScore"))


def samples_of(view: View) -> list[int]:
    """Give the places of the line's burst samples, by the reference that each names."""
    scene = view.scene
    sample, line = scene.once(
        scene.judging.job,
        "sample pairs",
        lambda: pairs(scene.samples.frame["ActionRef"], scene.lines.frame["ActionRef"]),
    )
    found: list[int] = sample[line == view.place].tolist()
    return found


def _valid_samples(view: View) -> list[int]:
    """Give the places of the line's samples whose verdict is Valid."""
    return [one for one in samples_of(view) if view.scene.samples.verdict[one] == VALID]


def validated_us(view: View) -> int:
    """Give when the line's evidence was last found valid, in microseconds; NAT where nobody knows."""
    return max((int(view.scene.samples.reviewed_at[one]) for one in _valid_samples(view)), default=int(NAT))


def valid_values(view: View, *, by_whom: bool = False) -> tuple[ValueTold, ...]:
    """Give when the line's valid samples were reviewed, and by whom where that is judged."""
    samples, told = view.scene.samples, list[ValueTold]()
    for place in _valid_samples(view):
        item = int(samples.frame.index[place])
        note = f"{FROM_HISTORY}: when its answers were first seen" if samples.from_history[place] else ""
        told.append(view.value("ReviewedAt", "burst_samples", item, note))
        if by_whom:
            told.append(view.value("ReviewedBy", "burst_samples", item))
    return tuple(told)


def validated_figure(view: View) -> FigureTold:
    """Say when the line's evidence was last found valid, and how many local days ago."""
    at = validated_us(view)
    if at == NAT:
        return FigureTold(
            "latest_validation", None, "No valid sample of the line has a known date of review."
        )
    age = _age_days(view, at)
    words = (
        f"Its evidence was last found valid at {view.when(at)}, {age} local day{'' if age == 1 else 's'} ago."
    )
    return FigureTold("validation_age_days", age, words)


def _age_days(view: View, at: int) -> int:
    day = local_time(view.scene.calendar.zone).day_of(np.array([at], dtype=np.int64))[0]
    return int(today_of(view) - day)


def _never(view: View) -> Explained:
    rule = "A proposed line needs a burst sample with the verdict Valid whose date of review is known."
    found = validated_us(view) == NAT
    return Explained(found, rule, valid_values(view) or view.values("Status"), (validated_figure(view),))


def _older(view: View) -> Explained:
    within = int(view.setting("validation_days"))
    rule = f"A validation stays good for {within} local days; on the last of them it is still good."
    at = validated_us(view)
    found = at != NAT and _age_days(view, at) > within
    thresholds: tuple[ThresholdTold, ...] = (view.threshold("validation_days"),)
    return Explained(found, rule, valid_values(view), (validated_figure(view),), thresholds)


def _by_owner(view: View) -> Explained:
    rule = (
        "Somebody other than the line's owner must have reviewed one of its valid samples; a sample "
        "without a reviewer's name is not its owner's."
    )
    frame, owner = view.scene.samples.frame, normal(view.cell("Owner") or "")
    places = _valid_samples(view)
    names = [view.cell("ReviewedBy", "burst_samples", int(frame.index[one])) for one in places]
    mine = all(name is not None and normal(name) == owner != "" for name in names)
    found = validated_us(view) != NAT and mine
    return Explained(found, rule, (*view.values("Owner"), *valid_values(view, by_whom=True)))


def _invalid(view: View) -> Explained:
    rule = (
        "No file of a proposed line may have the settled verdict Invalid: that of its last finished review, "
        "unless a correction was accepted."
    )
    scene, values = view.scene, list[ValueTold]()
    _, settled = scene.once(scene.judging.job, "verdicts", lambda: file_verdicts(scene.files, scene.samples))
    done = scene.samples.latest(scene.samples.settled != -1)
    wrong = [place for place in files_of(view).tolist() if settled[place] == INVALID]
    for place in wrong:
        values.append(view.value("ActionRef", "evidence", int(scene.files.frame.index[place])))
        item = int(scene.samples.frame.index[int(done[scene.files.unique[place]])])
        columns = ("MatchesLivePractice", "SourceDateCurrent", "OutcomeProof", "CorrectionAccepted")
        values += view.values(*columns, key="burst_samples", id_=item)
    return Explained(bool(wrong), rule, tuple(values))


def _suspended(view: View) -> Explained:
    rule = "While closure approvals are suspended, and nobody has lifted that, no line is ready."
    frame = view.scene.lists.frames["closure_holds"]
    begins, ends, lifted = micros(frame["From"]), micros(frame["Until"]), lifted_at(frame)
    now, far = view.scene.now, np.iinfo(np.int64).max
    until = np.minimum(np.where(ends == NAT, far, ends), np.where(lifted == NAT, far, lifted))
    held = is_in(frame["Kind"], (SUSPENDED,)) & (begins != NAT) & (begins <= now) & (now < until)
    items = [int(item) for item in frame.index[held]]
    columns = ("From", "Until", "LiftedAt")
    values = [one for item in items for one in view.values(*columns, key="closure_holds", id_=item)]
    figure = FigureTold("moment", view.scene.moment, f"The run judged at {view.judged_at}.")
    return Explained(bool(items), rule, tuple(values), (figure,))


_EXPLAINERS = (_no_baseline, _not_reduced, _never, _older, _by_owner, _invalid, _suspended)
WORDS: Mapping[str, Callable[[View], Explained]] = {
    word: _reason(word, explain) for word, explain in zip(REASONS, _EXPLAINERS, strict=True)
}
