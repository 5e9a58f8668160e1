"""Play every fault, the mixtures and a whole day, and write docs/fault-report.md.

    python tests/faults/report.py

Leaves with 1 if anything was lost or is there twice, or did not end as the book says.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from faults.book import ENTRIES, strange  # noqa: E402  # found by the line above
from faults.mixtures import KINDS  # noqa: E402
from faults.players import Players  # noqa: E402

PAGE = ROOT / "docs" / "fault-report.md"
MIXTURES = [("mixture", seed, 20 if seed % 4 == 0 else 5) for seed in range(1, 21)]
DAY_PERCENT = 5

HEAD = """# Fault report

Written by `make fault-report`. The embedded workspace stands in for Microsoft 365; nobody has yet done this
on a live tenant. Each fault is laid on the same part of a hand-worked governance day: deadline status at
08:15, the closure-gate register at 09:30, the burst sample and the escalation watch at 11:00, closure
decisions and the watch at 11:15. A run that failed is started again two minutes later, for the same slot,
once the fault is over or whoever has to act has acted. Then all lists are compared, cell by cell, with those
of the same part without a fault.

- **Lost**: rows and values that stand on the undisturbed day and do not stand now. **Twice**: rows that
  stand there more than once, or that nobody should have made.
- **Requests**: how many more than the {requests} of the undisturbed part; negative where less was to be read.
- **Waits**: seconds that the bot would have waited, as the service asked or by its own patience; nobody sat
  them out.

`tests/faults/faults.yaml` holds each fault as a faults file: put what stands under `rehearse` into a file of
its own and rehearse the very same with `lists-sync emulator --faults FILE`.
"""


def main():
    """Play, write, and tell in one line."""
    players = Players()
    tasks = [("fault", name) for name in ENTRIES] + MIXTURES
    plays = players.start(tasks)
    found = {task: play.result() for task, play in plays.items()}
    day = players.submit(("day", 0)).result()
    disturbed = players.submit(("day", DAY_PERCENT), day.stood).result()
    players.close()
    rows = {task: _counted(task, one) for task, one in found.items()}
    rows["day"] = _counted(None, disturbed)
    PAGE.write_text(_page(found, rows, players.undisturbed, (day, disturbed)), encoding="utf-8")
    lost, twice = (sum(row[place] for row in rows.values()) for place in (0, 1))
    wrong = [name for name, entry in ENTRIES.items() if found["fault", name].outcome != entry.outcome]
    wrong += [str(task) for task in MIXTURES if found[task].unforeseen or found[task].stuck]
    print(f"{len(ENTRIES)} faults, {len(MIXTURES)} mixtures: {lost} lost, {twice} twice.")
    for name in wrong:
        print(f"{name} did not end as it should.")
    return 1 if lost or twice or wrong else 0


def _counted(task, found):
    """Count what a play lost and what is there twice."""
    difference = found.difference
    altered = strange(found, ENTRIES[task[1]]) if task and task[0] == "fault" else difference.otherwise
    lost = len(difference.lost) + len(altered) + len(found.lost_posts) + len(found.stuck)
    return lost, len(difference.twice) + len(difference.more)


def _page(found, rows, undisturbed, days):
    faults = {name: found["fault", name] for name in ENTRIES}
    mixed = [(task, found[task]) for task in MIXTURES]
    lost, twice = (sum(row[place] for row in rows.values()) for place in (0, 1))
    parts = [
        HEAD.format(requests=undisturbed.stood.requests_count),
        _sum(faults, mixed, lost, twice),
        "## Outcomes\n",
        *_outcomes(faults),
        "\n## Fault by fault\n",
        "| fault | what it stands for | outcome | lost | twice | requests | waits, s |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: |",
        *[_row(name, one, rows["fault", name]) for name, one in faults.items()],
        *_posts(faults),
        "\n## Mixtures\n",
        f"A share of all calls, parts of batches included, is met by one of {len(KINDS)} faults: refused for",
        "haste, failed before or after it took effect, reset, cut, a token refused, an expired link, a",
        "conflict, an answer left out.\n",
        "| seed | calls met | outcome | lost | twice | requests | waits, s |",
        "| ---: | ---: | --- | ---: | ---: | ---: | ---: |",
        *[_mixed(task, one, rows[task]) for task, one in mixed],
        f"\n## A day with and without {DAY_PERCENT} % faults\n",
        *_days(*days, rows["day"]),
    ]
    return "\n".join(parts) + "\n"


def _sum(faults, mixed, lost, twice):
    requests = sum(one.extra_requests for one in faults.values())
    more = sum(one.extra_requests for _, one in mixed)
    return (
        f"{len(faults)} faults and {len(mixed)} mixtures were tried: **{lost} lost, {twice} twice**; "
        f"{requests} requests more for the faults, {more} for the mixtures.\n"
    )


def _outcomes(faults):
    count = {}
    for one in faults.values():
        count[one.outcome] = count.get(one.outcome, 0) + 1
    return [f"- {outcome}: {number}" for outcome, number in sorted(count.items(), key=lambda one: -one[1])]


def _row(name, one, counted):
    told = f"{one.outcome}" + (f": “{_line(one.told[0])}”" if one.told else "")
    cost = f"{counted[0]} | {counted[1]} | {one.extra_requests} | {one.waited_s:.0f}"
    return f"| {name} | {ENTRIES[name].stands_for} | {told} | {cost} |"


def _line(told):
    """Give the line that a run ended with, without the address of the call."""
    return told.split(": ", 1)[1].replace("|", "/") if told.startswith(("GET ", "POST ")) else told


def _posts(faults):
    twice = [f"{name} ({len(one.posts_twice)})" for name, one in faults.items() if one.posts_twice]
    if not twice:
        return []
    return [
        "\nA post to Teams cannot be looked up: one that came in and was never answered is sent once more,",
        f"under the reference it had. Posts that came twice: {', '.join(twice)}.",
    ]


def _mixed(task, one, counted):
    cost = f"{counted[0]} | {counted[1]} | {one.extra_requests} | {one.waited_s:.0f}"
    return f"| {task[1]} | {task[2]} % | {one.outcome} | {cost} |"


def _days(plain, disturbed, counted):
    rows = [
        ("machine, s", f"{plain.took_s:.1f}", f"{disturbed.took_s:.1f}"),
        ("waits asked for, s", f"{plain.waited_s:.0f}", f"{disturbed.waited_s:.0f}"),
        ("requests", plain.stood.requests_count, disturbed.stood.requests_count),
        ("resource units", plain.stood.units, disturbed.stood.units),
        ("runs that failed and were started again", len(plain.told), len(disturbed.told)),
        ("lost", 0, counted[0]),
        ("twice", 0, counted[1]),
    ]
    return [
        "Every slot of the hand-worked day. Its seconds are those of one machine, the workspace on it.\n",
        f"| | undisturbed | with {DAY_PERCENT} % faults |",
        "| --- | ---: | ---: |",
        *[f"| {name} | {one} | {other} |" for name, one, other in rows],
    ]


if __name__ == "__main__":
    sys.exit(main())
