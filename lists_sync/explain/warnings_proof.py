"""Why each early warning stands: section 5, the signs that look at proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lists_sync.controls.files import pairs
from lists_sync.controls.local import NAT, local_time, micros
from lists_sync.controls.matching import BLANK, is_in, ref_codes
from lists_sync.controls.percent import exact, percent
from lists_sync.controls.proof import Proofs, previous_linked, proofs, reduces_enough
from lists_sync.controls.reviews import APPROVED, Reviews, read_reviews
from lists_sync.explain.complaints import (
    RATES,
    complaint_values,
    complaints_figures,
    linked_of,
    previous_of,
    reduction_figure,
    reduction_of,
    terms,
    today_of,
)
from lists_sync.explain.gate import is_proposed
from lists_sync.explain.told import Explained, FigureTold, ValueTold
from lists_sync.explain.workload import percent_words

if TYPE_CHECKING:
    from lists_sync.controls.local import Bools, Ints
    from lists_sync.explain.view import View


def not_shown(view: View) -> Explained:
    """Explain `Improvement not shown`.

    Source: the early warning signs of operational example 2; controls.md section 5.
    """
    least = view.setting("reduction_percent")
    rule = (
        "A live line presented as Fully resolved is warned of when its failure rate is not down by "
        f"{least:g} % or more; a reduction that is not available does not show it."
    )
    claimed = bool(is_in(view.lines.frame["ResolutionClaim"].iloc[[view.place]], ("Fully resolved",))[0])
    found = view.live and claimed and not reduces_enough(reduction_of(view), exact(least))
    thresholds = (view.threshold("reduction_percent"),)
    return Explained(
        found, rule, view.values("ResolutionClaim", *RATES), (reduction_figure(view),), thresholds
    )


def knows_not(view: View) -> Explained:
    """Explain `Knows but does not do`.

    Source: the early warning signs of operational example 2; controls.md section 5.
    """
    low, back = view.setting("correct_percent"), view.setting("look_back_days")
    rule = (
        f"A live line is warned of when, of its retests in the last {back:g} days, the latest of somebody "
        f"says that they can describe the change and shows less than {low:g} % of the stages done "
        "correctly."
    )
    frame, found = view.scene.lists.frames["retests"], False
    values, figures = list[ValueTold](), list[FigureTold]()
    for place in _latest_retests(view):
        item = int(frame.index[place])
        done, total = (view.cell(name, "retests", item) for name in ("StagesCorrect", "StagesTotal"))
        share = percent(done, total) if done is not None and total is not None else None
        fails = (
            share is not None and share < exact(low) and bool(is_in(frame["CanDescribe"], ("Yes",))[place])
        )
        found |= fails
        values += view.values(
            "RetestedAt", "StagesCorrect", "StagesTotal", "CanDescribe", key="retests", id_=item
        )
        told = percent_words(share) if share is not None else "not available"
        figures.append(
            FigureTold("correct_percent", None if share is None else float(share), f"Retest #{item}: {told}.")
        )
    thresholds = (view.threshold("correct_percent"), view.threshold("look_back_days"))
    return Explained(view.live and found, rule, tuple(values), tuple(figures), thresholds)


def _latest_retests(view: View) -> list[int]:
    """Give the places of the latest retest of each person re-tested on the line of late."""
    at, staff, counts, retest, line = view.scene.once(view.job, "retests", lambda: _retests(view))
    last: dict[int, int] = {}
    mine = [int(one) for one in retest[line == view.place] if counts[one]]
    for place in sorted(mine, key=lambda one: (at[one], one)):
        last[int(staff[place])] = place
    return sorted(last.values())


def _retests(view: View) -> tuple[Ints, Ints, Bools, Ints, Ints]:
    """Give of all retests when and by whom, which count, and the lines that each is of."""
    lists = view.scene.lists
    frame = lists.frames["retests"]
    times, _ = lists.or_first_seen("retests", "RetestedAt")
    at = micros(times)
    (staff,), _ = ref_codes(frame["StaffRef"])
    counts: Bools = _lately(view, at) & (at <= view.scene.now) & (staff != BLANK)
    return at, staff, counts, *pairs(frame["ActionRef"], view.lines.frame["ActionRef"])


def _lately(view: View, instants: Ints) -> Bools:
    day = local_time(view.scene.calendar.zone).day_of(instants)
    today, back = today_of(view), int(view.setting("look_back_days"))
    found: Bools = (day != NAT) & (day <= today) & (day >= today - back)
    return found


def no_movement(view: View) -> Explained:
    """Explain `No movement from baseline`.

    Source: the early warning signs of operational example 3; controls.md section 5.
    """
    rule = "A line proposed for closure is warned of when its current failure rate is not below its baseline."
    baseline, current = (view.cell(name) for name in RATES)
    stays = baseline is not None and current is not None and current >= baseline
    values = view.values("Status", *RATES)
    return Explained(is_proposed(view) and stays, rule, values, (reduction_figure(view),))


def complaints_weak(view: View) -> Explained:
    """Explain `Weak complaint data`.

    Source: the early warning signs of operational example 3; controls.md section 5.
    """
    rule = (
        "A line proposed for closure is warned of when it has no RiskTheme to link complaints by, or "
        "when a complaint linked to it lacks ReceivedOn, or is Closed without ClosedOn."
    )
    if not is_proposed(view):
        return Explained(conclusion=False, rule=rule, values=view.values("Status"))
    frame = view.scene.lists.frames["complaints"]
    undated = is_in(frame["State"], ("Closed",)) & frame["ClosedOn"].isna().to_numpy()
    weak = frame.index[frame["ReceivedOn"].isna().to_numpy() | undated]
    items = tuple(item for item in linked_of(view).all if item in weak)
    no_theme = view.cell("RiskTheme") is None
    values = (*view.values("Status", "RiskTheme"), *complaint_values(view, items))
    figure = FigureTold("weak_complaints", len(items), f"Linked complaints that lack a date: {len(items)}.")
    return Explained(no_theme or bool(items), rule, values, (figure,))


def closed_on_tasks(view: View) -> Explained:
    """Explain `Closed on tasks, not outcomes`.

    Source: the early warning signs of operational example 3; controls.md section 5.
    """
    least, back = view.setting("reduction_percent"), view.setting("look_back_days")
    rule = (
        f"A line is warned of when the panel approved its closure in the last {back:g} days with neither "
        f"proof: its failure rate down by {least:g} % or more, or somebody from outside, or fewer linked "
        "complaints than before."
    )
    reviews, among, found = _approved(view)
    mine = reviews.review[reviews.line == view.place]
    items = [int(reviews.frame.index[one]) for one in mine if among[one] and found.neither[one]]
    columns = ("PanelDecision", "PanelDecidedAt", "ExternalAssurance")
    values = [one for item in items for one in view.values(*columns, key="closure_reviews", id_=item)]
    figures: tuple[FigureTold, ...] = ()
    if items:
        previous = previous_of(view, view.scene.lists.frames["closure_experience"])
        linked = linked_of(view)
        if previous.item is not None:
            values += view.values("Slot", "ComplaintsLinked", key="closure_experience", id_=previous.item)
        values += complaint_values(view, linked.lately)
        figures = (reduction_figure(view), *complaints_figures(linked, previous))
    names = ("look_back_days", "reduction_percent", "complaints_within_days", "previous_within_days")
    return Explained(
        bool(items),
        rule,
        (*view.values(*RATES), *values),
        figures,
        tuple(view.threshold(name) for name in names),
    )


def _approved(view: View) -> tuple[Reviews, Bools, Proofs]:
    """Give the reviews, which of them the panel approved of late, and what proves each."""
    scene = view.scene

    def looked_up() -> tuple[Reviews, Bools, Proofs]:
        lists, lines = scene.lists, scene.lines
        reviews, held = read_reviews(lists, lines), terms(view)
        among = (reviews.panel == APPROVED) & _lately(view, np.asarray(reviews.panel_at, dtype=np.int64))
        previous = previous_linked(lists.frames["closure_experience"], lines, held)
        return reviews, among, proofs(lists, lines, reviews, among=among, previous=previous, terms=held)

    return scene.once(view.job, "approved", looked_up)
