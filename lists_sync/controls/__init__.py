"""The governance rules: columns in, columns out, a whole list at a time.

A control is a pure function over the typed frames of a snapshot. It reads no clock, no file and no network;
thresholds come from the job's YAML. One module a subject.
"""

from collections.abc import Mapping

from lists_sync.controls.base import Control, Figure, Judged, Lists, Remembered
from lists_sync.controls.deadlines import deadline_status
from lists_sync.controls.integrity import active_people, deadline_integrity
from lists_sync.controls.slippage import slippage_review

CONTROLS: Mapping[str, Control] = {
    "1.1": deadline_status,
    "1.2": deadline_integrity,
    "1.4": slippage_review,
}
"""The control of each number that a job's YAML may name under `control:`."""

__all__ = ["CONTROLS", "Control", "Figure", "Judged", "Lists", "Remembered", "active_people"]
