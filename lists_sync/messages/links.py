"""Addresses of items and views, built from configured site addresses and integer ids only.

No address is ever taken from a text or hyperlink column, so nobody can lead a reader away by what they
type into a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode, urlsplit

from lists_sync.errors import MissingError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOPBACK = frozenset({"127.0.0.1", "localhost"})
"""Hosts that may be named over plain http: the embedded workspace."""


@dataclass(frozen=True)
class Links:
    """Where each list stands in the browser.

    Args:
        lists: by list key: the address of the list's folder, without a slash at its end.
        libraries: keys of those that are document libraries.
    """

    lists: Mapping[str, str]
    libraries: frozenset[str] = frozenset()

    @classmethod
    def under(
        cls,
        sites: Mapping[str, str],
        addresses: Mapping[str, str],
        *,
        libraries: frozenset[str] = frozenset(),
    ) -> Links:
        """Give links to lists, each of them held to the site that the configuration names for it.

        Args:
            sites: by list key: the configured address of its site.
            addresses: by list key: the list's address as the service told it; only its part below the
                site is used.
            libraries: keys of those that are document libraries.

        Raises:
            SettingsError: a list's address does not lie under its site, or is neither https nor local.
        """
        lists = {key: _held(sites[key].rstrip("/"), addresses[key], key) for key in sorted(addresses)}
        return cls(lists=lists, libraries=libraries)

    def item(self, key: str, item_id: int) -> str:
        """Give the address of one item's form.

        Raises:
            MissingError: no list of that key is known.
        """
        return f"{self._forms(key)}/DispForm.aspx?ID={int(item_id)}"

    def view(self, key: str, filters: Mapping[str, str] | None = None) -> str:
        """Give the address of a list, shown by the words that its columns must hold.

        Args:
            key: the list.
            filters: by internal column name: the word wanted; several words parted by `;#`.

        Raises:
            MissingError: no list of that key is known.
        """
        pairs: list[tuple[str, str]] = []
        for number, (column, word) in enumerate((filters or {}).items(), start=1):
            several = "s" if ";#" in word else ""
            pairs += [(f"FilterField{several}{number}", column), (f"FilterValue{several}{number}", word)]
        query = f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""
        return f"{self._forms(key)}/AllItems.aspx{query}"

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that a card may name."""
        return frozenset(urlsplit(address).hostname or "" for address in self.lists.values())

    def _forms(self, key: str) -> str:
        try:
            address = self.lists[key]
        except KeyError:
            raise MissingError(
                f"No address of the list {key} is known.", hint="Run lists-sync doctor."
            ) from None
        return f"{address}/Forms" if key in self.libraries else address


def _held(site: str, address: str, key: str) -> str:
    """Give the list's address written anew below its site."""
    parts = urlsplit(site)
    local = parts.hostname in LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise SettingsError(f"The site address of {key} is not https.", hint="Mend it in provider.yaml.")
    path = unquote(urlsplit(address).path).rstrip("/")
    below = unquote(parts.path).rstrip("/") + "/"
    if not path.startswith(below) or ".." in path.split("/"):
        raise SettingsError(
            f"The list {key} does not lie under its configured site.", hint="Run lists-sync doctor."
        )
    return f"{site}/{quote(path.removeprefix(below))}"
