"""What stands in the lists of a workspace, in a form in which two workspaces can be compared."""

from collections import Counter
from dataclasses import dataclass, field

import requests

KEYED = {
    "escalations": "EscalationKey",
    "control_runs": "RunKey",
    "closure_holds": "HoldKey",
    "burst_samples": "SampleKey",
}
"""The bot's own lists, by the column that names a row once and for all; records have RecordKey."""
OWN_DOINGS = {
    "control_runs": {"RanAt", "Writes", "Conflicts", "Escalations", "ChainHash", "LateMinutes", "Result"},
    "escalations": {"Card"},
}
"""Columns that tell how a run went, and so differ where it took two runs to do the same."""


def key_column(schemas, key):
    """Give the column that names a row, "" where the list is people's own."""
    return "RecordKey" if schemas[key].record else KEYED.get(key, "")


def standing(url, schemas, own_doings=OWN_DOINGS):
    """Give the rows of every list by list key, then by what names the row; doubles stand in a list.

    Args:
        own_doings: by list key the columns that are left out.
    """
    found = {}
    for key in schemas:
        rows = requests.get(f"{url}/_workspace/items/{key}", timeout=60).json()["items"]
        column, left_out = key_column(schemas, key), own_doings.get(key, set())
        named = found.setdefault(key, {})
        for row in rows:
            name = row.get(column) if column else row["id"]
            kept = {one: value for one, value in row.items() if one not in left_out}
            if column:
                kept.pop("id")  # rows of the bot may be made in another order
            named.setdefault(name, []).append(kept)
    return found


@dataclass
class Difference:
    """How the lists differ from those of an undisturbed run, each as `list name`."""

    lost: list = field(default_factory=list)
    twice: list = field(default_factory=list)
    more: list = field(default_factory=list)
    otherwise: list = field(default_factory=list)

    def __bool__(self):
        return bool(self.lost or self.twice or self.more or self.otherwise)


def compare(undisturbed, found):
    """Tell what is lost, there twice, there without being there undisturbed, or there otherwise."""
    told = Difference()
    for key, rows in undisturbed.items():
        told.lost += [f"{key} {name}" for name in rows if name not in found[key]]
        told.more += [f"{key} {name}" for name in found[key] if name not in rows]
        told.twice += [f"{key} {name}" for name, there in found[key].items() if len(there) > 1]
        for name in rows.keys() & found[key].keys():
            if rows[name][0] != found[key][name][0]:
                columns = {
                    one
                    for one in rows[name][0].keys() | found[key][name][0].keys()
                    if rows[name][0].get(one) != found[key][name][0].get(one)
                }
                told.otherwise.append(f"{key} {name} {','.join(sorted(columns))}")
    return told


def posts(url):
    """Count the posts that Teams took, by channel and the reference in the card."""
    taken = requests.get(f"{url}/_workspace/posts", timeout=60).json()["posts"]
    return Counter((post["channel"], _reference(post["body"])) for post in taken)


def _reference(body):
    return str(body["attachments"][0]["content"])
