"""Who stands behind a lookup id, who has none yet, and whose account is still enabled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lists_sync.connect.answers import Op, Person, Reply, Site
from lists_sync.errors import AdministratorError, MissingError, ProtocolError

if TYPE_CHECKING:
    from lists_sync.connect.graph import Graph
    from lists_sync.connect.sharepoint import SharePoint

_LOGIN_PREFIX = "i:0#.f|membership|"
_SHOWN = "$expand=fields($select=EMail,Title,Name,UserName)&$top=1000"
_GONE = 404


def of_site(graph: Graph, sharepoint: SharePoint, site: Site) -> dict[int, Person]:
    """Give everybody in the site's hidden list of people.

    The list is asked for by its role, since its title is in the site's language. Where that is refused, the
    site's present users stand in, who lack those that were removed.

    Raises:
        ListsSyncError: neither can be read.
    """
    try:
        list_id = sharepoint.get("web/siteuserinfolist?$select=Id").body["Id"]
        rows = graph.rows(f"/sites/{site.id}/lists/{list_id}/items?{_SHOWN}")
    except (AdministratorError, ProtocolError, KeyError, TypeError):
        return _present(sharepoint)
    return _by_id(_from_list(row) for row in rows)


def ensure(sharepoint: SharePoint, email: str) -> int:
    """Give a person's lookup id, making them known to the site if need be.

    Raises:
        MissingError: the directory knows nobody of that address.
    """
    body = {"logonName": f"{_LOGIN_PREFIX}{email}"}
    try:
        answer = sharepoint.post("web/ensureuser", body, repeatable=True).body
        return int(answer["Id"])
    except (KeyError, TypeError, ValueError):
        raise MissingError(
            "A person named by the configuration is not known to the site.",
            where="people",
            hint="Check the address under roles in provider.yaml.",
        ) from None


def accounts(graph: Graph, emails: Sequence[str]) -> dict[str, bool | None]:
    """Give for each address whether its account is there and enabled; None where nobody would say."""
    asked = sorted({email.lower() for email in emails if email})
    paths = [f"/users/{quote(email, safe='')}?$select=accountEnabled,userPrincipalName" for email in asked]
    replies = graph.batch([Op("GET", path) for path in paths])
    found = {email: _enabled(reply) for email, reply in zip(asked, replies, strict=True)}
    return {email: found.get(email.lower()) for email in emails}


def _enabled(reply: Reply) -> bool | None:
    if reply.status == _GONE:
        return False
    if not reply.ok or not isinstance(reply.body, Mapping):
        return None
    enabled = reply.body.get("accountEnabled")
    return enabled if isinstance(enabled, bool) else None


def _present(sharepoint: SharePoint) -> dict[int, Person]:
    rows = sharepoint.get("web/siteusers?$select=Id,Email,Title,LoginName").body.get("value", [])
    return _by_id(
        _person(row["Id"], row.get("Email"), row.get("Title"), row.get("LoginName")) for row in rows
    )


def _from_list(row: Mapping[str, Any]) -> Person:
    fields = row.get("fields") or {}
    login = fields.get("UserName") or fields.get("Name")
    return _person(row["id"], fields.get("EMail"), fields.get("Title"), login)


def _person(id_: Any, email: Any, name: Any, login: Any) -> Person:
    address = str(email or "") or str(login or "").rpartition("|")[2]
    return Person(int(id_), address.lower() if "@" in address else "", str(name or ""))


def _by_id(found: Iterable[Person]) -> dict[int, Person]:
    return {person.id: person for person in found}
