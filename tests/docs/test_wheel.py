"""What is installed from a wheel is whole."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ("jobs", "list_schemas", "templates")


@pytest.mark.flow
def test_the_wheel_holds_the_three_directories(tmp_path):
    """Every file of jobs/, list_schemas/ and templates/ is in the wheel, byte for byte; so are the pages."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")

    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for folder in SHIPPED:
            files = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
            assert files
            for path in files:
                inside = f"lists_sync/_shipped/{path.relative_to(ROOT).as_posix()}"
                assert archive.read(inside) == path.read_bytes()
        pages = [path for path in (ROOT / "lists_sync" / "emulator").rglob("*") if path.suffix == ".html"]
        assert pages
        assert {path.relative_to(ROOT).as_posix() for path in pages} <= names
