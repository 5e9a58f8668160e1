"""What `replay` prints: for people within 80 columns, for scripts as one JSON document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from lists_sync.cli.show import WIDTH
from lists_sync.clock import parse
from lists_sync.messages.words import clean, counted, figure, measure_words
from lists_sync.replay.compare import COMPARED, measures_differ

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from lists_sync.model import Escalation
    from lists_sync.replay.compare import Replayed, Tried
    from lists_sync.trail.runs import RunRow

LISTED_COUNT = 20
WORDS = {
    "snapshot": "what it had read",
    "outcome": "what it found",
    "plan": "what it meant to write",
    "missed": "the windows it found missed",
}


def replayed_json(replayed: Sequence[Replayed], passed: int) -> dict[str, Any]:
    """Give runs that were judged again for JSON."""
    runs = [
        {
            **_named(one.run),
            "same": one.same,
            "compared": {
                name: {
                    "noted": (one.run.content or {}).get(name),
                    "found": one.found.told[name],
                    "same": name not in one.differs,
                }
                for name in COMPARED
            },
            "measures": {name: _wire(value) for name, value in one.found.measures.items()},
            "measures_differ": {name: list(pair) for name, pair in measures_differ(one).items()},
            "notes": list(one.notes),
        }
        for one in replayed
    ]
    return {"same": all(one.same for one in replayed), "runs": runs, "passed_over": passed}


def tried_json(tried: Sequence[Tried], passed: int) -> dict[str, Any]:
    """Give what other files would have said for JSON."""
    runs = [
        {
            **_named(one.run),
            "differs": one.differs,
            "measures": {name: [_wire(then), _wire(other)] for name, (then, other) in one.measures.items()},
            "more": [_escalation(each) for each in one.more],
            "fewer": [_escalation(each) for each in one.fewer],
            "items": dict(one.items),
        }
        for one in tried
    ]
    return {"runs": runs, "passed_over": passed}


def print_replayed(replayed: Sequence[Replayed], passed: int, zone: ZoneInfo) -> None:
    """Print for each run whether it came out as noted; of one run alone the figures too."""
    for one in replayed:
        if len(replayed) == 1 or not one.same:
            typer.echo(_headed(one.run, zone))
            _print_one(one)
    same = sum(one.same for one in replayed)
    if len(replayed) > 1:
        typer.echo(f"{same} of {len(replayed)} runs came out as they were noted, byte for byte.")
    _print_passed(passed)


def _print_one(one: Replayed) -> None:
    content = one.run.content or {}
    _say(f"Judged from pull {content.get('pull')}, by the files {str(content.get('files'))[:12]}.")
    for name in COMPARED:
        state = "otherwise than noted" if name in one.differs else "as noted, byte for byte"
        typer.echo(f"  {WORDS[name]:<28} {state}")
    differ = measures_differ(one)
    for name, (then, now) in differ.items():
        typer.echo(f"  {measure_words(name)}: noted {_figure(then)}, found {_figure(now)}")
    if not differ and one.found.measures:
        told = [f"{measure_words(name)} {figure(value)}" for name, value in one.found.measures.items()]
        _say(" · ".join(told))
    for note in one.notes:
        _say(f"Note: {note}")


def print_tried(tried: Sequence[Tried], passed: int, zone: ZoneInfo) -> None:
    """Print what other files would have said, run by run, and their sum."""
    for one in tried:
        if one.differs:
            typer.echo(_headed(one.run, zone))
            _print_tried(one)
    moved = [one for one in tried if one.differs]
    typer.echo(f"Of {len(tried)} runs, {len(moved)} would have said something else.")
    _print_sum("more", _first(one.more for one in tried))
    _print_sum("fewer", _first(one.fewer for one in tried))
    _print_passed(passed)
    if len(tried) > 1:
        _say(
            "Each run is judged on the lists as they really stood then; what people would have done "
            "otherwise, nobody knows."
        )


def _print_tried(one: Tried) -> None:
    for name, (then, other) in one.measures.items():
        typer.echo(f"  {measure_words(name)}: {figure(then)} -> {figure(other)}")
    for place, count in one.items.items():
        typer.echo(f"  {place}: another result on {count} item{'' if count == 1 else 's'}")
    for word, escalations in (("more", one.more), ("fewer", one.fewer)):
        for each in escalations[:LISTED_COUNT]:
            _say(f"{word}: {each.severity} to {each.to_role}, {clean(each.key, 255)}")
        if len(escalations) > LISTED_COUNT:
            typer.echo(f"  and {len(escalations) - LISTED_COUNT} {word}")


def _first(found: Iterable[Iterable[Escalation]]) -> list[Escalation]:
    """Give each escalation once, at the run that raises it first."""
    return list({one.key: one for run in found for one in run}.values())


def _print_sum(word: str, escalations: list[Escalation]) -> None:
    if escalations:
        by_role = Counter(one.to_role for one in escalations)
        told = ", ".join(f"{count} to {role}" for role, count in sorted(by_role.items()))
        _say(f"{counted(len(escalations), f'{word} escalation')}: {told}.")


def _print_passed(passed: int) -> None:
    if passed:
        _say(f"{passed} more runs of these days came to no end, or noted too little to be judged again.")


def _headed(run: RunRow, zone: ZoneInfo) -> str:
    judged = f", judged at {_local(run.moment, zone)[:5]}" if run.moment != run.slot else ""
    return fill(f"Run {run.id}, {run.job}, {_local(run.slot, zone)}{judged}", WIDTH, subsequent_indent="  ")


def _local(text: str, zone: ZoneInfo) -> str:
    at = parse(text).astimezone(zone)
    return f"{at:%H:%M} on {at:%A} {at.day} {at:%B %Y}"


def _named(run: RunRow) -> dict[str, Any]:
    return {"run": str(run.id), "job": run.job, "slot": run.slot, "moment": run.moment}


def _escalation(one: Escalation) -> Mapping[str, Any]:
    return {"key": one.key, "to_role": one.to_role, "severity": str(one.severity), "refs": list(one.refs)}


def _figure(value: Any) -> str:
    return figure(value) if not isinstance(value, list | dict) else str(value)


def _wire(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _say(text: str) -> None:
    typer.echo(fill(text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False))
