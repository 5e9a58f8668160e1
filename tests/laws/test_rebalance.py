"""The proposed moves of 1.3 are those that trying every set by hand would give."""

from contextlib import ExitStack
from fractions import Fraction
from itertools import product
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from lists_sync.controls.rebalance import DemandLine, Load, order, propose
from lists_sync.controls.rebalance.model import Flow

EMAILS = ("ada@x", "ben@x", "cyd@x", "dee@x")
HOURS = [Fraction(text) for text in ("0", "1", "1", "2", "3", "0.1", "1.25", "0.5")]
CAPACITY = [Fraction(text) for text in ("0", "1", "2", "3", "3.5", "4", "5")]
SERVICES = ["", "north", "south"]


@st.composite
def loads(draw):
    """Draw up to four managers and six lines; half of the lines are the first manager's."""
    count = draw(st.integers(1, 4))
    lines = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["A1", "A2", "A3", "B1", "B2"]),
                st.one_of(st.just(0), st.integers(0, count - 1)),
                st.sampled_from(SERVICES),
                st.sampled_from(HOURS),
            ),
            max_size=6,
        )
    )
    return Load(
        EMAILS[:count],
        tuple(draw(st.sampled_from(SERVICES)) for _ in range(count)),
        tuple(draw(st.sampled_from(CAPACITY)) for _ in range(count)),
        tuple(DemandLine(ref, id_, *rest) for id_, (ref, *rest) in enumerate(lines, start=1)),
    )


def _tried(load, above, receiver_up_to):
    """Try every way of passing lines on; gives the best one's managers above, hours above and moves."""
    lines = [line for line in load.lines if line.hours]
    best = None
    for places in product(range(len(load.managers)), repeat=len(lines)):
        hours = [Fraction(0)] * len(load.managers)
        moves, alike = [], 0
        for line, place in zip(lines, places, strict=True):
            hours[place] += line.hours
            if place != line.owner:
                moves.append((line.ref, load.managers[place], line.id))
                alike += line.service != "" and line.service == load.services[place]
        receivers = {place for line, place in zip(lines, places, strict=True) if place != line.owner}
        if any(hours[one] * 100 > load.capacity[one] * receiver_up_to for one in receivers):
            continue
        over = [
            have - room * above / 100
            for have, room in zip(hours, load.capacity, strict=True)
            if have * 100 > room * above
        ]
        moves.sort()
        names = [(ref, email) for ref, email, _ in moves]
        rank = (len(over), sum(over, Fraction(0)), len(moves), -alike, names, [id_ for *_, id_ in moves])
        best = min(best or (rank, moves), (rank, moves))
    (count, excess, *_), moves = best
    return count, excess, tuple((id_, email) for _, email, id_ in moves)


@given(load=loads(), limits=st.sampled_from([(125, 100), (125, 100), (100, 100), (100, 125)]))
@settings(max_examples=150, deadline=None)
def test_the_moves_are_those_of_trying_every_set(load, limits):
    """Fewest above, least above, fewest moves, most within the Service, then the alphabet: exactly."""
    above, receiver_up_to = map(Fraction, limits)
    found = propose(load, above=above, receiver_up_to=receiver_up_to)
    assert (found.above_count, found.hours_above, found.moves) == _tried(load, above, receiver_up_to)
    assert found.proven
    assert found.possible is (found.above_count == 0)


@given(load=loads(), random=st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_lines_does_not_matter(load, random):
    """The same lines in another order give the same moves."""
    lines = list(load.lines)
    random.shuffle(lines)
    shuffled = Load(load.managers, load.services, load.capacity, tuple(lines))
    limits = {"above": Fraction(125), "receiver_up_to": Fraction(100)}
    assert propose(shuffled, **limits) == propose(load, **limits)


@st.composite
def larger_loads(draw):
    """Draw five to seven managers and up to forty lines, with half of all hours the first two managers'."""
    count = draw(st.integers(5, 7))
    owners = st.one_of(st.integers(0, 1), st.integers(0, count - 1))
    hours = st.sampled_from([Fraction(text) for text in ("0.5", "1", "1", "1.25", "2", "3.5", "6")])
    refs = st.one_of(st.integers(0, 10**6), st.integers(0, 5))  # few share a reference, and some do
    drawn = draw(
        st.lists(st.tuples(refs, owners, st.sampled_from(SERVICES), hours), min_size=20, max_size=40)
    )
    lines = [DemandLine(f"A{ref:07d}", id_, *rest) for id_, (ref, *rest) in enumerate(drawn, start=1)]
    return Load(
        tuple(f"m{place}@x" for place in range(count)),
        tuple(draw(st.sampled_from(SERVICES)) for _ in range(count)),
        tuple(Fraction(draw(st.integers(8, 18))) for _ in range(count)),
        tuple(lines),
    )


class _NothingRuledOut:
    def __init__(self, *_):
        pass

    def line(self, *_):
        return False

    receiver = line


@given(load=larger_loads())
@settings(max_examples=25, deadline=None)
def test_what_spares_the_solver_work_changes_nothing(load):
    """Without the smaller model, the exchanges and what is ruled out, the moves are the same."""
    limits = {"above": Fraction(125), "receiver_up_to": Fraction(100)}
    found = propose(load, **limits)
    with ExitStack() as stack:
        stack.enter_context(patch.object(Flow, "exactly", lambda *_: False))
        stack.enter_context(patch.object(order, "exchanged", lambda _, pairs, __: pairs))
        stack.enter_context(patch.object(order, "RuledOut", _NothingRuledOut))
        plain = propose(load, **limits)
    assert found.moves == plain.moves or not (found.proven and plain.proven)


@given(load=larger_loads())
@settings(max_examples=40, deadline=None)
def test_no_receiver_ends_above_what_is_allowed(load):
    """Every move is of one line to somebody else, and who receives ends at a hundred percent or less."""
    found = propose(load, above=Fraction(125), receiver_up_to=Fraction(100))
    receiver = dict(found.moves)
    assert len(receiver) == len(found.moves)
    hours = dict.fromkeys(load.managers, Fraction(0))
    for line in load.lines:
        owner = load.managers[line.owner]
        assert receiver.get(line.id) != owner
        hours[receiver.get(line.id, owner)] += line.hours
    room = dict(zip(load.managers, load.capacity, strict=True))
    assert all(hours[one] <= room[one] for one in receiver.values())
    over = [hours[one] - room[one] * 5 / 4 for one in load.managers if hours[one] > room[one] * 5 / 4]
    assert (found.above_count, found.hours_above) == (len(over), sum(over, Fraction(0)))
