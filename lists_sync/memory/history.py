"""What the mirror's versions tell: when a value was first seen, and how often a date moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from lists_sync.controls.due import due_moments
from lists_sync.controls.findings import refs as refs_of
from lists_sync.controls.local import NAT, micros
from lists_sync.controls.matching import is_in, normal, normal_all
from lists_sync.snapshot.decode import Setting, decode

if TYPE_CHECKING:
    from lists_sync.definitions.mapping import ListMapping
    from lists_sync.mirror.recovered import Version
    from lists_sync.mirror.versions import Mirror
    from lists_sync.model import Column, Item, Snapshot

Words = Mapping[str, str]
"""By our column: what a version held, in normal form and in our words; "" for a blank."""


@dataclass(frozen=True)
class Began:
    """When the present unbroken stretch of an item began.

    Args:
        pull: the pull that brought its first version; 0 for one from before this local state.
        at: when that version was made.
        seen: whether a version before it is known, or the item was made with it.
    """

    pull: int
    at: datetime | None
    seen: bool


Since = dict[int, Began]
"""By item id."""

ANSWERS = ("MatchesLivePractice", "SourceDateCurrent", "OutcomeProof")
PROPOSED = "Proposed for closure"
REINSTATED = "Reinstated as open"
DEFERRED = "Deferred"
LATELY_DAYS = 31


@dataclass(frozen=True)
class Stretch:
    """How long an item has held what it holds.

    Args:
        list: list key.
        columns: what is looked at; the first decides which items are looked at.
        means: gives what a version's words mean, "" for nothing; a stretch is unbroken while it stays.
        word: only items that hold this word now are looked at; "" for all that hold any.
    """

    list: str
    columns: tuple[str, ...]
    means: Callable[[Words], str]
    word: str = ""


def _holds(column: str, word: str) -> Callable[[Words], str]:
    plain = normal(word)
    return lambda words: plain if words[column] == plain else ""


def _verdict(words: Words) -> str:
    """Give what three answers come to, "" while the review is not done."""
    given = [words[column] for column in ANSWERS]
    if "no" in given:
        return "invalid"
    return "valid" if set(given) == {"yes"} else ""


def _any(column: str) -> Callable[[Words], str]:
    return lambda words: words[column] and "given"


def _same(column: str) -> Callable[[Words], str]:
    return lambda words: words[column]


FORGOTTEN = {
    ("actions", "ClosedOn"): Stretch("actions", ("Status",), _holds("Status", "Closed"), "Closed"),
    ("deadline_changes", "ApprovedOn"): Stretch(
        "deadline_changes", ("Decision",), _holds("Decision", "Approved"), "Approved"
    ),
    ("burst_samples", "ReviewedAt"): Stretch("burst_samples", ANSWERS, _verdict),
    ("closure_reviews", "PanelDecidedAt"): Stretch(
        "closure_reviews", ("PanelDecision",), _same("PanelDecision")
    ),
    ("retests", "RetestedAt"): Stretch("retests", ("StagesCorrect",), _any("StagesCorrect")),
}
"""Times that people forget to type, and the value beside each that means it.

Source: controls.md section 1, times people forget.
"""


def first_seen(
    mirror: Mirror,
    snapshot: Snapshot,
    mappings: Mapping[str, ListMapping],
    *,
    at_pull: int | None = None,
) -> dict[str, pd.Series[pd.Timestamp]]:
    """Tell when values whose time was not typed were first seen.

    Args:
        mappings: the provider's own names and words, by list key.
        at_pull: the pull that is judged; None for the newest.

    Returns:
        by `list.column` of the time, by item id: the Modified time of the earliest version of the present
        unbroken stretch with the value. Items that held it in the first pull are left out, for nobody saw
        when it began.
    Source:
        controls.md section 1, times people forget; section 9.
    """
    found = {}
    for (key, time), stretch in FORGOTTEN.items():
        if key in snapshot.frames:
            frame = snapshot.frames[key]
            blank = frame[time].isna().to_numpy() & candidates(frame, stretch)
            began = since(mirror, frame.index[blank], stretch, mappings.get(key), at_pull=at_pull)
            found[f"{key}.{time}"] = _times(mirror, began)
    return found


def proposed_since(
    mirror: Mirror,
    snapshot: Snapshot,
    mappings: Mapping[str, ListMapping],
    *,
    at_pull: int | None = None,
) -> pd.Series[pd.Timestamp]:
    """Tell since when lines have stood as proposed without a break; those of the first pull are left out."""
    stretch = Stretch("actions", ("Status",), _holds("Status", PROPOSED), PROPOSED)
    frame = snapshot.frames["actions"]
    ids = frame.index[candidates(frame, stretch)]
    return _times(mirror, since(mirror, ids, stretch, mappings.get("actions"), at_pull=at_pull))


def held_since(
    mirror: Mirror,
    snapshot: Snapshot,
    mappings: Mapping[str, ListMapping],
    *,
    at_pull: int | None = None,
) -> pd.Series[pd.Timestamp]:
    """Tell since when lines have surely held their Status: those that a review deferred by rule names.

    The stretch may have begun earlier than anybody saw.
    """
    reviews, lines = snapshot.frames["closure_reviews"], snapshot.frames["actions"]
    named = reviews["ActionRef"][is_in(reviews["SystemDecision"], [DEFERRED])].dropna()
    refs = set(normal_all(named.tolist()))
    told = refs_of(lines, np.arange(len(lines)))
    ids = lines.index[[one in refs for one in normal_all(told)]]
    stretch = Stretch("actions", ("Status",), _same("Status"))
    began = since(mirror, ids, stretch, mappings.get("actions"), at_pull=at_pull)
    found = {id_: pd.Timestamp(one.at) for id_, one in began.items() if one.at}
    series = pd.Series(found, dtype="datetime64[us, UTC]", name="held_since")
    series.index = series.index.astype("int64")
    return series


def reinstated_since(
    mirror: Mirror,
    snapshot: Snapshot,
    mappings: Mapping[str, ListMapping],
    *,
    at_pull: int | None = None,
) -> Since:
    """Give for each sample that is reinstated as open when that was first seen."""
    stretch = Stretch("burst_samples", ("Disposition",), _holds("Disposition", REINSTATED), REINSTATED)
    frame = snapshot.frames["burst_samples"]
    ids = frame.index[candidates(frame, stretch)]
    return since(mirror, ids, stretch, mappings.get("burst_samples"), at_pull=at_pull)


def due_days(
    mirror: Mirror,
    snapshot: Snapshot,
    column: Column,
    zones: tuple[ZoneInfo, ZoneInfo],
    *,
    mapping: ListMapping | None = None,
    days: int = LATELY_DAYS - 1,
    at_pull: int | None = None,
) -> pd.Series[int]:
    """Count the distinct due days that the mirror saw each line hold of late.

    Args:
        column: DueDate of our schema.
        zones: the zone of the list's site, and the provider's.
        days: how many days before the snapshot's moment count.

    Returns:
        by item id; a line of which only one version is known is left out.
    """
    begin = snapshot.moment - timedelta(days=days)
    name = mapping.theirs(column.name) if mapping else column.name
    ids, raw = [], []
    for id_, history in mirror.changed_since("actions", begin - timedelta(days=1), at_pull).items():
        ends = [item.modified for _, item in history[1:]]
        for (_, item), end in zip(history, [*ends, None], strict=True):
            late = item.modified is None or item.modified <= snapshot.moment
            if late and not item.deleted and (end is None or end >= begin):
                ids.append(id_)
                raw.append(item.fields.get(name))
    if not ids:
        return pd.Series(dtype="int64")
    instants, _, _ = decode(column, raw, Setting({}, *zones))
    _, seen = due_moments(micros(instants), zones[1])
    held = pd.DataFrame({"id": ids, "day": seen})
    return held[held["day"] != NAT].groupby("id")["day"].nunique()


def since(
    mirror: Mirror,
    ids: pd.Index[Any],
    stretch: Stretch,
    mapping: ListMapping | None,
    *,
    at_pull: int | None = None,
) -> Since:
    """Tell for each item since which pull it has meant, without a break, what it means now."""
    read = _Reader(mapping, stretch.columns)
    found: Since = {}
    wanted = [int(one) for one in ids]
    cursor = mirror.cursor(stretch.list)
    told = mirror.recovered.history(stretch.list, wanted, at_pull)
    for id_, history in mirror.history(stretch.list, wanted, at_pull).items():
        meant = stretch.means(read.words(history[-1][1]))
        if history[-1][1].deleted or not meant:
            continue
        made = cursor is not None and _made_as_known(history, cursor.first_pull, told.get(id_, []))
        for place, (number, item) in reversed(list(enumerate(history))):
            if item.deleted or stretch.means(read.words(item)) != meant:
                break
            found[id_] = Began(number, item.modified, seen=place > 0 or made)
    return found


def _made_as_known(history: Sequence[tuple[int, Item]], first: int, told: Sequence[Version]) -> bool:
    """Tell whether the oldest version known of an item is the one it was made with.

    Args:
        first: the pull that first read the list; an item that a later one brought was made in between.
        told: versions from before this local state, with SharePoint's own numbers.
    """
    return told[0][0] == 1 if told else history[0][0] > first


def candidates(frame: pd.DataFrame, stretch: Stretch) -> Any:
    """Mark the items of which it is asked since when they mean what they mean."""
    if stretch.word:
        return is_in(frame[stretch.columns[0]], [stretch.word])
    return frame[list(stretch.columns)].notna().any(axis=1).to_numpy()


def _times(mirror: Mirror, began: Since) -> pd.Series[pd.Timestamp]:
    """Give the instants of those stretches whose beginning was seen, by this local state or one before it."""
    since = mirror.recovered.since
    known = {
        id_: pd.Timestamp(one.at)
        for id_, one in began.items()
        if one.at and one.seen and (since is None or one.at > since)
    }
    found = pd.Series(known, dtype="datetime64[us, UTC]", name="first_seen")
    found.index = found.index.astype("int64")
    return found


class _Reader:
    """Reads a version's words, of a provider's own list too."""

    def __init__(self, mapping: ListMapping | None, columns: tuple[str, ...]) -> None:
        self._names = {column: mapping.theirs(column) if mapping else column for column in columns}
        given = mapping.choices if mapping else {}
        self._ours = {
            column: {normal(their): normal(our) for their, our in given.get(column, {}).items()}
            for column in columns
        }

    def words(self, item: Item) -> Words:
        """Give what the version held, by our column."""
        plain = {column: normal(str(item.fields.get(name, ""))) for column, name in self._names.items()}
        return {column: self._ours[column].get(word, word) for column, word in plain.items()}
