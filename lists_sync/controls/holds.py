"""Holds as a control sees them: when one was in force, and when somebody lifted it.

Source: controls.md 2.5 and 3.5; lists.md, closure holds: people may lift a hold early.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lists_sync.controls.local import NAT, Bools, Ints, micros
from lists_sync.controls.matching import is_in

if TYPE_CHECKING:
    import pandas as pd

    from lists_sync.controls.base import Lists


def lifted_at(holds: pd.DataFrame) -> Ints:
    """Give when each hold was lifted, in microseconds; `NAT` where nobody did.

    Who lifted a hold and forgot to say when lifted it when the row was last changed.
    """
    times = holds["LiftedAt"].where(holds["LiftedAt"].notna(), holds["Modified"])
    named = (holds["LiftedAt"].notna() | holds["LiftedBy"].notna()).to_numpy()
    return np.where(named, micros(times), NAT)


def held_at(lists: Lists, kind: str, instants: Ints) -> Bools:
    """Tell at which instants a hold of that kind was in force: from its beginning, before its end.

    A hold that was lifted is in force no more from then on; one without a beginning never was.

    Args:
        instants: microseconds; `NAT` is at no time.
    """
    holds = lists.frames["closure_holds"]
    holds = holds[is_in(holds["Kind"], (kind,))]
    ends = [
        np.where(end == NAT, np.iinfo(np.int64).max, end)
        for end in (micros(holds["Until"]), lifted_at(holds))
    ]
    found = np.zeros(len(instants), dtype=bool)
    for begins, until, lifted in zip(micros(holds["From"]), *ends, strict=True):
        if begins != NAT:
            found |= (instants != NAT) & (instants >= begins) & (instants < min(until, lifted))
    return found
