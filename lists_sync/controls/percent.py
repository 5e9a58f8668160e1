"""Percentages: exact inside, one decimal with halves away from zero where they are shown."""

from __future__ import annotations

from fractions import Fraction
from math import isnan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def percent(part: float, whole: float) -> Fraction | None:
    """Give 100 x part / whole exactly; None where the whole is 0: not available, never 0 or 100.

    The figures are taken as people typed them in decimals, so 0.1 is a tenth.
    """
    below = exact(whole)
    return 100 * exact(part) / below if below else None


def one_decimal(value: Fraction | None) -> float | None:
    """Round to one decimal, halves away from zero; None stays."""
    if value is None:
        return None
    tenths = (abs(value) * 20 + 1) // 2
    return float(Fraction(tenths, 10) if value >= 0 else -Fraction(tenths, 10))


def exact(value: float) -> Fraction:
    """Give a figure as it was typed in decimals: 0.1 is a tenth."""
    return Fraction(str(value))


def percents(parts: pd.Series[Any], wholes: pd.Series[Any]) -> list[Fraction | None]:
    """Give `percent` row by row; None also where either figure is missing."""
    both = zip(parts.tolist(), wholes.tolist(), strict=True)
    return [None if isnan(part) or isnan(whole) else percent(part, whole) for part, whole in both]


def added(values: pd.Series[Any]) -> int | float:
    """Add the figures of a column exactly, missing ones left out; a whole sum is an int, of nothing 0."""
    total = sum(map(exact, values.dropna().tolist()), Fraction())
    return total.numerator if total.denominator == 1 else float(total)
