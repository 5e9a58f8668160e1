"""Find the provider's sites by path and its lists by title, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lists_sync.connect.answers import ListRef, Site
from lists_sync.errors import MissingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.connect.connection import Connection
    from lists_sync.model import ListSchema


class Sites:
    """What was found of the provider's sites and lists.

    Sites are always asked for by their path: with a right to chosen sites only, nobody may search.
    """

    def __init__(self, connection: Connection, schemas: Mapping[str, ListSchema]) -> None:
        self._connection = connection
        self._schemas = schemas
        self._sites: dict[str, Site] = {}
        self._listed: dict[str, list[dict[str, Any]]] = {}
        self._refs: dict[str, ListRef] = {}

    def site(self, store: str) -> Site:
        """Give the site a store stands on.

        Raises:
            MissingError: the configuration names none for the store, or there is none at its path.
        """
        path = self._connection.provider.stores.get(store)
        if path is None:
            raise MissingError(
                "No site is configured for a store.", where=f"store {store}", hint="Name it in provider.yaml."
            )
        if path not in self._sites:
            self._sites[path] = self._found_site(store, path)
        return self._sites[path]

    def list_ref(self, key: str) -> ListRef:
        """Give a list by our key, with its columns.

        Raises:
            MissingError: the store's site holds no list of its title.
        """
        if key not in self._refs:
            self._refs[key] = self._found_list(key)
        return self._refs[key]

    def title(self, key: str) -> str:
        """Give a list's title in the provider's workspace."""
        mapping = self._connection.provider.lists.get(key)
        return (mapping.title if mapping else "") or self._schemas[key].title

    def forget(self) -> None:
        """Forget the lists, since one was made or changed."""
        self._listed.clear()
        self._refs.clear()

    def _found_site(self, store: str, path: str) -> Site:
        host = self._connection.provider.hostname
        try:
            below = f":/{quote(path.strip('/'))}" if path.strip("/") else ""
            body = self._connection.graph.send("GET", f"/sites/{host}{below}").body
        except MissingError as error:
            raise MissingError(
                "There is no site at the path configured for a store.",
                where=f"store {store}, {path}",
                hint="Check stores in provider.yaml, and that the app was granted the site.",
            ) from error
        return Site(str(body["id"]), str(body["webUrl"]).rstrip("/"), path)

    def _found_list(self, key: str) -> ListRef:
        store = self._schemas[key].store
        site = self.site(store)
        title = self.title(key)
        for row in self._lists(site):
            if str(row.get("displayName", "")).casefold() == title.casefold():
                columns = self._columns(site, str(row["id"]))
                return ListRef(
                    key, str(row["id"]), store, site.id, title, str(row.get("webUrl", "")), columns
                )
        raise MissingError(
            "A list is not in its site.",
            where=f"{title} in {site.path}",
            hint="Run `lists-sync provision plan`, or map the provider's own list in provider.yaml.",
        )

    def _lists(self, site: Site) -> list[dict[str, Any]]:
        if site.id not in self._listed:
            self._listed[site.id] = self._connection.graph.rows(f"/sites/{site.id}/lists")
        return self._listed[site.id]

    def _columns(self, site: Site, list_id: str) -> dict[str, Mapping[str, Any]]:
        rows = self._connection.graph.rows(f"/sites/{site.id}/lists/{list_id}/columns")
        return {str(row["name"]): row for row in rows}
