"""What a run says of itself: for its hash, and for its row in Control runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lists_sync.clock import parse
from lists_sync.model import Change
from lists_sync.plan.rows import new_row, slot_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lists_sync.model import Value
    from lists_sync.trail.runs import RunRow

_MINUTE_S = 60


def row_values(content: Mapping[str, Any], chain_hash: str) -> dict[str, Value]:
    """Give the columns of a run's row in Control runs.

    Args:
        content: what the run's hash covers.
    """
    slot, moment = parse(str(content["slot"])), parse(str(content["moment"]))
    raised = len(content["raised"])
    return {
        "RunKey": slot_key(str(content["job"]), slot),
        "Control": str(content["job"]),
        "Slot": slot,
        "RanAt": moment,
        "LateMinutes": int((moment - slot).total_seconds() // _MINUTE_S),
        "Result": str(content["result"]),
        "DataFaults": int(content["faults"]),
        "Writes": len(content["writes"]) + raised,
        "Conflicts": int(content["conflicts"]),
        "Escalations": raised,
        "ChainHash": chain_hash,
    }


def rows_made_up(runs: Iterable[RunRow]) -> list[Change]:
    """Give the rows of Control runs that earlier runs could not make."""
    rows = [row_values(one.content or {}, one.chain_hash or "") for one in runs]
    return [new_row("control_runs", str(values["RunKey"]), values) for values in rows]
