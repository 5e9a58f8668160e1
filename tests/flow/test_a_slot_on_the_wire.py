"""One slot of a job over a real wire: what is written, what is left, what survives."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from house import House

from lists_sync.context import open_context
from lists_sync.emulator.server import running
from lists_sync.emulator.state import SYSTEM, State
from lists_sync.errors import BusyError, LimitError, PartialDataError
from lists_sync.runner import run_job
from lists_sync.sample.provider import make
from lists_sync.shipped import shipped

DAY = date(2026, 11, 23)
SLOT = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
CLOSING = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


class Morning(House):
    """A house whose first question is the morning's."""

    def run(self, job="deadline-status", *, slot=SLOT, moment=None, **options):
        return super().run(job, slot=slot, moment=moment, **options)


@pytest.fixture
def house(tmp_path):
    state = State(schema_dir=shipped("list_schemas"))
    with running(state) as url:
        house = Morning(url, state, tmp_path / "home")
        house.control("clock", {"now": "2026-11-23T08:15:00Z", "frozen": True})
        house.control("load", make(2026, DAY))
        yield house


def test_a_second_run_writes_nothing(house):
    """After a run, the same slot again changes no item, raises nothing, and leaves no second record."""
    first = house.run()
    house.forget_journal()

    second = house.run()

    assert first.writes > 0
    assert second.writes == 0
    assert house.written() == []


def test_one_edited_due_date_changes_that_line(house):
    """When a person moves one due date, the next run writes that line and the record's figures, no other."""
    house.run()
    line = next(
        one
        for one in house.rows("Enforcement actions")
        if one.fields.get("DeadlineState") == "On track" and one.fields.get("RiskRating") == "Low"
    )
    edit = {"id": line.id, "DueDate": "2026-11-20T12:00:00Z"}
    house.control("load", {"lists": {"actions": [edit]}})
    house.forget_journal()

    report = house.run()

    assert [(change.list, change.id) for change in report.changes] == [("actions", line.id)]
    assert report.changes[0].values == {"DeadlineState": ("On track", "Overdue")}
    touched = [path for method, path in house.written() if method == "PATCH" and "/items/" in path]
    assert len(touched) == 3  # the line, the record of the slot, the row of the run


def test_no_edit_is_lost_while_a_run_writes(house, monkeypatch):
    """Another client edits fifty items before the first write: each edit stands, each line is judged anew."""
    from lists_sync.connect.graph import Graph

    edited = {}
    send = Graph.batch

    def edit_first(self, ops):
        if not edited and any("/items/" in op.path for op in ops):
            targets = house.rows("Enforcement actions")[20:70]
            rows = [{"id": one.id, "ProgressNote": f"Edited {one.id}."} for one in targets]
            rows = [{**row, "DueDate": "2027-01-15T12:00:00Z"} for row in rows]
            edited.update({row["id"]: row["ProgressNote"] for row in rows})
            house.control("load", {"lists": {"actions": rows}})
        return send(self, ops)

    monkeypatch.setattr(Graph, "batch", edit_first)
    report = house.run()

    by_id = {one.id: one.fields for one in house.rows("Enforcement actions")}
    assert len(edited) == 50
    assert all(by_id[id_]["ProgressNote"] == note for id_, note in edited.items())
    live = [id_ for id_ in edited if by_id[id_].get("Status") not in {"Closed", "Cancelled"}]
    assert all(by_id[id_]["DeadlineState"] == "On track" for id_ in live)
    assert report.conflicts == 0


def test_an_item_that_keeps_changing_is_left_to_the_next_run(house, monkeypatch):
    """After three rounds the run gives way, counts the item, and the next run writes it."""
    from lists_sync.connect.graph import Graph

    lines = house.rows("Enforcement actions")
    target = next(one for one in lines if one.fields.get("Status") == "In progress")
    tracker = house.list_of("Enforcement actions").id
    send, count = Graph.batch, []

    def edit_always(self, ops):
        if any(f"/{tracker}/items/{target.id}/" in op.path for op in ops):
            count.append(1)
            note = {"id": target.id, "ProgressNote": f"Once more {len(count)}."}
            house.control("load", {"lists": {"actions": [note]}})
        return send(self, ops)

    monkeypatch.setattr(Graph, "batch", edit_always)
    report = house.run()
    monkeypatch.undo()
    later = house.run()

    assert (report.conflicts, len(count)) == (1, 3)
    assert [change.id for change in later.changes] == [target.id]


def test_an_escalation_is_raised_once_over_days(house):
    """A high-risk line that stays overdue is flagged on the first day and not on the next."""
    first = house.run()
    next_day = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
    house.control("clock", {"now": "2026-11-24T08:15:00Z", "frozen": True})

    second = house.run(slot=next_day)

    flagged = {one.key for one in first.escalations if one.key.startswith("overdue-high-risk/")}
    again = {one.key for one in second.escalations if one.key.startswith("overdue-high-risk/")}
    assert flagged
    assert not flagged & again


LOST_ANSWERS = {
    # The part of the batch takes effect and answers 504.
    "part": ({"method": "POST", "path": r"/lists/.*/items$"}, {"status": 504, "before_or_after": "after"}),
    # The whole batch takes effect and a gateway answers 504.
    "batch": ({"method": "POST", "path": r"/\$batch$"}, {"status": 504, "before_or_after": "after"}),
    # The whole batch takes effect and the connection breaks.
    "reset": ({"method": "POST", "path": r"/\$batch$"}, {"reset": True, "before_or_after": "after"}),
}


@pytest.mark.parametrize("how", sorted(LOST_ANSWERS))
def test_rows_made_before_an_answer_was_lost_are_not_made_twice(house, how):
    """Answers are lost after their calls took effect: every escalation and record still stands once."""
    match, answer = LOST_ANSWERS[how]
    house.control("faults", {"faults": [{"match": match, "nth": "every", "times": 40, "answer": answer}]})

    house.run()
    lost = [call for call in house.calls() if call["status"] in {0, 504}]
    house.control("faults", {"faults": []})
    second = house.run()

    assert lost
    keys = [row.fields["EscalationKey"] for row in house.rows("Escalations")]
    assert len(keys) == len(set(keys)) == 7
    assert len(house.rows("Deadline status")) == 1
    assert len(house.rows("Control runs")) == 1
    assert second.writes == 0


def test_rows_that_could_not_be_made_are_told_and_made_later(house):
    """When the service makes no rows, the run says how many are missing; the slot run again makes them."""
    fault = {
        "match": {"method": "POST", "path": r"/lists/.*/items$"},
        "nth": "every",
        "times": 200,
        "answer": {"status": 500, "before_or_after": "before"},
    }
    house.control("faults", {"faults": [fault]})

    first = house.run()
    house.control("faults", {"faults": []})
    second = house.run()

    assert first.escalations == ()
    assert first.conflicts == 8  # six overdue high-risk lines, the digest, the record
    assert first.result == "Completed with faults"
    assert len(second.escalations) == 7
    assert second.conflicts == 0


def test_a_run_cut_off_in_the_middle_is_taken_up(house, monkeypatch):
    """A run that dies in its third batch leaves a state from which the next one ends it."""
    from lists_sync.connect.graph import Graph

    send, count = Graph.batch, []

    def die_at_third(self, ops):
        count.append(1)
        if len(count) == 3:
            send(self, ops)
            raise KeyboardInterrupt  # the process is gone; what was sent took effect
        return send(self, ops)

    monkeypatch.setattr(Graph, "batch", die_at_third)
    with pytest.raises(KeyboardInterrupt):
        house.run()
    monkeypatch.undo()
    house.run()
    left = house.run()

    keys = [row.fields["EscalationKey"] for row in house.rows("Escalations")]
    assert left.writes == 0
    assert len(keys) == len(set(keys))
    assert len(house.rows("Deadline status")) == 1


def test_an_escalation_to_somebody_the_directory_does_not_know_still_stands(house):
    """Where a role's configured person does not exist, the row is made for the role, without a person."""
    roles = {**house.definitions.provider.roles, "Operations Manager": ("nobody@rosewood.example",)}
    provider = replace(house.definitions.provider, roles=roles)
    house.definitions = replace(house.definitions, provider=provider)

    house.run("deadline-integrity")

    (row,) = [one for one in house.rows("Escalations") if one.fields["Control"] == "deadline-integrity"]
    assert row.fields["ToRole"] == "Operations Manager"
    assert row.fields.get("ToPerson") is None


def test_a_lost_state_is_rebuilt_from_the_lists(house, tmp_path):
    """With the local state gone, the next run reads the lists whole and writes nothing again."""
    house.run()
    shutil.rmtree(tmp_path / "home")

    report = house.run()

    assert report.writes == 0
    assert len(house.rows("Deadline status")) == 1


def test_what_a_job_remembers_survives_a_lost_state(house, tmp_path):
    """After the loss the next day's cycle still begins at the moment of the record in the list."""
    house.run("slippage-review", slot=CLOSING)
    shutil.rmtree(tmp_path / "home")
    house.control("clock", {"now": "2026-11-24T17:00:00Z", "frozen": True})

    report = house.run("slippage-review", slot=CLOSING + timedelta(days=1))

    assert report.outcome.first_run is False


def test_a_second_process_on_the_same_state_says_so(house):
    """While one process works on a state, another is told and does nothing."""
    with open_context(house.definitions), pytest.raises(BusyError, match="at work on this state"):
        house.run()


def test_a_second_run_of_a_slot_never_moves_its_cycle(house):
    """Run again an hour later, the slot's record keeps the moment of its first run."""
    house.run()
    later = SLOT + timedelta(hours=1)
    house.control("clock", {"now": "2026-11-23T09:15:00Z", "frozen": True})

    house.run(moment=later)

    (record,) = house.rows("Deadline status")
    assert record.fields["RanAt"] == "2026-11-23T08:15:00Z"


def test_a_closing_time_nobody_typed_is_taken_from_history(house):
    """A line closed without ClosedOn counts when it was first seen closed, and that is said."""
    house.run("slippage-review", slot=SLOT)
    line = next(
        one
        for one in house.rows("Enforcement actions")
        if one.fields.get("DeadlineState") is None
        and one.fields.get("Status") == "In progress"
        and one.fields.get("DueDate", "9") < "2026-11-20"
    )
    house.control("clock", {"now": "2026-11-23T12:00:00Z", "frozen": True})
    house.control("load", {"lists": {"actions": [{"id": line.id, "Status": "Closed"}]}})
    house.control("clock", {"now": "2026-11-23T17:00:00Z", "frozen": True})

    report = house.run("slippage-review", slot=CLOSING)

    band = house.line(line.fields["ActionRef"]).fields["SlippageBand"]
    assert band == "Missed 24 h or more"
    assert any("from history" in note for note in report.outcome.notes)


def test_a_dry_run_writes_nothing(house):
    """--dry-run shows every change and makes none."""
    house.forget_journal()

    report = house.run(dry_run=True)

    assert report.changes
    assert house.written() == []


def test_a_plan_over_its_limit_writes_nothing(house):
    """A job that would change more items than its file allows stops before the first write."""
    job = house.definitions.job("deadline-status")
    small = replace(job, limits=replace(job.limits, changed_items=10))
    house.forget_journal()

    with open_context(house.definitions) as context, pytest.raises(LimitError, match="its limit is 10"):
        run_job(context, small, slot=SLOT, moment=SLOT)
    assert house.written() == []


def test_a_list_that_suddenly_reads_empty_is_not_believed(house):
    """When a full read of a list that held rows brings none, nothing is judged and nothing written."""
    house.run()
    for item in house.rows("Enforcement actions"):
        house.state.delete_item(house.list_of("Enforcement actions").id, item.id, actor=SYSTEM)
    house.control("faults", {"switches": {"delta_days": 1}})
    house.control("clock", {"now": "2026-11-26T08:15:00Z", "frozen": True})
    house.forget_journal()

    with pytest.raises(PartialDataError, match="reads as empty"):
        house.run()
    assert house.written() == []


def test_what_is_told_holds_references_and_counts(house):
    """No title of a line and no file name is told; a card names nobody, a message only whom it is for."""
    house.run()
    titles = {one.fields["Title"] for one in house.rows("Enforcement actions")}
    names = {user.name for user in house.state.users()}

    for row in house.rows("Escalations"):
        message, card = row.fields["Message"], row.fields["Card"]
        rest = "\n".join(one for one in message.splitlines() if not one.startswith("Told: "))
        assert not any(title in message + card for title in titles)
        assert not any(name in rest + card for name in names)
        assert ".txt" not in message + card
        json.loads(card)
