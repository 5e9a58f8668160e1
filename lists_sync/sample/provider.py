"""Rosewood Care: an invented provider with three services under CQC enforcement.

Nobody and nothing in it exists. Its day has something for each of the fifteen controls to say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from lists_sync.sample import bursts, closure, deadlines, evidence, people
from lists_sync.sample.cast import Cast
from lists_sync.sample.days import Days, instant

DEFAULT_DAY = date(2026, 11, 23)
DEFAULT_SEED = 2026
Workspace = dict[str, Any]


class Sample(NamedTuple):
    """A made sample: what is loaded, and which lines play which part."""

    workspace: Workspace
    parts: dict[str, list[str]]


def make(seed: int = DEFAULT_SEED, day: date = DEFAULT_DAY) -> Workspace:
    """Make the workspace as it stands before the day begins.

    Args:
        seed: the same seed and day give the same bytes.
        day: a working day; all dates lie around it. Nothing has happened after 07:35 of it.

    Returns:
        What `emulator --load` takes: time zone, users, lists, files.
    """
    return build(seed, day).workspace


def build(seed: int = DEFAULT_SEED, day: date = DEFAULT_DAY) -> Sample:
    """Make the workspace, and tell which lines have which trouble.

    Returns:
        The workspace as `make` gives it, and references by the name of their part.
    """
    rng = Random(seed)  # noqa: S311  # the same sample every time is the point
    cast = Cast(rng, Days(day))
    deadlines.trouble(cast)
    closure.close(cast)
    register = deadlines.register(cast)
    changes = deadlines.deadline_changes(cast)
    files = evidence.library(cast)
    sampled = bursts.samples(cast, files)
    lists = {
        "managers": people.managers(rng),
        "actions": cast.items(),
        "register": register,
        "deadline_changes": changes,
        "burst_samples": sampled,
        "retests": bursts.retests(cast, sampled),
        "complaints": closure.complaints(cast),
        "closure_reviews": closure.reviews(cast),
    }
    workspace = {
        "time_zone": "Europe/London",
        "users": people.users(),
        "lists": lists,
        "files": {"evidence": files},
    }
    return Sample(workspace, cast.parts)


def later(seed: int = DEFAULT_SEED, day: date = DEFAULT_DAY) -> Workspace:
    """Make what people typed in the course of the morning, to be loaded at 12:00 local or after.

    Three overdue lines and one that was due are closed, the panel approves eight proposals (one of
    them without any proof), four of these lines are closed, a line of the leaver gets an owner, and
    a manager gets three hours of help.

    Returns:
        Edits of items by `id`, as `POST /_workspace/load` takes them.
    """
    made = build(seed, day)
    lists, parts = made.workspace["lists"], made.parts
    ready = parts["ready for the gate"]
    closed = [(ref, 11, 5 + place) for place, ref in enumerate(parts["turning severe"])]
    closed += [(parts["due soon"][0], 11, 20)]
    closed += [(ref, 11, 45 + place) for place, ref in enumerate(ready[:4])]
    ids = {row["ActionRef"]: place for place, row in enumerate(lists["actions"], start=1)}
    actions = [
        {"id": ids[ref], "Status": "Closed", "ClosedOn": instant(day, hour, minute)}
        for ref, hour, minute in closed
    ]
    actions.append({"id": ids[parts["overdue high risk"][1]], "Owner": people.STEADY[0]})
    edits = {
        "actions": actions,
        "managers": [_helped(lists["managers"])],
        "closure_reviews": _approvals(lists, {*ready[:7], parts["neither proof"][0]}, day),
    }
    return {"lists": edits}


def _helped(managers: list[dict[str, Any]]) -> dict[str, Any]:
    place = [row["Email"] for row in managers].index(people.STEADY[-1])
    return {"id": place + 1, "SupportHours": managers[place].get("SupportHours", 0) + 3}


def _approvals(lists: dict[str, Any], refs: set[str], day: date) -> list[dict[str, Any]]:
    approved = {
        "PanelDecision": "Approved",
        "PanelDecidedAt": instant(day, 11, 40),
        "PanelReason": "Accepted on the evidence set.",
    }
    rows = enumerate(lists["closure_reviews"], start=1)
    return [{"id": place, **approved} for place, row in rows if row["ActionRef"] in refs]


def reviewed(day: date, ids: Sequence[int]) -> Workspace:
    """Make the reviewers' answers to the day's own burst, to be loaded at 15:00 local or after.

    Args:
        day: the day of the burst.
        ids: of its rows in Burst samples, in order.

    Returns:
        Edits by `id`: four of twelve files are invalid, records match too seldom, and the last file
        is left half reviewed.
    """
    rows: list[dict[str, Any]] = []
    for place, item in enumerate(ids):
        row: dict[str, Any] = {"id": item, "MatchesLivePractice": "Yes"}
        if place < len(ids) - 1:
            row |= _answers(day, place)
        rows.append(row)
    return {"lists": {"burst_samples": rows}}


def _answers(day: date, place: int) -> dict[str, Any]:
    spoiled = place % 3 == 0
    return {
        "SourceDateCurrent": "No" if place == 0 else "Yes",
        "OutcomeProof": "No" if spoiled else "Yes",
        "ReviewedBy": people.REVIEWERS[place % len(people.REVIEWERS)],
        "ReviewedAt": instant(day, 12 + place % 3, 3 * place),
        "StepsObserved": 6,
        "RecordsChecked": 8,
        "RecordsMatched": 4 if spoiled else 8,
        "StaffPrompts": place % 3,
        "Disposition": "Residual risk" if spoiled else "Accepted",
    }


def text(workspace: Workspace) -> str:
    """Give a workspace as JSON text, the same for the same workspace."""
    return json.dumps(workspace, ensure_ascii=False, indent=1) + "\n"


def write(path: Path, *, seed: int = DEFAULT_SEED, day: date = DEFAULT_DAY) -> Path:
    """Write the workspace of `make` as a file for `emulator --load`.

    Returns:
        The path written.
    """
    path.write_text(text(make(seed, day)), encoding="utf-8", newline="\n")
    return path
