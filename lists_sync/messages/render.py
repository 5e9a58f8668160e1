"""Fills an escalation's message and card from its facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lists_sync.messages.cards import Story, card_json
from lists_sync.messages.text import GENERAL, Templates, load_templates
from lists_sync.messages.words import by_words, clean, day_words, due_words, late_words, moment_words
from lists_sync.model import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from lists_sync.messages.links import Links
    from lists_sync.model import Escalation

LINES_COUNT = 10
_BURST = "{burst}"
"""Stands in a filter for the burst that the figures are of."""
_LOOK: dict[str, tuple[str, dict[str, str]]] = {
    # Result columns only: they keep our names in a provider's own list too.
    "deadline-status-overdue-high-risk": ("actions", {"HighRiskOverdue": "1"}),
    "deadline-status-digest": ("actions", {"DeadlineState": "Overdue"}),
    "deadline-integrity-defects": (
        "actions",
        {"IntegrityDefects": "Mismatched deadline;#Missing evidence due date;#Inactive owner"},
    ),
    "slippage-review-recovery": ("actions", {"SlippageBand": "Missed 24 h or more"}),
    "workload-rebalance-pressure": ("managers", {"LoadState": "Above;#No capacity"}),
    "deadline-challenge-high-risk": ("actions", {"HighRiskOverdue": "1"}),
    "burst-sample-balance": ("burst_samples", {"BurstId": _BURST}),
    "evidence-validity-invalid": ("burst_samples", {"BurstId": _BURST, "Verdict": "Invalid"}),
    "evidence-validity-overdue": ("burst_samples", {"BurstId": _BURST, "Verdict": "Review overdue"}),
    "live-proof-revisit": ("burst_samples", {"BurstId": _BURST}),
    "live-proof-missing": ("burst_samples", {"BurstId": _BURST}),
    "competence-retest-supervision": ("retests", {}),
    "competence-retest-overdue": ("burst_samples", {"Verdict": "Invalid"}),
    "burst-closure-residual": ("burst_samples", {"Verdict": "Awaiting review;#Review overdue;#Invalid"}),
    "burst-closure-reinstated": ("closure_reviews", {"SystemDecision": "Reinstated"}),
    "closure-comparison-reduction": ("closure_comparison", {"Flagged": "1"}),
    "closure-experience-not-fallen": ("closure_experience", {"NotFallen": "1"}),
    "closure-decisions-breach": ("closure_reviews", {"GateOutcome": "Auto-deferred"}),
    "closure-decisions-settled": ("actions", {"GateOutcome": "Auto-deferred"}),
    "executive-closure-blocked": ("closure_holds", {"Kind": "Closure update blocked"}),
    "executive-closure-update": ("executive_closure_control", {}),
}


@dataclass(frozen=True)
class Line:
    """One line of a message, in words; every value is cleaned.

    Args:
        late: how late, "" where it is not known.
        defects: words of ours, joined, "" for none.
        url: the item's address, "" where its id is not known.
    """

    ref: str
    late: str
    due: str
    high: bool
    defects: str
    url: str


def render(
    escalation: Escalation,
    *,
    links: Links,
    zone: ZoneInfo,
    templates: Path,
    template: str = "",
) -> Escalation:
    """Give the escalation with its message and card.

    The template is the one given, else the one that `facts["template"]` names, else `<control>-<rule>`
    where there is one, else the general one.

    Raises:
        FileError: a template is missing or wrong.
        SettingsError: the card would name an address outside the configured sites.
    """
    loaded = load_templates(templates)
    name = template or str(escalation.facts.get("template") or "") or _own_name(escalation, loaded)
    facts = _facts(escalation, name, links, zone)
    message = _with_passed_over(loaded.fill(name, facts), escalation)
    story = Story(
        headline=message.split("\n", 1)[0],
        severity=escalation.severity,
        key=facts["key"],
        role=facts["role"],
        as_at=facts["as_at"],
        measures=facts["measures"] if _is_about_figures(escalation) else {},
        lines=facts["lines"],
        total=facts["total"],
        urls=_buttons(facts),
    )
    return replace(escalation, message=message, card=card_json(story, hosts=links.hosts))


def _with_passed_over(message: str, escalation: Escalation) -> str:
    """Say, under its first line, why a message comes to a role that was not the first to be asked."""
    if not escalation.passed_over:
        return message
    first, _, rest = message.partition("\n")
    roles = " or ".join(clean(role) for role in escalation.passed_over)
    return f"{first}\nNobody active holds the role {roles}, so this comes to you.\n{rest}"


def _is_about_figures(escalation: Escalation) -> bool:
    """Whether the reader needs the job's figures: one who must act on a single line needs that line."""
    return escalation.facts.get("limit") is not None or escalation.severity is Severity.INFORMATION


def _own_name(escalation: Escalation, templates: Templates) -> str:
    name = f"{escalation.control}-{escalation.rule}".replace("_", "-")
    return name if name in templates.names else GENERAL


def _facts(escalation: Escalation, name: str, links: Links, zone: ZoneInfo) -> dict[str, Any]:
    """Give what a template may name (text.NAMES)."""
    given = escalation.facts
    moment = _instant(given.get("moment")) or escalation.raised_at
    act_by = escalation.act_by
    lines = [_line(row, links, zone) for row in given.get("lines", ())]
    total = max(int(given.get("total") or 0), len(lines))
    original = str(given.get("original") or escalation.key)
    list_key, filters = _LOOK.get(name, ("escalations", {"EscalationKey": original}))
    filters = _of_burst(filters, given.get("measures") or {})
    uk = "UK time" if zone.key == "Europe/London" else zone.key
    since, slot = _instant(given.get("since")), _instant(given.get("slot"))
    meeting = _instant(given.get("meeting"))
    return {
        "about": clean(str(given.get("about") or "").replace("-", " ")),
        "asked": clean(given.get("asked")),
        "act_by": moment_words(act_by, zone) if act_by else "",
        "as_at": f"{moment_words(moment, zone)}, {uk}",
        "by": by_words(act_by, moment, zone),
        "control": clean(escalation.control.replace("-", " ")),
        "copy": ", ".join(clean(role) for role in escalation.copy_roles),
        "count": given.get("count"),
        "escalation_url": links.view("escalations", {"EscalationKey": escalation.key}),
        "item_url": lines[0].url if lines else "",
        "key": clean(escalation.key, 255),
        "limit": given.get("limit"),
        "lines": lines[:LINES_COUNT],
        "measures": _measures(given.get("measures") or {}),
        "meeting": f"{meeting.astimezone(zone):%H:%M}" if meeting else "",
        "more": max(0, total - LINES_COUNT),
        "ref": lines[0].ref if lines else ", ".join(clean(ref) for ref in escalation.refs[:1]),
        "refs": _refs_words(escalation.refs),
        "role": clean(escalation.to_role),
        "severity": escalation.severity.upper(),
        "since": moment_words(since, zone) if since and since < moment else "",
        "slot": moment_words(slot, zone) if slot else "",
        "step": escalation.step,
        "today": day_words(moment.astimezone(zone).date()),
        "told": _told(escalation.people),
        "total": total,
        "unusable": int(given.get("unusable") or 0),
        "view_url": links.view(list_key, filters),
    }


def _of_burst(filters: Mapping[str, str], measures: Mapping[str, Any]) -> dict[str, str]:
    """Fill in the burst that the figures are of; without one the list is shown whole."""
    burst = measures.get("BurstId")
    filled = {column: str(burst) if word == _BURST else word for column, word in filters.items()}
    return {column: word for column, word in filled.items() if burst or filters[column] != _BURST}


def _refs_words(refs: tuple[str, ...]) -> str:
    """Name the first references, and how many more there are."""
    told = ", ".join(clean(ref) for ref in refs[:LINES_COUNT])
    return f"{told} and {len(refs) - LINES_COUNT} more" if len(refs) > LINES_COUNT else told


def _told(people: tuple[str, ...]) -> str:
    """Name all who are told where they are several; one alone stands in the row's own column."""
    return ", ".join(clean(name) for name in people) if len(people) > 1 else ""


def _line(row: Mapping[str, Any], links: Links, zone: ZoneInfo) -> Line:
    item_id = row.get("id")
    return Line(
        ref=clean(row.get("ref")) or (f"#{item_id}" if item_id is not None else "no reference"),
        late=late_words(row.get("hours_overdue")),
        due=due_words(row.get("due"), zone),
        high=bool(row.get("high")),
        defects=", ".join(clean(word) for word in row.get("defects", ())),
        url=links.item("actions", int(item_id)) if item_id is not None and "actions" in links.lists else "",
    )


def _measures(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the measures that are figures; a text could be anybody's."""
    return {name: value for name, value in given.items() if value is None or isinstance(value, int | float)}


def _instant(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    return datetime.fromisoformat(str(value)) if value else None


def _buttons(facts: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    buttons = [("Open the escalation", facts["escalation_url"])]
    if facts["item_url"]:
        buttons.append(("Open the first line", facts["item_url"]))
    if facts["view_url"] != facts["escalation_url"]:
        buttons.append(("See the filtered list", facts["view_url"]))
    return tuple(buttons)
