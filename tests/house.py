"""A provider's workspace on loopback, and the bot beside it."""

from contextlib import contextmanager

import requests

from lists_sync.context import load_definitions, open_context
from lists_sync.emulator.server import running
from lists_sync.emulator.state import State
from lists_sync.runner import run_job
from lists_sync.shipped import shipped


class House:
    """An embedded workspace with its lists, and the bot with its own state."""

    def __init__(self, url, state, home, **environ):
        self.url = url
        self.state = state
        given = {"LISTS_SYNC_EMULATOR_URL": url, "LISTS_SYNC_HOME": str(home), **environ}
        self.definitions = load_definitions(given, None)

    def control(self, verb, body):
        answer = requests.post(f"{self.url}/_workspace/{verb}", json=body, timeout=30)
        assert answer.ok, answer.text

    def run(self, job, *, slot, moment=None, **options):
        with open_context(self.definitions) as context:
            one = self.definitions.job(job)
            return run_job(context, one, slot=slot, moment=moment or slot, **options)

    def posts(self):
        """Every post that a channel of Teams was sent so far."""
        return requests.get(f"{self.url}/_workspace/posts", timeout=30).json()["posts"]

    def forget_journal(self):
        requests.delete(f"{self.url}/_workspace/journal", timeout=30).raise_for_status()

    def calls(self):
        """Every call since the journal was last emptied, the parts of batches included."""
        journal = requests.get(f"{self.url}/_workspace/journal", timeout=30).json()["requests"]
        return [call for one in journal for call in (one, *(one.get("batch") or []))]

    def written(self):
        """Method and path of every change asked for since the journal was last emptied."""
        return [
            (call["method"], call["path"])
            for call in self.calls()
            if call["method"] in {"PATCH", "POST", "DELETE"} and "/items" in call["path"]
        ]

    def list_of(self, title):
        found = [
            one for site in self.state.sites() for one in self.state.lists(site.id) if one.title == title
        ]
        assert len(found) == 1, title
        return found[0]

    def rows(self, title):
        return list(self.state.items(self.list_of(title).id))

    def line(self, ref):
        (item,) = [one for one in self.rows("Enforcement actions") if one.fields.get("ActionRef") == ref]
        return item


@contextmanager
def a_house(home, content, *, clock, **environ):
    """Serve a workspace that holds this content, its clock standing at that instant.

    Args:
        environ: further settings of the bot.
    """
    state = State(schema_dir=shipped("list_schemas"))
    with running(state) as url:
        house = House(url, state, home, **environ)
        house.control("clock", {"now": clock, "frozen": True})
        house.control("load", content)
        yield house
