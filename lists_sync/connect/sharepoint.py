"""SharePoint REST of one site, for what Graph lacks: people's ids, time zone, views, column formatting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lists_sync.connect.answers import Reply
    from lists_sync.connect.connection import Connection

_JSON = "application/json;odata=nometadata"


class SharePoint:
    """REST of one site; `path` is what follows `_api/`.

    No request digest is fetched: with an app's token none is asked for, and the client library's own
    context would spend a call on one before the first read.
    """

    def __init__(self, connection: Connection, site_url: str) -> None:
        self._connection = connection
        self._root = f"{connection.sharepoint_url(site_url)}/_api/"

    def get(self, path: str) -> Reply:
        """Read; raises as `Graph.send` does."""
        return self._call("GET", path)

    def post(self, path: str, body: Any = None, *, repeatable: bool = False) -> Reply:
        """Call or make something; `repeatable` where doing it twice does no harm, as with `ensureuser`."""
        return self._call("POST", path, body, repeatable=repeatable)

    def merge(self, path: str, body: Any, *, if_match: str = "*") -> Reply:
        """Change what is named, and leave the rest as it stands."""
        headers = {"X-HTTP-Method": "MERGE", "If-Match": if_match}
        return self._call("POST", path, body, headers=headers, repeatable=True)

    def _call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Reply:
        named = {"Accept": _JSON, "Content-Type": _JSON, **(headers or {})}
        line = self._connection.sharepoint_line
        return line.call(method, self._root + path.lstrip("/"), body, headers=named, repeatable=repeatable)
