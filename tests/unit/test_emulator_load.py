"""What the embedded workspace loads, and what it refuses."""

from __future__ import annotations

import pytest

from lists_sync.emulator.load import LoadError, load
from lists_sync.emulator.read_items import read_items
from lists_sync.emulator.state import State

SCHEMA = """
key: things
title: Things
store: governance
kind: list
ref: Ref
title_optional: true
columns:
  - {name: Ref, kind: text, unique: true}
  - {name: Score, kind: number}
  - {name: Day, kind: date}
  - {name: Due, kind: datetime}
  - {name: Owner, kind: person}
  - {name: State, kind: choice, choices_from: states}
  - {name: Active, kind: yesno, default: yes}
"""
LIBRARY = """
key: papers
title: Papers
store: evidence
kind: library
title_optional: true
columns:
  - {name: Ref, kind: text}
"""
WORDS = "states: {version: one, words: [Open, No]}\n"
SAM = {"email": "sam@rosewood.example", "name": "Sam Okafor"}


@pytest.fixture
def state(tmp_path):
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "choices.yaml").write_text(WORDS)
    (tmp_path / "things.yaml").write_text(SCHEMA)
    (tmp_path / "papers.yaml").write_text(LIBRARY)
    made = State(schema_dir=tmp_path)
    yield made
    made.close()


def things(state):
    return state.find_list(state.site_by_path("/sites/governance").id, "Things")


def problems(state, content):
    with pytest.raises(LoadError) as caught:
        load(state, content)
    return caught.value.problems


def test_schemas_are_provisioned_first(state):
    """An empty document makes every schema's list, its words and its defaults."""
    load(state, {})
    found = things(state)
    assert found.columns["State"].choices == ["Open", "No"]
    assert (found.columns["Active"].default, found.columns["Title"].required) == ("1", False)


def test_items_get_ids_in_order_and_defaults(state):
    """Items are numbered from 1 in file order, and take the defaults of columns left out."""
    load(state, {"lists": {"things": [{"Ref": "a"}, {"Ref": "b", "Active": False}]}})
    assert [(item.id, item.fields["Active"]) for item in state.items(things(state).id)] == [
        (1, True),
        (2, False),
    ]


def test_day_in_a_datetime_column_is_local_midnight(state):
    """A bare day means the site's midnight, in summer an hour before UTC's."""
    load(
        state,
        {"time_zone": "Europe/London", "lists": {"things": [{"Due": "2026-07-01", "Day": "2026-07-01"}]}},
    )
    fields = state.item(things(state).id, 1).fields
    assert (fields["Due"], fields["Day"]) == ("2026-06-30T23:00:00Z", "2026-06-30T23:00:00Z")


def test_person_becomes_the_sites_own_id(state):
    """A person is known to the site they are named on, and to no other."""
    load(state, {"users": [SAM], "lists": {"things": [{"Owner": "SAM@rosewood.example"}]}})
    governance, evidence = state.sites()
    owner = state.item(things(state).id, 1).fields["Owner"]
    assert state.lookup_email(governance.id, owner) == "sam@rosewood.example"
    assert all(item.fields.get("EMail") != SAM["email"] for item in state.site_users(evidence.id))


def test_item_with_an_id_is_a_persons_edit(state):
    """An entry with an id updates that item as a person."""
    load(state, {"users": [SAM], "lists": {"things": [{"Ref": "a", "Score": 1}]}})
    load(state, {"lists": {"things": [{"id": 1, "Score": 2, "Modified": "2026-01-02T03:04:05Z"}]}})
    item = state.item(things(state).id, 1)
    assert (item.fields["Score"], item.number, item.modified_at) == (2, 2, "2026-01-02T03:04:05Z")
    assert state.lookup_email(things(state).site_id, item.editor_id) == "sam@rosewood.example"


def test_file_with_text_and_its_guid(state):
    """A file's text is its content, and its guid is the one given."""
    guid = "0d6a1c1e-0000-4000-8000-000000000001"
    load(
        state,
        {
            "files": {
                "papers": [{"name": "a.txt", "text": "hello", "unique_id": guid, "fields": {"Ref": "r"}}]
            }
        },
    )
    found = state.find_list(state.site_by_path("/sites/evidence").id, "Papers")
    item = state.file_by_unique(found.id, guid)
    assert (state.content(item), item.fields["Ref"]) == (b"hello", "r")


def test_choice_word_not_offered_is_kept(state):
    """A word that the column does not offer is stored."""
    load(state, {"lists": {"things": [{"State": "Elsewhere"}]}})
    assert state.item(things(state).id, 1).fields["State"] == "Elsewhere"


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"Score": "many"}, "lists.things[0].Score"),
        ({"Day": "1899-12-31"}, "lists.things[0].Day"),
        ({"Day": "soon"}, "lists.things[0].Day"),
        ({"Owner": "nobody@rosewood.example"}, "lists.things[0].Owner"),
        ({"Nothing": 1}, "lists.things[0].Nothing"),
        ({"Active": "yes"}, "lists.things[0].Active"),
        ({"Ref": "x" * 256}, "lists.things[0].Ref"),
        ({"id": 7}, "lists.things[0].id"),
        ({"Modified": "yesterday"}, "lists.things[0].Modified"),
    ],
)
def test_what_a_list_could_not_hold_is_refused_with_its_place(state, entry, place):
    """An impossible value is told with its place, and no item is loaded."""
    told = problems(state, {"lists": {"things": [entry]}})
    assert told[0].startswith(place + ":")
    assert state.items(things(state).id) == []


def test_all_problems_are_told_at_once(state):
    """Every problem of a document is told, not the first alone."""
    told = problems(state, {"lists": {"things": [{"Score": "x"}, {"Ref": "a"}, {"Ref": "A"}], "other": []}})
    assert [one.split(":")[0] for one in told] == [
        "lists.things[0].Score",
        "lists.other",
        "lists.things[2].Ref",
    ]


def test_workspace_is_there_again_after_a_restart(tmp_path, state):
    """With a file, items, ids, versions, changes and contents outlive the process."""
    db = tmp_path / "workspace.db"
    first = State(db, schema_dir=state.schema_dir)
    entries = [{"Ref": "a", "Owner": SAM["email"]}, {"Ref": "b"}]
    files = {"papers": [{"name": "a.txt", "text": "hello"}]}
    load(first, {"users": [SAM], "lists": {"things": entries}, "files": files})
    load(first, {"lists": {"things": [{"id": 1, "Score": 3}]}})
    first.close()
    second = State(db, schema_dir=state.schema_dir)
    item = second.item(things(second).id, 1)
    paper = second.find_list(second.site_by_path("/sites/evidence").id, "Papers").items[1]
    load(second, {"lists": {"things": [{"Ref": "c"}]}})
    assert (item.fields["Score"], len(item.versions), second.content(paper)) == (3, 1, b"hello")
    assert [one.id for one in second.items(things(second).id)] == [1, 2, 3]
    assert [change.kind for change in second.changes(things(second).id, 0)] == ["add", "add", "update", "add"]
    second.close()


def test_what_is_read_can_be_loaded_again(state):
    """Items are given as the load format takes them: posted back, each stays as it was."""
    owned = {"Ref": "a", "Score": 1.5, "Day": "2026-07-01", "Due": "2026-07-01T16:00:00Z"}
    owned |= {"Owner": SAM["email"], "State": "Open", "Active": False}
    lists = {"things": [owned, {"Due": "2026-07-01"}]}
    load(state, {"time_zone": "Europe/London", "users": [SAM], "lists": lists})
    before = [dict(item.fields) for item in state.items(things(state).id)]
    read = read_items(state, "things")
    assert read[0] == {"id": 1, **owned}
    assert read[1] == {"id": 2, "Due": "2026-06-30T23:00:00Z", "Active": True}
    load(state, {"lists": {"things": read}})
    assert [item.fields for item in state.items(things(state).id)] == before


def test_a_file_is_read_by_its_columns(state):
    """Of a library the columns are given; folders are no items of people's."""
    load(state, {"files": {"papers": [{"name": "a.txt", "folder": "f", "text": "", "fields": {"Ref": "r"}}]}})
    assert [row["Ref"] for row in read_items(state, "papers")] == ["r"]


def test_reading_a_list_that_is_not_there_is_refused(state):
    """A key of no list is told by its name."""
    with pytest.raises(ValueError, match="no list of the key things"):
        read_items(state, "things")
