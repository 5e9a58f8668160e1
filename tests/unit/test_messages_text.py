from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from lists_sync.errors import FileError
from lists_sync.messages import Links, render
from lists_sync.messages.text import LINE_NAMES, MESSAGE_LIMIT_COUNT, NAMES, load_templates
from lists_sync.model import Escalation, Severity
from lists_sync.shipped import shipped

if TYPE_CHECKING:
    from pathlib import Path

LONDON = ZoneInfo("Europe/London")
SITE = "https://rosewood.sharepoint.com/sites/governance"
LINKS = Links({"actions": f"{SITE}/Lists/Enforcement%20actions", "escalations": f"{SITE}/Lists/Escalations"})
DIGEST = {"LiveLines": 120, "DueWithin48h": 9, "Overdue": 14, "OverdueHighRisk": 5, "EvidenceOverdue": None}


def line(number: int, **other):
    return {
        "ref": f"WN-014/{number:02d}",
        "id": number,
        "due": "2026-11-20T00:00:00Z",
        "hours_overdue": 80.0 - number,
        "high": number < 3,
        "owner": "sam.okafor@rosewood.example",
        "service": "Elm House",
        **other,
    }


def escalation(control="deadline-status", rule="overdue-high-risk", **given):
    facts = {"measures": {}, "lines": [], "moment": "2026-11-23T08:15:00Z", **given.pop("facts", {})}
    values = {
        "key": f"{control}/{rule}/2026-11-23T08:15Z",
        "severity": Severity.CRITICAL,
        "raised_at": datetime(2026, 11, 23, 8, 15, tzinfo=UTC),
        "act_by": datetime(2026, 11, 23, 18, tzinfo=UTC),
        "to_role": "Registered Manager",
        "to_person": "sam.okafor@rosewood.example",
        "people": ("Sam Okafor",),
        **given,
    }
    return Escalation(control=control, rule=rule, facts=facts, **values)


def told(templates: Path | None = None, **given) -> str:
    return render(
        escalation(**given), links=LINKS, zone=LONDON, templates=templates or shipped("templates")
    ).message


def digest(**facts) -> str:
    given = {"measures": DIGEST, **facts}
    return told(rule="digest", severity=Severity.INFORMATION, act_by=None, facts=given)


def test_the_first_line_says_what_is_asked_and_by_when():
    """A manager who reads one line knows which action to act on and by when."""
    first = told(facts={"lines": [line(1)]}).splitlines()[0]
    assert first == (
        "Please act on WN-014/01 by 18:00 today, Monday 23 November 2026: it is high-risk and overdue."
    )


def test_times_are_local_in_summer():
    """In British summer time the reader sees the time on the wall."""
    summer = datetime(2026, 7, 6, 7, 15, tzinfo=UTC)
    message = told(
        raised_at=summer,
        act_by=datetime(2026, 7, 6, 17, tzinfo=UTC),
        facts={"moment": "2026-07-06T07:15:00Z", "lines": [line(1)]},
    )
    assert "by 18:00 today, Monday 6 July 2026" in message
    assert "As at 08:15 on Monday 6 July 2026, UK time" in message


def test_the_recovery_review_is_asked_for_at_its_time():
    """The recovery review is held at a time on the next working day, told as tomorrow."""
    message = told(
        control="slippage-review",
        rule="recovery",
        act_by=datetime(2026, 11, 24, 9, tzinfo=UTC),
        facts={
            "count": 3,
            "limit": 3,
            "measures": {"Missed24hOrMore": 4, "MissedUnder24h": 1, "ClosedOnSchedule": 2},
        },
    )
    assert message.startswith(
        "Please hold the mandatory recovery review at 09:00 tomorrow, Tuesday 24 November 2026: "
        "3 severe misses in this closing cycle"
    )


def test_ten_lines_and_the_rest_as_a_number():
    """A message shows ten lines, then how many more there are."""
    message = digest(lines=[line(number) for number in range(1, 15)])
    assert message.count("DispForm.aspx") == 10
    assert "and 4 more" in message
    assert "WN-014/11" not in message


def test_the_digest_names_its_meeting_until_that_begins():
    """The headline names the meeting that is still to come, in local time, and otherwise only the day."""
    headline = digest(meeting="2026-11-23T08:45:00Z").splitlines()[0]
    assert headline.startswith(
        "For the 08:45 meeting today, Monday 23 November 2026: decide on 14 overdue lines"
    )
    late = digest(meeting=None)
    assert late.startswith("For today, Monday 23 November 2026: decide on 14 overdue lines")
    assert "meeting" not in late


def test_the_digest_says_nothing_is_overdue():
    """With nothing overdue the headline tells what is due soon."""
    told = digest(measures={**DIGEST, "Overdue": 0}, meeting="2026-11-23T08:45:00Z").splitlines()[0]
    assert told.startswith(
        "For the 08:45 meeting today, Monday 23 November 2026: nothing is overdue, 9 lines due"
    )


def test_a_recovery_review_tells_since_when_it_is_called_for():
    """A threshold that stood at the reviews before says since which."""
    facts = {
        "template": "slippage-review-recovery",
        "measures": {"Missed24hOrMore": 5, "MissedUnder24h": 0, "ClosedOnSchedule": 1},
        "count": 3,
        "limit": 3,
        "since": "2026-11-20T17:00:00Z",
    }
    message = told(control="slippage-review", rule="recovery", facts=facts)
    assert "It has stood since 17:00 on Friday 20 November 2026." in message


def test_what_is_not_available_is_said():
    """A measure that could not be had is told in words, never as a nought."""
    assert "Evidence overdue: not available" in digest()


def test_all_who_are_told_are_named_where_they_are_several():
    """One recipient stands in the row's own column; of several, the message names each."""
    alone = told(people=("Amara Nwosu",), facts={"lines": [line(1)]})
    several = told(people=("Amara Nwosu", "Sam <at>Okafor</at>"), facts={"lines": [line(1)]})

    assert "Nwosu" not in alone
    assert "Told: Amara Nwosu, Sam Okafor." in several


def test_nothing_overdue_is_only_known_where_values_cannot_be_used():
    """With a value that cannot be used, the digest says so, and claims no more than is known."""
    message = digest(measures={**DIGEST, "Overdue": 0, "OverdueHighRisk": 0}, unusable=2)

    assert "nothing is known to be overdue" in message
    assert "values that cannot be used, on 2 items" in message


def test_no_owner_of_a_line_is_named():
    """The text names roles, and not whose the lines are."""
    message = digest(lines=[line(1)])
    assert "Okafor" not in message
    assert "rosewood.example" not in message


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0.5, "less than an hour overdue"), (1.2, "1 hour overdue"), (47.9, "47 hours overdue"),
     (48, "2 days overdue"), (80, "3 days overdue")],
)  # fmt: skip
def test_lateness_in_hours_then_days(hours, words):
    """Up to two days lateness is told in hours, then in whole days."""
    assert f": {words}, due Friday 20 November 2026" in digest(lines=[line(1, hours_overdue=hours)])


def test_a_due_time_is_shown_where_there_is_one():
    """A due date with a time shows it, and one without shows the day alone."""
    assert "due 17:00 on Friday 20 November 2026" in digest(lines=[line(1, due="2026-11-20T17:00:00Z")])


def test_a_hostile_reference_stays_one_line_of_text():
    """Tags, hidden characters and line breaks typed into a reference do nothing in a message."""
    hostile = "<a\u200bt><at>Everyone</at>\n\n# Heading \u202e https://evil.example"
    message = told(facts={"lines": [line(1, ref=hostile)]})
    assert "<at" not in message
    assert "\u202e" not in message
    assert "https://evil" not in message
    assert not any(row.startswith("#") for row in message.splitlines())


def test_a_rule_without_a_template_has_the_general_one():
    """A control that brings no template of its own still says what it wants."""
    assert told(control="a-new-check", rule="step", step=2).startswith(
        "Please act on a new check by 18:00 today, Monday 23 November 2026: nobody acknowledged"
    )


def write(folder: Path, name: str, text: str) -> Path:
    (folder / f"{name}.txt.j2").write_text(text, encoding="utf-8")
    return folder


def test_an_unknown_name_is_refused_with_its_line(tmp_path):
    """A template that names something unknown is refused when it is loaded, with file and line."""
    write(tmp_path, "a", "Please act.\n{{ titel }}\n")
    with pytest.raises(FileError) as caught:
        load_templates(tmp_path)
    assert caught.value.problems[0].where == f"{tmp_path.name}/a.txt.j2:2"


def test_all_faults_are_told_at_once(tmp_path):
    """Every fault of every template is told together, so that one round mends them."""
    write(tmp_path, "a", "{{ titel }}\n{% for x in lines %}{{ x.title }}{% endfor %}")
    write(tmp_path, "b", "one\n{% if %}")
    with pytest.raises(FileError) as caught:
        load_templates(tmp_path)
    assert [problem.where.split("/")[1] for problem in caught.value.problems] == [
        "a.txt.j2:1", "a.txt.j2:2", "b.txt.j2:2"
    ]  # fmt: skip


def test_a_measure_that_the_job_lacks_is_refused_with_its_line(tmp_path):
    """A measure that the job does not have is told with file and line, and nothing is sent."""
    write(tmp_path, "escalation", "Act.\n\n{{ measures.Nope }}")
    with pytest.raises(FileError, match=r"escalation\.txt\.j2:3"):
        told(templates=tmp_path)


def test_a_changed_template_is_read_again(tmp_path):
    """A provider's edit counts from the next message on."""
    write(tmp_path, "escalation", "One.")
    assert told(templates=tmp_path) == "One.\n"
    write(tmp_path, "escalation", "Another.")
    assert told(templates=tmp_path) == "Another.\n"


def test_a_message_fits_its_column(tmp_path):
    """However long a template makes it, a message fits the column and says that it was shortened."""
    write(tmp_path, "escalation", "{% for i in 'x' * 9000 %}0123456789{% endfor %}")
    message = told(templates=tmp_path)
    assert len(message) <= MESSAGE_LIMIT_COUNT
    assert message.endswith("(This message was shortened.)\n")


def test_a_template_cannot_reach_into_python(tmp_path):
    """A template is text with facts: it reaches nothing else of the machine."""
    write(tmp_path, "escalation", "{{ ''.__class__.__mro__ }}")
    with pytest.raises(FileError):
        told(templates=tmp_path)


def test_every_name_is_documented():
    """The page beside the templates tells every name that one may use."""
    page = (shipped("templates") / "README.md").read_text(encoding="utf-8")
    assert not [name for name in sorted(NAMES | LINE_NAMES) if f"`{name}`" not in page]
