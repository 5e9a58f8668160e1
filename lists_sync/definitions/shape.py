"""The shape of a file: pydantic finds the faults, and this module says them in plain words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from lists_sync.definitions.locate import Located, load_yaml
from lists_sync.errors import FileError, Problem


class Shape(BaseModel):
    """A mapping of a file: its keys are known, and its values are of their kind without conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


ShapeT = TypeVar("ShapeT", bound=Shape)

_KINDS = {
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be yes or no",
    "list_type": "must be a list: [one, two]",
    "dict_type": "must hold keys with values",
    "model_type": "must hold keys with values",
}
_BOUNDS = {
    "greater_than": ("gt", "must be above"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be below"),
    "less_than_equal": ("le", "must be at most"),
}


def yes_no(value: Any) -> Any:
    """Give yes and no as true and false; anything else as it is."""
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


YesNo = Annotated[bool, BeforeValidator(yes_no)]


def read_shape(located: Located, model: type[ShapeT]) -> tuple[ShapeT | None, list[Problem]]:
    """Give the file's content in its shape, or None and every fault found."""
    problems = list(located.problems)
    if not located.whole:
        return None, problems
    try:
        return model.model_validate(located.value), problems
    except ValidationError as fault:
        return None, problems + [_told(error, located, model) for error in fault.errors(include_url=False)]


def _told(error: Any, located: Located, model: type[Shape]) -> Problem:
    place = tuple(error["loc"])
    return located.problem(place, f"{_key(place)} {_sentence(error, place, model)}")


def _key(place: Sequence[str | int]) -> str:
    names = [str(part) for part in place if isinstance(part, str)]
    return f"`{'.'.join(names)}`" if names else "The file"


def _sentence(error: Any, place: Sequence[str | int], model: type[Shape]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "is missing."
    if kind == "extra_forbidden":
        return "is not known here." + _suggestion(str(place[-1]), _fields_at(model, place[:-1]))
    if kind == "literal_error":
        return f"must be one of {context['expected']}.".replace("'", "")
    if kind == "value_error":
        return str(context["error"])
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{words} {context[name]}."
    return f"{_KINDS.get(kind, 'cannot be used as it stands')}."


def _suggestion(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    if close:
        return f" Did you mean `{close[0]}`?"
    return f" Known are {', '.join(names)}." if names else ""


def unknown(word: str, known: Iterable[str]) -> str:
    """Say, for a sentence's end, which known word was probably meant."""
    return _suggestion(word, known)


def _fields_at(model: type[Shape], place: Sequence[str | int]) -> Iterable[str]:
    """Give the keys that the shape knows at a place."""
    here: Any = model
    for part in place:
        here = _unwrapped(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            named = (info for name, info in here.model_fields.items() if part in (name, info.alias))
            info = next(named, None)
            here = info.annotation if info else None
        else:
            here = get_args(here)[-1] if get_args(here) else None
    here = _unwrapped(here)
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        return ()
    return [info.alias or name for name, info in here.model_fields.items()]


def _unwrapped(annotation: Any) -> Any:
    """Give what is inside an optional or annotated type."""
    while get_origin(annotation) in (Union, UnionType, Annotated):
        annotation = get_args(annotation)[0]
    return annotation


def read_files(directory: Path) -> dict[str, Located]:
    """Give every YAML file of a folder, by its name without ending, in order of names.

    Raises:
        FileError: the folder is missing or holds none.
    """
    if not directory.is_dir():
        hint = "Run `lists-sync init` to make one."
        raise FileError("The folder is missing.", where=directory.name, hint=hint)
    paths = sorted(path for path in directory.iterdir() if path.suffix in {".yaml", ".yml"})
    if not paths:
        raise FileError("The folder holds no YAML file.", where=directory.name)
    return {path.stem: load_yaml(path) for path in paths}


def refuse(what: str, problems: Iterable[Problem]) -> None:
    """Return only where there is no problem.

    Args:
        what: the folder or file that is refused, as people know it.

    Raises:
        FileError: with every problem once, sorted by file and line.
    """
    found = sorted(set(problems), key=_order)
    if found:
        count = "1 fault" if len(found) == 1 else f"{len(found)} faults"
        raise FileError(
            f"{what} cannot be used: {count}.",
            hint="Mend what is told below, then try again.",
            problems=found,
        )


def _order(problem: Problem) -> tuple[str, int, str]:
    name, _, line = problem.where.rpartition(":")
    return name or problem.where, int(line) if line.isdigit() else 0, problem.what


def plain(value: Any) -> Any:
    """Give lists as tuples and mappings as plain dicts, all the way down."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return tuple(plain(one) for one in value) if isinstance(value, list) else value
