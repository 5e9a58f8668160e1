"""A web, a list and a view with all their members; those that never vary here stand first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lists_sync.emulator.sharepoint_columns import NO_ID, internal_name
from lists_sync.emulator.sharepoint_shapes import TEMPLATES, change_token, item_type, token_text, view_xml
from lists_sync.emulator.sharepoint_wire import Complex, Entity

if TYPE_CHECKING:
    from lists_sync.emulator.records import Site, View, WorkList
    from lists_sync.emulator.state import State

_WEB: dict[str, Any] = {
    "AllowRssFeeds": True,
    "AlternateCssUrl": "",
    "AppInstanceId": NO_ID,
    "ClassicWelcomePage": None,
    "Configuration": 0,
    "DesignPackageId": NO_ID,
    "DocumentLibraryCalloutOfficeWebAppPreviewersDisabled": False,
    "EnableMinimalDownload": False,
    "FooterEmphasis": 0,
    "FooterEnabled": False,
    "FooterLayout": 0,
    "HeaderEmphasis": 0,
    "HeaderLayout": 2,
    "HideTitleInHeader": False,
    "HorizontalQuickLaunch": False,
    "IsHomepageModernized": False,
    "IsMultilingual": False,
    "IsRevertHomepageLinkHidden": False,
    "Language": 2057,
    "LogoAlignment": 0,
    "MegaMenuEnabled": False,
    "NavAudienceTargetingEnabled": False,
    "NoCrawl": False,
    "ObjectCacheEnabled": False,
    "OverwriteTranslationsOnChange": False,
    "QuickLaunchEnabled": True,
    "RecycleBinEnabled": True,
    "SearchScope": 0,
    "SyndicationEnabled": True,
    "TenantAdminMembersCanShare": 0,
    "TreeViewEnabled": False,
    "UIVersion": 15,
    "UIVersionConfigurationEnabled": False,
    "WebTemplate": "STS",
    "WelcomePage": "SitePages/Home.aspx",
}
_WEB_LINKS = ("CurrentUser", "Lists", "RegionalSettings", "SiteUserInfoList", "SiteUsers")
_LIST: dict[str, Any] = {
    "AllowContentTypes": True,
    "ContentTypesEnabled": False,
    "CrawlNonDefaultViews": False,
    "DefaultContentApprovalWorkflowId": NO_ID,
    "DefaultItemOpenUseListSetting": False,
    "DefaultSensitivityLabelForLibrary": "",
    "Direction": "none",
    "DisableCommenting": False,
    "DisableGridEditing": False,
    "DocumentTemplateUrl": None,
    "DraftVersionVisibility": 0,
    "EnableMinorVersions": False,
    "EnableModeration": False,
    "EnableRequestSignOff": True,
    "EnableVersioning": True,
    "ExemptFromBlockDownloadOfNonViewableFiles": False,
    "FileSavePostProcessingEnabled": False,
    "ForceCheckout": False,
    "HasExternalDataSource": False,
    "IrmEnabled": False,
    "IrmExpire": False,
    "IrmReject": False,
    "IsApplicationList": False,
    "IsPrivate": False,
    "ListExperienceOptions": 0,
    "MajorWithMinorVersionsLimit": 0,
    "MultipleDataList": False,
    "NoCrawl": False,
    "ParserDisabled": False,
    "ServerTemplateCanCreateFolders": True,
}
_LIST_FEATURE = "00bfea71-de22-43b2-a848-c05709900100"
_LIBRARY_FEATURE = "00bfea71-e717-4e80-aa17-d0c71b360101"
_VIEW: dict[str, Any] = {
    **dict.fromkeys(
        (
            "Aggregations", "AggregationsStatus", "AssociatedContentTypeId", "BaseViewId",
            "CalendarViewStyles", "ColumnWidth", "CustomOrder", "Formats", "GridLayout", "ImageUrl", "JSLink",
            "Method", "ModerationType", "NewDocumentTemplates", "StyleId", "Toolbar", "ToolbarTemplateName",
            "ViewData", "ViewJoins", "ViewProjectedFields", "VisualizationInfo",
        )
    ),
    **dict.fromkeys(
        (
            "DefaultViewForContentType", "EditorModified", "Hidden", "IncludeRootFolder", "MobileDefaultView",
            "MobileView", "OrderedView", "ReadOnlyView", "RequiresClientIntegration", "Threaded",
        ),
        False,
    ),
    "Scope": 0,
    "TabularView": True,
}  # fmt: skip


def web_entity(state: State, site: Site) -> Entity:
    """The site's web; the verbose dialect names what is served below it."""
    url = state.site_url(site)
    changed = max((one.modified_at for one in state.lists(site.id)), default=site.created_at)
    token = token_text(2, site.web_id, state.clock.iso(), state.seq)
    props: dict[str, Any] = {
        **_WEB,
        "Created": site.created_at.removesuffix("Z"),
        "CurrentChangeToken": Complex("SP.ChangeToken", {"StringValue": token}),
        "CustomMasterUrl": f"{site.path}/_catalogs/masterpage/seattle.master",
        "Description": "",
        "Id": site.web_id,
        "LastItemModifiedDate": changed,
        "LastItemUserModifiedDate": changed,
        "MasterUrl": f"{site.path}/_catalogs/masterpage/seattle.master",
        "ResourcePath": Complex("SP.ResourcePath", {"DecodedUrl": url}),
        "ServerRelativeUrl": site.path,
        "SiteLogoUrl": "",
        "Title": site.title,
        "Url": url,
    }
    return Entity("SP.Web", "Web", props, links=_WEB_LINKS)


def list_entity(state: State, found: WorkList) -> Entity:
    """The list's own properties."""
    site, entity = state.site(found.site_id), internal_name(found.url_name)
    image = f"/_layouts/15/images/{'itdl' if found.is_library else 'itgen'}.png?rev=47"
    props: dict[str, Any] = {
        **_LIST,
        "BaseTemplate": TEMPLATES.get(found.template, 100),
        "BaseType": 1 if found.is_library else 0,
        "Created": found.created_at,
        "CurrentChangeToken": change_token(found, state.clock.iso(), state.seq),
        "Description": found.description,
        "EnableAttachments": not found.is_library,
        "EnableFolderCreation": found.is_library,
        "EntityTypeName": entity if found.is_library else f"{entity}List",
        "Hidden": found.hidden,
        "Id": found.id,
        "ImagePath": Complex("SP.ResourcePath", {"DecodedUrl": image}),
        "ImageUrl": image,
        "IsCatalog": found.system,
        "ItemCount": len(found.items),
        "LastItemDeletedDate": found.created_at,
        "LastItemModifiedDate": found.modified_at,
        "LastItemUserModifiedDate": found.modified_at,
        "ListItemEntityTypeFullName": item_type(found),
        "MajorVersionLimit": state.switches["version_limit"],
        "ParentWebPath": Complex("SP.ResourcePath", {"DecodedUrl": site.path}),
        "ParentWebUrl": site.path,
        "TemplateFeatureId": _LIBRARY_FEATURE if found.is_library else _LIST_FEATURE,
        "Title": found.title,
    }
    return Entity("SP.List", f"Web/Lists(guid'{found.id}')", props, f'"{found.counter}"')


def view_entity(state: State, found: WorkList, view: View) -> Entity:
    """A view of a list."""
    page = f"{'Forms/' if found.is_library else ''}{view.title}.aspx"
    url = f"{state.list_path(found)}/{page}"
    props: dict[str, Any] = {
        **_VIEW,
        "ContentTypeId": Complex("SP.ContentTypeId", {"StringValue": "0x"}),
        "CustomFormatter": view.formatter or None,
        "DefaultView": view.default,
        "HtmlSchemaXml": view_xml(view, url),
        "Id": view.id,
        "ListViewXml": view_xml(view, url),
        "Paged": view.paged,
        "PersonalView": view.personal,
        "RowLimit": view.row_limit,
        "ServerRelativePath": Complex("SP.ResourcePath", {"DecodedUrl": url}),
        "ServerRelativeUrl": url,
        "Title": view.title,
        "ViewQuery": view.query,
        "ViewType": view.view_type,
        "ViewType2": view.view_type2 or "NONE",
    }
    return Entity("SP.View", f"Web/Lists(guid'{found.id}')/Views(guid'{view.id}')", props)
