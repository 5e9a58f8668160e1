"""Puts the workspace's services together."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from lists_sync.emulator import control, signin
from lists_sync.emulator.gate import Gate
from lists_sync.emulator.graph import service
from lists_sync.emulator.pages import missing_page

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    from lists_sync.emulator.state import State


class _Gated(Starlette):
    """The application with the gate outermost, where it still reaches the connection itself."""

    def __init__(self, state: State, routes: list[BaseRoute]) -> None:
        super().__init__(routes=routes, exception_handlers={404: missing_page(state)})
        self._gate = Gate(super().__call__, state)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._gate(scope, receive, send)


_FURTHER = ("sharepoint", "teams", "pages")


def create_app(state: State) -> Starlette:
    """Give the application that serves a state."""
    routes: list[BaseRoute] = [*control.routes(state), *service.routes(state)]
    for name in _FURTHER:
        module = f"lists_sync.emulator.{name}"
        if importlib.util.find_spec(module) is not None:
            routes += importlib.import_module(module).routes(state)
    routes += signin.routes(state)
    return _Gated(state, routes)
