"""The files by which runs judge, as one value: kept with the runs, so that any of them can be repeated."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import orjson

PROVIDER = "provider.yaml"
FOLDERS = {"jobs": "*.yaml", "list_schemas": "*.yaml", "templates": "*.j2"}
"""The folders that decide what a run finds and says, and which of their files do."""


@dataclass(frozen=True)
class Policy:
    """The text of every file that decides what a run finds and says.

    Args:
        files: by path below the configuration folder: `jobs/deadline-status.yaml`, `provider.yaml`.
    """

    files: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over paths and texts, hex."""
        return hashlib.sha256(self._plain()).hexdigest()

    def pack(self) -> bytes:
        """Give it as bytes to be kept."""
        return zlib.compress(self._plain())

    @classmethod
    def unpack(cls, content: bytes) -> Policy:
        """Read what `pack` gave.

        Raises:
            ValueError: it is nothing that `pack` gives.
        """
        try:
            return cls(orjson.loads(zlib.decompress(content)))
        except zlib.error as fault:
            raise ValueError("not a kept policy") from fault

    def with_files_of(self, folder: Path) -> Policy:
        """Give this policy with another folder's files in place of its own, where the folder has them."""
        return Policy({**self.files, **_texts({name: folder / name for name in FOLDERS}, folder / PROVIDER)})

    def write_to(self, folder: Path) -> Path:
        """Write every file below a folder; gives the path of its provider.yaml."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        return folder / PROVIDER

    def _plain(self) -> bytes:
        return orjson.dumps(dict(self.files), option=orjson.OPT_SORT_KEYS)


def read_policy(folders: Mapping[str, Path], provider: Path) -> Policy:
    """Read the files as they are in use.

    Args:
        folders: by name of FOLDERS: where it is.
        provider: the file that serves as provider.yaml.
    """
    return Policy(_texts(folders, provider))


def _texts(folders: Mapping[str, Path], provider: Path) -> dict[str, str]:
    found = {
        f"{name}/{path.relative_to(folders[name]).as_posix()}": path
        for name, pattern in FOLDERS.items()
        for path in sorted(folders[name].rglob(pattern))
    }
    if provider.is_file():
        found[PROVIDER] = provider
    # Bytes as they are: a changed line ending is a changed file.
    return {name: path.read_bytes().decode("utf-8", "surrogateescape") for name, path in found.items()}
