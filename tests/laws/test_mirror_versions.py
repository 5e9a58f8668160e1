"""The mirror tells the truth about every past pull."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lists_sync.mirror.database import open_database
from lists_sync.mirror.versions import Mirror
from lists_sync.model import Item

AT = "2026-11-23T08:15:00Z"

# One row of a pull: item id, eTag counter, deleted. Rows repeat and reorder as a real delta's do.
rows = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 4), st.booleans()),
    max_size=8,
)


def _item(id_, counter, deleted):
    etag = f'"00000000-0000-0000-0000-00000000000{id_},{counter}"'
    return Item("actions", id_, "" if deleted else etag, {} if deleted else {"n": counter}, None, deleted)


def _model_after(before, pulled):
    """What stands after a pull, told as simply as can be: of several rows of one id the last wins."""
    after = dict(before)
    for id_, counter, deleted in pulled:
        after.pop(id_, None)
        if not deleted:
            after[id_] = counter
    return after


@given(pulls=st.lists(rows, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_every_past_pull_reads_as_it_was(tmp_path_factory, pulls):
    """Whatever a list held after each pull can be read back later, for every pull."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('m') / 'state.db'}", at=AT)
    mirror = Mirror(engine)
    model, after_each = {}, {}
    for pulled in pulls:
        number = mirror.begin_pull(AT)
        mirror.absorb("actions", [_item(*row) for row in pulled], number)
        model = _model_after(model, pulled)
        after_each[number] = model

    for number, expected in after_each.items():
        found = {item.id: item.fields["n"] for item in mirror.items("actions", number)}
        assert found == expected
    assert mirror.present_ids("actions") == sorted(model)
    engine.dispose()


@given(pulled=rows)
@settings(max_examples=40, deadline=None)
def test_a_delta_that_repeats_makes_no_version(tmp_path_factory, pulled):
    """The same rows brought a second time change nothing."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('m') / 'state.db'}", at=AT)
    mirror = Mirror(engine)
    items = [_item(*row) for row in pulled]
    mirror.absorb("actions", items, mirror.begin_pull(AT))

    made = mirror.absorb("actions", items, mirror.begin_pull(AT))

    assert made == 0
    engine.dispose()


@pytest.mark.parametrize("empty", [True, False])
def test_a_first_read_may_skip_the_comparison(tmp_path, empty):
    """Saying that the mirror is empty changes the cost of a first read, not its result."""
    engine = open_database(f"sqlite:///{tmp_path / 'state.db'}", at=AT)
    mirror = Mirror(engine)

    made = mirror.absorb("actions", [_item(1, 1, False), _item(2, 1, False)], 1, empty=empty)  # noqa: FBT003

    assert made == 2
    assert mirror.present_ids("actions") == [1, 2]
    engine.dispose()
