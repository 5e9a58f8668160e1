"""The bot as a process that can be killed: everything is imported once, then each run is forked off.

A line of JSON on standard input asks for one run and is answered by a line that tells how its process ended.
One that asks to warm up is run in this very process, so that what a run loads late is there for all.
"""

import gc
import json
import os
import signal
import sys
import traceback
from datetime import datetime
from functools import cache

from crash import breakages
from crash.points import Points
from jwt import algorithms

from lists_sync.context import load_definitions, open_context
from lists_sync.runner import run_job


def _run(asked, definitions):
    """Do one run in a process of its own; killed at its point, if it was given one."""
    if asked["broken"]:
        getattr(breakages, asked["broken"])()
    slot = datetime.fromisoformat(asked["slot"])
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def at(number, name):
        os.write(log, f"{name}\n".encode())
        if asked["kill_at"] in (number, name):
            os.kill(os.getpid(), signal.SIGKILL)

    with Points(at), open_context(definitions) as context:
        run_job(context, definitions.job(asked["job"]), slot=slot, moment=slot)


def _warm_up(asked, definitions):
    """Do one run here: the key of the sign-in is made and read, templates and calendars are loaded."""
    algorithms.load_pem_private_key = cache(algorithms.load_pem_private_key)
    slot = datetime.fromisoformat(asked["slot"])
    with open_context(definitions) as context:
        run_job(context, definitions.job(asked["job"]), slot=slot, moment=slot)
    gc.collect()
    gc.freeze()
    return 0


def _fork(asked, definitions):
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    code = 1
    try:
        _run(asked, definitions)
        code = 0
    except BaseException:  # noqa: BLE001  # a forked process must never come back from here
        traceback.print_exc()
    finally:
        os._exit(code)


def main():
    url, home = sys.argv[1:]
    definitions = load_definitions({"LISTS_SYNC_EMULATOR_URL": url, "LISTS_SYNC_HOME": home}, None)
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        status = (_warm_up if asked["warm"] else _fork)(asked, definitions)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(json.dumps({"killed": killed, "ended": status == 0}), flush=True)


if __name__ == "__main__":
    main()
