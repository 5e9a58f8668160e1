"""The columns that every list has from the start."""

from __future__ import annotations

from lists_sync.emulator.ids import guid
from lists_sync.emulator.records import Column

_SYSTEM = (
    ("ID", "computed", "ID"),
    ("ContentType", "computed", "Content Type"),
    ("Modified", "datetime", "Modified"),
    ("Created", "datetime", "Created"),
    ("Author", "person", "Created By"),
    ("Editor", "person", "Modified By"),
    ("_UIVersionString", "computed", "Version"),
    ("Attachments", "computed", "Attachments"),
    ("Edit", "computed", "Edit"),
    ("LinkTitleNoMenu", "computed", "Title"),
    ("LinkTitle", "computed", "Title"),
    ("DocIcon", "computed", "Type"),
    ("ItemChildCount", "computed", "Item Child Count"),
    ("FolderChildCount", "computed", "Folder Child Count"),
)
_FILES = (
    ("FileLeafRef", "text", "Name"),
    ("LinkFilename", "computed", "Name"),
    ("FileSizeDisplay", "computed", "File Size"),
)
_PEOPLE = ("Name", "EMail", "UserName", "SipAddress", "JobTitle", "Department")


def builtin_columns(list_id: str, template: str) -> dict[str, Column]:
    """Give the columns of a fresh list of that template, by internal name."""
    columns = {"Title": _column(list_id, "Title", "text", "Title")}
    columns["Title"].required = template == "genericList"
    for name, kind, display in _SYSTEM + (_FILES if template == "documentLibrary" else ()):
        columns[name] = _column(list_id, name, kind, display)
        columns[name].read_only = name != "FileLeafRef"
        columns[name].indexed = name == "ID"
    if template == "userInformation":
        for name in _PEOPLE:
            columns[name] = _column(list_id, name, "text", name)
        columns["Deleted"] = _column(list_id, "Deleted", "yesno", "Deleted")
    return columns


def _column(list_id: str, name: str, kind: str, display: str) -> Column:
    return Column(
        id=guid(list_id, "column", name), name=name, kind=kind, display_name=display, group="Base Columns"
    )
