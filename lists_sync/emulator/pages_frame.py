"""What the pages of a list share: addresses, names, and which columns people and the bot write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lists_sync.emulator.records import Column, Item, WorkList
    from lists_sync.emulator.state import State

REFERENCES = (
    "ActionRef",
    "EscalationKey",
    "HoldKey",
    "RunKey",
    "RecordKey",
    "SampleKey",
    "ComplaintRef",
    "Email",
)
# What a manager looks for first, in the order of looking.
_USEFUL = (
    "Title",
    "ActionRef",
    "Severity",
    "Status",
    "DueDate",
    "Owner",
    "RiskRating",
    "DeadlineState",
    "Service",
    "ActBy",
    "ToRole",
    "ToPerson",
    "AcknowledgedBy",
    "Message",
    "EvidenceType",
    "SourceDate",
    "LatestVerdict",
    "EvidenceState",
    "SlippageBand",
    "IntegrityDefects",
)


def page_address(state: State, found: WorkList, page: str = "AllItems.aspx") -> str:
    """The address of a page of the list."""
    return quote(f"{state.list_path(found)}/{'Forms/' if found.is_library else ''}{page}")


def item_address(state: State, found: WorkList, item_id: int, page: str = "DispForm.aspx") -> str:
    """The address of an item's page."""
    return f"{page_address(state, found, page)}?ID={item_id}"


def item_name(found: WorkList, item: Item) -> str:
    """What people call the item: its reference, file name or title."""
    names = (item.file.name if item.file else "", *(item.fields.get(name) for name in REFERENCES))
    named = next((name for name in names if name), None)
    return str(named or item.fields.get("Title") or f"{found.title} {item.id}")


def column_title(column: Column) -> str:
    """The heading of a column."""
    return column.display_name or column.name


def useful_first(columns: Sequence[Column]) -> list[Column]:
    """The columns with those first that people look for first; the others keep their order."""
    place = {name: number for number, name in enumerate(_USEFUL)}
    return sorted(columns, key=lambda column: place.get(column.name, len(_USEFUL)))


def own_columns(found: WorkList) -> list[Column]:
    """The columns that hold what people or the bot wrote."""
    return [
        column
        for column in found.columns.values()
        if column.kind != "computed"
        and not column.read_only
        and not column.hidden
        and column.name != "FileLeafRef"
    ]


def editable(found: WorkList) -> list[Column]:
    """The columns that people write; empty for a list that only the bot writes."""
    return [column for column in own_columns(found) if not column.bot]


def kept_by(found: WorkList) -> str:
    """Who writes a list: people, the bot, or both."""
    own = own_columns(found)
    by_people = bool(editable(found))
    if not any(column.bot for column in own):
        return "People"
    return "People and lists-sync" if by_people else "lists-sync"


def frame(state: State, found: WorkList) -> dict[str, Any]:
    """The names and addresses that every page of a list shows."""
    return {
        "list": {"title": found.title, "href": page_address(state, found), "library": found.is_library},
        "site": {"title": state.site(found.site_id).title},
    }
