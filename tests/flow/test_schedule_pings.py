"""The sign of life after each scheduled run, heard by a small server on loopback."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from rig import a_rig

from lists_sync.definitions.settings import load_settings
from lists_sync.errors import DefinitionError


@pytest.fixture
def rig(tmp_path):
    with a_rig(tmp_path) as made:
        yield made


class _Listener(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.heard.append(self.path)
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def listener():
    server = HTTPServer(("127.0.0.1", 0), _Listener)
    server.heard, server.answer = [], 200
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_each_completed_run_gives_a_sign_of_life(rig, listener):
    """The address for all jobs hears every run, that of one job only its own."""
    url = f"http://127.0.0.1:{listener.server_port}"
    rig.start(LISTS_SYNC_PING_URL=f"{url}/all?key=s3", LISTS_SYNC_PING_URL_DEADLINE_STATUS=f"{url}/one")
    rig.wake()
    assert listener.heard == ["/all?key=s3", "/one", "/all?key=s3"]


def test_a_failed_run_gives_no_sign_of_life(rig, listener):
    """Silence is what a monitor hears."""
    rig.start(LISTS_SYNC_PING_URL=f"http://127.0.0.1:{listener.server_port}/all")
    rig.wake(late_min=-10)
    assert listener.heard == ["/all"]
    listener.heard.clear()
    rig.faults({"match": {"path": "/lists/.*/items/delta"}, "answer": {"status": 403}})
    rig.wake()
    assert listener.heard == []


def test_a_sign_of_life_that_fails_is_told_once_without_its_address(rig, listener):
    """And the runs go on."""
    listener.answer = 500
    rig.start(LISTS_SYNC_PING_URL=f"http://127.0.0.1:{listener.server_port}/s3cret")
    rig.wake()
    told = [line for line in rig.lines if "sign of life" in line]
    assert told == ["A sign of life could not be given (500); the runs go on."]
    assert rig.status_slot() == ("done", 0)


def test_an_address_to_ping_for_no_job_is_refused(rig):
    """A slip in its name is told at the start, without the address."""
    with pytest.raises(DefinitionError, match="LISTS_SYNC_PING_URL_DEADLINE_STATE: names no job") as told:
        rig.start(LISTS_SYNC_PING_URL_DEADLINE_STATE="https://x.example/s3cret")
    assert "s3cret" not in str(told.value)


def test_an_address_to_ping_is_kept_by_job_and_is_a_secret():
    """It may hold a query, and does not show when the settings are printed."""
    url = "https://x.example/ping?key=hush"
    settings = load_settings({"LISTS_SYNC_PING_URL": url, "LISTS_SYNC_PING_URL_BURST_SAMPLE": url})
    assert settings.pings == {"": url, "burst-sample": url}
    assert "hush" not in repr(settings)


@pytest.mark.parametrize("url", ["http://x.example/1", "ftp://x.example", "https://u:p@x.example", "nowhere"])
def test_an_address_to_ping_is_encrypted_unless_it_is_this_machine(url):
    """Anything else is refused without being shown."""
    with pytest.raises(DefinitionError, match="LISTS_SYNC_PING_URL ") as told:
        load_settings({"LISTS_SYNC_PING_URL": url})
    assert url not in str(told.value)
    assert load_settings({"LISTS_SYNC_PING_URL": "http://127.0.0.1:8/1"}).pings


@pytest.mark.parametrize("name", ["PING_URL_", "PING_URLS", "PING"])
def test_a_slip_in_the_name_of_a_setting_is_told(tmp_path, name):
    """In .env a name that means nothing is refused."""
    (tmp_path / ".env").write_text(f"LISTS_SYNC_{name}=https://x.example\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match="is no known setting"):
        load_settings({}, tmp_path / ".env")
