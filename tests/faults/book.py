"""The book of faults: `faults.yaml` as what a play can be laid under, and what each must come to."""

from dataclasses import dataclass
from pathlib import Path

from faults.acts import ACTS
from faults.harness import Fault
from ruamel.yaml import YAML

BOOK = YAML(typ="safe", pure=True).load((Path(__file__).parent / "faults.yaml").read_text("utf-8"))


@dataclass(frozen=True)
class Entry:
    """One fault of the book."""

    name: str
    stands_for: str
    outcome: str
    rehearse: dict
    act: str = ""
    since: str = "00:00"
    lasting: bool = False
    short: bool = False
    differs: tuple = ()
    posts_twice: int = 0

    def fault(self):
        """Give what is laid on a play; of one play only, since an act remembers."""
        act = ACTS[self.act]() if self.act else None
        return Fault(self.rehearse, act, since=self.since, short=self.short, lasting=self.lasting)


def _entry(name, told):
    told = dict(told)
    return Entry(name, rehearse=told.pop("rehearse", {}), differs=tuple(told.pop("differs", ())), **told)


ENTRIES = {name: _entry(name, told) for name, told in BOOK.items()}


def strange(found, entry):
    """Give what stands otherwise than on the undisturbed day, and not because somebody did something."""
    return [one for one in found.difference.otherwise if not one.startswith(entry.differs or ("no list",))]
