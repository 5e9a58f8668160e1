"""A folder that is there whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lists_sync.errors import FileError

_HINT = "Check that there is room, and that you may write there."


def check_target(folder: Path) -> None:
    """Return only where the export may take this place: nothing is there, or an empty folder.

    Raises:
        FileError: something is there already.
    """
    try:
        taken = any(folder.iterdir()) if folder.is_dir() else folder.exists() or folder.is_symlink()
    except OSError as fault:
        raise FileError("The folder cannot be read.", where=folder.name, hint=_HINT) from fault
    if taken:
        raise FileError(
            "Something is there already, and nothing is ever written over.",
            where=folder.name,
            hint="Name another folder with --out.",
        )


@contextmanager
def written(folder: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """Write the files beside the place they are for, and move them there once the caller is done with them.

    Args:
        files: by path below the folder.

    Yields:
        where the files are meanwhile; on any failure they are taken away again.

    Raises:
        FileError: they cannot be written.
    """
    place = folder.absolute()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{place.name}-", suffix=".unfinished", dir=place.parent))
        try:
            _write(made, files)
            yield made
            _move(made, place)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as fault:
        raise FileError("The export cannot be written.", where=folder.name, hint=_HINT) from fault


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _move(made: Path, place: Path) -> None:
    """Let the folder take its place; an empty folder there gives way, and nothing else does."""
    if place.is_dir():
        place.rmdir()
    made.rename(place)
