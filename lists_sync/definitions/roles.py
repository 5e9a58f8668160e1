"""Who holds which role, and for which service."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, model_validator

from lists_sync.definitions.job_checks import OWNER, known_roles
from lists_sync.definitions.shape import Shape, unknown
from lists_sync.model import ListSchema

People = Mapping[str, Mapping[str, tuple[str, ...]]]
"""By role and e-mail: services."""

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[a-z0-9-]+(\.[a-z0-9-]+)+")


class PersonShape(Shape):
    """A person as the file has it: an e-mail address, or one with a service."""

    email: Annotated[str, Field(min_length=1)]
    service: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        """Take a bare address; addresses are compared in lower case."""
        given = {"email": value} if isinstance(value, str) else value
        if isinstance(given, dict) and isinstance(given.get("email"), str):
            return {**given, "email": given["email"].strip().lower()}
        return given


def role_faults(
    roles: Mapping[str, Sequence[PersonShape]], schemas: Mapping[str, ListSchema]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Tell unknown roles, and what is no e-mail address."""
    known = [role for role in known_roles(schemas) if role != OWNER]
    for role, people in roles.items():
        if known and role not in known:
            yield ("roles", role), f"`roles` names {role}, which is no known role.{unknown(role, known)}"
        seen: set[tuple[str, str]] = set()
        for number, person in enumerate(people):
            if not _EMAIL.fullmatch(person.email):
                yield ("roles", role, number), f"{role}: this is no e-mail address."
            if (person.email, _same(person.service)) in seen:
                yield ("roles", role, number), f"{role}: this person stands here a second time."
            seen.add((person.email, _same(person.service)))


def people_of(emails: Sequence[str], services: Mapping[str, Sequence[str]], service: str) -> tuple[str, ...]:
    """Give the e-mails of a role: those of the service first, then those of all, then the others."""

    def rank(email: str) -> int:
        held = {_same(one) for one in services.get(email, ())}
        if not held:
            return 1
        return 0 if service and _same(service) in held else 2

    return tuple(sorted(emails, key=rank))


def _same(text: str) -> str:
    """Give a text as services are compared."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()
