"""What reading and mirroring 100,000 items costs in CPU, beside plain requests and json.

    python benchmarks/reads.py [--items 100000]

All read the same pages of 1,000 from a local service in one run; each way's best of three rounds counts. The
target is at most twice the CPU of
plain requests.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from typing import Any

import requests
from quick_service import serving
from writes import our_graph

from lists_sync.connect.wire import parsed
from lists_sync.mirror.database import open_database
from lists_sync.mirror.versions import Mirror
from lists_sync.model import Item

TARGET_RATIO = 2.0
ROWS = 1000
ROUNDS = 3
OURS, MIRRORED, PLAIN = "our pages", "read and mirrored", "requests and json"
Read = Callable[[str, str], int]
"""Reads a whole list from (address of the service, path of its first page); gives the number of items."""


def our_pages(url: str, path: str) -> int:
    """The listing as a pull reads it, page by page."""
    return sum(len(page.rows) for page in our_graph(url).pages(path))


class Mirrored:
    """The listing read and kept as versions, synced to the disk; the state stands open, as in a run."""

    def __init__(self, folder: str) -> None:
        self.mirror = Mirror(open_database(f"sqlite:///{folder}/state.db", at="2026-11-23T08:15:00Z"))

    def __call__(self, url: str, path: str) -> int:
        count = 0
        for page in our_graph(url).pages(path):
            items = [_item(row) for row in page.rows]
            count += self.mirror.absorb("actions", items, 1, empty=True)
        return count


def _item(row: dict[str, Any]) -> Item:
    modified = parsed(row.get("lastModifiedDateTime"))
    return Item("actions", int(row["id"]), str(row["eTag"]), row["fields"], modified)


def plain_requests(url: str, path: str) -> int:
    """The same with one session of requests and the standard json."""
    count, following = 0, f"{url}/v1.0{path}"
    with requests.Session() as session:
        while following:
            answer = session.get(following, headers={"Authorization": "Bearer t"}, timeout=(10, 120))
            body = json.loads(answer.content)
            count += len(body["value"])
            following = body.get("@odata.nextLink", "")
    return count


WAYS: dict[str, Read] = {PLAIN: plain_requests, OURS: our_pages}


def measure(items: int) -> dict[str, tuple[int, float, float]]:
    """Give items, CPU seconds and wall seconds of each way."""
    pages = max(1, items // ROWS)
    path = f"/items/delta?page=0&rows={ROWS}&pages={pages}"
    found = {}
    with serving() as url, tempfile.TemporaryDirectory() as folder:
        ways = dict(WAYS)
        plain_requests(url, path)  # the service renders its pages on the first reading
        for number in range(ROUNDS):
            ways[MIRRORED] = Mirrored(f"{folder}/{number}")
            for name, read in ways.items():
                wall, cpu = time.perf_counter(), time.process_time()
                count = read(url, path)
                cost = (count, time.process_time() - cpu, time.perf_counter() - wall)
                found[name] = min(found.get(name, cost), cost)
    return found


def main() -> None:
    """Print each way's cost and its ratio to plain requests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=100_000)
    found = measure(parser.parse_args().items)
    plain = found[PLAIN][1]
    print(f"{'way':24}{'items':>9}{'CPU s':>9}{'wall s':>9}{'us/item':>9}{'ratio':>8}")
    for name, (count, cpu_s, wall_s) in found.items():
        print(f"{name:24}{count:9}{cpu_s:9.2f}{wall_s:9.2f}{cpu_s / count * 1e6:9.1f}{cpu_s / plain:8.2f}")
    ratio = found[MIRRORED][1] / plain
    print(f"target: at most {TARGET_RATIO} x; {'met' if ratio <= TARGET_RATIO else 'MISSED'}")


if __name__ == "__main__":
    main()
