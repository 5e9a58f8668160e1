"""The edges of the proposed moves of 1.3, and its bound on work."""

import random
import subprocess
import sys
from fractions import Fraction

import pytest

from lists_sync.controls.rebalance import DemandLine, Load, propose

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


def test_a_large_provider_gets_the_same_answer_twice():
    """Sixty managers and three thousand lines: bounded, within the limits, and the same every time."""
    dice = random.Random(5)
    emails = tuple(f"m{place:02d}@x" for place in range(60))
    lines = tuple(
        DemandLine(f"A{id_:05d}", id_, min(59, dice.randrange(66)), "north", Fraction(dice.choice("12")))
        for id_ in range(1, 3001)
    )
    load = Load(emails, ("north",) * 60, (Fraction(80),) * 60, lines)
    first, second = propose(load, **LIMITS), propose(load, **LIMITS)
    assert first == second
    assert first.possible
    assert first.moves
