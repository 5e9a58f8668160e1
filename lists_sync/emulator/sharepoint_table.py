"""The table of SharePoint REST handlers, filled by the modules that hold them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lists_sync.emulator.sharepoint_wire import Answer, Call, refused

if TYPE_CHECKING:
    from lists_sync.emulator.state import State

Handler = Callable[["State", Call], Answer]
_HANDLERS: dict[tuple[str, str], Handler] = {}


def on(method: str, *shapes: str) -> Callable[[Handler], Handler]:
    """Register a handler for a method and the shapes of address it answers."""

    def keep(handler: Handler) -> Handler:
        for shape in shapes:
            _HANDLERS[method, shape] = handler
        return handler

    return keep


def find(call: Call) -> Handler:
    """The handler for a call.

    Raises:
        EmulatedError: 404 for an unknown address, 405 for a method it does not take.
    """
    shape = call.resource.shape
    handler = _HANDLERS.get((call.method, shape))
    if handler is not None:
        return handler
    last = call.resource.steps[-1].name if call.resource.steps else ""
    kind = "Microsoft.SharePoint.Client.ResourceNotFoundException"
    if any(known == shape for _, known in _HANDLERS):
        raise refused(405, -1, kind, f"The HTTP method {call.method} is not allowed for {last}.")
    raise refused(404, -1, kind, f"Cannot find resource for the request {last}.")


def covered() -> list[tuple[str, str]]:
    """Every method and shape that is answered, sorted."""
    return sorted(_HANDLERS)
