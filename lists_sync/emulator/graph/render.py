"""How sites, lists, columns and items look over Graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lists_sync.emulator.graph.request import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.records import Column, Item, Site, User, WorkList
    from lists_sync.emulator.state import State

_FACETS = {
    "text": "text",
    "note": "text",
    "number": "number",
    "yesno": "boolean",
    "date": "dateTime",
    "datetime": "dateTime",
    "choice": "choice",
    "choices": "choice",
    "person": "personOrGroup",
    "lookup": "lookup",
}


def chosen(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Keep the members that $select names, annotations and all of them if it names none."""
    if not names:
        return row
    return {name: value for name, value in row.items() if name in names or name.startswith("@")}


def metadata(call: Call, what: str) -> str:
    """Give an @odata.context."""
    return f"{call.base}/$metadata#{what}"


def site_context(call: Call, site: Site) -> str:
    """Give the start of the context of anything below a site."""
    return f"sites('{quote(call.state.graph_site_id(site), safe='')}')"


def list_context(call: Call, site: Site, found: WorkList) -> str:
    """Give the start of the context of anything below a list."""
    return f"{site_context(call, site)}/lists('{found.id}')"


def site_row(state: State, site: Site) -> dict[str, Any]:
    """Give a site as Graph shows it."""
    return {
        "createdDateTime": site.created_at,
        "description": "",
        "id": state.graph_site_id(site),
        "lastModifiedDateTime": site.created_at,
        "name": site.name,
        "webUrl": state.site_url(site),
        "displayName": site.title,
        "root": {},
        "siteCollection": {"hostname": state.hostname},
        "sharepointIds": {
            "siteId": site.id,
            "siteUrl": state.site_url(site),
            "tenantId": state.tenant_id,
            "webId": site.web_id,
        },
    }


def list_row(state: State, found: WorkList) -> dict[str, Any]:
    """Give a list as Graph shows it."""
    site = state.site(found.site_id)
    row = {
        "@odata.etag": found.etag,
        "createdDateTime": found.created_at,
        "description": found.description,
        "eTag": found.etag,
        "id": found.id,
        "lastModifiedDateTime": found.modified_at,
        "name": found.url_name,
        "webUrl": state.base_url + quote(state.list_path(found)),
        "displayName": found.title,
        "createdBy": {"user": {"displayName": "System Account"}},
        "parentReference": {"siteId": state.graph_site_id(site)},
        "list": {"contentTypesEnabled": False, "hidden": found.hidden, "template": found.template},
    }
    return {**row, "system": {}} if found.system else row


def column_row(column: Column) -> dict[str, Any]:
    """Give a column as Graph shows it; a hyperlink column comes without any facet, as in the real service."""
    row: dict[str, Any] = {
        "columnGroup": column.group,
        "description": column.description,
        "displayName": column.display_name,
        "enforceUniqueValues": column.unique,
        "hidden": column.hidden,
        "id": column.id,
        "indexed": column.indexed,
        "name": column.name,
        "readOnly": column.read_only,
        "required": column.required,
    }
    if column.default is not None:
        row["defaultValue"] = {"value": column.default}
    if column.kind in _FACETS:
        row[_FACETS[column.kind]] = {**_facet(column), **column.facet}
    return row


def _facet(column: Column) -> dict[str, Any]:
    if column.kind in {"choice", "choices"}:
        shown = "checkBoxes" if column.kind == "choices" else "dropDownMenu"
        return {"allowTextEntry": column.fill_in, "choices": column.choices, "displayAs": shown}
    if column.kind in {"date", "datetime"}:
        return {"displayAs": "default", "format": "dateOnly" if column.kind == "date" else "dateTime"}
    if column.kind == "person":
        many = column.many
        return {
            "allowMultipleSelection": many,
            "displayAs": "nameWithPresence",
            "chooseFromType": "peopleOnly",
        }
    if column.kind == "number":
        return {"decimalPlaces": "automatic", "displayAs": "number"}
    return _text_facet(column)


def _text_facet(column: Column) -> dict[str, Any]:
    if column.kind not in {"text", "note"}:
        return {}
    many = column.kind == "note"
    facet: dict[str, Any] = {
        "allowMultipleLines": many,
        "appendChangesToExistingText": False,
        "linesForEditing": 6 if many else 0,
    }
    return {**facet, "textType": "plain"} if many else {**facet, "maxLength": column.max_length}


def identity(state: State, site_id: str, lookup_id: int) -> dict[str, Any]:
    """Give an identity set for a lookup id of a site."""
    item = state.user_list(site_id).items.get(lookup_id)
    fields: Mapping[str, Any] = item.fields if item else {}
    login, name = str(fields.get("Name", "")), str(fields.get("Title", ""))
    if "ms.sp.ext|" in login:
        app_id = login.partition("ms.sp.ext|")[2].partition("@")[0]
        return {"application": {"id": app_id, "displayName": name}, "user": {"displayName": name}}
    if not fields.get("EMail"):
        return {"user": {"displayName": name}}
    users = [user.id for user in state.users() if user.email == fields["EMail"]]
    return {"user": {"email": fields["EMail"], **({"id": users[0]} if users else {}), "displayName": name}}


def user_row(user: User) -> dict[str, Any]:
    """Give an account with all that may be selected of it."""
    given, _, family = user.name.partition(" ")
    return {
        "businessPhones": [],
        "displayName": user.name,
        "givenName": given,
        "jobTitle": None,
        "mail": user.email,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": family,
        "userPrincipalName": user.upn,
        "id": user.id,
        "accountEnabled": user.enabled,
    }


def item_url(state: State, found: WorkList, item: Item) -> str:
    """Give an item's webUrl."""
    root = state.list_path(found)
    end = item.file.path if item.file is not None else f"{item.id}_.000"
    return state.base_url + quote(f"{root}/{end}")
