"""SharePoint REST of a list's items: filtered, ordered, within the threshold, page by page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lists_sync.emulator.errors import too_many_resources
from lists_sync.emulator.sharepoint_filter import Filter, read_filter
from lists_sync.emulator.sharepoint_items import OWN, Shown, column_of, item_entity
from lists_sync.emulator.sharepoint_lists import the_list
from lists_sync.emulator.sharepoint_table import on
from lists_sync.emulator.sharepoint_wire import INVALID_QUERY, Answer, Call, refused

if TYPE_CHECKING:
    from lists_sync.emulator.records import Item, WorkList
    from lists_sync.emulator.state import State

DEFAULT_TOP, MOST_TOP, LOOKUP_LIMIT_COUNT = 100, 5000, 12


@on("GET", "web/lists()/items")
def get_items(state: State, call: Call) -> Answer:
    """A page of the list's items."""
    found = the_list(state, call)
    if len(call.names("$expand")) > LOOKUP_LIMIT_COUNT:
        raise too_many_resources(500)
    rows = _ordered(state, call, found, _matching(state, call, found))
    start, top = _page(call, rows)
    page = rows[start : start + top]
    select, expand = call.names("$select"), call.names("$expand")
    shown = [item_entity(state, found, item, select=select, expand=expand) for item in page]
    more = page and start + top < len(rows)
    return Answer(rows=shown, next_link=_next_link(call, found, page[-1].id) if more else "")


def _matching(state: State, call: Call, found: WorkList) -> list[Item]:
    items = state.items(found.id)
    text = call.option("$filter")
    if not text:
        return items
    test = read_filter(text)
    for name in test.columns:
        if name not in OWN:
            column_of(found, name.split("/")[0])
    kept = [item for item in items if test.matches(Shown(state, found, item))]
    _check_threshold(state, found, test, len(items), len(kept))
    return kept


def _check_threshold(state: State, found: WorkList, test: Filter, held: int, kept: int) -> None:
    threshold = int(state.switches["threshold"])
    if held > threshold and (
        kept > threshold or not any(_indexed(state, found, name) for name in test.narrowing)
    ):
        raise too_many_resources(422)


def _indexed(state: State, found: WorkList, name: str) -> bool:
    if name in {"Id", "ID"}:
        return True
    if name in {"Modified", "Created"}:
        return bool(state.switches["modified_indexed"])
    # A lookup's index serves its id, not what stands behind it.
    return "/" not in name and name not in OWN and column_of(found, name)[0].indexed


def _ordered(state: State, call: Call, found: WorkList, items: list[Item]) -> list[Item]:
    threshold = int(state.switches["threshold"])
    for part in reversed([part.strip() for part in call.option("$orderby").split(",") if part.strip()]):
        name, _, way = part.partition(" ")
        if len(items) > threshold and not _indexed(state, found, name):
            raise too_many_resources(422)
        keyed = [(Shown(state, found, item)[name], item) for item in items]
        empty = [item for value, item in keyed if value is None]
        full = sorted(((value, item) for value, item in keyed if value is not None), key=_sort_key)
        if way.strip().lower() == "desc":
            items = [item for _, item in reversed(full)] + empty
        else:
            items = empty + [item for _, item in full]
    return items


def _sort_key(pair: tuple[Any, Any]) -> Any:
    return pair[0].casefold() if isinstance(pair[0], str) else pair[0]


def _page(call: Call, rows: list[Item]) -> tuple[int, int]:
    text = call.option("$top")
    if text and not text.isdigit():
        raise refused(400, -1, INVALID_QUERY, 'The query parameter "$top" is not valid.')
    top = min(int(text or DEFAULT_TOP), MOST_TOP)
    after = re.search(r"p_ID=(\d+)", call.option("$skiptoken"))
    if after is None:
        return 0, top
    wanted = int(after[1])
    for place, item in enumerate(rows):
        if item.id == wanted:
            return place + 1, top
    # The item of the token may be gone: go on with the first after it.
    return next((place for place, item in enumerate(rows) if item.id > wanted), len(rows)), top


def _next_link(call: Call, found: WorkList, last_id: int) -> str:
    kept = "".join(
        f"&%24{name}={quote(call.option(f'${name}'), safe='')}"
        for name in ("select", "expand", "filter", "orderby", "top")
        if call.option(f"${name}")
    )
    token = f"Paged%3dTRUE%26p_ID%3d{last_id}"
    return f"{call.api_url}/web/lists(guid%27{found.id}%27)/items?%24skiptoken={token}{kept}"
