"""The harness notices what it is there to notice, and its faults are those that a user can rehearse."""

import pytest
from faults.book import ENTRIES
from faults.harness import WENT_ON, Fault, a_stage, part_of, play

from lists_sync.emulator.control import set_faults
from lists_sync.emulator.state import SYSTEM, State
from lists_sync.model import Answered
from lists_sync.write import Writer

FEW = (("deadline-status", "08:15"),)


def few(definitions):
    return part_of(definitions, FEW)


@pytest.fixture(scope="module")
def stage():
    with a_stage() as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(stage, tmp_path_factory):
    return play(stage, tmp_path_factory.mktemp("undisturbed") / "home", slots=few).stood


class _Meddles:
    """Somebody undoes, doubles or alters what the bot wrote, once its run is over."""

    def __init__(self, meddle):
        self.meddle = meddle

    def begin(self, play):
        """Wait."""

    def end(self, play):
        play.close()
        self.meddle(play.house)


def _loses(house):
    rows = house.list_of("Escalations")
    house.state.delete_item(rows.id, min(rows.items), actor=SYSTEM)


def _doubles(house):
    rows = house.list_of("Escalations")
    house.state.update_column(rows.id, "EscalationKey", unique=False, indexed=False)
    row = min(rows.items.values(), key=lambda item: item.id)
    house.state.create_item(rows.id, dict(row.fields), actor=SYSTEM)


def _alters(house):
    line = house.line("A-1")
    house.state.update_item(
        house.list_of("Enforcement actions").id, line.id, {"DeadlineState": None}, actor=SYSTEM
    )


@pytest.mark.parametrize(
    ("meddle", "noticed"), [(_loses, "lost"), (_doubles, "twice"), (_alters, "otherwise")]
)
def test_what_is_lost_twice_or_otherwise_is_noticed(stage, undisturbed, tmp_path, meddle, noticed):
    """A row taken away, a row made twice and a verdict undone are each told as such."""
    found = play(stage, tmp_path / "home", Fault(act=_Meddles(meddle)), slots=few, undisturbed=undisturbed)
    told = {name for name in ("lost", "twice", "more", "otherwise") if getattr(found.difference, name)}
    assert told == {noticed}


def test_a_bot_that_does_not_look_is_noticed(stage, undisturbed, tmp_path, monkeypatch):
    """Where a write without an answer is taken for done, what never came in is missed."""
    monkeypatch.setattr(Writer, "_look_up", lambda *_: (Answered.DONE, None, ""))
    fault = Fault({"faults": [{"match": {"path": r"\$batch"}, "times": 1, "answer": {"reset": True}}]})
    found = play(stage, tmp_path / "home", fault, slots=few, undisturbed=undisturbed)
    assert found.difference.otherwise


def test_the_undisturbed_part_is_the_same_each_time(stage, undisturbed, tmp_path):
    """Two plays without a fault differ in nothing, requests and units included."""
    found = play(stage, tmp_path / "home", slots=few, undisturbed=undisturbed)
    assert (found.outcome, found.extra_requests, bool(found.difference)) == (WENT_ON, 0, False)
    assert found.stood.units == undisturbed.units


@pytest.mark.parametrize("entry", [one for one in ENTRIES.values() if one.rehearse], ids=lambda one: one.name)
def test_a_fault_can_be_rehearsed(entry):
    """What stands under `rehearse` is taken as a faults file is."""
    state = State()
    set_faults(state, entry.rehearse)
    assert len(state.faults.faults) == len(entry.rehearse.get("faults", []))
    state.close()
