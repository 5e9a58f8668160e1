"""Why each early warning stands: section 5, the signs that look at dates, work and evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lists_sync.controls.files import pairs
from lists_sync.controls.load import ABOVE, NO_CAPACITY, NOBODY
from lists_sync.controls.local import NAT, days, local_time, micros
from lists_sync.controls.matching import BLANK, is_in, ref_codes
from lists_sync.controls.warnings import WARNINGS
from lists_sync.explain.complaints import today_of
from lists_sync.explain.deadlines import closed_on, closed_us
from lists_sync.explain.evidence import files_of
from lists_sync.explain.told import Explained, FigureTold, ValueTold
from lists_sync.explain.view import View, day_at
from lists_sync.explain.warnings_proof import (
    closed_on_tasks,
    complaints_weak,
    knows_not,
    no_movement,
    not_shown,
)
from lists_sync.explain.workload import (
    horizon,
    load_thresholds,
    load_values,
    loads_of,
    person,
    pressure_figure,
)
from lists_sync.messages.words import day_words

if TYPE_CHECKING:
    from lists_sync.controls.local import Bools, Ints


def _warning(explain: Callable[[View], Explained]) -> Callable[[View], Explained]:
    """Give the explainer of a warning: only live lines, and lines closed of late, have any."""

    def explained(view: View) -> Explained:
        if not (view.live or _closed_lately(view)):
            back = view.setting("look_back_days")
            rule = f"Only live lines, and lines closed in the last {back:g} days, have early warnings."
            values = (*view.values("Status"), closed_on(view))
            thresholds = (view.threshold("look_back_days"),)
            return Explained(conclusion=False, rule=rule, values=values, thresholds=thresholds)
        return explain(view)

    return explained


def _closed_lately(view: View) -> bool:
    at = closed_us(view)
    return at != NAT and bool(lately(view, day_of(view, np.array([at], dtype=np.int64)))[0])


def day_of(view: View, instants: Ints) -> Ints:
    """Give the local day of each instant."""
    return local_time(view.scene.calendar.zone).day_of(instants)


def lately(view: View, local_days: Ints) -> Bools:
    """Tell which days are not after today and at most the look-back before."""
    today, back = today_of(view), int(view.setting("look_back_days"))
    found: Bools = (local_days != NAT) & (local_days <= today) & (local_days >= today - back)
    return found


def _dates_moved(view: View) -> Explained:
    count, back = view.setting("repeated_changes"), view.setting("look_back_days")
    rule = (
        f"A live line is warned of when its date was changed {count:g} times or more in the last {back:g} "
        "days: by deadline changes that were not rejected, or by the distinct due days that the list was "
        "seen to hold, less one; the larger of the two counts."
    )
    items = _changes(view)
    seen = int(view.scene.remembered.due_days.get(view.id, 1)) - 1
    columns = ("Decision", "ApprovedOn", "Created", "NewDueDate")
    values = [one for item in items for one in view.values(*columns, key="deadline_changes", id_=item)]
    figures = (
        FigureTold("changes_made", len(items), f"Deadline changes that count: {len(items)}."),
        FigureTold("moves_seen", seen, f"Times its due day was seen to move: {seen}."),
    )
    thresholds = (view.threshold("repeated_changes"), view.threshold("look_back_days"))
    found = view.live and max(len(items), seen) >= count
    return Explained(found, rule, (*view.values("DueDate"), *values), figures, thresholds)


def _changes(view: View) -> list[int]:
    """Give the items of the line's deadline changes that count."""
    counted, change, line = view.scene.once(view.job, "changes", lambda: _all_changes(view))
    index = view.scene.lists.frames["deadline_changes"].index
    return [int(index[one]) for one in change[line == view.place] if counted[one]]


def _all_changes(view: View) -> tuple[Bools, Ints, Ints]:
    """Tell of all deadline changes which count, and the lines that each is of."""
    lists = view.scene.lists
    frame = lists.frames["deadline_changes"]
    approved_at, _ = lists.or_first_seen("deadline_changes", "ApprovedOn")
    made = micros(approved_at.where(approved_at.notna(), frame["Created"]))
    made = np.where(made == NAT, NAT, np.minimum(made, view.scene.now))
    counted: Bools = lately(view, day_of(view, made)) & ~is_in(frame["Decision"], ("Rejected",))
    return counted, *pairs(frame["ActionRef"], view.lines.frame["ActionRef"])


def _overloaded(view: View) -> Explained:
    above, least, one_in = (
        view.setting(name) for name in ("pressure_above", "overdue_lines", "overdue_one_in")
    )
    rule = (
        f"A live line is warned of when its owner's pressure is above {above:g} % or there are no hours "
        f"at all; or when the owner holds {least:g} overdue lines or more and these are more than 1 in "
        f"{one_in:g} of all."
    )
    loads, owner = loads_of(view), view.cell("Owner")
    held, total = _held(view)
    place = person(view, owner)
    words = f"The owner holds {held} of {total} overdue lines."
    figures = [FigureTold("overdue_lines_held", held, words)]
    figures += [pressure_figure(loads, place)] if place != NOBODY else []
    pressed = place != NOBODY and int(loads.state[place]) in (ABOVE, NO_CAPACITY)
    found = view.live and (pressed or (held >= least and held * one_in > total))
    thresholds = (*load_thresholds(view), view.threshold("overdue_lines"), view.threshold("overdue_one_in"))
    values = (*view.values("Owner"), *load_values(view, owner))
    return Explained(found, rule, values, tuple(figures), thresholds, (horizon(view),))


def _held(view: View) -> tuple[int, int]:
    """Give how many overdue lines the line's owner holds, and how many there are."""
    overdue = view.lines.overdue(view.scene.now)
    (owner,), _ = view.scene.once(view.job, "owners", lambda: ref_codes(view.lines.frame["Owner"]))
    mine = owner[view.place]
    held = int((overdue & (owner == mine)).sum()) if mine != BLANK else 0
    return held, int(overdue.sum())


def _nearly_complete(view: View) -> Explained:
    rule = "A line is warned of that is overdue, said to be Nearly complete, and named by no file."
    said = bool(is_in(view.lines.frame["Status"].iloc[[view.place]], ("Nearly complete",))[0])
    count = len(files_of(view))
    figures = (view.due_figure(), FigureTold("files", count, f"Files that name it: {count}."))
    return Explained(view.overdue and said and not count, rule, view.values("Status", "DueDate"), figures)


def _outdated(view: View) -> Explained:
    within = int(view.setting("source_within_days"))
    rule = (
        f"A live line is warned of when its newest evidence is older than {within} days, or older than "
        "the line itself (RaisedOn). A file's date is its SourceDate, or where that is blank the date "
        "found in the file; without any date there is no warning."
    )
    newest = int(max(_dated(view), default=NAT))
    raised = _raised(view)
    old = newest < today_of(view) - within
    found = view.live and newest != NAT and (old or (raised != NAT and newest < raised))
    words = f"Newest date of its files: {day_words(day_at(newest)) if newest != NAT else 'none'}"
    words += f", {today_of(view) - newest} days ago." if newest != NAT else "."
    figure = FigureTold("newest_evidence", day_at(newest) if newest != NAT else None, words)
    values: list[ValueTold] = [*view.values("RaisedOn")]
    for item in view.scene.files.frame.index[files_of(view)]:
        values += view.values("SourceDate", "SourceDateFound", key="evidence", id_=int(item))
    return Explained(found, rule, tuple(values), (figure,), (view.threshold("source_within_days"),))


def _dated(view: View) -> Ints:
    """Give the date of each of the line's files, days since 1970."""
    frame, lists = view.scene.files.frame, view.scene.lists
    typed, found = days(frame["SourceDate"]), days(frame["SourceDateFound"])
    blank = (typed == NAT) & ~lists.is_unusable("evidence", "SourceDate")
    return np.where(blank, found, typed)[files_of(view)]


def _raised(view: View) -> int:
    column: pd.Series[pd.Timestamp] = view.lines.frame["RaisedOn"]
    return int(days(column.iloc[[view.place]])[0])


_EXPLAINERS = (
    _dates_moved,
    _overloaded,
    _nearly_complete,
    _outdated,
    not_shown,
    knows_not,
    no_movement,
    complaints_weak,
    closed_on_tasks,
)
WORDS: Mapping[str, Callable[[View], Explained]] = {
    word: _warning(explain) for word, explain in zip(WARNINGS, _EXPLAINERS, strict=True)
}
