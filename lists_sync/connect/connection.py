"""The connection: sign-in and lines to Graph and SharePoint, opened when first used."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from lists_sync import __version__
from lists_sync.connect.addresses import addresses
from lists_sync.connect.auth import TokenSource, sign_in
from lists_sync.connect.graph import Graph
from lists_sync.connect.pace import Pace
from lists_sync.connect.session import Line, agent

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from lists_sync.connect.auth import SignIn
    from lists_sync.definitions import Provider, Settings


class Connection:
    """The way to one tenant, as a context manager; thread-safe.

    Args:
        sleep: how to wait for the service.

    Raises:
        SettingsError: the settings name no tenant or no usable credential.
    """

    def __init__(
        self, settings: Settings, provider: Provider, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.settings = settings
        self.provider = provider
        self.addresses = addresses(settings, provider)
        self.pace = Pace(sleep)
        self._agent = agent(str(provider.user_agent or provider.name), __version__)
        self._lock = threading.Lock()
        self._opened: list[Line | SignIn] = []
        self._sign_in = self._signed_in(for_sharepoint=False)
        self._graph_line = self._line(self._sign_in, self.addresses.graph_scope)
        self._sharepoint_line: Line | None = None
        self.graph = Graph(self._graph_line, self.addresses.graph, self.pace)

    @property
    def sharepoint_line(self) -> Line:
        """The line to SharePoint; its sign-in needs a certificate, so it is opened only when used.

        Raises:
            SettingsError: there is none.
        """
        with self._lock:
            if self._sharepoint_line is None:
                own = self._signs_for_both()
                signed = self._sign_in if own else self._signed_in(for_sharepoint=True)
                self._sharepoint_line = self._line(signed, self.addresses.sharepoint_scope)
            return self._sharepoint_line

    @property
    def skew_s(self) -> int | None:
        """Whole seconds by which Microsoft's clock is ahead of this machine's; None before it was told."""
        return self.pace.skew_s

    def sharepoint_url(self, site_url: str) -> str:
        """Give the address REST is called at for a site, wherever the settings have moved its host."""
        return self.addresses.site(urlsplit(site_url).path)

    def close(self) -> None:
        """Close every connection."""
        for part in self._opened:
            part.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        """Name the tenant's Graph only: everything else here may hold a secret."""
        return f"<Connection to {self.addresses.graph}>"

    def _signs_for_both(self) -> bool:
        settings = self.settings
        by_secret = bool(settings.client_secret) and not settings.certificate_path
        return bool(settings.managed_identity) or not by_secret

    def _signed_in(self, *, for_sharepoint: bool) -> SignIn:
        signed = sign_in(self.settings, self.addresses, for_sharepoint=for_sharepoint)
        self._opened.append(signed)
        return signed

    def _line(self, signed: SignIn, scope: str) -> Line:
        line = Line(TokenSource(signed, scope), self.pace, agent=self._agent, local=self.addresses.local)
        self._opened.append(line)
        return line
