"""What the closure gate says of a line in words of ours: figures, and nothing that people typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lists_sync.controls.findings import most_pressing, tell
from lists_sync.controls.local import NAT, Bools
from lists_sync.controls.percent import one_decimal
from lists_sync.controls.proposals import objects

if TYPE_CHECKING:
    from fractions import Fraction

    from lists_sync.controls.lines import Lines

NO_ASSURANCE = "no external assurance (none is recorded, and complaints are not shown to have fallen)"


def tell_why(lines: Lines, chosen: Bools, words: Mapping[int, tuple[str, ...]], now: int) -> pd.DataFrame:
    """Describe every chosen line, most pressing first, with the words as its defects.

    Args:
        words: by place of the line.
        now: the moment in microseconds.
    """
    places = most_pressing(lines, chosen, None)
    told = tell(lines, places, np.where(lines.overdue(now), now - lines.due, NAT))
    told["defects"] = pd.Series(objects([words[place] for place in places]), index=told.index)
    return told


def reduction_words(share: Fraction | None, least: Fraction) -> str:
    """Say what a reduction that does not reach the least came to."""
    needed = f"at least {percent_words(least)} is needed"
    if share is None:
        return f"no reduction can be worked out, {needed}"
    if share < 0:
        return f"failure rate up {percent_words(-share)}, a reduction of {needed}"
    if one_decimal(share) == one_decimal(least):
        return f"reduction just below {percent_words(least)}, {needed}"
    return f"reduction {percent_words(share)}, {needed}"


def missing_words(share: Fraction | None, least: Fraction) -> tuple[str, str]:
    """Say what a line lacks that has neither proof."""
    return (f"no outcome movement ({reduction_words(share, least)})", NO_ASSURANCE)


def system_reason(share: Fraction | None, least: Fraction) -> str:
    """Say on a review why the rule deferred it."""
    movement, assurance = missing_words(share, least)
    return f"Deferred by rule: {movement}, and {assurance}."


def breach_words(*, neither: bool, suspended: bool) -> tuple[str, ...]:
    """Say what was wrong with an approval."""
    told = {"approved with neither proof": neither, "approved while approvals were suspended": suspended}
    return tuple(word for word, holds in told.items() if holds)


def percent_words(share: Fraction) -> str:
    """Give a percentage as people read it: one decimal, none where it is whole."""
    return f"{one_decimal(share)}".removesuffix(".0") + " percent"
