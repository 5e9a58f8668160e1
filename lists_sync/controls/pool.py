"""What a day's burst is drawn from: the eligible files in the order of the draw, and the rows that stand.

Source: controls.md 2.1 and section 9.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.bursts import burst_id
from lists_sync.controls.draw import STRATA, Held, Pool, Rules, hashed, ordered
from lists_sync.controls.files import Files, Samples, read_files, read_samples
from lists_sync.controls.lines import Lines, read_lines
from lists_sync.controls.local import NAT, Bools, Ints, days, local_time, micros
from lists_sync.controls.matching import clean, is_in, normal, normal_all, word_table
from lists_sync.controls.percent import exact
from lists_sync.errors import SettingsError

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.controls.base import Lists
    from lists_sync.worktime import Calendar

_JOINER = ";#"
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, eq=False)
class Burst:
    """The burst of one day: what it is drawn from, and what of it stands.

    Args:
        day: its local day.
        lately: the first day that counts as lately.
        high: by file of the library: evidence for a high-risk line that is live or newly closed.
        newly: by file: evidence for a newly closed line.
        pool: the eligible files, in the order of the draw.
        standing: its rows, by unique id of the file: whether `high` and `newly`, as the row has it.
        from_history: how many closing times history gave.
    """

    id: str
    day: date
    lately: date
    lines: Lines
    files: Files
    high: Bools
    newly: Bools
    pool: Pool
    standing: pd.DataFrame
    rules: Rules
    from_history: int

    @property
    def held(self) -> Held:
        """What of the sample stands already, as the draw takes it into account."""
        at = {unique: place for place, unique in enumerate(self.pool.unique)}
        places = tuple(at[unique] for unique in self.standing.index if unique in at)
        high, newly = int(self.standing["high"].sum()), int(self.standing["newly"].sum())
        return Held(len(self.standing), high, newly, places)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where in the library each file is, by unique id."""
        named = np.flatnonzero(_named(self.files))
        return dict(zip(self.files.unique[named].tolist(), named.tolist(), strict=True))

    def missing(self, wanted: Sequence[str]) -> list[int]:
        """Give, in their order, the places of the files wanted that are there and have no row yet."""
        fresh = [unique for unique in dict.fromkeys(wanted) if unique not in self.standing.index]
        return [self.places[unique] for unique in fresh if unique in self.places]

    def row(self, place: int, link: Callable[[str, int], str]) -> dict[str, Any]:
        """Give the row of Burst samples that a file gets, without its times."""
        file = self.files.frame.iloc[place]
        marks = (self.high[place], self.newly[place], not (self.high[place] or self.newly[place]))
        return {
            "SampleKey": f"{self.id}/{self.files.unique[place]}",
            "BurstId": self.id,
            "ActionRef": _text(file["ActionRef"]),
            "FileName": _text(file["FileLeafRef"]),
            "FileLink": link("evidence", int(self.files.frame.index[place])),
            "Strata": tuple(word for word, mark in zip(STRATA, marks, strict=True) if mark),
        }


def read_burst(lists: Lists, *, moment: datetime, calendar: Calendar, settings: Mapping[str, Any]) -> Burst:
    """Read what the burst of the moment's local day is drawn from.

    Args:
        lists: frames `actions`, `evidence`, `burst_samples`.
        calendar: of the operational days.
        settings: as `burst_sample` has them; `salt` besides.

    Raises:
        SettingsError: there is no salt, so anybody could foretell the draw.
    """
    if not settings["salt"]:
        raise SettingsError(
            "LISTS_SYNC_SAMPLING_SALT is not set, so anybody could foretell the sample; nothing was drawn.",
            hint="Set it to a long random text, and keep it: past samples are checked with it.",
        )
    day = calendar.local_date(moment)
    burst = burst_id(day)
    lines = read_lines(lists, calendar.zone)
    newly_closed, from_history = _newly_closed(lists, lines, calendar, day, settings)
    files = read_files(lists, lines)
    high = files.any_of_file((lines.live | newly_closed) & lines.high)
    newly = files.any_of_file(newly_closed)
    samples = read_samples(lists, moment)
    ours, sampled_day = of_burst(samples, burst), _sampled_days(samples, calendar)
    lately = calendar.nth_working_day(day, -int(settings["sampled_lately_days"]))
    last = _last_sampled(files, samples, np.where(ours, NAT, sampled_day), _number(day))
    return Burst(
        id=burst,
        day=day,
        lately=lately,
        lines=lines,
        files=files,
        high=high,
        newly=newly,
        pool=_pool(
            files,
            (lines.live | newly_closed),
            np.where(last >= _number(lately), last, NAT),
            marks=(high, newly),
            name=lambda unique: hashed(settings["salt"], burst, unique),
        ),
        standing=_standing(strata_of_rows(samples, ours)),
        rules=_rules(settings),
        from_history=from_history,
    )


def burst_day(word: str) -> date | None:
    """Give the day of a burst id, however it was typed; None where it is none."""
    plain = clean(word).upper()
    try:
        day = date.fromisoformat(plain.removeprefix("B-"))
    except ValueError:
        return None
    return day if plain == burst_id(day) else None


def _number(day: date) -> int:
    """Give a day as days since 1970."""
    return day.toordinal() - _EPOCH


def _newly_closed(
    lists: Lists, lines: Lines, calendar: Calendar, day: date, settings: Mapping[str, Any]
) -> tuple[Bools, int]:
    """Tell which lines were closed in the last days, and how many closing times history gave."""
    closed_on, filled = lists.or_first_seen("actions", "ClosedOn")
    closed_day = local_time(calendar.zone).day_of(micros(closed_on))
    first = _number(day) - int(settings["newly_closed_days"])
    newly: Bools = lines.closed & (closed_day >= first) & (closed_day <= _number(day))
    return newly, int((filled & lines.closed).sum())


def of_burst(samples: Samples, burst: str) -> Bools:
    """Tell which samples are of a burst."""
    return is_in(samples.frame["BurstId"], (burst,))


def _sampled_days(samples: Samples, calendar: Calendar) -> Ints:
    """Give the day of each sample: its burst's, else that on which it was drawn."""
    codes, words = word_table(samples.frame["BurstId"])
    told = [burst_day(word) for word in words]
    named = np.array([NAT if one is None else _number(one) for one in told] + [NAT], dtype=np.int64)[codes]
    return np.where(named == NAT, local_time(calendar.zone).day_of(samples.sampled_at), named)


def _last_sampled(files: Files, samples: Samples, sampled_day: Ints, today: int) -> Ints:
    """Give the last day before today on which each file was drawn, by its rows, else by its own column."""
    usable = (sampled_day != NAT) & (sampled_day < today)
    latest = pd.Series(sampled_day[usable]).groupby(samples.unique[usable]).max()
    by_rows = latest.reindex(files.unique).to_numpy(dtype="float64")
    own = days(files.frame["LastSampledOn"])
    found = np.where(own < today, own, NAT)
    known = ~np.isnan(by_rows)
    found[known] = by_rows[known].astype(np.int64)
    return found


def _pool(
    files: Files,
    counted: Bools,
    sampled_day: Ints,
    *,
    marks: tuple[Bools, Bools],
    name: Callable[[str], str],
) -> Pool:
    """Put the files with a line that counts in the order of the draw, each with those of its lines."""
    places = np.flatnonzero(files.any_of_file(counted) & _named(files))
    hashes = [name(unique) for unique in files.unique[places].tolist()]
    order = ordered(hashes, sampled_day[places])
    places = places[order]
    kept = counted[files.line]
    file, line = files.file[kept], files.line[kept]
    first = np.searchsorted(file, places, side="left")
    count = np.searchsorted(file, places, side="right") - first
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    inside = np.repeat(first - start[:-1], count) + np.arange(start[-1])
    return Pool(
        unique=tuple(files.unique[places].tolist()),
        hashes=tuple(hashes[place] for place in order.tolist()),
        high=marks[0][places],
        newly=marks[1][places],
        sampled_day=sampled_day[places],
        line=line[inside],
        start=start,
    )


def _named(files: Files) -> Bools:
    """Tell which files their unique id names; of two with one id, which no library has, the lower item."""
    by_item = np.argsort(files.frame.index.to_numpy(), kind="stable")
    named = np.zeros(len(by_item), dtype=bool)
    named[by_item] = ~pd.Series(files.unique[by_item]).duplicated().to_numpy()
    found: Bools = named & (files.unique != "")
    return found


def strata_of_rows(samples: Samples, ours: Bools) -> dict[str, tuple[str, ...]]:
    """Give for each file the strata that its row was made with, in order of item id.

    Args:
        ours: which samples are looked at.
    """
    rows = samples.frame[["Strata"]].assign(unique=samples.unique)[ours].sort_index()
    rows = rows[rows["unique"] != ""].drop_duplicates("unique")
    found = {}
    for unique, told in zip(rows["unique"], rows["Strata"].fillna(""), strict=True):
        words = normal_all(str(told).split(_JOINER))
        found[str(unique)] = tuple(stratum for stratum in STRATA if normal(stratum) in words)
    return found


def _standing(strata: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """Give by file which quotas its row counts for."""
    high, newly = ([stratum in one for one in strata.values()] for stratum in STRATA[:2])
    return pd.DataFrame(
        {"high": high, "newly": newly}, index=pd.Index(list(strata), dtype=object), dtype=bool
    )


def _rules(settings: Mapping[str, Any]) -> Rules:
    size = int(settings["size"])

    def part(name: str) -> int:
        return min(size, math.ceil(exact(settings[name]) * size / 100))

    high, newly = part("high_risk_percent"), part("newly_closed_percent")
    return Rules(size, high, newly, int(settings["most_of_a_line"]))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
