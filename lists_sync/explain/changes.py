"""What has happened since a run found a flag: edits, refused writes, columns that a run moved itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lists_sync.explain.standing import DONE, number_of
from lists_sync.explain.told import plain, version_of
from lists_sync.messages.words import clean

if TYPE_CHECKING:
    from lists_sync.explain.scene import Scene
    from lists_sync.explain.standing import Standing

_ENDED = {
    "refused": "was refused by the service",
    "conflict": "met somebody's edit",
    "gone": "found the line gone",
    "sending": "has an unknown outcome, which the next run looks up",
    "planned": "was not sent",
    "dropped": "was not sent",
}


@dataclass(frozen=True, eq=False)
class Since:
    """A column of a line, from the run that judged it until now.

    Args:
        present: what the line holds now, by column.
    """

    standing: Standing
    scene: Scene
    item: int
    column: str
    present: Mapping[str, Any]

    def notes(self, found: Any, looked_at: AbstractSet[str]) -> Iterator[str]:
        """Say where what stands is not what the run found, and whether what it looked at was edited since.

        Args:
            found: what the run found should stand in the column.
            looked_at: columns of the line that the rule looks at.
        """
        edited = self.edited()
        if _blank(found) != _blank(self.present[self.column]):
            held = _words(self.present[self.column])
            yield f"The list holds {held} now, the run found {_words(found)}: {self._why(edited)}"
            return
        mine = [name for name in edited if name in looked_at]
        if mine:
            yield f"Edited since the run read the line: {', '.join(mine)}; the next run judges it anew."

    def _why(self, edited: list[str]) -> str:
        tried = self.standing.last_try(self.item, self.column, self.scene.run.id)
        if tried is not None and tried.state != DONE:
            detail = f" ({clean(tried.detail, 40)})" if tried.detail else ""
            ended = _ENDED.get(tried.state, "was not made")
            return f"its write {ended}{detail}; the next run sees to it."
        if edited:
            return f"edited since ({', '.join(edited)}); the next run brings it up to date."
        before = version_of(self.scene.snapshot.versions["actions"][self.item])
        if number_of(self.standing.version(self.item)) != before:
            return "edited since in the list itself; the next run puts it right."
        return "another run of the job will bring it up to date."

    def edited(self) -> list[str]:
        """Give the columns of people that are not what the run had read, but for what a run moved itself."""
        frame = self.scene.snapshot.frames["actions"]
        schema = self.scene.definitions.schemas["actions"]
        if self.item not in frame.index:
            return []
        moved = self._moved()
        return [
            one.name
            for one in schema.columns
            if not (one.bot or one.name in moved or ("actions", self.item, one.name) in self.scene.whys)
            and _blank(plain(frame.loc[self.item, one.name], one.kind)) != _blank(self.present[one.name])
        ]

    def _moved(self) -> set[str]:
        """Give the columns that this run or a later one wrote."""
        writes = self.standing.writes("actions", self.item)
        mine = (one for one in writes if one.state == DONE and one.run >= self.scene.run.id)
        return {name for one in mine for name in one.values}


def _blank(value: Any) -> Any:
    """Give a value so that all blanks are alike."""
    return None if value in (None, (), "", False) else value


def _words(value: Any) -> str:
    if _blank(value) is None:
        return "nothing"
    return f"`{'; '.join(value) if isinstance(value, tuple) else 'yes' if value is True else value}`"
