"""Seeded mixtures: a share of all calls is met by one of many faults, drawn anew for each seed."""

import random

from faults.harness import Fault

KINDS = (
    {"answer": {"status": 429}},
    {"answer": {"status": 429, "retry_after": 3}},
    {"answer": {"status": 500}},
    {"answer": {"status": 500, "before_or_after": "after"}},
    {"answer": {"status": 502}},
    {"answer": {"status": 502, "before_or_after": "after"}},
    {"answer": {"status": 503}},
    {"answer": {"status": 503, "retry_after": 2}},
    {"answer": {"status": 503, "before_or_after": "after"}},
    {"answer": {"status": 504}},
    {"answer": {"status": 504, "before_or_after": "after"}},
    {"answer": {"reset": True}},
    {"answer": {"reset": True, "before_or_after": "after"}},
    {"answer": {"reset": True, "cut_after_bytes": 150}},
    {"answer": {"cut_after_bytes": 0}},
    {"answer": {"cut_after_bytes": 150}},
    {"match": {"method": "GET"}, "answer": {"status": 401}},
    {"match": {"path": r"\$batch"}, "answer": {"status": 401}},
    {"match": {"path": r"delta.*[?&]token="}, "answer": {"status": 410}},
    {"match": {"method": "PATCH", "path": "/items/"}, "answer": {"status": 409}},
    {"match": {"method": "POST", "path": "/items$"}, "answer": {"missing": True}},
    {"match": {"method": "PATCH", "path": "/items/"}, "answer": {"missing": True}},
    {"match": {"path": "/items"}, "answer": {"without": ["headers", "body"]}},
    {"match": {"path": r"\$batch"}, "answer": {"inner": {"parts": [1, 4], "status": 503}}},
)
"""What may meet a call. Posts to Teams are left out: one that is never answered may be sent twice."""
_ALL_BUT_TEAMS = "^/(?!teams/)"


def mixture(seed, percent):
    """Give a fault that meets so many of a hundred calls, and stands until all runs are through."""
    dice = random.Random(seed)
    kinds = dice.sample(KINDS, len(KINDS))
    each = 1 - (1 - percent / 100) ** (1 / len(kinds))
    rows = [
        {
            "match": {"path": _ALL_BUT_TEAMS, **kind.get("match", {})},
            "probability": each,
            "seed": dice.randrange(1_000_000),
            "answer": kind["answer"],
        }
        for kind in kinds
    ]
    return Fault({"faults": rows, "switches": {"batch_shuffled": True}}, lasting=True)
