"""ProcessQuery: a list item changed the way client libraries do it, SystemUpdate among them.

Of the query language, items by identity are served, and the site's own identity; whatever goes wrong is told
in ErrorInfo, and the status stays 200.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from lists_sync.emulator.auth import caller, check_grant
from lists_sync.emulator.errors import EmulatedError, no_item
from lists_sync.emulator.sharepoint_csom_values import parsed_value, set_value
from lists_sync.emulator.sharepoint_csom_xml import Action, ObjectPath, bad_request, read_request
from lists_sync.emulator.sharepoint_wire import ARGUMENT, content_type, error_body, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from lists_sync.emulator.records import Actor, Site, WorkList
    from lists_sync.emulator.state import State

_GUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ITEM = re.compile(
    rf"^.*\|{_GUID}:site:(?P<site>{_GUID}):web:(?P<web>{_GUID})"
    rf":list:(?P<list>{_GUID}):item:(?P<item>\d+),\d+$"
)
_OBJECTS = "740c6a0b-85e2-48a0-a494-e0f1759d4aa7"  # the name space of SharePoint's object identities
_SETTERS = {"SetFieldValue": set_value, "ParseAndSetFieldValue": parsed_value}
_UPDATES = {"Update", "UpdateOverwriteVersion", "SystemUpdate"}
_PAIR = 2


class _Run:
    """One request being carried out; what was set waits for an update of its item."""

    def __init__(self, state: State, site: Site, actor: Actor, paths: Mapping[str, ObjectPath]) -> None:
        self._state, self._site, self._actor, self._paths = state, site, actor, paths
        self._waiting: dict[tuple[str, int], dict[str, Any]] = {}
        self.results: list[Any] = []

    def do(self, action: Action) -> None:
        """Carry out one action.

        Raises:
            EmulatedError: it cannot be carried out.
        """
        if action.kind == "ObjectPath":
            self._resolve(action.path)
            self.results += [action.number, {"IsNull": False}]
        elif action.kind == "Query" and self._resolve(action.path) is None:
            self.results += [action.number, self._web()]
        elif action.kind == "Method" and action.name in _SETTERS:
            self._set(action)
        elif action.kind == "Method" and action.name in _UPDATES:
            self._update(action)
        else:
            raise bad_request(f"The method '{action.name or action.kind}' is not served here.")

    def _resolve(self, path_id: str) -> tuple[WorkList, int] | None:
        """Give the list and item a path names, None for the site itself."""
        path = self._paths.get(path_id)
        if path is None:
            raise bad_request(f"The object path '{path_id}' does not exist.")
        if path.kind == "StaticProperty" and path.name == "Current":
            return None
        if path.kind == "Property" and path.name == "Web":
            return self._resolve(path.parent)
        if path.kind != "Identity":
            raise bad_request(f"The object path '{path.name}' is not served here.")
        return self._item(path.name)

    def _item(self, identity: str) -> tuple[WorkList, int]:
        match = _ITEM.match(identity)
        here = (self._site.id, self._site.web_id)
        if match is None or (match["site"].lower(), match["web"].lower()) != here:
            raise refused(400, -2147024809, ARGUMENT, "Value does not fall within the expected range.")
        found = self._state.find_list(self._site.id, match["list"])
        return found, self._state.item(found.id, int(match["item"])).id

    def _owned(self, action: Action) -> tuple[WorkList, int]:
        place = self._resolve(action.path)
        if place is None:
            raise no_item()
        return place

    def _set(self, action: Action) -> None:
        found, item_id = self._owned(action)
        waiting = self._waiting.setdefault((found.id, item_id), {})
        for pair in action.arguments:
            if len(pair) != _PAIR or not isinstance(pair[0], str):
                raise bad_request(f"The method '{action.name}' takes a column and a value.")
            name, value = pair
            column = found.columns.get(name)
            if column is None:
                told = f"Column '{name}' does not exist. It may have been deleted by another user."
                place = self._state.list_path(found)
                raise refused(400, -2147024809, ARGUMENT, f"{told}  {place}")
            waiting[name] = _SETTERS[action.name](self._state, self._site, column, value)

    def _update(self, action: Action) -> None:
        found, item_id = self._owned(action)
        values = self._waiting.pop((found.id, item_id), {})
        self._state.update_item(
            found.id,
            item_id,
            values,
            actor=self._actor,
            new_version=action.name == "Update",
            system=action.name == "SystemUpdate",
        )

    def _web(self) -> dict[str, Any]:
        site = self._site
        identity = f"{uuid.uuid4()}|{_OBJECTS}:site:{site.id}:web:{site.web_id}"
        return {
            "_ObjectType_": "SP.Web",
            "_ObjectIdentity_": identity,
            "ServerRelativeUrl": site.path,
            "Title": site.title,
            "Url": self._state.site_url(site),
        }


def process(state: State, site: Site, actor: Actor, raw: bytes) -> list[Any]:
    """Carry out a request; the first action that fails ends it, and what was updated before stays."""
    results: list[Any] = []
    mark, error = str(uuid.uuid4()), None
    try:
        request = read_request(raw)
        run = _Run(state, site, actor, request.paths)
        for action in request.actions:
            run.do(action)
        results = run.results
    except EmulatedError as problem:
        error = _error_info(problem, mark)
    head = {"SchemaVersion": "15.0.0.0", "LibraryVersion": "16.0.26600.12000"}
    return [{**head, "ErrorInfo": error, "TraceCorrelationId": mark}, *results]


def _error_info(problem: EmulatedError, mark: str) -> dict[str, Any]:
    code, _, kind = problem.sp_code.partition(", ")
    return {
        "ErrorMessage": problem.sp_message,
        "ErrorValue": None,
        "TraceCorrelationId": mark,
        "ErrorCode": int(code),
        "ErrorTypeName": kind,
    }


def routes(state: State) -> list[Route]:
    """The routes of ProcessQuery for every site of the workspace."""

    async def endpoint(request: Request) -> Response:
        try:
            actor = caller(state, request.headers.get("authorization", ""), audience="sharepoint").actor
            site = state.site_by_path(f"/sites/{request.path_params['site']}")
            check_grant(state, site, "write")
        except EmulatedError as problem:
            return _refusal(problem)
        answer = json.dumps(process(state, site, actor, await request.body()), ensure_ascii=False)
        return Response(answer, media_type="application/json")

    return [Route("/sites/{site}/_vti_bin/client.svc/ProcessQuery", endpoint, methods=["POST"])]


def _refusal(problem: EmulatedError) -> Response:
    if problem.text:
        return Response(problem.text, problem.sp_status, dict(problem.headers), media_type="text/plain")
    body = json.dumps(problem.body).encode() if problem.body else error_body(problem, "minimal")
    return Response(body, problem.sp_status, {"Content-Type": content_type("minimal"), **problem.headers})
