"""Ways in which a bot could be wrong, put in on purpose: the harness must notice each of them."""

import os

from lists_sync.model import Answered
from lists_sync.outbox import Outbox
from lists_sync.write import Writer


def notes_answers_before_it_asks():
    """What is about to leave is committed as done."""

    def sending(self, entries):
        self.turn(entries, [(Answered.DONE, "")] * len(entries), [])

    Outbox.sending = sending


def forgets_posts():
    """Nobody remembers what was posted."""
    Outbox.posts = lambda self, keys: {}


def names_rows_by_the_process():
    """The row of a run gets another key in each process, so that no look finds the one that stands."""
    entry = Writer._entry

    def named(self, change):
        made = entry(self, change)
        if "RunKey" in made.fields:
            made.fields["RunKey"] += f" {os.getpid()}"
        return made

    Writer._entry = named
