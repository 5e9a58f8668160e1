"""Everything a verb works with, opened once and closed in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from lists_sync.clock import iso, now
from lists_sync.errors import BusyError, SettingsError
from lists_sync.shipped import shipped
from lists_sync.stop import Stop

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lists_sync.connect.workspace import Workspace
    from lists_sync.definitions.jobs import Job
    from lists_sync.definitions.policy import Policy
    from lists_sync.definitions.provider import Provider
    from lists_sync.definitions.settings import Settings
    from lists_sync.mirror.versions import Mirror
    from lists_sync.model import ListSchema


@dataclass(frozen=True)
class Definitions:
    """What the files say: settings, provider, lists, jobs, templates' folder; and the files themselves."""

    settings: Settings
    provider: Provider
    schemas: Mapping[str, ListSchema]
    jobs: Mapping[str, Job]
    templates: Path
    policy: Policy

    def job(self, name: str) -> Job:
        """Give the job of that name.

        Raises:
            SettingsError: there is none; the sentence lists those there are.
        """
        if name not in self.jobs:
            known = ", ".join(sorted(self.jobs))
            raise SettingsError(f"There is no job called {name!r}.", hint=f"The jobs are: {known}.")
        return self.jobs[name]


@dataclass(frozen=True)
class Context:
    """The definitions, the local state and the workspace, open."""

    definitions: Definitions
    engine: Engine
    mirror: Mirror
    workspace: Workspace
    stop: Stop = field(default_factory=Stop)


def load_definitions(environ: Mapping[str, str], dotenv: Path | None) -> Definitions:
    """Read settings, provider, lists and jobs; a provider's own copies beside provider.yaml come first.

    Raises:
        DefinitionError: with every fault of the files that were read.
    """
    from lists_sync.definitions.settings import load_settings

    return load_files(load_settings(environ, dotenv))


def load_files(settings: Settings) -> Definitions:
    """Read provider, lists and jobs of the configuration that the settings name.

    Raises:
        DefinitionError: with every fault of the files that were read.
    """
    from lists_sync.definitions.jobs import load_jobs
    from lists_sync.definitions.policy import FOLDERS, PROVIDER, read_policy
    from lists_sync.definitions.provider import load_provider
    from lists_sync.definitions.schemas import load_schemas

    folders = {name: _directory(name, settings.config) for name in FOLDERS}
    schemas = load_schemas(folders["list_schemas"])
    jobs = load_jobs(folders["jobs"], schemas)
    provider = load_provider(settings.config, schemas, jobs)
    return Definitions(
        settings,
        provider,
        schemas,
        provider.apply_thresholds(jobs),
        folders["templates"],
        read_policy(folders, settings.config or shipped("templates") / PROVIDER),
    )


def _directory(name: str, config: Path | None) -> Path:
    own = config.parent / name if config else None
    return own if own and own.is_dir() else shipped(name)


@contextmanager
def open_context(definitions: Definitions, *, stop: Stop | None = None) -> Iterator[Context]:
    """Open state and connection for one process at a time, and close them again.

    Args:
        stop: what tells the runs to end; None for nobody.

    Raises:
        BusyError: another process of this machine works on the same state.
    """
    from lists_sync.connect.connection import Connection
    from lists_sync.connect.workspace import Workspace
    from lists_sync.mirror.database import open_database
    from lists_sync.mirror.versions import Mirror

    settings = definitions.settings
    home = settings.home
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(home / "run.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as fault:
        raise BusyError(
            "Another lists-sync is at work on this state; nothing was done.",
            hint="Wait until it has ended, or point LISTS_SYNC_HOME at another folder.",
        ) from fault
    try:
        engine = open_database(settings.database_url or f"sqlite:///{home / 'state.db'}", at=iso(now()))
        try:
            stop = stop or Stop()
            with Connection(settings, definitions.provider, sleep=stop.sleep) as connection:
                workspace = Workspace(connection, definitions.schemas)
                yield Context(definitions, engine, Mirror(engine), workspace, stop)
        finally:
            engine.dispose()
    finally:
        lock.release()
