"""The edges of the proposed moves of 1.3, and its bound on work."""

import random
import subprocess
import sys
from fractions import Fraction

import pytest

from lists_sync.controls.rebalance import DemandLine, Load, propose, solve

LIMITS = {"above": Fraction(125), "receiver_up_to": Fraction(100)}


def _load(capacity, *lines, services=None):
    """Give a load of managers a, b, c … with these capacities; a line is (ref, owner, hours)."""
    emails = tuple(f"{chr(97 + place)}@x" for place in range(len(capacity)))
    made = tuple(
        DemandLine(ref, id_, owner, "north", Fraction(hours))
        for id_, (ref, owner, hours) in enumerate(lines, start=1)
    )
    return Load(emails, services or ("north",) * len(emails), tuple(map(Fraction, capacity)), made)


@pytest.mark.parametrize(("hours", "moved"), [("5", 0), ("5.01", 1)])
def test_exactly_the_limit_is_not_above_it(hours, moved):
    """At 125 percent nobody need give; a hundredth of an hour more and somebody must."""
    load = _load(["4", "10"], ("A", 0, hours))
    assert len(propose(load, **LIMITS).moves) == moved


@pytest.mark.parametrize(("room", "possible"), [("6", True), ("5.99", False)])
def test_a_receiver_may_end_at_exactly_a_hundred(room, possible):
    """A receiver with room for just the line takes it; with a hundredth of an hour less nobody can."""
    found = propose(_load(["4", room], ("A", 0, "6")), **LIMITS)
    assert found.possible is possible
    assert found.above_count == (0 if possible else 1)


def test_somebody_may_make_room_for_what_must_go():
    """Where the only free hours are too few for the line, a manager within bounds passes a smaller one on."""
    load = _load(["8", "10", "5"], ("A", 0, "11"), ("B", 1, "5"), ("C", 0, "0"))
    assert propose(load, **LIMITS).possible is False
    load = _load(["8", "10", "5"], ("A", 0, "10"), ("A2", 0, "1"), ("B", 1, "5"))
    found = propose(load, **LIMITS)
    assert (found.possible, found.moves) == (True, ((2, "b@x"),))


def test_two_moves_make_room_where_one_cannot():
    """Ten hours fit nowhere until the second manager's five are with the third."""
    load = _load(["0", "10", "5"], ("A", 0, "10"), ("B", 1, "5"))
    assert propose(load, **LIMITS).moves == ((1, "b@x"), (2, "c@x"))


def test_hours_are_reckoned_as_they_are_typed():
    """Three tenths of an hour are exactly 125 percent of 0.24, which no binary fraction would find."""
    load = _load(["0.24", "9"], ("A", 0, "0.1"), ("B", 0, "0.2"))
    assert propose(load, **LIMITS).moves == ()
    load = _load(["0.239", "0.1"], ("A", 0, "0.1"), ("B", 0, "0.2"))
    assert propose(load, **LIMITS).moves == ((1, "b@x"),)


def test_a_line_stays_in_its_service_where_it_can():
    """The receiver of the line's own Service comes before one earlier in the alphabet."""
    load = _load(["4", "9", "9"], ("A", 0, "6"), services=("south", "south", "north"))
    assert propose(load, **LIMITS).moves == ((1, "c@x"),)


def test_no_service_is_no_service_in_common():
    """A line without a Service is not within that of a manager who has none."""
    lines = (DemandLine("A", 1, 0, "", Fraction(6)),)
    load = Load(("a@x", "b@x", "c@x"), ("", "north", ""), (Fraction(4), Fraction(9), Fraction(9)), lines)
    assert propose(load, **LIMITS).moves == ((1, "b@x"),)


def test_lines_that_share_a_reference_are_told_apart_last():
    """The list of references and receivers comes first, and only then the lowest item id."""
    load = _load(["4", "4", "3"], ("A", 0, "4"), ("A", 0, "4"), ("A", 0, "3"))
    assert propose(load, **LIMITS).moves == ((1, "b@x"), (3, "c@x"))


def test_a_shared_reference_is_not_taken_for_one_of_its_lines():
    """Which of two lines of a reference goes first is left open while a later move depends on it."""
    lines = (("A", 0, "north", 3), ("A", 0, "north", 2), ("B", 0, "", 1), ("B", 1, "south", 3))
    load = Load(
        ("a@x", "b@x", "c@x", "d@x"),
        ("north", "", "", "north"),
        (Fraction(0), Fraction("3.5"), Fraction("3.5"), Fraction(4)),
        tuple(
            DemandLine(ref, id_, owner, service, Fraction(hours))
            for id_, (ref, owner, service, hours) in enumerate(lines, start=1)
        ),
    )
    assert propose(load, **LIMITS).moves == ((2, "c@x"), (1, "d@x"), (3, "c@x"))


def test_what_stands_in_the_way_is_told_in_hours():
    """Without enough free hours the figures say how many are to go and how many are free."""
    found = propose(_load(["4", "5"], ("A", 0, "9"), ("B", 1, "4")), **LIMITS)
    assert (found.hours_to_go, found.hours_free, found.shortest_line) == (4, 1, 9)
    assert (found.possible, found.hours_above) == (False, 4)


def test_nobody_above_needs_no_solver():
    """Where nothing is to be done the solver is not even imported."""
    code = (
        "import sys; from fractions import Fraction as F; from lists_sync.controls.rebalance import *;"
        "propose(Load(('a',),('',),(F(8),),()), above=F(125), receiver_up_to=F(100));"
        "sys.exit('ortools' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _pressed(managers, lines, capacity):
    """Give many managers many lines of an hour or two each, the last of them at least twice the others'."""
    dice = random.Random(5)
    emails = tuple(f"m{place:02d}@x" for place in range(managers))
    made = tuple(
        DemandLine(
            f"A{id_:05d}",
            id_,
            min(managers - 1, dice.randrange(managers + 1 + managers // 10)),
            dice.choice(("north", "south", "")),
            Fraction(dice.choice("12")),
        )
        for id_ in range(1, lines + 1)
    )
    return Load(emails, ("north",) * managers, (Fraction(capacity),) * managers, made)


def _is_allowed(load, found):
    """Whether every line moves once, to somebody else, and each receiver ends at its capacity or less."""
    receiver = dict(found.moves)
    hours = dict.fromkeys(load.managers, 0)
    for line in load.lines:
        assert receiver.get(line.id) != load.managers[line.owner]
        hours[receiver.get(line.id, load.managers[line.owner])] += line.hours
    room = dict(zip(load.managers, load.capacity, strict=True))
    return len(receiver) == len(found.moves) and all(hours[one] <= room[one] for one in receiver.values())


def test_a_large_provider_gets_the_same_answer_twice():
    """Sixty managers and twelve thousand lines: everybody is relieved, and the same way every time."""
    load = _pressed(60, 12_000, 480)
    first, second = propose(load, **LIMITS), propose(load, **LIMITS)
    assert first == second
    assert (first.possible, first.proven) == (True, True)
    assert first.moves
    assert _is_allowed(load, first)


@pytest.mark.parametrize("work", [0.0, 0.0001])
def test_where_the_bound_on_work_comes_first_the_best_found_is_given(monkeypatch, work):
    """A set that may not be the best is still an allowed one, better than none, and says what it is."""
    load = _pressed(10, 300, 40)
    monkeypatch.setattr(solve, "WORK", work)
    found = propose(load, **LIMITS)
    assert found.proven is False
    assert found.hours_above < found.hours_to_go
    assert _is_allowed(load, found)
    assert propose(load, **LIMITS) == found


def test_hours_too_fine_for_the_solver_are_passed_on_all_the_same():
    """A third of an hour typed to fifteen places does not stop the proposal; it is just not proven."""
    third = "0.333333333333333"
    load = _load(["0.4", "9.1"], *((f"A{place}", 0, third) for place in range(3)), ("B", 0, "1.1"))
    found = propose(load, **LIMITS)
    assert (found.possible, found.proven) == (True, False)
    assert _is_allowed(load, found)


def test_improving_a_few_managers_at_a_time_changes_no_best_answer(monkeypatch):
    """What is done for large loads leads a small one to the same moves."""
    load = _pressed(9, 300, 44)
    plain = propose(load, **LIMITS)
    monkeypatch.setattr(solve, "LARGE", 0)
    monkeypatch.setattr(solve, "FEW", 3)
    assert propose(load, **LIMITS) == plain
    assert plain.proven


def test_a_model_too_large_leaves_rare_lengths_out(monkeypatch):
    """Where not all lines can be weighed the proposal is allowed, and never said to be the best."""
    load = _load(["4", "5", "1"], ("A", 0, "6"), ("B", 1, "3.3"))
    assert propose(load, **LIMITS).proven is True
    monkeypatch.setattr(solve, "TOO_LARGE", 0)
    found = propose(load, **LIMITS)
    assert found.proven is False
    assert _is_allowed(load, found)
