"""Runs the workspace on loopback: inside a test, or as a process."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import uvicorn
from ruamel.yaml import YAML

from lists_sync.emulator.app import create_app
from lists_sync.emulator.control import set_faults
from lists_sync.emulator.load import load_file
from lists_sync.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "127.0.0.1"
_START_S = 20.0
_BACKLOG = 128


class _Server(uvicorn.Server):
    """Tells another thread when it listens, and leaves the process's signals alone there."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        self.listens.set()


def _listening(port: int) -> socket.socket:
    # named as TCP, because asyncio turns Nagle's delay off for such sockets only
    line = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.bind((HOST, port))
    line.listen(_BACKLOG)
    return line


def _server(state: State) -> _Server:
    config = uvicorn.Config(
        create_app(state),
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=60,
    )
    return _Server(config)


@contextmanager
def running(state: State, port: int = 0) -> Iterator[str]:
    """Serve a state from a thread while the block runs.

    Args:
        port: 0 takes a free one.

    Yields:
        The base address, `http://127.0.0.1:PORT`.
    """
    line = _listening(port)
    state.base_url = f"http://{HOST}:{line.getsockname()[1]}"
    server = _server(state)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([line])), daemon=True)
    thread.start()
    try:
        if not server.listens.wait(_START_S):
            raise RuntimeError("The embedded workspace did not start.")
        yield state.base_url
    finally:
        server.should_exit = True
        thread.join()
        line.close()


def serve(
    *,
    port: int = 0,
    load: Path | None = None,
    db: Path | None = None,
    faults: Path | None = None,
    schema_dir: Path | None = None,
) -> None:
    """Serve a workspace until the process is told to end; the first line printed names its address.

    Raises:
        LoadError: the document to load cannot be loaded.
        ValueError: the faults file is not of its form.
    """
    state = State(db, schema_dir=schema_dir)
    try:
        if load is not None:
            load_file(state, load)
        if faults is not None:
            set_faults(state, YAML(typ="safe", pure=True).load(faults.read_text(encoding="utf-8")))
        line = _listening(port)
        state.base_url = f"http://{HOST}:{line.getsockname()[1]}"
        sys.stdout.write(f"listening on {state.base_url}\n")
        sys.stdout.flush()
        with line, suppress(KeyboardInterrupt):
            _server(state).run([line])
    finally:
        state.close()
