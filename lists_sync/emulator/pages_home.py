"""The first page: every site with its lists, those that people work in before those they only read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.emulator.pages_frame import editable, kept_by, page_address
from lists_sync.emulator.pages_list import last_changed

if TYPE_CHECKING:
    from lists_sync.emulator.records import WorkList
    from lists_sync.emulator.state import State


def home_sites(state: State) -> list[dict[str, Any]]:
    """All sites, each with its groups of lists."""
    return [
        {"title": site.title, "path": site.path, "groups": _groups(state, site.id)} for site in state.sites()
    ]


def _groups(state: State, site_id: str) -> list[dict[str, Any]]:
    lists = sorted(state.lists(site_id), key=lambda one: one.title)
    groups = (
        ("Lists that people keep", [one for one in lists if editable(one)]),
        ("Records that lists-sync writes", [one for one in lists if not editable(one)]),
    )
    return [
        {"title": title, "lists": [_listed(state, one) for one in found]} for title, found in groups if found
    ]


def _listed(state: State, found: WorkList) -> dict[str, Any]:
    return {
        "title": found.title,
        "href": page_address(state, found),
        "kind": "Library" if found.is_library else "List",
        "kept_by": kept_by(found),
        "count": f"{len(found.items):,}",
        "changed": last_changed(state, found),
    }
