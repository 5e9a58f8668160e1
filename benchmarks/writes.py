"""How long 1,000 changed items take: our batches, the client library's own, and one call each.

    python benchmarks/writes.py [--items 1000] [--rounds 5]

All ways write to the same local service in one run; each way's best round counts. The targets: 50 calls; the
transport alone 2.5 times as fast as the client library's own batch; with the outbox on, its commits synced to
the disk, no slower than that batch and 4 times as fast as one by one.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from typing import Any

from office365.graph_client import GraphClient
from office365.graph_request import GraphRequest
from quick_service import serving

from lists_sync.connect import Graph, Op
from lists_sync.connect.pace import Pace
from lists_sync.connect.session import Line
from lists_sync.mirror.database import open_database
from lists_sync.model import Answered, Change
from lists_sync.outbox import Outbox
from lists_sync.write import Writer

TARGET_RATIO, OUTBOX_RATIO, SINGLE_RATIO = 2.5, 1.0, 4.0
OURS, BOXED, CLIENT, SINGLE = "our batches", "with the outbox", "the client's batches", "one by one"
Write = Callable[[str, int], int]
"""Writes so many items to the service at an address; gives the number of calls."""


class Token:
    """A token that is always good, so that signing in is not timed."""

    def __call__(self) -> dict[str, Any]:
        return {"access_token": "t", "token_type": "Bearer"}

    def renew(self, *_: str | None) -> None:
        raise AssertionError("the service refuses no token")


class Plain(GraphClient):
    """The client library as its manual has it, at another address."""

    def __init__(self, url: str) -> None:
        super().__init__()

        class Request(GraphRequest):
            @property
            def service_root_url(self) -> str:
                return f"{url}/v1.0"

        self._pending_request = Request().with_access_token(Token())

    def pending_request(self) -> GraphRequest:
        return self._pending_request

    def queue(self, number: int) -> None:
        fields = self.sites["s"].lists["l"].items[str(number)].fields
        fields.set_property("DeadlineState", "Overdue")
        fields.set_property("SlippageBand", "Missed under 24 h")
        fields.update()


def our_graph(url: str) -> Graph:
    """Graph as the product opens it, without a sign-in."""
    pace = Pace()
    return Graph(Line(Token(), pace, agent="NONISV|Bench|lists_sync/0", local=True), f"{url}/v1.0", pace)


def our_batches(url: str, count: int) -> int:
    """The transport alone: guarded calls, twenty a batch."""
    values = {"DeadlineState": "Overdue", "SlippageBand": "Missed under 24 h"}
    ops = [Op("PATCH", f"/sites/s/lists/l/items/{n}/fields", values, f'"g,{n}"') for n in range(count)]
    replies = our_graph(url).batch(ops)
    assert all(reply.ok for reply in replies)
    return -(-count // 20)


class Place:
    """What the writer needs of a workspace: Graph, and calls for a list at a known address."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def encode(self, _key: str, values: dict[str, Any]) -> dict[str, Any]:
        return dict(values)

    def update_op(self, _key: str, id_: int, fields: dict[str, Any], etag: str) -> Op:
        return Op("PATCH", f"/sites/s/lists/l/items/{id_}/fields", fields, etag)


class Boxed:
    """As a run writes: intention committed, call, answer committed; the state stands open, as in a run."""

    def __init__(self, folder: str) -> None:
        self.outbox = Outbox(open_database(f"sqlite:///{folder}/state.db", at="2026-11-23T08:15:00Z"))

    def __call__(self, url: str, count: int) -> int:
        values = {"DeadlineState": (None, "Overdue"), "SlippageBand": (None, "Missed under 24 h")}
        changes = [Change("actions", n, f"#{n}", values, f'"g,{n}"') for n in range(count)]
        answers = Writer(Place(our_graph(url)), self.outbox).write(1, changes)
        assert all(answer.answered is Answered.DONE for answer in answers)
        return -(-count // 20)


def client_batches(url: str, count: int) -> int:
    """The client library's own batch, unguarded, since it drops If-Match."""
    with Plain(url) as client:
        for number in range(count):
            client.queue(number)
        client.execute_batch(items_per_batch=20)
    return -(-count // 20)


def one_by_one(url: str, count: int) -> int:
    """The client library's own update, each item by itself."""
    with Plain(url) as client:
        for number in range(count):
            client.queue(number)
            client.execute_query()
    return count


WAYS: dict[str, Write] = {OURS: our_batches, CLIENT: client_batches, SINGLE: one_by_one}


def measure(count: int, rounds: int) -> dict[str, tuple[int, float]]:
    """Give calls and best seconds of each way."""
    best: dict[str, tuple[int, float]] = {}
    with serving() as url, tempfile.TemporaryDirectory() as folder:
        ways = {OURS: WAYS[OURS], BOXED: Boxed(folder), **WAYS}
        for write in ways.values():
            write(url, 40)
        for turn in range(rounds):
            for name, write in ways.items():
                if name == SINGLE and turn:
                    continue
                start = time.perf_counter()
                calls = write(url, count)
                took_s = time.perf_counter() - start
                best[name] = min(best.get(name, (calls, took_s)), (calls, took_s))
    return best


def main() -> None:
    """Print each way's calls, seconds and ratio to ours."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    best = measure(given.items, given.rounds)
    ours = best[OURS][1]
    print(f"{'way':24}{'calls':>8}{'seconds':>10}{'times ours':>12}")
    for name, (calls, took_s) in best.items():
        print(f"{name:24}{calls:8}{took_s:10.3f}{took_s / ours:12.2f}")
    client, boxed, single = best[CLIENT][1], best[BOXED][1], best[SINGLE][1]
    _tell(f"{-(-given.items // 20)} calls for {given.items:,} items", best[OURS][0], -(-given.items // 20))
    _tell("transport against the client's batch", client / ours, TARGET_RATIO)
    _tell("with the outbox against the client's batch", client / boxed, OUTBOX_RATIO)
    _tell("with the outbox against one by one", single / boxed, SINGLE_RATIO)


def _tell(what: str, found: float, target: float) -> None:
    met = found == target if "calls" in what else found >= target
    print(f"{what}: {found:.2f}, target {target:g}: {'met' if met else 'MISSED'}")


if __name__ == "__main__":
    main()
