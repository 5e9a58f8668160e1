"""What SharePoint REST says on the wire: calls, answers, errors and the three JSON dialects."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lists_sync.emulator.errors import EmulatedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.records import Actor, Site
    from lists_sync.emulator.sharepoint_path import Resource

SP_EXCEPTION = "Microsoft.SharePoint.SPException"
ARGUMENT = "System.ArgumentException"
CLIENT_SERVICE = "Microsoft.SharePoint.Client.ClientServiceException"
INVALID_QUERY = "Microsoft.SharePoint.Client.InvalidClientQueryException"


def refused(status: int, code: int, kind: str, message: str) -> EmulatedError:
    """The refusal of that HTTP status; `code` is the HRESULT and `kind` the .NET type."""
    return EmulatedError(status, "invalidRequest", message, sp_code=f"{code}, {kind}")


@dataclass(frozen=True)
class Call:
    """One REST request, by itself or as part of a batch; header names are lower case."""

    method: str
    resource: Resource
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    site: Site
    api_url: str
    actor: Actor

    def names(self, option: str) -> list[str]:
        """The names in `$select` or `$expand`, none where the option was not given."""
        return [name.strip() for name in self.query.get(option, "").split(",") if name.strip()]

    def option(self, name: str) -> str:
        """The query option of that name, "" where it was not given."""
        return self.query.get(name, "")


@dataclass(frozen=True)
class Entity:
    """A resource with an address of its own; nested entities and lists of them may be values.

    `links` are the resources below it that the verbose dialect names by their addresses.
    """

    kind: str
    path: str
    props: Mapping[str, Any]
    etag: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Complex:
    """A value with a type but no address, such as a time zone's information."""

    kind: str
    props: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a handler gives back: an Entity, rows, a named result, or nothing at all."""

    status: int = 200
    entity: Entity | None = None
    rows: list[Entity] | None = None
    next_link: str = ""
    result: tuple[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


def made_status(call: Call) -> int:
    """The status of an answer that made something: 201 in a collection, 200 from a function."""
    return 200 if call.resource.last.name.startswith(("add", "create")) else 201


def dialect(accept: str) -> str:
    """Which JSON the caller asked for: `verbose`, `none`, `minimal`, or `atom` where it named none."""
    wanted = accept.lower().replace(" ", "")
    if "odata=verbose" in wanted:
        return "verbose"
    if "odata=nometadata" in wanted or "odata.metadata=none" in wanted:
        return "none"
    return "minimal" if "json" in wanted else "atom"


def content_type(tongue: str) -> str:
    """The Content-Type of an answer in that dialect."""
    level = {"verbose": "verbose", "none": "nometadata"}.get(tongue, "minimalmetadata")
    return f"application/json;odata={level};streaming=true;charset=utf-8"


def render(answer: Answer, tongue: str, api_url: str) -> bytes:
    """The answer's body in that dialect; empty where the answer has none."""
    if answer.raw is not None:
        return answer.raw
    if answer.rows is not None:
        document = _rows(answer, tongue, api_url)
    elif answer.entity is not None:
        document = _single(answer.entity, tongue, api_url)
    elif answer.result is not None:
        document = _result(answer.result, tongue, api_url)
    else:
        return b""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def error_body(error: EmulatedError, tongue: str) -> bytes:
    """The error as SharePoint words it: `error` in verbose, `odata.error` in the other dialects."""
    name = "error" if tongue == "verbose" else "odata.error"
    inner = {"code": error.sp_code, "message": {"lang": "en-US", "value": error.sp_message}}
    return json.dumps({name: inner}, ensure_ascii=False, separators=(",", ":")).encode()


def _rows(answer: Answer, tongue: str, api_url: str) -> dict[str, Any]:
    rows = [_value(row, tongue, api_url) for row in answer.rows or []]
    if tongue == "verbose":
        page: dict[str, Any] = {"results": rows}
        if answer.next_link:
            page["__next"] = answer.next_link
        return {"d": page}
    document: dict[str, Any] = {}
    if tongue == "minimal":
        document["odata.metadata"] = f"{api_url}/$metadata"
    if answer.next_link:
        document["odata.nextLink"] = answer.next_link
    return {**document, "value": rows}


def _single(entity: Entity, tongue: str, api_url: str) -> dict[str, Any]:
    document: dict[str, Any] = _value(entity, tongue, api_url)
    if tongue == "verbose":
        return {"d": document}
    if tongue == "minimal":
        return {"odata.metadata": f"{api_url}/$metadata#{entity.kind}/@Element", **document}
    return document


def _result(named: tuple[str, Any], tongue: str, api_url: str) -> dict[str, Any]:
    name, value = named
    shown = _value(value, tongue, api_url)
    if tongue == "verbose":
        return {"d": {name: shown}}
    if isinstance(value, Complex | Entity):
        return dict(shown)
    return {"value": shown}


def _value(value: Any, tongue: str, api_url: str) -> Any:
    if isinstance(value, Entity):
        props = {key: _value(inner, tongue, api_url) for key, inner in value.props.items()}
        return {**_entity_head(value, tongue, api_url), **_deferred(value, tongue, api_url), **props}
    if isinstance(value, Complex):
        props = {key: _value(inner, tongue, api_url) for key, inner in value.props.items()}
        return {"__metadata": {"type": value.kind}, **props} if tongue == "verbose" else props
    if isinstance(value, list | tuple):
        inner = [_value(part, tongue, api_url) for part in value]
        return {"results": inner} if tongue == "verbose" else inner
    return value


def _deferred(entity: Entity, tongue: str, api_url: str) -> dict[str, Any]:
    if tongue != "verbose":
        return {}
    return {name: {"__deferred": {"uri": f"{api_url}/{entity.path}/{name}"}} for name in entity.links}


def _entity_head(entity: Entity, tongue: str, api_url: str) -> dict[str, Any]:
    address = f"{api_url}/{entity.path}"
    if tongue == "verbose":
        about = {"id": address, "uri": address, "type": entity.kind}
        # The verbose dialect leaves the guid out of an eTag.
        counter = entity.etag.strip('"').rpartition(",")[2]
        return {"__metadata": {**about, "etag": f'"{counter}"'} if counter else about}
    if tongue != "minimal":
        return {}
    head = {"odata.type": entity.kind, "odata.id": address, "odata.editLink": entity.path}
    return {**head, "odata.etag": entity.etag} if entity.etag else head
