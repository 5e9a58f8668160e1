"""The embedded workspace as a process of its own, whose lists can be kept and brought back.

It reads `keep NAME`, `restore NAME` and `digest all` from its standard input and answers each with a line.
"""

import sqlite3
import sys

from crash.contents import digest

from lists_sync.emulator.server import running
from lists_sync.emulator.state import State
from lists_sync.shipped import shipped


class Kept:
    """Copies of the workspace's own database, by name."""

    def __init__(self, state):
        self._state = state
        self._copies = {}

    def keep(self, name):
        with self._state.lock:
            copy = self._copies[name] = sqlite3.connect(":memory:", check_same_thread=False)
            self._state.store._db.backup(copy)

    def digest(self, _):
        """Give a hash of all that the workspace holds."""
        with self._state.lock:
            return digest(self._state.store._db)

    def restore(self, name):
        """Have the workspace read everything from a copy, as it does when it starts."""
        state = self._state
        with state.lock:
            self._copies[name].backup(state.store._db)
            state._empty()
            state._read_back()
            for part in (state.journal, state.faults, state.meter, state.uploads):
                part.clear()


def main():
    state = State(schema_dir=shipped("list_schemas"))
    kept = Kept(state)
    with running(state) as url:
        print(url, flush=True)
        for line in sys.stdin:
            verb, name = line.split(maxsplit=1)
            verbs = {"keep": kept.keep, "restore": kept.restore, "digest": kept.digest}
            print(verbs[verb](name.strip()) or "done", flush=True)
    state.close()


if __name__ == "__main__":
    main()
