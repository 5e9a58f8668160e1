"""What the YAML reader makes of a file, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from lists_sync.definitions.locate import load_yaml, parse_yaml
from lists_sync.errors import FileError
from lists_sync.shipped import shipped

SHIPPED = sorted(
    path for name in ("jobs", "list_schemas", "templates") for path in shipped(name).rglob("*.yaml")
)


@pytest.mark.parametrize(
    "word", ["No", "on", "yes", "16:30", "2026-11-23", "0o7", "1_000", "None", "Off", "+"]
)
def test_words_that_older_yaml_would_turn_stay_text(word: str) -> None:
    """A word, a time and a day are text; people write what they mean."""
    assert parse_yaml(f"a: {word}", "f").value == {"a": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("5", 5),
        ("-3", -3),
        ("2.5", 2.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("", None),
        ("~", None),
    ],
)
def test_numbers_and_switches_are_what_they_look_like(word: str, value: object) -> None:
    """Unquoted numbers, true, false and null are more than text."""
    assert parse_yaml(f"a: {word}", "f").value == {"a": value}


def test_quoted_words_are_text() -> None:
    """Quotes make text of anything."""
    assert parse_yaml("a: \"5\"\nb: 'true'\nc: ''", "f").value == {"a": "5", "b": "true", "c": ""}


def test_every_key_and_entry_has_its_line() -> None:
    """Keys, list entries and what is inside a flow mapping know their lines."""
    located = parse_yaml("# heading\na: 1\nb:\n  - {c: 2}\n  - d\n", "f")
    assert located.lines == {("a",): 2, ("b",): 3, ("b", 0): 4, ("b", 0, "c"): 4, ("b", 1): 5}
    assert located.dotted_lines["b.0.c"] == 4


def test_a_place_that_is_not_there_has_the_line_around_it() -> None:
    """What is missing is told at the line of what it is missing from."""
    assert parse_yaml("a: 1\nb:\n  c: 2\n", "f").line(("b", "d", 3)) == 2


def test_every_duplicate_key_is_told() -> None:
    """Two keys that stand twice are two problems, each on its own line."""
    problems = parse_yaml("a: 1\nb: 2\na: 3\nb: 4\n", "f").problems
    assert [problem.where for problem in problems] == ["f:3", "f:4"]


def test_the_first_of_two_equal_keys_is_kept() -> None:
    """The value of the second does not count, so that other faults are told of the first."""
    assert parse_yaml("a: {b: 1}\na: [2]\n", "f").value == {"a": {"b": 1}}


def test_a_key_that_is_a_list_is_refused() -> None:
    """YAML would allow it; no file of ours needs it."""
    problem = parse_yaml("? [a, b]\n: 1\n", "f").problems[0]
    assert problem.where == "f:1"
    assert "A key must be" in problem.what


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    """A file saved by a Windows editor reads as any other, lines included."""
    path = tmp_path / "x.yaml"
    path.write_bytes("\ufeffa: 1\r\nb: 2\r\n".encode())
    located = load_yaml(path)
    assert (located.value, located.lines[("b",)]) == ({"a": 1, "b": 2}, 2)


def test_a_file_that_is_no_text_is_told_with_its_line(tmp_path: Path) -> None:
    """The first byte that is no UTF-8 gives the line."""
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    assert load_yaml(path).problems[0].where == f"{tmp_path.name}/x.yaml:2"


def test_a_character_that_yaml_forbids_is_told_with_its_line() -> None:
    """A control character is a fault of the file, never a crash."""
    assert parse_yaml("a: 1\nb: \x07\n", "f").problems[0].where == "f:2"


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    """The folder and the file are named, the path of the machine is not."""
    with pytest.raises(FileError) as refused:
        load_yaml(tmp_path / "x.yaml")
    assert refused.value.where == f"{tmp_path.name}/x.yaml"


def test_deep_nesting_is_read_without_recursion() -> None:
    """A thousand brackets are no crash."""
    deep = parse_yaml("a: " + "[" * 1000 + "]" * 1000, "f")
    assert deep.value or deep.problems


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_our_values_are_those_of_ruamel(path: Path) -> None:
    """Every shipped file reads as ruamel's own YAML 1.2 reader has it, but days, which stay text."""
    text = path.read_text(encoding="utf-8")
    assert parse_yaml(text, path.name).value == YAML(typ="safe", pure=True).load(text)
