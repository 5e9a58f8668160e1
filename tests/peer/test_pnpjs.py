"""A client that nobody here wrote, PnPjs, works on the embedded workspace over the public paths."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lists_sync.emulator.server import running
from lists_sync.emulator.state import State

HERE = Path(__file__).parent
pytestmark = pytest.mark.peer


def run(*command: str, folder: Path, limit_s: int) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=limit_s, check=False)
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> Any:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.fail("This test needs Node.js with npm: install nodejs and npm, then run it again.")
    folder = tmp_path_factory.mktemp("pnpjs")
    for name in ("package.json", "package-lock.json", "script.mjs"):
        shutil.copy(HERE / name, folder)
    run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder, limit_s=300)
    state = State()
    state.add_user("sam.okafor@rosewood.example", "Sam Okafor")
    with running(state) as base:
        text = run(node, "script.mjs", base, folder=folder, limit_s=120)
    state.close()
    return json.loads(text)


def test_a_certificate_token_opens_sharepoint(seen):
    """A token bought with a signed assertion reads the web; one bought with a secret is refused."""
    assert (seen["token_type"], seen["web_title"]) == ("Bearer", "Governance")
    assert seen["secret_refused"] == {"status": 401, "code": "", "text": "Unsupported app only token."}


def test_a_list_with_columns_is_made(seen):
    """Lists, columns of every kind, an index and column formatting are made and read back."""
    assert seen["list_template"] == 100
    assert seen["field"] == {"type": "Text", "indexed": True, "formatter": '{"elmType":"div"}'}
    assert seen["choices"] == ["Open", "Done"]


def test_a_title_that_is_taken_is_a_500(seen):
    """The client sees SharePoint's 500 with the code of a taken title."""
    refused = seen["same_title_refused"]
    assert (refused["status"], refused["code"]) == (500, "-2130575342, Microsoft.SharePoint.SPException")


def test_a_view_is_made(seen):
    """A view has the rows and the column that were asked for."""
    assert seen["view"] == {"rows": 30, "fields": ["Code"]}


def test_people_are_ensured(seen):
    """A person of the directory gets one lookup id; a stranger is refused."""
    assert seen["user"] == {"email": "sam.okafor@rosewood.example", "title": "Sam Okafor"}
    assert (seen["user_again"], seen["stranger"]["status"]) == (True, 400)


def test_an_item_is_added_and_read_back(seen):
    """Numbers, choices, a person and a date come back as they went in."""
    due = "2026-11-25T17:00:00Z"
    assert seen["added"] == {"Code": "C-1", "Score": 4.5, "Tags": ["A", "B"], "OwnerId": True, "Due": due}
    assert seen["owner"] == {"EMail": "sam.okafor@rosewood.example", "Title": "Sam Okafor"}


def test_an_update_moves_the_etag_and_a_stale_one_is_refused(seen):
    """The second update with the first eTag is a 412 and leaves the value."""
    assert (seen["etag_moved"], seen["stale"]["status"], seen["score"]) == (True, 412, 5)


def test_a_missing_item_is_a_404(seen):
    """An item that never was and one that was deleted answer alike."""
    assert seen["missing"]["status"] == seen["deleted"]["status"] == 404


def test_batches_are_understood(seen):
    """24 items by batch; then a batch of reads, writes and a failure, each with its own answer."""
    assert seen["batch_made"] == 24
    assert seen["batch_mixed"] == {"read": "Item 2", "etag": "string", "lost": 404}


def test_pages_filters_and_orders_hold(seen):
    """25 items come in pages of 10; filters and orders give what they say."""
    assert seen["pages"] == [10, 10, 5]
    assert seen["filtered"] == ["Item 7"]
    assert (seen["done_count"], seen["ordered"]) == (7, [30, 25])


def test_graph_sees_the_same_items(seen):
    """What REST wrote Graph reads, and the other way round."""
    assert seen["graph_item"] == {"Code": "C-1", "Score": 5, "owner": True}
    assert (seen["graph_added"], seen["graph_count"]) == ("G-1", 25)
    assert seen["columns"] == ["Code", "Due", "Owner", "Score", "State", "Tags"]
