"""How a burst came about, told so that somebody else can come to the same sample; and what stands of it.

It names files by their unique ids and lines by their references: no file name, and never the salt.
Source: controls.md 2.1 and section 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from lists_sync.controls.draw import STRATA, Step, draw, hashed
from lists_sync.controls.findings import refs
from lists_sync.controls.local import NAT

if TYPE_CHECKING:
    from lists_sync.controls.pool import Burst
    from lists_sync.trail.drawing import Drawing

_FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True)
class FileTold:
    """An eligible file, at its place in the order.

    Args:
        place: from 1.
        sampled_on: when it was drawn lately; None where it was not.
        taken: as which of the sample, from 1; None where it was not taken.
        step: the step that took it, from 1; None where none did.
        passed: the steps that passed over it because of its lines.
        stood: its row stood before the draw.
    """

    place: int
    unique_id: str
    hash: str
    strata: tuple[str, ...]
    sampled_on: date | None
    refs: tuple[str, ...]
    taken: int | None = None
    step: int | None = None
    passed: tuple[int, ...] = ()
    stood: bool = False

    @property
    def why(self) -> str:
        """What became of it, in a few words."""
        if self.stood:
            return "stood already"
        if self.step:
            return f"taken, step {self.step}"
        if self.passed:
            return f"passed over, step {self.passed[-1]}"
        return "not reached"


@dataclass(frozen=True)
class StepTold:
    """What one step did, by unique ids.

    Args:
        wanted: how many of its kind the sample was to hold after it.
        held: how many it held before.
        files: how many were left to choose from.
        beyond: those taken although a line of theirs had given its most, since none else was left.
        passed: by file: the lines that had given their most.
        ended: why it took no more.
    """

    number: int
    stratum: str
    wanted: int
    held: int
    files: int
    taken: tuple[str, ...]
    beyond: frozenset[str]
    passed: Mapping[str, tuple[str, ...]]
    ended: str


@dataclass(frozen=True)
class RowTold:
    """A row of Burst samples."""

    unique_id: str
    hash: str
    strata: tuple[str, ...]


@dataclass(frozen=True)
class BurstTold:
    """All there is to tell of a burst.

    Args:
        drawing: the run that fixed it; None where this state does not know it, and then `files` and
            `steps` are empty.
        settings: the job's numbers.
        lately: the first day that counted as lately; None without a drawing.
        stood: unique ids whose rows stood before the draw.
        rows: the rows that stand, in the order of their hashes.
        missing: drawn, and without a row.
        gone: those of `missing` whose file is no longer in the library.
        extra: with a row, and not drawn.
        notes: what else a reader must know, and what cannot be told.
    """

    burst: str
    drawing: Drawing | None
    settings: Mapping[str, Any]
    lately: date | None
    files: tuple[FileTold, ...]
    steps: tuple[StepTold, ...]
    stood: tuple[str, ...]
    rows: tuple[RowTold, ...]
    missing: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()
    extra: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def tell_drawn(
    burst: Burst,
    drawing: Drawing,
    rows: Mapping[str, tuple[str, ...]],
    *,
    settings: Mapping[str, Any],
    in_library: Iterable[str],
    notes: Sequence[str] = (),
) -> BurstTold:
    """Repeat the draw over what its run had read, and compare it with the rows that stand.

    Args:
        burst: read from the lists as they stood then.
        rows: strata by unique id of the rows that stand now; () where they are as drawn.
        settings: the job's numbers, and the salt.
        in_library: unique ids of the files that are there now.
    """
    steps = draw(burst.pool, burst.rules, burst.held)
    files = tuple(_files(burst, steps))
    strata = {file.unique_id: file.strata for file in files}
    stood = tuple(burst.standing.index)
    sample = [*stood, *(burst.pool.unique[place] for step in steps for place in step.taken)]
    missing = tuple(unique for unique in sample if unique not in rows)
    told = rows_told(
        burst.id, settings["salt"], {one: words or strata.get(one, ()) for one, words in rows.items()}
    )
    return BurstTold(
        burst=burst.id,
        drawing=drawing,
        settings=_plain(settings),
        lately=burst.lately,
        files=files,
        steps=tuple(_steps(burst, steps)),
        stood=stood,
        rows=told,
        missing=missing,
        gone=frozenset(missing) - frozenset(in_library),
        extra=tuple(row.unique_id for row in told if row.unique_id not in set(sample)),
        notes=(*notes, *_differences(drawing, sample, stood)),
    )


def tell_rows(
    burst: str, rows: Mapping[str, tuple[str, ...]], *, settings: Mapping[str, Any], why: str
) -> BurstTold:
    """Tell what the rows alone show of a burst that no run of this state is known to have drawn.

    Args:
        rows: strata by unique id.
        why: why no run is known, one sentence.
    """
    notes = (
        why,
        "What can be checked: the hash of each file that has a row, from the salt and its unique id.",
        "What cannot: which other files could be drawn then, and why any of them was passed over.",
    )
    told = rows_told(burst, settings["salt"], rows)
    return BurstTold(burst, None, _plain(settings), None, (), (), (), told, notes=notes)


def rows_told(burst: str, salt: str, strata: Mapping[str, tuple[str, ...]]) -> tuple[RowTold, ...]:
    """Give the rows of a burst, by unique id and strata, in the order of their hashes."""
    rows = [RowTold(unique, hashed(salt, burst, unique), words) for unique, words in strata.items()]
    return tuple(sorted(rows, key=lambda row: row.hash))


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what must not be told."""
    return {name: value for name, value in settings.items() if name != "salt"}


def _differences(drawing: Drawing, sample: Sequence[str], stood: Sequence[str]) -> Iterator[str]:
    if stood:
        rows = "1 row stood" if len(stood) == 1 else f"{len(stood)} rows stood"
        yield f"{rows} before that run, which knew no run that had drawn them; they count as taken first."
    if drawing.fixed and set(drawing.fixed) | set(stood) != set(sample):
        yield (
            f"Run {drawing.run} fixed another sample than is found here: the salt, the settings or the "
            "calendar were changed since, or the lists were edited while it read them."
        )


def _files(burst: Burst, steps: Sequence[Step]) -> Iterator[FileTold]:
    pool, names = burst.pool, _names(burst)
    order = [place for step in steps for place in step.taken]
    nth = {place: number for number, place in enumerate(order, start=1 + len(burst.standing))}
    step_of = {place: number for number, step in enumerate(steps, start=1) for place in step.taken}
    held = {unique: number for number, unique in enumerate(burst.standing.index, start=1)}
    for place, unique in enumerate(pool.unique):
        yield FileTold(
            place=place + 1,
            unique_id=unique,
            hash=pool.hashes[place],
            strata=_strata(high=bool(pool.high[place]), newly=bool(pool.newly[place])),
            sampled_on=_day(int(pool.sampled_day[place])),
            refs=tuple(names[line] for line in pool.lines_of(place)),
            taken=held.get(unique, nth.get(place)),
            step=step_of.get(place),
            passed=tuple(number for number, step in enumerate(steps, start=1) if place in step.passed),
            stood=unique in held,
        )


def _steps(burst: Burst, steps: Sequence[Step]) -> Iterator[StepTold]:
    unique, names = burst.pool.unique, _names(burst)
    count = len(burst.standing)
    for number, step in enumerate(steps, start=1):
        count += len(step.taken)
        full = count >= burst.rules.size
        yield StepTold(
            number=number,
            stratum=step.stratum,
            wanted=step.wanted,
            held=step.held,
            files=len(step.files),
            taken=tuple(unique[place] for place in step.taken),
            beyond=frozenset(unique[place] for place in step.beyond),
            passed={
                unique[place]: tuple(names[line] for line in spent) for place, spent in step.passed.items()
            },
            ended=_ended(step, full=full),
        )


def _ended(step: Step, *, full: bool) -> str:
    if step.held + len(step.taken) >= step.wanted:
        return f"the sample held {step.held + len(step.taken)}"
    return "the sample was full" if full else "none was left"


def _names(burst: Burst) -> dict[int, str]:
    """Give the reference of each line that the pool names, by its number."""
    lines = np.unique(burst.pool.line)
    return dict(zip(lines.tolist(), refs(burst.lines.frame, lines), strict=True))


def _strata(*, high: bool, newly: bool) -> tuple[str, ...]:
    marks = (high, newly, not (high or newly))
    return tuple(word for word, mark in zip(STRATA, marks, strict=True) if mark)


def _day(number: int) -> date | None:
    return None if number == NAT else _FIRST_DAY + timedelta(days=number)
