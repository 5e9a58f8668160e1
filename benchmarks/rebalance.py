"""How long the proposed moves of control 1.3 take, and how much memory, for a provider with many lines.

    python benchmarks/rebalance.py [--managers 60] [--lines 12000]

Each load is solved in a process of its own, twice; told are the processor's seconds of the better round and
the peak memory of the process. Half of the lines are of one hour, the others of a quarter to eight. Whether
a set of moves relieves everybody depends on how hard managers are pressed on average. Where there is little
room a load as large as this is solved up to the bound on work, and the best found is given.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from fractions import Fraction
from random import Random

from lists_sync.controls.rebalance import DemandLine, Load, propose

PRESSED = {"room for all": 105, "hardly room for all": 115, "too little room": 122, "no room at all": 160}
"""The average pressure, in per cent; managers differ from it by a quarter of capacity."""
SERVICES_COUNT = 12
ROUNDS = 2


def load(managers: int, lines: int, pressed: int) -> Load:
    """Make the demand first, and each manager's capacity so that the pressure comes out."""
    dice = Random(1)
    emails = [f"manager.{number:03d}@rosewood.example" for number in range(managers)]
    services = [f"service {number}" for number in range(SERVICES_COUNT)]
    made = [
        DemandLine(
            ref=f"wn-{dice.randrange(10**6):06d}/{number}",
            id=number,
            owner=dice.randrange(managers),
            service=dice.choice(services),
            hours=Fraction(1) if dice.random() < 0.5 else Fraction(dice.randrange(1, 33), 4),
        )
        for number in range(1, lines + 1)
    ]
    demand = [Fraction(0)] * managers
    for line in made:
        demand[line.owner] += line.hours
    pressure = [Fraction(max(30, round(dice.gauss(pressed, 25 if pressed < 160 else 0)))) for _ in demand]
    capacity = [
        Fraction(int(400 * hours / per_cent) + 1, 4) for hours, per_cent in zip(demand, pressure, strict=True)
    ]
    return Load(tuple(emails), tuple(dice.choice(services) for _ in emails), tuple(capacity), tuple(made))


def measure(managers: int, lines: int, pressed: int) -> None:
    """Print what this process needs, as JSON."""
    given, spent = load(managers, lines, pressed), []
    for _ in range(ROUNDS):
        before = time.process_time()
        found = propose(given, above=Fraction(125), receiver_up_to=Fraction(100))
        spent.append(time.process_time() - before)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([min(spent), peak_mb, len(found.moves), found.above_count, found.proven]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--managers", type=int, default=60)
    parser.add_argument("--lines", type=int, default=12_000)
    parser.add_argument("--pressed", type=int, help="measure this one in this process, and tell it as JSON")
    given = parser.parse_args()
    if given.pressed:
        measure(given.managers, given.lines, given.pressed)
        return
    print(f"{given.managers} managers, {given.lines:,} demand lines")
    print(f"{'':<22}{'seconds':>9}{'MB':>6}{'moves':>7}{'still above':>13}  ")
    for name, pressed in PRESSED.items():
        command = [sys.executable, __file__, f"--managers={given.managers}", f"--lines={given.lines}"]
        told = subprocess.run([*command, f"--pressed={pressed}"], check=True, capture_output=True)
        seconds, peak_mb, moves, above, proven = json.loads(told.stdout)
        ended = "proven" if proven else "best found"
        print(f"{name:<22}{seconds:>9.2f}{peak_mb:>6.0f}{moves:>7}{above:>13}  {ended}")


if __name__ == "__main__":
    main()
