from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest

from lists_sync.errors import SettingsError
from lists_sync.messages import Links
from lists_sync.messages.cards import Story, card_json
from lists_sync.messages.check import SIZE_LIMIT_BYTES, faults, size_bytes
from lists_sync.messages.render import Line
from lists_sync.messages.words import clean, due_words, figure, measure_words
from lists_sync.model import Severity

HOST = "rosewood.sharepoint.com"
SITE = f"https://{HOST}/sites/governance"


def line(ref="WN-014/03", **other):
    given = {"late": "5 hours overdue", "due": "due Friday 20 November 2026", "high": True, "defects": ""}
    return Line(ref=ref, url=f"{SITE}/Lists/A/DispForm.aspx?ID=3", **{**given, **other})


def card(*lines, severity=Severity.CRITICAL, total=None, urls=(("Open", SITE),), hosts=frozenset({HOST})):
    story = Story(
        headline="Please act on WN-014/03 by 18:00 today.",
        severity=severity,
        key="overdue-high-risk/WN-014/03/2026-11-20",
        role="Registered Manager",
        as_at="08:15 on Monday 23 November 2026, UK time",
        measures={"OverdueHighRisk": 5},
        lines=lines,
        total=len(lines) if total is None else total,
        urls=urls,
    )
    return json.loads(card_json(story, hosts=hosts))


def walk(value):
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def test_a_value_of_a_list_stands_in_text_runs_only():
    """What somebody typed as a reference is never where markdown is read."""
    made = card(line(ref="[x](https://evil) *urgent*"))
    holders = [part["type"] for part in walk(made) if "evil" in str(part.get("text", ""))]
    assert holders == ["TextRun"]


def test_severity_stands_in_words_on_a_coloured_container():
    """The severity is read, not only seen."""
    head = card(line())["body"][0]
    assert head["style"] == "attention"
    assert head["items"][0]["inlines"][0]["text"] == "CRITICAL"


def test_a_card_declares_what_teams_shows():
    """A card says version 1.4, full width, and a text for clients that cannot show it."""
    made = card(line(), line())
    assert made["version"] == "1.4"
    assert made["msteams"] == {"width": "Full"}
    assert made["fallbackText"] == "CRITICAL: 2 lines. See Escalations."


def test_lines_left_out_are_counted():
    """A card says how many lines it does not show."""
    assert card(*[line()] * 10, total=14)["body"][-1]["text"] == "and 4 more"


def test_three_buttons_at_most():
    """A card has three buttons at most."""
    assert len(card(urls=[("Open", SITE)] * 5)["actions"]) == 3


def test_a_card_fits_even_with_the_longest_values():
    """Lines are left out, and counted, until Teams takes the card."""
    made = card(*[line(ref="\N{PILE OF POO}" * 120, defects="é" * 120)] * 10)
    assert size_bytes(made) <= SIZE_LIMIT_BYTES
    assert made["body"][-1]["text"].endswith("more")


def test_an_address_elsewhere_is_refused():
    """A card never leads out of the configured sites."""
    with pytest.raises(SettingsError, match="outside the configured sites"):
        card(urls=[("Open", "https://evil.example/")])


def test_plain_http_is_for_the_embedded_workspace():
    """An address that is not https is refused, but for the workspace on this machine."""
    assert card(urls=[("Open", "http://127.0.0.1:8000/x")], hosts=frozenset({HOST, "127.0.0.1"}))
    with pytest.raises(SettingsError, match="not https"):
        card(urls=[("Open", f"http://{HOST}/x")])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "1.5"}, "version"),
        ({"body": []}, "no body"),
        ({"body": [{"type": "Table"}]}, "body[0]"),
        ({"actions": [{"type": "Action.Submit"}]}, "actions[0]"),
        ({"actions": [{"type": "Action.OpenUrl", "url": "javascript:alert(1)"}]}, "not https"),
        ({"actions": [{"type": "Action.OpenUrl", "url": f"https://a@{HOST}/"}]}, "outside"),
        ({"actions": [{"type": "Action.OpenUrl", "url": SITE}] * 7}, "7 actions"),
        ({"body": [{"type": "TextBlock", "text": "x" * 20_000}]}, "bytes"),
        ({"fallbackText": ""}, "cannot show"),
        ({"speak": "hello"}, "speak"),
    ],
)
def test_the_checker_names_each_fault(change, said):
    """What Teams would drop in silence is told in a sentence."""
    assert any(said in fault for fault in faults({**card(line()), **change}, hosts=frozenset({HOST})))


def test_clean_keeps_a_proper_reference():
    """An ordinary reference is not altered."""
    assert clean("WN-014/03 (Ávila & Søn)") == "WN-014/03 (Ávila & Søn)"


def test_clean_drops_tags_that_hide_in_tags():
    """A tag that appears only once another was dropped is dropped as well."""
    assert "<at" not in clean("<<at>at>Everyone</<at>at>").lower()


def test_clean_clips_long_values():
    """A value is clipped to 120 characters, with a sign that it was."""
    assert clean("x" * 500) == "x" * 119 + "…"


def test_words_for_measures_and_figures():
    """Measures are named in words, and figures have one decimal, halves away from zero."""
    assert measure_words("OverdueHighRisk") == "Overdue high risk"
    assert measure_words("DueWithin48h") == "Due within 48 h"
    assert measure_words("Missed24hOrMore") == "Missed 24 h or more"
    values = (86.95, -0.25, 3.0, 0, None)
    assert [figure(value) for value in values] == ["87", "-0.3", "3", "0", "not available"]


def test_a_day_has_no_time():
    """A value at local midnight is a day, in summer as well."""
    assert due_words("2026-07-05T23:00:00Z", ZoneInfo("Europe/London")) == "due Monday 6 July 2026"


def test_a_list_outside_its_site_is_refused():
    """An address that the service tells is held to the configured site."""
    with pytest.raises(SettingsError, match="does not lie under"):
        Links.under({"actions": SITE}, {"actions": f"https://{HOST}/sites/other/Lists/A"})


def test_only_the_part_below_the_site_is_taken():
    """Host and site of a link are those of the configuration, whatever the service says."""
    links = Links.under({"evidence": SITE}, {"evidence": "https://evil.example/sites/governance/Evidence"},
                        libraries=frozenset({"evidence"}))  # fmt: skip
    assert links.item("evidence", 7) == f"{SITE}/Evidence/Forms/DispForm.aspx?ID=7"
