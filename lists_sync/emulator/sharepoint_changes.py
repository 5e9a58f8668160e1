"""SharePoint REST of a list's change log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lists_sync.emulator.sharepoint_lists import the_list
from lists_sync.emulator.sharepoint_shapes import change_token
from lists_sync.emulator.sharepoint_table import on
from lists_sync.emulator.sharepoint_wire import SP_EXCEPTION, Answer, Call, Entity, refused

if TYPE_CHECKING:
    from lists_sync.emulator.records import WorkList
    from lists_sync.emulator.state import State

_CHANGE_TYPES = {"add": 1, "update": 2, "delete": 3, "system": 15}
_ASKED = {"add": "Add", "update": "Update", "delete": "DeleteObject", "system": "SystemUpdate"}


@on("POST", "web/lists()/getchanges")
def get_changes(state: State, call: Call) -> Answer:
    """The list's change log after a token, with who made each change."""
    found = the_list(state, call)
    query = call.body.get("query") or {}
    start = str((query.get("ChangeTokenStart") or {}).get("StringValue") or "")
    after = _after(found, start) if start else 0
    limit = int(query.get("FetchLimit") or 1000)
    wanted = {kind for kind, name in _ASKED.items() if query.get(name)}
    log = [change for change in state.changes(found.id, after) if change.kind in wanted and query.get("Item")]
    rows = []
    for change in log[:limit]:
        known = state.user_list(call.site.id).items.get(change.editor_id)
        props = {
            "ChangeToken": change_token(found, change.at, change.seq),
            "ChangeType": _CHANGE_TYPES[change.kind],
            "SiteId": call.site.id,
            "Time": change.at,
            "Editor": known.fields.get("Title", "") if known else "",
            "EditorEmailHint": known.fields.get("EMail") if known else None,
            "ItemId": change.item_id,
            "ListId": found.id,
            "ServerRelativeUrl": "",
            "SharedByUser": None,
            "SharedWithUsers": None,
            "UniqueId": change.unique_id,
            "WebId": call.site.web_id,
        }
        rows.append(Entity("SP.ChangeItem", f"SP.ChangeItem{change.unique_id}", props))
    return Answer(rows=rows)


def _after(found: WorkList, token: str) -> int:
    parts = token.split(";")
    if len(parts) != 5 or parts[2].lower() != found.id or not parts[4].lstrip("-").isdigit():  # noqa: PLR2004
        raise refused(400, -2146232832, SP_EXCEPTION, "The change token is not valid for this list.")
    return max(int(parts[4]), 0)
