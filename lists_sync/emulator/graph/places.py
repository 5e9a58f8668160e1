"""Which site, list and item a path names, and whether the caller may go there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lists_sync.emulator.auth import check_grant
from lists_sync.emulator.errors import invalid, no_item, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lists_sync.emulator.graph.request import Call
    from lists_sync.emulator.records import Site, WorkList

_LOCAL = re.compile(r"^(127\.0\.0\.1|localhost)(:\d+)?$")


def known_host(call: Call, host: str) -> bool:
    """Tell whether a host name is the tenancy's."""
    return host.casefold() == call.state.hostname or bool(_LOCAL.match(host))


def site_of(call: Call, reference: str) -> Site:
    """Give the site that an id of one to three parts, or `host:/path`, names.

    Raises:
        EmulatedError: a foreign host (400), or no such site (404).
    """
    host, colon, path = reference.partition(":/")
    if colon:
        if not known_host(call, host):
            raise invalid("Invalid hostname for this tenancy")
        return call.state.site_by_path(path)
    parts = reference.split(",")
    if len(parts) == 3 and not known_host(call, parts[0]):  # noqa: PLR2004 - host, collection, web
        raise invalid("Invalid hostname for this tenancy")
    wanted = parts[1] if len(parts) > 1 else parts[0]
    for site in call.state.sites():
        if wanted.lower() in (site.id, site.web_id):
            return site
    if reference == "root" or known_host(call, reference):
        return call.state.sites()[0]
    if "." in reference and len(parts) == 1:
        raise invalid("Invalid hostname for this tenancy")
    raise not_found("Requested site could not be found")


def place(call: Call, parts: Mapping[str, str], role: str = "read") -> tuple[Site, WorkList]:
    """Give the site and list that a path names, once the caller's grant is seen.

    Raises:
        EmulatedError: 403 or 404.
    """
    site = site_of(call, parts["site"])
    check_grant(call.state, site, role)
    return site, call.state.find_list(site.id, parts["list"])


def numbered(text: str) -> int:
    """Read an item's id.

    Raises:
        EmulatedError: it is none (404).
    """
    if not text.isdigit():
        raise no_item()
    return int(text)
