"""Drives: the files of libraries."""

from __future__ import annotations

import base64
import mimetypes
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lists_sync.emulator.auth import check_grant
from lists_sync.emulator.clock import parse
from lists_sync.emulator.errors import EmulatedError, invalid, not_found
from lists_sync.emulator.graph import items as list_items
from lists_sync.emulator.graph.delta import Feed, delta
from lists_sync.emulator.graph.hashes import quick_xor
from lists_sync.emulator.graph.items import Shower
from lists_sync.emulator.graph.places import numbered, place, site_of
from lists_sync.emulator.graph.query import paged
from lists_sync.emulator.graph.render import identity, item_url, metadata, site_context
from lists_sync.emulator.graph.request import Answer, Call
from lists_sync.emulator.ids import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.records import Change, Item, Site, WorkList
    from lists_sync.emulator.state import State


def drive_id(found: WorkList) -> str:
    """Give the id of a library's drive."""
    return "b!" + found.id.replace("-", "")


def _library(call: Call, parts: Mapping[str, str], role: str = "read") -> tuple[Site, WorkList]:
    for site in call.state.sites():
        for found in call.state.lists(site.id):
            if found.is_library and drive_id(found) == parts["drive"]:
                check_grant(call.state, site, role)
                return site, found
    raise not_found("The resource could not be found.")


def _item_id(item: Item) -> str:
    return "01" + base64.b32encode(bytes.fromhex(item.unique_id.replace("-", ""))).decode().rstrip("=")


def _by_item_id(found: WorkList, item_id: str) -> Item:
    for item in found.items.values():
        if item.file is not None and _item_id(item) == item_id:
            return item
    raise not_found()


def drive_row(call: Call, found: WorkList) -> dict[str, Any]:
    """Give a library as a drive."""
    return {
        "createdDateTime": found.created_at,
        "description": found.description,
        "id": drive_id(found),
        "lastModifiedDateTime": found.modified_at,
        "name": found.title,
        "webUrl": call.state.base_url + quote(call.state.list_path(found)),
        "driveType": "documentLibrary",
    }


def drive_item_row(call: Call, found: WorkList, item: Item) -> dict[str, Any]:
    """Give a file or folder as a drive item; its eTag is written otherwise than the list item's."""
    if item.file is None:
        raise not_found()
    upper = item.unique_id.upper()
    parent = f"/drives/{drive_id(found)}/root:" + (f"/{item.file.folder}" if item.file.folder else "")
    row: dict[str, Any] = {
        "createdDateTime": item.created_at,
        "eTag": f'"{{{upper}}},{item.counter}"',
        "id": _item_id(item),
        "lastModifiedDateTime": item.modified_at,
        "name": item.file.name,
        "webUrl": item_url(call.state, found, item),
        "cTag": f'"c:{{{upper}}},{item.file.counter}"',
        "size": item.file.size,
        "createdBy": identity(call.state, found.site_id, item.author_id),
        "lastModifiedBy": identity(call.state, found.site_id, item.editor_id),
        "parentReference": {"driveType": "documentLibrary", "driveId": drive_id(found), "path": parent},
        "sharepointIds": {"listId": found.id, "listItemId": str(item.id), "listItemUniqueId": item.unique_id},
    }
    if item.file.is_folder:
        return {**row, "folder": {"childCount": len(call.state.folder_items(found.id, item.file.path))}}
    kind = mimetypes.guess_type(item.file.name)[0] or "application/octet-stream"
    hashed = quick_xor(call.state.content(item))
    link = {"@microsoft.graph.downloadUrl": _download_url(call, found, item)}
    return {**link, **row, "file": {"mimeType": kind, "hashes": {"quickXorHash": hashed}}}


def _download_url(call: Call, found: WorkList, item: Item) -> str:
    word = seal({"list": found.id, "id": item.id, "at": call.state.clock.iso()})
    name = quote(item.file.name if item.file else "")
    return f"{call.base.removesuffix('/v1.0')}/download/{name}?tempauth={word}"


def download(state: State, word: str) -> bytes:
    """Give the content that a pre-authenticated address stands for.

    Raises:
        EmulatedError: it has run out, or is none of ours (401).
    """
    try:
        content = unseal(word)
        old_s = (state.clock.now() - parse(content["at"])).total_seconds()
        list_id, item_id = str(content["list"]), int(content["id"])
    except (ValueError, KeyError, TypeError):
        old_s, list_id, item_id = float("inf"), "", 0
    if old_s > 60 * int(state.switches["download_minutes"]):
        raise EmulatedError(401, "unauthenticated", "The download address has expired.")
    return state.content(state.item(list_id, item_id))


def list_drive(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET the drive of a library."""
    site, found = place(call, parts)
    if not found.is_library:
        raise not_found()
    context = metadata(call, f"{site_context(call, site)}/drive/$entity")
    return Answer(body={"@odata.context": context, **drive_row(call, found)}, units=1)


def site_drives(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET the drives of a site."""
    site = site_of(call, parts["site"])
    check_grant(call.state, site, "read")
    rows = [drive_row(call, found) for found in call.state.lists(site.id) if found.is_library]
    return Answer(
        body={"@odata.context": metadata(call, f"{site_context(call, site)}/drives"), "value": rows}
    )


def get_drive(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET a drive."""
    _, found = _library(call, parts)
    return Answer(
        body={"@odata.context": metadata(call, "drives/$entity"), **drive_row(call, found)}, units=1
    )


def children(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET the files and folders of the root, or of a folder."""
    _, found = _library(call, parts)
    folder = parts.get("path", "")
    if parts.get("item"):
        owner = _by_item_id(found, parts["item"]).file
        folder = owner.path if owner else ""
    rows = call.state.folder_items(found.id, folder)
    page, token = paged(call, rows)
    context = metadata(call, f"drives('{drive_id(found)}')/root/children")
    body: dict[str, Any] = {"@odata.context": context}
    if token:
        body["@odata.nextLink"] = call.link(call.path, skiptoken=token)
    return Answer(body={**body, "value": [drive_item_row(call, found, item) for item in page]})


def root(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET the root folder."""
    _, found = _library(call, parts)
    row = {**drive_row(call, found), "name": "root", "root": {}, "folder": {"childCount": len(found.items)}}
    row.pop("driveType")
    return Answer(body={"@odata.context": metadata(call, "driveItems/$entity"), **row}, units=1)


def _file(call: Call, parts: Mapping[str, str], role: str = "read") -> tuple[Site, WorkList, Item]:
    site, found = _library(call, parts, role)
    if "item" in parts:
        return site, found, _by_item_id(found, parts["item"])
    return site, found, call.state.library_file(found.id, parts["path"])


def get_file(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET a file or folder."""
    _, found, item = _file(call, parts)
    row = drive_item_row(call, found, item)
    context = metadata(call, f"drives('{drive_id(found)}')/items/$entity")
    return Answer(body={"@odata.context": context, **row}, headers={"ETag": row["eTag"]}, units=1)


def delete_file(call: Call, parts: Mapping[str, str]) -> Answer:
    """DELETE a file."""
    _, found, item = _file(call, parts, "write")
    call.state.delete_item(found.id, item.id, actor=call.caller.actor)
    return Answer(204)


def get_content(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET content: a redirect to an address that needs no sign-in."""
    _, found, item = _file(call, parts)
    return Answer(302, None, {"Location": _download_url(call, found, item)}, units=1)


def upload_place(call: Call, parts: Mapping[str, str]) -> tuple[WorkList, str]:
    """Give the library and the path below its root that an upload goes to.

    Raises:
        EmulatedError: it names no file (400), or a library or folder that is not there (404).
    """
    _, found = _library(call, parts, "write")
    start = parts.get("item", "root")
    info = None if start == "root" else _by_item_id(found, start).file
    if info is not None and info.is_folder != bool(parts.get("path")):
        raise invalid()
    path = "/".join(part for part in (info.path if info else "", parts.get("path", "")) if part)
    if not path.strip("/"):
        raise invalid()
    return found, path


def put_content(call: Call, parts: Mapping[str, str]) -> Answer:
    """PUT content, over a file or as a new one."""
    found, path = upload_place(call, parts)
    item, made = call.state.put_file(found.id, path, call.raw, actor=call.caller.actor)
    context = metadata(call, f"drives('{drive_id(found)}')/items/$entity")
    body = {"@odata.context": context, **drive_item_row(call, found, item)}
    return Answer(201 if made else 200, body)


def _as_list_item(call: Call, parts: Mapping[str, str], role: str) -> dict[str, str]:
    site, found, item = _file(call, parts, role)
    return {"site": call.state.graph_site_id(site), "list": found.id, "item": str(item.id)}


def list_item(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET the list item behind a file."""
    return list_items.get(call, _as_list_item(call, parts, "read"))


def list_item_fields(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET or PATCH the fields behind a file."""
    if call.method == "PATCH":
        return list_items.change_fields(call, _as_list_item(call, parts, "write"))
    return list_items.get_fields(call, _as_list_item(call, parts, "read"))


def drive_delta(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET root/delta; cTag and lastModifiedBy are left out, and the name of what was deleted."""
    site, found = _library(call, parts)
    shower = Shower(call, site, found)

    def row(item: Item) -> dict[str, Any]:
        shown = drive_item_row(call, found, item)
        for name in ("cTag", "lastModifiedBy", "@microsoft.graph.downloadUrl"):
            shown.pop(name, None)
        shown["parentReference"].pop("path", None)
        return {**shown, "listItem": shower.row(item)} if "listItem" in call.option("expand") else shown

    def gone(change: Change) -> dict[str, Any]:
        unique = bytes.fromhex(change.unique_id.replace("-", ""))
        return {
            "id": "01" + base64.b32encode(unique).decode().rstrip("="),
            "parentReference": {"driveType": "documentLibrary", "driveId": drive_id(found)},
            "deleted": {"state": "deleted"},
        }

    path = f"/drives/{drive_id(found)}/root/delta"
    return delta(call, found, Feed(path, metadata(call, "Collection(driveItem)"), row, gone))


def drive_item_of(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET the drive item behind a library's item."""
    site, found = place(call, parts)
    item = call.state.item(found.id, numbered(parts["item"]))
    if item.file is None:
        raise invalid("Only a File or a Folder in a DocumentLibrary can be accessed as a DriveItem.")
    context = metadata(call, f"{site_context(call, site)}/drive/items/$entity")
    return Answer(body={"@odata.context": context, **drive_item_row(call, found, item)}, units=1)
