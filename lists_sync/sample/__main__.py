"""`python -m lists_sync.sample --day 2026-11-23 > workspace.json`."""

from __future__ import annotations

import argparse
import sys
from datetime import date

from lists_sync.sample import provider


def main() -> None:
    """Print the sample workspace as JSON."""
    parser = argparse.ArgumentParser(prog="python -m lists_sync.sample", description=provider.__doc__)
    parser.add_argument("--day", type=date.fromisoformat, default=provider.DEFAULT_DAY)
    parser.add_argument("--seed", type=int, default=provider.DEFAULT_SEED)
    asked = parser.parse_args()
    made = provider.make(asked.seed, asked.day)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(provider.text(made))


if __name__ == "__main__":
    main()
