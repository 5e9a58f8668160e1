"""Where the shipped folders are found."""

from __future__ import annotations

import pytest

from lists_sync import shipped as module
from lists_sync.errors import FileError


@pytest.mark.parametrize("name", ["jobs", "list_schemas", "templates"])
def test_source_tree_has_every_shipped_folder(name):
    """In a source tree, or from a wheel, all three folders are found."""
    assert module.shipped(name).is_dir()


def test_the_wheels_own_folder_comes_first(tmp_path, monkeypatch):
    """An installed wheel reads its own copy even where a folder of that name lies beside it."""
    package = tmp_path / "lists_sync"
    (package / "_shipped" / "jobs").mkdir(parents=True)
    (tmp_path / "jobs").mkdir()
    monkeypatch.setattr(module, "_PACKAGE", package)
    assert module.shipped("jobs") == package / "_shipped" / "jobs"


def test_a_missing_folder_is_told_by_name():
    """A folder that is not there is an error with a next step."""
    with pytest.raises(FileError, match=r"no_such.*Install"):
        module.shipped("no_such")
