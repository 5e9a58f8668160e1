"""Cut off every run of the hand-worked day at each of its points, and write down what came of it."""

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from crash.scenes import SCENES
from crash.yard import a_yard

TWICE_COUNT = 8
"""How many sequences of two kills are drawn for each run."""

INTRODUCTION = """# What a crash leaves behind

`make crash-matrix` plays the hand-worked day of `tests/cases/day` against the embedded workspace and kills
the process of a run with SIGKILL at each of its points in turn: before and after every commit to the local
state, and before and after every request. Then the run of that slot is started again and ends, and the lists
are compared with those of the same run undisturbed. (Where the lists and the local state stand exactly as
after the kill before, what followed that one is taken over.) This page is what it wrote.

- **lost**: rows, values or posts that an undisturbed run leaves and that are not there.
- **twice**: rows of the bot that stand more than once.
- **otherwise**: rows that differ, or that an undisturbed run does not make.
- **repeated posts**: kills after which Teams was told of something twice. A post cannot be looked up, so one
  whose answer was not kept is sent once more, with the same reference in its card.
- **needless**: what was told again although the answer was known, or more than once.
- **given up**: posts that were on their way at both of two kills. Twice nobody knows whether they arrived,
  and a third time they are not sent; their rows in Escalations stand, without a time of handing over.
- **extra requests**: the most that one kill cost beyond the requests of the undisturbed run.

Three columns of Control runs are left out of the comparison, since they tell what the run itself did: how
much it wrote, how many escalations it raised, and its place in the chain.
"""


@dataclass(frozen=True)
class Result:
    """A scene with what each single kill, and each sequence of two, came to."""

    scene: object
    points: tuple
    once: list
    again: list

    @property
    def faults(self):
        return [
            f"{self.scene.name}, {one}: {fault}" for one in (*self.once, *self.again) for fault in one.faults
        ]


def _results(yard, scenes, *, then_watch):
    for scene in scenes:
        stages = yard.stages(scene, then_watch=then_watch)
        first = stages[0]
        once = yard.kill(stages, first.every())
        again = yard.kill(stages, first.spread(TWICE_COUNT, kills_count=2))
        yield Result(scene, first.points, once, again)


def _row(name, kills):
    counts = [sum(len(getattr(one, kind)) for one in kills) for kind in ("lost", "twice", "otherwise")]
    repeated = sum(bool(one.repeated) for one in kills)
    told = [repeated, *(sum(len(getattr(one, kind)) for one in kills) for kind in ("needless", "given_up"))]
    extra = max((one.extra_requests for one in kills), default=0)
    return f"| {name} | {len(kills)} | {' | '.join(map(str, [*counts, *told]))} | {extra} |"


_HEAD = (
    "| run | kills | lost | twice | otherwise | repeated posts | needless | given up | extra requests |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
)


def _table(results, kind):
    every = [one for result in results for one in getattr(result, kind)]
    return [*_HEAD, *(_row(one.scene.name, getattr(one, kind)) for one in results), _row("all", every)]


def _named(results):
    """Give a table of the points by what they are, with how many runs pass them and how often."""
    runs, times, repeated = {}, Counter(), Counter()
    for result in results:
        for found in result.once:
            when, name = found.kills[0].name.split(" ", 1)
            runs.setdefault(name, set()).add(result.scene.name)
            times[name, when] += 1
            repeated[name] += bool(found.repeated)
    lines = [
        f"| {name} | {len(in_runs)} | {times[name, 'before']} | {times[name, 'after']} | {repeated[name]} |"
        for name, in_runs in sorted(runs.items())
    ]
    head = "| point | runs that pass it | kills before it | kills after it | repeated posts |"
    return [head, "| --- | ---: | ---: | ---: | ---: |", *lines]


def _repetitions(results):
    return [
        f"- {result.scene.name}, {found}: "
        + ", ".join(f"{key} ({channel})" for channel, key in found.repeated)
        for result in results
        for found in (*result.once, *result.again)
        if found.repeated
    ]


def page(results):
    """Put the results together as the page that is kept with the product."""
    points = sum(len(one.points) for one in results)
    twice = sum(len(one.again) for one in results)
    faults = [fault for one in results for fault in one.faults]
    verdict = f"{len(results)} runs with {points} points, and {twice} runs that were killed twice: " + (
        f"{len(faults)} faults." if faults else "nothing lost, nothing twice, nothing otherwise."
    )
    parts = [
        INTRODUCTION,
        f"**{verdict}**\n",
        *([f"- {fault}" for fault in faults] + [""] if faults else []),
        "## Killed once, at every point\n",
        *_table(results, "once"),
        "\n## Killed twice, the run and its rerun, at points drawn by chance\n",
        *_table(results, "again"),
        "\n## Where a post was repeated\n",
        *(_repetitions(results) or ["Nowhere."]),
        "\n## The points\n",
        "A commit is named by the function that makes it and the one that asked for it.\n",
        *_named(results),
    ]
    return "\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="the page to write; without it, it is printed")
    parser.add_argument("--job", help="only the runs of this job")
    parser.add_argument("--list", action="store_true", help="list the points by number, and kill nothing")
    parser.add_argument("--then-watch", action="store_true", help="let the watch run after each run as well")
    given = parser.parse_args()
    scenes = [scene for scene in SCENES if given.job in (None, scene.job)]
    with tempfile.TemporaryDirectory() as folder, a_yard(Path(folder), scenes) as yard:
        if given.list:
            for scene in scenes:
                for number, name in enumerate(yard.stages(scene)[0].points, start=1):
                    print(f"{scene.name}: {number:03d} {name}")
            return 0
        results = []
        for result in _results(yard, scenes, then_watch=given.then_watch):
            results.append(result)
            print(
                f"{result.scene.name}: {len(result.points)} points",
                *result.faults,
                sep="\n  ",
                file=sys.stderr,
            )
    text = page(results)
    if given.write:
        given.write.write_text(text, "utf-8")
    else:
        print(text)
    return 1 if any(result.faults for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
