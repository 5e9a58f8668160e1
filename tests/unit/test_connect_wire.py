"""Values to the wire and back, for every kind of column."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists_sync.connect.wire import Wire, parsed, zone_name
from lists_sync.errors import MissingError
from lists_sync.model import Column, Kind, ListSchema

WORDS = ("Low", "Medium", "High")
SCHEMA = ListSchema(
    "actions",
    "Actions",
    "governance",
    (
        Column("ActionRef", Kind.TEXT, unique=True),
        Column("Note", Kind.NOTE),
        Column("Effort", Kind.NUMBER),
        Column("Done", Kind.YESNO),
        Column("Day", Kind.DATE),
        Column("At", Kind.DATETIME),
        Column("Risk", Kind.CHOICE, choices=WORDS),
        Column("Flags", Kind.CHOICES, choices=WORDS),
        Column("Owner", Kind.PERSON),
    ),
)
ZONES = ["Europe/London", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"]
PEOPLE = {7: "sam@rosewood.example", 8: "ada@rosewood.example"}
IDS = {email: number for number, email in PEOPLE.items()}
texts = st.text(min_size=1, max_size=30)
instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
rows = st.fixed_dictionaries(
    {
        "ActionRef": st.none() | texts,
        "Note": st.none() | texts,
        "Effort": st.none() | st.floats(-1e6, 1e6) | st.integers(-1000, 1000),
        "Done": st.booleans(),
        "Day": st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
        "At": st.none() | instants.map(lambda moment: moment.replace(microsecond=0)),
        "Risk": st.none() | st.sampled_from(WORDS),
        "Flags": st.none()
        | st.sets(st.sampled_from(WORDS), min_size=1).map(lambda s: tuple(w for w in WORDS if w in s)),
        "Owner": st.none() | st.sampled_from(sorted(IDS)),
    }
)
names = st.fixed_dictionaries(
    {}, optional={"Risk": st.just("Severity"), "Owner": st.just("Lead"), "Day": st.just("Due")}
)
words = st.sampled_from([{}, {"Risk": {"Amber": "Medium"}, "Flags": {"Rot": "High", "Grün": "Low"}}])
wires = st.builds(Wire, st.just(SCHEMA), st.sampled_from(ZONES).map(ZoneInfo), names, words)
PLAIN = Wire(SCHEMA, ZoneInfo("Europe/London"))


@given(wires, rows)
def test_what_is_written_reads_back(wire, row):
    """Every value comes back as it was, in any zone and under any mapping."""
    assert wire.decode(wire.encode(row, IDS.__getitem__), PEOPLE.__getitem__) == row


@given(wires, rows)
def test_only_selected_members_are_written(wire, row):
    """Whatever is written is also asked for, so that a delta shows it."""
    written = {name.removesuffix("@odata.type") for name in wire.encode(row, IDS.__getitem__)}
    assert written <= set(wire.selected())


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(ZONES))
def test_day_is_local_midnight_of_the_site(day, zone):
    """A date-only value is the instant at which that day begins by the site's clock."""
    wire = Wire(SCHEMA, ZoneInfo(zone))
    local = parsed(wire.encode({"Day": day}, IDS.__getitem__)["Day"]).astimezone(ZoneInfo(zone))
    assert (local.date(), local.time()) == (day, time())


def test_summer_day_begins_an_hour_before_utc():
    """In British summer a day begins at 23:00 UTC of the day before."""
    assert PLAIN.encode({"Day": date(2026, 7, 1)}, IDS.__getitem__) == {"Day": "2026-06-30T23:00:00Z"}


def test_several_choices_name_their_type():
    """Graph refuses an array that does not say what it holds."""
    assert PLAIN.encode({"Flags": ("Low", "High")}, IDS.__getitem__) == {
        "Flags@odata.type": "Collection(Edm.String)",
        "Flags": ["Low", "High"],
    }


def test_person_is_written_by_lookup_id():
    """A person goes out as the site's number for them."""
    assert PLAIN.encode({"Owner": PEOPLE[7]}, IDS.__getitem__) == {"OwnerLookupId": 7}


@pytest.mark.parametrize(
    ("column", "fields"),
    [
        ("ActionRef", {"ActionRef": None}),
        ("Owner", {"OwnerLookupId": None}),
        ("Day", {"Day": None}),
        ("Done", {"Done": False}),
        ("Flags", {"Flags@odata.type": "Collection(Edm.String)", "Flags": []}),
    ],
)
def test_none_clears(column, fields):
    """An emptied column is told as empty, and a yes/no as no."""
    assert PLAIN.encode({column: None}, IDS.__getitem__) == fields


@pytest.mark.parametrize(
    ("value", "sent"), [(5.0, 5), (2.5, 2.5), (float("nan"), None), (float("inf"), None)]
)
def test_numbers_are_what_json_has(value, sent):
    """A whole number goes out without a fraction, and what is not finite clears the column."""
    fields = PLAIN.encode({"Effort": value}, IDS.__getitem__)
    assert fields == {"Effort": sent}
    assert type(fields["Effort"]) is type(sent)


def test_unknown_column_is_refused():
    """A column that the schema lacks is never written."""
    with pytest.raises(KeyError):
        PLAIN.encode({"Elsewhere": "x"}, IDS.__getitem__)


@given(st.text(max_size=40))
def test_no_value_breaks_out_of_a_filter(value):
    """Whatever a value holds, its literal is one quoted text."""
    _, literal = PLAIN.literal("ActionRef", value)
    assert literal[0] == literal[-1] == "'"
    assert literal[1:-1].replace("''", "").count("'") == 0
    assert literal[1:-1].replace("''", "'") == value


def test_filter_uses_the_providers_name_and_word():
    """A mapped column is asked for under the provider's name, with the provider's word."""
    wire = Wire(SCHEMA, ZoneInfo("UTC"), {"Risk": "Severity"}, {"Risk": {"Amber": "Medium"}})
    assert wire.literal("Risk", "Medium") == ("Severity", "'Amber'")


def test_unusable_values_decode_to_none():
    """Text in a number, a broken date and a person without a number are no values."""
    fields = {"Effort": "lots", "At": "yesterday", "OwnerLookupId": "x"}
    decoded = PLAIN.decode(fields, PEOPLE.__getitem__)
    assert (decoded["Effort"], decoded["At"], decoded["Owner"]) == (None, None, None)


@pytest.mark.parametrize("zone_id", [2, 3, 4, 10, 76, 93])
def test_known_zones_exist(zone_id):
    """SharePoint's zone ids lead to zones that this machine has."""
    assert datetime.now(ZoneInfo(zone_name(zone_id))).utcoffset() < timedelta(days=1)


def test_site_in_dublin_and_london_keeps_summer_time():
    """SharePoint's zone 2, shown as plain UTC in its settings, has British summer time."""
    assert zone_name(2) == "Europe/London"


def test_unknown_zone_is_an_error():
    """A zone that is not known is told, since guessing would move days."""
    with pytest.raises(MissingError):
        zone_name(9999)


def test_fractions_of_a_second_are_dropped():
    """Instants with fractions, as some answers have them, are read to the second."""
    assert parsed("2026-11-24T08:15:00.1234567Z") == datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
