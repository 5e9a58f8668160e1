"""Hand what was raised to Teams: intention committed, call, answer committed, and told on the row.

A post has no key by which it could be looked up. So what was never answered may be sent once more, and only
that; the reference in the card lets a reader see a repetition for what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from lists_sync.connect.teams import Posted
from lists_sync.messages.digest import Post, posts
from lists_sync.model import Answer, Answered, Change, Escalation, Severity
from lists_sync.outbox import TEAMS, Entry

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from lists_sync.connect.teams import Teams
    from lists_sync.messages.links import Links
    from lists_sync.model import Snapshot
    from lists_sync.outbox import Outbox
    from lists_sync.write import Writer

TRIES_COUNT = 2
"""How often an escalation is handed over at most, where the first time was refused or never answered."""

FAILURES_COUNT = 2
"""After how many posts in a row that nobody took a run tries no further."""


RETRY_FOR = timedelta(days=1)
"""How long after it was raised the watch still hands over what nobody took."""
_TOLD = ("EscalationKey", "Control", "Severity", "ToRole", "ToPerson", "ActionRefs", "Message", "Card")


@dataclass(frozen=True)
class Delivered:
    """What came of the posts of a run.

    Args:
        posts: how many a flow took.
        untaken: how many none took.
    """

    posts: int = 0
    untaken: int = 0

    @property
    def note(self) -> str:
        """Give one sentence where posts were not taken, "" otherwise."""
        if not self.untaken:
            return ""
        return (
            f"{self.untaken} of the posts to Teams could not be handed over; the rows in Escalations stand."
        )


def undelivered(
    snapshot: Snapshot, moment: datetime, *, control: str = ""
) -> tuple[tuple[Escalation, ...], dict[str, Answer]]:
    """Find the escalations of the last day that were not noted as handed over and that nobody took up yet.

    Args:
        control: the job whose escalations are looked at; "" for all.

    Returns:
        the escalations, with message and card as their rows hold them, and by key how each row stands.
    """
    rows = snapshot.frames["escalations"]
    since = pd.Timestamp(moment - RETRY_FOR)
    fresh = rows["DeliveredAt"].isna() & (rows["RaisedAt"] > since) & (rows["RaisedAt"] <= moment)
    if control:
        fresh &= rows["Control"] == control
    found = rows[fresh & (rows["Status"] == "Raised")].dropna(subset=["EscalationKey", "ToRole"])
    standing = {}
    waiting = []
    for id_, row in zip(found.index, found.to_dict("records"), strict=True):
        one = _escalation(row)
        waiting.append(one)
        change = Change("escalations", int(id_), one.key, {}, key=one.key)
        etag = snapshot.versions["escalations"][int(id_)]
        standing[one.key] = Answer(change, Answered.DONE, etag=etag, id=int(id_))
    return tuple(waiting), standing


def _escalation(row: Mapping[Any, Any]) -> Escalation:
    """Read an escalation back from its row, as far as a post tells of it."""
    words = {name: "" if pd.isna(row[name]) else str(row[name]) for name in _TOLD}
    severity = words["Severity"] if words["Severity"] in set(Severity) else Severity.WARNING
    return Escalation(
        key=words["EscalationKey"],
        control=words["Control"],
        rule="",
        severity=Severity(severity),
        raised_at=row["RaisedAt"].to_pydatetime(),
        act_by=None if pd.isna(row["ActBy"]) else row["ActBy"].to_pydatetime(),
        to_role=words["ToRole"],
        to_person=words["ToPerson"],
        refs=tuple(ref for ref in words["ActionRefs"].split(";") if ref),
        message=words["Message"],
        card=words["Card"],
    )


@dataclass(frozen=True)
class Courier:
    """Hands escalations over for one run, and notes it on their rows.

    Args:
        run: the run's number.
        moment: what the rows are told as DeliveredAt.
    """

    teams: Teams
    writer: Writer
    outbox: Outbox
    links: Links
    zone: ZoneInfo
    run: int
    moment: datetime

    def deliver(self, raised: Sequence[Escalation], rows: Mapping[str, Answer]) -> Delivered:
        """Post what this run raised, to the roles that have a webhook.

        Args:
            rows: by key: how the making of each row ended.
        """
        tries = self.outbox.posts([one.key for one in raised])
        done = [key for key, made in tries.items() if any(one.state == Answered.DONE for one in made)]
        wanted = [
            one
            for one in raised
            if self.teams.has(one.to_role)
            and one.key not in done
            and len(tries.get(one.key, ())) < TRIES_COUNT
        ]
        before = {key: hers[-1].reference for key, hers in tries.items()}
        made = posts(wanted, before, links=self.links, zone=self.zone, moment=self.moment)
        taken = self._hand_over_all(made)
        self._note([*done, *(key for post in taken for key in post.keys)], rows)
        return Delivered(len(taken), len(made) - len(taken))

    def _hand_over_all(self, made: Sequence[Post]) -> list[Post]:
        """Hand over one by one; where several in a row are not taken, leave the rest to the watch."""
        taken: list[Post] = []
        failed = 0
        for post in made:
            if failed == FAILURES_COUNT:
                break
            if self._hand_over(post):
                taken.append(post)
                failed = 0
            else:
                failed += 1
        return taken

    def _hand_over(self, post: Post) -> bool:
        body = {"keys": list(post.keys), "reference": post.reference}
        planned = [Entry(0, f"{TEAMS}{post.role}", None, key, "", body, "planned") for key in post.keys]
        entries = self.outbox.intend(self.run, planned)
        self.outbox.sending(entries)
        answer = self.teams.post(post.role, post.card)
        state = Answered.DONE if answer.posted is Posted.STARTED else Answered.REFUSED
        told = f"{answer.posted} {answer.detail}"
        self.outbox.answered(entries, [(state, told)] * len(entries))
        return answer.posted is Posted.STARTED

    def _note(self, keys: Sequence[str], rows: Mapping[str, Answer]) -> None:
        """Write on each row when it was handed over; one that somebody edited meanwhile is left alone."""
        changes = [
            Change("escalations", row.id, key, {"DeliveredAt": (None, self.moment)}, etag=row.etag)
            for key in keys
            if (row := rows.get(key)) is not None and row.id is not None and row.etag
        ]
        self.writer.write(self.run, changes)
