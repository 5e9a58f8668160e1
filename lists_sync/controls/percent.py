"""Percentages: exact inside, one decimal with halves away from zero where they are shown."""

from __future__ import annotations

from fractions import Fraction


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
