"""A run judged again, held against what it noted: byte for byte, or under other thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from lists_sync import __version__
from lists_sync.plan.fingerprint import outcome_digest
from lists_sync.replay.past import content_of

if TYPE_CHECKING:
    from lists_sync.model import Escalation, Value
    from lists_sync.replay.past import Past
    from lists_sync.runner.judging import Judging
    from lists_sync.trail.runs import RunRow

COMPARED = ("snapshot", "outcome", "plan", "missed")
"""What is compared by its hash, or by its keys: what was read, found, meant to be written, found missed."""


@dataclass(frozen=True)
class Found:
    """What judging a run came to.

    Args:
        told: by the words of COMPARED.
        escalations: all that should stand, whether or not it was raised before.
        wanted: by list, item id and column: what should stand, where it is not blank.
    """

    told: Mapping[str, Any]
    measures: Mapping[str, Value]
    escalations: tuple[Escalation, ...]
    wanted: Mapping[tuple[str, int, str], Any] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the escalations."""
        return frozenset(one.key for one in self.escalations)


@dataclass(frozen=True)
class Replayed:
    """A run judged again by the files it judged by.

    Args:
        differs: the words of COMPARED that are not as noted.
        measures_then: the figures as noted.
        notes: what may be the reason.
    """

    run: RunRow
    found: Found
    differs: tuple[str, ...]
    measures_then: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether everything is as noted, byte for byte."""
        return not self.differs


@dataclass(frozen=True)
class Tried:
    """A run judged by its own files and by others.

    Args:
        measures: by name: the figure then and the figure by the other files, where they differ.
        more: escalations that only the other files raise; `fewer` those that only its own do.
        items: by list and column: of how many items the result would be another.
    """

    run: RunRow
    measures: Mapping[str, tuple[Value, Value]]
    more: tuple[Escalation, ...]
    fewer: tuple[Escalation, ...]
    items: Mapping[str, int]

    @property
    def differs(self) -> bool:
        """Whether the other files say anything else at all."""
        return bool(self.measures or self.more or self.fewer or self.items)


def judge(judging: Judging) -> Found:
    """Judge once more, and give it in the form in which runs note it."""
    snapshot, outcome = judging.judge()
    plan = judging.plan(snapshot, outcome)
    told = {
        "snapshot": snapshot.digest,
        "outcome": outcome_digest(outcome, judging.definitions.schemas),
        "plan": plan.digest,
        "missed": [one.key for one in judging.missed(snapshot)],
    }
    return Found(told, outcome.measures, outcome.escalations, dict(_wanted(outcome.wanted)))


def replay(past: Past, run: RunRow) -> Replayed:
    """Judge a run again from the versions it had read, by the files it judged by.

    Raises:
        StateError: it came to no end, or what it judged by is not kept.
        DefinitionError: this version refuses the files.
    """
    content = content_of(run)
    found = judge(past.judging(run, past.definitions(past.policy(run))))
    differs = tuple(name for name in COMPARED if found.told[name] != content.get(name))
    return Replayed(run, found, differs, content["measures"], tuple(_reasons(content, differs)))


def try_policy(past: Past, run: RunRow, folder: Any) -> Tried:
    """Judge a run by its own files and by those with another folder's in their place.

    Raises:
        StateError, DefinitionError: as `replay`.
        FileError: the folder takes no file's place.
    """
    from lists_sync.replay.past import other_policy

    own = past.policy(run)
    then = judge(past.judging(run, past.definitions(own)))
    other = judge(past.judging(run, past.definitions(other_policy(own, folder))))
    return Tried(
        run,
        {
            name: (then.measures.get(name), other.measures.get(name))
            for name in dict.fromkeys((*then.measures, *other.measures))
            if then.measures.get(name) != other.measures.get(name)
        },
        tuple(one for one in other.escalations if one.key not in then.keys),
        tuple(one for one in then.escalations if one.key not in other.keys),
        _moved(then.wanted, other.wanted),
    )


def measures_differ(replayed: Replayed) -> dict[str, tuple[Any, Any]]:
    """Give the figures that are not as noted: then and now."""
    now = orjson.loads(orjson.dumps(dict(replayed.found.measures)))
    then = replayed.measures_then
    return {
        name: (then.get(name), now.get(name)) for name in {**then, **now} if then.get(name) != now.get(name)
    }


def _wanted(frames: Mapping[str, Any]) -> Iterator[tuple[tuple[str, int, str], Any]]:
    for key, frame in frames.items():
        for name in frame.columns:
            kept = frame[name].dropna()
            for id_, value in zip(kept.index, kept, strict=True):
                yield (key, int(id_), str(name)), value


def _moved(
    then: Mapping[tuple[str, int, str], Any], other: Mapping[tuple[str, int, str], Any]
) -> dict[str, int]:
    counted: dict[str, int] = {}
    for place in {**then, **other}:
        if then.get(place) != other.get(place):
            name = f"{place[0]}.{place[2]}"
            counted[name] = counted.get(name, 0) + 1
    return dict(sorted(counted.items()))


def _reasons(content: Mapping[str, Any], differs: tuple[str, ...]) -> Iterator[str]:
    """Say what may be the reason for a difference."""
    if not differs:
        return
    if "snapshot" in differs:
        yield "The versions of the items that the run had read are not those kept here now."
    if content["version"] != __version__:
        yield f"The run was made by lists_sync {content['version']}; this is {__version__}."
    elif "snapshot" not in differs:
        yield (
            "What was read is the same; settings of this machine (the salt, the rehearsal's address) or the "
            "local state may have changed since."
        )
