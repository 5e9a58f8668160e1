"""Why a line's dates and owner cannot be relied on: control 1.2."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lists_sync.controls.integrity import DEFECTS, active_people
from lists_sync.controls.local import NAT, days, micros
from lists_sync.controls.matching import is_in, normal
from lists_sync.explain.told import Explained, FigureTold, ValueTold
from lists_sync.explain.view import View, day_at
from lists_sync.messages.words import day_words

_PARTS = 2


def mismatched_deadline(view: View) -> Explained:
    """Explain `Mismatched deadline`.

    Source: Operational example 1, step 2; controls.md 1.2.
    """
    rule = (
        "The due day of a live line must be its registered day: the new day of the deadline change that was "
        "approved last, else the day of the Compliance master register. No registered day, or no due date, "
        "counts as mismatched; a due date that cannot be used is told as that instead."
    )
    change, row = _latest_change(view), _register_row(view)
    registered, values = NAT, list(view.values("DueDate"))
    if row is not None:
        values += view.values("RegisteredDueDate", key="register", id_=row)
        registered = _day(view, "register", "RegisteredDueDate", row)
    if change is not None:
        values += view.values("Decision", "ApprovedOn", "NewDueDate", key="deadline_changes", id_=change)
        registered = _day(view, "deadline_changes", "NewDueDate", change)
    due = int(view.lines.due_day[view.place])
    wrong = due != registered or registered == NAT or not view.has_due
    found = view.live and wrong and not bool(view.lines.due_unusable[view.place])
    return Explained(found, rule, tuple(values), (_days_figure(view, due, registered),))


def _days_figure(view: View, due: int, registered: int) -> FigureTold:
    names = [day_words(day_at(one)) if one != NAT else "none" for one in (due, registered)]
    words = f"Due day: {names[0]}; registered day: {names[1]}."
    if _shares_register(view):
        words += " Two rows of the register share this reference, so neither counts."
    return FigureTold("registered_day", None if registered == NAT else day_at(registered), words)


def _day(view: View, key: str, column: str, item: int) -> int:
    frame = view.scene.lists.frames[key]
    return int(days(frame[column])[frame.index.get_loc(item)])


def _rows_of(view: View, key: str) -> list[int]:
    """Give the places of a list's rows whose reference is the line's own; none for a line without."""
    ref = view.cell("ActionRef")
    name = normal(ref) if isinstance(ref, str) else ""
    return view.scene.rows_named(key).get(name, []) if name else []


def _shares_register(view: View) -> bool:
    return len(_rows_of(view, "register")) >= _PARTS


def _register_row(view: View) -> int | None:
    """Give the item of the register that tells the line's day; of two nobody knows which."""
    rows, frame = _rows_of(view, "register"), view.scene.lists.frames["register"]
    if len(rows) != 1 or days(frame["RegisteredDueDate"])[rows[0]] == NAT:
        return None
    return int(frame.index[rows[0]])


def _latest_change(view: View) -> int | None:
    """Give the item of the change that was approved last, then of the highest id, and names a day."""
    lists = view.scene.lists
    frame = lists.frames["deadline_changes"]
    times, _ = lists.or_first_seen("deadline_changes", "ApprovedOn")
    usable = is_in(frame["Decision"], ("Approved",)) & ~lists.is_unusable("deadline_changes", "ApprovedOn")
    usable &= days(frame["NewDueDate"]) != NAT
    rows = [place for place in _rows_of(view, "deadline_changes") if usable[place]]
    if not rows:
        return None
    at = micros(times)
    return int(frame.index[max(rows, key=lambda place: (at[place], place))])


def missing_evidence_due(view: View) -> Explained:
    """Explain `Missing evidence due date`.

    Source: Operational example 1, step 2; controls.md 1.2.
    """
    rule = "A live line must have an EvidenceDueDate; one that cannot be used is not missing."
    blank = view.cell("EvidenceDueDate") is None
    wrong = ("actions", view.id, "EvidenceDueDate") in view.scene.whys
    return Explained(view.live and blank and not wrong, rule, view.values("Status", "EvidenceDueDate"))


def inactive_owner(view: View) -> Explained:
    """Explain `Inactive owner`.

    Source: Operational example 1, step 2; controls.md 1.2.
    """
    checks = bool(view.setting("directory_check"))
    rule = "The owner of a live line must have a row of Managers with Active yes"
    rule += (
        ", and an account in the directory that is enabled." if checks else "; no owner is no active owner."
    )
    owner = view.cell("Owner")
    values = list(view.values("Owner"))
    for item in manager_rows(view, owner):
        values += view.values("Active", key="managers", id_=item)
    people = active_people(view.scene.lists.frames["managers"])
    closed = checks and normal(owner or "") in _closed_accounts(view)
    active = isinstance(owner, str) and normal(owner) in people and not closed
    words = "The owner has no row of Managers." if owner and len(values) == 1 else ""
    words = "The directory says that the owner's account is disabled or gone." if closed else words
    figures = (FigureTold("owner_is_active", active, words),) if words else ()
    thresholds = (view.threshold("directory_check"),)
    return Explained(view.live and not active, rule, tuple(values), figures, thresholds)


def manager_rows(view: View, owner: object) -> list[int]:
    """Give the items of Managers that name somebody, by Email or by Manager."""
    if not isinstance(owner, str) or not normal(owner):
        return []
    frame = view.scene.lists.frames["managers"]
    named = is_in(frame["Email"], (owner,)) | is_in(frame["Manager"], (owner,))
    return [int(item) for item in frame.index[named]]


def _closed_accounts(view: View) -> set[str]:
    accounts = view.scene.lists.frames.get("accounts")
    if accounts is None:
        return set()
    return {normal(email) for email in accounts["Email"][~accounts["Enabled"].to_numpy(dtype=bool)]}


def unusable_value(view: View) -> Explained:
    """Explain `Unusable value`.

    Source: controls.md section 1, unusable values; 1.2 and section 9.
    """
    rule = (
        "Any line, a closed one too, with a value that is there but cannot be used is marked; the value "
        "itself is not repeated here."
    )
    wrong = sorted(column for key, item, column in view.scene.whys if (key, item) == ("actions", view.id))
    return Explained(bool(wrong), rule, tuple(_without_value(view.value(column)) for column in wrong))


def _without_value(told: ValueTold) -> ValueTold:
    return ValueTold(
        told.list, told.item, told.column, None, told.version, told.modified, ref=told.ref, note=told.note
    )


WORDS: Mapping[str, Callable[[View], Explained]] = dict(
    zip(DEFECTS, (mismatched_deadline, missing_evidence_due, inactive_owner, unusable_value), strict=True)
)
