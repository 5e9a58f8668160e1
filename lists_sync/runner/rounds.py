"""The writing of a run: up to three rounds for items that somebody edits meanwhile, then rows of our own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lists_sync.clock import iso, now
from lists_sync.model import Answer, Answered, Change, Outcome, Plan, Snapshot
from lists_sync.pull import pull_items
from lists_sync.runner.stations import Stations
from lists_sync.write import Writer

if TYPE_CHECKING:
    from lists_sync.runner.judging import Values

ROUNDS = 3
"""How often a run plans anew for items that somebody edits meanwhile; then the next run takes them."""

_READ_AGAIN = (Answered.CONFLICT, Answered.GONE, Answered.UNKNOWN)


@dataclass
class Rounds:
    """What the writing rounds came to."""

    snapshot: Snapshot
    outcome: Outcome
    plan: Plan
    made: list[Answer] = field(default_factory=list)
    done: list[Change] = field(default_factory=list)
    stale: list[Answer] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)

    def take(self, answers: Sequence[Answer]) -> None:
        """Sort the answers of a round by what is to be done about them."""
        self.done += [answer.change for answer in answers if answer.answered is Answered.DONE]
        self.refused += [answer for answer in answers if answer.answered is Answered.REFUSED]
        self.stale = [answer for answer in answers if answer.answered in _READ_AGAIN]

    def still_open(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Leave out what the service has refused for good."""
        refused = {(answer.change.list, answer.change.id) for answer in self.refused}
        return tuple(change for change in changes if (change.list, change.id) not in refused)


def write_rounds(stations: Stations, writer: Writer, number: int) -> Rounds:
    """Make new rows, then write item changes; for those somebody edited meanwhile read, judge and plan anew.

    Rows come first: what they say must stand before any item points to it, and the intention to make them
    all is committed before the first is made.
    """
    snapshot, outcome = stations.judge()
    rounds = Rounds(snapshot, outcome, stations.plan(snapshot, outcome, {}))
    rounds.made = make_rows(writer, number, rounds.plan.rows)
    for _ in range(ROUNDS):
        if not rounds.plan.changes:
            break
        answers = writer.write(number, rounds.plan.changes)
        rounds.take(answers)
        if not rounds.stale:
            break
        _read_again(stations, rounds.stale)
        rounds.snapshot, rounds.outcome = stations.judge()
        plan = stations.plan(rounds.snapshot, rounds.outcome, _confirmed(rounds.done))
        rounds.plan = replace(plan, rows=rounds.plan.rows, changes=rounds.still_open(plan.changes))
    return rounds


def _read_again(stations: Stations, stale: Sequence[Answer]) -> None:
    """Bring the items that answered otherwise than planned up to date in the mirror."""
    by_list: dict[str, set[int]] = {}
    for answer in stale:
        if answer.change.id is not None:
            by_list.setdefault(answer.change.list, set()).add(answer.change.id)
    for key, ids in sorted(by_list.items()):
        pull_items(stations.context.workspace, stations.context.mirror, key, ids, iso(now()))


def _confirmed(changes: Sequence[Change]) -> Values:
    values: Values = {}
    for change in changes:
        if change.id is not None:
            mine = values.setdefault((change.list, change.id), {})
            mine |= {name: new for name, (_, new) in change.values.items()}
    return values


def make_rows(writer: Writer, number: int, rows: Sequence[Change]) -> list[Answer]:
    """Write rows of the bot's own; one whose outcome was unknown and that is not there is sent once more."""
    answers = writer.write(number, rows)
    again = [one.change for one in answers if one.answered is Answered.CONFLICT and one.change.id is None]
    if not again:
        return answers
    kept = [answer for answer in answers if answer.change not in again]
    return kept + writer.write(number, again)
