from __future__ import annotations

import pytest

from lists_sync.definitions import ListMapping
from lists_sync.model import Column, Kind, ListSchema
from lists_sync.provision.columns import definition
from lists_sync.provision.compare import make_plan
from lists_sync.provision.plan import Act, Present

COLUMNS = (
    Column("ActionRef", Kind.TEXT, required=True, unique=True, indexed=True),
    Column("Status", Kind.CHOICE, required=True, indexed=True, choices=("Open", "Closed")),
    Column("DueDate", Kind.DATETIME, required=True),
    Column("State", Kind.CHOICES, bot=True, choices=("Late", "Soon")),
    Column("Flag", Kind.YESNO, bot=True, default=False),
)
SCHEMA = ListSchema(key="lines", title="Lines", store="governance", columns=COLUMNS, title_optional=True)
MAPPING = ListMapping("Our tracker", {"DueDate": "Due"}, {"State": {"Overrun": "Late"}})


def there(**changes):
    """The list as provisioning leaves it, with columns altered or (None) absent."""
    raws = {column.name: {"id": column.name, **definition(column)} for column in COLUMNS}
    raws["ActionRef"] |= {"indexed": True, "enforceUniqueValues": True}
    raws["Status"]["indexed"] = True
    raws["Title"] = {"id": "t", "name": "Title", "text": {}, "required": False}
    columns = {name: raw for name, raw in {**raws, **changes}.items() if raw is not None}
    return Present(columns)


def plan(present, mapping=None, schema=SCHEMA):
    return make_plan({schema.key: schema}, {schema.key: present}, {schema.key: mapping} if mapping else None)


def steps(made):
    return [(step.act, step.name) for step in made.steps]


def test_a_complete_list_needs_nothing():
    """Where everything is there, nothing is planned."""
    made = plan(there())
    assert not made.steps
    assert not made.conflicts
    assert str(made) == "Nothing is missing."


def test_a_missing_list_is_made_whole_in_order():
    """The list comes first, with its columns and indexes; then its title is freed and its key made unique."""
    assert steps(plan(None)) == [
        (Act.MAKE_LIST, ""),
        (Act.FREE_TITLE, "Title"),
        (Act.UNIQUE, "ActionRef"),
    ]


def test_an_index_stands_before_the_uniqueness_that_needs_it():
    """A key column that has neither index nor uniqueness gets the index first."""
    made = plan(there(ActionRef={"id": "1", "text": {}}))
    assert steps(made) == [(Act.INDEX, "ActionRef"), (Act.UNIQUE, "ActionRef")]


def test_a_library_asks_for_no_title():
    """A library's Title is not mandatory, so nothing is done to it."""
    library = ListSchema(
        key="lines", title="L", store="s", columns=COLUMNS, title_optional=True, library=True
    )
    assert (Act.FREE_TITLE, "Title") not in steps(plan(None, schema=library))


def test_a_missing_column_is_added():
    """A column that is not there is planned with its kind in words."""
    made = plan(there(State=None))
    assert steps(made) == [(Act.ADD_COLUMN, "State")]
    assert "add column State: several choices (Late, Soon), written by the bot" in str(made)


def test_choices_are_added_behind_those_that_people_made():
    """Only the missing words are planned; words that people added stay."""
    raw = {
        "id": "1",
        "choice": {"choices": ["Waiting", "Open"], "displayAs": "dropDownMenu"},
        "indexed": True,
    }
    made = plan(there(Status=raw))
    assert [(step.act, step.words) for step in made.steps] == [(Act.ADD_CHOICES, ("Closed",))]


@pytest.mark.parametrize(
    "raw",
    [
        {"text": {}},
        {"lookup": {}},
        {"choice": {"choices": ["Late"], "displayAs": "dropDownMenu"}},
        {},
    ],
)
def test_a_conflicting_kind_is_told_and_never_forced(raw):
    """A column of another kind is left as it is, and told."""
    made = plan(there(State={"id": "1", **raw}))
    assert not made.steps
    assert [(one.list, one.name) for one in made.conflicts] == [("lines", "State")]


def test_a_conflicting_key_column_is_not_indexed():
    """Nothing more is done to a column whose kind is in the way."""
    assert not plan(there(ActionRef={"id": "1", "number": {}})).steps


def test_a_day_will_do_for_an_instant():
    """A provider may hold DueDate as a day: the controls read both."""
    assert not plan(there(DueDate={"id": "1", "dateTime": {"format": "dateOnly"}})).conflicts


def test_columns_of_people_are_left_alone():
    """Columns that the schema does not know are neither touched nor told."""
    made = plan(there(Mood={"id": "1", "text": {}}, Price={"id": "2", "currency": {}}))
    assert not made.steps
    assert not made.conflicts


def test_a_mapped_list_gets_only_result_columns():
    """In a provider's own list the bot's columns are added, and no index, choice or view is touched."""
    own = Present({"ActionRef": {"text": {}}, "Due": {"dateTime": {}},
                                        "Status": {"choice": {"choices": ["Done"]}},
                                        "Title": {"required": True}})  # fmt: skip
    made = plan(own, MAPPING)
    assert steps(made) == [(Act.ADD_COLUMN, "State"), (Act.ADD_COLUMN, "Flag")]
    assert not made.conflicts
    assert str(made).startswith("Our tracker\n")


def test_a_mapped_word_is_not_added_again():
    """A result column whose words the provider has renamed gets only those that are truly missing."""
    raw = {"id": "1", "choice": {"choices": ["Overrun"], "displayAs": "checkBoxes"}}
    columns = {**there(State=raw).columns, "Due": {"dateTime": {}}}
    assert [step.words for step in plan(Present(columns), MAPPING).steps] == [("Soon",)]


def test_a_required_column_that_a_mapping_lacks_is_told():
    """A mapping that leaves a required column without one of the list's is told."""
    made = plan(Present({"ActionRef": {"text": {}}, "Due": {"dateTime": {}}}), MAPPING)
    assert [one.name for one in made.conflicts] == ["Status"]


def test_a_mapped_list_is_never_made():
    """A provider's own list that is not there is told; no empty one is made in its place."""
    made = plan(None, MAPPING)
    assert not made.steps
    assert made.conflicts


def test_indexes_stop_at_what_sharepoint_allows():
    """Beyond twenty indexes a list gets none, and it is told."""
    taken = {f"C{number}": {"text": {}, "indexed": True} for number in range(19)}
    raw = {**there().columns["Status"], "indexed": False}
    made = plan(there(Status=raw, **taken))
    assert not made.steps
    assert "20 indexes" in made.conflicts[0].why


def test_views_are_told_where_sharepoint_shows_none():
    """Without a certificate views cannot be seen; the plan says so and plans the rest."""
    schema = ListSchema(key="escalations", title="Escalations", store="governance", columns=COLUMNS[:1])
    columns = {"ActionRef": there().columns["ActionRef"]}
    made = plan(Present(columns, views=None), schema=schema)
    assert "certificate" in made.conflicts[0].why
    seen = plan(Present(columns), schema=schema)
    assert steps(seen) == [(Act.ADD_VIEW, "Open escalations")]


def test_the_same_plan_has_the_same_digest():
    """A digest names a plan: it moves with a step and with nothing else."""
    assert plan(None).digest == plan(None).digest
    assert plan(None).digest != plan(there(State=None)).digest
    assert plan(None).to_dict()["digest"] == plan(None).digest


def test_no_column_is_mandatory_in_sharepoint():
    """A blank due date must be storable, because a control finds it and tells."""
    assert all("required" not in definition(column) for column in COLUMNS)


def test_yes_no_columns_have_an_explicit_default():
    """The browser's own default would be yes."""
    assert definition(COLUMNS[-1])["defaultValue"] == {"value": "0"}
    assert definition(Column("Active", Kind.YESNO, default=True))["defaultValue"] == {"value": "1"}


def test_several_choices_are_check_boxes():
    """Graph knows several choices by their check boxes only."""
    assert definition(COLUMNS[3])["choice"]["displayAs"] == "checkBoxes"
