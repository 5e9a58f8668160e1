"""What keeps the scheduler going: the minute's wake, the signals that end it, and being the only one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from filelock import FileLock, Timeout

from lists_sync.errors import StateError, StoppedError

if TYPE_CHECKING:
    from lists_sync.schedule.local import Scheduler
    from lists_sync.stop import Stop

LOCK = "schedule.lock"
LOOK_S = 1.0
"""How often a scheduler that waits looks whether the other one has ended."""
WAITS = "Another scheduler works on this state; this one waits, and takes over when it ends."
TAKES_OVER = "The other scheduler has ended; this one takes over."
AT_WORK = "The scheduler is at work: what is due is run now, and then every slot when it comes."
ENDS = "Told to stop: what was in hand was finished and noted; what is still due is run at the next start."

Wakes = SimpleQueue[None]


def keep_on(scheduler: Scheduler, stop: Stop, tell: Callable[[str], None], home: Path) -> None:
    """Work at once and then at every minute, until a signal says stop; only one does so on a state."""
    wakes: Wakes = SimpleQueue()
    try:
        with _ended_by_signals(stop, wakes), _only_one(home, stop, tell), _every_minute(wakes):
            tell(AT_WORK)
            while not stop.asked:
                scheduler.work()
                _wait(wakes)
    except StoppedError:
        pass
    tell(ENDS)


def is_at_work(home: Path) -> bool | None:
    """Tell whether a scheduler works on this state now; None where this user cannot know."""
    path = home / LOCK
    if not path.is_file():
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:
        return None
    lock.release()
    return False


def _wait(wakes: Wakes) -> None:
    """Return at the next wake; wakes that came while a pass went on are one."""
    wakes.get()
    while not wakes.empty():
        wakes.get()


@contextmanager
def _only_one(home: Path, stop: Stop, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the state as its only scheduler, however long that takes; a killed one lets go of it at once.

    Raises:
        StoppedError: told to end while waiting.
        StateError: the folder cannot be used.
    """
    lock = FileLock(home / LOCK, timeout=0)
    if not _taken(lock, home):
        tell(WAITS)
        while not _taken(lock, home):
            stop.sleep(LOOK_S)
        tell(TAKES_OVER)
    try:
        yield
    finally:
        lock.release()


def _taken(lock: FileLock, home: Path) -> bool:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except Timeout:
        return False
    except OSError as fault:
        raise StateError(
            "The folder of the local state cannot be used.",
            where="LISTS_SYNC_HOME",
            hint="Check that it is a folder and that this user may write to it.",
        ) from fault
    return True


@contextmanager
def _every_minute(wakes: Wakes) -> Iterator[None]:
    """Wake at the beginning of every minute; a machine that slept wakes once."""
    waker = BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    waker.add_job(wakes.put, CronTrigger(second=0, timezone=UTC), args=[None])
    waker.start()
    try:
        yield
    finally:
        waker.shutdown(wait=False)


@contextmanager
def _ended_by_signals(stop: Stop, wakes: Wakes) -> Iterator[None]:
    """Let SIGTERM and SIGINT ask to stop, as often as they come.

    A handler may run in the middle of anything, a lock's own code included, so it only puts a mark into a
    queue that is made for that; a thread of its own asks.
    """
    marks: SimpleQueue[bool] = SimpleQueue()

    def ask() -> None:
        while marks.get():
            stop.ask()
            wakes.put(None)

    def on_signal(_number: int, _frame: Any) -> None:
        marks.put(True)  # noqa: FBT003  # the queue's own signature

    asker = threading.Thread(target=ask, name="stop", daemon=True)
    asker.start()
    before = {one: signal.signal(one, on_signal) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        marks.put(False)  # noqa: FBT003  # as above
        asker.join()
