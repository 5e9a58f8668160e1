"""Control 1.2, deadline integrity: can the dates and the owners on the lines be relied on?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.base import Judged, Lists, Remembered
from lists_sync.controls.findings import most_pressing, tell
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import NAT, Bools, Ints, days, micros, micros_of
from lists_sync.controls.matching import BLANK, is_in, normal, ref_codes, word_table

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.worktime import Calendar

DEFECTS = ("Mismatched deadline", "Missing evidence due date", "Inactive owner", "Unusable value")
DEFINITION = ("Owner", "EvidenceRequirement", "ValidationMethod", "ClosureRule", "QualityStatements")

# By a number whose bits are the defects, in schema order; none of them is a blank.
_COMBINED = np.empty(2 ** len(DEFECTS), dtype=object)
for _number in range(1, len(_COMBINED)):
    _COMBINED[_number] = tuple(word for bit, word in enumerate(DEFECTS) if _number >> bit & 1)


def deadline_integrity(
    lists: Lists,
    *,
    moment: datetime,
    calendar: Calendar,
    settings: Mapping[str, Any],
    remembered: Remembered,  # noqa: ARG001  # every control is called alike
) -> Judged:
    """Find live lines whose dates or owners cannot be relied on, and every line with an unusable value.

    Args:
        lists: frames `actions`, `register`, `deadline_changes`, `managers`; `accounts` for the directory.
        settings: `directory_check`: also look at whether the owner's account is enabled.

    Returns:
        measures MismatchedDeadlines, MissingEvidenceDue, InactiveOwners, their sum IntegrityDefects, and
        DefinitionGaps; column IntegrityDefects (tuples in schema order); finding `IntegrityDefects`.
    Source:
        Operational example 1, step 2; controls.md 1.2.
    """
    lines = read_lines(lists, calendar.zone)
    registered, from_history = registered_days(lists, lines)
    marks = [
        _mismatched(lines, registered),
        lines.live & _is_blank(lists, "EvidenceDueDate"),
        lines.live & ~_owner_is_active(lists, directory_check=bool(settings["directory_check"])),
    ]
    counts = [int(mark.sum()) for mark in marks]
    combined = _combine([*marks, lists.has_unusable("actions")])
    measures = {
        "MismatchedDeadlines": counts[0],
        "MissingEvidenceDue": counts[1],
        "InactiveOwners": counts[2],
        "IntegrityDefects": sum(counts),
        "DefinitionGaps": int((lines.live & _definition_gap(lists)).sum()),
    }
    column = pd.Series(combined, index=lines.frame.index, dtype=object)
    defective = np.logical_or.reduce(marks)
    facts = {
        "totals": {"IntegrityDefects": int(defective.sum())},
        "from_history": {"deadline_changes.ApprovedOn": from_history},
    }
    findings = {"IntegrityDefects": _told(lines, defective, column, moment)}
    return Judged(measures, {"actions": column.to_frame("IntegrityDefects")}, findings, facts)


def registered_days(lists: Lists, lines: Lines) -> tuple[Ints, int]:
    """Give the registered day of each live line, days since 1970, `NAT` where there is none.

    It is the new day of the change approved last (then of the highest id), else the register's. A row whose
    reference, day or approval cannot be used is left out, as if it were not there.

    Returns:
        `(days, from_history)`: as long as the lines; how many approvals took their time from history.
    """
    register, changes = lists.frames["register"], lists.frames["deadline_changes"]
    approved_at, filled = lists.or_first_seen("deadline_changes", "ApprovedOn")
    approved = is_in(changes["Decision"], ("Approved",))
    approved &= ~lists.is_unusable("deadline_changes", "ApprovedOn")
    wanted = np.flatnonzero(lines.live)
    (mine, theirs, changed), count = ref_codes(
        lines.frame["ActionRef"].iloc[wanted], register["ActionRef"], changes["ActionRef"][approved]
    )
    by_ref = np.full(count + 1, NAT, dtype=np.int64)  # the last place is for BLANK
    kept = ~_is_shared(theirs, count)  # which of two rows holds, nobody can say
    _assign(by_ref, theirs[kept], days(register["RegisteredDueDate"])[kept])
    order = np.argsort(micros(approved_at[approved]), kind="stable")  # ids ascend already
    _assign(by_ref, changed[order], days(changes["NewDueDate"][approved])[order])
    found = np.full(len(lines.frame), NAT, dtype=np.int64)
    found[wanted] = by_ref[mine]
    return found, int((filled & approved).sum())


def _assign(by_ref: Ints, codes: Ints, new_days: Ints) -> None:
    """Set days in order, so that the last row of a reference wins; rows without either say nothing."""
    telling = (codes != BLANK) & (new_days != NAT)
    by_ref[codes[telling]] = new_days[telling]


def _is_shared(codes: Ints, count: int) -> Bools:
    """Tell which rows share their reference with another row."""
    times = np.bincount(codes[codes != BLANK], minlength=count + 1)
    shared: Bools = (codes != BLANK) & (times[codes] > 1)
    return shared


def _mismatched(lines: Lines, registered: Ints) -> Bools:
    """Tell where a live line's due day is not the registered one; a missing side is a mismatch as well."""
    differs = (lines.due_day != registered) | (registered == NAT) | ~lines.has_due
    found: Bools = lines.live & differs & ~lines.due_unusable
    return found


def _is_blank(lists: Lists, column: str) -> Bools:
    """Tell where a column of actions is blank; a value that cannot be used is not blank."""
    blank: Bools = lists.frames["actions"][column].isna().to_numpy()
    found: Bools = blank & ~lists.is_unusable("actions", column)
    return found


def _definition_gap(lists: Lists) -> Bools:
    found: Bools = np.logical_or.reduce([_is_blank(lists, column) for column in DEFINITION])
    return found


def _owner_is_active(lists: Lists, *, directory_check: bool) -> Bools:
    """Tell whose owner has a row of Managers with Active yes, and an account where that is asked."""
    people = active_people(lists.frames["managers"])
    if directory_check and "accounts" in lists.frames:
        accounts = lists.frames["accounts"]
        enabled = accounts["Enabled"].to_numpy(dtype=bool)
        people -= {normal(email) for email in accounts["Email"][~enabled]}
    codes, words = word_table(lists.frames["actions"]["Owner"])
    active = np.array([word in people for word in words] + [False], dtype=bool)
    found: Bools = active[codes]
    return found


def active_people(managers: pd.DataFrame) -> set[str]:
    """Give the e-mails, in normal form, of people who have an active row, by its Email or its Manager."""
    rows = managers[managers["Active"].to_numpy(dtype=bool)]
    emails = [*rows["Email"].dropna(), *rows["Manager"].dropna()]
    return {normal(email) for email in emails} - {""}


def _combine(marks: list[Bools]) -> np.ndarray[Any, Any]:
    number = sum(mark.astype(np.int64) << bit for bit, mark in enumerate(marks))
    combined: np.ndarray[Any, Any] = _COMBINED[number]
    return combined


def _told(lines: Lines, defective: Bools, column: pd.Series[Any], moment: datetime) -> pd.DataFrame:
    now = micros_of(moment)
    late = np.where(lines.overdue(now), now - lines.due, NAT)
    told = tell(lines, most_pressing(lines, defective), late)
    told["defects"] = column.reindex(told.index)
    return told
