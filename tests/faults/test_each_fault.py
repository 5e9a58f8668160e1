"""Each fault of the book, laid on a part of a day: nothing is lost, nothing is there twice."""

import pytest
from faults.book import ENTRIES, strange
from faults.players import Players

MIXTURES = (("mixture", 3, 5), ("mixture", 4, 20))


@pytest.fixture(scope="module")
def plays(request):
    """Give by task what came of it; all that is asked for is played at once."""
    asked = [item.callspec.params.get("task") for item in request.session.items if hasattr(item, "callspec")]
    players = Players()
    yield players.start([task for task in asked if task in _TASKS])
    players.close()


_FAULTS = [("few" if entry.since == "00:00" else "fault", name) for name, entry in ENTRIES.items()]
_TASKS = {*_FAULTS, *MIXTURES}


@pytest.mark.parametrize("task", [pytest.param(task, id=task[1]) for task in _FAULTS])
def test_a_fault_loses_nothing_and_doubles_nothing(plays, task):
    """After the runs that failed were made up for, the lists are those of the undisturbed day."""
    found, entry = plays[task].result(), ENTRIES[task[1]]
    assert found.unforeseen == []
    assert found.outcome == entry.outcome
    assert (found.difference.lost, found.difference.twice, found.difference.more) == ([], [], [])
    assert strange(found, entry) == []
    assert (found.lost_posts, len(found.posts_twice)) == ([], entry.posts_twice)
    assert all("\n" not in line for line in found.told)
    assert found.left_alone is not False


@pytest.mark.parametrize("task", MIXTURES, ids=lambda task: f"seed {task[1]}, {task[2]} percent")
def test_a_mixture_loses_nothing_and_doubles_nothing(plays, task):
    """A seeded share of all calls met by one of many faults leaves the lists of the undisturbed day."""
    found = plays[task].result()
    assert (found.unforeseen, found.stuck) == ([], [])
    assert not found.difference
    assert (found.lost_posts, found.posts_twice) == ([], [])
