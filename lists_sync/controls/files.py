"""Evidence files as a control sees them: which lines each is evidence for, and what its samples came to.

Source: controls.md section 1, a line's files, verdict of a file; 2.2, verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lists_sync.controls.local import NAT, Bools, Ints, micros, micros_of
from lists_sync.controls.matching import is_in, normal_all, texts

if TYPE_CHECKING:
    from datetime import datetime

    from lists_sync.controls.base import Lists
    from lists_sync.controls.lines import Lines

VERDICTS = ("Awaiting review", "Review overdue", "Valid", "Invalid")
AWAITING, OVERDUE, VALID, INVALID = range(4)
UNKNOWN = -1
"""The verdict of what was never sampled, or never settled."""
ANSWERS = ("MatchesLivePractice", "SourceDateCurrent", "OutcomeProof")
NO_CODE = -1
EVIDENCE_STATES = ("None", "Not sampled", "Awaiting review", "Valid", "Invalid")


@dataclass(frozen=True, eq=False)
class Files:
    """Which file is evidence for which line: pairs of places, a file or a line in as many as it has.

    Args:
        frame: Evidence.
        file: place of the pair's file in the frame, ascending.
        line: place of the pair's line among the lines.
        unique: unique id of each file, as sample keys name it.
    """

    frame: pd.DataFrame
    file: Ints
    line: Ints
    unique: np.ndarray[Any, Any]

    def any_of_file(self, of_lines: Bools) -> Bools:
        """Tell for each file whether any of its lines is marked."""
        found = np.zeros(len(self.frame), dtype=bool)
        found[self.file[of_lines[self.line]]] = True
        return found

    def any_of_line(self, of_files: Bools, count: int) -> Bools:
        """Tell for each of `count` lines whether any of its files is marked."""
        found = np.zeros(count, dtype=bool)
        found[self.line[of_files[self.file]]] = True
        return found

    def are_there(self, count: int) -> Bools:
        """Tell for each of `count` lines whether it has a file at all."""
        return self.any_of_line(np.ones(len(self.frame), dtype=bool), count)


def read_files(lists: Lists, lines: Lines) -> Files:
    """Read the library, and match each file's references with the lines'."""
    frame = lists.frames["evidence"]
    file, line = pairs(frame["ActionRef"], lines.frame["ActionRef"])
    return Files(frame, file, line, np.asarray(frame["_unique"].array, dtype=object))


def pairs(named: pd.Series[Any], refs: pd.Series[Any]) -> tuple[Ints, Ints]:
    """Match references, of which a value may hold several parted by `;`, with the rows that have them.

    Returns:
        `(places in named, places in refs)`, each pair once, ascending by the first and then the second.
    """
    words, present = texts(named)
    places = np.flatnonzero(present)
    typed = words[places].tolist()
    owner = np.repeat(places, np.array([word.count(";") + 1 for word in typed], dtype=np.int64))
    parts = normal_all([part.strip() for part in ";".join(typed).split(";")]) if typed else []
    codes: dict[str, int] = {}
    wanted = np.array([codes.setdefault(part, len(codes)) for part in parts], dtype=np.int64)
    codes.pop("", None)
    home, there = texts(refs)
    rows = np.flatnonzero(there)
    found = map(codes.get, normal_all(home[rows].tolist()), repeat(NO_CODE))
    return _joined(owner, wanted, rows, np.fromiter(found, dtype=np.int64, count=len(rows)))


def _joined(owner: Ints, wanted: Ints, rows: Ints, code: Ints) -> tuple[Ints, Ints]:
    """Pair owners and rows of one code, each pair once and in order; what has NO_CODE has no partner."""
    order = np.flatnonzero(code != NO_CODE)
    order = order[np.argsort(code[order], kind="stable")]
    first, last = (np.searchsorted(code[order], wanted, side=side) for side in ("left", "right"))
    count = last - first
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - first, count)
    size = int(rows[-1]) + 1 if len(rows) else 1
    both = np.unique(np.repeat(owner, count) * size + rows[order[place]])
    return both // size, both % size


@dataclass(frozen=True, eq=False)
class Samples:
    """Burst samples, one place each, in the order of the frame.

    Args:
        verdict: what the answers come to at the moment, a place in VERDICTS.
        corrected: an accepted correction.
        unique: the file's unique id; where the key names none `#<item id>`, so that it is a file of its own.
        sampled_at: microseconds, `NAT` where unknown.
        reviewed_at: microseconds, blanks filled from history.
        from_history: where history stood in for ReviewedAt.
    """

    frame: pd.DataFrame
    verdict: Ints
    corrected: Bools
    unique: np.ndarray[Any, Any]
    sampled_at: Ints
    reviewed_at: Ints
    from_history: Bools

    @property
    def settled(self) -> Ints:
        """VALID or INVALID where the review is done, a corrected one counting as VALID; else UNKNOWN."""
        done = np.where(self.verdict >= VALID, self.verdict, UNKNOWN)
        return np.where(self.corrected & (done == INVALID), VALID, done)

    def latest(self, among: Bools | None = None) -> pd.Series[Any]:
        """Give the place of each file's latest sample, by unique id.

        Args:
            among: which samples count; None for all.
        """
        places = np.arange(len(self.frame)) if among is None else np.flatnonzero(among)
        order = np.lexsort((self.frame.index.to_numpy()[places], self.sampled_at[places]))
        found = pd.Series(places[order], index=pd.Index(self.unique[places[order]], dtype=object))
        return found[~found.index.duplicated(keep="last")]


def read_samples(lists: Lists, moment: datetime) -> Samples:
    """Read the samples, and judge each verdict from its three answers as they stand.

    An answer that cannot be used is no answer, so without it the review is not done.

    Source: controls.md 2.2, and section 9: never from the Verdict column as last written.
    """
    frame = lists.frames["burst_samples"]
    wrong = np.logical_or.reduce([is_in(frame[column], ("No",)) for column in ANSWERS])
    right = np.logical_and.reduce([is_in(frame[column], ("Yes",)) for column in ANSWERS])
    review_by = micros(frame["ReviewBy"])
    late = (review_by != NAT) & (review_by < micros_of(moment))
    reviewed_at, filled = lists.or_first_seen("burst_samples", "ReviewedAt")
    keys, present = texts(frame["SampleKey"])
    named = (_file_of(key) if has else "" for key, has in zip(keys, present, strict=True))
    unique = [file or f"#{id_}" for file, id_ in zip(named, frame.index, strict=True)]
    return Samples(
        frame=frame,
        verdict=np.select([wrong, right, late], [INVALID, VALID, OVERDUE], default=AWAITING),
        corrected=is_in(frame["CorrectionAccepted"], ("Yes",))
        | is_in(frame["Disposition"], ("Accepted after correction",)),
        unique=np.array(unique, dtype=object),
        sampled_at=micros(frame["SampledAt"]),
        reviewed_at=micros(reviewed_at),
        from_history=filled,
    )


def _file_of(key: object) -> str:
    """Give the unique id of the file that a sample's key ends in."""
    return str(key).rpartition("/")[2].strip().lower()


def file_verdicts(files: Files, samples: Samples) -> tuple[Ints, Ints]:
    """Give each file's verdict and settled verdict, UNKNOWN where it was never sampled or never settled."""
    settled = samples.settled
    latest = samples.latest().reindex(files.unique).to_numpy(dtype="float64")
    done = samples.latest(settled != UNKNOWN).reindex(files.unique).to_numpy(dtype="float64")
    return _at(samples.verdict, latest), _at(settled, done)


def _at(values: Ints, places: np.ndarray[Any, Any]) -> Ints:
    known = ~np.isnan(places)
    found = np.full(len(places), UNKNOWN, dtype=np.int64)
    found[known] = values[places[known].astype(np.int64)]
    return found


def evidence_states(
    lists: Lists, lines: Lines, moment: datetime, files: Files | None = None
) -> pd.Series[Any]:
    """Give EvidenceState of every live line, blank on the others.

    Args:
        files: of these lists and lines, where they are read already.
    Source:
        controls.md 1.1.
    """
    files = files or read_files(lists, lines)
    verdict, settled = file_verdicts(files, read_samples(lists, moment))
    count = len(lines.frame)
    has_file = files.are_there(count)
    sampled = files.any_of_line(verdict != UNKNOWN, count)
    invalid = files.any_of_line(settled == INVALID, count)
    waiting = files.any_of_line((verdict == AWAITING) | (verdict == OVERDUE), count)
    code = np.select([~lines.live, ~has_file, ~sampled, invalid, waiting], [5, 0, 1, 4, 2], default=3)
    words = np.array([*EVIDENCE_STATES, np.nan], dtype=object)
    return pd.Series(pd.array(words[code], dtype="str"), index=lines.frame.index, name="EvidenceState")
