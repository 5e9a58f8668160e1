"""The invented people of Rosewood Care and the services they run."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

COURT, HOUSE, HOMECARE = "Rosewood Court", "Larch House", "Mill Lane Homecare"
SERVICES = (COURT, HOUSE, HOMECARE)
DOMAIN = "rosewood.example"


class Person(NamedTuple):
    """One invented person.

    Args:
        hours: weekly hours for the plan; None where they own no lines.
        active: what the managers list says.
        enabled: whether the account may sign in.
    """

    login: str
    role: str
    service: str | None
    hours: int | None
    active: bool = True
    enabled: bool = True

    @property
    def email(self) -> str:
        """The address that names the person everywhere."""
        return f"{self.login}@{DOMAIN}"

    @property
    def name(self) -> str:
        """The name as shown."""
        return " ".join(part.capitalize() for part in self.login.split("."))


PEOPLE = (
    Person("amara.nwosu", "Registered Manager", COURT, 20),
    Person("tom.ellery", "Deputy Manager", COURT, 18),
    Person("priya.raman", "Governance Coordinator", None, 16),
    Person("grace.holloway", "Operations Manager", None, 16),
    Person("ewan.mackie", "Quality Assurance Lead", None, 18),
    Person("sofia.marsh", "Clinical Lead", COURT, 18),
    Person("daniel.osei", "Unit Manager", COURT, 20),
    Person("ruth.adeyemi", "Learning and Development Lead", None, 20),
    Person("leah.whitcombe", "Compliance Manager", None, 18),
    Person("ivan.petrov", "Performance Analyst", None, 16),
    Person("nora.quigley", "Resident Experience Lead", None, 16),
    Person("helen.strand", "Provider Director", None, None),
    Person("marcus.bellamy", "Nominated Individual", None, None),
    Person("callum.reyes", "Unit Manager", HOUSE, 16),
    Person("mei.tanaka", "Deputy Manager", HOUSE, 20),
    Person("fatima.sharif", "Registered Manager", HOUSE, 20),
    Person("rhys.morgan", "Registered Manager", HOMECARE, 20),
    Person("hanna.kowalska", "Deputy Manager", HOMECARE, 0),
    Person("ben.thackray", "Unit Manager", HOMECARE, 18),
    Person("joy.mensah", "Unit Manager", COURT, 18),
    Person("oluwa.bright", "Unit Manager", HOUSE, 18),
    Person("peter.lindqvist", "Unit Manager", HOUSE, 16, active=False, enabled=False),
    Person("carol.dunmore", "Deputy Manager", COURT, 12, active=False),
    Person("yusuf.demir", "Unit Manager", HOMECARE, 16, enabled=False),
)

BY_LOGIN = {person.login: person for person in PEOPLE}
OVERLOADED = BY_LOGIN["callum.reyes"].email
NO_CAPACITY = BY_LOGIN["hanna.kowalska"].email
LEAVER = BY_LOGIN["peter.lindqvist"].email
NOT_ACTIVE = BY_LOGIN["carol.dunmore"].email
DISABLED = BY_LOGIN["yusuf.demir"].email
_SPECIAL = {OVERLOADED, NO_CAPACITY, LEAVER, NOT_ACTIVE, DISABLED}
STEADY = tuple(p.email for p in PEOPLE if p.hours and p.email not in _SPECIAL)
"""Owners who cope: active, able to sign in, and with hours to spare."""
REVIEWERS = tuple(BY_LOGIN[login].email for login in ("sofia.marsh", "ewan.mackie", "daniel.osei"))


def users() -> list[dict[str, Any]]:
    """Give every account of the tenancy."""
    return [{"email": p.email, "name": p.name, "enabled": p.enabled} for p in PEOPLE]


def managers(rng: Random) -> list[dict[str, Any]]:
    """Give the rows of the managers list: everybody who may own a line."""
    return [_manager(person, rng) for person in PEOPLE if person.hours is not None]


def _manager(person: Person, rng: Random) -> dict[str, Any]:
    row: dict[str, Any] = {
        "Manager": person.email,
        "Email": person.email,
        "Role": person.role,
        "Active": person.active,
        "WeeklyHours": person.hours,
    }
    if person.service:
        row["Service"] = person.service
    if person.email in STEADY and rng.random() < 0.3:  # noqa: PLR2004  # about one in three is helped
        row["SupportHours"] = rng.choice((2, 4, 6))
    return row
