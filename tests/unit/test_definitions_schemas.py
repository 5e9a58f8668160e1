"""What the lists of a folder become, and how their faults are told together."""

from __future__ import annotations

from pathlib import Path

import pytest

from lists_sync.definitions import load_schemas, load_words
from lists_sync.errors import FileError
from lists_sync.model import Column, Kind

LIST = """key: {key}
title: {key} list
store: governance
ref: Ref
columns:
  - {{name: Ref, kind: text, unique: true}}
  - {{name: Theme, kind: choice, choices_from: themes, fill_in: true, description: "What it is about."}}
  - {{name: Active, kind: yesno, default: yes}}
  - {{name: State, kind: choice, choices: [Open, Closed], default: Open, written_by: bot, indexed: true}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    directory = tmp_path / "list_schemas"
    (directory / "reference").mkdir(parents=True)
    words = 'themes:\n  version: "1"\n  words: [Falls, Medicines]\n'
    (directory / "reference" / "choices.yaml").write_text(words, encoding="utf-8")
    for key in ("one", "two"):
        (directory / f"{key}.yaml").write_text(LIST.format(key=key), encoding="utf-8")
    return directory


def test_columns_keep_what_the_file_says(folder: Path) -> None:
    """Words of the reference data, defaults and marks arrive in the column."""
    schema = load_schemas(folder)["one"]
    assert schema.columns == (
        Column("Ref", Kind.TEXT, unique=True, indexed=True),
        Column(
            "Theme",
            Kind.CHOICE,
            choices=("Falls", "Medicines"),
            fill_in=True,
            description="What it is about.",
        ),
        Column("Active", Kind.YESNO, default=True),
        Column("State", Kind.CHOICE, indexed=True, bot=True, choices=("Open", "Closed"), default="Open"),
    )


def test_lists_come_in_order_of_keys(folder: Path) -> None:
    """The order of files on the disk does not show."""
    assert list(load_schemas(folder)) == ["one", "two"]


def test_the_faults_of_all_files_are_told_at_once(folder: Path) -> None:
    """Three faults in two files are three problems, sorted by file and line."""
    for key, wrong in (("two", "kind: memo"), ("one", "kind: tex")):
        text = LIST.format(key=key).replace("kind: text", wrong).replace("default: yes", "default: maybe")
        (folder / f"{key}.yaml").write_text(text, encoding="utf-8")
    (folder / "reference" / "choices.yaml").write_text("themes:\n  words: [Falls]\n", encoding="utf-8")
    with pytest.raises(FileError) as refused:
        load_schemas(folder)
    places = [problem.where for problem in refused.value.problems]
    assert places == ["list_schemas/one.yaml:6", "list_schemas/two.yaml:6", "reference/choices.yaml:1"]
    assert "3 faults" in str(refused.value)


def test_lines_are_sorted_as_numbers(folder: Path) -> None:
    """Line 10 comes after line 9."""
    extra = "  - {name: A, kind: x}\n" * 4
    (folder / "one.yaml").write_text(LIST.format(key="one") + extra, encoding="utf-8")
    with pytest.raises(FileError) as refused:
        load_schemas(folder)
    lines = [problem.where.rpartition(":")[2] for problem in refused.value.problems]
    assert lines == ["10", "11", "12", "13"]


def test_two_lists_of_one_title_are_refused(folder: Path) -> None:
    """SharePoint would take them for one."""
    text = LIST.format(key="two").replace("title: two list", "title: One list")
    (folder / "two.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=r"`title` is also that of one\.yaml"):
        load_schemas(folder)


def test_more_than_twenty_indexes_are_refused(folder: Path) -> None:
    """SharePoint makes no twenty-first."""
    many = "".join(f"  - {{name: N{number}, kind: number, indexed: true}}\n" for number in range(20))
    (folder / "one.yaml").write_text(LIST.format(key="one") + many, encoding="utf-8")
    with pytest.raises(FileError, match="20 indexed columns"):
        load_schemas(folder)


def test_words_of_the_reference_data_are_checked(folder: Path) -> None:
    """A word that stands there twice is told on the line of the words."""
    text = 'themes:\n  version: "1"\n  words: [Falls, FALLS]\n'
    (folder / "reference" / "choices.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as refused:
        load_words(folder)
    assert refused.value.problems[0].where == "reference/choices.yaml:3"


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """The sentence names the folder and the way to make one."""
    with pytest.raises(FileError, match=r"list_schemas: The folder is missing.*init"):
        load_schemas(tmp_path / "list_schemas")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """No list at all is a mistake, not a wish."""
    with pytest.raises(FileError, match="holds no YAML file"):
        load_schemas(tmp_path)
