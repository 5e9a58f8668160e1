"""The snapshot: wire values to typed frames."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from lists_sync.definitions.schemas import load_schemas
from lists_sync.model import Item
from lists_sync.shipped import shipped
from lists_sync.snapshot import build

SCHEMAS = load_schemas(shipped("list_schemas"))
LONDON = ZoneInfo("Europe/London")
MOMENT = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
SEEN = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Mapping:
    columns: dict = field(default_factory=dict)
    choices: dict = field(default_factory=dict)


def _snapshot(zone=LONDON, mappings=None, moment=MOMENT, **lists):
    items = {
        key: [
            row if isinstance(row, Item) else Item(key, number, f'"AB-{number},3"', row, SEEN)
            for number, row in enumerate(rows, start=1)
        ]
        for key, rows in lists.items()
    }
    return build(
        items,
        SCHEMAS,
        people={"governance": {7: "Ada@Rosewood.example"}},
        zones={"governance": zone, "evidence": zone},
        provider_zone=LONDON,
        moment=moment,
        mappings=mappings,
    )


def _line(**fields):
    return {"ActionRef": "A", "Status": "In progress", **fields}


def _value(column, fields, **more):
    return _snapshot(actions=[_line(**fields)], **more).frames["actions"][column].iloc[0]


def _fault(fields, key="actions"):
    snapshot = _snapshot(**{key: [fields]})
    return [(fault.column, fault.why) for fault in snapshot.faults]


def test_dtypes_are_those_of_the_kinds():
    """Every column has its dtype even in an empty list."""
    for rows in ([], [_line(OwnerLookupId="7", DueDate="2026-12-01T00:00:00Z", EffortHours=2.5)]):
        frame = _snapshot(actions=rows).frames["actions"]
        assert frame.index.dtype == "int64"
        assert frame.index.name == "id"
        told = {
            "ActionRef": "str",
            "EvidenceRequirement": "str",
            "Owner": "str",
            "Status": "str",
            "QualityStatements": "str",
            "EffortHours": "float64",
            "HighRiskOverdue": "bool",
            "EvidenceDueDate": "datetime64[us]",
            "DueDate": "datetime64[us, UTC]",
            "Modified": "datetime64[us, UTC]",
            "_unique": "str",
        }
        assert {name: str(frame[name].dtype) for name in told} == told


def test_columns_are_those_of_the_schema():
    """A frame holds every column of its schema, the time of change and the guid; a library its file name."""
    frames = _snapshot(actions=[], evidence=[]).frames
    assert list(frames["actions"]) == [column.name for column in SCHEMAS["actions"].columns] + [
        "Modified",
        "_unique",
    ]
    assert "FileLeafRef" in frames["evidence"]


def test_items_stand_by_ascending_id_and_the_deleted_are_gone():
    """Tombstones are left out and order does not matter."""
    items = [
        Item("actions", 9, '"x,1"', _line(ActionRef="C")),
        Item("actions", 2, '"x,1"', {}, deleted=True),
        Item("actions", 4, '"x,1"', _line(ActionRef="B")),
    ]
    frame = _snapshot(actions=items).frames["actions"]
    assert frame["ActionRef"].to_dict() == {4: "B", 9: "C"}


def test_a_person_is_an_address():
    """A lookup id becomes the e-mail in lower case, an unknown one its number, nobody nothing."""
    assert _value("Owner", {"OwnerLookupId": "7"}) == "ada@rosewood.example"
    assert _value("Owner", {"OwnerLookupId": 7}) == "ada@rosewood.example"
    assert _value("Owner", {"OwnerLookupId": "8"}) == "#8"
    assert pd.isna(_value("Owner", {}))


def test_several_choices_stand_in_schema_order():
    """The order in which they were ticked does not show."""
    fields = {"QualityStatements": ["Safeguarding", "Learning culture"]}
    assert _value("QualityStatements", fields) == "Learning culture;#Safeguarding"


def test_an_unknown_word_among_several_is_left_out():
    """The known ones stay, and the fault is told."""
    fields = _line(QualityStatements=["Safeguarding", "Sparkle"])
    snapshot = _snapshot(actions=[fields])
    assert snapshot.frames["actions"]["QualityStatements"].iloc[0] == "Safeguarding"
    assert snapshot.unusable == {("actions", "QualityStatements"): frozenset({1})}


def test_a_day_is_the_sites_local_day():
    """A date-only value is the instant of the site's midnight, in summer an hour before UTC's."""
    assert _value("EvidenceDueDate", {"EvidenceDueDate": "2026-06-30T23:00:00Z"}) == pd.Timestamp(
        "2026-07-01"
    )
    brussels = ZoneInfo("Europe/Brussels")
    fields = {"EvidenceDueDate": "2026-01-14T23:00:00Z"}
    assert _value("EvidenceDueDate", fields, zone=brussels) == pd.Timestamp("2026-01-15")


def test_a_due_date_in_a_date_only_column_is_the_providers_midnight():
    """The midnight of a site in another zone means that day to everybody."""
    brussels = ZoneInfo("Europe/Brussels")
    fields = {"DueDate": "2026-11-30T23:00:00Z"}  # 1 December in Brussels
    assert _value("DueDate", fields, zone=brussels) == pd.Timestamp("2026-12-01", tz="UTC")
    fields = {"DueDate": "2026-06-30T22:00:00Z"}  # 1 July in Brussels
    assert _value("DueDate", fields, zone=brussels) == pd.Timestamp("2026-06-30T23:00", tz="UTC")


def test_a_due_time_in_another_zone_stays_that_instant():
    """Only midnight is a day."""
    fields = {"DueDate": "2026-12-01T15:30:00Z"}
    expected = pd.Timestamp("2026-12-01T15:30", tz="UTC")
    assert _value("DueDate", fields, zone=ZoneInfo("America/Los_Angeles")) == expected


def test_a_mapped_column_written_as_a_bare_day_is_that_day():
    """A provider may keep dates as text."""
    assert _value("DueDate", {"DueDate": "2026-07-01"}) == pd.Timestamp("2026-06-30T23:00", tz="UTC")
    assert _value("RaisedOn", {"RaisedOn": "2026-07-01"}) == pd.Timestamp("2026-07-01")


def test_blank_text_is_missing():
    """White space alone is no text, and an absent yes/no is no."""
    assert pd.isna(_value("ClosureRule", {"ClosureRule": " \n "}))
    assert not _value("HighRiskOverdue", {})


def test_a_providers_own_columns_and_words_are_ours():
    """A mapping names theirs; the words match as a person reads them."""
    mapping = Mapping(
        columns={"DueDate": "Due", "Owner": "Lead", "Status": "State"},
        choices={"Status": {"Done": "Closed"}, "RiskRating": {"Red": "High"}},
    )
    row = {
        "ActionRef": "A",
        "Due": "2026-12-01T00:00:00Z",
        "LeadLookupId": "7",
        "State": " done",
        "RiskRating": "red",
    }
    snapshot = _snapshot(actions=[row], mappings={"actions": mapping})
    line = snapshot.frames["actions"].iloc[0]
    assert (line["Status"], line["RiskRating"], line["Owner"]) == ("Closed", "High", "ada@rosewood.example")
    assert line["DueDate"] == pd.Timestamp("2026-12-01", tz="UTC")
    assert snapshot.faults == ()


def test_a_word_stays_as_typed():
    """What people typed is not rewritten by being read."""
    assert _value("Status", {"Status": "closed "}) == "closed "


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"EffortHours": "three"}, "EffortHours"),
        ({"EffortHours": True}, "EffortHours"),
        ({"EffortHours": -0.5}, "EffortHours"),
        ({"BaselineRiskScore": -1}, "BaselineRiskScore"),
        ({"BaselineFailureRate": 100.1}, "BaselineFailureRate"),
        ({"CurrentFailureRate": -1}, "CurrentFailureRate"),
        ({"DueDate": "soon"}, "DueDate"),
        ({"DueDate": "1989-12-31T23:59:00Z"}, "DueDate"),
        ({"DueDate": "2031-11-24T08:16:00Z"}, "DueDate"),
        ({"EvidenceDueDate": "2031-11-25T00:00:00Z"}, "EvidenceDueDate"),
        ({"RaisedOn": "2026-11-25T00:00:00Z"}, "RaisedOn"),
        ({"RaisedOn": "1989-12-31T00:00:00Z"}, "RaisedOn"),
        ({"ClosedOn": "2026-11-24T08:15:01Z"}, "ClosedOn"),
        ({"RiskRating": "Severe"}, "RiskRating"),
        ({"Status": "Parked"}, "Status"),
        ({"Status": None}, "Status"),
    ],
)
def test_an_unusable_value_is_taken_out_and_told(fields, column):
    """It is missing in the frame, named in `unusable` and told in one fault, never by its value."""
    snapshot = _snapshot(actions=[_line(**fields)])
    assert pd.isna(snapshot.frames["actions"][column].iloc[0])
    assert snapshot.unusable == {("actions", column): frozenset({1})}
    (fault,) = snapshot.faults
    assert (fault.list, fault.id, fault.column, fault.ref) == ("actions", 1, column, "A")
    value = fields[column]
    assert value is None or str(value) not in fault.why


@pytest.mark.parametrize(
    "fields",
    [
        {"EffortHours": 0},
        {"BaselineFailureRate": 0},
        {"BaselineFailureRate": 100},
        {"DueDate": "1990-01-01T00:00:00Z"},
        {"DueDate": "2031-11-24T08:15:00Z"},
        {"EvidenceDueDate": "2031-11-24T00:00:00Z"},
        {"RaisedOn": "2026-11-24T00:00:00Z"},
        {"ClosedOn": "2026-11-24T08:15:00Z"},
        {"RiskTheme": "A theme of our own"},
        {"Status": " CLOSED\u200b"},
        {"EffortHours": None, "DueDate": None},
    ],
)
def test_what_lies_on_the_border_can_be_used(fields):
    """The bounds themselves, fill-in words, and blanks are no faults."""
    assert _snapshot(actions=[_line(**fields)]).faults == ()


def test_the_bots_own_columns_are_never_faulted():
    """A foreign word in a result column stays to be seen and overwritten."""
    snapshot = _snapshot(actions=[_line(DeadlineState="Nonsense")])
    assert snapshot.frames["actions"]["DeadlineState"].iloc[0] == "Nonsense"
    assert snapshot.faults == ()


def test_more_matched_than_checked_cannot_be_used():
    """RecordsMatched goes, RecordsChecked stays; the same for stages."""
    samples = [{"BurstId": "B-2026-11-24", "ActionRef": "A", "RecordsChecked": 5, "RecordsMatched": 6}]
    tests = [{"BurstId": "B-2026-11-24", "ActionRef": "A", "StagesTotal": 5, "StagesCorrect": 6}]
    snapshot = _snapshot(actions=[_line()], burst_samples=samples, retests=tests)
    assert np.isnan(snapshot.frames["burst_samples"]["RecordsMatched"].iloc[0])
    assert snapshot.frames["burst_samples"]["RecordsChecked"].iloc[0] == 5
    assert {(one.list, one.column) for one in snapshot.faults} == {
        ("burst_samples", "RecordsMatched"),
        ("retests", "StagesCorrect"),
    }


def test_a_shared_reference_stays_and_is_told_on_both():
    """Spaces, capitals and zero-width characters do not make two references of one."""
    snapshot = _snapshot(
        actions=[_line(ActionRef="WN 1"), _line(ActionRef="wn\u200b  1 "), _line(ActionRef="B")]
    )
    assert snapshot.unusable == {("actions", "ActionRef"): frozenset({1, 2})}
    assert snapshot.frames["actions"]["ActionRef"].notna().all()


def test_a_reference_that_names_nothing_is_told_by_the_items_number():
    """The reference itself is the value, so it is not repeated."""
    rows = [{"ActionRef": "Z", "RegisteredDueDate": "2026-12-01T00:00:00Z"}]
    (fault,) = _snapshot(actions=[_line()], register=rows).faults
    assert (fault.list, fault.column, fault.ref) == ("register", "ActionRef", "#1")


def test_one_lost_reference_of_several_is_a_fault():
    """A file that names a line and something else is told, and still stands."""
    snapshot = _snapshot(actions=[_line()], evidence=[{"ActionRef": "A;Z"}, {"ActionRef": "a ; A"}, {}])
    assert snapshot.unusable == {("evidence", "ActionRef"): frozenset({1})}


def test_a_burst_that_nobody_drew_is_a_fault():
    """A retest names a burst that has samples."""
    retests = [{"BurstId": "B-2026-11-20", "ActionRef": "A"}]
    snapshot = _snapshot(actions=[_line()], burst_samples=[], retests=retests)
    assert [fault.column for fault in snapshot.faults] == ["BurstId"]


def test_versions_and_guid_are_those_of_the_etag():
    """The eTag stands as it came; the guid is its first part in lower case."""
    snapshot = _snapshot(actions=[_line()])
    assert snapshot.versions == {"actions": {1: '"AB-1,3"'}}
    assert snapshot.frames["actions"]["_unique"].iloc[0] == "ab-1"


def test_the_digest_follows_the_data_and_not_the_moment():
    """The same items have one digest at every moment, in any order; a changed value has another."""
    rows = [_line(), _line(ActionRef="B")]
    items = [Item("actions", number, '"x,1"', row) for number, row in enumerate(rows, start=1)]
    digest = _snapshot(actions=items).digest
    assert _snapshot(actions=items[::-1], moment=SEEN).digest == digest
    changed = [items[0], Item("actions", 2, '"x,1"', _line(ActionRef="C"))]
    assert _snapshot(actions=changed).digest != digest
    newer = [items[0], Item("actions", 2, '"x,2"', rows[1])]
    assert _snapshot(actions=newer).digest != digest


def test_a_date_at_the_edge_of_what_sharepoint_holds_is_read():
    """The years 1900 and 8900 are dates, though none that can be used."""
    assert _fault(_line(RaisedOn="1900-01-02T00:00:00Z")) == [("RaisedOn", "is before 1990")]
    assert _fault(_line(DueDate="8900-12-31T00:00:00Z")) == [("DueDate", "is more than 5 years ahead")]
