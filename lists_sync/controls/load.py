"""The pressure of managers: the work of theirs that is late or due soon, against the hours they have for it.

Source: controls.md 1.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.local import Bools, Ints, micros_of
from lists_sync.controls.matching import normal_all, texts, word_table
from lists_sync.controls.percent import exact, one_decimal

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.controls.base import Lists
    from lists_sync.controls.lines import Lines
    from lists_sync.worktime import Calendar

LOAD_STATES = ("Within", "Above", "No capacity")
WITHIN, ABOVE, NO_CAPACITY, UNKNOWN = range(4)
"""Places in LOAD_STATES; UNKNOWN is work against hours that cannot be used."""
NOBODY = -1
"""The place of an owner who is no active manager, and the state of such an owner."""

_EPOCH = 719_163  # ordinal of 1 January 1970


@dataclass(frozen=True, eq=False)
class Loads:
    """The active managers, one place a person in the order of their e-mails, and the lines they own.

    Args:
        emails: of the managers, in the form in which e-mails are compared.
        place_of: place of a manager by any address that an active row of theirs holds, in that form.
        row: for each row of Managers: the place of its person; `NOBODY` for an inactive row.
        owner: for each line: the place of its owner; `NOBODY` where there is none, or none active.
        hours: for each line: its effort as a Fraction, a blank one as the setting has it; None where the
            value cannot be used.
        in_demand: for each line: whether it is part of its owner's demand.
        demand: hours, by manager.
        capacity: hours, by manager; None where no row of theirs has hours that can be used.
        pressure: percent, exact, by manager; None without capacity, and where that is not known.
        state: place in LOAD_STATES by manager, or `UNKNOWN`.
        open_lines: live lines owned, by manager.
        overdue_lines: overdue lines owned, by manager.
    """

    emails: tuple[str, ...]
    place_of: Mapping[str, int]
    row: Ints
    owner: Ints
    hours: np.ndarray[Any, Any]
    in_demand: Bools
    demand: tuple[Fraction, ...]
    capacity: tuple[Fraction | None, ...]
    pressure: tuple[Fraction | None, ...]
    state: Ints
    open_lines: Ints
    overdue_lines: Ints

    @property
    def overloaded(self) -> Bools:
        """Tell for each manager whether the pressure is above the limit, or there is no capacity."""
        found: Bools = (self.state == ABOVE) | (self.state == NO_CAPACITY)
        return found

    @property
    def owner_state(self) -> Ints:
        """Give for each line the state of its owner, `NOBODY` where there is none, or none active."""
        return np.append(self.state, NOBODY)[self.owner]

    @property
    def owner_is_overloaded(self) -> Bools:
        """Tell for each line whether its owner is an active manager above the limit or without capacity."""
        return np.append(self.overloaded, [False])[self.owner]

    def persons(self, owners: pd.Series[Any]) -> np.ndarray[Any, Any]:
        """Give each owner's name, one a person whichever of their addresses stands there; "" for a blank."""
        codes, words = word_table(owners)
        named = [self.emails[self.place_of[word]] if word in self.place_of else word for word in words]
        found: np.ndarray[Any, Any] = np.array([*named, ""], dtype=object)[codes]
        return found

    def columns(self, managers: pd.DataFrame) -> pd.DataFrame:
        """Give the four result columns of Managers; blank on rows of nobody active."""
        words = [LOAD_STATES[one] if one < UNKNOWN else None for one in self.state.tolist()]
        made = {
            "Pressure": self._by_row([one_decimal(one) for one in self.pressure], "float64"),
            "LoadState": self._by_row(words, "str"),
            "OpenLines": self._by_row(self.open_lines.tolist(), "float64"),
            "OverdueLines": self._by_row(self.overdue_lines.tolist(), "float64"),
        }
        return pd.DataFrame(made, index=managers.index)

    def _by_row(self, values: list[Any], kind: str) -> Any:
        return pd.Series([*values, None], dtype=kind).iloc[self.row].array  # NOBODY is the last place


def read_loads(
    lists: Lists, lines: Lines, *, moment: datetime, calendar: Calendar, settings: Mapping[str, Any]
) -> Loads:
    """Weigh the work of every active manager.

    Demand is the effort of live lines that are overdue, or due by the end of the last working day of the
    horizon. People are known by the Email of their row, else by its Manager; one who has several active rows
    counts once, with the fewest hours that any of these gives.

    Args:
        lists: frame `managers`.
        settings: `horizon_days`, working days after today; `blank_effort_hours`; `pressure_above`, percent.
    Source:
        controls.md 1.3, demand, capacity, Pressure, LoadState.
    """
    managers = lists.frames["managers"]
    emails, row, place_of = _people(managers)
    owner = _owners(lines, place_of)
    last = calendar.nth_working_day(calendar.local_date(moment), int(settings["horizon_days"]))
    due_soon = lines.live & lines.has_due & (lines.due_day <= last.toordinal() - _EPOCH)
    hours = _hours(lists, exact(settings["blank_effort_hours"]))
    in_demand = due_soon & (owner != NOBODY) & np.array([one is not None for one in hours], dtype=bool)
    demand = _sums(owner[in_demand], hours[in_demand], len(emails))
    capacity = _capacity(lists, row, len(emails))
    pressure = tuple(_pressure(work, have) for work, have in zip(demand, capacity, strict=True))
    above = exact(settings["pressure_above"])
    owned = lines.live & (owner != NOBODY)
    return Loads(
        emails=emails,
        place_of=place_of,
        row=row,
        owner=owner,
        hours=hours,
        in_demand=in_demand,
        demand=demand,
        capacity=capacity,
        pressure=pressure,
        state=np.array(
            [_state(one, have, above) for one, have in zip(pressure, capacity, strict=True)], dtype=np.int64
        ),
        open_lines=np.bincount(owner[owned], minlength=len(emails)),
        overdue_lines=np.bincount(owner[owned & lines.overdue(micros_of(moment))], minlength=len(emails)),
    )


def _people(managers: pd.DataFrame) -> tuple[tuple[str, ...], Ints, dict[str, int]]:
    """Give the e-mails of active people, the place of each row's person, and the place of each address."""
    active = managers["Active"].to_numpy(dtype=bool)
    typed, picked = _plain(managers["Email"]), _plain(managers["Manager"])
    names = [one or other for one, other in zip(typed, picked, strict=True)]
    emails = tuple(sorted({name for name, works in zip(names, active, strict=True) if works and name}))
    place_of = {email: place for place, email in enumerate(emails)}
    row = [place_of[name] if works and name else NOBODY for name, works in zip(names, active, strict=True)]
    for other, place in zip(picked, row, strict=True):
        if other and place != NOBODY:
            place_of.setdefault(other, place)  # an address that is somebody's Email is theirs
    return emails, np.array(row, dtype=np.int64), place_of


def _plain(addresses: pd.Series[Any]) -> list[str]:
    words, present = texts(addresses)
    return normal_all(np.where(present, words, "").tolist())


def _owners(lines: Lines, place_of: Mapping[str, int]) -> Ints:
    codes, words = word_table(lines.frame["Owner"])
    places = np.array([place_of.get(word, NOBODY) for word in words] + [NOBODY], dtype=np.int64)
    found: Ints = places[codes]
    return found


def _hours(lists: Lists, blank: Fraction) -> np.ndarray[Any, Any]:
    """Give the effort of every line; None where it cannot be used."""
    effort = lists.frames["actions"]["EffortHours"]
    codes, distinct = pd.factorize(effort.to_numpy(dtype="float64"))
    known = np.empty(len(distinct) + 1, dtype=object)
    known[:-1] = [exact(value) for value in distinct.tolist()]
    known[-1] = blank
    hours: np.ndarray[Any, Any] = known[codes]
    hours[lists.is_unusable("actions", "EffortHours")] = None
    return hours


def _sums(places: Ints, hours: np.ndarray[Any, Any], count: int) -> tuple[Fraction, ...]:
    """Sum hours by place, exactly."""
    sums = np.full(count, Fraction(0), dtype=object)
    np.add.at(sums, places, hours)
    return tuple(sums)


def _capacity(lists: Lists, row: Ints, count: int) -> tuple[Fraction | None, ...]:
    """Give the hours of each person: the fewest that a row of theirs gives; blank ones give none."""
    managers = lists.frames["managers"]
    wrong = lists.is_unusable("managers", "WeeklyHours") | lists.is_unusable("managers", "SupportHours")
    blank = (managers["WeeklyHours"].isna() & managers["SupportHours"].isna()).to_numpy()
    weekly, support = (
        managers[name].fillna(0.0).to_numpy(dtype="float64") for name in ("WeeklyHours", "SupportHours")
    )
    given: list[Fraction | None] = [Fraction(0)] * count
    for place in np.unique(row[wrong & (row != NOBODY)]).tolist():
        given[place] = None
    told: dict[int, Fraction] = {}
    for at in np.flatnonzero(~wrong & ~blank & (row != NOBODY)).tolist():
        sum_ = exact(float(weekly[at])) + exact(float(support[at]))
        told[int(row[at])] = min(told.get(int(row[at]), sum_), sum_)
    return tuple(told.get(place, hours) for place, hours in enumerate(given))


def _pressure(demand: Fraction, capacity: Fraction | None) -> Fraction | None:
    """Give 100 x demand / capacity; 0 without demand, None without capacity or where that is not known."""
    if not demand:
        return Fraction(0)
    return 100 * demand / capacity if capacity else None


def _state(pressure: Fraction | None, capacity: Fraction | None, above: Fraction) -> int:
    if pressure is None:
        return UNKNOWN if capacity is None else NO_CAPACITY
    return ABOVE if pressure > above else WITHIN
