"""What is missing in SharePoint, as a plan that people read before anything is made. All of it is pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Act(IntEnum):
    """What a step does; the numbers are the order within a list (an index stands before uniqueness)."""

    MAKE_LIST = 1
    FREE_TITLE = 2
    ADD_COLUMN = 3
    ADD_CHOICES = 4
    INDEX = 5
    UNIQUE = 6
    ADD_VIEW = 7


_SENTENCES = {
    Act.MAKE_LIST: "make the {what}, with its columns and indexes",
    Act.FREE_TITLE: "let Title be empty",
    Act.ADD_COLUMN: "add column {name}: {what}",
    Act.ADD_CHOICES: "add to the choices of {name}: {what}",
    Act.INDEX: "index {name}",
    Act.UNIQUE: "allow each {name} once only",
    Act.ADD_VIEW: "add the view {name!r}",
}


@dataclass(frozen=True, order=True)
class Step:
    """One write to SharePoint.

    Args:
        list: key of the schema.
        place: position of the column in its schema, so that steps sort as the schema reads.
        name: internal name of the column as it stands in the provider's list, or title of the view.
        words: choices to add, in schema order.
        what: kind of what is made, in words.
    """

    list: str
    act: Act
    place: int = 0
    name: str = ""
    words: tuple[str, ...] = ()
    what: str = ""

    def __str__(self) -> str:
        """Tell the step in one line."""
        return _SENTENCES[self.act].format(name=self.name, what=self.what or ", ".join(self.words))

    def to_dict(self) -> dict[str, Any]:
        """Give the step for JSON."""
        told = {"list": self.list, "act": self.act.name.lower().replace("_", "-"), "name": self.name}
        return told | ({"words": list(self.words)} if self.words else {})


@dataclass(frozen=True, order=True)
class Conflict:
    """What is there and differs; it is told and never forced."""

    list: str
    name: str
    why: str


@dataclass(frozen=True)
class Present:
    """A list as the workspace has it.

    Args:
        columns: Graph's definitions by internal name.
        views: titles, None where SharePoint did not let us see them.
    """

    columns: Mapping[str, Mapping[str, Any]]
    views: frozenset[str] | None = frozenset()


@dataclass(frozen=True)
class ProvisionPlan:
    """Every step still to do, sorted, and what stands in the way; `titles` are for people."""

    steps: tuple[Step, ...]
    conflicts: tuple[Conflict, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of the plan, hex: the same plan has the same."""
        return hashlib.sha256(json.dumps(self._content(), sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Give the plan for JSON."""
        return {"digest": self.digest, **self._content()}

    def _content(self) -> dict[str, Any]:
        conflicts = [{"list": one.list, "name": one.name, "why": one.why} for one in self.conflicts]
        return {"steps": [step.to_dict() for step in self.steps], "conflicts": conflicts}

    def __str__(self) -> str:
        """Tell the plan list by list, then what is told and not changed."""
        rows = []
        for key in dict.fromkeys(step.list for step in self.steps):
            rows.append(self.titles.get(key, key))
            rows += [f"  {step}" for step in self.steps if step.list == key]
        if self.conflicts:
            rows.append("Not changed, for you to decide:")
            rows += [_told(one, self.titles.get(one.list, one.list)) for one in self.conflicts]
        count = len(self.steps)
        summary = f"{count} {'step' if count == 1 else 'steps'} to do." if count else "Nothing is missing."
        return "\n".join([*rows, summary])


def _told(one: Conflict, title: str) -> str:
    return f"  {title}, {one.name}: {one.why}" if one.name else f"  {title}: {one.why}"
