"""The client library as its manual has it, pointed at another address; for showing its traps."""

from __future__ import annotations

from office365.graph_client import GraphClient
from office365.graph_request import GraphRequest


class _Request(GraphRequest):
    def __init__(self, root):
        super().__init__()
        self._root = root

    @property
    def service_root_url(self):
        return self._root


class PlainClient(GraphClient):
    """`token` is called for each request."""

    def __init__(self, url, token=lambda: {"access_token": "t", "token_type": "Bearer"}, request=_Request):
        super().__init__()
        self._pending_request = request(f"{url}/v1.0").with_access_token(token)

    def pending_request(self):
        return self._pending_request

    def items(self):
        return self.sites["s"].lists["l"].items


def guarded(client, number, **values):
    """Queue an update with If-Match in the way the manual offers."""
    fields = client.items()[str(number)].fields
    for name, value in values.items():
        fields.set_property(name, value)
    fields.update()
    client.before_execute(lambda request: request.set_header("If-Match", f'"g,{number}"'))
