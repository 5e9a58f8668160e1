"""Checks that this folder is whole and as it was written.

Run it with: python3 verify.py. It needs Python 3.8 or newer and nothing else, reads this folder alone and
changes nothing. It leaves with 0 where all is well, else with 1 and a line for each thing that is not.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MANIFEST, SEAL, CHAIN, CONTROL_RUNS = "manifest.json", "manifest.sha256", "chain.json", "control-runs.csv"
UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, csv.Error)
OF_THE_DESKTOP = {".DS_Store", "Thumbs.db", "desktop.ini"}


def check(folder: Path) -> tuple[list[str], list[str]]:
    """Give what was looked at, and what is not as it was written."""
    told: list[str] = []
    faults: list[str] = []
    looks = ((SEAL, _seal), (MANIFEST, _files), (CHAIN, _chain), ("policy", _policies), (CONTROL_RUNS, _rows))
    for place, look in looks:
        try:
            told.append(look(folder, faults))
        except UNREADABLE as fault:
            faults.append(f"{place}: it cannot be checked ({type(fault).__name__}).")
    return told, faults


def _seal(folder: Path, faults: list[str]) -> str:
    found = _sha256((folder / MANIFEST).read_bytes())
    if found != (folder / SEAL).read_text(encoding="utf-8").split()[0]:
        faults.append(f"{MANIFEST}: it was altered; its hash is not the one in {SEAL}.")
    return f"SHA-256 of {MANIFEST}: {found}"


def _files(folder: Path, faults: list[str]) -> str:
    named = {one["path"]: one["sha256"] for one in _json(folder / MANIFEST)["files"]}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    added = present - set(named) - {MANIFEST, SEAL}
    added = {name for name in added if name.split("/")[-1] not in OF_THE_DESKTOP}
    faults += [f"{name}: it was added; the manifest does not name it." for name in sorted(added)]
    for name, digest in sorted(named.items()):
        if name not in present:
            faults.append(f"{name}: it is missing.")
        elif _sha256((folder / name).read_bytes()) != digest:
            faults.append(f"{name}: it was altered; its hash is not that of the manifest.")
    return f"{len(named)} files held against the manifest."


def _chain(folder: Path, faults: list[str]) -> str:
    """Hold every run's hash against its own bytes and the hash of the run before it."""
    chain = _json(folder / CHAIN)
    number, before = chain["before"]["run"], chain["before"]["hash"]
    start = f"from run {number}, whose hash is {before}" if number else "from its beginning"
    for one in chain["runs"]:
        path = f"runs/{one['run']}.json"
        body = (folder / path).read_bytes() if (folder / path).is_file() else b""
        if not body:
            faults.append(f"{path}: it is missing, so the chain is broken at run {one['run']}.")
        elif _sha256(before.encode() + b"\n" + body) != one["hash"]:
            faults.append(f"{path}: it or the hash before it was altered; the chain breaks at this run.")
        elif _placed(json.loads(body.decode("utf-8")), one["run"], number) != (one["run"], number):
            faults.append(f"{path}: by its own words it does not stand at this place of the chain.")
        number, before = one["run"], one["hash"]
    return f"{len(chain['runs'])} runs followed along the chain, {start}."


def _placed(body: dict[str, Any], number: int, before: int) -> tuple[Any, Any]:
    return body.get("run", number), body.get("before", before)


def _policies(folder: Path, faults: list[str]) -> str:
    """Hold the files by which the runs judged against the digest that each run names."""
    bodies = [(number, body) for number, body in _bodies(folder) if body.get("files")]
    used = {str(body["files"]): number for number, body in reversed(bodies)}
    for digest, number in used.items():
        place = folder / "policy" / digest[:16]
        paths = [one for one in place.rglob("*") if one.is_file() and one.name not in OF_THE_DESKTOP]
        texts = {one.relative_to(place).as_posix(): one.read_bytes().decode("utf-8") for one in paths}
        if policy_digest(texts) != digest:
            faults.append(f"policy/{digest[:16]}: these are not the files by which run {number} judged.")
    return f"{len(used)} policies held against the runs that judged by them."


def policy_digest(texts: dict[str, str]) -> str:
    """Give the digest of a policy: SHA-256 over the JSON of its texts by path, in order of paths."""
    plain = json.dumps(texts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return _sha256(plain.encode("utf-8"))


def _rows(folder: Path, faults: list[str]) -> str:
    """Look in the chain for the hashes that stood in Control runs, in SharePoint."""
    bodies, count = dict(_bodies(folder)), 0
    runs = {one["hash"]: bodies.get(one["run"]) for one in _json(folder / CHAIN)["runs"]}
    with (folder / CONTROL_RUNS).open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            digest, place = row["ChainHash"], f"{CONTROL_RUNS}: {row['RunKey']}"
            run, count = runs.get(digest), count + bool(digest)
            if not digest and row["Result"] != "Missed":
                faults.append(f"{place} names no run of the chain.")
            elif digest and digest not in runs:
                faults.append(f"{place} names a hash that is that of no run here.")
            elif run and (run.get("job"), run.get("slot")) != (row["Control"], row["Slot (UTC)"]):
                faults.append(f"{place} names the hash of another job or slot.")
    return f"{count} hashes of Control runs looked for in the chain."


def _bodies(folder: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the runs that can be read; those that cannot are told where the chain is followed."""
    for one in _json(folder / CHAIN)["runs"]:
        try:
            yield one["run"], dict(_json(folder / "runs" / f"{one['run']}.json"))
        except (OSError, ValueError, TypeError):
            continue


def _json(path: Path) -> Any:
    return json.loads(path.read_bytes().decode("utf-8"))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> int:
    """Check the folder named, else the one in which this file stands; gives the exit code."""
    told, faults = check(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
    end = f"Not as it was written, in {len(faults)} places." if len(faults) > 1 else "Not as it was written."
    end = end if faults else "All is as it was written."
    for line in [*told, *(f"  ! {fault}" for fault in faults), end]:
        plain = "".join(char if " " <= char <= "~" else f"[U+{ord(char):04X}]" for char in line)
        sys.stdout.write(f"{plain}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
