"""Posts to Teams: one a recipient and run, and beyond a number of them one a role.

A row of Escalations is one a condition; a channel that got one post a row would soon be read by nobody.

Source: controls.md section 6, posts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from lists_sync.messages.cards import Story, card_json
from lists_sync.messages.render import Line
from lists_sync.messages.words import by_words, clean, counted, moment_words
from lists_sync.model import Severity

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from lists_sync.messages.links import Links
    from lists_sync.model import Escalation

POSTS_COUNT = 20
"""Posts that one run makes at most; beyond that one a role."""
LINES_COUNT = 10
REFERENCE_LENGTH = 12
_RANK = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFORMATION: 2}


@dataclass(frozen=True)
class Post:
    """One post: to whom, for which escalations, and its card.

    Args:
        reference: tells two posts of the same card apart; it stands in the card.
    """

    role: str
    keys: tuple[str, ...]
    reference: str
    card: Mapping[str, Any]


def posts(
    raised: Sequence[Escalation],
    before: Mapping[str, str] | None = None,
    *,
    links: Links,
    zone: ZoneInfo,
    moment: datetime,
) -> tuple[Post, ...]:
    """Put what was raised in one run together into posts.

    Args:
        raised: with message and card.
        before: by key, of those that a post was to tell before: that post's reference. What was to be told
            together then is told together again, under the same reference, so that a reader who has seen it
            knows it.

    Returns:
        one post a recipient (role and person), most severe first; where that would be more than
        POSTS_COUNT, one a role. The posts that are made again come first.
    """
    known = {one.key: (before or {}).get(one.key, "") for one in raised}
    again = _grouped([one for one in raised if known[one.key]], lambda one: (one.to_role, known[one.key]))
    fresh = [one for one in raised if not known[one.key]]
    by_person = _grouped(fresh, lambda one: (one.to_role, one.to_person))
    groups = by_person if len(by_person) <= POSTS_COUNT else _grouped(fresh, lambda one: (one.to_role,))
    return tuple(
        _post(
            group,
            links=links,
            zone=zone,
            moment=moment,
            reference=known[group[0].key] or reference_of(one.key for one in group),
        )
        for group in (*again, *groups)
    )


def reference_of(keys: Iterable[str]) -> str:
    """Give the reference of a post that tells of these escalations: the same for the same ones."""
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()[:REFERENCE_LENGTH]


def _grouped(raised: Iterable[Escalation], whom: Any) -> list[tuple[Escalation, ...]]:
    ordered = sorted(raised, key=whom)
    groups = [tuple(sorted(group, key=_urgency)) for _, group in groupby(ordered, key=whom)]
    return sorted(groups, key=lambda group: (_urgency(group[0]), whom(group[0])))


def _urgency(one: Escalation) -> tuple[int, str, str]:
    by = one.act_by.isoformat() if one.act_by else "~"
    return _RANK[one.severity], by, one.key


def _post(
    group: tuple[Escalation, ...], *, links: Links, zone: ZoneInfo, moment: datetime, reference: str
) -> Post:
    first = group[0]
    keys = tuple(one.key for one in group)
    if len(group) == 1 and first.card:
        return Post(first.to_role, keys, reference, json.loads(first.card))
    asked = [one for one in group if one.act_by is not None]
    story = Story(
        headline=_headline(group, asked, moment, zone),
        severity=first.severity,
        key=f"post {reference}",
        role=clean(first.to_role),
        as_at=moment_words(moment, zone),
        measures={},
        lines=[_line(one, links, moment, zone) for one in group[:LINES_COUNT]],
        total=len(group),
        urls=[("See them all in Escalations", links.view("escalations", {"ToRole": first.to_role}))],
    )
    return Post(first.to_role, keys, reference, json.loads(card_json(story, hosts=links.hosts)))


def _headline(
    group: Sequence[Escalation], asked: Sequence[Escalation], moment: datetime, zone: ZoneInfo
) -> str:
    """Say how many matters ask something of the reader, and by when the first of them does."""
    if not asked:
        return f"For your information: {counted(len(group), 'message')}."
    soonest = min(one.act_by for one in asked if one.act_by)
    more = len(group) - len(asked)
    told = f" ({counted(more, 'message')} for information besides)" if more else ""
    return (
        f"Please act on {counted(len(asked), 'matter')}, the first {by_words(soonest, moment, zone)}{told}."
    )


def _line(one: Escalation, links: Links, moment: datetime, zone: ZoneInfo) -> Line:
    """Tell one escalation in a line: what it is about, and what its own first line asks."""
    first = one.message.partition("\n")[0]
    name = one.refs[0] if len(one.refs) == 1 else one.control.replace("-", " ")
    return Line(
        ref=clean(name),
        late=clean(first, 200),
        due=f"act {by_words(one.act_by, moment, zone)}" if one.act_by else "",
        high=False,
        defects="",
        url=links.view("escalations", {"EscalationKey": one.key}),
    )
