"""The README and the help say what is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lists_sync.cli.main import VERBS

ROOT = Path(__file__).parents[2]


def _help(*verb):
    command = [sys.executable, "-m", "lists_sync", *verb, "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_every_verb_of_the_readme_is_there():
    """Each `lists-sync VERB` that the README names is a verb."""
    named = set(re.findall(r"lists-sync ([a-z][a-z-]+)", (ROOT / "README.md").read_text("utf-8")))

    assert named
    assert named <= set(VERBS)


@pytest.mark.flow
@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"provision", "trail"}))
def test_every_verb_has_help_with_an_example(verb):
    """--help of each verb shows how to call it."""
    assert f"Example: lists-sync {verb}" in " ".join(_help(verb).split())


@pytest.mark.flow
@pytest.mark.parametrize(
    ("group", "verb"),
    [("provision", "plan"), ("provision", "apply"), ("trail", "verify"), ("trail", "export")],
)
def test_the_verbs_of_a_group_have_help_with_an_example(group, verb):
    """--help of provision plan, trail verify and the like shows how to call them."""
    assert f"Example: lists-sync {group} {verb}" in " ".join(_help(group, verb).split())


def test_every_shipped_folder_and_file_is_where_the_readme_says():
    """The files that the README and the Makefile name exist."""
    for name in (".env.example", "templates/provider.yaml", ".ci/requirements-dev.lock", "docs/CHANGELOG.md"):
        assert (ROOT / name).is_file(), name


def test_the_locks_hold_hashes_and_no_addresses():
    """Every locked version has a hash, and no registry is named."""
    for lock in (ROOT / ".ci").glob("*.lock"):
        text = lock.read_text("utf-8")
        assert "://" not in text
        assert len(re.findall(r"^\S+==", text, re.MULTILINE)) > 20
        assert all("--hash=sha256:" in one for one in re.split(r"\n(?=\S)", text.strip()) if "==" in one)
