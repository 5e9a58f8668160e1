"""The provider's lists as the stations see them: found by name, read by delta, written by guarded calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from lists_sync.connect import people
from lists_sync.connect.answers import ListRef, Op, Page, Person, Site
from lists_sync.connect.sharepoint import SharePoint
from lists_sync.connect.sites import Sites
from lists_sync.connect.wire import Wire, parsed, zone_name
from lists_sync.errors import MissingError
from lists_sync.model import Item, ListSchema, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lists_sync.connect.connection import Connection
    from lists_sync.connect.graph import Graph

__all__ = ["ListRef", "Page", "Person", "Site", "Workspace"]

PAGE_ROWS = 1000
_FOLDER_TYPE = "0x0120"
_FOLDER_MARK = "ContentTypeId"


class Workspace:
    """The lists of one provider; what it finds of sites, lists and people it keeps for its lifetime.

    Args:
        schemas: by list key.
    """

    def __init__(self, connection: Connection, schemas: Mapping[str, ListSchema]) -> None:
        self.connection = connection
        self.schemas = schemas
        self.sites = Sites(connection, schemas)
        self._wires: dict[str, Wire] = {}
        self._zones: dict[str, ZoneInfo] = {}
        self._people: dict[str, dict[int, Person]] = {}
        self._person_ids: dict[tuple[str, str], int] = {}

    @property
    def graph(self) -> Graph:
        """Graph of the provider's tenant."""
        return self.connection.graph

    def site(self, store: str) -> Site:
        """Give the site a store stands on; MissingError where there is none at its path."""
        return self.sites.site(store)

    def configured_site(self, store: str) -> str:
        """Give the address that the configuration, not the service, has for the site of a store."""
        return self.connection.addresses.site(self.site(store).path)

    def list_ref(self, key: str) -> ListRef:
        """Give a list by our key; MissingError where its site holds none of that title."""
        return self.sites.list_ref(key)

    def sharepoint(self, store: str) -> SharePoint:
        """Give SharePoint REST of the site a store stands on."""
        return SharePoint(self.connection, self.site(store).url)

    def wire(self, key: str) -> Wire:
        """Give how a list's values stand on the wire."""
        if key not in self._wires:
            schema = self.schemas[key]
            mapping = self.connection.provider.lists.get(key)
            self._wires[key] = Wire(
                schema,
                self.time_zone(schema.store),
                dict(mapping.columns) if mapping else {},
                dict(mapping.choices) if mapping else {},
            )
        return self._wires[key]

    def delta(self, key: str, link: str | None) -> Iterator[Page]:
        """Give what changed since a link, or without one the whole list; the last page has the next link.

        Raises:
            ResyncError: the link has expired.
        """
        first = f"{self._items(key)}/delta?{self._expand(key)}&$top={PAGE_ROWS}"
        return self.graph.pages(link or first)

    def is_own_link(self, link: str) -> bool:
        """Whether a kept delta link leads to the Graph this workspace speaks with."""
        return self.graph.is_own_link(link)

    def item(self, key: str, id_: int) -> Item | None:
        """Give one item as it stands now, None where it is gone."""
        path = f"{self._items(key)}/{id_}?{self._expand(key)}"
        try:
            reply = self.graph.send("GET", path)
        except MissingError:
            return None
        return self.decode_item(key, reply.body)

    def versions(self, key: str, ids: Sequence[int]) -> dict[int, list[tuple[int, Item]]]:
        """Give the earlier versions of items that SharePoint keeps, by id, with their numbers, oldest first.

        How many are kept, and for how long, is the site's affair. One that cannot be told has none.
        """
        query = f"versions?{self._expand(key)}"
        ops = [Op("GET", f"{self._items(key)}/{id_}/{query}") for id_ in ids]
        found: dict[int, list[tuple[int, Item]]] = {}
        for id_, reply in zip(ids, self.graph.batch(ops), strict=True):
            body = reply.body if reply.ok and isinstance(reply.body, dict) else {}
            rows = body.get("value") or []
            told = [(version, item) for row in rows for version, item in self._version(key, id_, row)]
            found[id_] = sorted(told, key=lambda one: one[0])[:-1]
        return found

    def _version(self, key: str, id_: int, raw: Mapping[str, Any]) -> Iterator[tuple[int, Item]]:
        number = str(raw.get("id", "")).partition(".")[0]
        if number.isdigit() and raw.get("fields"):
            given = {**raw, "id": id_}
            when = parsed(raw["fields"].get("Modified") or raw.get("lastModifiedDateTime"))
            yield int(number), replace(self.decode_item(key, given), modified=when)

    def items_by(self, key: str, column: str, value: str | float) -> list[Item]:
        """Give the items whose indexed column equals a value, by id.

        Raises:
            ProtocolError: the provider's own list does not index the column.
        """
        name, literal = self.wire(key).literal(column, value)
        asked = f"$filter={quote(f'fields/{name} eq {literal}', safe='')}"
        path = f"{self._items(key)}?{self._expand(key)}&{asked}&$top={PAGE_ROWS}"
        found = [self.decode_item(key, row) for page in self.graph.pages(path) for row in page.rows]
        return sorted(found, key=lambda item: item.id)

    def decode_item(self, key: str, raw: Mapping[str, Any]) -> Item:
        """Give an item from its row: the wire's own names and values, of the columns we asked for."""
        wanted = set(self.wire(key).selected())
        given = raw.get("fields") or {}
        fields = {name: value for name, value in given.items() if name in wanted and value is not None}
        content_type = raw.get("contentType") or {}
        if str(content_type.get("id", "")).startswith(_FOLDER_TYPE):
            fields[_FOLDER_MARK] = content_type["id"]
        deleted = "deleted" in raw
        etag = raw.get("eTag") or raw.get("@odata.etag") or given.get("@odata.etag") or ""
        modified = parsed(raw.get("lastModifiedDateTime") or given.get("Modified"))
        return Item(key, int(raw["id"]), str(etag), {} if deleted else fields, modified, deleted=deleted)

    def is_folder(self, item: Item) -> bool:
        """Whether it is a folder of its list and no item."""
        return _FOLDER_MARK in item.fields

    def encode(self, key: str, values: Mapping[str, Value]) -> dict[str, Any]:
        """Give the fields that set these columns of an item; None clears one.

        Raises:
            MissingError: a person is not known to the site and cannot be made known.
        """
        store = self.schemas[key].store
        return self.wire(key).encode(values, lambda email: self.ensure_user(store, email))

    def decode(self, key: str, item: Item) -> dict[str, Value]:
        """Give an item's values by our column names; persons as e-mails."""
        known = self.people(self.schemas[key].store)

        def email(id_: int) -> str:
            return known[id_].email if id_ in known else f"#{id_}"

        return self.wire(key).decode(item.fields, email)

    def update_op(self, key: str, id_: int, fields: Mapping[str, Any], etag: str) -> Op:
        """Give the call that changes an item only if nobody has changed it since `etag`."""
        return Op("PATCH", f"{self._items(key)}/{id_}/fields", dict(fields), etag)

    def create_op(self, key: str, fields: Mapping[str, Any]) -> Op:
        """Give the call that makes an item; what is empty is left out, since Graph refuses null then."""
        empty = {name for name, value in fields.items() if value is None or value == []}
        noted = {f"{name}@odata.type" for name in empty}
        kept = {name: value for name, value in fields.items() if name not in empty | noted}
        return Op("POST", self._items(key), {"fields": kept})

    def people(self, store: str, *, anew: bool = False) -> dict[int, Person]:
        """Give everybody the store's site knows, by lookup id; ids differ from site to site.

        Args:
            anew: ask the site again, since it may know somebody more by now.
        """
        if anew or store not in self._people:
            self._people[store] = people.of_site(self.graph, self.sharepoint(store), self.site(store))
        return self._people[store]

    def ensure_user(self, store: str, email: str) -> int:
        """Give a person's lookup id in the store's site, making them known there if need be.

        Raises:
            MissingError: the directory knows nobody of that address.
        """
        asked = (store, email.lower())
        if asked not in self._person_ids:
            self._person_ids[asked] = people.ensure(self.sharepoint(store), email)
        return self._person_ids[asked]

    def accounts(self, emails: Sequence[str]) -> dict[str, bool | None]:
        """Give for each address whether its account is there and enabled; None where nobody would say."""
        return people.accounts(self.graph, emails)

    def time_zone(self, store: str) -> ZoneInfo:
        """Give the zone of the store's site, in which its date-only columns are written.

        Raises:
            MissingError: SharePoint's id for it is not known.
        """
        if store not in self._zones:
            reply = self.sharepoint(store).get("web/RegionalSettings/TimeZone")
            self._zones[store] = ZoneInfo(zone_name(int(reply.body["Id"])))
        return self._zones[store]

    def _items(self, key: str) -> str:
        return f"{_path(self.list_ref(key))}/items"

    def _expand(self, key: str) -> str:
        return f"$expand=fields($select={','.join(self.wire(key).selected())})"


def _path(ref: ListRef) -> str:
    return f"/sites/{ref.site_id}/lists/{ref.id}"
