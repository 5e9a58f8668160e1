"""The points at which a run can be cut off: before and after each commit, and before and after each request.

They are put in from outside: the product knows nothing of them. A point is told by its number in the run and
by a name that holds no id, so that the same run always passes the same points.
"""

import re
import sys

import orjson
import requests
from sqlalchemy.engine.default import DefaultDialect

_GRAPH = "/v1.0/"
_SHAREPOINT = "/_api/"
_CONTROL = "/_workspace/"
_OWN = "lists_sync."
_SEVERAL = {"POST": "new rows", "PATCH": "changes", "GET": "reads"}
_ONE = {"POST": "new row", "PATCH": "change", "GET": "read"}


class Points:
    """Counts the points of a process as they are passed, and calls `at` at each.

    Args:
        at: what is done at a point; it gets the number, from 1, and the name.
    """

    def __init__(self, at):
        self._at = at
        self._titles = {}
        self._undo = []
        self.count = 0

    def __enter__(self):
        self._wrap(DefaultDialect, "do_commit", self._commit)
        self._wrap(requests.Session, "send", self._request)
        return self

    def __exit__(self, *_):
        while self._undo:
            place, name, original = self._undo.pop()
            setattr(place, name, original)

    def _wrap(self, place, name, around):
        original = getattr(place, name)
        self._undo.append((place, name, original))
        setattr(place, name, lambda *args, **kwargs: around(original, *args, **kwargs))

    def _pass(self, name):
        self.count += 1
        self._at(self.count, name)

    def _commit(self, commit, dialect, connection):
        name = f"commit {_committing()}"
        self._pass(f"before {name}")
        commit(dialect, connection)
        self._pass(f"after {name}")

    def _request(self, send, session, request, **kwargs):
        if _path(request.url).startswith(_CONTROL):  # what people do is no point of the bot's
            return send(session, request, **kwargs)
        name = f"{request.method} {self._kind(request)}"
        self._pass(f"before {name}")
        answer = send(session, request, **kwargs)
        self._learn(answer)
        self._pass(f"after {name}")
        return answer

    def _learn(self, answer):
        """Keep the titles of the lists, as an answer tells them."""
        if _path(answer.request.url).endswith("/lists"):
            self._titles |= {row["id"]: row["displayName"] for row in answer.json()["value"]}

    def _kind(self, request):
        path = _path(request.url)
        if path.startswith("/teams/"):
            return "post to Teams"
        if path.endswith("/$batch"):
            return f"batch of {self._parts(request.body)}"
        if path.startswith(_GRAPH):
            return self._of_graph(path.removeprefix(_GRAPH), request.url)
        if _SHAREPOINT in path:
            return f"SharePoint {path.partition(_SHAREPOINT)[2]}"
        return "sign-in" if path.endswith("/token") else "sign-in document"

    def _of_graph(self, path, url):
        kinds = (
            (r"/lists$", "lists"),
            (r"/columns$", "columns"),
            (r"/items/delta$", "what changed"),
            (r"/items/\d+$", "item"),
            (r"/items$", "rows by key" if "$filter" in url or "%24filter" in url else "rows"),
        )
        kind = next((word for pattern, word in kinds if re.search(pattern, path)), "site")
        title = self._title(path)
        return f"{kind} of {title}" if title else kind

    def _title(self, path):
        found = re.search(r"/lists/([^/]+)", path)
        return self._titles.get(found[1], "people") if found else ""

    def _parts(self, body):
        counts = {}
        for part in orjson.loads(body)["requests"]:
            place = (part["method"], self._title(part["url"]) or "accounts")
            counts[place] = counts.get(place, 0) + 1
        return ", ".join(
            f"{count} {(_ONE if count == 1 else _SEVERAL)[method]} in {title}"
            for (method, title), count in counts.items()
        )


def _path(url):
    return re.sub(r"^https?://[^/]+", "", url).partition("?")[0]


def _committing():
    """Name who commits: the nearest function of the product, and the one of another module that called it."""
    frame = sys._getframe(1)
    named, module = [], ""
    while frame is not None and len(named) < 2:
        own = str(frame.f_globals.get("__name__", ""))
        if own.startswith(_OWN) and own != module:
            named.append(frame.f_code.co_qualname)
            module = own
        frame = frame.f_back
    return " for ".join(named) or "of nobody"
