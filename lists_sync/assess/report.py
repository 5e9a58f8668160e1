"""Tells an assessment: to people in plain words within 80 columns, to scripts as one document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lists_sync.assess.gather import Source
from lists_sync.assess.judge import Assessment
from lists_sync.assess.mapping import MAIN
from lists_sync.assess.propose import SURE_PCT, Guess
from lists_sync.assess.sheets import row_words
from lists_sync.clock import iso
from lists_sync.messages.words import (
    clean,
    counted,
    due_words,
    figure,
    late_words,
    measure_words,
    moment_words,
)
from lists_sync.model import DataFault

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80
_SHOWN = 10
_OTHER_NAMES = {"register": "Register", "deadline_changes": "Deadline changes", "managers": "Managers"}


def to_document(assessment: Assessment, *, written: Sequence[str] = ()) -> dict[str, Any]:
    """Give everything as plain values; what is not available is None."""
    return {
        "file": assessment.tracker.file,
        "moment": iso(assessment.moment),
        "lists": [_list_document(source) for source in assessment.sources],
        "ambiguous_dates": sum(source.rows.ambiguous_count for source in assessment.sources),
        "controls": [
            {
                "control": job.control,
                "job": job.name,
                "measures": dict(outcome.measures),
                "escalations": [
                    {
                        "key": one.key,
                        "severity": str(one.severity),
                        "act_by": iso(one.act_by) if one.act_by else None,
                    }
                    for one in outcome.escalations
                    if one.act_by
                ],
            }
            for job, outcome in assessment.outcomes
        ],
        "not_judged": [
            {"control": one.control, "measure": one.measure, "why": one.why, "at_least": one.at_least}
            for one in assessment.losses
        ],
        "data_faults": [
            {"list": one.list, "row": one.id, "ref": one.ref, "column": one.column, "why": one.why}
            for one in assessment.faults
        ],
        "items": [
            {"row": row, "results": {name: _plain(value) for name, value in found.items()}}
            for row, found in sorted(assessment.results.items())
        ],
        "pressing": [
            {name: line[name] for name in ("ref", "due", "hours_overdue", "high")} | {"row": line["id"]}
            for line in assessment.pressing
        ],
        "notes": list(assessment.notes),
        "written": list(written),
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _list_document(source: Source) -> dict[str, Any]:
    proposal = source.proposal
    return {
        "list": source.key,
        "file": source.file,
        "sheet": source.sheet.name or None,
        "rows": len(source.rows.items),
        "columns": {ours: _guess_document(guess) for ours, guess in proposal.columns.items()},
        "choices": {
            ours: {theirs: _guess_document(guess) for theirs, guess in words.items()}
            for ours, words in proposal.words.items()
        },
        "unmatched_words": {ours: sum(words.values()) for ours, words in proposal.unknown.items()},
        "columns_not_used": list(proposal.left),
    }


def _guess_document(guess: Guess) -> dict[str, Any]:
    return {"value": guess.value, "confidence_pct": guess.pct, "given": guess.given}


def print_assessment(
    assessment: Assessment, console: Console, *, zone: ZoneInfo, written: Sequence[str] = ()
) -> None:
    """Print what a manager wants to know: the mapping, the figures, the lines, what is open and why."""
    tracker = assessment.tracker
    _say(console, f"{clean(tracker.file, 60)}: {counted(len(tracker.rows.items), 'action line')} judged")
    _say(console, f"Position as at {moment_words(assessment.moment, zone)} (UK time)")
    if assessment.chosen:
        _say(console, assessment.chosen)
    for source in assessment.sources:
        _print_mapping(source, console)
    _print_controls(assessment, console)
    _print_pressing(assessment, console, zone)
    _print_open(assessment, console)
    _say(console, "")
    for line in written or _way_on():
        _say(console, line)


def _say(console: Console, text: str, indent: str = "") -> None:
    """Print one paragraph, wrapped; nothing in it is markup."""
    import textwrap

    lines = textwrap.wrap(text, WIDTH - 1, initial_indent=indent, subsequent_indent=f"{indent}  ")
    for line in lines or [""]:
        console.out(line, highlight=False)


def _print_mapping(source: Source, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    title = "Which columns are which" if source.key == MAIN else f"{_OTHER_NAMES[source.key]}: columns"
    _say(console, "")
    if source.key != MAIN:
        place = f", sheet {source.sheet.name!r}" if source.sheet.name else ""
        title = f"{title} of {clean(source.file, 40)}{place}"
    _say(console, title)
    table = Table(box=None, show_header=True, pad_edge=False, width=WIDTH - 2)
    for heading, ratio in (("ours", 3), ("yours", 5), ("how sure", 4)):
        table.add_column(heading, ratio=ratio, overflow="fold")
    for ours, guess in source.proposal.columns.items():
        table.add_row(Text(f"  {ours}"), Text(clean(guess.value, 60)), Text(_how_sure(guess)))
    for ours, words in source.proposal.words.items():
        for theirs, guess in words.items():
            if theirs != guess.value:
                table.add_row(
                    Text(f"  {ours} = {guess.value}"), Text(clean(theirs, 40)), Text(_how_sure(guess))
                )
        for theirs in list(source.proposal.unknown.get(ours, {}))[:_SHOWN]:
            table.add_row(Text(f"  {ours} = ?"), Text(clean(theirs, 40)), Text("not known: please say"))
    console.print(table)
    if source.proposal.left:
        shown = ", ".join(clean(title, 30) for title in source.proposal.left[:_SHOWN])
        more = f" and {len(source.proposal.left) - _SHOWN} more" if len(source.proposal.left) > _SHOWN else ""
        _say(console, f"Not used: {shown}{more}", "  ")


def _how_sure(guess: Guess) -> str:
    if guess.given:
        return "as you said"
    return f"{guess.pct} %" + ("" if guess.pct >= SURE_PCT else ", unsure: please look")


def _print_controls(assessment: Assessment, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    lost = {(one.control, one.measure): one for one in assessment.losses}
    for job, outcome in assessment.outcomes:
        _say(console, "")
        _say(console, f"{job.control} {job.title}")
        table = Table(box=None, show_header=False, pad_edge=False, width=WIDTH - 2)
        table.add_column(ratio=4, overflow="fold")
        table.add_column(ratio=2, justify="right")
        table.add_column(ratio=6, overflow="fold")
        for name, value in outcome.measures.items():
            one = lost.get((job.control, name))
            least = f" (at least {one.at_least})" if one and one.at_least is not None else ""
            table.add_row(
                Text(f"  {measure_words(name)}"),
                Text("" if one else figure(value)),
                Text(f"not judged{least}" if one else ""),
            )
        console.print(table)
        due = [one for one in outcome.escalations if one.act_by]
        for rule in dict.fromkeys(one.rule for one in due):
            same = [one for one in due if one.rule == rule]
            told = counted(len(same), "message")
            _say(console, f"Would be escalated: {told} to {job.escalate[rule].to} ({same[0].severity})", "  ")


def _print_pressing(assessment: Assessment, console: Console, zone: ZoneInfo) -> None:
    if not assessment.pressing:
        return
    _say(console, "")
    _say(console, "Most pressing lines")
    for line in assessment.pressing[:_SHOWN]:
        high = "high risk, " if line["high"] else ""
        late = late_words(line["hours_overdue"]) or "due soon"
        due = due_words(_instant(line["due"]), zone)
        _say(console, f"{clean(line['ref'], 40)} (row {line['id']}): {high}{late}, {due}", "  ")


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _print_open(assessment: Assessment, console: Console) -> None:
    _say(console, "")
    if not assessment.losses and not assessment.faults:
        _say(console, "Everything could be judged.")
    else:
        _say(console, "What could not be judged, and why (it is left blank, not counted as 0)")
    for one in assessment.losses:
        _say(console, f"{one.control} {measure_words(one.measure)}: {one.why}.", "  ")
    for line in _fault_lines(assessment.faults):
        _say(console, line, "  ")
    if assessment.notes:
        _say(console, "")
        _say(console, "How the file was read")
    for note in assessment.notes:
        _say(console, clean(note, 400), "  ")


def _fault_lines(faults: Sequence[DataFault]) -> Iterator[str]:
    """Tell each kind of fault once, with its rows; never a value."""
    rows: dict[tuple[str, str, str], list[int]] = {}
    for fault in faults:
        rows.setdefault((fault.list, fault.column, fault.why), []).append(fault.id)
    for (key, column, why), numbers in rows.items():
        place = "" if key == MAIN else f"{_OTHER_NAMES.get(key, key)}, "
        yield f"{place}{column} {why}: {row_words(numbers)}."


def _way_on() -> tuple[str, ...]:
    return (
        "Correct the mapping:  --write-mapping FILE writes it, --mapping FILE uses it.",
        "Look at every line:   --out FILE.xlsx (or .csv) writes your rows with the results.",
    )
