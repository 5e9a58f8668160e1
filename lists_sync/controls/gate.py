"""The closure gate: what stands against closing a line, whatever its panel thinks.

Source: controls.md 3.1; section 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lists_sync.controls.files import INVALID, VALID, Samples, file_verdicts, pairs, read_files, read_samples
from lists_sync.controls.holds import held_at
from lists_sync.controls.local import NAT, Bools, Ints, local_time, micros_of
from lists_sync.controls.matching import BLANK, ref_codes

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from lists_sync.controls.base import Lists
    from lists_sync.controls.lines import Lines

REASONS = (
    "No baseline risk score",
    "Risk score not reduced",
    "Never validated",
    "Validation older than 30 days",
    "Validated by its owner",
    "Invalid evidence outstanding",
    "Approvals suspended",
)
SUSPENDED = "Approvals suspended"

# By a number whose bits are the reasons, in schema order; none of them is a blank.
_COMBINED = np.empty(2 ** len(REASONS), dtype=object)
for _number in range(1, len(_COMBINED)):
    _COMBINED[_number] = tuple(word for bit, word in enumerate(REASONS) if _number >> bit & 1)


@dataclass(frozen=True, eq=False)
class Gate:
    """How each line stands at the gate, in the order of the frame.

    Args:
        bits: a number whose bits are its REASONS; 0 is ready.
        validated_at: when its evidence was last found valid, in microseconds; `NAT` where nobody knows.
        from_history: how many of those times, at each line, history gave.
    """

    bits: Ints
    validated_at: Ints
    from_history: Ints

    @property
    def ready(self) -> Bools:
        """Where nothing stands against closing the line."""
        found: Bools = self.bits == 0
        return found


def reason_words(bits: Ints) -> np.ndarray[Any, Any]:
    """Give reasons as tuples in schema order, None for none."""
    found: np.ndarray[Any, Any] = _COMBINED[bits]
    return found


def read_gate(lists: Lists, lines: Lines, *, moment: datetime, zone: ZoneInfo, within_days: int) -> Gate:
    """Judge every line at the gate.

    A score that cannot be used is no baseline. Evidence that was validated at a time which nobody knows was
    never validated as far as the gate can tell.

    Args:
        within_days: how many local days old a validation may be.
    """
    samples = read_samples(lists, moment)
    sample, line = pairs(samples.frame["ActionRef"], lines.frame["ActionRef"])
    kept = (samples.verdict == VALID)[sample]
    sample, line = sample[kept], line[kept]
    count = len(lines.frame)
    validated_at = np.full(count, NAT, dtype=np.int64)
    np.maximum.at(validated_at, line, samples.reviewed_at[sample])
    validated = validated_at != NAT
    day = local_time(zone).day_of(np.append(validated_at, micros_of(moment)))
    baseline = lines.frame["BaselineRiskScore"].to_numpy(dtype="float64")
    current = lines.frame["CurrentRiskScore"].to_numpy(dtype="float64")
    marks = [
        np.isnan(baseline),
        current >= baseline,  # never so where one is missing
        ~validated,
        validated & (day[-1] - np.where(validated, day[:-1], day[-1]) > within_days),
        validated & ~_has_other(lines, samples, sample, line),
        _invalid_evidence(lists, lines, samples),
        np.full(count, held_at(lists, SUSPENDED, np.array([micros_of(moment)]))[0]),
    ]
    return Gate(
        bits=sum(mark.astype(np.int64) << bit for bit, mark in enumerate(marks)),
        validated_at=validated_at,
        from_history=np.bincount(line[samples.from_history[sample]], minlength=count),
    )


def _has_other(lines: Lines, samples: Samples, sample: Ints, line: Ints) -> Bools:
    """Tell which lines have a valid sample that somebody other than their owner reviewed, or nobody named."""
    (owner, reviewer), _ = ref_codes(lines.frame["Owner"], samples.frame["ReviewedBy"])
    by_owner = (reviewer[sample] == owner[line]) & (reviewer[sample] != BLANK)
    found = np.zeros(len(lines.frame), dtype=bool)
    found[line[~by_owner]] = True
    return found


def _invalid_evidence(lists: Lists, lines: Lines, samples: Samples) -> Bools:
    """Tell which lines have a file whose settled verdict is Invalid."""
    files = read_files(lists, lines)
    _, settled = file_verdicts(files, samples)
    return files.any_of_line(settled == INVALID, len(lines.frame))
