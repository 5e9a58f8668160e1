"""The .env file: names and values, one a line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lists_sync.definitions.locate import display_name
from lists_sync.errors import Problem, SettingsError

_NAME = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_QUOTED = re.compile(r"""(?P<quote>["'])(?P<text>.*?)(?P=quote)\s*(#.*)?""")
_REMARK = re.compile(r"(?:^|\s)#.*$")


@dataclass(frozen=True)
class Setting:
    """A value and the place that gave it."""

    value: str
    where: str

    def __repr__(self) -> str:
        """Tell the place only; the value may be a secret."""
        return f"Setting(where={self.where!r})"


def read_dotenv(path: Path) -> tuple[dict[str, Setting], list[Problem]]:
    """Read a .env file; quotes, remarks, `export`, a byte order mark and any line ends are understood.

    Returns:
        Settings by name, and what could not be read; no value is ever told.

    Raises:
        SettingsError: the file is missing, or no UTF-8 text.
    """
    name = display_name(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError("The file is missing or is not UTF-8 text.", where=name) from fault
    settings: dict[str, Setting] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), start=1):
        where = f"{name}:{number}"
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _NAME.fullmatch(line.strip())
        value = _value(found[2]) if found else None
        if not found or value is None:
            problems.append(Problem(where, "The line is not NAME=value, or a quote has no end."))
        elif found[1] in settings:
            problems.append(Problem(where, f"{found[1]} stands here a second time; leave one."))
        else:
            settings[found[1]] = Setting(value, where)
    return settings, problems


def _value(text: str) -> str | None:
    """Give the value without quotes and remark, or None where a quote has no end."""
    if text[:1] in {'"', "'"}:
        found = _QUOTED.fullmatch(text)
        return found["text"] if found else None
    return _REMARK.sub("", text).strip()
