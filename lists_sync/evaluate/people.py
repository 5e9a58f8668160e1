"""Who is told: the active holders of a role, and the owners of the lines concerned.

Source: controls.md section 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from lists_sync.controls import active_people
from lists_sync.controls.matching import is_in, normal

if TYPE_CHECKING:
    import pandas as pd

ACTION_OWNER = "Action Owner"
CHAIN = (
    ACTION_OWNER,
    "Registered Manager",
    "Operations Manager",
    "Nominated Individual",
    "Provider Director",
)
"""Who is told next when somebody does not act, or is not there; a role outside it leads to its second."""


def next_role(role: str) -> str:
    """Give the role one step up the chain; "" above its end."""
    place = CHAIN.index(role) if role in CHAIN else 0
    return CHAIN[place + 1] if place + 1 < len(CHAIN) else ""


class Roles(Protocol):
    """Who holds which role, as the provider's configuration says."""

    def people(self, role: str, service: str = "") -> tuple[str, ...]:
        """Give the holders' e-mails, those of that service first."""


class Staff:
    """The people of a provider: configured role holders, and the rows of Managers.

    Args:
        managers: the frame of Managers; None where the job does not read it, and then everybody counts as
            active.
    """

    def __init__(self, roles: Roles, managers: pd.DataFrame | None, names: Mapping[str, str]) -> None:
        self._roles = roles
        self._managers = managers
        self._names = names
        self._active = None if managers is None else active_people(managers)
        self._known = set[str]() if managers is None else active_people(managers.assign(Active=True))
        self._held: dict[tuple[str, str], tuple[str, ...]] = {}

    def holders(self, role: str, service: str = "") -> tuple[str, ...]:
        """Give the active holders of a role, those of that service first, each once.

        Somebody configured counts as active unless Managers has a row that says otherwise; a row of Managers
        with that Role adds its person.
        """
        if (role, service) not in self._held:
            configured = [one for one in self._roles.people(role, service) if not self._has_left(one)]
            own, others = self._by_role(role, service)
            self._held[role, service] = tuple(dict.fromkeys([*own, *configured, *others]))
        return self._held[role, service]

    def reached(
        self, role: str, holders: tuple[str, ...], service: str = ""
    ) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Give the first role, from this one up the chain, that somebody active holds.

        Args:
            holders: of `role`.

        Returns:
            `(role, holders, passed over)`; where nobody is left up to the chain's end, the role itself.
        """
        asked, passed = role, list[str]()
        while not holders and asked:
            passed.append(asked)
            asked = next_role(asked)
            holders = self.holders(asked, service) if asked else ()
        return (asked, holders, tuple(passed)) if holders else (role, (), ())

    def owners(self, owners: Iterable[object]) -> tuple[str, ...]:
        """Give those owners who are active, each once, in the order of the lines."""
        told = [one for one in owners if isinstance(one, str)]
        active = self._active
        return tuple(dict.fromkeys(one for one in told if active is None or normal(one) in active))

    def name(self, email: str) -> str:
        """Give the display name, else the e-mail."""
        return self._names.get(email, email)

    def _has_left(self, email: str) -> bool:
        plain = normal(email)
        return self._active is not None and plain in self._known and plain not in self._active

    def _by_role(self, role: str, service: str) -> tuple[list[str], list[str]]:
        """Give those whose row of Managers has the role: of that service, and the others."""
        if self._managers is None:
            return [], []
        rows = self._managers[is_in(self._managers["Role"], (role,)) & self._managers["Active"].to_numpy()]
        own = is_in(rows["Service"], (service,)) if normal(service) else [False] * len(rows)
        emails = rows["Email"].fillna(rows["Manager"])
        pairs = [(normal(one), mine) for one, mine in zip(emails, own, strict=True) if isinstance(one, str)]
        return [one for one, mine in pairs if mine], [one for one, mine in pairs if not mine]
