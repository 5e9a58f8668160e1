"""Rosewood Care: an invented provider with three services under CQC enforcement.

Nobody and nothing in it exists. Its day has something for each of the fifteen controls to say; what its
people do in the course of it, and on the days after, is in `script`.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from lists_sync.sample import bursts, closure, deadlines, evidence, history, people
from lists_sync.sample.cast import Cast
from lists_sync.sample.days import Days

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
        "board_deadline_summary": history.board_summary(cast, changes, files),
    }
    workspace = {
        "time_zone": "Europe/London",
        "users": people.users(),
        "lists": lists,
        "files": {"evidence": files},
    }
    return Sample(workspace, cast.parts)


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
