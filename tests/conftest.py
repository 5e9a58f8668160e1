"""What several folders of tests share: a running embedded workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lists_sync.emulator.server import running
from lists_sync.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS = Path(__file__).parent.parent / "list_schemas"


@dataclass(frozen=True)
class Workspace:
    """A running embedded workspace and the state behind it."""

    url: str
    state: State


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A fresh workspace with two bare sites, served on loopback."""
    state = State(schema_dir=SCHEMAS)
    with running(state) as url:
        yield Workspace(url, state)
    state.close()
