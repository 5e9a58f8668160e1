"""Sites, lists and views as SharePoint REST shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from lists_sync.emulator.clock import parse
from lists_sync.emulator.sharepoint_columns import NO_ID, internal_name
from lists_sync.emulator.sharepoint_wire import Call, Complex, Entity, refused

if TYPE_CHECKING:
    from lists_sync.emulator.records import Site, View, WorkList
    from lists_sync.emulator.state import State

_EPOCH_TICKS = 621355968000000000
TEMPLATES = {"genericList": 100, "documentLibrary": 101, "userInformation": 112}
Expansions = Mapping[str, Callable[[], Any]]


def change_token(found: WorkList, at: str, seq: int) -> Complex:
    """The change token of a list at that line of the log."""
    ticks = _EPOCH_TICKS + int(parse(at).timestamp()) * 10_000_000
    return Complex("SP.ChangeToken", {"StringValue": f"1;3;{found.id};{ticks};{seq}"})


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
    return replace(entity, props={name: held[name] for name in wanted if name in held})


def _inside(value: Any, select: list[str]) -> Any:
    if isinstance(value, Entity):
        return _narrowed(value, select, [], {})
    return [_inside(part, select) for part in value] if isinstance(value, list) else value


def _below(paths: Iterable[str], name: str) -> list[str]:
    return [path.split("/", 1)[1] for path in paths if path.startswith(f"{name}/")]


def no_property(name: str) -> str:
    """What SharePoint says of a property that is not there."""
    return f"The field or property '{name}' does not exist."


def web_entity(state: State, site: Site) -> Entity:
    """The site's web."""
    url = state.site_url(site)
    props: dict[str, Any] = {
        "AlternateCssUrl": "",
        "Configuration": 0,
        "Created": site.created_at.removesuffix("Z"),
        "Description": "",
        "EnableMinimalDownload": False,
        "Id": site.web_id,
        "IsMultilingual": False,
        "Language": 2057,
        "LastItemModifiedDate": max(
            (one.modified_at for one in state.lists(site.id)), default=site.created_at
        ),
        "ResourcePath": Complex("SP.ResourcePath", {"DecodedUrl": url}),
        "QuickLaunchEnabled": True,
        "RecycleBinEnabled": True,
        "ServerRelativeUrl": site.path,
        "SyndicationEnabled": True,
        "Title": site.title,
        "TreeViewEnabled": False,
        "UIVersion": 15,
        "Url": url,
        "WebTemplate": "STS",
        "WelcomePage": "SitePages/Home.aspx",
    }
    return Entity("SP.Web", "Web", props)


def list_entity(state: State, found: WorkList) -> Entity:
    """The list's own properties."""
    site, entity = state.site(found.site_id), internal_name(found.url_name)
    props: dict[str, Any] = {
        "AllowContentTypes": True,
        "BaseTemplate": TEMPLATES.get(found.template, 100),
        "BaseType": 1 if found.is_library else 0,
        "ContentTypesEnabled": False,
        "Created": found.created_at,
        "CurrentChangeToken": change_token(found, state.clock.iso(), state.seq),
        "DefaultContentApprovalWorkflowId": NO_ID,
        "Description": found.description,
        "Direction": "none",
        "DraftVersionVisibility": 0,
        "EnableAttachments": not found.is_library,
        "EnableFolderCreation": found.is_library,
        "EnableMinorVersions": False,
        "EnableModeration": False,
        "EnableVersioning": True,
        "EntityTypeName": entity if found.is_library else f"{entity}List",
        "ForceCheckout": False,
        "Hidden": found.hidden,
        "Id": found.id,
        "ImageUrl": f"/_layouts/15/images/{'itdl' if found.is_library else 'itgen'}.png?rev=47",
        "IsApplicationList": False,
        "IsCatalog": found.system,
        "IsPrivate": False,
        "ItemCount": len(found.items),
        "LastItemDeletedDate": found.created_at,
        "LastItemModifiedDate": found.modified_at,
        "LastItemUserModifiedDate": found.modified_at,
        "ListExperienceOptions": 0,
        "ListItemEntityTypeFullName": item_type(found),
        "MajorVersionLimit": state.switches["version_limit"],
        "MajorWithMinorVersionsLimit": 0,
        "MultipleDataList": False,
        "NoCrawl": False,
        "ParentWebPath": Complex("SP.ResourcePath", {"DecodedUrl": site.path}),
        "ParentWebUrl": site.path,
        "ParserDisabled": False,
        "ServerTemplateCanCreateFolders": True,
        "Title": found.title,
    }
    return Entity("SP.List", f"Web/Lists(guid'{found.id}')", props, f'"{found.counter}"')


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


def view_entity(state: State, found: WorkList, view: View) -> Entity:
    """A view of a list."""
    page = f"{'Forms/' if found.is_library else ''}{view.title}.aspx"
    url = f"{state.list_path(found)}/{page}"
    props: dict[str, Any] = {
        "ContentTypeId": Complex("SP.ContentTypeId", {"StringValue": "0x"}),
        "CustomFormatter": view.formatter or None,
        "DefaultView": view.default,
        "EditorModified": False,
        "Hidden": False,
        "HtmlSchemaXml": view_xml(view, url),
        "Id": view.id,
        "ListViewXml": view_xml(view, url),
        "MobileView": False,
        "Paged": view.paged,
        "PersonalView": view.personal,
        "ViewQuery": view.query,
        "ReadOnlyView": False,
        "RowLimit": view.row_limit,
        "Scope": 0,
        "ServerRelativePath": Complex("SP.ResourcePath", {"DecodedUrl": url}),
        "ServerRelativeUrl": url,
        "TabularView": True,
        "Title": view.title,
        "ViewType": view.view_type,
        "ViewType2": view.view_type2 or None,
    }
    return Entity("SP.View", f"Web/Lists(guid'{found.id}')/Views(guid'{view.id}')", props)


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
