"""Faults on request: which calls they meet, and what becomes of those."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

_FAULT_KEYS = {"match", "nth", "probability", "seed", "times", "answer"}
_ANSWER_KEYS = {
    "status", "retry_after", "code", "message", "before_or_after", "cut_after_bytes", "delay_s", "body_s",
    "reset", "inner", "missing", "without", "headers", "edit",
}  # fmt: skip


@dataclass
class Fault:
    """One fault.

    Args:
        method: "" meets every method.
        path: a regular expression that the path with its query must hold somewhere.
        nth: only the nth call that matches (from 1); 0 every one.
        probability: of those, the share that is met, drawn with `seed`.
        times: how often at most; 0 without end.
        answer: status, code, message, retry_after (text is sent as it is: integer, decimal or HTTP date),
            before_or_after ("before" the change takes effect, or "after"), cut_after_bytes, delay_s, body_s
            (seconds over which the body trickles in), reset, headers; `edit`, a document as `load` takes it:
            what a person does in the very moment the call comes in, before it is served; for a batch `inner`
            {"parts": [0, 3] or "every", and the members of an answer}; for a part of a batch also missing,
            and without (["headers", "body"]).
    """

    method: str
    path: re.Pattern[str]
    nth: int
    probability: float
    times: int
    answer: dict[str, Any]
    chance: random.Random
    seen_count: int = 0
    met_count: int = 0

    def meets(self, method: str, path: str) -> bool:
        """Tell whether this call is met, and count it."""
        if self.method not in ("", method) or not self.path.search(path):
            return False
        self.seen_count += 1
        due = self.nth in (0, self.seen_count) and self.times in (
            0,
            *range(self.met_count + 1, self.times + 1),
        )
        if not due or self.chance.random() >= self.probability:
            return False
        self.met_count += 1
        return True


@dataclass
class Faults:
    """The faults that stand; the first that meets a call decides."""

    faults: list[Fault] = field(default_factory=list)

    def set(self, rows: list[Any]) -> None:
        """Replace all faults.

        Raises:
            ValueError: a fault is not of the form that `Fault` tells; the sentence names its place.
        """
        self.faults = [_fault(row, f"faults[{place}]") for place, row in enumerate(rows)]

    def clear(self) -> None:
        """Remove all faults."""
        self.faults = []

    def answer_for(self, method: str, path: str) -> dict[str, Any] | None:
        """Give what becomes of a call, None where nothing meets it."""
        for fault in self.faults:
            if fault.meets(method, path):
                return fault.answer
        return None


_NUMBERS = ("status", "cut_after_bytes", "delay_s", "body_s")


def _wrong_kind(answer: dict[str, Any], match: Any) -> str:
    """What of a fault is of the wrong kind, with its place; "" where nothing is."""
    if not isinstance(match, dict) or set(match) - {"method", "path"}:
        return ".match: give a method, a path, or both."
    for name in ("inner", "headers", "edit"):
        if not isinstance(answer.get(name) or {}, dict):
            return f".answer.{name}: give a table of names and values."
    numbers = {f".answer.{name}": answer.get(name, 0) for name in _NUMBERS}
    numbers[".answer.inner.status"] = (answer.get("inner") or {}).get("status", 0)
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{name}: {value!r} is no number."
    known = answer.get("before_or_after", "before") in ("before", "after")
    return "" if known else ".answer.before_or_after: say before or after."


def _fault(row: Any, place: str) -> Fault:
    if not isinstance(row, dict) or not isinstance(row.get("answer"), dict):
        raise ValueError(f"{place}: a fault needs an answer.")  # noqa: TRY004 - told as one kind
    unknown = sorted((set(row) - _FAULT_KEYS) | (set(row["answer"]) - _ANSWER_KEYS))
    if unknown:
        raise ValueError(f"{place}: unknown {', '.join(unknown)}.")
    match, nth = row.get("match") or {}, row.get("nth")
    wrong = _wrong_kind(row["answer"], match)
    if wrong:
        raise ValueError(f"{place}{wrong}")
    try:
        return Fault(
            method=str(match.get("method") or "").upper(),
            path=re.compile(str(match.get("path") or "")),
            nth=0 if nth in (None, "every") else int(nth),
            probability=float(row.get("probability", 1.0)),
            times=int(row.get("times") or 0),
            answer=dict(row["answer"]),
            chance=random.Random(row.get("seed", 0)),  # noqa: S311 - repeatable on purpose
        )
    except (re.error, TypeError, ValueError) as problem:
        raise ValueError(f"{place}: {problem}") from problem
