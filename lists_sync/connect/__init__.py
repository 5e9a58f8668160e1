"""The one door to Microsoft 365: sign-in, pacing, batches, typed errors, and the lists of the provider.

Importing this package loads nothing of the client library. Its names do, on first use: about 0.3 s for msal
and the client's request pipeline, where `office365.graph_client` alone would take another 0.8 s warm and
2 s cold for an object layer that is not used here. So nothing of it is paid when the command line starts.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lists_sync.connect.answers import ListRef, Op, Page, Person, Reply, Site
    from lists_sync.connect.connection import Connection
    from lists_sync.connect.graph import Graph
    from lists_sync.connect.sharepoint import SharePoint
    from lists_sync.connect.workspace import Workspace

__all__ = [
    "Connection",
    "Graph",
    "ListRef",
    "Op",
    "Page",
    "Person",
    "Reply",
    "SharePoint",
    "Site",
    "Workspace",
]

_HOMES = {
    "Connection": "connection",
    "Graph": "graph",
    "SharePoint": "sharepoint",
    "Workspace": "workspace",
}


def __getattr__(name: str) -> Any:
    """Load a name's module when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'answers')}"), name)
