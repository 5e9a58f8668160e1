"""Runs the workspace on loopback: inside a test, or as a process."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
import sys
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import uvicorn
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from lists_sync.emulator.app import create_app
from lists_sync.emulator.control import set_faults
from lists_sync.emulator.load import load_file
from lists_sync.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

HOST = "127.0.0.1"
_START_S = 20.0
_BACKLOG = 128


class _Server(uvicorn.Server):
    """Tells another thread when it listens, and leaves the process's signals alone there."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  # uvicorn's signature
        """End as asked; a second request does not wait for open answers.

        A signal is not raised again afterwards, as uvicorn would: being told to end is no failure.
        """
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        self.listens.set()


def _read_yaml(path: Path) -> Any:
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as problem:
        mark = problem.problem_mark
        place = f"line {mark.line + 1}" if mark is not None else ""
        raise ValueError(f"{place}: {problem.problem or problem.context}.".lstrip(": ")) from problem
    except YAMLError as problem:
        raise ValueError(" ".join(str(problem).split())) from problem


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
        date_header=False,  # the gate writes it, by the workspace's own clock
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
        OSError: the port is taken, or a file cannot be read or kept.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        _serve(_opened(db, schema_dir), port, load=load, faults=faults)


def _opened(db: Path | None, schema_dir: Path | None) -> State:
    try:
        return State(db, schema_dir=schema_dir)
    except sqlite3.Error as problem:
        raise OSError(f"{db} cannot be used to keep a workspace: {problem}") from problem


def _serve(state: State, port: int, *, load: Path | None, faults: Path | None) -> None:
    with closing(state):
        if load is not None:
            load_file(state, load)
        if faults is not None:
            set_faults(state, _read_yaml(faults))
        line = _listening(port)
        state.base_url = f"http://{HOST}:{line.getsockname()[1]}"
        sys.stdout.write(f"listening on {state.base_url}\n")
        sys.stdout.flush()
        with line:
            _server(state).run([line])
