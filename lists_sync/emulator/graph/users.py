"""Accounts of the directory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lists_sync.emulator.errors import invalid
from lists_sync.emulator.graph.query import paged
from lists_sync.emulator.graph.render import chosen, metadata, user_row
from lists_sync.emulator.graph.request import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Mapping

_EQ = re.compile(r"^\s*(mail|userPrincipalName|id|accountEnabled)\s+eq\s+(?:'([^']*)'|(true|false))\s*$")


def _names(call: Call) -> list[str]:
    unasked = "accountEnabled"
    return call.names or [name for name in _MEMBERS if name != unasked]


_MEMBERS = (
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName", "id", "accountEnabled",
)  # fmt: skip


def get_user(call: Call, parts: Mapping[str, str]) -> Answer:
    """GET an account; accountEnabled only where $select names it."""
    row = chosen(user_row(call.state.user(parts["user"])), _names(call))
    named = f"({','.join(call.names)})" if call.names else ""
    return Answer(body={"@odata.context": metadata(call, f"users{named}/$entity"), **row}, units=1)


def list_users(call: Call, _parts: Mapping[str, str]) -> Answer:
    """GET accounts, all or by one equality."""
    rows = [user_row(user) for user in call.state.users()]
    if call.option("filter"):
        match = _EQ.match(call.option("filter"))
        if match is None:
            raise invalid("Invalid filter clause")
        name, text, flag = match.groups()
        rows = [row for row in rows if str(row[name]).casefold() == (text or flag).casefold()]
    page, token = paged(call, rows)
    body = {"@odata.context": metadata(call, "users")}
    if token:
        body["@odata.nextLink"] = call.link("/users", skiptoken=token)
    return Answer(body={**body, "value": [chosen(row, _names(call)) for row in page]})
