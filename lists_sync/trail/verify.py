"""The chain of runs held against the local state: every break is named, and nothing is mended.

Source: controls.md section 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from lists_sync.mirror.tables import item_version, pull
from lists_sync.mirror.tally import ZERO, moved, tally_of
from lists_sync.trail.policies import Policies
from lists_sync.trail.runs import Runs, chain_hash, pulls_of, writes_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from lists_sync.trail.runs import RunRow

_COLUMNS = ("list", "id", "from_pull", "to_pull", "etag", "modified", "fields", "deleted")
_SAID = ("job", "slot", "moment")


@dataclass(frozen=True, order=True)
class Finding:
    """Something that is not as the chain of runs says.

    Args:
        place: run, pull, list and item, or row.
        what: one plain sentence.
    """

    place: str
    what: str


@dataclass(frozen=True)
class Checked:
    """What was looked at, and what was found.

    Args:
        runs: how many runs the chain holds; `cut_off` how many more came to no end.
        head: the newest run's hash, "" before the first.
        head_run: its number, 0 before the first.
        open_writes: writes made since, which the next run takes into the chain.
    """

    runs: int
    cut_off: int
    versions: int
    head: str
    head_run: int
    findings: tuple[Finding, ...]


def verify_local(engine: Engine) -> Checked:
    """Check every run's hash, what it covers, and the versions that the mirror keeps.

    Returns:
        the findings in order of runs, then pulls; none where all is as it was written.
    """
    runs = Runs(engine).all()
    chained = [one for one in runs if one.chain_hash]
    findings = [*_gaps(runs), *_links(chained), *_policies(engine, chained)]
    with engine.connect() as connection:
        findings += _covered(connection, chained)
        tallies = dict(connection.execute(select(pull.c.id, pull.c.tally)).all())
        counted, found = _versions(connection, {int(id_): tally for id_, tally in tallies.items()})
    head = chained[-1] if chained else None
    return Checked(
        len(chained),
        len(runs) - len(chained),
        counted,
        (head.chain_hash or "") if head else "",
        head.id if head else 0,
        (*findings, *found),
    )


def _gaps(runs: list[RunRow]) -> Iterator[Finding]:
    """Tell the numbers that no run has: runs are numbered one by one."""
    before = 0
    for one in runs:
        if one.id == before + 2:
            yield Finding(f"run {before + 1}", "It is missing: its row was taken away.")
        elif one.id > before + 1:
            yield Finding(
                f"runs {before + 1} to {one.id - 1}", "They are missing: their rows were taken away."
            )
        before = one.id


def _links(chained: list[RunRow]) -> Iterator[Finding]:
    """Tell the runs whose hash is not that of what they say and of the run before."""
    before, number = "", 0
    for one in chained:
        content = one.content or {}
        if one.chain_hash != chain_hash(before, one.body.encode()):
            yield Finding(f"run {one.id}", _why_broken(one, number))
        for name in _SAID:
            if name in content and content[name] != getattr(one, name):
                yield Finding(f"run {one.id}", f"Its {name} was altered.")
        if "run" in content and content["run"] != one.id:
            yield Finding(f"run {one.id}", f"It says of itself that it is run {content['run']}.")
        if one.result and content.get("result", one.result) != one.result:
            yield Finding(f"run {one.id}", "Its result was altered.")
        before, number = one.chain_hash or "", one.id


def _why_broken(one: RunRow, number: int) -> str:
    named = (one.content or {}).get("before", number)
    if named != number:
        return f"It was chained to run {named}, which is missing or no longer in the chain."
    told = "What it says of itself was altered"
    return f"{told}, or the hash of run {number} before it was." if number else f"{told}."


def _policies(engine: Engine, chained: list[RunRow]) -> Iterator[Finding]:
    """Tell the files by which runs judged that are gone, or are no longer what they were."""
    used: dict[str, int] = {}
    for one in chained:
        if "files" in (one.content or {}):
            used.setdefault(str((one.content or {})["files"]), one.id)
    policies = Policies(engine)
    for digest, number in used.items():
        if policies.find(digest) is None:
            yield Finding(
                f"policy {digest[:12]}", f"The files by which run {number} judged were altered or lost."
            )


def _covered(connection: Connection, chained: list[RunRow]) -> Iterator[Finding]:
    """Tell the runs since whose forerunner a write or a pull was altered, added or taken away."""
    known: Mapping[str, Any] = {}
    for one in chained:
        content = one.content or {}
        if "writes_until" in content:
            after, until = int(known.get("writes_until", 0)), int(content["writes_until"])
            now = writes_of(connection, after, until, open_=set(content["writes_open"]))
            if now["writes_hash"] != content["writes_hash"]:
                yield Finding(f"run {one.id}", _altered("writes", after, until))
            after, until = int(known.get("pulls_until", 0)), int(content["pulls_until"])
            if pulls_of(connection, after, until)["pulls_hash"] != content["pulls_hash"]:
                yield Finding(f"run {one.id}", _altered("pulls", after, until))
        known = content


def _altered(what: str, after: int, until: int) -> str:
    return f"Of the {what} {after + 1} to {until} that it covers, one was altered, added or taken away."


def _versions(connection: Connection, tallies: Mapping[int, str | None]) -> tuple[int, list[Finding]]:
    """Count every version again, and follow each item's versions from one pull to the next."""
    found: list[Finding] = []
    counted, sums = 0, dict.fromkeys(tallies, ZERO)
    place: tuple[str, int] | None = None
    until: int | None = None
    query = select(*(item_version.c[name] for name in _COLUMNS))
    ordered = query.order_by(item_version.c.list, item_version.c.id, item_version.c.from_pull)
    for row in connection.execute(ordered.execution_options(yield_per=2000)):
        counted += 1
        if place == (row.list, row.id):
            found += _broken_line(place, until, row.from_pull)
        elif place is not None and until is not None:
            found += _broken_line(place, until, None)
        place, until = (row.list, row.id), row.to_pull
        sums[row.from_pull] = moved(sums.get(row.from_pull, ZERO), [tally_of(tuple(row))])
    if place is not None and until is not None:
        found += _broken_line(place, until, None)
    return counted, [*found, *_wrong_sums(sums, tallies)]


def _broken_line(place: tuple[str, int], until: int | None, since: int | None) -> Iterator[Finding]:
    if until != since:
        yield Finding(
            f"{place[0]} #{place[1]}", "One of the versions kept of it was altered, added or taken away."
        )


def _wrong_sums(sums: Mapping[int, str], tallies: Mapping[int, str | None]) -> Iterator[Finding]:
    for number in sorted(sums):
        if tallies.get(number, ZERO) not in (None, sums[number]):
            yield Finding(f"pull {number}", "What is kept of it is not what it brought.")
