"""How a burst is shown: for people within 80 columns, for scripts as one JSON document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import typer

from lists_sync.cli.show import WIDTH
from lists_sync.clock import parse
from lists_sync.messages.words import clean, counted, day_words, moment_words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from lists_sync.trail.burst import BurstTold, FileTold, StepTold

FORMULA = "SHA-256, hex, of the UTF-8 text <salt>|<BurstId>|<file unique id>"
HASH_COUNT = 12
"""Characters of a hash that people are shown; scripts get all."""


def print_burst(told: BurstTold, zone: ZoneInfo) -> None:
    """Print how a sample was drawn, what each step took and passed over, and what stands of it."""
    for line in _lines(told, zone):
        typer.echo(line)


def _lines(told: BurstTold, zone: ZoneInfo) -> Iterator[str]:
    if told.drawing:
        at = moment_words(parse(told.drawing.moment), zone)
        yield f"Burst {told.burst}: drawn by run {told.drawing.run}, as at {at}"
    else:
        yield f"Burst {told.burst}: only its rows are known here"
    for note in told.notes:
        yield from _paragraph(f"Note: {note}", 2)
    yield ""
    yield from _rule(told)
    if told.drawing:
        for step in told.steps:
            yield from _step(step, told)
        yield ""
        yield f"{counted(len(told.files), 'file')} could be drawn, and came up in this order"
        for file in told.files:
            yield from _file(file)
        yield ""
    yield from _rows(told)


def _rule(told: BurstTold) -> Iterator[str]:
    yield "How to repeat it"
    yield from _paragraph(f"Hash: {FORMULA.replace('<BurstId>', told.burst)}.", 2)
    yield from _paragraph(
        "The salt is the secret LISTS_SYNC_SAMPLING_SALT, which is not shown; an id is written in small "
        "letters, with hyphens and without braces.",
        2,
    )
    if told.lately is None:
        return
    given = told.settings
    yield from _paragraph(
        f"Order: first the files that were not sampled since {day_words(told.lately)} "
        f"({counted(given['sampled_lately_days'], 'operational day')}), by ascending hash; then the others, "
        "longest ago first, and those of one day by hash.",
        2,
    )
    yield from _paragraph(
        f"A sample has {counted(given['size'], 'file')}: {given['high_risk_percent']} % high risk and "
        f"{given['newly_closed_percent']} % newly closed, each rounded up. A file can be drawn if one of its "
        f"lines is live, or was closed in the last {counted(given['newly_closed_days'], 'day')}.",
        2,
    )
    yield from _paragraph(
        f"A line gives at most {given['most_of_a_line']}, over all steps, while files of other lines are "
        "left in the same step; a file counts for each of those of its lines. When only files that must "
        "wait are left in a step, they are taken in order.",
        2,
    )


def _step(step: StepTold, told: BurstTold) -> Iterator[str]:
    yield ""
    hashes = {file.unique_id: file.hash for file in told.files}
    yield from _paragraph(
        f"Step {step.number}, {step.stratum.lower()}: to hold {step.wanted}, held {step.held}; "
        f"{counted(step.files, 'file')} to choose from",
        0,
    )
    for unique in step.taken:
        how = "taken; no line had files left" if unique in step.beyond else "taken"
        yield from _named(hashes[unique], unique, how)
    for unique, lines in step.passed.items():
        given = ", ".join(clean(ref) for ref in lines)
        yield from _named(hashes[unique], unique, "passed over", f"{given} had given its most")
    yield f"  It ended because {step.ended}."


def _named(hash_: str, unique: str, how: str, why: str = "") -> Iterator[str]:
    yield f"  {hash_[:HASH_COUNT]}  {unique}  {how}".rstrip()
    if why:
        yield from _paragraph(why, 6)


def _file(file: FileTold) -> Iterator[str]:
    yield f"{file.place:>5}  {file.hash[:HASH_COUNT]}  {file.unique_id}  {file.why}"
    sampled = f"sampled {file.sampled_on.isoformat()}" if file.sampled_on else "not sampled lately"
    refs = ", ".join(clean(ref) for ref in file.refs)
    yield from _paragraph(f"{' and '.join(file.strata)}; {sampled}; {refs}", 7)


def _rows(told: BurstTold) -> Iterator[str]:
    standing = counted(len(told.rows), "row")
    if not told.drawing:
        yield f"{standing} of Burst samples, in the order of their hashes"
        for row in told.rows:
            yield from _named(row.hash, row.unique_id, " and ".join(row.strata))
        return
    verdict = "they are" if not (told.missing or told.extra) else "they are not"
    yield from _paragraph(
        f"{standing} of Burst samples, as last read and as made since: {verdict} the sample as drawn.", 0
    )
    for unique in told.missing:
        gone = "; its file is no longer in the library" if unique in told.gone else ""
        yield f"  No row: {unique}{gone}"
    for unique in told.extra:
        yield f"  Not drawn, but there: {unique}"


def _paragraph(text: str, indent: int) -> Iterable[str]:
    return wrap(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))


def burst_json(told: BurstTold) -> dict[str, Any]:
    """Give a burst as one document; what is not known is None."""
    run = told.drawing
    return {
        "burst": told.burst,
        "known_from": "run" if run else "rows",
        "run": str(run.run) if run else None,
        "moment": run.moment if run else None,
        "completed": run.completed if run else None,
        "formula": FORMULA,
        "settings": dict(told.settings),
        "sampled_lately_since": told.lately,
        "eligible": [_file_json(file) for file in told.files],
        "steps": [_step_json(step) for step in told.steps],
        "stood_before": list(told.stood),
        "rows": [{"unique_id": row.unique_id, "hash": row.hash, "strata": row.strata} for row in told.rows],
        "rows_missing": [{"unique_id": one, "in_library": one not in told.gone} for one in told.missing],
        "rows_too_many": list(told.extra),
        "as_drawn": not (told.missing or told.extra) if run else None,
        "notes": list(told.notes),
    }


def _file_json(file: FileTold) -> dict[str, Any]:
    return {
        "place": file.place,
        "unique_id": file.unique_id,
        "hash": file.hash,
        "strata": file.strata,
        "sampled_lately": file.sampled_on is not None,
        "sampled_on": file.sampled_on,
        "refs": file.refs,
        "taken": file.taken,
        "step": file.step,
        "passed_over": file.passed,
        "why": file.why,
    }


def _step_json(step: StepTold) -> dict[str, Any]:
    return {
        "step": step.number,
        "stratum": step.stratum,
        "wanted": step.wanted,
        "held_before": step.held,
        "files": step.files,
        "taken": [{"unique_id": one, "in_order": one not in step.beyond} for one in step.taken],
        "passed_over": [{"unique_id": one, "lines": lines} for one, lines in step.passed.items()],
        "ended": step.ended,
    }
