"""The hand-worked day of tests/cases/day: its content for a workspace, and what its people do."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from lists_sync.clock import iso

ZONE = ZoneInfo("Europe/London")
EVE = "2026-08-31T17:00:00Z"
WORDS = {"yes": True, "no": False}
PEOPLE = ("Manager", "Email", "Owner", "ReviewedBy")
BOOK = YAML(typ="safe", pure=True).load(
    (Path(__file__).parent / "cases" / "day" / "2026-09-01.yaml").read_text(encoding="utf-8")
)


def instant(text):
    """Read a local time as an instant in UTC."""
    return iso(datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC))


def _loaded(row, usual=None):
    """Give a row as the workspace takes it: instants in UTC, people by address, yes and no as such."""
    made = {}
    for name, value in {**(usual or {}), **row}.items():
        if isinstance(value, date):
            made[name] = value.isoformat()
        elif name in PEOPLE and value is not None:
            made[name] = f"{value}@rosewood.example"
        elif isinstance(value, str) and value[:2] == "20" and " " in value:
            made[name] = instant(value)
        elif value is not None:
            made[name] = WORDS.get(value, value) if name == "Active" else value
    return made


def content():
    lists = {
        key: [_loaded(row, BOOK["usual"].get(key)) for row in rows] for key, rows in BOOK["lists"].items()
    }
    files = [
        {
            "name": f"evidence-{number}.txt",
            "unique_id": file["unique_id"],
            "text": f"File {number}.",
            "fields": _loaded({name: value for name, value in file.items() if name != "unique_id"}),
        }
        for number, file in enumerate(BOOK["files"], start=1)
    ]
    users = [{"email": f"{one}@rosewood.example", "name": one} for one in BOOK["users"]]
    return {"time_zone": "Europe/London", "users": users, "lists": lists, "files": {"evidence": files}}


class People:
    """Plays what people do, when its time has come."""

    def __init__(self, house):
        self.house = house
        self.acts = list(BOOK["acts"])

    def until(self, slot):
        while self.acts and instant(f"{BOOK['date']} {self.acts[0]['at']}") <= iso(slot):
            act = self.acts.pop(0)
            self.house.control("clock", {"now": instant(f"{BOOK['date']} {act['at']}"), "frozen": True})
            self.house.control("load", {"lists": self._edits(act)})
        self.house.control("clock", {"now": iso(slot), "frozen": True})

    def _edits(self, act):
        named = {
            "actions": ("lines", "Enforcement actions", _is_of_line),
            "closure_reviews": ("reviews", "Closure reviews", _is_of_line),
            "burst_samples": ("samples", "Burst samples", _is_of_today),
        }
        return {
            key: [
                {"id": self._id(title, match, name), **_loaded(values)} for name, values in act[kind].items()
            ]
            for key, (kind, title, match) in named.items()
            if kind in act
        }

    def _id(self, title, match, name):
        (found,) = [one.id for one in self.house.rows(title) if match(one.fields, name)]
        return found


def _is_of_line(fields, name):
    return fields["ActionRef"] == name


def _is_of_today(fields, name):
    return fields["SampleKey"] == f"B-{BOOK['date']}/00000000-0000-4000-8000-{name:012d}"
