"""Every broken file of `files/` is refused with its own words on its own line, and with nothing else.

The first line of each file tells the line and the words. A schema is read beside a small set of choice
words; a job and a provider are read against the shipped lists and jobs.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lists_sync.definitions import load_jobs, load_provider, load_schemas
from lists_sync.errors import FileError
from lists_sync.shipped import shipped

FILES = sorted((Path(__file__).parent / "files").glob("*.yaml"))
WORDS = 'themes: {version: "1", words: [Falls, Medicines]}\n'


def read_schema(path: Path, folder: Path) -> None:
    directory = folder / "list_schemas"
    (directory / "reference").mkdir(parents=True)
    (directory / "reference" / "choices.yaml").write_text(WORDS, encoding="utf-8")
    (directory / "sample.yaml").write_bytes(path.read_bytes())
    load_schemas(directory)


def read_job(path: Path, folder: Path) -> None:
    directory = folder / "jobs"
    directory.mkdir()
    (directory / "sample.yaml").write_bytes(path.read_bytes())
    load_jobs(directory, load_schemas(shipped("list_schemas")))


def read_provider(path: Path, folder: Path) -> None:
    own = folder / "provider.yaml"
    own.write_bytes(path.read_bytes())
    schemas = load_schemas(shipped("list_schemas"))
    load_provider(own, schemas, load_jobs(shipped("jobs"), schemas))


READERS = {"schema": read_schema, "job": read_job, "provider": read_provider}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_with_its_place_and_reason(path: Path, tmp_path: Path) -> None:
    """The one fault of the file is told once, at its line, in the words that the file's heading gives."""
    found = re.fullmatch(r"# line (\d+): (.+)", path.read_text(encoding="utf-8").splitlines()[0])
    assert found
    with pytest.raises(FileError) as refused:
        READERS[path.stem.partition("-")[0]](path, tmp_path)
    told = [str(problem) for problem in refused.value.problems]
    assert len(told) == 1, told
    assert told[0].split(" ")[0].endswith(f".yaml:{found[1]}:"), told
    assert found[2] in told[0]
