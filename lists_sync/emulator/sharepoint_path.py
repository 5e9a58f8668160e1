"""Reads the address of a SharePoint REST resource: segments, keys, aliases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lists_sync.emulator.sharepoint_wire import INVALID_QUERY, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEGMENT = re.compile(r"([A-Za-z_$][\w.$]*)(?:\((.*)\))?", re.DOTALL)
_QUOTED = re.compile(r"(?:guid|datetime)?'((?:[^']|'')*)'", re.IGNORECASE | re.DOTALL)
_NAMED = re.compile(r"\s*[A-Za-z_]\w*\s*=\s*(.*)", re.DOTALL)

# A locator after its collection says by what the key finds its member.
_LOCATORS = {
    ("lists", "getbyid"): "",
    ("lists", "getbytitle"): "title",
    ("fields", "getbyid"): "",
    ("fields", "getbytitle"): "title",
    ("fields", "getbyinternalnameortitle"): "name",
    ("views", "getbyid"): "",
    ("views", "getbytitle"): "title",
    ("items", "getbyid"): "",
    ("items", "getitembystringid"): "",
    ("siteusers", "getbyid"): "",
    ("siteusers", "getbyemail"): "email",
    ("siteusers", "getbyloginname"): "login",
}
# A call on the web that gives a member of a collection.
_SHORTCUTS = {
    "getlist": ("lists", "url"),
    "getuserbyid": ("siteusers", ""),
    "siteuserinfolist": ("lists", "users"),
    "defaultdocumentlibrary": ("lists", "documents"),
}


@dataclass(frozen=True)
class Step:
    """One segment; `key` is None where the segment names a whole collection or a property."""

    name: str
    key: str | None = None
    by: str = ""
    args: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resource:
    """A parsed address; `shape` is what handlers are found by, such as `web/lists()/items`."""

    steps: tuple[Step, ...]

    @property
    def shape(self) -> str:
        """The segments with their keys left out."""
        return "/".join(step.name + ("()" if step.key is not None else "") for step in self.steps)

    def step(self, name: str) -> Step:
        """The first segment of that name; one without a key where there is none."""
        return next((step for step in self.steps if step.name == name), Step(name))

    @property
    def last(self) -> Step:
        """The last segment."""
        return self.steps[-1]


def parse(path: str, query: Mapping[str, str]) -> Resource:
    """Read a decoded path below `_api/` into a resource.

    Args:
        path: such as `web/lists/getByTitle('Actions')/items(5)`; letter case does not matter.
        query: aliases such as `@v` are looked up here.

    Raises:
        EmulatedError: 400 where a segment cannot be read.
    """
    steps: list[Step] = []
    for text in _split(path, "/"):
        if not text:
            continue
        found = _SEGMENT.fullmatch(text)
        if found is None:
            raise refused(400, -1, INVALID_QUERY, f'The expression "{text}" is not valid.')
        _add(steps, found[1].lower(), found[2], query)
    if [step.name for step in steps[:2]] == ["site", "rootweb"]:
        steps = [Step("web"), *steps[2:]]
    return Resource(tuple(steps))


def _add(steps: list[Step], name: str, inside: str | None, query: Mapping[str, str]) -> None:
    name = name.removeprefix("sp.")
    args = tuple(_argument(part, query) for part in _split(inside, ",")) if inside else ()
    before = steps[-1].name if steps else ""
    if name in _SHORTCUTS and before == "web":
        collection, by = _SHORTCUTS[name]
        steps.append(Step(collection, args[0] if args else "", by, args))
    elif (before, name) in _LOCATORS and args and steps[-1].key is None:
        steps[-1] = Step(before, args[0], _LOCATORS[before, name], args)
    else:
        keyed = (
            args[0]
            if args and name in {"lists", "fields", "views", "items", "siteusers", "versions"}
            else None
        )
        by = "login" if name == "siteusers" and keyed and not keyed.isdigit() else ""
        steps.append(Step(name, keyed, by, args))


def _argument(text: str, query: Mapping[str, str]) -> str:
    text = text.strip()
    named = _NAMED.fullmatch(text)
    if named and not text.startswith("'"):
        text = named[1].strip()
    if text.startswith("@"):
        text = query.get(text, "").strip()
    quoted = _QUOTED.fullmatch(text)
    return quoted[1].replace("''", "'") if quoted else text


def _split(text: str, mark: str) -> list[str]:
    parts, depth, quoted, start = [], 0, False, 0
    for place, letter in enumerate(text):
        if letter == "'":
            quoted = not quoted
        elif not quoted and letter in "()":
            depth += 1 if letter == "(" else -1
        elif not quoted and not depth and letter == mark:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]
