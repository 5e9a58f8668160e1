"""The trail of a period as one folder that an inspector can open, and check, without us.

Source: controls.md section 8; interfaces.md section 1, trail export.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from lists_sync import __version__
from lists_sync.errors import StateError
from lists_sync.inspect import verifier
from lists_sync.inspect.chain import Chain, read_chain
from lists_sync.inspect.folder import check_target, written
from lists_sync.inspect.lists import Lists
from lists_sync.inspect.pages import Pages
from lists_sync.inspect.tables import Table
from lists_sync.mirror.versions import Mirror

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lists_sync.context import Definitions
    from lists_sync.inspect.period import Period

KEPT = ("escalations", "closure_holds", "control_runs", "burst_samples")
_INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True)
class Trail:
    """All there is to write out of a period.

    Args:
        records: the fifteen, in the order of their controls.
        kept: by key of KEPT.
    """

    period: Period
    provider: str
    records: tuple[Table, ...]
    kept: Mapping[str, Table]
    runs: Table
    chain: Chain

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in the order of the contents."""
        return (*self.records, *self.kept.values(), self.runs)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all of the period."""
        return not any(table.rows for table in self.tables)

    @property
    def since(self) -> int:
        """How many changes the bot has made to these lists since they were read."""
        return sum(table.read.since for table in self.tables if table.read)

    @property
    def read_at(self) -> tuple[str, str]:
        """The earliest and the latest reading of these lists, ISO UTC; "" where none was ever read."""
        read = [table.read.at for table in self.tables if table.read and table.read.at]
        return min(read, default=""), max(read, default="")

    @property
    def read_pull(self) -> int:
        """The pull that read all of these lists; 0 where not one and the same did."""
        pulls = {table.read.pull for table in self.tables if table.read}
        return pulls.pop() if len(pulls) == 1 else 0

    @property
    def counts(self) -> dict[str, int]:
        """How much there is of everything."""
        escalations, runs = self.kept["escalations"], self.kept["control_runs"]
        return {
            "records": sum(len(table.rows) for table in self.records),
            "escalations": len(escalations.rows),
            "acknowledged": sum(row.get("AcknowledgedAt") is not None for row in escalations.rows),
            "holds": len(self.kept["closure_holds"].rows),
            "control_runs": len(runs.rows),
            "missed": runs.count("Result", "Missed"),
            "late": sum(_is_late(row.get("LateMinutes")) for row in runs.rows),
            "burst_samples": len(self.kept["burst_samples"].rows),
            "runs": len(self.runs.rows),
            "cut_off": len(self.chain.runs) - len(self.chain.chained),
            "policies": len(self.chain.policies),
        }


@dataclass(frozen=True)
class Exported:
    """What was written.

    Args:
        files: how many; `size` their bytes together.
        seal: SHA-256 of the manifest, hex.
        faults: what the folder's own check finds that is not as it should be; none where the trail is sound.
    """

    folder: Path
    trail: Trail
    files: int
    size: int
    seal: str
    faults: tuple[str, ...]


def read_trail(definitions: Definitions, engine: Engine, period: Period) -> Trail:
    """Read all of a period from the local state; nothing is asked of SharePoint."""
    mirror = Mirror(engine)
    lists = Lists(definitions, mirror, period, mirror.last_pull())
    kept = {key: lists.kept(key) for key in KEPT}
    records = lists.records()
    chain = read_chain(engine, period)
    jobs = {job.record: job.name for job in definitions.jobs.values() if job.record}
    linked = [
        replace(table, links=chain.job_files(jobs[table.path.removeprefix("records/")])) for table in records
    ]
    return Trail(period, definitions.provider.name, tuple(linked), kept, chain.table(), chain)


def export(definitions: Definitions, engine: Engine, period: Period, folder: Path) -> Exported:
    """Write the trail of a period into a folder, which is there whole afterwards or not at all.

    Raises:
        FileError: something is there already, or it cannot be written.
        StateError: there is nothing of the period.
    """
    check_target(folder)
    trail = read_trail(definitions, engine, period)
    if trail.is_empty:
        raise StateError(
            f"Nothing is known here of {period}; nothing was written.",
            hint="Is this the machine that runs the jobs? `lists-sync pull` reads the lists.",
        )
    files = dict(_files(trail, definitions))
    manifest = _manifest(trail, files)
    seal = hashlib.sha256(manifest).hexdigest()
    files |= {verifier.MANIFEST: manifest, verifier.SEAL: f"{seal}  {verifier.MANIFEST}\n".encode()}
    with written(folder, files) as made:
        _, faults = verifier.check(made)
    return Exported(folder, trail, len(files), sum(map(len, files.values())), seal, tuple(faults))


def _files(trail: Trail, definitions: Definitions) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every file but the manifest."""
    zone = trail.period.zone
    common = {"period": str(trail.period), "provider": trail.provider, "zone": zone.key}
    pages = Pages(definitions.templates, zone, common)
    first, last = trail.read_at
    facts = {"counts": trail.counts, "read_first": first, "read_last": last, "version": __version__}
    yield "index.html", pages.page("index", trail=trail, up="", **facts)
    for table in trail.tables:
        yield f"{table.path}.csv", table.csv(zone)
        yield f"{table.path}.html", pages.table(table)
    yield from trail.chain.files()
    yield "verify.py", Path(verifier.__file__).read_bytes()


def _manifest(trail: Trail, files: Mapping[str, bytes]) -> bytes:
    first, last = trail.read_at
    document: dict[str, Any] = {
        "program": "lists-sync",
        "version": __version__,
        "provider": trail.provider,
        "from": trail.period.first.isoformat(),
        "to": trail.period.last.isoformat(),
        "zone": trail.period.zone.key,
        "lists_read": {"first": first or None, "last": last or None},
        "files": [
            {"path": path, "size": len(files[path]), "sha256": hashlib.sha256(files[path]).hexdigest()}
            for path in sorted(files)
        ],
    }
    return orjson.dumps(document, option=_INDENTED)


def _is_late(minutes: object) -> bool:
    return isinstance(minutes, int | float) and minutes > 0
