"""The cases that a governance lead can read: each row of a YAML file against the job as shipped."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from ruamel.yaml import YAML

from lists_sync.controls import Remembered
from lists_sync.definitions.jobs import load_jobs
from lists_sync.definitions.provider import load_provider
from lists_sync.definitions.schemas import load_schemas
from lists_sync.evaluate import evaluate
from lists_sync.model import Item, Kind
from lists_sync.shipped import shipped
from lists_sync.snapshot import build

HERE = Path(__file__).parent
ZONE = ZoneInfo("Europe/London")
WORDS = {"yes": True, "no": False}


def _files():
    yaml = YAML(typ="safe", pure=True)
    for path in sorted(HERE.glob("*.yaml")):
        book = yaml.load(path.read_text(encoding="utf-8"))
        for case in book["cases"]:
            yield pytest.param(book, case, id=f"{path.stem}: {case['sentence']}")


@cache
def _definitions():
    schemas = load_schemas(shipped("list_schemas"))
    return schemas, load_jobs(shipped("jobs"), schemas), load_provider(None, schemas)


def _instant(text):
    """Read a local time, or a local day as its midnight."""
    if isinstance(text, date):
        text = text.isoformat()
    return datetime.fromisoformat(str(text)).replace(tzinfo=ZONE).astimezone(UTC)


def _wire(column, value, people):
    """Write a value as the service would send it."""
    if column.kind in (Kind.DATE, Kind.DATETIME):
        return f"{_instant(value):%Y-%m-%dT%H:%M:%SZ}"
    if column.kind is Kind.YESNO:
        return WORDS[value]
    if column.kind is Kind.PERSON:
        return str(people.setdefault(value, len(people) + 7))
    return value


def _items(key, schema, rows, usual, people):
    for number, row in enumerate(rows, start=1):
        fields = {}
        for name, value in {**usual, **row}.items():
            column = schema.column(name)
            if value is not None:
                wire = f"{name}LookupId" if column.kind is Kind.PERSON else name
                fields[wire] = _wire(column, value, people)
        yield Item(key, number, f'"0d6a-{number},1"', fields, datetime(2026, 1, 1, tzinfo=UTC))


def _snapshot(book, case, job, moment):
    schemas, _, provider = _definitions()
    people = {}
    items = {}
    for key in job.reads:
        rows = [*book.get("rows", {}).get(key, []), *case.get(key, [])]
        items[key] = list(_items(key, schemas[key], rows, book["usual"].get(key, {}), people))
    known = {number: email.lower() for email, number in people.items()}
    stores = {schema.store for schema in schemas.values()}
    return build(
        items,
        schemas,
        people=dict.fromkeys(stores, known),
        zones=dict.fromkeys(stores, ZONE),
        provider_zone=provider.calendar.zone,
        moment=moment,
    )


def _remembered(book, case, moment, calendar):
    previous = case["previous"] if "previous" in case else book.get("previous")
    at = _instant(previous) if previous else None
    return Remembered(
        previous_at=at,
        first_run=at is None,
        cycle_start=at or calendar.same_time_previous_working_day(moment),
        cycle_end=_instant(case["cycle_end"]) if "cycle_end" in case else moment,
        raised_keys=frozenset(case.get("raised", ())),
    )


def _outcome(book, case):
    _, jobs, provider = _definitions()
    job = jobs[book["job"]]
    job = replace(job, settings={**job.settings, **case.get("settings", {})})
    moment = _instant(case.get("moment", book["moment"]))
    snapshot = _snapshot(book, case, job, moment)
    ids = {row.get("ActionRef"): number for number, row in enumerate(case["actions"], start=1)}
    seen = {ids[ref]: pd.Timestamp(_instant(text)) for ref, text in case.get("first_seen", {}).items()}
    accounts = case.get("accounts")
    return evaluate(
        job,
        snapshot,
        provider=provider,
        calendar=provider.calendar,
        remembered=_remembered(book, case, moment, provider.calendar),
        slot=moment,
        moment=moment,
        first_seen=pd.Series(seen, dtype="datetime64[us, UTC]"),
        accounts=accounts and {email: WORDS[word] for email, word in accounts.items()},
    ), ids


def _plain(value):
    if isinstance(value, tuple):
        return list(value)
    return None if value is None or value != value else value  # noqa: PLR0124


@pytest.mark.parametrize(("book", "case"), list(_files()))
def test_case(book, case):
    """The job, as shipped, finds what the sentence says."""
    outcome, ids = _outcome(book, case)
    assert {name: outcome.measures[name] for name in case["measures"]} == case["measures"]
    frame = outcome.wanted["actions"]
    for ref, columns in case.get("lines", {}).items():
        row = frame.loc[int(ref[1:]) if ref.startswith("#") else ids[ref]]
        for name, expected in columns.items():
            assert (
                _plain(row[name]) == WORDS.get(expected, expected)
                if isinstance(expected, str)
                else (_plain(row[name]) == expected)
            ), f"{ref} {name} is {row[name]}"
    if "faults" in case:
        assert sorted(f"{one.ref} {one.column}" for one in outcome.faults) == sorted(case["faults"])
    if "escalations" in case:
        assert [one.key for one in outcome.escalations] == case["escalations"]
    for word in case.get("notes", []):
        assert any(word in note for note in outcome.notes)
    if "first_run" in case:
        assert outcome.first_run is WORDS[case["first_run"]]
    _check_first(outcome, case.get("first", {}))


def _check_first(outcome, expected):
    for name, value in expected.items():
        found = getattr(outcome.escalations[0], name)
        found = list(found) if isinstance(found, tuple) else found
        assert found == (_instant(value) if name == "act_by" and value else value), name


def test_every_case_tells_its_source():
    """A case says in one sentence what it shows and on what it rests."""
    cases = [case for param in _files() for case in [param.values[1]]]
    assert all(case["sentence"].endswith(".") and case["source"] for case in cases)
    assert len({case["sentence"] for case in cases}) == len(cases)
