"""The governance rules: columns in, columns out, a whole list at a time.

A control is a pure function over the typed frames of a snapshot. It reads no clock, no file and no network;
thresholds come from the job's YAML. One module a subject.
"""

from collections.abc import Mapping

from lists_sync.controls.base import Control, Figure, Judged, Lists, Remembered
from lists_sync.controls.burst_closure import burst_closure
from lists_sync.controls.challenge import deadline_challenge
from lists_sync.controls.closure_comparison import closure_comparison
from lists_sync.controls.closure_decisions import closure_decisions
from lists_sync.controls.closure_experience import closure_experience
from lists_sync.controls.closure_register import closure_gate_register
from lists_sync.controls.deadlines import deadline_status
from lists_sync.controls.executive_closure import executive_closure
from lists_sync.controls.integrity import active_people, deadline_integrity
from lists_sync.controls.live_proof import live_proof_comparison
from lists_sync.controls.retests import competence_retest
from lists_sync.controls.sampling import burst_sample
from lists_sync.controls.slippage import slippage_review
from lists_sync.controls.validity import evidence_validity
from lists_sync.controls.warnings import early_warnings
from lists_sync.controls.watch import escalation_watch
from lists_sync.controls.workload import workload_rebalance

CONTROLS: Mapping[str, Control] = {
    "1.1": deadline_status,
    "1.2": deadline_integrity,
    "1.3": workload_rebalance,
    "1.4": slippage_review,
    "1.5": deadline_challenge,
    "2.1": burst_sample,
    "2.2": evidence_validity,
    "2.3": live_proof_comparison,
    "2.4": competence_retest,
    "2.5": burst_closure,
    "3.1": closure_gate_register,
    "3.2": closure_comparison,
    "3.3": closure_experience,
    "3.4": closure_decisions,
    "3.5": executive_closure,
    "5": early_warnings,
    "6": escalation_watch,
}
"""The control of each number that a job's YAML may name under `control:`."""

__all__ = ["CONTROLS", "Control", "Figure", "Judged", "Lists", "Remembered", "active_people"]
