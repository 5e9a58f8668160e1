"""The plain-text message: templates that a provider may edit, checked when they are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lists_sync.errors import FileError, Problem
from lists_sync.messages.words import counted, figure, measure_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SUFFIX = ".txt.j2"
GENERAL = "escalation"
MESSAGE_LIMIT_COUNT = 63_999
"""Characters that a plain multi-line column holds."""

NAMES = frozenset(
    {
        "about", "act_by", "as_at", "asked", "by", "control", "copy", "count", "escalation_url",
        "item_url", "key", "limit",
        "lines", "measures", "meeting", "more", "ref", "refs", "role", "severity", "since", "slot", "step",
        "today", "told", "total", "unusable", "view_url",
    }
)  # fmt: skip
"""What a template may name; messages/render.py says what each holds."""
LINE_NAMES = frozenset({"defects", "due", "high", "late", "ref", "url"})
_ENDS_SHORT = "\n(This message was shortened.)\n"


@dataclass(frozen=True)
class Templates:
    """The checked templates of one directory, by name without the ending."""

    directory: Path
    names: frozenset[str]
    environment: ImmutableSandboxedEnvironment
    sources: Mapping[str, str]

    def fill(self, name: str, facts: Mapping[str, Any]) -> str:
        """Give the message of a template.

        Args:
            name: the template, without its ending.
            facts: a value for each of NAMES.

        Returns:
            Lines without blanks at their ends, at most MESSAGE_LIMIT_COUNT characters.

        Raises:
            FileError: the template is not there, or names a fact that these facts lack.
        """
        if name not in self.names:
            raise FileError(
                f"There is no template {name}{SUFFIX}.",
                where=self.directory.name,
                hint="Add it, or name another in the job's YAML.",
            )
        try:
            filled = self.environment.from_string(self.sources[name]).render(**facts)
        except TemplateError as error:
            raise FileError(
                f"The template cannot be filled: {error.message}.",
                where=f"{self.directory.name}/{name}{SUFFIX}:{_line_of(error)}",
                hint="Name only what its job measures.",
            ) from error
        return _tidy(filled)


def load_templates(directory: Path) -> Templates:
    """Give the templates of a directory, read again whenever one of its files has changed.

    Raises:
        FileError: the directory holds none, or some are wrong: every fault with file and line.
    """
    files = sorted(directory.glob(f"*{SUFFIX}"))
    marks = tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    return _loaded(directory, marks)


@lru_cache(maxsize=8)
def _loaded(directory: Path, marks: tuple[tuple[Path, int, int], ...]) -> Templates:
    if not marks:
        raise FileError("No message templates are here.", where=str(directory), hint="Run lists-sync init.")
    environment = _environment()
    sources: dict[str, str] = {}
    problems: list[Problem] = []
    for path, _, _ in marks:
        name = path.name.removesuffix(SUFFIX)
        try:
            sources[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            problems.append(Problem(f"{directory.name}/{path.name}:1", "The file is not UTF-8 text."))
            continue
        place = f"{directory.name}/{path.name}"
        problems += [Problem(f"{place}:{line}", what) for line, what in _faults(environment, sources[name])]
    if problems:
        raise FileError("Message templates cannot be used.", problems=sorted(problems))
    return Templates(directory, frozenset(sources), environment, sources)


def _environment() -> ImmutableSandboxedEnvironment:
    # The result is plain text for a plain column, and what enters is cleaned before: escaping for HTML
    # would only spoil it.
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(counted=counted, figure=figure, words=measure_words)
    environment.globals.clear()
    return environment


def _faults(environment: ImmutableSandboxedEnvironment, source: str) -> Iterator[tuple[int, str]]:
    """Give the faults of a template, each with its line."""
    try:
        tree = environment.parse(source)
        environment.compile(source)
    except TemplateSyntaxError as error:
        yield error.lineno, f"The template is not well formed: {error.message}."
        return
    unknown = meta.find_undeclared_variables(tree) - NAMES
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name in unknown:
            yield name.lineno, f"{name.name} is unknown; a template may name {', '.join(sorted(NAMES))}."
    for loop in tree.find_all(nodes.For):
        yield from _line_faults(loop)


def _line_faults(loop: nodes.For) -> Iterator[tuple[int, str]]:
    """Give the unknown members that a loop over `lines` names."""
    over_lines = isinstance(loop.iter, nodes.Name) and loop.iter.name == "lines"
    if not over_lines or not isinstance(loop.target, nodes.Name):
        return
    for member in loop.find_all(nodes.Getattr):
        owner = member.node
        named = isinstance(owner, nodes.Name) and owner.name == loop.target.name
        if named and member.attr not in LINE_NAMES:
            yield member.lineno, f"A line has no {member.attr}; it has {', '.join(sorted(LINE_NAMES))}."


def _line_of(error: BaseException) -> int:
    """Give the template's line that an error arose in, 1 where it is not told."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _tidy(filled: str) -> str:
    """Give the text without blanks at line ends and without more than one empty line together."""
    kept: list[str] = []
    for line in filled.strip().splitlines():
        if line.strip() or (kept and kept[-1]):
            kept.append(line.rstrip())
    told = "\n".join(kept) + "\n"
    if len(told) <= MESSAGE_LIMIT_COUNT:
        return told
    return told[: MESSAGE_LIMIT_COUNT - len(_ENDS_SHORT)].rstrip() + _ENDS_SHORT
