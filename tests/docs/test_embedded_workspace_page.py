"""The page on the embedded workspace says what the workspace is."""

import re
from pathlib import Path

from ruamel.yaml import YAML

from lists_sync.emulator.control import set_faults
from lists_sync.emulator.coverage import tables
from lists_sync.emulator.load import load
from lists_sync.emulator.state import State
from lists_sync.shipped import shipped

PAGE = (Path(__file__).parents[2] / "docs" / "embedded-workspace.md").read_text("utf-8")


def block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


def test_the_page_holds_the_tables_as_they_are():
    """Paths and switches stand there as `python -m lists_sync.emulator.coverage` prints them."""
    assert tables() in PAGE


def test_the_examples_of_the_page_are_taken():
    """The document loads and the faults stand, as the page shows them."""
    state = State(schema_dir=shipped("list_schemas"))
    yaml = YAML(typ="safe", pure=True)
    load(state, yaml.load(block("json")))
    set_faults(state, yaml.load(block("yaml")))
    assert len(state.faults.faults) == 5
    state.close()
