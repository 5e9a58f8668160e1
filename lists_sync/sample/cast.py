"""The action lines of the sample and the parts they play.

Every line starts out healthy; a *part* is a trouble, or a state, that some lines are then given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from random import Random
from typing import Any

from lists_sync.sample.days import Days, instant
from lists_sync.sample.people import SERVICES, STEADY
from lists_sync.sample.words import (
    CLOSURE_RULES,
    METHODS,
    NOTICES,
    PROGRESS,
    REQUIREMENTS,
    THEMES,
    Notice,
)

Row = dict[str, Any]
_SCORES = {"High": (15, 16, 20, 25), "Medium": (6, 8, 9, 10, 12), "Low": (2, 3, 4)}
_DAY_END = time(17)


class Cast:
    """All action lines by reference, and who plays what.

    Args:
        rng: the seeded generator all of the sample draws from.
        days: the sample's calendar.
    """

    def __init__(self, rng: Random, days: Days) -> None:
        self.rng = rng
        self.days = days
        self.rows: dict[str, Row] = {}
        self.due: dict[str, date] = {}
        self.files: dict[str, int] = {}
        self.parts: dict[str, list[str]] = {}
        for notice in NOTICES:
            for number in range(1, notice.lines + 1):
                self._add(notice, number)
        self._free = list(self.rows)
        rng.shuffle(self._free)

    def _add(self, notice: Notice, number: int) -> None:
        rng, place = self.rng, len(self.rows)
        ref = f"{notice.ref}/{number:02d}"
        theme = THEMES[place % len(THEMES)]
        rating = rng.choices(("High", "Medium", "Low"), (3, 5, 2))[0]
        score, failing = rng.choice(_SCORES[rating]), rng.randrange(20, 61)
        self.rows[ref] = {
            "Title": theme.titles[(place // len(THEMES)) % len(theme.titles)],
            "ActionRef": ref,
            "NoticeRef": notice.ref,
            "Service": notice.service or SERVICES[place % len(SERVICES)],
            "Regulation": theme.regulation,
            "QualityStatements": list(theme.statements),
            "RiskTheme": theme.theme,
            "RiskRating": rating,
            "BaselineRiskScore": score,
            "CurrentRiskScore": max(1, score - rng.choice((1, 2, 4))),
            "Owner": STEADY[place % len(STEADY)],
            "RaisedOn": self.days.weekday_on(-notice.issued_days_ago + rng.randrange(3, 12)).isoformat(),
            "EvidenceRequirement": rng.choice(REQUIREMENTS),
            "ValidationMethod": rng.choice(METHODS),
            "ClosureRule": rng.choice(CLOSURE_RULES),
            "Status": rng.choice(("Not started", "In progress", "In progress")),
            "EffortHours": rng.choice((1, 1.5, 2, 3)),
            "BaselineFailureRate": failing,
            "CurrentFailureRate": round(failing * rng.uniform(0.35, 0.75)),
            "ProgressNote": rng.choice(PROGRESS),
        }
        self.files[ref] = rng.choice((2, 3, 3))
        self.due_on(ref, self.days.weekday_on(10 + (place * 7) % 48), _DAY_END)

    def due_on(self, ref: str, day: date, at: time | None) -> None:
        """Make a line due at a local time of a day, or on the whole day where `at` is None."""
        self.due[ref] = day
        due = day.isoformat() if at is None else instant(day, at.hour, at.minute)
        self.rows[ref]["DueDate"] = due
        self.rows[ref]["EvidenceDueDate"] = (day - timedelta(days=2)).isoformat()

    def take(self, part: str, count: int, **values: Any) -> list[str]:
        """Give that many lines a part, and set those columns on them; a None clears the column.

        Returns:
            Their references; no line plays two parts.
        """
        chosen, self._free = self._free[:count], self._free[count:]
        self.parts.setdefault(part, []).extend(chosen)
        for ref in chosen:
            self.set(ref, **values)
        return chosen

    def set(self, ref: str, **values: Any) -> None:
        """Set columns of a line; a None clears the column."""
        for column, value in values.items():
            if value is None:
                self.rows[ref].pop(column, None)
            else:
                self.rows[ref][column] = value

    def each(self, part: str, values: Mapping[str, Callable[[int], Any]]) -> None:
        """Set columns of a part's lines by their place in it."""
        for place, ref in enumerate(self.parts[part]):
            self.set(ref, **{column: make(place) for column, make in values.items()})

    def live(self) -> list[str]:
        """Give the references of live lines, in list order."""
        return [ref for ref, row in self.rows.items() if row["Status"] not in {"Closed", "Cancelled"}]

    def items(self) -> list[Row]:
        """Give all lines in list order."""
        return list(self.rows.values())
