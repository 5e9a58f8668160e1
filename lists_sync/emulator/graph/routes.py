"""Which paths of Graph are served, and by what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lists_sync.emulator.errors import EmulatedError, bad_segment
from lists_sync.emulator.graph import columns, delta, drives, items, sites, uploads, users
from lists_sync.emulator.graph.places import site_of
from lists_sync.emulator.graph.request import Answer, Call

Handler = Callable[[Call, Mapping[str, str]], Answer]

_LIST = "/sites/{site}/lists/{list}"
_ITEM = _LIST + "/items/{item}"
_FILE = "/drives/{drive}/items/{item}"
_BY_PATH = "/drives/{drive}/root:/{path}"

SERVED: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/sites", sites.search_sites),
    ("GET", "/sites/{site}", sites.get_site),
    ("GET", "/sites/{site}/permissions", sites.permissions),
    ("POST", "/sites/{site}/permissions", sites.grant),
    ("GET", "/sites/{site}/drives", drives.site_drives),
    ("GET", "/sites/{site}/lists", sites.list_lists),
    ("POST", "/sites/{site}/lists", sites.create_list),
    ("GET", _LIST, sites.get_list),
    ("PATCH", _LIST, sites.change_list),
    ("DELETE", _LIST, sites.delete_list),
    ("GET", _LIST + "/contentTypes", sites.content_types),
    ("GET", _LIST + "/drive", drives.list_drive),
    ("GET", _LIST + "/columns", columns.list_columns),
    ("POST", _LIST + "/columns", columns.create_column),
    ("GET", _LIST + "/columns/{column}", columns.get_column),
    ("PATCH", _LIST + "/columns/{column}", columns.change_column),
    ("DELETE", _LIST + "/columns/{column}", columns.delete_column),
    ("GET", _LIST + "/items", items.query),
    ("POST", _LIST + "/items", items.create),
    ("GET", _LIST + "/items/delta", delta.items_delta),
    ("GET", _ITEM, items.get),
    ("PATCH", _ITEM, items.change),
    ("DELETE", _ITEM, items.delete),
    ("GET", _ITEM + "/fields", items.get_fields),
    ("PATCH", _ITEM + "/fields", items.change_fields),
    ("GET", _ITEM + "/driveItem", drives.drive_item_of),
    ("GET", _ITEM + "/versions", items.versions),
    ("GET", _ITEM + "/versions/{version}", items.version),
    ("POST", _ITEM + "/versions/{version}/restoreVersion", items.restore),
    ("GET", "/users", users.list_users),
    ("GET", "/users/{user}", users.get_user),
    ("GET", "/drives/{drive}", drives.get_drive),
    ("GET", "/drives/{drive}/root", drives.root),
    ("GET", "/drives/{drive}/root/children", drives.children),
    ("GET", "/drives/{drive}/root/delta", drives.drive_delta),
    ("GET", _BY_PATH + ":/content", drives.get_content),
    ("PUT", _BY_PATH + ":/content", drives.put_content),
    ("POST", _BY_PATH + ":/createUploadSession", uploads.create_session),
    ("GET", _BY_PATH + ":/children", drives.children),
    ("GET", _BY_PATH + ":/listItem/fields", drives.list_item_fields),
    ("PATCH", _BY_PATH + ":/listItem/fields", drives.list_item_fields),
    ("GET", _BY_PATH + ":/listItem", drives.list_item),
    ("GET", _BY_PATH, drives.get_file),
    ("DELETE", _BY_PATH, drives.delete_file),
    ("GET", _FILE, drives.get_file),
    ("DELETE", _FILE, drives.delete_file),
    ("GET", _FILE + "/children", drives.children),
    ("GET", _FILE + "/content", drives.get_content),
    ("PUT", _FILE + "/content", drives.put_content),
    ("PUT", _FILE + ":/{path}:/content", drives.put_content),
    ("POST", _FILE + "/createUploadSession", uploads.create_session),
    ("POST", _FILE + ":/{path}:/createUploadSession", uploads.create_session),
    ("GET", _FILE + "/listItem", drives.list_item),
    ("GET", _FILE + "/listItem/fields", drives.list_item_fields),
    ("PATCH", _FILE + "/listItem/fields", drives.list_item_fields),
)

_GROUPS = {"path": r"(?P<path>[^:]+?)"}
_BY_ADDRESS = re.compile(r"^/sites/(?P<host>[^/:,]+):/(?P<path>[^:]*)(?::(?P<rest>/.*)?)?$")
_DELTA_WORD = re.compile(r"/delta\((?:token='([^']*)')?\)$")


def _pattern(template: str) -> re.Pattern[str]:
    def group(match: re.Match[str]) -> str:
        return _GROUPS.get(match.group(1), f"(?P<{match.group(1)}>[^/]+)")

    end = ":?" if template.endswith("{path}") else ""
    return re.compile(re.sub(r"\{(\w+)\}", group, template) + end + "$")


def _by_shape() -> dict[int, list[tuple[str, re.Pattern[str], Handler]]]:
    """Sort the table by the number of a path's parts; paths of files, of any length, stand under 0."""
    table: dict[int, list[tuple[str, re.Pattern[str], Handler]]] = {}
    for method, template, handler in SERVED:
        shape = 0 if "{path}" in template else template.count("/")
        table.setdefault(shape, []).append((method, _pattern(template), handler))
    return table


_TABLE = _by_shape()


def plain_path(call: Call) -> str:
    """Give the path with a site's id for its address, and delta as a plain word."""
    path = call.path
    match = _DELTA_WORD.search(path)
    if match:
        path = path[: match.start()] + "/delta"
        if match.group(1):
            call.query["token"] = match.group(1)
    match = _BY_ADDRESS.match(path)
    if match:
        site = site_of(call, f"{match['host']}:/{match['path']}")
        path = f"/sites/{call.state.graph_site_id(site)}{match['rest'] or ''}"
    return path.rstrip("/")


def dispatch(call: Call) -> Answer:
    """Answer one call of Graph.

    Raises:
        EmulatedError: whatever refusal is due.
    """
    call.path = plain_path(call)
    known_path = False
    for method, pattern, handler in _TABLE.get(call.path.count("/"), []) + _TABLE[0]:
        found = pattern.match(call.path)
        if found and method == call.method:
            return handler(call, found.groupdict())
        known_path = known_path or bool(found)
    if known_path:
        raise EmulatedError(405, "methodNotAllowed", "The HTTP method is not allowed for this resource.")
    raise bad_segment(call.path.rstrip("/").rsplit("/", 1)[-1])
