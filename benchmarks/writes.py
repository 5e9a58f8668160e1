"""How long 1,000 changed items take: our batches, the client library's own, and one call each.

    python benchmarks/writes.py [--items 1000] [--rounds 5]

All ways write to the same local service in one run; each way's best round counts. The target is 50 calls,
and 2.5 times the client library's own batch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

from office365.graph_client import GraphClient
from office365.graph_request import GraphRequest
from quick_service import serving

from lists_sync.connect import Graph, Op
from lists_sync.connect.pace import Pace
from lists_sync.connect.session import Line

TARGET_RATIO = 2.5
OURS, CLIENT, SINGLE = "our batches", "the client's batches", "one by one"
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
    with serving() as url:
        for write in WAYS.values():
            write(url, 40)
        for turn in range(rounds):
            for name, write in WAYS.items():
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
    ratio = best[CLIENT][1] / ours
    verdict = "met" if ratio >= TARGET_RATIO else "MISSED"
    print(f"target: {-(-given.items // 20)} calls, {TARGET_RATIO} times the client's batch; {verdict}")


if __name__ == "__main__":
    main()
