"""The nine early warnings on each line, judged along with the controls that touch what they look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.files import Files, pairs, read_files
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.load import read_loads
from lists_sync.controls.local import NAT, Bools, Ints, days, local_time, micros, micros_of
from lists_sync.controls.matching import BLANK, is_in, ref_codes
from lists_sync.controls.percent import exact, percents
from lists_sync.controls.proof import (
    linked_complaints,
    previous_linked,
    proofs,
    reduces_enough,
    reductions,
    terms_of,
)
from lists_sync.controls.proposals import proposed_lines, today
from lists_sync.controls.reviews import APPROVED, read_reviews

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar

WARNINGS = (
    "Repeated date changes",
    "Owner overloaded",
    "Nearly complete without evidence",
    "Outdated evidence",
    "Improvement not shown",
    "Knows but does not do",
    "No movement from baseline",
    "Weak complaint data",
    "Closed on tasks, not outcomes",
)


def early_warnings(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,
) -> Judged:
    """Find what gives early warning on live lines, and on lines closed of late.

    Args:
        lists: frames `actions`, `deadline_changes` (with `Created`), `managers`, `evidence`, `retests`,
            `complaints`, `closure_reviews` and `closure_experience`.
        settings: see jobs/early-warnings.yaml.
        remembered: `due_days`.

    Returns:
        no measures; column EarlyWarnings (tuples in schema order), cleared on all other lines.
    Source:
        The early warning signs of the three operational examples; controls.md section 5.
    """
    sight = _Sight(lists, read_lines(lists, calendar.zone), moment, calendar, settings)
    live, lines = sight.lines.live, sight.lines
    marks = [
        live & sight.dates_moved(remembered.due_days),
        live & sight.owner_overloaded(),
        lines.overdue(sight.now) & is_in(lines.frame["Status"], ("Nearly complete",)) & ~sight.has_file,
        live & sight.evidence_outdated(),
        live & sight.improvement_not_shown(),
        live & sight.knows_but_does_not(),
        sight.proposed & sight.no_movement(),
        sight.proposed & sight.complaints_weak(),
        sight.closed_on_tasks(),
    ]
    judged = live | sight.closed_lately()
    column = np.empty(len(judged), dtype=object)
    for place in np.flatnonzero(judged & np.logical_or.reduce(marks)).tolist():
        column[place] = tuple(word for word, mark in zip(WARNINGS, marks, strict=True) if mark[place])
    series = pd.Series(column, index=lines.frame.index, dtype=object, name="EarlyWarnings")
    return Judged({}, {"actions": series.to_frame()})


@dataclass(frozen=True, eq=False)
class _Sight:
    """What the warnings look at; each method gives one mark a line, before it is asked whether it is live."""

    lists: Lists
    lines: Lines
    moment: datetime
    calendar: Calendar
    settings: Mapping[str, Any]

    @cached_property
    def now(self) -> int:
        """The moment, in microseconds."""
        return micros_of(self.moment)

    @cached_property
    def today(self) -> int:
        """The moment's local day, days since 1970."""
        return today(self.moment, self.calendar)

    @cached_property
    def proposed(self) -> Bools:
        """Which lines are proposed for closure."""
        return proposed_lines(self.lines)

    @cached_property
    def files(self) -> Files:
        """The evidence, and the lines it is for."""
        return read_files(self.lists, self.lines)

    @property
    def has_file(self) -> Bools:
        """Which lines a file is evidence for."""
        return self.any_line(self.files.line)

    def lately(self, local_days: Ints) -> Bools:
        """Tell which days are not after today and at most the look-back before."""
        back = int(self.settings["look_back_days"])
        found: Bools = (local_days != NAT) & (local_days <= self.today) & (local_days >= self.today - back)
        return found

    def day_of(self, instants: Ints) -> Ints:
        """Give the local day of each instant."""
        return local_time(self.calendar.zone).day_of(instants)

    def any_line(self, line: Ints) -> Bools:
        """Mark the lines at these places."""
        found = np.zeros(len(self.lines.frame), dtype=bool)
        found[line] = True
        return found

    def closed_lately(self) -> Bools:
        """Which lines were closed in the last days."""
        closed_on, _ = self.lists.or_first_seen("actions", "ClosedOn")
        return self.lines.closed & self.lately(self.day_of(micros(closed_on)))

    def dates_moved(self, due_days: pd.Series[Any]) -> Bools:
        """Which lines had their date changed again and again: asked for, or seen to move."""
        changes = self.lists.frames["deadline_changes"]
        approved_at, _ = self.lists.or_first_seen("deadline_changes", "ApprovedOn")
        made = micros(approved_at.where(approved_at.notna(), changes["Created"]))
        made = np.where(made == NAT, NAT, np.minimum(made, self.now))  # a row that stands was made by now
        counted = self.lately(self.day_of(made)) & ~is_in(changes["Decision"], ("Rejected",))
        change, line = pairs(changes["ActionRef"], self.lines.frame["ActionRef"])
        asked = np.bincount(line[counted[change]], minlength=len(self.lines.frame))
        seen = due_days.reindex(self.lines.frame.index).fillna(1).to_numpy(dtype=np.int64) - 1
        found: Bools = np.maximum(asked, seen) >= self.settings["repeated_changes"]
        return found

    def owner_overloaded(self) -> Bools:
        """Whose owner has more work than hours, or many of all overdue lines."""
        loads = read_loads(
            self.lists, self.lines, moment=self.moment, calendar=self.calendar, settings=self.settings
        )
        overdue = self.lines.overdue(self.now)
        (owner,), count = ref_codes(self.lines.frame["Owner"])
        held = np.append(np.bincount(owner[overdue & (owner != BLANK)], minlength=count), [0])
        share = held * self.settings["overdue_one_in"] > overdue.sum()
        many = (held >= self.settings["overdue_lines"]) & share
        found: Bools = loads.owner_is_overloaded | many[owner]
        return found

    def evidence_outdated(self) -> Bools:
        """Whose newest evidence is old, or older than the line itself; without any date nobody can tell."""
        files = self.files
        typed, found = days(files.frame["SourceDate"]), days(files.frame["SourceDateFound"])
        blank = (typed == NAT) & ~self.lists.is_unusable("evidence", "SourceDate")
        dated = np.where(blank, found, typed)[files.file]
        newest = np.full(len(self.lines.frame), NAT, dtype=np.int64)
        np.maximum.at(newest, files.line, dated)
        raised = days(self.lines.frame["RaisedOn"])
        old = newest < self.today - int(self.settings["source_within_days"])
        older = (raised != NAT) & (newest < raised)
        outdated: Bools = (newest != NAT) & (old | older)
        return outdated

    def improvement_not_shown(self) -> Bools:
        """What is presented as fully resolved without enough reduction."""
        claimed = np.flatnonzero(is_in(self.lines.frame["ResolutionClaim"], ("Fully resolved",)))
        least = exact(self.settings["reduction_percent"])
        enough = [reduces_enough(share, least) for share in reductions(self.lines, claimed)]
        return self.any_line(claimed[~np.array(enough, dtype=bool)])

    def knows_but_does_not(self) -> Bools:
        """Of which somebody can describe the change, and when last tested did not perform it."""
        retests = self.lists.frames["retests"]
        times, _ = self.lists.or_first_seen("retests", "RetestedAt")
        at = micros(times)
        (staff,), _ = ref_codes(retests["StaffRef"])
        retest, line = pairs(retests["ActionRef"], self.lines.frame["ActionRef"])
        mine = (self.lately(self.day_of(at)) & (at <= self.now) & (staff != BLANK))[retest]
        rows = pd.DataFrame({"row": retest, "line": line, "staff": staff[retest], "at": at[retest]})[mine]
        last = rows.sort_values(["at", "row"]).drop_duplicates(["line", "staff"], keep="last")
        low = exact(self.settings["correct_percent"])
        shares = percents(retests["StagesCorrect"], retests["StagesTotal"])
        fails = np.array([share is not None and share < low for share in shares], dtype=bool)
        fails &= is_in(retests["CanDescribe"], ("Yes",))
        return self.any_line(last["line"].to_numpy()[fails[last["row"].to_numpy()]])

    def no_movement(self) -> Bools:
        """Whose failure rate has not fallen from its baseline."""
        frame = self.lines.frame
        found: Bools = (frame["CurrentFailureRate"] >= frame["BaselineFailureRate"]).to_numpy(dtype=bool)
        return found

    def complaints_weak(self) -> Bools:
        """Whose complaints cannot be counted upon: no theme to link them by, or dates that are missing."""
        places = np.flatnonzero(self.proposed)
        complaints = self.lists.frames["complaints"]
        closed = is_in(complaints["State"], ("Closed",))
        undated = closed & complaints["ClosedOn"].isna().to_numpy()
        weak = complaints["ReceivedOn"].isna().to_numpy() | undated
        position, complaint = linked_complaints(self.lists, self.lines, places)
        no_theme = self.lines.frame["RiskTheme"].isna().to_numpy()
        return no_theme | self.any_line(places[position[weak[complaint]]])

    def closed_on_tasks(self) -> Bools:
        """Which lines the panel approved of late without any proof."""
        reviews = read_reviews(self.lists, self.lines)
        among = (reviews.panel == APPROVED) & self.lately(self.day_of(reviews.panel_at))
        terms = terms_of(self.settings, day=self.today, zone=self.calendar.zone)
        previous = previous_linked(self.lists.frames["closure_experience"], self.lines, terms)
        proof = proofs(self.lists, self.lines, reviews, among=among, previous=previous, terms=terms)
        return reviews.any_of_line(among & proof.neither, len(self.lines.frame))
