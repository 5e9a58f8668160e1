"""One column at a time: from wire values to a typed series, and marks where a value was none.

Wire values are as Microsoft Graph sends them: dates as ISO instants in UTC, a date-only value as the instant
of midnight in the site's zone, people as lookup ids in text, several choices as a list, empty ones absent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.local import DAY_US, NAT, Ints, local_time, micros
from lists_sync.controls.matching import normal
from lists_sync.model import Column, Kind
from lists_sync.snapshot.faults import NO_CHOICE, NO_DATE, NO_YES_NO, NOT_NUMBER

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

JOINER = ";#"
"""What stands between the words of a multi-choice in a frame."""

_BARE_DAY = len("2026-11-23")
_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0"})

Marks = np.ndarray[Any, np.dtype[np.bool_]]
Decoded = tuple["pd.Series[Any]", Marks, str]
"""The typed series (a value that was none is missing), where that was so, and why."""


@dataclass(frozen=True)
class Setting:
    """What the values of one list are read by.

    Args:
        people: e-mail by lookup id of the list's site.
        site_zone: whose midnight a date-only value stands for.
        provider_zone: whose midnight makes an instant a day.
        words: by column: the provider's word (in normal form) -> ours.
    """

    people: Mapping[int, str]
    site_zone: ZoneInfo
    provider_zone: ZoneInfo
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def decode(column: Column, raw: Sequence[Any], setting: Setting) -> Decoded:
    """Give a column's wire values (None: absent) as a typed series without an index of its own."""
    decoded: Decoded = _DECODERS[column.kind](column, raw, setting)
    return decoded


def _texts(column: Column, raw: Sequence[Any], setting: Setting) -> Decoded:  # noqa: ARG001
    series = pd.Series(raw, dtype="str")
    return series.mask(series.str.strip() == ""), _none(raw), ""


def _numbers(column: Column, raw: Sequence[Any], setting: Setting) -> Decoded:  # noqa: ARG001
    given = pd.Series(raw, dtype=object)
    numbers = pd.to_numeric(
        given.mask(given.map(lambda value: isinstance(value, bool)), "no"), errors="coerce"
    ).astype("float64")
    numbers = numbers.where(np.isfinite(numbers))
    return numbers, (given.notna() & (given != "") & numbers.isna()).to_numpy(), NOT_NUMBER


def _yes_no(column: Column, raw: Sequence[Any], setting: Setting) -> Decoded:
    words = setting.words.get(column.name, {})
    table: dict[Any, bool | None] = {None: False, "": False, True: True, False: False}
    for value in set(raw) - table.keys():
        word = normal(str(value))
        word = normal(words.get(word, word))
        table[value] = word in _YES if word in _YES | _NO else None
    found = np.array([table[value] for value in raw], dtype=object)
    wrong = np.array([value is None for value in found], dtype=bool)
    return pd.Series(found == True, dtype=bool), wrong, NO_YES_NO  # noqa: E712  # None is no


def _instants(column: Column, raw: Sequence[Any], setting: Setting) -> Decoded:
    instants, bare, wrong = _parsed(raw)
    us = micros(instants)
    site, provider = local_time(setting.site_zone), local_time(setting.provider_zone)
    is_due = "Due" in column.name
    if is_due and setting.site_zone != setting.provider_zone:
        # A picked day, or a date-only column, is the site's midnight: it means that day to everybody.
        wall = site.to_local(us)
        bare |= (wall != NAT) & (wall % DAY_US == 0)
        us = np.where(bare & (wall % DAY_US == 0), wall, us)
    us = np.where(bare, provider.to_utc(us), us)
    return _series(us, "datetime64[us, UTC]"), wrong, NO_DATE


def _days(column: Column, raw: Sequence[Any], setting: Setting) -> Decoded:  # noqa: ARG001
    instants, bare, wrong = _parsed(raw)
    us = micros(instants)
    day = np.where(bare, us, local_time(setting.site_zone).to_local(us))
    return _series(np.where(day != NAT, day // DAY_US * DAY_US, NAT), "datetime64[us]"), wrong, NO_DATE


def _parsed(raw: Sequence[Any]) -> tuple[pd.Series[Any], Marks, Marks]:
    """Give instants, where only a day was written, and where what stands there is no date."""
    written = pd.Series(raw, dtype="str")
    given = (written.notna() & (written != "")).to_numpy()
    instants = pd.to_datetime(written, format="ISO8601", utc=True, errors="coerce")
    bare = (written.str.len() == _BARE_DAY).fillna(value=False).to_numpy(dtype=bool) & given
    return instants.astype("datetime64[us, UTC]"), bare, given & instants.isna().to_numpy()


def _series(us: Ints, dtype: str) -> pd.Series[Any]:
    series = pd.Series(us.view("datetime64[us]"))  # NAT is numpy's own NaT
    return series.dt.tz_localize("UTC") if dtype.endswith("UTC]") else series


def _one_choice(column: Column, raw: Sequence[Any], setting: Setting) -> Decoded:
    given = pd.Series(raw, dtype="str")
    codes, distinct = pd.factorize(np.asarray(given.array, dtype=object))
    known = _known(column)
    told = [_word(str(word), column, setting, known) for word in distinct]
    words = np.array([*told, None], dtype=object)[codes]
    wrong = np.array([word is None for word in told] + [False], dtype=bool)[codes]
    series = pd.Series(pd.array(words, dtype="str"))
    return series.mask(series == ""), wrong, NO_CHOICE


def _several_choices(column: Column, raw: Sequence[Any], setting: Setting) -> Decoded:
    known = _known(column)
    order = {word: place for place, word in enumerate(known)}
    keys = [_as_tuple(value) for value in raw]
    table: dict[tuple[str, ...], tuple[str | None, bool]] = {}
    for key in set(keys):
        told = [_word(word, column, setting, known) for word in key]
        words = [word for word in told if word]
        words.sort(key=lambda word: order.get(normal(word), len(order)))
        table[key] = (JOINER.join(words) or None, None in told)
    joined = pd.Series(pd.array([table[key][0] for key in keys], dtype="str"))
    return joined, np.array([table[key][1] for key in keys], dtype=bool), NO_CHOICE


def _as_tuple(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    words = value.split(JOINER) if isinstance(value, str) else value
    return tuple(str(word) for word in words)


def _known(column: Column) -> dict[str, str]:
    return {normal(word): word for word in column.choices}


def _word(word: str, column: Column, setting: Setting, known: Mapping[str, str]) -> str | None:
    """Give our word for what stands there, as typed where it is ours; "" for a blank, None for no word."""
    plain = normal(word)
    ours = setting.words.get(column.name, {}).get(plain, word)
    # The bot's own columns are only compared with what it wants, so a foreign word must stay to be seen.
    if not plain or column.fill_in or column.bot or not known or normal(ours) in known:
        return ours if plain else ""
    return None


def _people(column: Column, raw: Sequence[Any], setting: Setting) -> Decoded:  # noqa: ARG001
    table = {key: _email(key, setting.people) for key in {_person_key(value) for value in raw}}
    return pd.Series([table[_person_key(value)] for value in raw], dtype="str"), _none(raw), ""


def _person_key(value: Any) -> str:
    """Give the lookup id or e-mail of a person, "" for nobody; of several people the first."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Mapping):
        value = value.get("LookupId") or value.get("Email")
    return "" if value is None else str(value).strip()


def _email(key: str, people: Mapping[int, str]) -> str | None:
    if not key.isdigit():
        return key.lower() or None
    return people.get(int(key), f"#{int(key)}").lower()


def _none(raw: Sequence[Any]) -> Marks:
    return np.zeros(len(raw), dtype=bool)


_DECODERS: Mapping[Kind, Callable[[Column, Sequence[Any], Setting], Decoded]] = {
    Kind.TEXT: _texts,
    Kind.NOTE: _texts,
    Kind.NUMBER: _numbers,
    Kind.YESNO: _yes_no,
    Kind.DATE: _days,
    Kind.DATETIME: _instants,
    Kind.CHOICE: _one_choice,
    Kind.CHOICES: _several_choices,
    Kind.PERSON: _people,
}
