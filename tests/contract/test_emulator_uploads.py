"""Upload sessions of the embedded workspace: how they open, what each range is told, how they end."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from contract.plain_client import PlainClient
from office365.runtime.client_request_exception import ClientRequestException

from lists_sync.emulator.auth import GRAPH, issue
from lists_sync.emulator.graph.drives import drive_id
from lists_sync.emulator.records import Actor

UNIT = 327_680
BOT = Actor(app_id="bot")


class House:
    """A library of the workspace, and how one speaks to it."""

    def __init__(self, workspace):
        self.url, self.state = workspace.url, workspace.state
        site = self.state.site_by_path("/sites/evidence")
        self.library = self.state.create_list(site.id, "Evidence", template="documentLibrary")
        self.drive = drive_id(self.library)
        self.token = issue(self.state, app_id="bot", resource=GRAPH, strength="1")

    def graph(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token['access_token']}"}
        return requests.request(method, f"{self.url}/v1.0{path}", json=body, headers=headers, timeout=10)

    def ask(self, path="/root:/2026/scan.pdf:", behaviour=""):
        item = {"@microsoft.graph.conflictBehavior": behaviour} if behaviour else {}
        return self.graph("POST", f"/drives/{self.drive}{path}/createUploadSession", {"item": item})

    def opened(self, **more):
        return self.ask(**more).json()["uploadUrl"]

    def put_file(self, path="2026/scan.pdf", content=b"old"):
        return self.state.put_file(self.library.id, path, content, actor=BOT)[0]

    def content(self, path="2026/scan.pdf"):
        return self.state.content(self.state.library_file(self.library.id, path))


def send(url, content, first, total, **headers):
    header = {"Content-Range": f"bytes {first}-{first + len(content) - 1}/{total}", **headers}
    return requests.put(url, data=content, headers=header, timeout=10)


def told(answer):
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["innerError"].get("code", "")


@pytest.fixture
def house(workspace):
    return House(workspace)


def test_a_session_waits_for_the_first_byte(house):
    """A new session names an address outside Graph's prefix and expects everything from byte 0."""
    answer = house.ask().json()
    assert answer["nextExpectedRanges"] == ["0-"]
    assert answer["expirationDateTime"] > house.state.clock.iso()
    assert answer["uploadUrl"].startswith(f"{house.url}/upload/")


def test_a_range_is_answered_with_the_next(house):
    """A range that is not the last is accepted with 202 and where to go on."""
    answer = send(house.opened(), b"a" * UNIT, 0, UNIT + 5)
    assert (answer.status_code, answer.json()["nextExpectedRanges"]) == (202, [f"{UNIT}-"])


def test_the_last_range_makes_the_file(house):
    """The last range, odd as it may be, is answered with 201 and the file's drive item."""
    url = house.opened()
    send(url, b"a" * UNIT, 0, UNIT + 5)
    answer = send(url, b"hello", UNIT, UNIT + 5)
    row = answer.json()
    assert (answer.status_code, row["name"], row["size"]) == (201, "scan.pdf", UNIT + 5)
    assert row["file"]["hashes"]["quickXorHash"]
    assert house.content() == b"a" * UNIT + b"hello"


def test_nothing_stands_in_the_library_before_the_last_range(house):
    """A file appears when its last byte has come, not before."""
    send(house.opened(), b"a" * UNIT, 0, UNIT + 5)
    assert house.state.folder_items(house.library.id) == []


def test_a_file_is_uploaded_below_a_folder_by_id(house):
    """A session may be opened by its folder's id and a name."""
    house.put_file("2026/other.txt")
    folder = house.graph("GET", f"/drives/{house.drive}/root:/2026").json()["id"]
    answer = send(house.opened(path=f"/items/{folder}:/new.txt:"), b"new", 0, 3)
    assert (answer.status_code, house.content("2026/new.txt")) == (201, b"new")


def test_a_file_is_uploaded_over_another_by_id(house):
    """A session opened by a file's own id replaces it, and is answered with 200 and the same id."""
    house.put_file()
    file_id = house.graph("GET", f"/drives/{house.drive}/root:/2026/scan.pdf").json()["id"]
    answer = send(house.opened(path=f"/items/{file_id}"), b"new", 0, 3)
    assert (answer.status_code, answer.json()["id"], house.content()) == (200, file_id, b"new")


def test_replace_is_what_nobody_needs_to_ask_for(house):
    """Without a conflict behaviour the file at the path is replaced."""
    house.put_file()
    assert send(house.opened(), b"new", 0, 3).status_code == 200
    assert house.content() == b"new"


def test_fail_refuses_a_name_that_stands(house):
    """A session that must not replace is refused with 409 where a file stands."""
    house.put_file()
    assert told(house.ask(behaviour="fail")) == (409, "nameAlreadyExists", "")


def test_fail_refuses_a_name_taken_meanwhile(house):
    """A name taken while the session ran refuses the last range, which may be sent again."""
    url = house.opened(behaviour="fail")
    item = house.put_file()
    assert told(send(url, b"new", 0, 3)) == (409, "nameAlreadyExists", "")
    house.state.delete_item(house.library.id, item.id, actor=BOT)
    assert send(url, b"new", 0, 3).status_code == 201


def test_rename_takes_a_free_name(house):
    """A session that renames leaves the file that stands and counts on until a name is free."""
    house.put_file()
    house.put_file("2026/scan 1.pdf")
    answer = send(house.opened(behaviour="rename"), b"new", 0, 3)
    assert (answer.status_code, answer.json()["name"], house.content()) == (201, "scan 2.pdf", b"old")


def test_an_unknown_behaviour_is_refused(house):
    """A conflict behaviour of another name is a bad request."""
    assert told(house.ask(behaviour="merge"))[:2] == (400, "invalidRequest")


@pytest.mark.parametrize(
    ("size", "first", "total", "inner"),
    [
        (UNIT, 0, 4 * UNIT, "fragmentOverlap"),
        (UNIT, 2 * UNIT, 4 * UNIT, "fragmentOutOfOrder"),
        (1000, UNIT, 4 * UNIT, "fragmentLengthMismatch"),
        (UNIT, UNIT, 3 * UNIT, "fragmentLengthMismatch"),
    ],
    ids=["received already", "leaves a gap", "odd size before the last", "another total"],
)
def test_a_range_out_of_place_is_refused(house, size, first, total, inner):
    """A range that cannot be the next one is answered 416 and leaves the session as it was."""
    url = house.opened()
    send(url, b"a" * UNIT, 0, 4 * UNIT)
    assert told(send(url, b"b" * size, first, total)) == (416, "invalidRange", inner)
    assert requests.get(url, timeout=10).json()["nextExpectedRanges"] == [f"{UNIT}-"]


def test_sixty_mebibytes_are_too_many(house):
    """A single request stays under 60 MiB."""
    size = 60 * 1024 * 1024
    assert told(send(house.opened(), bytes(size), 0, 2 * size))[:2] == (416, "invalidRange")


@pytest.mark.parametrize("header", ["", "bytes 0-9/10", "0-2/3", "bytes 0-2/2"])
def test_a_range_header_must_fit_the_content(house, header):
    """A Content-Range that is missing, malformed or of another length is a bad request."""
    answer = requests.put(house.opened(), data=b"new", headers={"Content-Range": header}, timeout=10)
    assert told(answer)[:2] == (400, "invalidRequest")


def test_an_authorization_header_is_refused(house):
    """The address is its own permission: a range that carries a token is answered 401."""
    answer = send(house.opened(), b"new", 0, 3, Authorization=f"Bearer {house.token['access_token']}")
    assert told(answer)[:2] == (401, "unauthenticated")


def test_a_cancelled_session_is_gone(house):
    """Cancelling answers 204, and whatever follows 404."""
    url = house.opened()
    assert requests.delete(url, timeout=10).status_code == 204
    assert told(send(url, b"new", 0, 3))[:2] == (404, "itemNotFound")


def test_a_finished_session_is_gone(house):
    """Once its file is made, a session is no longer known."""
    url = house.opened()
    send(url, b"new", 0, 3)
    assert requests.get(url, timeout=10).status_code == 404


def test_an_expired_session_is_gone(house):
    """A session that ran out is answered 404."""
    url = house.opened()
    house.state.clock.set(house.state.clock.now() + timedelta(days=2))
    assert requests.get(url, timeout=10).status_code == 404


def test_a_range_prolongs_the_session(house):
    """Each range that is taken moves the moment the session runs out."""
    opened = house.ask().json()
    house.state.clock.set(house.state.clock.now() + timedelta(hours=5))
    taken = send(opened["uploadUrl"], b"a" * UNIT, 0, 2 * UNIT).json()
    assert taken["expirationDateTime"] > opened["expirationDateTime"]


def test_the_journal_hides_the_address(house):
    """The journal keeps that a range came, without the word that opens the session."""
    url = house.opened()
    send(url, b"new", 0, 3)
    entry = house.state.journal.requests[-1]
    assert (entry["method"], entry["status"], entry["path"]) == (
        "PUT",
        201,
        "/upload/scan.pdf?tempauth=hidden",
    )


def test_a_site_without_a_grant_opens_no_session(house):
    """An app that may only read the site is refused the session itself."""
    house.state.switch(sites_selected=True, grants={"/sites/evidence": ["read"]})
    assert told(house.ask())[:2] == (403, "accessDenied")


def client_upload(house, path, chunk_size):
    with PlainClient(house.url, token=lambda: house.token) as client:
        client.drives[house.drive].root.resumable_upload(str(path), chunk_size).execute_query()


def test_the_client_library_uploads_a_file(house, tmp_path):
    """The pinned client library's own upload session carries a megabyte over in several ranges."""
    content = bytes(range(256)) * 4096
    (tmp_path / "scan.pdf").write_bytes(content)
    client_upload(house, tmp_path / "scan.pdf", 2 * UNIT)
    assert house.content("scan.pdf") == content
    assert [entry["status"] for entry in house.state.journal.requests if entry["method"] == "PUT"] == [
        202,
        201,
    ]


def test_the_client_librarys_own_range_size_is_no_multiple(house, tmp_path):
    """The client library's default of 2,000,000 bytes is refused as soon as a file needs two ranges."""
    (tmp_path / "scan.pdf").write_bytes(bytes(2_500_000))
    with pytest.raises(ClientRequestException) as failed:
        client_upload(house, tmp_path / "scan.pdf", 2_000_000)
    assert failed.value.response.status_code == 416
