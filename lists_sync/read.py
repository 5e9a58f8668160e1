"""From the mirror to a snapshot: the items of a job's lists as they stood at a pull."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lists_sync.messages.links import Links
from lists_sync.pull import ACCOUNTS, PEOPLE, PLACES, SITE
from lists_sync.snapshot import build

if TYPE_CHECKING:
    from lists_sync.context import Definitions
    from lists_sync.mirror.versions import Mirror
    from lists_sync.model import Item, Snapshot
    from lists_sync.snapshot import FrameCache


def read_snapshot(
    mirror: Mirror,
    definitions: Definitions,
    keys: Iterable[str],
    *,
    moment: datetime,
    at_pull: int | None = None,
) -> Snapshot:
    """Give the typed frames of these lists as the mirror holds them.

    Args:
        keys: schema keys, pulled before.
        moment: the instant the values are judged at.
        at_pull: an earlier pull's number; None for the present.
    """
    found = {key: mirror.items(key, at_pull) for key in sorted(set(keys))}
    return _built(mirror, definitions, found, moment, at_pull, mirror.frames if at_pull is None else None)


def snapshot_as_of(
    mirror: Mirror,
    definitions: Definitions,
    keys: Iterable[str],
    *,
    moment: datetime,
    at_pull: int | None = None,
) -> Snapshot | None:
    """Give the typed frames of these lists as they stood at a moment, by when each version was made.

    Returns:
        None where nobody can tell; where a state younger than the moment read nothing back, for one.
    """
    found: dict[str, Sequence[Item]] = {}
    for key in sorted(set(keys)):
        items = mirror.items_as_of(key, moment, at_pull)
        if items is None:
            return None
        found[key] = items
    return _built(mirror, definitions, found, moment, at_pull, None)


def _built(
    mirror: Mirror,
    definitions: Definitions,
    items: Mapping[str, Sequence[Item]],
    moment: datetime,
    at_pull: int | None,
    known: FrameCache | None,
) -> Snapshot:
    schemas = {key: definitions.schemas[key] for key in items}
    stores = {schema.store for schema in schemas.values()}
    provider_zone = ZoneInfo(definitions.provider.time_zone)
    return build(
        items,
        schemas,
        people={store: people(mirror, store, at_pull) for store in stores},
        zones={store: site_zone(mirror, store, at_pull, provider_zone) for store in stores},
        provider_zone=provider_zone,
        moment=moment,
        mappings=definitions.provider.lists,
        known=known,
    )


def people(mirror: Mirror, store: str, at_pull: int | None = None) -> dict[int, str]:
    """Give the e-mail behind each lookup id of a store's site."""
    return {item.id: str(item.fields["EMail"]) for item in mirror.items(PEOPLE + store, at_pull)}


def names(mirror: Mirror, store: str, at_pull: int | None = None) -> dict[str, str]:
    """Give the display name behind each e-mail that a store's site knows."""
    items = mirror.items(PEOPLE + store, at_pull)
    return {str(item.fields["EMail"]): str(item.fields["Title"]) for item in items}


def accounts(mirror: Mirror, store: str, at_pull: int | None = None) -> dict[str, bool | None]:
    """Give for everybody a store's site knows whether the account is enabled, as the directory last said."""
    known = {
        str(item.fields["EMail"]): item.fields.get("Enabled") for item in mirror.items(ACCOUNTS, at_pull)
    }
    asked = sorted(email for email in people(mirror, store, at_pull).values() if email)
    return {email: known[email] for email in asked if email in known}


def site_zone(mirror: Mirror, store: str, at_pull: int | None, otherwise: ZoneInfo) -> ZoneInfo:
    """Give the zone of a store's site as it was read, else another."""
    known = mirror.items(SITE + store, at_pull)
    return ZoneInfo(str(known[0].fields["TimeZone"])) if known else otherwise


def links(mirror: Mirror, definitions: Definitions, keys: Iterable[str], at_pull: int | None = None) -> Links:
    """Give where the lists stand in the browser, held to the sites that the configuration names."""
    wanted = set(keys)
    places = {str(item.fields["List"]): item.fields for item in mirror.items(PLACES, at_pull)}
    known = sorted(wanted & places.keys())
    return Links.under(
        {key: str(places[key]["Site"]) for key in known},
        {key: str(places[key]["Url"]) for key in known},
        libraries=frozenset(key for key in known if definitions.schemas[key].library),
    )
