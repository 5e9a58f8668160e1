"""Who is meant by what stands in a person column: an address, a claim, or only a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lists_sync.assess.names import plain
from lists_sync.assess.sheets import Cell

_EMAIL = re.compile(r"[^\s@|;,<>()\"']+@[^\s@|;,<>()\"']+\.[^\s@|;,<>()\"']+")
_SEVERAL = re.compile(r";#(?:\d+;#)?|[;\n|]| & | and ")
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")


class People:
    """Turns person cells into addresses; a name without one stands for itself.

    Args:
        said: by plain name: the address that a mapping file gives.
    """

    def __init__(self, said: Mapping[str, str]) -> None:
        self._known: dict[str, str] = dict(said)
        self.names: dict[str, str] = {}
        """Every name met, as it stands in the tracker, with the address known or ""."""

    def learn(self, name: Cell, email: Cell) -> None:
        """Keep the address that a row of managers gives for a name; what a person said comes first."""
        found = _EMAIL.search(str(email or ""))
        key = plain(_forename_first(str(name or "")))
        if found and key and "@" not in str(name):
            self._known.setdefault(key, found[0].lower())

    def resolve(self, cell: Cell) -> tuple[str | None, bool]:
        """Give the address or plain name of the first person in a cell, and whether it names several."""
        if cell is None:
            return None, False
        text = str(cell).strip()
        emails = _EMAIL.findall(text)
        if emails:
            return emails[0].lower(), len(emails) > 1
        parts = [part.strip() for part in _SEVERAL.split(_BRACKETS.sub("", text)) if part and part.strip()]
        if not parts:
            return None, False
        if parts[0].count(",") == 1 and all(" " in half.strip() for half in parts[0].split(",")):
            parts = [half.strip() for half in parts[0].split(",")] + parts[1:]
        return self._named(parts[0]), len(parts) > 1

    def _named(self, name: str) -> str | None:
        shown = _forename_first(name)
        key = plain(shown)
        if not key:
            return None
        email = self._known.get(key, "")
        self.names.setdefault(shown, email)
        return email or key


def _forename_first(name: str) -> str:
    """Turn `Okafor, Sam` into `Sam Okafor`."""
    family, comma, first = name.partition(",")
    return " ".join(f"{first} {family}".split()) if comma else " ".join(name.split())


def learn_all(people: People, names: Iterable[Cell], emails: Iterable[Cell]) -> None:
    """Learn the address of every name beside it."""
    for name, email in zip(names, emails, strict=True):
        people.learn(name, email)
