"""The runs of a period: each as the bytes its hash covers, with the files by which it judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import select

from lists_sync.clock import parse
from lists_sync.inspect.tables import Head, Table
from lists_sync.mirror.tables import run
from lists_sync.trail.policies import Policies

if TYPE_CHECKING:
    from sqlalchemy import Engine, Row

    from lists_sync.definitions.policy import Policy
    from lists_sync.inspect.cells import Cell
    from lists_sync.inspect.period import Period

_HEADS = (
    Head("Run", "Run", "The run's number.", is_number=True),
    Head("Job", "Job", "Name of the job."),
    Head("Slot", "Slot", "The scheduled minute that it answers for.", is_time=True),
    Head("Moment", "Moment", "The instant as at which it judged.", is_time=True),
    Head("StartedAt", "Started at", "By the clock of the machine.", is_time=True, on_page=False),
    Head("FinishedAt", "Finished at", "By the clock of the machine.", is_time=True, on_page=False),
    Head("Result", "Result", "How it ended; Cut off: it came to no end, and stands in no chain."),
    Head("InPeriod", "In period", "Whether its slot lies in the period; others join the chain's ends."),
    Head("Program", "Program", "Version of the program.", on_page=False),
    Head("Policy", "Policy", "Folder of the files by which it judged."),
    Head("Before", "Run before", "The run before it in the chain.", is_number=True),
    Head("Hash", "Hash", "SHA-256 over the hash before it, a line end, and its own bytes."),
    Head("HashBefore", "Hash before", "Hash of the run before it.", on_page=False),
)


@dataclass(frozen=True)
class Kept:
    """A run as the local state keeps it.

    Args:
        values: its row.
        content: what it says of itself; empty where that cannot be read.
    """

    values: Row[Any]
    content: Mapping[str, Any]

    @property
    def files(self) -> str:
        """Digest of the files by which it judged, "" where it names none."""
        return str(self.content.get("files") or "")


@dataclass(frozen=True)
class Chain:
    """The runs whose slots lie in a period, and those between them in the chain.

    Args:
        runs: by number, ascending; those that came to no end have no hash.
        before: number and hash of the run before them; (0, "") where the chain begins with them.
        policies: by digest; None where it is not kept, or is no longer what it was.
    """

    runs: tuple[Kept, ...]
    before: tuple[int, str]
    policies: Mapping[str, Policy | None]
    period: Period

    @property
    def chained(self) -> list[Kept]:
        """The runs that have a hash."""
        return [one for one in self.runs if one.values.chain_hash]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield path and bytes of the chain, of each run in it, and of each policy's files."""
        number, before = self.before
        links = [{"run": one.values.id, "hash": one.values.chain_hash} for one in self.chained]
        chain = {"before": {"run": number, "hash": before}, "runs": links}
        yield "chain.json", orjson.dumps(chain, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        for one in self.chained:
            yield f"runs/{one.values.id}.json", (one.values.content or "").encode()
        for digest, policy in self.policies.items():
            for name, text in (policy.files if policy else {}).items():
                if _is_inside(name):
                    yield f"policy/{digest[:16]}/{name}", text.encode()

    def table(self) -> Table:
        """Give the runs as a table."""
        rows, before = [], self.before
        for one in self.runs:
            rows.append(self._row(one, before))
            if one.values.chain_hash:
                before = (one.values.id, one.values.chain_hash)
        about = "Every run whose slot lies in the period, and whatever ran between them."
        return Table("runs", "Runs", "Slot", _HEADS, tuple(rows), about)

    def job_files(self, job: str) -> dict[str, str]:
        """Give the file of a job in each policy by which it ran in the period: words -> path."""
        name = f"jobs/{job}.yaml"
        digests = dict.fromkeys(one.files for one in self.runs if one.values.job == job)
        known = [one for one in digests if name in getattr(self.policies.get(one), "files", {})]
        return {f"{name} of policy {one[:16]}": f"policy/{one[:16]}/{name}" for one in known}

    def _row(self, one: Kept, before: tuple[int, str]) -> dict[str, Cell]:
        values, chained = one.values, bool(one.values.chain_hash)
        return {
            "Run": values.id,
            "Job": values.job,
            "Slot": parse(values.slot),
            "Moment": parse(values.moment),
            "StartedAt": parse(values.started_at),
            "FinishedAt": parse(values.finished_at) if values.finished_at else None,
            "Result": values.result or "Cut off",
            "InPeriod": self.period.holds_text(values.slot),
            "Program": str(one.content.get("version") or "") or None,
            "Policy": one.files[:16] or None,
            "Before": before[0] if chained else None,
            "Hash": values.chain_hash,
            "HashBefore": (before[1] or None) if chained else None,
        }


def read_chain(engine: Engine, period: Period) -> Chain:
    """Read the runs of a period, what stands between them in the chain, and what they judged by."""
    with engine.connect() as connection:
        slots = connection.execute(select(run.c.id, run.c.slot).order_by(run.c.id)).all()
        mine = [row.id for row in slots if period.holds_text(row.slot)]
        first, last = (mine[0], mine[-1]) if mine else (0, -1)
        rows = connection.execute(select(run).where(run.c.id.between(first, last)).order_by(run.c.id)).all()
        earlier = select(run.c.id, run.c.chain_hash).where(run.c.id < first, run.c.chain_hash.is_not(None))
        before = connection.execute(earlier.order_by(run.c.id.desc()).limit(1)).one_or_none()
    runs = tuple(Kept(row, _content(row.content)) for row in rows)
    digests = dict.fromkeys(one.files for one in runs if one.files)
    policies = {digest: Policies(engine).find(digest) for digest in digests}
    return Chain(runs, (before.id, before.chain_hash) if before else (0, ""), policies, period)


def _content(body: str | None) -> Mapping[str, Any]:
    try:
        content = orjson.loads(body or "{}")
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _is_inside(name: str) -> bool:
    """Tell whether a file's name leads nowhere but into its folder."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
