"""How SharePoint REST narrows and names what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from lists_sync.emulator.clock import parse
from lists_sync.emulator.sharepoint_columns import internal_name
from lists_sync.emulator.sharepoint_wire import Call, Complex, Entity, refused

if TYPE_CHECKING:
    from lists_sync.emulator.records import View, WorkList
    from lists_sync.emulator.state import State

_EPOCH_TICKS = 621355968000000000
TEMPLATES = {"genericList": 100, "documentLibrary": 101, "userInformation": 112}
Expansions = Mapping[str, Callable[[], Any]]


def change_token(found: WorkList, at: str, seq: int) -> Complex:
    """The change token of a list at that line of the log."""
    return Complex("SP.ChangeToken", {"StringValue": token_text(3, found.id, at, seq)})


def token_text(scope: int, thing: str, at: str, seq: int) -> str:
    """The text of a change token; scope 2 is a web, 3 a list."""
    ticks = _EPOCH_TICKS + int(parse(at).timestamp()) * 10_000_000
    return f"1;{scope};{thing};{ticks};{seq}"


def shaped(entity: Entity, call: Call, expansions: Expansions | None = None) -> Entity:
    """The entity with only what `$select` names, and with what `$expand` names added.

    Raises:
        EmulatedError: 400 for a property that the entity does not have.
    """
    return _narrowed(entity, call.names("$select"), call.names("$expand"), expansions or {})


def _narrowed(entity: Entity, select: list[str], expand: list[str], expansions: Expansions) -> Entity:
    held = dict(entity.props)
    for name in dict.fromkeys(path.split("/")[0] for path in expand):
        if name in expansions:
            held[name] = _inside(expansions[name](), _below(select, name))
    wanted = list(dict.fromkeys(path.split("/")[0] for path in select))
    if not wanted or "*" in wanted:
        return replace(entity, props=held)
    missing = [name for name in wanted if name not in held and name not in expansions]
    if missing:
        raise refused(400, -1, "Microsoft.SharePoint.SPException", no_property(missing[0]))
    props = {name: held[name] for name in wanted if name in held}
    return replace(entity, props=props, links=tuple(name for name in entity.links if name in wanted))


def _inside(value: Any, select: list[str]) -> Any:
    if isinstance(value, Entity):
        return _narrowed(value, select, [], {})
    return [_inside(part, select) for part in value] if isinstance(value, list) else value


def _below(paths: Iterable[str], name: str) -> list[str]:
    return [path.split("/", 1)[1] for path in paths if path.startswith(f"{name}/")]


def no_property(name: str) -> str:
    """What SharePoint says of a property that is not there."""
    return f"The field or property '{name}' does not exist."


def item_type(found: WorkList) -> str:
    """The type name of the list's items."""
    entity = internal_name(found.url_name)
    return f"SP.Data.{entity}Item" if found.is_library else f"SP.Data.{entity}ListItem"


def folder_entity(state: State, found: WorkList) -> Entity:
    """The list's root folder."""
    props = {
        "Exists": True,
        "ItemCount": len(found.items),
        "Name": found.url_name,
        "ServerRelativeUrl": state.list_path(found),
        "UniqueId": found.id,
    }
    return Entity("SP.Folder", f"Web/Lists(guid'{found.id}')/RootFolder", props)


def view_xml(view: View, url: str) -> str:
    """The view's definition."""
    fields = "".join(f"<FieldRef Name={quoteattr(name)} />" for name in view.fields)
    marks = f"Type={quoteattr(view.view_type)} Url={quoteattr(url)} DisplayName={quoteattr(view.title)}"
    limit = f'<RowLimit Paged="{str(view.paged).upper()}">{view.row_limit}</RowLimit>'
    return f"<View {marks}><Query>{view.query}</Query><ViewFields>{fields}</ViewFields>{limit}</View>"


def view_fields_entity(found: WorkList, view: View) -> Entity:
    """The columns a view shows."""
    xml = "".join(f"<FieldRef Name={quoteattr(name)} />" for name in view.fields)
    path = f"Web/Lists(guid'{found.id}')/Views(guid'{view.id}')/ViewFields"
    return Entity("SP.ViewFieldCollection", path, {"SchemaXml": xml, "Items": list(view.fields)})
