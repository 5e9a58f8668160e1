"""How words, references and addresses are compared: by what a person sees, not by how it was typed.

Source: controls.md section 1, matching.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

BLANK = -1
"""The code of a blank value."""

_BREAK = "\n"


def clean(text: str) -> str:
    """Drop what nobody sees: zero-width characters, repeated and outer white space; case is kept."""
    if not text.isascii():
        seen = (char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
        text = unicodedata.normalize("NFKC", "".join(seen))
    return " ".join(text.split())


def normal(text: str) -> str:
    """Give the form in which two values that a person reads as the same are equal; "" for a blank one."""
    plain = clean(text)
    if plain.isascii():
        return plain.lower()
    for _ in range(4):  # folding may make a form that composes anew; settles in two rounds
        folded = clean(unicodedata.normalize("NFKC", plain).casefold())
        if folded == plain:
            break
        plain = folded
    return plain


def normal_all(values: Sequence[str]) -> list[str]:
    """Give `normal` of each value; a million plain references take a tenth of a second."""
    return _all(values, normal, str.lower)


def clean_all(values: Sequence[str]) -> list[str]:
    """Give `clean` of each value."""
    return _all(values, clean, str)


def _all(values: Sequence[str], one: Callable[[str], str], plain: Callable[[str], str]) -> list[str]:
    """Treat plain values in one go, and one by one only where some are not."""
    if not values:
        return []
    joined = _BREAK.join(values)
    if _is_plain(joined, len(values)):
        return plain(joined).split(_BREAK)
    return [one(value) for value in values]


def _is_plain(joined: str, count: int) -> bool:
    """Tell whether every value is ASCII without white space that normalising would touch."""
    if not joined.isascii() or joined.count(_BREAK) != count - 1:
        return False
    if any(mark in joined for mark in ("\t", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x1f", "  ")):
        return False
    return not (f" {_BREAK}" in joined or f"{_BREAK} " in joined or joined[:1] == " " or joined[-1:] == " ")


def texts(series: pd.Series[Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Give the values of a text column as objects, and where one is there.

    Returns:
        `(values, present)`: object array, bool array, both as long as the series.
    """
    return np.asarray(series.array, dtype=object), series.notna().to_numpy()


def ref_codes(*columns: pd.Series[Any]) -> tuple[list[np.ndarray[Any, Any]], int]:
    """Number the references of several columns: equal numbers for equal references.

    Returns:
        `(codes, count)`: one int array a column, `BLANK` where there is no reference; numbers are below
        `count`.
    """
    values, places = [], []
    for column in columns:
        words, present = texts(column)
        places.append(np.flatnonzero(present))
        values += normal_all(words[places[-1]].tolist())
    numbers, distinct = pd.factorize(np.array(values, dtype=object))
    numbers = np.where(_is_empty(distinct)[numbers], BLANK, numbers) if len(distinct) else numbers
    codes, start = [], 0
    for column, place in zip(columns, places, strict=True):
        mine = np.full(len(column), BLANK, dtype=np.int64)
        mine[place] = numbers[start : start + len(place)]
        codes.append(mine)
        start += len(place)
    return codes, len(distinct)


def _is_empty(distinct: Iterable[str]) -> np.ndarray[Any, Any]:
    return np.array([word == "" for word in distinct], dtype=bool)


def word_table(series: pd.Series[Any]) -> tuple[np.ndarray[Any, Any], list[str]]:
    """Number a column of few distinct words, normalising each distinct word once.

    Returns:
        `(codes, words)`: int array into `words` (normal forms, which may repeat), `BLANK` for a blank.
    """
    codes, distinct = pd.factorize(np.asarray(series.array, dtype=object))
    plain = [normal(str(word)) for word in distinct]
    return codes.astype(np.int64), plain


def is_in(series: pd.Series[Any], words: Iterable[str]) -> np.ndarray[Any, Any]:
    """Tell where a column of few distinct words holds one of `words`; a blank never does.

    Args:
        words: any spelling that matches.

    Returns:
        bool array as long as the series.
    """
    wanted = {normal(word) for word in words} - {""}
    codes, plain = word_table(series)
    hits = np.array([word in wanted for word in plain] + [False], dtype=bool)
    found: np.ndarray[Any, Any] = hits[codes]
    return found
