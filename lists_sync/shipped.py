"""Where the files live that are shipped with the program and copied out by `init`."""

from __future__ import annotations

from pathlib import Path

from lists_sync.errors import FileError

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Give the shipped folder `jobs`, `list_schemas` or `templates`.

    Args:
        name: the folder's name.

    Returns:
        The folder inside an installed wheel, else the one at the top of the source tree.

    Raises:
        FileError: neither is there.
    """
    for folder in (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileError(f"The shipped folder {name} is missing.", hint="Install lists-sync again.")
