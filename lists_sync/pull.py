"""Bring the mirror up to date: follow each list's delta link, or read the list whole where there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from lists_sync.errors import DriftError, PartialDataError, ResyncError
from lists_sync.model import Item

if TYPE_CHECKING:
    from lists_sync.connect.workspace import Workspace
    from lists_sync.mirror.versions import Mirror
    from lists_sync.stop import Stop

PEOPLE = "people@"
SITE = "site@"
PLACES = "place@"
"""Where each list stands in the browser."""
ACCOUNTS = "account@"
"""Whether the directory has each account enabled; only where a job asks for it."""


@dataclass(frozen=True)
class Pulled:
    """What one pull brought.

    Args:
        changed: versions made, by list key.
        whole: keys of the lists that were read from the start.
    """

    number: int
    at: str
    changed: dict[str, int]
    whole: tuple[str, ...]


@dataclass
class _Read:
    """What following one list's link came to: versions made, the next link, who is named, what stands."""

    made: int = 0
    link: str = ""
    whole: bool = False
    seen: set[int] = field(default_factory=set)
    people: set[int] = field(default_factory=set)


def pull(
    workspace: Workspace,
    mirror: Mirror,
    keys: Iterable[str],
    at: str,
    *,
    accept_empty: bool = False,
    stop: Stop | None = None,
) -> Pulled:
    """Read what changed in these lists since their last pull, and whoever it names that nobody knew yet.

    Args:
        keys: schema keys; each list's link is kept only once all before it, and whom it names, is in the
            mirror: a pull that is cut off leaves nothing that the next one would not read again.
        at: the present instant, ISO UTC.
        accept_empty: a list that held rows may come back empty.
        stop: what tells it to end; it is heeded between two lists.

    Raises:
        PartialDataError: the service's answer ended without a link for the next pull, or a list that held
            rows came back empty.
        StoppedError: the program was told to end; the lists read so far are kept.
        AdministratorError, ServiceError: as the connection tells.
    """
    number = mirror.begin_pull(at)
    changed: dict[str, int] = {}
    whole: list[str] = []
    stores: set[str] = set()
    for key in sorted(set(keys)):
        if stop is not None:
            stop.check()
        one = _pull_list(workspace, mirror, key, number, accept_empty=accept_empty)
        _pull_store(workspace, mirror, workspace.schemas[key].store, number, one, stores)
        place = {"list_id": workspace.list_ref(key).id, "shape": _shape(workspace, key)}
        mirror.set_cursor(key, **place, link=one.link, number=number, at=at)
        changed[key] = one.made
        if one.whole:
            whole.append(key)
    mirror.absorb(PLACES, [_place(workspace, key) for key in sorted(changed)], number)
    return Pulled(number, at, changed, tuple(whole))


def pull_items(workspace: Workspace, mirror: Mirror, key: str, ids: Iterable[int], at: str) -> int:
    """Read these items once more, each by itself; one that is gone is marked deleted.

    Returns:
        the number of the pull, at which the mirror now stands.
    """
    number = mirror.begin_pull(at)
    found = [workspace.item(key, id_) or _tombstone(key, id_) for id_ in sorted(set(ids))]
    mirror.absorb(key, found, number)
    return number


def pull_accounts(workspace: Workspace, mirror: Mirror, emails: Iterable[str], number: int) -> None:
    """Ask the directory whether these accounts are enabled, and keep what it says with that pull."""
    told = workspace.accounts(sorted(set(emails)))
    items = []
    for email, enabled in told.items():
        fields = {"EMail": email, "Enabled": enabled}
        items.append(Item(ACCOUNTS, _number(email), _mark(fields), fields))
    mirror.absorb(ACCOUNTS, items, number)


def _place(workspace: Workspace, key: str) -> Item:
    site = workspace.configured_site(workspace.schemas[key].store)
    fields = {"List": key, "Site": site, "Url": workspace.list_ref(key).url}
    return Item(PLACES, _number(key), _mark(fields), fields)


def _number(name: str) -> int:
    """Give an item's number that only its name decides."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big")


def _shape(workspace: Workspace, key: str) -> str:
    return _mark(sorted(workspace.wire(key).selected()))[:16]


def _pull_list(workspace: Workspace, mirror: Mirror, key: str, number: int, *, accept_empty: bool) -> _Read:
    _check_columns(workspace, key)
    list_id, shape = workspace.list_ref(key).id, _shape(workspace, key)
    before = mirror.cursor(key)
    anew = before is not None and before.shape != shape
    if before and before.list_id == list_id and not anew and workspace.is_own_link(before.link):
        with suppress(ResyncError):
            return _follow(workspace, mirror, key, before.link, number)
    held = mirror.present_ids(key)
    read = _follow(workspace, mirror, key, None, number, anew=anew)
    read.whole = True
    if held and not read.seen and not accept_empty:
        title = workspace.schemas[key].title
        raise PartialDataError(
            f"{title} held {len(held)} items and now reads as empty; nothing was judged.",
            where=key,
            hint="If it was emptied on purpose, run `lists-sync pull --accept-empty`.",
        )
    if held:
        read.made += mirror.replace_missing(key, read.seen, number)
    return read


def _check_columns(workspace: Workspace, key: str) -> None:
    """Return where the list has every column of its schema: without one, its rows would say less than stands.

    Raises:
        DriftError: it lacks some.
    """
    there, wire = workspace.list_ref(key).columns, workspace.wire(key)
    named = [wire.name(column.name) for column in workspace.schemas[key].columns]
    missing = [name for name in named if name not in there]
    if missing:
        raise DriftError(
            f"{workspace.schemas[key].title} lacks the column {', '.join(missing)}; nothing was judged.",
            where=key,
            hint="Run `lists-sync provision plan`, or map the provider's own column in provider.yaml.",
        )


def _follow(
    workspace: Workspace, mirror: Mirror, key: str, link: str | None, number: int, *, anew: bool = False
) -> _Read:
    """Absorb every page behind a link (None: from the list's start)."""
    read = _Read()
    empty = link is None and not mirror.holds(key)
    for page in workspace.delta(key, link):
        items = [workspace.decode_item(key, row) for row in page.rows]
        items = [item for item in items if not workspace.is_folder(item)]
        # A first read may repeat an item from one page to the next: then there is something to compare.
        fresh = empty and read.seen.isdisjoint(item.id for item in items)
        read.made += mirror.absorb(key, items, number, empty=fresh, anew=anew)
        read.seen.update(item.id for item in items if not item.deleted)
        read.people |= _named(items)
        read.link = page.delta_link or read.link
    if not read.link:
        raise PartialDataError(
            f"The reading of {workspace.schemas[key].title} broke off before its end; nothing was judged.",
            where=key,
            hint="The next run reads it again.",
        )
    return read


def _named(items: Iterable[Item]) -> set[int]:
    return {
        int(value)
        for item in items
        for name, value in item.fields.items()
        if name.endswith("LookupId") and str(value).isdigit()
    }


def _pull_store(
    workspace: Workspace, mirror: Mirror, store: str, number: int, read: _Read, stores: set[str]
) -> None:
    """Keep the site's time zone, and who stands behind its lookup ids, which differ from site to site.

    Args:
        read: of a list of the store.
        stores: those that this pull has asked for both already; this one is added.
    """
    anew = read.whole and store not in stores
    if anew:
        fields = {"TimeZone": workspace.time_zone(store).key}
        mirror.absorb(SITE + store, [Item(SITE + store, 1, _mark(fields), fields)], number)
        stores.add(store)
    if anew or (read.people and not read.people <= set(mirror.present_ids(PEOPLE + store))):
        people = [
            Item(PEOPLE + store, person.id, _mark(fields), fields)
            for person in workspace.people(store, anew=True).values()
            for fields in [{"EMail": person.email.lower(), "Title": person.name}]
        ]
        mirror.absorb(PEOPLE + store, people, number)


def _mark(fields: dict[str, Any] | list[str]) -> str:
    return hashlib.sha256(orjson.dumps(fields)).hexdigest()[:32]


def _tombstone(key: str, id_: int) -> Item:
    return Item(key, id_, "", {}, deleted=True)
