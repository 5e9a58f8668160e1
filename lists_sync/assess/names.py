"""How like two titles or words are, and what providers call ours (templates/assess-synonyms.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz

from lists_sync.controls.matching import normal
from lists_sync.definitions.locate import load_yaml
from lists_sync.shipped import shipped

_ENCODED = re.compile(r"_x([0-9a-fA-F]{4})_")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MARKS = re.compile(r"[^0-9a-z%]+")
_SHORT = 3
"""A title or word of so few letters is known or not; likeness says nothing."""

NEAR = 95.0
"""The most that a name which is not quite the known one can reach."""

_WORD_ALIKE = 75.0
"""A choice word less like ours than this is not proposed at all."""


@dataclass(frozen=True)
class Known:
    """What is known of one of our columns.

    Args:
        names: plain forms of its names, our own first.
        ruled_out: words that a title for it cannot hold.
        words: by our choice word: plain forms of the provider's.
    """

    names: tuple[str, ...]
    ruled_out: frozenset[str] = frozenset()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def plain(title: str) -> str:
    """Give a title as small words with single spaces: `Due_x0020_Date`, `DueDate*` -> `due date`."""
    decoded = _ENCODED.sub(lambda code: chr(int(code[1], 16)), title)
    return " ".join(_MARKS.sub(" ", normal(_CAMEL.sub(" ", decoded))).split())


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    return load_yaml(shipped("templates") / "assess-synonyms.yaml").value


@lru_cache(maxsize=1)
def all_names() -> frozenset[str]:
    """Give every plain title that some column of some list is known by."""
    return frozenset(
        title
        for key, entry in _file().items()
        if isinstance(entry, dict)
        for name in entry
        for title in known(key, name).names
    )


@lru_cache(maxsize=1)
def never() -> frozenset[str]:
    """Give the plain titles that Lists and Excel add by themselves."""
    return frozenset(plain(title) for title in _file().get("never", ()))


@lru_cache(maxsize=256)
def known(key: str, name: str) -> Known:
    """Give what the synonyms file says of a column, its own name always included."""
    entry = (_file().get(key) or {}).get(name) or {}
    names = dict.fromkeys([plain(name), *(plain(str(one)) for one in entry.get("names", ()))])
    words = {
        ours: tuple(plain(str(one)) for one in theirs) for ours, theirs in entry.get("words", {}).items()
    }
    return Known(tuple(names), frozenset(plain(str(one)) for one in entry.get("not", ())), words)


def title_score(title: str, what: Known) -> float:
    """Say how like a title is to a known column, 0 to 100; 100 only for one of its names.

    A later synonym weighs a little less than our own name, so that of two exact names ours wins.
    """
    mine = plain(title)
    if not mine or mine in never():
        return 0.0
    if mine in what.names:
        return 100.0 if mine == what.names[0] else 97.0
    if what.ruled_out & set(mine.split()):
        return 0.0
    return max((_near(mine, name) for name in what.names), default=0.0)


def _near(mine: str, name: str) -> float:
    if len(mine) <= _SHORT:
        return 0.0
    alike = fuzz.token_sort_ratio(mine, name)
    inside = set(name.split()) <= set(mine.split()) and len(name) > _SHORT
    return min(NEAR, max(alike, 80.0 if inside else 0.0))


_EXACT_ONLY = frozenset({"Closed", "Cancelled", "Approved", "Rejected", "Yes", "No"})
_NEGATIONS = frozenset({"not", "no", "non", "never", "without", "awaiting"})


def word_score(word: str, ours: str, spellings: Sequence[str] = ()) -> float:
    """Say how like a choice word is to one of ours, 0 to 100.

    Words that end something are never guessed from likeness: `Incomplete` is all but spelt like `Complete`,
    and a slip must never hide a deadline.
    """
    mine, target = plain(word), plain(ours)
    if not mine:
        return 0.0
    if mine == target:
        return 100.0
    if mine in spellings:
        return 92.0
    if ours in _EXACT_ONLY or _NEGATIONS & set(mine.split()):
        return 0.0
    alike = max(fuzz.token_sort_ratio(mine, one) for one in (target, *spellings))
    return min(90.0, alike) if len(mine) > _SHORT and alike >= _WORD_ALIKE else 0.0
