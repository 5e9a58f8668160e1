"""The layers of the house: who may import whom."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "lists_sync"

# A module may import its own layer and those before it.
LAYERS = [
    {"errors", "clock", "worktime", "shipped", "stop"},
    {"model"},
    {"definitions", "snapshot", "controls", "messages"},
    {"evaluate", "plan"},
    {"connect", "mirror", "outbox"},
    {"trail"},
    {"pull", "write", "provision", "read", "memory", "recover", "context", "assess", "deliver"},
    {"runner"},
    {"replay"},
    {"explain", "inspect"},
    {"schedule"},
    {"cli"},
]
# These share facts with the rest only on the wire, or only as data.
ALONE = {"emulator", "sample"}
# A control is columns in, columns out.
SEEN_BY_CONTROLS = {"errors", "worktime", "controls"}
FREE = {"", "__init__", "__main__"}


def _room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path, *, top_level=False):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "lists_sync" and len(parts) > 1:
                yield parts[1]


def _layer(room):
    for number, layer in enumerate(LAYERS):
        if room in layer:
            return number
    raise AssertionError(f"{room} has no layer: give it one in LAYERS")


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    """No module imports a layer above its own."""
    room = _room(path)
    imported = {one for one in _imports(path) if one not in FREE and one != "__version__"}
    if room in FREE:
        return
    if room in ALONE:
        assert imported <= {room}
    elif room == "controls":
        assert imported <= SEEN_BY_CONTROLS
    elif room == "cli":
        return
    else:
        for one in imported:
            assert one not in ALONE
            assert _layer(one) <= _layer(room), f"{room} imports {one}"


def test_every_room_has_a_layer():
    """A new module or folder cannot slip in without a place in the order."""
    for path in MODULES:
        room = _room(path)
        if room not in FREE | ALONE:
            _layer(room)
