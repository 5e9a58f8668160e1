"""Which lines a reference names, and which were perhaps meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from lists_sync.controls.findings import refs
from lists_sync.controls.matching import clean, normal
from lists_sync.errors import SettingsError, StateError

if TYPE_CHECKING:
    import pandas as pd

LENGTH = 255
NEAR_COUNT = 3
NEAR_FROM = 60
_BURST_LIKE = re.compile(r"b-\d{4}-\d\d-\d\d")


def check_reference(typed: str) -> str:
    """Give a reference without what nobody sees.

    Raises:
        SettingsError: it cannot be a reference.
    """
    ref = clean(typed)
    if _BURST_LIKE.fullmatch(normal(ref)):
        raise SettingsError(f"{ref!r} is no burst id: no such day; burst ids look like B-2026-11-23.")
    if not ref or len(ref) > LENGTH or ";" in ref or not re.search(r"\w", ref):
        raise SettingsError(
            f"{ref[:40]!r} cannot be a reference.",
            hint="Give a line's reference, `#17` for the line of item 17, or a burst id like B-2026-11-23.",
        )
    return ref


def find_lines(actions: pd.DataFrame, ref: str) -> list[int]:
    """Give the items of the lines that a reference names; `#17` names a line by its item.

    Raises:
        StateError: there is none; the sentence names up to three that are near.
    """
    index = actions.index.to_numpy()
    names = refs(actions, np.arange(len(index)))
    wanted = normal(ref)
    found = [int(id_) for id_, name in zip(index, names, strict=True) if wanted in (normal(name), f"#{id_}")]
    if found:
        return found
    near = _near(ref, names)
    meant = f"Did you mean {', '.join(near)}? " if near else ""
    raise StateError(
        f"No line {ref[:60]} is known here.",
        hint=f"{meant}A line that was added since comes in with the next run, or with `lists-sync pull`.",
    )


def _near(ref: str, names: list[str]) -> list[str]:
    """Give the references that look most like one, nearest first."""
    from rapidfuzz import fuzz, process

    found = process.extract(
        normal(ref), {name: normal(name) for name in names}, scorer=fuzz.WRatio, limit=NEAR_COUNT
    )
    return [str(name) for _, score, name in found if score >= NEAR_FROM]
