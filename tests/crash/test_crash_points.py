"""A run that is killed anywhere and started again leaves what an undisturbed run leaves."""

import pytest
from crash.scenes import SCENES
from crash.verdict import POST
from crash.yard import a_yard
from standing import compare

FIRST, OTHERS = SCENES[0], SCENES[1:]
ANSWERED = "before commit Outbox.turn for Courier._hand_over"
TWICE = (
    "after POST batch of 3 new rows in Escalations",
    "before POST batch of 7 changes in Enforcement actions",
)


@pytest.fixture(scope="module")
def yard(tmp_path_factory):
    with a_yard(tmp_path_factory.mktemp("yard")) as made:
        yield made


@pytest.fixture(scope="module")
def morning(yard):
    return yard.stages(FIRST)


def _faults(found):
    return {str(one): one.faults for one in found if one.faults}


def test_a_run_has_points_around_every_commit_and_every_request(morning):
    """Each point before something has its point after it, and none of the kinds of a run is missing."""
    points = morning[0].points
    assert [name.removeprefix("before ") for name in points[::2]] == [
        name.removeprefix("after ") for name in points[1::2]
    ]
    for part in ("commit Outbox.", "commit Mirror.", "commit Runs.", "batch of", "sign-in", "SharePoint"):
        assert [name for name in points if part in name], part
    assert points.count(f"after {POST}") == 2


def test_the_morning_may_be_killed_wherever_something_has_changed(yard, morning):
    """Nothing is lost, twice or otherwise, and a post is repeated only while its answer was not kept."""
    found = yard.kill(morning, [*morning[0].telling(), *_answers_in_hand(morning[0].points)])
    assert _faults(found) == {}
    assert (
        sorted(one.kills[0].name for one in found if one.repeated) == [f"after {POST}"] * 2 + [ANSWERED] * 2
    )


def _answers_in_hand(points):
    return [(number,) for number, name in enumerate(points, start=1) if points[number - 2] == f"after {POST}"]


def test_what_is_not_killed_at_changes_nothing(morning):
    """The points left out stand before a commit or a request, or after a request that only reads."""
    kept = {number for (number,) in morning[0].telling()}
    left_out = [name for number, name in enumerate(morning[0].points, start=1) if number not in kept]
    assert [name for name in left_out if not name.startswith(("before ", "after GET "))] == []


def test_a_few_points_that_change_nothing_end_the_same(yard, morning):
    """Killed just before something, or after a request that only reads, a run ends as it does elsewhere."""
    assert _faults(yard.kill(morning, morning[0].spread(6))) == {}


@pytest.mark.parametrize("point", TWICE)
def test_the_rerun_may_be_killed_as_well(yard, morning, point):
    """The same point kills the run and its rerun; the third run ends it."""
    (found,) = yard.kill(morning, [(point, point)])
    assert found.faults == []


@pytest.mark.parametrize(("point", "times"), [(f"before {POST}", 0), (f"after {POST}", 2)])
def test_a_post_that_was_on_its_way_twice_is_not_sent_a_third_time(yard, morning, point, times):
    """Where two runs died over the same post, it is left; all else, its row too, stands as it should."""
    (found,) = yard.kill(morning, [(point, point)])
    told = ("action-owner", "overdue-high-risk/A-1/2026-08-27")
    assert found.faults == []
    assert "escalations overdue-high-risk/A-1/2026-08-27 DeliveredAt" in found.given_up
    assert (f"post {' '.join(told)}" in found.given_up) is (times == 0)
    assert (told in found.repeated) is (times == 2)


@pytest.mark.parametrize("scene", OTHERS, ids=[scene.name for scene in OTHERS])
def test_any_other_run_may_be_killed_too(yard, scene):
    """A point of each other run of the day at which it is killed, and one at which its rerun is."""
    stages = yard.stages(scene)
    assert _faults(yard.kill(stages, stages[0].spread(1, kills_count=2))) == {}


def test_what_was_put_back_before_the_crash_is_told_as_put_back(yard):
    """The rerun finds the line in progress already, and knows that it was a run of this job that moved it."""
    stages = yard.stages(SCENES[-1])
    moved = [name for name in stages[0].points if name.startswith("after POST") and "Enforcement" in name]
    assert moved
    assert _faults(yard.kill(stages, [(moved[0],)])) == {}


BROKEN = {
    "notes_answers_before_it_asks": (f"before {POST}", "lost", "post action-owner overdue-high-risk/A-1"),
    "forgets_posts": ("before POST batch of 3 changes in Escalations", "needless", "overdue-high-risk/A-1"),
    "names_rows_by_the_process": ("before commit Runs.finish for run_job", "otherwise", "is there as well"),
}


@pytest.mark.parametrize("broken", sorted(BROKEN))
def test_a_bot_that_is_wrong_is_seen(yard, morning, broken):
    """A bot that loses a post, posts needlessly or makes rows twice does not pass."""
    point, kind, told = BROKEN[broken]
    (found,) = yard.kill(morning, [(point,)], broken=broken)
    assert [one for one in getattr(found, kind) if told in str(one)], found


def test_lists_that_differ_are_told_apart():
    """A row that is missing, doubled, changed or new is told as what it is."""
    undisturbed = {"records": {"a": [{"n": 1}], "b": [{"n": 2}], "c": [{"n": 3}]}}
    found = {"records": {"b": [{"n": 2}, {"n": 2}], "c": [{"n": 4}], "d": [{"n": 5}]}}
    told = compare(undisturbed, found)
    assert (told.lost, told.twice, told.more) == (["records a"], ["records b"], ["records d"])
    assert told.otherwise == ["records c n"]
    assert not compare(undisturbed, undisturbed)
