"""A machine with a scheduler whose clock is put by hand, beside an embedded workspace."""

import shutil
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from house import a_house

from lists_sync.clock import iso
from lists_sync.context import open_context
from lists_sync.mirror.database import open_database
from lists_sync.runner import run_job
from lists_sync.schedule.configuration import Configuration
from lists_sync.schedule.local import Scheduler
from lists_sync.schedule.table import SlotTable
from lists_sync.shipped import shipped
from lists_sync.stop import Stop

OWNER = "joy.mensah@rosewood.example"
JOBS = ("deadline-status", "early-warnings", "escalation-watch")
SLOT = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
KEY = "deadline-status/2026-11-24T08:15Z"
BEFORE = "deadline-status/2026-11-23T08:15Z"


def _content(count):
    lines = [
        {"ActionRef": f"WN-014/{n:02d}", "Status": "In progress", "DueDate": "2026-11-20", "Owner": OWNER}
        for n in range(1, count + 1)
    ]
    runs = [
        {
            "RunKey": BEFORE,
            "Control": "deadline-status",
            "Slot": "2026-11-23T08:15:00Z",
            "RanAt": "2026-11-23T08:15:00Z",
            "Result": "Completed",
        }
    ]
    return {
        "time_zone": "Europe/London",
        "users": [{"email": OWNER, "name": "Joy Mensah"}],
        "lists": {"actions": lines, "control_runs": runs},
    }


def _configuration_of(folder):
    """Give a provider's own folder with two jobs that have slots."""
    (folder / "jobs").mkdir(parents=True)
    for job in JOBS:
        shutil.copy(shipped("jobs") / f"{job}.yaml", folder / "jobs")
    return shutil.copy(shipped("templates") / "provider.yaml", folder)


class Rig:
    """A workspace, and beside it a machine with a scheduler whose clock stands where it is put."""

    def __init__(self, house, home, config):
        self.house = house
        self.home = home
        self.config = Path(config)
        self.lines = []
        self.now = SLOT
        self.environ = {
            "LISTS_SYNC_EMULATOR_URL": house.url,
            "LISTS_SYNC_HOME": str(home),
            "LISTS_SYNC_CONFIG": str(config),
        }
        self.start()

    def start(self, **environ):
        """Begin anew, as after a restart."""
        self.stop = Stop()
        files = {**self.environ, **environ}
        self.files = Configuration(files, self.config.parent / ".env", self.lines.append)
        self.scheduler = Scheduler(self.files, self.stop, self.lines.append, now=lambda: self.now)

    def wake(self, *, late_min=0):
        self.now = SLOT + timedelta(minutes=late_min)
        self.scheduler.work()

    def by_hand(self, job, slot):
        files = self.files.current()
        with open_context(files) as context:
            run_job(context, files.job(job), slot=slot, moment=slot)

    def slots(self):
        """Give job, state and minutes late of every slot of the day."""
        engine = open_database(f"sqlite:///{self.home / 'state.db'}", at=iso(SLOT))
        rows = SlotTable(engine).rows(SLOT - timedelta(hours=8))
        engine.dispose()
        return {slot.key: (str(slot.state), slot.late_minutes) for slot in rows}

    def status_slot(self):
        return self.slots()["deadline-status", "2026-11-24T08:15"]

    def run_rows(self):
        return {one.fields["RunKey"]: one.fields for one in self.house.rows("Control runs")}

    def missed(self):
        keys = [one.fields["EscalationKey"] for one in self.house.rows("Escalations")]
        return [key for key in keys if key.startswith("missed/")]

    def query(self, statement):
        with closing(sqlite3.connect(self.home / "state.db", timeout=30)) as connection:
            made = connection.execute("select name from sqlite_master where name = 'outbox'").fetchall()
            return connection.execute(statement).fetchall() if made else []

    def faults(self, *rows):
        self.house.control("faults", {"faults": list(rows)})


@contextmanager
def a_rig(folder, count=2):
    """Serve a workspace with so many overdue lines, and a machine beside it that has not run yet."""
    with a_house(folder / "home", _content(count), clock="2026-11-24T08:15:00Z") as house:
        yield Rig(house, folder / "home", _configuration_of(folder / "config"))
