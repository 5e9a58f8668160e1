"""Plays many faults at once, in two processes that each have a stage of their own."""

import atexit
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from faults.book import ENTRIES
from faults.harness import a_stage, few_slots, part_of, play, whole_day
from faults.mixtures import mixture

PROCESSES_COUNT = 2

_here = {}


def _open():
    """Open the stage of this process, once."""
    if not _here:
        stack = ExitStack()
        atexit.register(stack.close)
        _here["stage"] = stack.enter_context(a_stage())
        _here["folder"] = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _here["count"] = 0


def played(task, undisturbed=None):
    """Play one task: `("fault", name)`, `("mixture", seed, percent)`, `("day", percent)`, `("nothing",)`.

    `("few", name)` is a fault on few slots, `("few", "")` is those slots without one.
    """
    _open()
    _here["count"] += 1
    home = _here["folder"] / str(_here["count"]) / "home"
    fault, more = None, {"slots": part_of}
    if task[0] in ("fault", "few"):
        fault = ENTRIES[task[1]].fault() if task[1] else None
        more = {"slots": few_slots if task[0] == "few" else part_of}
    elif task[0] == "mixture":
        fault = mixture(*task[1:])
    elif task[0] == "day":
        fault, more = mixture(1, task[1]) if task[1] else None, {"slots": whole_day}
    return play(_here["stage"], home, fault, undisturbed=undisturbed, **more)


class Players:
    """Two processes that play; a play is given by its task."""

    def __init__(self):
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(PROCESSES_COUNT, mp_context=context)
        plain = [self._pool.submit(played, task) for task in (("nothing",), ("few", ""))]
        self.undisturbed, self._few = [one.result() for one in plain]

    def start(self, tasks):
        """Give by task what will come of it."""
        return {task: self._pool.submit(played, task, self._due(task)) for task in tasks}

    def _due(self, task):
        return (self._few if task[0] == "few" else self.undisturbed).stood

    def submit(self, task, undisturbed=None):
        """Give what will come of a task by itself."""
        return self._pool.submit(played, task, undisturbed)

    def close(self):
        self._pool.shutdown(cancel_futures=True)
