"""How long the deadline controls take, and how much memory, beside the same figures computed in polars.

Run it from the repository: `python benchmarks/controls.py [SIZE ...]`. Each size and engine runs in a process
of its own, three times over the same lines; told are the best time and the peak memory of the process, data
included. The two engines must agree on every figure and every result column.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

SIZES = (10_000, 100_000, 1_000_000)
ENGINES = ("lists_sync", "polars")
ROUNDS = 3
MOMENT = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
PREVIOUS = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/London")
STATUS = [
    "Not started",
    "In progress",
    "Nearly complete",
    "Proposed for closure",
    "Deferred",
    "Closed",
    "Cancelled",
]
DAY = np.timedelta64(1, "D")


def lines(count: int) -> dict[str, dict[str, np.ndarray]]:
    """Make the lists of a provider with that many lines: plain columns, a blank as None or NaT."""
    rng = np.random.default_rng(20261124)
    midnight = np.datetime64("2026-11-24T00:00:00", "us")
    due = midnight + rng.integers(-200, 200, count) * DAY
    due += np.where(rng.random(count) < 0.4, rng.integers(1, 86_400, count), 0).astype("timedelta64[s]")
    due[rng.random(count) < 0.03] = np.datetime64("NaT")
    refs = _objects([f"WN-{number // 40:05d}/{number % 40:02d}" for number in range(count)])
    people = max(20, count // 500)
    emails = _objects([f"manager.{number}@rosewood.example" for number in range(people)])
    closed = midnight - rng.integers(0, 60 * 86_400, count).astype("timedelta64[s]")
    status = _objects(STATUS)[rng.choice(7, count, p=[0.15, 0.35, 0.1, 0.05, 0.03, 0.3, 0.02])]
    evidence_due = (midnight + rng.integers(-100, 100, count) * DAY).astype("datetime64[us]")
    evidence_due[rng.random(count) < 0.05] = np.datetime64("NaT")
    registered = due.astype("datetime64[D]").astype("datetime64[us]")
    moved = rng.random(count) < 0.1
    registered[moved] -= 7 * DAY
    registered[np.isnat(registered)] = midnight
    changes = count // 5
    changed = rng.integers(0, count, changes)
    new_day = due[changed].astype("datetime64[D]").astype("datetime64[us]")
    new_day[np.isnat(new_day)] = midnight
    files = count // 3
    named = refs[rng.integers(0, count, files)]
    twice = rng.random(files) < 0.1
    named[twice] = named[twice] + "; " + refs[rng.integers(0, count, int(twice.sum()))]
    return {
        "actions": {
            "ActionRef": refs,
            "Status": status,
            "RiskRating": _objects(["Low", "Medium", "High"])[rng.integers(0, 3, count)],
            "Owner": _some(emails[rng.integers(0, people, count)], rng, 0.02),
            "Service": _objects([f"Service {number}" for number in range(30)])[rng.integers(0, 30, count)],
            "DueDate": due,
            "ClosedOn": np.where(status == "Closed", closed, np.datetime64("NaT")),
            "EvidenceDueDate": evidence_due,
            "EvidenceRequirement": _some(_objects(["Audit"])[np.zeros(count, dtype=int)], rng, 0.05),
            "ValidationMethod": _some(_objects(["Observation"])[np.zeros(count, dtype=int)], rng, 0.05),
            "ClosureRule": _some(_objects(["Two clean audits"])[np.zeros(count, dtype=int)], rng, 0.05),
            "QualityStatements": _some(_objects(["Safeguarding"])[np.zeros(count, dtype=int)], rng, 0.05),
        },
        "register": {"ActionRef": _fresh(refs[rng.permutation(count)]), "RegisteredDueDate": None},
        "deadline_changes": {
            "ActionRef": _fresh(refs[changed]),
            "NewDueDate": new_day,
            "Decision": _objects(["Pending", "Approved", "Rejected"])[rng.integers(0, 3, changes)],
            "ApprovedOn": midnight - rng.integers(0, 90 * 86_400, changes).astype("timedelta64[s]"),
        },
        "managers": {
            "Email": emails,
            "Manager": emails,
            "Active": rng.random(people) < 0.95,
        },
        "evidence": {"ActionRef": _fresh(named), "_unique": np.arange(len(named)).astype(str).astype(object)},
        "burst_samples": _no_samples(),
        "_registered": {"ActionRef": refs, "RegisteredDueDate": registered},
    }


def _no_samples() -> dict[str, np.ndarray]:
    """No file was ever sampled: what 1.1 reads of them all the same."""
    words = ("SampleKey", "MatchesLivePractice", "SourceDateCurrent", "OutcomeProof", "Disposition")
    times = ("ReviewBy", "SampledAt", "ReviewedAt")
    return {
        **{name: np.array([], dtype=object) for name in (*words, "CorrectionAccepted")},
        **{name: np.array([], dtype="datetime64[us]") for name in times},
    }


def _objects(words: list[str]) -> np.ndarray:
    return np.array(words, dtype=object)


def _some(values: np.ndarray, rng: np.random.Generator, missing: float) -> np.ndarray:
    values = values.copy()
    values[rng.random(len(values)) < missing] = None
    return values


def _fresh(words: np.ndarray) -> np.ndarray:
    """Copy the texts themselves, as another list read from the wire would hold its own."""
    return _objects(json.loads(json.dumps(words.tolist())))


def lists(count: int) -> dict[str, dict[str, np.ndarray]]:
    """Make the lists with the register in an order of its own."""
    made = lines(count)
    registered = dict(zip(*made.pop("_registered").values(), strict=True))
    register = made["register"]
    register["RegisteredDueDate"] = np.array(
        [registered[ref] for ref in register["ActionRef"]], dtype="datetime64[us]"
    )
    return made


COMPARED = ("1.1", "1.2", "1.4")
INSTANTS = ("DueDate", "ClosedOn", "ApprovedOn", "ReviewBy", "SampledAt", "ReviewedAt")


def in_lists_sync(made: dict[str, dict[str, np.ndarray]]):
    """Give a function that runs the three controls over pandas frames."""
    import pandas as pd

    from lists_sync.controls import CONTROLS, Lists, Remembered
    from lists_sync.definitions.jobs import load_jobs
    from lists_sync.definitions.schemas import load_schemas
    from lists_sync.shipped import shipped
    from lists_sync.worktime import Calendar

    frames = {}
    for key, columns in made.items():
        frame = {}
        for name, values in columns.items():
            if values.dtype == object:
                frame[name] = pd.Series(values, dtype="str")
            elif name in INSTANTS:
                frame[name] = pd.Series(values.astype("datetime64[us]")).dt.tz_localize("UTC")
            else:
                frame[name] = pd.Series(values)
        frames[key] = pd.DataFrame(frame)
        frames[key].index = pd.RangeIndex(1, len(frames[key]) + 1, name="id")
    ready = Lists(frames)
    remembered = Remembered(PREVIOUS, first_run=False, cycle_start=PREVIOUS, cycle_end=MOMENT)
    at = {"moment": MOMENT, "calendar": Calendar(ZONE), "remembered": remembered}
    schemas = load_schemas(shipped("list_schemas"))
    settings = {job.control: job.settings for job in load_jobs(shipped("jobs"), schemas).values()}

    def run():
        return [CONTROLS[code](ready, settings=settings[code], **at) for code in COMPARED]

    def told(judged):
        measures = {name: value for one in judged for name, value in one.measures.items()}
        columns = {
            name: one.columns["actions"][name]
            for one in judged
            for name in one.columns["actions"]
            if name != "EvidenceState"  # polars' side judges no samples
        }
        words = {
            name: [";".join(value) if isinstance(value, tuple) else value for value in column.astype(object)]
            for name, column in columns.items()
        }
        high = judged[0].findings["overdue_high_risk"]
        keys = ("overdue-high-risk/" + high["ref"] + "/" + high["due_day"]).drop_duplicates().tolist()
        return measures, words, keys

    return run, told


def in_polars(made: dict[str, dict[str, np.ndarray]]):
    """Give a function that computes the same in polars, as somebody at home there would write it."""
    import polars as pl

    frames = {}
    for key, columns in made.items():
        frame = pl.DataFrame(
            {name: values.tolist() if values.dtype == object else values for name, values in columns.items()}
        )
        instants = [name for name in INSTANTS if name in frame.columns]
        frames[key] = frame.with_columns(pl.col(instants).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))

    def plain(name):
        return (
            pl.col(name)
            .str.normalize("NFKC")
            .str.replace_all("[\u200b-\u200f\u2060\ufeff\u00ad]", "")
            .str.replace_all(r"\s+", " ")
            .str.strip_chars()
            .str.to_lowercase()
        )

    moment = pl.lit(MOMENT).cast(pl.Datetime("us", "UTC"))
    hours = pl.duration

    def run():
        actions = frames["actions"].with_row_index("id", offset=1).lazy()
        local = pl.col("DueDate").dt.convert_time_zone("Europe/London")
        next_day = (local.dt.date() + pl.duration(days=1)).cast(pl.Datetime("us"))
        midnight = next_day.dt.replace_time_zone("Europe/London").dt.convert_time_zone("UTC")
        base = actions.with_columns(
            ref=plain("ActionRef"),
            status=plain("Status"),
            risk=plain("RiskRating"),
            owner=plain("Owner"),
            due=pl.when(local.dt.time() == pl.time(0)).then(midnight).otherwise(pl.col("DueDate")),
            due_day=local.dt.date(),
        ).with_columns(
            live=~pl.col("status").is_in(["closed", "cancelled"]).fill_null(value=False),
            closed=(pl.col("status") == "closed").fill_null(value=False),
            high=(pl.col("risk") == "high").fill_null(value=False),
        )
        base = base.with_columns(
            overdue=(pl.col("live") & (pl.col("due") < moment)).fill_null(value=False)
        ).collect()
        return [status(base), integrity(base), slippage(base)]

    def status(base):
        soon = (
            pl.col("live")
            & ~pl.col("overdue")
            & (pl.col("due") <= moment + hours(hours=48)).fill_null(value=False)
        )
        state = (
            pl.when(~pl.col("live"))
            .then(None)
            .when(pl.col("overdue"))
            .then(pl.lit("Overdue"))
            .when(soon)
            .then(pl.lit("Due within 48 h"))
            .when(pl.col("due").is_not_null())
            .then(pl.lit("On track"))
            .otherwise(pl.lit("No due date"))
        )
        files = (
            frames["evidence"]
            .lazy()
            .select(pl.col("ActionRef").str.split(";").explode())
            .select(ref=plain("ActionRef"))
            .unique()
            .collect()
        )
        late = base.filter(pl.col("live") & (pl.col("EvidenceDueDate").dt.date() < pl.lit(MOMENT.date())))
        columns = base.select(DeadlineState=state, HighRiskOverdue=pl.col("overdue") & pl.col("high"))
        high = base.filter(pl.col("overdue") & pl.col("high")).sort("due", "ActionRef", "id")
        keys = high.select(
            pl.format(
                "overdue-high-risk/{}/{}",
                pl.col("ActionRef").str.strip_chars(),
                pl.col("due_day").dt.to_string("%Y-%m-%d"),
            )
        ).to_series()
        pressing = base.filter(pl.col("overdue") | soon).sort(~pl.col("high"), "due", "ActionRef").head(10)
        measures = {
            "LiveLines": int(base["live"].sum()),
            "DueWithin48h": int(base.select(soon.sum()).item()),
            "Overdue": int(base["overdue"].sum()),
            "OverdueHighRisk": len(high),
            "EvidenceOverdue": late.join(files, on="ref", how="anti").height,
        }
        return measures, columns, (keys, pressing)

    def integrity(base):
        register = frames["register"].lazy().select(ref=plain("ActionRef"), registered="RegisteredDueDate")
        changes = (
            frames["deadline_changes"]
            .lazy()
            .filter(plain("Decision") == "approved")
            .with_row_index("row")
            .select("row", "ApprovedOn", ref=plain("ActionRef"), changed="NewDueDate")
            .sort("ApprovedOn", "row")
            .unique("ref", keep="last")
            .select("ref", "changed")
        )
        active = (
            frames["managers"]
            .lazy()
            .filter("Active")
            .select(owner=plain("Email"))
            .unique()
            .with_columns(active=pl.lit(value=True))
        )
        joined = (
            base.lazy()
            .join(register, on="ref", how="left", maintain_order="left")
            .join(changes, on="ref", how="left", maintain_order="left")
            .join(active, on="owner", how="left", maintain_order="left")
            .with_columns(day=pl.coalesce("changed", "registered").dt.date())
            .select(
                "live",
                mismatched=pl.col("live") & (pl.col("due_day") != pl.col("day")).fill_null(value=True),
                missing=pl.col("live") & pl.col("EvidenceDueDate").is_null(),
                inactive=pl.col("live") & pl.col("active").is_null(),
                gap=pl.col("live")
                & pl.any_horizontal(
                    pl.col(
                        "Owner", "EvidenceRequirement", "ValidationMethod", "ClosureRule", "QualityStatements"
                    ).is_null()
                ),
            )
            .with_columns(
                IntegrityDefects=pl.concat_str(
                    pl.when("mismatched").then(pl.lit("Mismatched deadline")),
                    pl.when("missing").then(pl.lit("Missing evidence due date")),
                    pl.when("inactive").then(pl.lit("Inactive owner")),
                    separator=";",
                    ignore_nulls=True,
                )
            )
            .collect()
        )
        counts = [int(joined[name].sum()) for name in ("mismatched", "missing", "inactive")]
        names = ("MismatchedDeadlines", "MissingEvidenceDue", "InactiveOwners")
        measures = dict(zip(names, counts, strict=True)) | {
            "IntegrityDefects": sum(counts),
            "DefinitionGaps": int(joined["gap"].sum()),
        }
        return measures, joined.select("IntegrityDefects"), None

    def slippage(base):
        start = pl.lit(PREVIOUS).cast(pl.Datetime("us", "UTC"))
        late = pl.when("live").then(moment).when("closed").then(pl.col("ClosedOn")) - pl.col("due")
        band = (
            pl.when(late.is_null())
            .then(None)
            .when(pl.col("live") & ~pl.col("overdue"))
            .then(pl.lit("Not due"))
            .when(late <= hours(hours=0))
            .then(pl.lit("On schedule"))
            .when(late < hours(hours=24))
            .then(pl.lit("Missed under 24 h"))
            .otherwise(pl.lit("Missed 24 h or more"))
        )
        closed_now = (
            pl.col("closed") & (pl.col("ClosedOn") > start) & (pl.col("ClosedOn") <= moment)
        ).fill_null(value=False)
        severe_at = pl.col("due") + hours(hours=24)
        became = ((severe_at > start) & (severe_at <= moment)).fill_null(value=False)
        found = base.select(
            SlippageBand=band, play=closed_now | pl.col("overdue"), severe=closed_now | became
        )
        counted = found.select(
            ClosedOnSchedule=(pl.col("play") & (pl.col("SlippageBand") == "On schedule")).sum(),
            MissedUnder24h=(pl.col("play") & (pl.col("SlippageBand") == "Missed under 24 h")).sum(),
            Missed24hOrMore=(pl.col("play") & (pl.col("SlippageBand") == "Missed 24 h or more")).sum(),
            SevereThisCycle=(
                pl.col("play") & pl.col("severe") & (pl.col("SlippageBand") == "Missed 24 h or more")
            ).sum(),
        )
        return counted.row(0, named=True), found.select("SlippageBand"), None

    def told(found):
        measures = {name: value for figures, _, _ in found for name, value in figures.items()}
        columns = {name: frame[name].to_list() for _, frame, _ in found for name in frame.columns}
        columns["IntegrityDefects"] = [word or None for word in columns["IntegrityDefects"]]
        return measures, columns, found[0][2][0].to_list()

    return run, told


def child(engine: str, count: int) -> None:
    """Run one engine over one size and print what it took and what it found, as JSON."""
    made = lists(count)
    run, told = (in_lists_sync if engine == "lists_sync" else in_polars)(made)
    before_mb = _peak_mb()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        found = run()
        taken.append(time.perf_counter() - start)
    after_mb = _peak_mb()
    measures, columns, keys = told(found)
    digest = hashlib.sha256()
    for name in sorted(columns):
        words = ["" if value is None or value != value else str(value) for value in columns[name]]  # noqa: PLR0124
        digest.update("\n".join([name, *words]).encode())
    digest.update("\n".join(keys).encode())
    print(
        json.dumps(
            {
                "seconds": min(taken),
                "data_mb": before_mb,
                "peak_mb": after_mb,
                "measures": dict(sorted(measures.items())),
                "digest": digest.hexdigest(),
            }
        )
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(sizes: list[int]) -> int:
    """Print the table; 1 where the two engines differ."""
    print(
        f"{'lines':>9}  {'engine':<10}  {'seconds':>8}  {'peak MB':>8}  {'of which data':>13}  times polars"
    )
    equal = True
    for count in sizes:
        rows = {engine: _measured(engine, count) for engine in ENGINES}
        same = len({json.dumps([row["measures"], row["digest"]]) for row in rows.values()}) == 1
        equal &= same
        for engine, row in rows.items():
            ratio = row["seconds"] / rows["polars"]["seconds"]
            print(
                f"{count:>9}  {engine:<10}  {row['seconds']:>8.3f}  {row['peak_mb']:>8.0f}"
                f"  {row['data_mb']:>13.0f}  {ratio:>12.2f}"
            )
        print(f"{'':>9}  results equal: {'yes' if same else 'NO'}")
        if not same:
            print(*(row["measures"] for row in rows.values()), sep="\n")
    return 0 if equal else 1


def _measured(engine: str, count: int) -> dict:
    command = [sys.executable, __file__, "--child", engine, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]))
    else:
        raise SystemExit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
