"""The embedded workspace as a process: how it starts, what it refuses, and how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest
import requests

pytestmark = pytest.mark.flow

COMMAND = [sys.executable, "-m", "lists_sync", "emulator"]
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("LISTS_SYNC_")}
SAM = {"email": "sam.okafor@rosewood.example", "name": "Sam Okafor", "enabled": True}
EXAMPLE = {
    "time_zone": "Europe/London",
    "users": [SAM],
    "lists": {
        "actions": [
            {
                "ActionRef": "WN-014/03",
                "Owner": SAM["email"],
                "DueDate": "2026-11-25",
                "RiskRating": "High",
                "QualityStatements": ["Safe and effective staffing"],
            }
        ]
    },
    "files": {
        "evidence": [
            {
                "name": "mar-audit.docx",
                "path": "files/mar-audit.docx",
                "unique_id": "0d6a1c1e-0000-4000-8000-000000000001",
                "fields": {"ActionRef": "WN-014/03", "SourceDate": "2026-10-30"},
            }
        ]
    },
}


@contextmanager
def started(folder, *args):
    """Run the workspace as a process; gives it and its address."""
    process = subprocess.Popen(
        [*COMMAND, *args],
        cwd=folder,
        env=ENVIRON,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        first = process.stdout.readline()
        try:
            yield process, first.removeprefix("listening on ").strip()
        finally:
            process.terminate()


def refused(folder, *args):
    """Run it to its refusal; gives its lines on standard error."""
    done = subprocess.run(
        [*COMMAND, *args], cwd=folder, env=ENVIRON, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


def items(url):
    """The tracker's items as Graph shows them."""
    form = {"client_id": "a", "client_secret": "s", "grant_type": "client_credentials"}
    form["scope"] = "https://graph.microsoft.com/.default"
    token = requests.post(f"{url}/rosewood/oauth2/v2.0/token", data=form, timeout=10).json()["access_token"]
    site = "rosewood.sharepoint.com:/sites/governance:"
    answer = requests.get(
        f"{url}/v1.0/sites/{site}/lists/Enforcement actions/items?$expand=fields",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    answer.raise_for_status()
    return [row["fields"] for row in answer.json()["value"]]


def test_the_documented_workspace_file_loads_as_it_stands(tmp_path):
    """The first line names the address, and the document of the manual is there with its file."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "mar-audit.docx").write_bytes(b"PK one")
    (tmp_path / "workspace.json").write_text(json.dumps(EXAMPLE))

    with started(tmp_path, "--load", "workspace.json") as (_, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        (row,) = items(url)
        page = requests.get(f"{url}/sites/evidence/Evidence/mar-audit.docx", timeout=10)

    assert (row["ActionRef"], row["DueDate"]) == ("WN-014/03", "2026-11-25T00:00:00Z")
    assert (page.status_code, page.content) == (200, b"PK one")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            {"lists": {"deadline_status": [{"Overdue": "many"}]}},
            "lists.deadline_status[0].Overdue: a number column cannot hold many.",
        ),
        (
            {"lists": {"actions": [{"ActionRef": "A"}, {"DueDate": "1899-12-31"}]}},
            "lists.actions[1].DueDate: a datetime column cannot hold 1899-12-31.",
        ),
        (
            {"lists": {"actions": [{"DueDate": "8901-01-01"}]}},
            "lists.actions[0].DueDate: a datetime column cannot hold 8901-01-01.",
        ),
        (
            {"lists": {"actions": [{"Owner": "nobody@rosewood.example"}]}},
            "lists.actions[0].Owner: nobody@rosewood.example is not among the users.",
        ),
        (
            {"lists": {"actions": [{"Deadline": "2026-11-25"}]}},
            "lists.actions[0].Deadline: Enforcement actions has no such column.",
        ),
        ({"lists": {"actionz": []}}, "lists.actionz: there is no list schema of that key."),
        ({"lists": {"actions": {"ActionRef": "A"}}}, "lists.actions: must be a list."),
        (
            {"files": {"evidence": [{"name": "a.txt", "path": "none.txt"}]}},
            "files.evidence[0].path: none.txt cannot be read.",
        ),
    ],
)
def test_what_a_list_could_not_hold_is_told_with_its_place(tmp_path, content, told):
    """A workspace file that cannot be loaded ends with 2 and a line for the fault."""
    (tmp_path / "bad.json").write_text(json.dumps(content))

    lines = refused(tmp_path, "--load", "bad.json")

    assert lines == ["lists-sync: The workspace file cannot be loaded:", f"  bad.json: {told}"]


def test_a_file_that_is_no_json_is_told_with_its_line(tmp_path):
    """Broken JSON names the line at which it breaks."""
    (tmp_path / "bad.json").write_text('{"lists":\n {"actions": [}')

    assert refused(tmp_path, "--load", "bad.json")[1].startswith("  bad.json: line 2: it is no JSON: ")


def test_faults_of_a_file_meet_calls(tmp_path):
    """A faults file decides what calls get, and sets switches."""
    (tmp_path / "faults.yaml").write_text(
        "faults:\n"
        "  - match: {method: GET, path: /v1.0/sites}\n"
        "    times: 1\n"
        "    answer: {status: 503, retry_after: 7}\n"
        "switches: {max_top: 50}\n"
    )

    with started(tmp_path, "--faults", "faults.yaml") as (_, url):
        met = requests.get(f"{url}/v1.0/sites/root", timeout=10)
        spared = requests.get(f"{url}/v1.0/sites/root", timeout=10)
        switches = requests.delete(f"{url}/_workspace/faults", timeout=10).json()["switches"]

    assert (met.status_code, met.headers["Retry-After"], spared.status_code) == (503, "7", 401)
    assert switches["max_top"] == 50


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("faults: [{answer: {status: 429}", "line 1: "),
        ("faults: {status: 429}", "faults must be a list, and switches a table."),
        ("faults: [{match: {path: x}}]", "faults[0]: a fault needs an answer."),
        ("faults: [{answer: {status: soon}}]", "faults[0].answer.status: 'soon' is no number."),
        ("faults: [{match: {path: '('}, answer: {status: 500}}]", "faults[0]: missing )"),
        ("switches: {warp: 9}", "There is no switch named warp."),
        ("switches: {max_top: many}", "switches.max_top: 'many' is not a whole number."),
    ],
)
def test_a_bad_faults_file_is_one_line(tmp_path, text, told):
    """A faults file that cannot be used ends with 2 and the place of the fault."""
    (tmp_path / "faults.yaml").write_text(text)

    head, line = refused(tmp_path, "--faults", "faults.yaml")

    assert head == "lists-sync: The faults file cannot be used:"
    assert line.startswith(f"  faults.yaml: {told}")


def test_a_kept_workspace_is_there_after_a_restart(tmp_path):
    """With --db the items outlive the process."""
    (tmp_path / "workspace.json").write_text(json.dumps({"lists": {"actions": [{"ActionRef": "A"}]}}))
    with started(tmp_path, "--db", "kept.db", "--load", "workspace.json"):
        pass

    with started(tmp_path, "--db", "kept.db") as (_, url):
        assert [row["ActionRef"] for row in items(url)] == ["A"]


def test_a_file_that_is_no_database_is_one_line(tmp_path):
    """--db with a file of another kind ends with 2 and names it."""
    (tmp_path / "kept.db").write_text("a shopping list\n" * 100)

    (line,) = refused(tmp_path, "--db", "kept.db")

    assert "kept.db cannot be used to keep a workspace" in line


def test_a_taken_port_is_one_line(tmp_path):
    """A port that another program holds ends with 2 and says what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        (line,) = refused(tmp_path, "--port", str(port))

    assert line.startswith(f"lists-sync: Port {port} is taken. Give --port another number")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quietly_when_told_to(tmp_path, told):
    """SIGTERM and Ctrl-C, even at once, end it with 0 and not a word more."""
    with started(tmp_path) as (process, _):
        process.send_signal(told)
        rest = process.communicate(timeout=30)

    assert (process.returncode, rest) == (0, ("", ""))
