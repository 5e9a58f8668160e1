"""Small parts of the embedded workspace by themselves."""

from __future__ import annotations

import base64
import subprocess
import sys

import pytest
import requests

from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.graph.filter import parse_filter
from lists_sync.emulator.graph.hashes import quick_xor
from lists_sync.emulator.state import SYSTEM, Column, State


@pytest.fixture
def state():
    made = State()
    yield made
    made.close()


@pytest.fixture
def found(state):
    columns = [
        Column(id="", name="Ref", kind="text", unique=True),
        Column(id="", name="Score", kind="number"),
    ]
    return state.create_list(state.sites()[0].id, "Things", columns=columns)


ROW = {"fields/Name": "O'Neil", "fields/Score": 4, "id": 7}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("fields/Name eq 'o''neil'", True),
        ("fields/Name ne 'x' and fields/Score gt 4", False),
        ("fields/Score ge 4 or id eq 1", True),
        ("(fields/Score lt 4 or id eq 7) and startswith(fields/Name, 'O')", True),
        ("fields/Missing eq null", True),
        ("fields/Missing eq 'x'", False),
    ],
)
def test_filter_holds(text, holds):
    """A filter holds for exactly the rows that its words describe."""
    assert parse_filter(text).holds(ROW.get) is holds


@pytest.mark.parametrize("text", ["", "fields/A", "fields/A is 'x'", "fields/A eq", "(id eq 1", "id eq one"])
def test_filter_that_cannot_be_read_is_refused(text):
    """A filter that is no filter is a bad request."""
    with pytest.raises(EmulatedError):
        parse_filter(text)


def test_hash_of_nothing_is_nought():
    """The hash of an empty file is twenty bytes of nought."""
    assert base64.b64decode(quick_xor(b"")) == bytes(20)


def test_hash_follows_its_definition():
    """The hash equals a bit by bit walk through its definition."""
    content = bytes(range(256)) * 3 + b"end"
    bits = 0
    for place, byte in enumerate(content):
        turned = byte << (place * 11 % 160)
        bits ^= (turned & ((1 << 160) - 1)) | (turned >> 160)
    walked = bytearray(bits.to_bytes(20, "little"))
    for place, byte in enumerate(len(content).to_bytes(8, "little")):
        walked[12 + place] ^= byte
    assert base64.b64decode(quick_xor(content)) == bytes(walked)


def test_versions_are_limited(state, found):
    """Past the limit the oldest version goes."""
    state.switch(version_limit=3)
    state.create_item(found.id, {"Score": 0}, actor=SYSTEM)
    for number in range(1, 6):
        state.update_item(found.id, 1, {"Score": number}, actor=SYSTEM)
    assert [version.number for version in state.item(found.id, 1).versions] == [4, 5]


def test_system_update_keeps_editor_and_version(state, found):
    """A system update changes values and the eTag, not Modified or the version."""
    before = state.create_item(found.id, {"Score": 0}, actor=SYSTEM, at="2026-01-01T00:00:00Z")
    state.update_item(found.id, 1, {"Score": 1}, actor=SYSTEM, system=True)
    item = state.item(found.id, 1)
    assert (item.modified_at, item.number, item.counter) == (before.modified_at, 1, 2)
    assert state.changes(found.id, 0)[-1].kind == "system"


def test_unique_value_is_free_again_after_a_delete(state, found):
    """A unique value may be used again once its holder is gone."""
    state.create_item(found.id, {"Ref": "a"}, actor=SYSTEM)
    state.delete_item(found.id, 1, actor=SYSTEM)
    assert state.create_item(found.id, {"Ref": "A"}, actor=SYSTEM).id == 2


def test_unique_cannot_be_switched_on_over_duplicates(state, found):
    """A column that holds a value twice cannot become unique."""
    for _ in range(2):
        state.create_item(found.id, {"Score": 1}, actor=SYSTEM)
    with pytest.raises(EmulatedError):
        state.update_column(found.id, "Score", unique=True)


def test_same_person_has_other_ids_on_other_sites(state):
    """Lookup ids are each site's own."""
    state.add_user("sam@rosewood.example")
    ids = {state.ensure_user(site.id, "sam@rosewood.example").id for site in state.sites()}
    assert len(ids) == 2


def test_ids_are_the_same_from_start_to_start(found):
    """Two fresh workspaces give the same lists and items the same ids."""
    other = State()
    again = other.create_list(other.sites()[0].id, "Things")
    assert again.id == found.id
    other.close()


def test_unknown_switch_is_told(state):
    """A switch that does not exist is refused."""
    with pytest.raises(ValueError, match="no switch named warp"):
        state.switch(warp=9)


def test_first_line_names_the_address():
    """As a process the workspace prints where it listens first, and answers there."""
    code = "from lists_sync.emulator.server import serve; serve()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline().strip()
            address = line.removeprefix("listening on ")
            answer = requests.get(f"{address}/_workspace/units", timeout=20)
        finally:
            process.terminate()
    assert line.startswith("listening on http://127.0.0.1:")
    assert answer.json() == {"units": 0}
