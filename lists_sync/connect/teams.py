"""Posts to Teams through the webhook of a Workflows flow; what its answer tells, and what it does not.

An accepted post means that the flow was started, not that a card was shown. The address is a secret, so no
error ever names it.

Source: the connector's documentation: POST only, no authorization header, `attachments` with one card each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from lists_sync.definitions.settings import Settings

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
TIMEOUTS_S = (10, 30)
_UNSURE = frozenset({408, 500, 502, 503, 504})


class Posted(StrEnum):
    """How a post ended."""

    STARTED = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PostAnswer:
    """The end of one post; `detail` is a status code or the kind of failure, never an address."""

    posted: Posted
    detail: str = ""


class Teams:
    """The webhooks of a provider, one a role."""

    def __init__(self, settings: Settings) -> None:
        self._webhooks = dict(settings.teams_webhooks)
        self._rehearsal = settings.emulator_url
        self._session = requests.Session()
        self._session.trust_env = not settings.emulator_url

    def has(self, role: str) -> bool:
        """Tell whether a role has a webhook; on the embedded workspace every role has one."""
        return role in self._webhooks or bool(self._rehearsal)

    def post(self, role: str, card: Mapping[str, Any]) -> PostAnswer:
        """Hand a card to a role's flow, once.

        Returns:
            UNKNOWN where the call may have arrived although no answer came.
        """
        body = {
            "type": "message",
            "attachments": [{"contentType": CARD_TYPE, "contentUrl": None, "content": card}],
        }
        try:
            answer = self._session.post(
                self._address(role), json=body, timeout=TIMEOUTS_S, allow_redirects=False
            )
        except requests.ConnectTimeout:
            return PostAnswer(Posted.REFUSED, "not reached")
        except requests.RequestException as fault:
            sent = not isinstance(fault, requests.exceptions.InvalidURL | requests.exceptions.ProxyError)
            return PostAnswer(Posted.UNKNOWN if sent else Posted.REFUSED, type(fault).__name__[:40])
        if answer.ok:
            return PostAnswer(Posted.STARTED, str(answer.status_code))
        unsure = answer.status_code in _UNSURE
        return PostAnswer(Posted.UNKNOWN if unsure else Posted.REFUSED, str(answer.status_code))

    def _address(self, role: str) -> str:
        if role in self._webhooks:
            return self._webhooks[role]
        return f"{self._rehearsal.rstrip('/')}/teams/{role.lower().replace(' ', '-')}"
