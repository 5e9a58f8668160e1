"""Posts to Teams: one a recipient and run, and beyond twenty one a role."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from lists_sync.messages.check import faults
from lists_sync.messages.digest import POSTS_COUNT, posts
from lists_sync.messages.links import Links
from lists_sync.model import Escalation, Severity

ZONE = ZoneInfo("Europe/London")
MOMENT = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
SITE = "https://rosewood.sharepoint.com/sites/governance"
LINKS = Links.under({"escalations": SITE}, {"escalations": f"{SITE}/Lists/Escalations"})
ONE = Escalation(
    key="overdue-high-risk/WN-1/2026-11-20",
    control="deadline-status",
    rule="overdue-high-risk",
    severity=Severity.CRITICAL,
    raised_at=MOMENT,
    act_by=MOMENT + timedelta(hours=9),
    to_role="Action Owner",
    to_person="ada@rosewood.example",
    refs=("WN-1",),
    message="Please act on WN-1 by 18:00 today: it is high-risk and overdue.\nMore.\n",
    card=json.dumps({"type": "AdaptiveCard", "version": "1.4"}),
)


def _many(count, **values):
    return [replace(ONE, key=f"k/{n:03d}", refs=(f"WN-{n}",), **values) for n in range(count)]


def _posts(raised):
    return posts(raised, links=LINKS, zone=ZONE, moment=MOMENT)


def _words(card):
    return [run["text"] for run in _runs(card["body"])]


def _runs(blocks):
    for block in blocks:
        yield from block.get("inlines", [])
        if block["type"] == "TextBlock":
            yield block
        yield from _runs(block.get("items", []))


def test_one_escalation_is_posted_as_its_own_card():
    """A recipient with one matter gets the card of its row."""
    (post,) = _posts([ONE])
    assert (post.role, post.keys) == ("Action Owner", (ONE.key,))
    assert post.card == json.loads(ONE.card)


def test_several_for_one_recipient_are_one_post():
    """Twelve matters of one owner are one card: ten lines, and how many more there are."""
    (post,) = _posts(_many(12))
    words = _words(post.card)
    assert words[1] == "Please act on 12 matters, the first by 17:15 today, Monday 23 November 2026."
    assert sum(word.startswith("WN-") for word in words) == 10
    assert "and 2 more" in words
    assert faults(post.card, hosts=LINKS.hosts) == []


def test_two_people_of_one_role_get_a_post_each():
    """A recipient is a role and a person."""
    other = replace(ONE, key="b", to_person="ben@rosewood.example")
    assert len(_posts([ONE, other])) == 2


def test_at_most_twenty_posts_a_run_then_one_a_role():
    """Twenty recipients get their own post; with one more each role gets a digest."""
    people = [replace(ONE, key=f"{n}", to_person=f"p{n:02d}@rosewood.example") for n in range(POSTS_COUNT)]
    assert len(_posts(people)) == POSTS_COUNT
    more = [*people, replace(ONE, key="x", to_role="Clinical Lead", to_person="cl@rosewood.example")]
    found = _posts(more)
    assert [(post.role, len(post.keys)) for post in found] == [("Action Owner", 20), ("Clinical Lead", 1)]


def test_the_most_severe_comes_first():
    """What is critical is told before a warning, and a message for information comes last."""
    warning = replace(ONE, key="w", severity=Severity.WARNING, to_role="Operations Manager")
    told = replace(ONE, key="i", severity=Severity.INFORMATION, act_by=None, to_role="Provider Director")
    assert [post.role for post in _posts([told, warning, ONE])] == [
        "Action Owner",
        "Operations Manager",
        "Provider Director",
    ]


def test_information_alone_asks_for_nothing():
    """Two messages for information say so, and name no time to act."""
    told = [
        replace(one, severity=Severity.INFORMATION, act_by=None) for one in _many(2, to_role="Deputy Manager")
    ]
    (post,) = _posts(told)
    assert _words(post.card)[1] == "For your information: 2 messages."


def test_list_text_cannot_become_markdown():
    """What came from a list stands in a TextRun."""
    (post,) = _posts([replace(one, refs=("[x](https://evil.example)",)) for one in _many(2)])
    own = [block for block in _runs(post.card["body"]) if block["type"] == "TextBlock"]
    assert all("evil" not in block["text"] for block in own)
    assert any("evil" in block["text"] for block in _runs(post.card["body"]) if block["type"] == "TextRun")
