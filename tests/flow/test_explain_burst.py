"""A burst over a real wire: fixed once, completed after a crash, and explained from the local state alone."""

import json
import shutil
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from house import a_house

from lists_sync.cli.main import main
from lists_sync.context import open_context
from lists_sync.emulator.state import SYSTEM
from lists_sync.errors import SettingsError

pytestmark = pytest.mark.flow

SLOT = datetime(2026, 11, 23, 11, tzinfo=UTC)
BURST = "B-2026-11-23"
SALT = "a salt of the flow tests"
LINES = {"H1": 7, "H2": 2, "H3": 3, "N1": 2, "N2": 2, "R1": 4, "R2": 4, "R3": 4}
"""Lines by reference, and how many files each has; H are high-risk, N newly closed."""


def _unique(number):
    return f"00000000-0000-4000-8000-{number:012d}"


def _hash(unique):
    return sha256(f"{SALT}|{BURST}|{unique}".encode()).hexdigest()


FIRST = min((f"ffffffff-0000-4000-8000-{number:012d}" for number in range(300)), key=_hash)
"""A file that comes up before all others."""


def _line(ref):
    closed = {"Status": "Closed", "ClosedOn": "2026-11-20T10:00:00Z"} if ref.startswith("N") else {}
    return {
        "Title": f"Title of {ref}",
        "ActionRef": ref,
        "RiskRating": "High" if ref.startswith("H") else "Low",
        "Status": "In progress",
        "DueDate": "2026-12-20",
        **closed,
    }


def _file(number, ref, unique=""):
    return {
        "name": f"private-{number}.txt",
        "unique_id": unique or _unique(number),
        "text": f"Evidence {number}.",
        "fields": {"ActionRef": ref},
    }


def _content():
    named = [ref for ref, count in LINES.items() for _ in range(count)]
    lately = {"SampleKey": f"B-2026-11-19/{_unique(1)}", "BurstId": "B-2026-11-19", "ActionRef": "H1"}
    return {
        "time_zone": "Europe/London",
        "users": [{"email": "ada@rosewood.example", "name": "Ada Ash", "enabled": True}],
        "lists": {"actions": [_line(ref) for ref in LINES], "burst_samples": [lately]},
        "files": {"evidence": [_file(number, ref) for number, ref in enumerate(named, start=1)]},
    }


@pytest.fixture
def house(tmp_path):
    with a_house(
        tmp_path / "home", _content(), clock="2026-11-23T11:00:00Z", LISTS_SYNC_SAMPLING_SALT=SALT
    ) as house:
        yield house


@pytest.fixture
def explain(house, tmp_path, monkeypatch, capsys):
    """Call the command line as a person would, on the state of the house."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LISTS_SYNC_EMULATOR_URL", house.url)
    monkeypatch.setenv("LISTS_SYNC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LISTS_SYNC_SAMPLING_SALT", SALT)

    def call(*args):
        with pytest.raises(SystemExit) as left:
            main(["explain", *args])
        told = capsys.readouterr()
        return left.value.code, told.out, told.err

    return call


def _run(house, **options):
    return house.run("burst-sample", slot=SLOT, **options)


def _keys(house):
    keys = [row.fields["SampleKey"] for row in house.rows("Burst samples")]
    return [key.removeprefix(f"{BURST}/") for key in keys if key.startswith(BURST)]


@contextmanager
def _cut_off(monkeypatch, *, at, sent):
    """Let a run die at its n-th batch, which takes effect (`sent`) or not; five rows make a batch."""
    from lists_sync.connect.graph import Graph

    send, count = Graph.batch, []

    def die(self, ops):
        count.append(1)
        if len(count) == at:
            if sent:
                send(self, ops)
            raise KeyboardInterrupt
        return send(self, ops)

    with monkeypatch.context() as patch:
        patch.setattr("lists_sync.write.BATCH_COUNT", 5)
        patch.setattr(Graph, "batch", die)
        with pytest.raises(KeyboardInterrupt):
            yield


def test_a_second_run_adds_no_row(house):
    """The first run makes a row a file and dates the files; the second changes nothing."""
    first = _run(house)
    rows = _keys(house)
    house.forget_journal()

    second = _run(house, moment=SLOT + timedelta(hours=2))

    measures = {
        "FilesSelected": 12,
        "FromHighRisk": 6,
        "FromNewlyClosed": 3,
        "Shortfall": 0,
        "QuotaShortfall": 0,
    }
    assert first.outcome.measures == {"BurstId": BURST, **measures} == second.outcome.measures
    assert (second.writes, house.written()) == (0, [])
    assert _keys(house) == rows
    dated = [row.unique_id for row in house.rows("Evidence") if row.fields.get("LastSampledOn")]
    assert sorted(dated) == sorted(rows)
    (row, *_) = [one.fields for one in house.rows("Burst samples") if one.fields["BurstId"] == BURST]
    assert row["FileName"].startswith("private-")
    assert (row["SampledAt"], row["ReviewBy"]) == ("2026-11-23T11:00:00Z", "2026-11-23T15:00:00Z")
    assert "/Evidence/Forms/DispForm.aspx?ID=" in row["FileLink"]


@pytest.mark.parametrize(("at", "sent", "confirmed"), [(1, False, 0), (2, False, 5), (2, True, 5)])
def test_a_draw_cut_off_between_rows_is_completed_as_it_was_meant(
    house, explain, monkeypatch, at, sent, confirmed
):
    """Whatever came in meanwhile, the rerun makes exactly the rows that are missing; explain shows why."""
    with _cut_off(monkeypatch, at=at, sent=sent):
        _run(house)
    assert len(_keys(house)) == confirmed + 5 * sent
    house.control("load", {"files": {"evidence": [_file(99, "H2", FIRST)]}})

    code, early, _ = explain(BURST, "--json")
    rerun = _run(house)
    left = _run(house)

    meant = json.loads(early)
    drawn = [one["unique_id"] for one in sorted(meant["eligible"], key=lambda one: one["taken"] or 99)][:12]
    assert code == 0
    assert meant["completed"] is False
    assert len(meant["rows_missing"]) == 12 - confirmed
    assert sorted(_keys(house)) == sorted(drawn)
    assert FIRST not in drawn
    assert rerun.outcome.measures["FilesSelected"] == 12
    assert left.writes == 0
    after = json.loads(explain(BURST, "--json")[1])
    assert after["as_drawn"] is True
    assert after["eligible"] == meant["eligible"]


def test_a_new_file_would_have_been_drawn(house):
    """The file that the rerun above leaves out comes first where it is there from the start."""
    house.control("load", {"files": {"evidence": [_file(99, "H2", FIRST)]}})
    _run(house)
    assert FIRST in _keys(house)


def test_an_auditor_comes_to_the_same_sample(house, explain):
    """Hash and order in the document follow from salt, burst and ids; nothing secret or private is told."""
    _run(house)

    with open_context(house.definitions):  # another process at work does not keep it waiting
        code, out, err = explain(BURST, "--json")

    told = json.loads(out)
    eligible, (first, second, third) = told["eligible"], told["steps"]
    assert (code, err, told["as_drawn"]) == (0, "", True)
    assert all(one["hash"] == _hash(one["unique_id"]) for one in eligible)
    order = sorted(eligible, key=lambda one: (one["sampled_lately"], one["sampled_on"] or "", one["hash"]))
    assert order == eligible
    assert len(eligible) == sum(LINES.values())
    assert [one["unique_id"] for one in eligible if one["sampled_lately"]] == [_unique(1)]
    assert [(step["wanted"], step["held_before"]) for step in told["steps"]] == [(6, 0), (3, 0), (12, 9)]
    taken = [one["unique_id"] for step in (first, second, third) for one in step["taken"]]
    assert sorted(taken) == sorted(_keys(house)) == sorted(row["unique_id"] for row in told["rows"])
    assert sum(one["refs"] == ["H1"] for one in eligible if one["step"] == 1) <= 3
    assert all(one["lines"] == ["H1"] for one in first["passed_over"])
    assert SALT not in out
    assert "private-" not in out
    assert "Title of" not in out


def test_what_people_read_fits_the_window(house, explain):
    """Every line has at most 80 columns, every step its reason, and every file its place and outcome."""
    _run(house)

    code, out, _ = explain(BURST.lower())

    lines = out.splitlines()
    assert code == 0
    assert max(map(len, lines)) <= 80
    assert lines[0] == f"Burst {BURST}: drawn by run 1, as at 11:00 on Monday 23 November 2026"
    assert f"<salt>|{BURST}|<file unique id>" in " ".join(out.split())
    assert out.count("It ended because the sample held") == 3
    assert sum("taken, step" in line for line in lines) == 12
    assert "they are the sample as drawn" in " ".join(out.split())
    assert SALT not in out
    assert "private-" not in out


def test_a_row_missing_and_a_row_too_many_are_named(house, explain):
    """Rows that people deleted or added are told by the file's id, once the list has been read again."""
    _run(house)
    samples = house.list_of("Burst samples")
    lost = next(row for row in house.rows("Burst samples") if row.fields["BurstId"] == BURST)
    unlike = next(_unique(number) for number in range(1, 29) if _unique(number) not in _keys(house))
    house.state.delete_item(samples.id, lost.id, actor=SYSTEM)
    added = {"SampleKey": f"{BURST}/{unlike}", "BurstId": BURST, "ActionRef": "R1"}
    house.control("load", {"lists": {"burst_samples": [added]}})
    _run(house, dry_run=True)  # reads the lists and writes nothing

    _, out, _ = explain(BURST)
    told = json.loads(explain(BURST, "--json")[1])

    gone = lost.fields["SampleKey"].removeprefix(f"{BURST}/")
    assert f"No row: {gone}" in out
    assert f"Not drawn, but there: {unlike}" in out
    assert told["rows_missing"] == [{"unique_id": gone, "in_library": True}]
    assert (told["rows_too_many"], told["as_drawn"]) == ([unlike], False)


def test_rules_changed_since_are_told(house, explain, tmp_path, monkeypatch):
    """With another size than the run drew by, the draw is repeated by the present rules, and that is said."""
    job = house.definitions.job("burst-sample")
    small = replace(job, settings={**job.settings, "size": 4}, digest="another")
    house.definitions = replace(house.definitions, jobs={**house.definitions.jobs, "burst-sample": small})
    _run(house)

    told = json.loads(explain(BURST, "--json")[1])

    assert any("rules were changed" in note for note in told["notes"])
    assert any("fixed another sample" in note for note in told["notes"])
    assert told["as_drawn"] is False


def test_with_the_state_lost_only_the_rows_are_told(house, explain, tmp_path):
    """A state that knows no run of the burst lists its rows and hashes, and says what cannot be told."""
    _run(house)
    shutil.rmtree(tmp_path / "home")
    assert explain(BURST)[0] == 1  # nothing is known yet
    later = SLOT.replace(day=24)
    house.control("clock", {"now": "2026-11-24T11:00:00Z", "frozen": True})
    house.run("burst-sample", slot=later)

    code, out, _ = explain(BURST)
    told = json.loads(explain(BURST, "--json")[1])

    assert code == 0
    assert "only its rows are known here" in out
    assert "the draw cannot be repeated" in " ".join(out.split())
    assert "which other files could be drawn then" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80
    assert [row["hash"] for row in told["rows"]] == sorted(_hash(one) for one in _keys(house))
    assert (told["known_from"], told["run"], told["as_drawn"], told["eligible"]) == ("rows", None, None, [])


def test_a_rerun_with_the_state_lost_fills_up_and_says_so(house, explain, monkeypatch, tmp_path):
    """Where the run that was cut off is forgotten too, its rows are kept, and explain tells of them."""
    with _cut_off(monkeypatch, at=2, sent=False):
        _run(house)
    stood = _keys(house)
    shutil.rmtree(tmp_path / "home")

    _run(house)

    told = json.loads(explain(BURST, "--json")[1])
    assert len(_keys(house)) == 12
    assert set(stood) < set(_keys(house))
    assert sorted(told["stood_before"]) == sorted(stood)
    assert told["as_drawn"] is True
    assert any("5 rows stood before that run" in note for note in told["notes"])


MISTAKES = {
    "an action line that nobody knows": (("WN-014/03",), 1, "There is no local state here yet"),
    "no day": (("B-2026-02-30",), 2, "burst ids look like B-2026-11-23"),
    "no state": ((BURST,), 1, "There is no local state here yet"),
}


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_one_plain_line(mistake, tmp_path, monkeypatch, capsys):
    """What cannot be explained is one line on standard error; no state is made on the way."""
    args, code, words = MISTAKES[mistake]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LISTS_SYNC_SAMPLING_SALT", SALT)

    with pytest.raises(SystemExit) as left:
        main(["explain", *args])

    told = capsys.readouterr()
    assert (left.value.code, told.out) == (code, "")
    assert words in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_burst_nobody_drew_is_told_as_such(house, explain):
    """A day without a run and without rows is one plain line."""
    _run(house)
    code, out, err = explain("B-2026-11-20")
    assert (code, out) == (1, "")
    assert "no run drew it, and no row of it was read" in err


def test_without_a_salt_a_run_draws_nothing(house, explain, monkeypatch):
    """A tenant without a salt gets no sample that anybody could foretell: no row, no date, one sentence."""
    monkeypatch.setattr("lists_sync.definitions.settings.REHEARSAL_SALT", "")
    house.definitions = replace(
        house.definitions, settings=replace(house.definitions.settings, sampling_salt="")
    )
    house.forget_journal()

    with pytest.raises(SettingsError, match="LISTS_SYNC_SAMPLING_SALT is not set"):
        _run(house)
    assert house.written() == []

    monkeypatch.delenv("LISTS_SYNC_SAMPLING_SALT")
    code, _, err = explain(BURST)
    assert code == 2
    assert "LISTS_SYNC_SAMPLING_SALT is not set" in err
