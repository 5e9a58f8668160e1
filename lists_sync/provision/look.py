"""Looks at what the workspace has of our lists: always afresh, because a plan must not rest on memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lists_sync.errors import ForbiddenError, MissingError, SettingsError, SignInError
from lists_sync.provision.compare import make_plan
from lists_sync.provision.plan import Present
from lists_sync.provision.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.connect.workspace import Workspace
    from lists_sync.definitions import ListMapping
    from lists_sync.provision.plan import ProvisionPlan


def look(workspace: Workspace) -> dict[str, Present | None]:
    """Give every list of the schemas as it is now, None for one that is not there.

    Raises:
        MissingError: a site that the configuration names is not there.
    """
    workspace.sites.forget()
    for schema in workspace.schemas.values():
        workspace.site(schema.store)
    return {key: _present(workspace, key) for key in workspace.schemas}


def current_plan(workspace: Workspace) -> ProvisionPlan:
    """Give what is missing now.

    Raises:
        MissingError: a site that the configuration names is not there.
    """
    return make_plan(workspace.schemas, look(workspace), mappings(workspace))


def mappings(workspace: Workspace) -> Mapping[str, ListMapping]:
    """Give the provider's own lists by key."""
    own: Mapping[str, ListMapping] = workspace.connection.provider.lists
    return own


def _present(workspace: Workspace, key: str) -> Present | None:
    try:
        ref = workspace.list_ref(key)
    except MissingError:
        return None
    wanted = key in VIEWS and key not in mappings(workspace)
    return Present(ref.columns, _views(workspace, ref.store, ref.id) if wanted else frozenset())


def _views(workspace: Workspace, store: str, id_: str) -> frozenset[str] | None:
    try:
        reply = workspace.sharepoint(store).get(f"web/lists(guid'{id_}')/views?$select=Id,Title")
    except (SignInError, ForbiddenError, SettingsError):
        return None
    return frozenset(str(view.get("Title", "")) for view in reply.body.get("value", ()))
