"""The configuration of a program that stays up: edits of its files are heeded without a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lists_sync.context import load_definitions
from lists_sync.definitions.policy import FOLDERS
from lists_sync.errors import DefinitionError, Problem, SettingsError
from lists_sync.schedule.told import one_line

if TYPE_CHECKING:
    from lists_sync.context import Definitions

Mark = tuple[tuple[str, int, int], ...]
"""Path, time of change and size of every file."""


class Configuration:
    """The definitions as the files have them now, or as they had them when they were last usable.

    Args:
        dotenv: where a .env file is or may come to be.
        tell: says a line to whoever keeps the machine.

    Raises:
        DefinitionError: the files are not usable at the start.
    """

    def __init__(self, environ: Mapping[str, str], dotenv: Path, tell: Callable[[str], None]) -> None:
        self._environ = dict(environ)
        self._dotenv = dotenv
        self._tell = tell
        self._held = self._load()
        self._mark = self._look(self._held)

    def current(self) -> Definitions:
        """Give the definitions; files that cannot be used are told once, and the old ones stay in use."""
        mark = self._look(self._held)
        if mark == self._mark:
            return self._held
        self._mark = mark
        try:
            new = self._kept_state(self._load())
        except DefinitionError as fault:
            self._tell(f"The changed files cannot be used; those before stay in use. {one_line(fault)}")
            return self._held
        if new.settings.config != self._held.settings.config:
            self._mark = self._look(new)
        self._held = new
        self._tell("The configuration was changed; from now on the new one is in use.")
        return self._held

    def _load(self) -> Definitions:
        files = load_definitions(self._environ, self._dotenv if self._dotenv.is_file() else None)
        refuse_unknown_pings(files)
        return files

    def _kept_state(self, new: Definitions) -> Definitions:
        """Give new definitions over the state in use, which cannot be left while at work."""
        old, settings = self._held.settings, new.settings
        if (old.home, old.database_url) != (settings.home, settings.database_url):
            self._tell("Another LISTS_SYNC_HOME or LISTS_SYNC_DATABASE_URL takes a restart.")
            settings = replace(settings, home=old.home, database_url=old.database_url)
        return replace(new, settings=settings)

    def _look(self, files: Definitions) -> Mark:
        return tuple(sorted(_marks(_files(self._dotenv, files.settings.config))))


def refuse_unknown_pings(files: Definitions) -> None:
    """Return only if every address to ping is for a job that there is.

    Raises:
        SettingsError: one names no job.
    """
    wrong = sorted(name for name in files.settings.pings if name and name not in files.jobs)
    if wrong:
        words = [f"LISTS_SYNC_PING_URL_{name.upper().replace('-', '_')}" for name in wrong]
        raise SettingsError(
            "The settings cannot be used.",
            hint="Name a job in capitals with underscores, LISTS_SYNC_PING_URL_DEADLINE_STATUS for one.",
            problems=[Problem(word, "names no job.") for word in words],
        )


def _files(dotenv: Path, config: Path | None) -> Iterator[Path]:
    yield dotenv
    if config is not None:
        yield config
        for name, pattern in FOLDERS.items():
            yield from (config.parent / name).rglob(pattern)


def _marks(paths: Iterator[Path]) -> Iterator[tuple[str, int, int]]:
    for path in paths:
        try:
            seen = path.stat()
        except OSError:
            continue
        yield str(path), seen.st_mtime_ns, seen.st_size
