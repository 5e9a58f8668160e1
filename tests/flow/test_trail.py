"""The trail of a whole day: every run judged again byte for byte, and every break of the chain named."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import orjson
import pytest
from house import a_house
from sqlalchemy import create_engine
from the_day import BOOK, EVE, People, content

from lists_sync.context import open_context
from lists_sync.emulator.records import SYSTEM
from lists_sync.inspect.rows import verify_rows
from lists_sync.mirror.database import open_to_read
from lists_sync.replay.compare import replay, try_policy
from lists_sync.replay.past import open_past
from lists_sync.runner import slots_of_day
from lists_sync.shipped import shipped
from lists_sync.trail.runs import Runs, chain_hash
from lists_sync.trail.verify import verify_local
from lists_sync.write import Writer

EDITED = "A-4"


def _edit_in_the_way(house, monkeypatch):
    """Let somebody edit a line at the moment the next run begins to write items."""
    write = Writer.write

    def edited(self, run, changes):
        if any(change.list == "actions" and change.id for change in changes):
            monkeypatch.undo()
            house.control("load", {"lists": {"actions": [{"id": house.line(EDITED).id, "EffortHours": 5}]}})
        return write(self, run, changes)

    monkeypatch.setattr(Writer, "write", edited)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Give the hand-worked day, played; its first run met an edit, and so judged twice."""
    patch = pytest.MonkeyPatch()
    with a_house(tmp_path_factory.mktemp("trail"), content(), clock=EVE) as made:
        people = People(made)
        for number, (slot, job) in enumerate(slots_of_day(made.definitions, BOOK["date"])):
            people.until(slot)
            if number == 1:
                assert job.name == "deadline-status"
                _edit_in_the_way(made, patch)
            made.run(job.name, slot=slot)
        yield made


@pytest.fixture
def past(house):
    with open_past(house.definitions.settings) as opened:
        yield opened


@pytest.fixture
def altered(house, tmp_path):
    """Give a copy of the local state, and what runs a statement on it."""
    path = tmp_path / "state.db"
    source = house.definitions.settings.home / "state.db"
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(path)) as here:
        there.backup(here)

    def alter(statement, *values):
        with closing(sqlite3.connect(path)) as state, state:
            assert state.execute(statement, values).rowcount > 0

    def told():
        engine = open_to_read(f"sqlite:///{path}")
        try:
            return {(one.place, one.what) for one in verify_local(engine).findings}
        finally:
            engine.dispose()

    return alter, told, path


def test_every_run_of_a_day_comes_out_as_it_was_noted(past):
    """Read, found, meant to be written, found missed: all the same bytes, for all sixteen jobs."""
    runs = Runs(past.engine).all()
    replayed = [replay(past, run) for run in runs]
    assert {one.run.job for one in replayed if not one.same} == set()
    assert len({run.job for run in runs}) == 16
    assert len(replayed) == len(runs) > 70


def test_a_run_that_judged_twice_comes_out_as_it_ended(past):
    """Somebody edited a line between reading and writing: what counts is what the last judgement saw."""
    run = past.find("deadline-status/2026-09-01T07:15Z")
    assert run.content["judged"] == 2
    assert replay(past, run).same


def test_a_run_is_judged_by_the_files_of_its_time(house, past, tmp_path):
    """Files that were edited since do not change what an old run comes to."""
    own = past.policy(past.find("1"))
    assert own.digest == house.definitions.policy.digest
    edited = own.files | {"jobs/deadline-status.yaml": own.files["jobs/deadline-status.yaml"] + "# later\n"}
    assert type(own)(edited).digest != own.digest
    assert replay(past, past.find("2")).same


def test_a_rehearsal_is_judged_again_after_it_is_over(house):
    """Nothing is needed for it but the local state: neither the workspace's address nor its salt."""
    over = replace(house.definitions.settings, emulator_url="")
    with open_past(over) as past:
        assert replay(past, past.find("burst-sample/2026-09-01T10:00Z")).same


def test_an_altered_version_makes_a_run_come_out_otherwise(house, past, altered):
    """A due date that somebody moved in the local state shows as something other than was read."""
    alter, _, path = altered
    run = past.find("slippage-review/2026-09-01T16:00Z")
    line = house.line("A-1").id
    alter(
        "UPDATE item_version SET fields = replace(CAST(fields AS TEXT), '2026-08-26T23', '2026-09-26T23') "
        "WHERE list = 'actions' AND id = ?",
        line,
    )
    engine = create_engine(f"sqlite:///{path}")
    with open_past(house.definitions.settings, engine=engine) as other:
        found = replay(other, other.find(str(run.id)))
    engine.dispose()
    assert "snapshot" in found.differs
    assert "not those kept here" in found.notes[0]


def test_other_thresholds_are_tried_on_the_day_as_it_was(past, tmp_path):
    """With a stricter limit, 1.2's run would have escalated; nothing else of it would have changed."""
    folder = tmp_path / "stricter" / "jobs"
    folder.mkdir(parents=True)
    text = (shipped("jobs") / "deadline-integrity.yaml").read_text(encoding="utf-8")
    (folder / "deadline-integrity.yaml").write_text(text.replace("above: 5", "above: 3"), encoding="utf-8")
    tried = try_policy(past, past.find("deadline-integrity/2026-09-01T08:45Z"), folder.parent)
    assert [one.key for one in tried.more] == ["deadline-integrity/defects/2026-09-01T08:45Z"]
    assert (tried.fewer, dict(tried.measures), dict(tried.items)) == ((), {}, {})


def test_a_day_as_it_was_written_is_sound(house, past):
    """No finding in the local state, and none in the rows in SharePoint."""
    checked = verify_local(past.engine)
    assert checked.findings == ()
    assert checked.runs == checked.head_run > 70
    with open_context(house.definitions) as context:
        rows = verify_rows(context.workspace, context.engine)
    assert rows.findings == ()
    assert rows.rows > 100
    assert rows.older == 3  # two samples and a record of earlier days


@pytest.mark.parametrize(
    ("statement", "place", "said"),
    [
        ("UPDATE run SET content = content || ' ' WHERE id = 2", "run 2", "altered"),
        ("UPDATE run SET slot = '2026-09-01T07:16:00Z' WHERE id = 2", "run 2", "Its slot was altered."),
        ("UPDATE run SET result = 'Failed' WHERE id = 3", "run 3", "Its result was altered."),
        ("DELETE FROM run WHERE id = 7", "run 7", "missing"),
        ("DELETE FROM run WHERE id = 7", "run 8", "chained to run 7"),
        ("DELETE FROM run WHERE id BETWEEN 7 AND 9", "runs 7 to 9", "missing"),
        ("DELETE FROM outbox WHERE id = 3", "run 2", "Of the writes"),
        ("UPDATE outbox SET body = '{}' WHERE id = 4", "run 2", "Of the writes"),
        ("UPDATE outbox SET state = 'refused' WHERE id = 4", "run 2", "Of the writes"),
        ("UPDATE pull SET at = '2026-09-01T00:00:00Z' WHERE id = 1", "run 1", "Of the pulls"),
        ("UPDATE item_version SET etag = 'x' WHERE list = 'actions'", "pull ", "not what it brought"),
        ("DELETE FROM item_version WHERE list = 'escalations' AND to_pull IS NULL", "escalations #1", "kept"),
        ("UPDATE policy SET content = x'00'", "policy ", "altered or lost"),
    ],
    ids=range(13),
)  # fmt: skip
def test_what_somebody_alters_in_the_local_state_is_named(altered, statement, place, said):
    """Each kind of row, altered or taken away, is found, and the place is told."""
    alter, told, _ = altered
    alter(statement)
    assert [what for where, what in told() if where.startswith(place) and said in what]


def test_a_run_rewritten_with_its_hash_breaks_the_next(house, past, altered):
    """Who rewrites a run and reckons its hash anew is found out by the run after it."""
    alter, told, _ = altered
    runs = Runs(past.engine).all()
    body = orjson.dumps({**runs[1].content, "raised": []}, option=orjson.OPT_SORT_KEYS)
    forged = chain_hash(runs[0].chain_hash, body)
    alter("UPDATE run SET content = ?, chain_hash = ? WHERE id = 2", body.decode(), forged)
    assert any(place == "run 3" and "hash of run 2" in what for place, what in told())


def test_a_chain_rewritten_to_its_end_is_found_out_by_control_runs(house, past, altered):
    """The hashes that stand in Control runs are beyond the reach of who rewrites the whole local state."""
    alter, told, path = altered
    before = ""
    for run in Runs(past.engine).all():
        content = {**run.content, "raised": []} if run.id >= 2 else run.content
        body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        before = chain_hash(before, body)
        alter("UPDATE run SET content = ?, chain_hash = ? WHERE id = ?", body.decode(), before, run.id)
    assert told() == set()
    engine = create_engine(f"sqlite:///{path}")
    with open_context(house.definitions) as context:
        found = verify_rows(context.workspace, engine).findings
    engine.dispose()
    assert any(one.place.startswith("Control runs: deadline-status/") for one in found)


def _verb(house, *args):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LISTS_SYNC_")}
    environ |= {"LISTS_SYNC_EMULATOR_URL": house.url, "LISTS_SYNC_HOME": str(house.definitions.settings.home)}
    command = [sys.executable, "-m", "lists_sync", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ)


@pytest.mark.flow
def test_replay_prints_what_is_as_noted(house):
    """One run by its key in Control runs: what was compared, that it is the same, and the figures."""
    done = _verb(house, "replay", "deadline-integrity/2026-09-01T08:45Z")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("as noted, byte for byte") == 4
    assert "deadline-integrity, 09:45 on Tuesday 1 September 2026" in done.stdout
    assert "Integrity defects 4" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.flow
def test_a_period_is_tried_with_other_numbers(house, tmp_path):
    """Of the whole day, the runs of one job under a stricter limit; what would have been raised is listed."""
    (tmp_path / "jobs").mkdir()
    text = (shipped("jobs") / "evidence-validity.yaml").read_text(encoding="utf-8")
    assert "above: 2" in text
    (tmp_path / "jobs" / "evidence-validity.yaml").write_text(text.replace("above: 2", "above: 5"))
    days = ("--from", "2026-09-01", "--job", "evidence-validity", "--policy", str(tmp_path))
    told = json.loads(_verb(house, "replay", *days, "--json").stdout)
    fewer = {one["key"] for run in told["runs"] for one in run["fewer"]}
    assert fewer == {"evidence-validity/invalid/B-2026-09-01"}
    assert "1 fewer escalation: 1 to Registered Manager." in _verb(house, "replay", *days).stdout


@pytest.mark.flow
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["replay"], "Name one RUN, or days"),
        (["replay", "somewhere"], "names no run"),
        (["replay", "999"], "No run 999 is known here"),
        (["replay", "1", "--policy", "nowhere"], "not there"),
        (["replay", "--from", "2026-09-02", "--to", "2026-09-01"], "--to is before --from"),
        (["replay", "--from", "2020-01-01"], "No run that could be judged again"),
    ],
    ids=range(6),
)
def test_what_cannot_be_replayed_is_one_plain_line(house, args, said):
    """Each mistake is told in a sentence, and nothing is printed besides."""
    done = _verb(house, *args)
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.flow
def test_trail_verify_says_that_all_is_sound(house):
    """Runs, versions, rows and the head of the chain are told, in lines that fit."""
    done = _verb(house, "trail", "verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "Sound: nothing was altered, added or taken away."
    told = json.loads(_verb(house, "trail", "verify", "--local", "--json").stdout)
    assert told["sound"] is True
    assert told["head"]["hash"] in done.stdout


def test_rows_that_somebody_alters_adds_or_deletes_in_sharepoint_are_named(house, past):
    """A figure changed, a record deleted, a record invented: each by its key, columns and all."""
    slots = {row.fields["RecordKey"]: row for row in house.rows("Deadline status")}
    (row,) = slots.values()
    (gone,) = house.rows("Slippage classification")
    house.control("load", {"lists": {"deadline_status": [{"id": row.id, "Overdue": 0}]}})
    forged = {"RecordKey": "deadline-status/2026-09-01T09:00Z", "Slot": "2026-09-01T09:00:00Z", "Overdue": 0}
    house.control("load", {"lists": {"deadline_status": [forged]}})
    house.state.delete_item(house.list_of("Slippage classification").id, gone.id, actor=SYSTEM)
    with open_context(house.definitions) as context:
        found = {one.place: one.what for one in verify_rows(context.workspace, context.engine).findings}
    assert (
        "Somebody altered Overdue, last changed"
        in found["Deadline status: deadline-status/2026-09-01T07:15Z"]
    )
    assert "No run" in found["Deadline status: deadline-status/2026-09-01T09:00Z"]
    assert "deleted" in found[f"Slippage classification: {gone.fields['RecordKey']}"]
    assert len(found) == 3
    done = _verb(house, "trail", "verify")
    assert done.returncode == 1
    assert done.stdout.count("  ! ") == 3
    assert done.stdout.splitlines()[-1] == "3 findings; nothing was mended."
