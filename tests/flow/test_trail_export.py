"""`lists-sync trail export`: a day in one folder that an inspector opens and checks without us."""

import csv
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from html.parser import HTMLParser

import orjson
import pytest
import typer
from house import a_house
from the_day import BOOK, EVE, People, content

from lists_sync.cli import main as root
from lists_sync.cli.trail import app
from lists_sync.context import open_context
from lists_sync.definitions.policy import Policy
from lists_sync.inspect.verifier import policy_digest
from lists_sync.pull import pull
from lists_sync.runner import run_job, slots_of_day

pytestmark = pytest.mark.flow

DAY = str(BOOK["date"])
PLAIN_PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
HOSTILE = '=HYPERLINK("https://evil.example","x")\n<script>alert(1)</script> "quoted", \u202eturned'
KEPT = {
    "escalations": "Escalations",
    "holds": "Closure holds",
    "control-runs": "Control runs",
    "burst-samples": "Burst samples",
}


def _acknowledge(house):
    """Let the first escalation be taken on by somebody who types what might do harm."""
    first = house.rows("Escalations")[0]
    edit = {
        "id": first.id,
        "Status": "Acknowledged",
        "AcknowledgedBy": "ada@rosewood.example",
        "AcknowledgedAt": f"{DAY}T08:05:00Z",
        "Outcome": HOSTILE,
    }
    house.control("load", {"lists": {"escalations": [edit]}})
    return first.fields["EscalationKey"]


def _backup(house, home):
    """Copy the local state as it stands."""
    paths = house.definitions.settings.home / "state.db", home / "state.db"
    with closing(sqlite3.connect(paths[0])) as source, closing(sqlite3.connect(paths[1])) as target:
        source.backup(target)
    return home


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Give the hand-worked day, played, with one escalation acknowledged and all lists read at the end."""
    with a_house(tmp_path_factory.mktemp("day"), content(), clock=EVE) as made:
        people = People(made)
        with open_context(made.definitions) as context:
            for slot, job in slots_of_day(made.definitions, BOOK["date"]):
                people.until(slot)
                run_job(context, job, slot=slot, moment=slot)
            made.acknowledged = _acknowledge(made)
            made.unread = _backup(made, tmp_path_factory.mktemp("unread"))
            keys = {key for job in made.definitions.jobs.values() for key in job.keys}
            pull(context.workspace, context.mirror, keys, f"{DAY}T20:30:00Z")
        yield made


def _call(house, monkeypatch, capsys, *args):
    """Call the verb as a person would; gives exit code, output and error."""
    monkeypatch.setattr(root, "app", app)
    monkeypatch.setenv("LISTS_SYNC_EMULATOR_URL", house.url)
    monkeypatch.setenv("LISTS_SYNC_HOME", str(house.definitions.settings.home))
    with pytest.raises(SystemExit) as left:
        root.main(["export", *map(str, args)])
    told = capsys.readouterr()
    return left.value.code, told.out, told.err


@pytest.fixture
def export(house, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *args: _call(house, monkeypatch, capsys, *args)


@pytest.fixture(scope="module")
def folder(house, tmp_path_factory):
    """Give the export of the day."""
    from lists_sync.inspect.export import export as write
    from lists_sync.inspect.period import period_of
    from lists_sync.mirror.database import open_to_read

    made = tmp_path_factory.mktemp("exported") / "trail"
    engine = open_to_read(f"sqlite:///{house.definitions.settings.home / 'state.db'}")
    period = period_of(DAY, DAY, house.definitions.provider.calendar.zone)
    done = write(house.definitions, engine, period, made)
    engine.dispose()
    assert done.faults == ()
    return made


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "copy")


def _verify(folder):
    command = [PLAIN_PYTHON, "-I", str(folder / "verify.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def _rows(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _seal_again(folder):
    """Write the manifest anew, as somebody would who wants to hide what was altered."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for one in manifest["files"]:
        one["sha256"] = hashlib.sha256((folder / one["path"]).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    (folder / "manifest.sha256").write_text(f"{digest}  manifest.json\n")


def test_the_folder_passes_its_own_check_anywhere(copy):
    """A plain Python without us, in isolated mode, finds nothing amiss and says what it looked at."""
    code, told = _verify(copy)
    assert code == 0, told
    assert "76 runs followed along the chain, from its beginning." in told
    assert told.endswith("All is as it was written.\n")
    assert _verify(copy) == (code, told)  # the check itself left nothing behind


def _flip(path):
    body = bytearray(path.read_bytes())
    body[-3] ^= 1
    path.write_bytes(body)


def _policy_file(folder):
    return next((folder / "policy").glob("*/jobs/deadline-status.yaml"))


TAMPERING = {
    "a byte of a CSV file": (
        lambda folder: _flip(folder / "records" / "deadline_status.csv"),
        "records/deadline_status.csv: it was altered",
    ),
    "a file removed": (lambda folder: (folder / "holds.html").unlink(), "holds.html: it is missing"),
    "a file added": (lambda folder: (folder / "runs" / "note.txt").touch(), "runs/note.txt: it was added"),
    "a run": (lambda folder: _flip(folder / "runs" / "7.json"), "runs/7.json: it was altered"),
    "the manifest": (lambda folder: _flip(folder / "manifest.json"), "manifest.json: it was altered"),
    "no manifest": (
        lambda folder: (folder / "manifest.json").unlink(),
        "manifest.json: it cannot be checked",
    ),
    "a rule": (lambda folder: _flip(_policy_file(folder)), "deadline-status.yaml: it was altered"),
}


@pytest.mark.parametrize("what", sorted(TAMPERING))
def test_whatever_is_altered_is_named(copy, what):
    """A byte altered, a file added or taken away: the place is told, and the check leaves with 1."""
    alter, words = TAMPERING[what]
    alter(copy)
    code, told = _verify(copy)
    assert code == 1
    assert words in told


def _edit_run(folder):
    path = folder / "runs" / "7.json"
    path.write_bytes(path.read_bytes().replace(b'"Completed"', b'"Complete!"'))


def _drop_run(folder):
    path = folder / "chain.json"
    chain = json.loads(path.read_bytes())
    path.write_text(json.dumps({**chain, "runs": [one for one in chain["runs"] if one["run"] != 7]}))


def _edit_hash(folder):
    path = folder / "control-runs.csv"
    text = path.read_bytes().decode()
    digest = _rows(path)[5]["ChainHash"]
    path.write_bytes(text.replace(digest, "0" * 64).encode())


HIDDEN = {
    "a run": (_edit_run, "runs/7.json: it or the hash before it was altered"),
    "a run left out": (_drop_run, "runs/8.json: it or the hash before it was altered"),
    "a rule": (lambda folder: _flip(_policy_file(folder)), "these are not the files by which run 1 judged"),
    "a hash of Control runs": (_edit_hash, "names a hash that is that of no run here"),
}


@pytest.mark.parametrize("what", sorted(HIDDEN))
def test_what_was_altered_is_named_though_the_manifest_was_made_to_fit(copy, what):
    """Chain, rules and Control runs hold one another: a manifest made anew hides nothing."""
    alter, words = HIDDEN[what]
    alter(copy)
    _seal_again(copy)
    code, told = _verify(copy)
    assert code == 1
    assert words in told
    assert "its hash is not that of the manifest" not in told


def test_every_row_of_the_day_is_there(house, folder):
    """Records and the bot's other lists: as many rows as the lists hold of the day, none of another."""
    schemas = [schema for schema in house.definitions.schemas.values() if schema.record]
    assert len(schemas) == 15
    for schema in schemas:
        rows = _rows(folder / "records" / f"{schema.key}.csv")
        of_day = [row for row in house.rows(schema.title) if row.fields["Slot"].startswith(DAY)]
        assert len(rows) == len(of_day) > 0, schema.key
        assert {row["Slot"][:10] for row in rows} == {DAY}
    expected = {path: len(house.rows(title)) for path, title in KEPT.items()}
    expected["burst-samples"] -= 2  # those of the burst of the Friday before
    assert {path: len(_rows(folder / f"{path}.csv")) for path in KEPT} == expected
    assert {row["BurstId"] for row in _rows(folder / "burst-samples.csv")} == {f"B-{DAY}"}


def test_pages_hold_the_same_rows(folder):
    """Each table's page has a row for each of its CSV file, and the figures of the sheet."""
    for path in sorted([*folder.glob("*.csv"), *folder.glob("records/*.csv")]):
        page = path.with_suffix(".html").read_text("utf-8")
        assert page.count("<tbody>") == len(_rows(path)), path.name
    (row,) = _rows(folder / "records" / "deadline_status.csv")
    assert (row["Slot"], row["Slot (UTC)"]) == (f"{DAY} 08:15", f"{DAY}T07:15:00Z")
    assert row["RecordKey"] == f"deadline-status/{DAY}T07:15Z"
    measures = next(run["measures"] for run in BOOK["runs"] if run["job"] == "deadline-status")
    assert {name: row[name] for name in measures} == {name: str(value) for name, value in measures.items()}


def test_what_is_not_available_is_blank(folder):
    """No mean where nobody could be measured: the cell is empty, and never 0."""
    row, *_ = _rows(folder / "records" / "burst_sampler.csv")
    assert row["FirstRun"] == "yes"
    unread = [one for one in _rows(folder / "escalations.csv") if not one["ActBy"]]
    assert unread
    assert all((one["Severity"], one["ActBy (UTC)"]) == ("Information", "") for one in unread)


def test_who_acknowledged_when_is_there(house, folder):
    """The row says who took it on and when, and when the list was first seen so."""
    (row,) = [one for one in _rows(folder / "escalations.csv") if one["AcknowledgedBy"]]
    assert (row["EscalationKey"], row["AcknowledgedBy"]) == (house.acknowledged, "ada@rosewood.example")
    assert (row["AcknowledgedAt"], row["AcknowledgedAt (UTC)"]) == (f"{DAY} 09:05", f"{DAY}T08:05:00Z")
    assert row["AcknowledgedSeen"][:10] == DAY
    assert row["Message"]
    assert row["ToPerson"].endswith("@rosewood.example")


class _Marks(HTMLParser):
    """Collects what a page could run or fetch."""

    def __init__(self):
        super().__init__()
        self.tags, self.addresses = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses |= {value for name, value in attrs if name in {"href", "src", "action", "style"}}
        assert not any(name.startswith("on") for name, _ in attrs)


def test_a_page_runs_nothing_and_every_link_leads_to_a_file_of_the_folder(folder):
    """No script, no picture, no outside address; what is linked is there; British English is declared."""
    for page in folder.rglob("*.html"):
        marks, text = _Marks(), page.read_text("utf-8")
        marks.feed(text)
        assert marks.tags.isdisjoint({"script", "img", "link", "iframe", "form", "object"})
        assert '<html lang="en-GB">' in text
        for address in marks.addresses:
            assert (page.parent / address).is_file(), address


def test_hostile_text_is_shown_and_does_nothing(folder):
    """Markup is escaped, a formula gets an apostrophe, and what turns text about is told by its number."""
    page = (folder / "escalations.html").read_text("utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "[U+202E]turned" in page
    (row,) = [one for one in _rows(folder / "escalations.csv") if one["Outcome"]]
    assert row["Outcome"] == "'" + HOSTILE.replace("\u202e", "[U+202E]")
    for path in folder.rglob("*.csv"):
        cells = [cell for one in _rows(path) for cell in one.values()]
        assert not [cell for cell in cells if re.match(r"[=+@\t\r]|-(?!\d)", cell)]


def test_the_index_says_what_it_is_and_whose_words_are_in_it(folder):
    """Provider, period, when the lists were read, how to check, and that outcomes are people's."""
    text = " ".join((folder / "index.html").read_text("utf-8").split())
    for words in (
        "The trail of Rosewood Care",
        "Tuesday 1 September 2026. Local time",
        "21:30 on Tuesday 1 September 2026",
        "python3 verify.py",
        "people's own text",
        "never 0",
    ):
        assert words in text


def test_two_exports_are_the_same_bytes(export, folder, tmp_path):
    """Same state, same period: every file is the same, and nothing is left beside the folder."""
    code, out, err = export("--from", DAY, "--to", DAY, "--json")
    made = tmp_path / f"trail-{DAY}-to-{DAY}"
    told = json.loads(out)
    assert (code, err, told["sound"], told["changes_since"]) == (0, "", True, 0)
    assert told["manifest_sha256"] == hashlib.sha256((made / "manifest.json").read_bytes()).hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == [made.name]
    names = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    assert names == {path.relative_to(made) for path in made.rglob("*") if path.is_file()}
    assert told["files"] == len(names)
    assert all((made / name).read_bytes() == (folder / name).read_bytes() for name in names)


def test_what_was_written_after_the_lists_were_read_is_told(house, tmp_path):
    """Before the last pull the newest rows are not known here: how many, and in which lists, is said."""
    args = ("--from", DAY, "--to", DAY, "--out", tmp_path / "t")
    environ = {"LISTS_SYNC_HOME": str(house.unread), "LISTS_SYNC_EMULATOR_URL": house.url}
    command = [sys.executable, "-c", "from lists_sync.cli.trail import app; app()", "export", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environ})
    assert done.returncode == 0, done.stderr
    assert "changes that the bot made after the lists were last read" in " ".join(done.stdout.split())
    index = " ".join((tmp_path / "t" / "index.html").read_text("utf-8").split())
    assert "After the lists were last read the bot made" in index
    assert re.search(r"pull \d+ *; 1 change since", index)


def test_people_are_told_in_lines_that_fit(export, tmp_path):
    """Counts, where it is, and how to go on, within 80 columns."""
    code, out, _ = export("--from", DAY, "--to", DAY, "--out", tmp_path / "t")
    assert code == 0
    assert "Open index.html first" in out
    assert all(len(line) <= 80 for line in out.splitlines() if "SHA-256" not in line)


def test_a_folder_that_holds_something_is_left_alone(export, tmp_path):
    """Nothing is written over: one plain line, exit code 2."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    code, out, err = export("--from", DAY, "--to", DAY, "--out", tmp_path / "full")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "full: Something is there already" in err
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_an_export_cut_off_leaves_nothing(export, tmp_path, monkeypatch):
    """Where a file cannot be written, neither the folder nor a part of it is left."""
    from pathlib import Path

    write = Path.write_bytes

    def fail(self, data):
        if self.name == "chain.json":
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", fail)
    code, _, err = export("--from", DAY, "--to", DAY, "--out", tmp_path / "t")
    assert (code, len(err.splitlines())) == (2, 1)
    assert list(tmp_path.iterdir()) == []


MISTAKES = {
    "no day": (("--from", "monday", "--to", DAY), 2, "--from is no day: 'monday'."),
    "no such day": (("--from", DAY, "--to", "2026-02-30"), 2, "--to is no day"),
    "the wrong way round": (("--from", "2026-09-02", "--to", DAY), 2, "--from 2026-09-02 is after"),
    "nothing there": (("--from", "2025-01-01", "--to", "2025-01-02"), 1, "Nothing is known here of"),
    "no period": ((), 2, "Missing option '--from'"),
}


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_one_plain_line(export, tmp_path, mistake):
    """What cannot be written out is told in one line, and nothing is written."""
    args, code, words = MISTAKES[mistake]
    found, out, err = export(*args)
    assert (found, out) == (code, "")
    assert words in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_policy_has_the_same_digest_here_and_there():
    """The check's own JSON is byte for byte the one the digest was made over, whatever the characters."""
    odd = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x11000), 0x1F600, 0x10FFFF]))
    texts = {"jobs/é.yaml": odd, "jobs/z.yaml": 'a "quoted" \\ line\r\n', "\U0001f600": "", "\uff5e": "x"}
    assert policy_digest(texts) == Policy(texts).digest
    assert orjson.loads(json.dumps(texts)) == texts


def test_the_verb_can_have_others_beside_it():
    """`trail` is a group of verbs, and shows how export is called."""
    command = typer.main.get_command(app)
    assert "Example: lists-sync trail export --from 2026-11-23 --to 2026-11-27" in " ".join(
        command.commands["export"].help.split()
    )
