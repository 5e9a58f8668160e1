"""Sites, lists and the grants table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lists_sync.emulator.auth import check_grant
from lists_sync.emulator.errors import EmulatedError, invalid
from lists_sync.emulator.graph.columns import column_of
from lists_sync.emulator.graph.items import Shower, fields_wanted
from lists_sync.emulator.graph.places import place, site_of
from lists_sync.emulator.graph.query import paged
from lists_sync.emulator.graph.render import (
    chosen,
    column_row,
    list_context,
    list_row,
    metadata,
    site_context,
    site_row,
)
from lists_sync.emulator.graph.request import Answer, Call
from lists_sync.emulator.ids import seal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.records import Site, WorkList

_TITLE_EQ = re.compile(r"^\s*displayName\s+eq\s+'((?:[^']|'')*)'\s*$")


def get_site(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET a site by id or path."""
    site = site_of(call, parts["site"])
    check_grant(call.state, site, "read")
    row = chosen(site_row(call.state, site), call.names)
    named = f"({','.join(call.names)})" if call.names else ""
    return Answer(body={"@odata.context": metadata(call, f"sites{named}/$entity"), **row}, units=1)


def search_sites(call: Call, _parts: Mapping[str, str]) -> Answer:
    """GET sites: empty while only chosen sites are granted."""
    words = call.option("search").casefold().strip("*")
    sites = [] if call.state.switches["sites_selected"] else call.state.sites()
    rows = [site_row(call.state, site) for site in sites if words in site.title.casefold() + site.path]
    return Answer(body={"@odata.context": metadata(call, "sites"), "value": rows})


def _expanded(call: Call, site: Site, found: WorkList) -> dict[str, Any]:
    row = list_row(call.state, found)
    names = call.names
    out = {n: v for n, v in row.items() if n in names or n == "@odata.etag"} if names else dict(row)
    expand = call.option("expand")
    if re.search(r"(^|,)\s*columns\b", expand):
        out["columns"] = [column_row(column) for column in found.columns.values() if not column.hidden]
    if re.search(r"(^|,)\s*items\b", expand):
        inner = re.search(r"items\((?:\$?expand=)?(.*)\)$", expand)
        call.query["expand"] = inner.group(1) if inner else ""
        call.query.pop("select", None)
        shower = Shower(call, site, found)
        out["items"] = [shower.row(item) for item in found.items.values()]
    return out


def list_lists(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET lists; those of the system only where $select names `system`."""
    site = site_of(call, parts["site"])
    check_grant(call.state, site, "read")
    lists = call.state.lists(site.id, system="system" in call.names)
    if call.option("filter"):
        match = _TITLE_EQ.match(call.option("filter"))
        if match is None:
            raise invalid("Invalid filter clause")
        lists = [found for found in lists if found.title == match.group(1).replace("''", "'")]
    page, token = paged(call, lists)
    body: dict[str, Any] = {"@odata.context": metadata(call, f"{site_context(call, site)}/lists")}
    if token:
        path = f"/sites/{call.state.graph_site_id(site)}/lists"
        body["@odata.nextLink"] = call.link(path, skiptoken=token)
    body["value"] = [_expanded(call, site, found) for found in page]
    return Answer(body=body)


def get_list(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET a list by id or title."""
    site, found = place(call, parts)
    context = metadata(call, f"{site_context(call, site)}/lists/$entity")
    row = {"@odata.context": context, **_expanded(call, site, found)}
    units = 2 if fields_wanted(call.option("expand")) is not None else 1
    return Answer(body=row, headers={"ETag": found.etag}, units=units)


def create_list(call: Call, parts: Mapping[str, str]) -> Answer:
    """POST a list, with its columns if it brings any."""
    site, sent = site_of(call, parts["site"]), call.json()
    check_grant(call.state, site, "manage")
    if "name" in sent:
        raise invalid(
            "Cannot define a 'name' for a list as it is assigned by the server. "
            "Instead, provide 'displayName'"
        )
    title = sent.get("displayName")
    if not isinstance(title, str) or not title.strip():
        raise invalid()
    template = (sent.get("list") or {}).get("template", "genericList")
    if template not in {"genericList", "documentLibrary"}:
        raise invalid()
    columns = [column_of(row) for row in sent.get("columns", [])]
    found = call.state.create_list(
        site.id, title, template=template, description=sent.get("description") or "", columns=columns
    )
    context = metadata(call, f"{site_context(call, site)}/lists/$entity")
    return Answer(201, {"@odata.context": context, **list_row(call.state, found)}, {"ETag": found.etag})


def change_list(call: Call, parts: Mapping[str, str]) -> Answer:
    """PATCH a list's title or description."""
    site, found = place(call, parts, "manage")
    named = {"displayName": "title", "description": "description"}
    changes = {named[name]: value for name, value in call.json().items() if name in named}
    call.state.update_list(found.id, **changes)
    context = metadata(call, f"{site_context(call, site)}/lists/$entity")
    return Answer(body={"@odata.context": context, **list_row(call.state, found)})


def delete_list(call: Call, parts: Mapping[str, str]) -> Answer:
    """DELETE a list."""
    _, found = place(call, parts, "manage")
    call.state.delete_list(found.id)
    return Answer(204)


def content_types(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET a list's content types: the one every list has."""
    site, found = place(call, parts)
    name = "Document" if found.is_library else "Item"
    base = "0x010100" if found.is_library else "0x0100"
    row = {"id": base + found.id.replace("-", "").upper(), "name": name, "hidden": False, "readOnly": False}
    context = metadata(call, f"{list_context(call, site, found)}/contentTypes")
    return Answer(body={"@odata.context": context, "value": [row]})


def permissions(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET a site's grants."""
    site = site_of(call, parts["site"])
    roles = call.state.switches["grants"].get(site.path, [])
    rows = [_permission(call, site, list(roles))] if roles else []
    context = metadata(call, f"{site_context(call, site)}/permissions")
    return Answer(body={"@odata.context": context, "value": rows}, units=5)


def grant(call: Call, parts: Mapping[str, str]) -> Answer:
    """POST a grant of a site to an app."""
    site, sent = site_of(call, parts["site"]), call.json()
    roles = sent.get("roles")
    if not isinstance(roles, list) or not sent.get("grantedToIdentities"):
        raise invalid()
    if not set(roles) <= {"read", "write", "owner", "manage", "fullcontrol"}:
        raise EmulatedError(400, "invalidRequest", "One of the provided roles is not valid.")
    grants = {**call.state.switches["grants"], site.path: roles}
    call.state.switch(grants=grants)
    row = {**_permission(call, site, roles), "grantedToIdentities": sent["grantedToIdentities"]}
    return Answer(201, row, units=5)


def _permission(call: Call, site: Site, roles: list[str]) -> dict[str, Any]:
    word = seal(f"i:0i.t|ms.sp.ext|{call.caller.app_id}@{call.state.tenant_id}|{site.id}")
    app = {"application": {"displayName": "App", "id": call.caller.app_id}}
    return {"id": word, "roles": roles, "grantedToIdentitiesV2": [app], "grantedToIdentities": [app]}
