"""SharePoint REST of the web itself: its properties, form digest, time zone and people."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lists_sync.emulator.clock import iso, parse
from lists_sync.emulator.sharepoint_bodies import list_entity, web_entity
from lists_sync.emulator.sharepoint_filter import read_filter
from lists_sync.emulator.sharepoint_shapes import shaped
from lists_sync.emulator.sharepoint_table import on
from lists_sync.emulator.sharepoint_wire import ARGUMENT, Answer, Call, Complex, Entity, refused

if TYPE_CHECKING:
    from lists_sync.emulator.records import Item, Site
    from lists_sync.emulator.state import State

# SharePoint numbers its zones; the bias is what to add to standard local time for UTC, in minutes.
_ZONES: dict[str, tuple[int, str, int, int]] = {
    "Europe/London": (2, "(UTC+00:00) Dublin, Edinburgh, Lisbon, London", 0, -60),
    "Europe/Paris": (3, "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris", -60, -60),
    "Europe/Brussels": (3, "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris", -60, -60),
    "Europe/Berlin": (4, "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", -60, -60),
    "America/New_York": (10, "(UTC-05:00) Eastern Time (US and Canada)", 300, -60),
    "America/Los_Angeles": (13, "(UTC-08:00) Pacific Time (US and Canada)", 480, -60),
    "UTC": (93, "(UTC) Coordinated Universal Time", 0, 0),
}
_NO_USER = "Microsoft.SharePoint.SPException"


@on("GET", "web")
def get_web(state: State, call: Call) -> Answer:
    """The web's properties."""
    regional = Entity("SP.RegionalSettings", "Web/RegionalSettings", {"TimeZone": time_zone(call.site)})
    expansions = {
        "CurrentUser": lambda: user_entity(_me(state, call)),
        "RegionalSettings": lambda: regional,
        "SiteUserInfoList": lambda: list_entity(state, state.user_list(call.site.id)),
        "SiteUsers": lambda: [user_entity(item) for item in state.site_users(call.site.id)],
        "Lists": lambda: [list_entity(state, found) for found in state.lists(call.site.id, system=True)],
    }
    return Answer(entity=shaped(web_entity(state, call.site), call, expansions))


@on("GET", "site")
def get_site(state: State, call: Call) -> Answer:
    """The site collection's properties."""
    url = state.site_url(call.site)
    props = {"Id": call.site.id, "ServerRelativeUrl": call.site.path, "Url": url, "ReadOnly": False}
    return Answer(entity=shaped(Entity("SP.Site", "Site", props), call))


@on("POST", "contextinfo")
def get_context(state: State, call: Call) -> Answer:
    """A form digest; nobody who brings a bearer token needs one."""
    now = state.clock.now()
    mark = hashlib.sha256(f"{state.epoch}{call.site.id}".encode()).hexdigest().upper()
    props: dict[str, Any] = {
        "FormDigestTimeoutSeconds": 1800,
        "FormDigestValue": f"0x{mark},{now.strftime('%d %b %Y %H:%M:%S')} -0000",
        "LibraryVersion": "16.0.26600.12000",
        "SiteFullUrl": state.site_url(call.site),
        "SupportedSchemaVersions": ["14.0.0.0", "15.0.0.0"],
        "WebFullUrl": state.site_url(call.site),
    }
    return Answer(result=("GetContextWebInformation", Complex("SP.ContextWebInformation", props)))


@on("GET", "web/regionalsettings")
def get_regional_settings(_: State, call: Call) -> Answer:
    """How the site writes dates and numbers."""
    props = {"DateFormat": 1, "DecimalSeparator": ".", "FirstDayOfWeek": 1, "LocaleId": 2057, "Time24": True}
    entity = Entity("SP.RegionalSettings", "Web/RegionalSettings", props)
    return Answer(entity=shaped(entity, call, {"TimeZone": lambda: time_zone(call.site)}))


@on("GET", "web/regionalsettings/timezone")
def get_time_zone(_: State, call: Call) -> Answer:
    """The site's time zone."""
    return Answer(entity=shaped(time_zone(call.site), call))


@on("GET", "web/regionalsettings/timezone/utctolocaltime", "web/regionalsettings/timezone/localtimetoutc")
def convert_time(_: State, call: Call) -> Answer:
    """An instant turned into the site's local time, or back."""
    step, zone = call.resource.last, ZoneInfo(call.site.time_zone)
    try:
        given = datetime.fromisoformat(step.args[0])
    except (IndexError, ValueError) as problem:
        raise refused(400, -2147024809, ARGUMENT, "The date is not valid.") from problem
    if step.name == "utctolocaltime":
        local = parse(step.args[0]).astimezone(zone)
        return Answer(result=("UTCToLocalTime", local.replace(tzinfo=None).isoformat(timespec="seconds")))
    return Answer(result=("LocalTimeToUTC", iso(given.replace(tzinfo=zone).astimezone(UTC))))


def time_zone(site: Site) -> Entity:
    """The site's time zone as SharePoint numbers and words it."""
    known = _ZONES.get(site.time_zone)
    if known is None:
        standard = datetime(2026, 1, 1, tzinfo=ZoneInfo(site.time_zone)).utcoffset()
        minutes = int(standard.total_seconds() // 60) if standard else 0
        known = (0, f"(UTC{minutes / 60:+03.0f}:00) {site.time_zone}", -minutes, -60)
    number, words, bias, daylight = known
    shift = {"Bias": bias, "DaylightBias": daylight, "StandardBias": 0}
    information = Complex("SP.TimeZoneInformation", shift)
    props = {"Description": words, "Id": number, "Information": information}
    return Entity("SP.TimeZone", "Web/RegionalSettings/TimeZone", props)


@on("GET", "web/siteusers")
def get_site_users(state: State, call: Call) -> Answer:
    """Everybody the site knows; `$filter` may name one property."""
    rows = [user_entity(item) for item in state.site_users(call.site.id)]
    if call.option("$filter"):
        test = read_filter(call.option("$filter"))
        rows = [row for row in rows if test.matches(row.props)]
    top = call.option("$top")
    return Answer(rows=[shaped(row, call) for row in (rows[: int(top)] if top.isdigit() else rows)])


@on("GET", "web/siteusers()")
def get_site_user(state: State, call: Call) -> Answer:
    """One person the site knows, by lookup id, e-mail or login."""
    return Answer(entity=shaped(user_entity(_known(state, call)), call))


@on("GET", "web/currentuser")
def get_current_user(state: State, call: Call) -> Answer:
    """Who calls."""
    return Answer(entity=shaped(user_entity(_me(state, call)), call))


@on("POST", "web/ensureuser")
def ensure_user(state: State, call: Call) -> Answer:
    """Make the site know a person of the directory."""
    named = call.resource.last.args[:1]
    login = named[0] if named else call.body.get("logonName")
    if not isinstance(login, str) or not login:
        raise refused(400, -2147024809, ARGUMENT, "Value cannot be null. Parameter name: logonName")
    return Answer(entity=shaped(user_entity(state.ensure_user(call.site.id, login)), call))


def _me(state: State, call: Call) -> Item:
    return state.site_user(call.site.id, state.actor_id(call.site.id, call.actor))


def _known(state: State, call: Call) -> Item:
    step = call.resource.step("siteusers")
    wanted = (step.key or "").casefold()
    if not step.by:
        return state.site_user(call.site.id, int(wanted) if wanted.isdigit() else -1)
    column = "EMail" if step.by == "email" else "Name"
    for item in state.site_users(call.site.id):
        if str(item.fields.get(column, "")).casefold() == wanted:
            return item
    raise refused(404, -2146232832, _NO_USER, "User cannot be found.")


def user_entity(item: Item) -> Entity:
    """A person of the site."""
    login, email = str(item.fields.get("Name", "")), str(item.fields.get("EMail", ""))
    mark = hashlib.sha256(login.encode()).hexdigest()[:16]
    issued = {"NameId": mark, "NameIdIssuer": "urn:federation:microsoftonline"}
    props: dict[str, Any] = {
        "Id": item.id,
        "IsHiddenInUI": False,
        "LoginName": login,
        "Title": item.fields.get("Title", ""),
        "PrincipalType": 1,
        "Email": email,
        "Expiration": "",
        "IsEmailAuthenticationGuestUser": False,
        "IsShareByEmailGuestUser": False,
        "IsSiteAdmin": False,
        "UserId": Complex("SP.UserIdInfo", issued),
        "UserPrincipalName": item.fields.get("UserName"),
    }
    return Entity("SP.User", f"Web/GetUserById({item.id})", props)
