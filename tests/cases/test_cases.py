"""The cases that a governance lead can read: each row of a YAML file against the job as shipped."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from ruamel.yaml import YAML

from lists_sync.controls import Lists, Remembered
from lists_sync.definitions.jobs import load_jobs
from lists_sync.definitions.provider import load_provider
from lists_sync.definitions.schemas import load_schemas
from lists_sync.evaluate import Circumstances, evaluate
from lists_sync.memory import remembered
from lists_sync.model import Item, Kind
from lists_sync.plan.diff import JOINER
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
        given = {**usual, **row}
        unique = given.pop("unique_id", f"0d6a-{number}")
        modified = _instant(given.pop("Modified", "2026-01-01 00:00"))
        if "Created" in given:
            fields["Created"] = f"{_instant(given.pop('Created')):%Y-%m-%dT%H:%M:%SZ}"
        for name, value in given.items():
            column = schema.column(name)
            if value is not None:
                wire = f"{name}LookupId" if column.kind is Kind.PERSON else name
                fields[wire] = _wire(column, value, people)
        yield Item(key, number, f'"{unique},1"', fields, modified)


def _snapshot(lists, usual, moment):
    schemas, _, provider = _definitions()
    people = {}
    items = {
        key: list(_items(key, schemas[key], rows, usual.get(key, {}), people)) for key, rows in lists.items()
    }
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


def _rows_of(book, case, keys):
    """Give the rows of each list: the book's own, then the case's; Escalations stand under `lists`."""
    given = {**{key: rows for key, rows in case.items() if key != "escalations"}, **case.get("lists", {})}
    return {key: [*book.get("rows", {}).get(key, []), *given.get(key, [])] for key in sorted(keys)}


def _remembered(book, case, job, snapshot, *, slot, moment, calendar):
    if "records" in case:
        found = remembered(job, snapshot, slot=slot, moment=moment, calendar=calendar)
    else:
        previous = case["previous"] if "previous" in case else book.get("previous")
        at = _instant(previous) if previous else None
        found = Remembered(
            previous_at=at,
            first_run=at is None,
            cycle_start=at or calendar.same_time_previous_working_day(moment),
            cycle_end=_instant(case["cycle_end"]) if "cycle_end" in case else moment,
        )
    ids = _ids(snapshot)
    earlier = None
    if "earlier" in case:
        lists = {key: case["earlier"].get(key, []) for key in job.reads}
        then = _snapshot(lists, book["usual"], found.previous_at)
        earlier = Lists(then.frames, then.unusable)
    since = {ids[ref]: pd.Timestamp(_instant(at)) for ref, at in case.get("proposed_since", {}).items()}
    held = {ids[ref]: pd.Timestamp(_instant(at)) for ref, at in case.get("held_since", {}).items()}
    days = {ids[ref]: count for ref, count in case.get("due_days", {}).items()}
    return replace(
        found,
        raised_keys=frozenset(case.get("raised", ())),
        earlier=earlier,
        proposed_since=pd.Series(since, dtype="datetime64[us, UTC]"),
        held_since=pd.Series(held, dtype="datetime64[us, UTC]"),
        due_days=pd.Series(days, dtype="int64"),
        fixed=tuple(case.get("fixed", ())),
        put_back=frozenset(ids[ref] for ref in case.get("put_back", ())),
        left_behind=frozenset(case.get("left_behind", ())),
        reinstated=frozenset((sample, ids[ref]) for sample, ref in case.get("reinstated", ())),
    )


def _ids(snapshot):
    """Give the ids of lines by their reference."""
    frame = snapshot.frames.get("actions", pd.DataFrame({"ActionRef": []}))
    return {ref: int(id_) for id_, ref in frame["ActionRef"].dropna().items()}


def _first_seen(case, ids):
    """Read when values were first seen: of lines by reference, or by `list.column` and item."""
    found = {}
    for name, told in case.get("first_seen", {}).items():
        if isinstance(told, dict):
            found[name] = {int(id_): pd.Timestamp(_instant(at)) for id_, at in told.items()}
        else:
            found.setdefault("actions.ClosedOn", {})[ids[name]] = pd.Timestamp(_instant(told))
    return {name: pd.Series(seen, dtype="datetime64[us, UTC]") for name, seen in found.items()}


def _outcome(book, case):
    _, jobs, provider = _definitions()
    job = provider.apply_thresholds(jobs)[book["job"]]
    job = replace(job, settings={**job.settings, **case.get("settings", {})})
    moment = _instant(case.get("moment", book["moment"]))
    slot = _instant(case["slot"]) if "slot" in case else moment
    lists = _rows_of(book, case, job.keys)
    if job.record:
        lists[job.record] = [{"RecordKey": str(n), **row} for n, row in enumerate(case.get("records", ()))]
    snapshot = _snapshot(lists, book["usual"], moment)
    ids = _ids(snapshot)
    accounts = case.get("accounts")
    calendar = provider.calendar.operational if job.control.startswith("2.") else provider.calendar
    outcome = evaluate(
        job,
        snapshot,
        provider=provider,
        calendar=provider.calendar,
        remembered=_remembered(book, case, job, snapshot, slot=slot, moment=moment, calendar=calendar),
        slot=slot,
        moment=moment,
        told=Circumstances(
            first_seen=_first_seen(case, ids),
            accounts=accounts and {email: WORDS[word] for email, word in accounts.items()},
            salt=case.get("salt", book.get("salt", "")),
        ),
    )
    return outcome, ids


def _plain(value):
    """Give a value as a case would write it: joined choices and tuples as a list, instants in local time."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, str) and JOINER in value:
        return value.split(JOINER)
    if value is None or value != value:  # noqa: PLR0124
        return None
    if isinstance(value, datetime):
        local = value.astimezone(ZONE) if value.tzinfo else value
        return f"{local:%Y-%m-%d %H:%M}" if local.time() != time(0) or value.tzinfo else local.date()
    return value.item() if hasattr(value, "item") else value


def _expected(value, found):
    """Give what a case expects in the form in which the value was found: yes and no as true and false."""
    if isinstance(value, str) and value in WORDS and not isinstance(found, str):
        return WORDS[value]
    return value


def _check_values(told, row, expected):
    for name, value in expected.items():
        found = _plain(row[name])
        if isinstance(value, list) and isinstance(found, str):
            found = [found]
        assert found == _expected(value, found), f"{told} {name} is {found}"


@pytest.mark.parametrize(("book", "case"), list(_files()))
def test_case(book, case):
    """The job, as shipped, finds what the sentence says."""
    outcome, ids = _outcome(book, case)
    measures = case.get("measures", {})
    assert {name: outcome.measures[name] for name in measures} == {
        name: WORDS.get(value, value) if isinstance(value, str) else value for name, value in measures.items()
    }
    _check_items(outcome.wanted, ids, {"actions": case.get("lines", {}), **case.get("items", {})})
    for key, numbers in case.get("settled", {}).items():
        found = outcome.wanted[key].index.tolist() if key in outcome.wanted else []
        assert found == numbers, f"{key}: settled are {found}"
    _check_items(outcome.moves, ids, case.get("moves", {}), exactly=True)
    _check_rows(outcome, case)
    if "faults" in case:
        assert sorted(f"{one.ref} {one.column}" for one in outcome.faults) == sorted(case["faults"])
    if "escalations" in case:
        assert [one.key for one in outcome.escalations] == case["escalations"]
    if case.get("notes") == []:
        assert not outcome.notes
    for word in case.get("notes", []):
        assert any(word in note for note in outcome.notes), outcome.notes
    if "first_run" in case:
        assert outcome.first_run is WORDS[case["first_run"]]
    if "writes_record" in case:
        assert outcome.records is WORDS[case["writes_record"]]
    _check_first(outcome, case.get("first", {}))


def _check_items(frames, ids, expected, *, exactly=False):
    """Compare result values by list, then by reference of a line or by item number."""
    for key, items in expected.items():
        named = {}
        for name, columns in items.items():
            number = ids[name] if name in ids else int(str(name).removeprefix("#"))
            named[number] = columns
            _check_values(f"{key} {name}", frames[key].loc[number], columns)
        if exactly:
            found = sorted(int(id_) for id_ in frames[key].index) if key in frames else []
            assert found == sorted(named), f"{key}: moved are {found}"


def _check_rows(outcome, case):
    """Compare the rows made in each list, in order, and the rows of the record by reference."""
    for key, rows in case.get("rows", {}).items():
        made = [one for one in outcome.rows if one.list == key]
        assert len(made) == len(rows), [one.key for one in made]
        for one, row in zip(made, rows, strict=True):
            _check_values(one.key, {"key": one.key, **one.values}, row)
    if "record_rows" in case:
        found = {row["ActionRef"]: row for row in outcome.record_rows}
        assert list(found) == list(case["record_rows"])
        for ref, row in case["record_rows"].items():
            _check_values(ref, found[ref], row)


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
