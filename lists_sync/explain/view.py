"""One line in a run judged again: what an explainer asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lists_sync.controls.local import HOUR_US, NAT
from lists_sync.controls.matching import clean
from lists_sync.explain.told import Explained, FigureTold, ThresholdTold, ValueTold, plain, version_of
from lists_sync.messages.words import day_words, moment_words
from lists_sync.model import Column, Kind

if TYPE_CHECKING:
    from datetime import date

    from lists_sync.controls.lines import Lines
    from lists_sync.definitions.jobs import Job
    from lists_sync.explain.scene import Scene

_OWN = {
    "Modified": Column("Modified", Kind.DATETIME),
    "Created": Column("Created", Kind.DATETIME),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNNAMED = frozenset({"retests"})
"""Lists whose rows people know by somebody who is not judged here."""
FROM_HISTORY = "from history"


@dataclass(frozen=True, eq=False)
class View:
    """One line, and the job whose rule is asked.

    Args:
        place: of the line among the lines.
    """

    scene: Scene
    job: Job
    place: int

    @property
    def lines(self) -> Lines:
        """All lines."""
        return self.scene.lines

    @property
    def id(self) -> int:
        """The line's item id."""
        return int(self.lines.frame.index[self.place])

    @property
    def ref(self) -> str:
        """The line's reference, else `#<item id>`."""
        return self.ref_of(self.place)

    def ref_of(self, place: int) -> str:
        """Give the reference of any line."""
        return self.scene.names[place]

    @property
    def live(self) -> bool:
        """Whether the line is neither closed nor cancelled."""
        return bool(self.lines.live[self.place])

    @property
    def overdue(self) -> bool:
        """Whether the line is live and its due moment has passed."""
        return self.live and self.has_due and self.due_us < self.scene.now

    @property
    def has_due(self) -> bool:
        """Whether it has a due date to use."""
        return self.due_us != NAT

    @property
    def due_us(self) -> int:
        """Its due moment in microseconds, NAT for none."""
        return int(self.lines.due[self.place])

    def cell(self, column: str, key: str = "actions", id_: int | None = None) -> Any:
        """Give a value as it stood, None for a blank one."""
        frame = self.scene.lists.frames[key]
        return plain(frame.loc[self.id if id_ is None else id_, column], self._kind(key, column))

    def value(self, column: str, key: str = "actions", id_: int | None = None, note: str = "") -> ValueTold:
        """Give a value as it stood, with the version of the item that it came from."""
        item = self.id if id_ is None else int(id_)
        frame = self.scene.lists.frames[key]
        why = self.scene.whys.get((key, item, column), "")
        etag = self.scene.snapshot.versions[key][item]
        return ValueTold(
            list=key,
            item=item,
            column=column,
            value=self.cell(column, key, item),
            version=version_of(etag),
            modified=plain(frame.loc[item, "Modified"], Kind.DATETIME),
            unique=str(frame.loc[item, "_unique"]) if self.scene.definitions.schemas[key].library else "",
            ref=self._ref(key, item),
            note=note or (f"not used: it {why}" if why else ""),
        )

    def values(self, *columns: str, key: str = "actions", id_: int | None = None) -> tuple[ValueTold, ...]:
        """Give several values of one item."""
        return tuple(self.value(column, key, id_) for column in columns)

    def setting(self, name: str) -> Any:
        """Give a setting of the job."""
        return self.job.settings[name]

    def threshold(self, name: str) -> ThresholdTold:
        """Give a setting of the job, and where it stands."""
        return self.scene.threshold(self.job, f"settings.{name}")

    def when(self, us: int) -> str:
        """Give an instant of microseconds in local words."""
        return moment_words(instant_of(us), self.scene.calendar.zone)

    @property
    def judged_at(self) -> str:
        """The run's moment in local words."""
        return moment_words(self.scene.moment, self.scene.calendar.zone)

    def due_figure(self) -> FigureTold:
        """Give the due moment, and why it is that."""
        if not self.has_due:
            why = "its due date cannot be used" if self.lines.due_unusable[self.place] else "no due date"
            return FigureTold("due_moment", None, f"It has no due moment: {why}.")
        typed = self.cell("DueDate")
        at = instant_of(self.due_us)
        if at == typed:
            return FigureTold("due_moment", at, f"Its due moment is the due time, {self.when(self.due_us)}.")
        day = self.scene.calendar.local_date(typed)
        return FigureTold(
            "due_moment",
            at,
            f"Due on a day, {day_words(day)}, it is in time all of that day: its due moment is "
            f"{self.when(self.due_us)}.",
        )

    def _ref(self, key: str, item: int) -> str:
        if key == "actions":
            return self.ref_of(self.scene.place_of(item) or 0)
        schema = self.scene.definitions.schemas[key]
        name = "" if schema.library or key in _UNNAMED else schema.ref
        typed = self.scene.lists.frames[key].loc[item, name] if name else None
        return clean(typed)[:64] if isinstance(typed, str) else ""

    def _kind(self, key: str, column: str) -> Kind:
        schema = self.scene.definitions.schemas[key]
        return (_OWN[column] if column in _OWN else schema.column(column)).kind


def instant_of(us: int) -> datetime:
    """Give microseconds as an instant."""
    return _EPOCH + timedelta(microseconds=int(us))


def day_at(number: int) -> date:
    """Give a day since 1970 as a date."""
    return (_EPOCH + timedelta(days=int(number))).date()


def hours_of(us: int) -> Fraction:
    """Give microseconds as hours, exactly."""
    return Fraction(int(us), HOUR_US)


def not_live(view: View) -> Explained:
    """Say that a flag of live lines is cleared on this one."""
    return Explained(
        None,
        "This flag is for live lines: it is cleared on what is closed or cancelled.",
        view.values("Status"),
    )
