"""The mapping file, written out ready to edit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lists_sync.assess.mapping import DAY_FIRST, MAIN, MONTH_FIRST
from lists_sync.assess.propose import SURE_PCT, Proposal, offered
from lists_sync.errors import TableError
from lists_sync.messages.words import counted
from lists_sync.model import ListSchema

_HEAD = """\
# Which of your columns and words are which of ours, as `lists-sync assess` proposes it.
# Left of the colon stands ours, right of it yours. Correct what is wrong, then use it:
#   lists-sync assess YOUR-FILE --mapping THIS-FILE
# A line with nothing after the colon leaves that out; a line you delete is proposed anew.
"""


def mapping_text(
    proposals: Sequence[Proposal],
    schemas: Mapping[str, ListSchema],
    *,
    people: Mapping[str, str],
    month_first: bool,
) -> str:
    """Give a mapping file that says what was proposed, how sure that is, and what is still open.

    Args:
        people: names as they stand in the tracker, with the e-mail known or "".
    """
    said, other = (MONTH_FIRST, DAY_FIRST) if month_first else (DAY_FIRST, MONTH_FIRST)
    dates = f"dates: {said}      # or: {other}"
    lines = [_HEAD + f"list: {MAIN}", dates]
    for proposal in sorted(proposals, key=lambda one: one.key != MAIN):
        main = proposal.key == MAIN
        lines += [] if main else ["", f"{proposal.key}:"]
        lines += [
            f"{'' if main else '  '}{line}".rstrip() for line in _part_lines(proposal, schemas[proposal.key])
        ]
    if people:
        lines += ["", "# Names without an e-mail address are matched by name.", "people:"]
        lines += [
            f"  {_quoted(name)}: {_quoted(email) if email else ''}".rstrip() for name, email in people.items()
        ]
    return "\n".join(lines) + "\n"


def _part_lines(proposal: Proposal, schema: ListSchema) -> Iterator[str]:
    if proposal.sheet:
        yield f"sheet: {_quoted(proposal.sheet)}"
    yield ""
    yield "columns:"
    for column in schema.columns:
        if column.bot:
            continue
        guess = proposal.columns.get(column.name)
        if guess is None:
            yield f"  {column.name}:      # no column of yours was found for this"
        else:
            yield f"  {column.name}: {_quoted(guess.value)}      # {_how_sure(guess.pct, given=guess.given)}"
    if proposal.left:
        yield f"  # not used: {', '.join(_quoted(title) for title in proposal.left)}"
    if not any(proposal.words.values()) and not proposal.unknown:
        return
    yield ""
    yield "choices:"
    for name in proposal.words:
        yield f"  {name}:      # ours: {', '.join(offered(schema.column(name)))}"
        for word, guess in proposal.words[name].items():
            yield f"    {_quoted(word)}: {guess.value}      # {_how_sure(guess.pct, given=guess.given)}"
        for word, count in proposal.unknown.get(name, {}).items():
            yield f"    {_quoted(word)}:      # not known; stands on {counted(count, 'row')}"


def _how_sure(pct: int, *, given: bool) -> str:
    if given:
        return "as you said"
    return f"{pct} % sure" + ("" if pct >= SURE_PCT else "; please look")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def check_new(path: Path) -> None:
    """Return only where no mapping file of that name is there yet.

    Raises:
        TableError: one is, and a person may have edited it.
    """
    if path.exists():
        hint = "Give another name, or move it away: it may hold your corrections."
        raise TableError("The mapping file is there already and was left alone.", where=path.name, hint=hint)


def write_mapping(path: Path, text: str) -> None:
    """Write a mapping file that is not there yet; one that a person may have edited stays.

    Raises:
        TableError: the file is there already, or cannot be written.
    """
    check_new(path)
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as fault:
        hint = "Check that the folder is there and that you may write to it."
        raise TableError("The mapping file cannot be written.", where=path.name, hint=hint) from fault
