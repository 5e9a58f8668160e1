"""What owners, the panel and those who hear complaints do, before and after controls 3.1 to 3.5."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from lists_sync.sample.acts_deadlines import MONDAY, THURSDAY, TUESDAY, WEDNESDAY
from lists_sync.sample.days import written
from lists_sync.sample.scene import Act, Edit, Row, Rows, Scene, Workspace, closing, live, typed

_APPROVED, _DEFERRED, _REJECTED = "Approved", "Deferred", "Rejected"
_PROPOSED = "Proposed for closure"
_ELIGIBLE, _AUTO_DEFERRED, _TO_DECIDE = "Eligible", "Auto-deferred", "Panel to decide"
_FIRST_BATCH_COUNT = 7
_FALLS = "complaints not falling"


def acts(scene: Scene) -> Iterator[Act]:
    """Yield the day's acts; the panel sits on review days only."""
    yield from _complaints(scene)
    yield from _proposals(scene)
    if scene.panel is not None:
        yield from (_first_panel, _second_panel, _third_panel)[scene.panel % 3](scene)


def _complaints(scene: Scene) -> Iterator[Act]:
    if scene.chapter == MONDAY:
        yield scene.act("14:10", "nora.quigley", "closes the complaint that has waited longest", _answered)
    if scene.chapter == TUESDAY:
        yield scene.act("09:35", "nora.quigley", "enters two complaints, one about falls", _arrive(scene))
    if scene.chapter == THURSDAY:
        yield scene.act(
            "10:18", "nora.quigley", "finds that one about falls is about the lift", _is_another(scene)
        )


def _proposals(scene: Scene) -> Iterator[Act]:
    if scene.chapter in {TUESDAY, THURSDAY}:
        yield scene.act("15:20", "ben.thackray", "proposes three lines for closure", _propose(3))
    if scene.chapter == WEDNESDAY:
        yield scene.act(
            "14:40", "callum.reyes", "proposes a line as fully resolved", _propose(1, overstated=True)
        )


def _first_panel(scene: Scene) -> Iterator[Act]:
    """Approve the most that can be approved, one without any proof, and one in the evening under a hold."""
    yield scene.act("10:40", "amara.nwosu", "approves eight closures, one without any proof", _approve_first)
    yield scene.act("10:55", "amara.nwosu", "rejects one proposal and defers one", _turn_down(2))
    yield scene.act("11:50", "The owners", "close four of the lines approved", _close_approved(4))
    yield from _put_back(scene)
    yield scene.act("16:05", "mei.tanaka", "defers one for the panel and forgets to say when", _defer_untimed)
    yield scene.act("18:25", "rhys.morgan", "approves a closure while approvals are suspended", _approve_late)


def _second_panel(scene: Scene) -> Iterator[Act]:
    """Decide all that is open, but for the line whose complaints do not fall."""
    return _panel(scene, but=scene.parts[_FALLS])


def _third_panel(scene: Scene) -> Iterator[Act]:
    """Decide all that is open."""
    return _panel(scene, but=[])


def _panel(scene: Scene, but: list[str]) -> Iterator[Act]:
    yield scene.act("10:05", "nora.quigley", "records the outside views on new proposals", _assure)
    yield scene.act("10:40", "amara.nwosu", "approves what is eligible", _approve(but))
    yield scene.act("10:55", "amara.nwosu", "defers or rejects what is not", _turn_down(99, but))
    yield scene.act("11:50", "The owners", "close what was approved", _close_approved(99))
    yield from _put_back(scene)


def _put_back(scene: Scene) -> Iterator[Act]:
    for at in ("11:55", "16:55"):
        yield scene.act(at, "leah.whitcombe", "sends back what the panel did not approve", _send_back)


def _answered(rows: Rows, now: datetime) -> Workspace:
    waiting = [row for row in rows("complaints") if row.get("State") == "Open" and row.get("ReceivedOn")]
    longest = sorted(waiting, key=lambda row: (row["ReceivedOn"], row["id"]))[:1]
    today = now.date().isoformat()
    return typed(complaints=[{"id": row["id"], "State": "Closed", "ClosedOn": today} for row in longest])


def _arrive(scene: Scene) -> Edit:
    def edit(rows: Rows, now: datetime) -> Workspace:
        count = len(rows("complaints"))
        service = {row["ActionRef"]: row.get("Service") for row in rows("actions") if "ActionRef" in row}
        about = ({"RiskTheme": "Falls", "ActionRef": scene.parts[_FALLS][0]}, {"RiskTheme": "Medicines"})
        return typed(
            complaints=[
                {
                    "ComplaintRef": f"C-{now.year}-{count + place:03d}",
                    "Service": service.get(scene.parts[_FALLS][0]),
                    "ReceivedOn": now.date().isoformat(),
                    "State": "Open",
                }
                | one
                for place, one in enumerate(about, start=1)
            ]
        )

    return edit


def _is_another(scene: Scene) -> Edit:
    """Give the newest complaint about falls another theme, and no line."""

    def edit(rows: Rows, _now: datetime) -> Workspace:
        falls = [row for row in rows("complaints") if row.get("ActionRef") in scene.parts[_FALLS]]
        other = {"RiskTheme": "Fire safety", "ActionRef": None}
        return typed(complaints=[{"id": row["id"]} | other for row in falls[-1:]])

    return edit


def _propose(count: int, *, overstated: bool = False) -> Edit:
    """Give the proposal of lines in progress whose evidence is valid and that never were before a panel.

    Args:
        overstated: the line is called fully resolved although its failure rate has hardly moved.
    """
    share = 0.9 if overstated else 0.4

    def edit(rows: Rows, _now: datetime) -> Workspace:
        known = {row.get("ActionRef") for row in rows("closure_reviews")}
        ripe = [row for row in live(rows) if _is_ripe(row) and row.get("ActionRef") not in known]
        claim = "Fully resolved" if overstated else "Partly resolved"
        proposed = [
            {
                "id": row["id"],
                "Status": _PROPOSED,
                "ResolutionClaim": claim,
                "CurrentFailureRate": round(share * row["BaselineFailureRate"]),
                "CurrentRiskScore": max(1, row["BaselineRiskScore"] // 2),
            }
            for row in ripe[:count]
        ]
        return typed(actions=proposed)

    return edit


def _is_ripe(row: Row) -> bool:
    known = row.get("BaselineFailureRate") and row.get("BaselineRiskScore", 0) > 1
    return bool(known) and row.get("Status") == "In progress" and row.get("EvidenceState") == "Valid"


def _assure(rows: Rows, _now: datetime) -> Workspace:
    """Record an outside view and the risk that remains on open reviews that have neither."""
    new = [row for row in rows("closure_reviews") if not _decision(row) and "ExternalAssurance" not in row]
    views = ("Family feedback", "Commissioner visit", "Advocate")
    return typed(
        closure_reviews=[
            {
                "id": row["id"],
                "ExternalAssurance": views[place % 3],
                "ResidualRisk": ("Low", "Medium")[place % 2],
            }
            for place, row in enumerate(new)
        ]
    )


def _open(rows: Rows, outcome: str = "") -> list[Row]:
    """Give the reviews without a decision, of those that the gate has put so."""
    reviews = rows("closure_reviews")
    return [
        row
        for row in reviews
        if not row.get("PanelDecision")
        and not row.get("SystemDecision")
        and row.get("GateOutcome")
        and outcome in {"", row["GateOutcome"]}
    ]


def _decided(row: Row, decision: str, now: datetime, *, forgets: bool = False) -> Row:
    reasons = {
        _APPROVED: "Accepted on the evidence set.",
        _DEFERRED: "More proof is wanted.",
        _REJECTED: "Weak evidence.",
    }
    when = {} if forgets else {"PanelDecidedAt": written(now)}
    return {"id": row["id"], "PanelDecision": decision, "PanelReason": reasons[decision]} | when


def _approve_first(rows: Rows, now: datetime) -> Workspace:
    chosen = _open(rows, _ELIGIBLE)[:_FIRST_BATCH_COUNT] + _open(rows, _AUTO_DEFERRED)[:1]
    return typed(closure_reviews=[_decided(row, _APPROVED, now) for row in chosen])


def _approve(but: Sequence[str]) -> Edit:
    def edit(rows: Rows, now: datetime) -> Workspace:
        chosen = [row for row in _open(rows, _ELIGIBLE) if row.get("ActionRef") not in but]
        return typed(closure_reviews=[_decided(row, _APPROVED, now) for row in chosen])

    return edit


def _turn_down(count: int, but: Sequence[str] = ()) -> Edit:
    """Give the rejection and the deferral, in turn, of reviews that the gate leaves to the panel."""

    def edit(rows: Rows, now: datetime) -> Workspace:
        chosen = [row for row in _open(rows, _TO_DECIDE) if row.get("ActionRef") not in but][:count]
        words = (_REJECTED, _DEFERRED)
        return typed(
            closure_reviews=[_decided(row, words[place % 2], now) for place, row in enumerate(chosen)]
        )

    return edit


def _defer_untimed(rows: Rows, now: datetime) -> Workspace:
    return typed(
        closure_reviews=[_decided(row, _DEFERRED, now, forgets=True) for row in _open(rows, _TO_DECIDE)[:1]]
    )


def _approve_late(rows: Rows, now: datetime) -> Workspace:
    return typed(closure_reviews=[_decided(row, _APPROVED, now) for row in _open(rows, _ELIGIBLE)[:1]])


def _close_approved(count: int) -> Edit:
    """Give the closing of proposed lines that were approved, each by its owner."""

    def edit(rows: Rows, now: datetime) -> Workspace:
        shut = _proposed(rows, _APPROVED)[:count]
        return typed(
            actions=[closing(row, now) | ({"Editor": row["Owner"]} if "Owner" in row else {}) for row in shut]
        )

    return edit


def _send_back(rows: Rows, _now: datetime) -> Workspace:
    """Mark what was deferred as such, and give what was rejected back to its owner."""
    found = [(row, "Deferred") for row in _proposed(rows, _DEFERRED)]
    found += [(row, "In progress") for row in _proposed(rows, _REJECTED)]
    return typed(actions=[{"id": row["id"], "Status": status} for row, status in found])


def _proposed(rows: Rows, decision: str) -> list[Row]:
    """Give the proposed lines whose latest review was decided so."""
    decided = {row.get("ActionRef"): _decision(row) for row in rows("closure_reviews")}
    proposed = [row for row in live(rows) if row.get("Status") == _PROPOSED]
    return [row for row in proposed if decided.get(row.get("ActionRef")) == decision]


def _decision(row: Row) -> str:
    return str(row.get("SystemDecision") or row.get("PanelDecision") or "")
