"""A run of the past as it can be judged again: by the files it judged by, or by others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lists_sync.clock import iso, parse
from lists_sync.context import load_files
from lists_sync.definitions.settings import REHEARSAL_SALT
from lists_sync.errors import FileError, SettingsError, StateError
from lists_sync.runner.judging import Judging
from lists_sync.trail.policies import Policies
from lists_sync.trail.runs import Runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from lists_sync.context import Definitions
    from lists_sync.definitions.policy import Policy
    from lists_sync.definitions.settings import Settings
    from lists_sync.mirror.versions import Mirror
    from lists_sync.trail.runs import RunRow

_KEY = re.compile(r"([a-z0-9-]+)/(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::\d\d)?Z")


@dataclass
class Past:
    """The runs of a local state, each with the files by which it judged, opened once and kept.

    Args:
        settings: of this machine: what no file of the policy holds, the salt of the draw for one.
        folder: where the files of policies are written while this is open.
    """

    engine: Engine
    mirror: Mirror
    settings: Settings
    folder: Path

    def __post_init__(self) -> None:
        self._opened: dict[str, Definitions] = {}

    def find(self, name: str) -> RunRow:
        """Give the run of a number, or the last completed one of a slot: `deadline-status/2026-11-23T08:15Z`.

        Raises:
            SettingsError: the name is of neither form.
            StateError: there is no such run here.
        """
        runs, found = Runs(self.engine), None
        slot = _KEY.fullmatch(name)
        if name.isdigit():
            found = runs.one(int(name))
        elif slot:
            found = runs.last_of(slot[1], iso(parse(f"{slot[2]}:00Z")))
        else:
            raise SettingsError(
                f"{name[:60]!r} names no run.",
                hint="Give its number, or its key in Control runs: deadline-status/2026-11-23T08:15Z.",
            )
        if found is None:
            raise StateError(f"No run {name} is known here.", hint="`lists-sync status` names the last ones.")
        return found

    def between(self, first: datetime, last: datetime) -> list[RunRow]:
        """List the runs of the slots between two instants, both in, oldest run first."""
        return Runs(self.engine).of_slots(iso(first), iso(last))

    def definitions(self, policy: Policy) -> Definitions:
        """Give what the files of a policy say.

        Raises:
            DefinitionError: with every fault of the files; this version may refuse what an older one took.
        """
        if policy.digest not in self._opened:
            folder = self.folder / policy.digest[:16]
            provider = policy.write_to(folder)
            self._opened[policy.digest] = load_files(replace(self.settings, config=provider))
        return self._opened[policy.digest]

    def policy(self, run: RunRow) -> Policy:
        """Give the files by which a run judged.

        Raises:
            StateError: they are not kept, or were altered.
        """
        digest = str(content_of(run).get("files", ""))
        found = Policies(self.engine).find(digest)
        if found is None:
            raise StateError(
                f"The files by which run {run.id} judged are not kept here, or were altered.",
                hint="Name others with --policy.",
            )
        return found

    def judging(self, run: RunRow, definitions: Definitions) -> Judging:
        """Give a run to be judged again: the same pull, slot and moment, and what it remembered then."""
        content = content_of(run)
        # A run judged again after it had made rows remembered its own draw; one that judged once did not.
        own = run.id if int(content["judged"]) > 1 else run.id - 1
        return Judging(
            _with_salt(definitions, rehearsal=bool(content.get("rehearsal"))),
            self.engine,
            self.mirror,
            definitions.job(run.job),
            parse(run.slot),
            parse(run.moment),
            at_pull=int(content["pull"]),
            before_run=run.id,
            drawn_until=own,
        )


def _with_salt(definitions: Definitions, *, rehearsal: bool) -> Definitions:
    """Give what a rehearsal drew with, where the settings name no salt: the rehearsal may be long over."""
    settings = definitions.settings
    if not rehearsal or settings.draw_salt:
        return definitions
    return replace(definitions, settings=replace(settings, sampling_salt=REHEARSAL_SALT))


def content_of(run: RunRow) -> Mapping[str, Any]:
    """Give what a completed run noted of itself.

    Raises:
        StateError: it came to no end, or was made by a version that did not note enough.
    """
    content = run.content or {}
    if "fault" in content or not content:
        told = str(content.get("fault") or "was cut off")
        raise StateError(
            f"Run {run.id} came to no end ({told}), so there is nothing to judge again.",
            hint="The next run of the slot made up for it.",
        )
    if "outcome" not in content:
        raise StateError(f"Run {run.id} was made by a version that did not note enough to judge it again.")
    return content


@contextmanager
def open_past(settings: Settings, *, engine: Engine | None = None) -> Iterator[Past]:
    """Open the runs of this machine's local state for reading.

    Args:
        engine: a state that is open already.

    Raises:
        StateError: there is none, or it cannot be read.
    """
    from lists_sync.mirror.database import open_to_read
    from lists_sync.mirror.versions import Mirror

    url = settings.database_url or f"sqlite:///{settings.home / 'state.db'}"
    opened = open_to_read(url) if engine is None else engine
    try:
        with TemporaryDirectory(prefix="lists-sync-") as folder:
            yield Past(opened, Mirror(opened), settings, Path(folder))
    finally:
        if engine is None:
            opened.dispose()


def other_policy(policy: Policy, folder: Path) -> Policy:
    """Give a policy with the files of a folder in place of its own.

    Raises:
        FileError: the folder is not there, or holds nothing that takes a file's place.
    """
    if not folder.is_dir():
        raise FileError("The folder that --policy names is not there.", where=folder.name)
    found = policy.with_files_of(folder)
    if found.digest == policy.digest:
        raise FileError(
            "The folder that --policy names changes nothing.",
            where=folder.name,
            hint="It should hold jobs/*.yaml, list_schemas/*.yaml, templates/*.j2 or provider.yaml.",
        )
    return found
