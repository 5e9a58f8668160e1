"""A scheduler as a process, its clock standing still: `a_scheduler.py NOW`, settings from the environment."""

import os
import sys
from datetime import datetime
from pathlib import Path

from lists_sync.schedule.alive import keep_on
from lists_sync.schedule.configuration import Configuration
from lists_sync.schedule.local import Scheduler
from lists_sync.stop import Stop


def _tell(line):
    print(line, flush=True)


if __name__ == "__main__":
    NOW = datetime.fromisoformat(sys.argv[1])
    STOP = Stop()
    FILES = Configuration(os.environ, Path(".env"), _tell)
    SCHEDULER = Scheduler(FILES, STOP, _tell, now=lambda: NOW)
    keep_on(SCHEDULER, STOP, _tell, FILES.current().settings.home)
