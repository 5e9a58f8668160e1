"""Sites, lists, columns and views of the workspace."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lists_sync.emulator import errors
from lists_sync.emulator.builtin import builtin_columns
from lists_sync.emulator.ids import guid
from lists_sync.emulator.records import Column, Site, View, WorkList
from lists_sync.emulator.state_base import StateBase
from lists_sync.emulator.values import INDEXABLE, unique_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

INDEX_LIMIT = 20
_INDEX_ROWS = 20_000


class ListState(StateBase):
    """Sites, and the definitions of their lists."""

    # sites

    def sites(self) -> list[Site]:
        """Give all sites, in the order they were made."""
        return list(self._sites.values())

    def site(self, site_id: str) -> Site:
        """Give the site of that id (its guid).

        Raises:
            EmulatedError: there is none (404).
        """
        if site_id not in self._sites:
            raise errors.not_found("Requested site could not be found")
        return self._sites[site_id]

    def site_by_path(self, path: str) -> Site:
        """Give the site at a server-relative path, whatever its letters' case.

        Raises:
            EmulatedError: there is none (404).
        """
        wanted = "/" + path.strip("/").casefold()
        for site in self._sites.values():
            if site.path.casefold() == wanted:
                return site
        raise errors.not_found("Requested site could not be found")

    def add_site(self, path: str, title: str, *, time_zone: str = "Europe/London") -> Site:
        """Make a site with its user information list."""
        with self.bulk():
            now = self.clock.iso()
            site = Site(guid("site", path), guid("web", path), path, title, time_zone, now)
            self._sites[site.id] = site
            self.store.put("site", site.id, site)
            self._add_list(site, "User Information List", template="userInformation", url_name="users")
            return site

    def set_time_zone(self, time_zone: str, site_id: str = "") -> None:
        """Set the time zone of one site, or of all."""
        with self.bulk():
            for site in self._sites.values():
                if site_id in ("", site.id):
                    site.time_zone = time_zone
                    self.store.put("site", site.id, site)

    def site_url(self, site: Site) -> str:
        """Give the address of a site, no trailing slash."""
        return self.base_url + site.path

    def graph_site_id(self, site: Site) -> str:
        """Give the three-part id that Graph uses."""
        return f"{self.hostname},{site.id},{site.web_id}"

    # lists

    def lists(self, site_id: str, *, system: bool = False) -> list[WorkList]:
        """Give the lists of a site; the hidden ones of the system only on request."""
        return [
            found
            for found in self._lists.values()
            if found.site_id == site_id and (system or not found.system)
        ]

    def get_list(self, list_id: str) -> WorkList:
        """Give the list of that guid.

        Raises:
            EmulatedError: there is none (404).
        """
        found = self._lists.get(list_id.strip("{}").lower())
        if found is None:
            raise errors.no_list(list_id, self.base_url)
        return found

    def find_list(self, site_id: str, reference: str) -> WorkList:
        """Give a site's list by guid, title or address name, whatever the letters' case.

        Raises:
            EmulatedError: there is none (404).
        """
        wanted = reference.strip("{}").casefold()
        for found in self.lists(site_id, system=True):
            if wanted in (found.id, found.title.casefold(), found.url_name.casefold()):
                return found
        raise errors.no_list(reference, self.site_url(self.site(site_id)))

    def list_url(self, found: WorkList) -> str:
        """Give the address of a list."""
        return self.base_url + self.list_path(found)

    def list_path(self, found: WorkList) -> str:
        """Give the server-relative path of a list's root folder."""
        middle = "/" if found.is_library else ("/_catalogs/" if found.system else "/Lists/")
        return self.site(found.site_id).path + middle + found.url_name

    def create_list(
        self,
        site_id: str,
        title: str,
        *,
        template: str = "genericList",
        description: str = "",
        key: str = "",
        columns: Iterable[Column] = (),
    ) -> WorkList:
        """Make a list, its columns at once, and a view of all items.

        Raises:
            EmulatedError: the site has a list of that title already (409).
        """
        with self.bulk():
            site = self.site(site_id)
            taken = {found.title.casefold() for found in self.lists(site_id, system=True)}
            if title.casefold() in taken:
                raise errors.list_exists()
            found = self._add_list(site, title, template=template, description=description, key=key)
            for column in columns:
                self.add_column(found.id, column)
            return found

    def _add_list(
        self,
        site: Site,
        title: str,
        *,
        template: str,
        url_name: str = "",
        description: str = "",
        key: str = "",
    ) -> WorkList:
        now, system = self.clock.iso(), template == "userInformation"
        list_id = guid("list", site.path, title, self._count_of(title))
        found = WorkList(
            id=list_id,
            site_id=site.id,
            title=title,
            url_name=url_name or self._url_name(site, title),
            created_at=now,
            modified_at=now,
            template=template,
            description=description,
            key=key,
            hidden=system,
            system=system,
            columns=builtin_columns(list_id, template),
        )
        shown = ["DocIcon", "LinkFilename", "Modified", "Editor"] if found.is_library else ["LinkTitle"]
        name = "All Documents" if found.is_library else "All Items"
        found.views.append(View(guid(list_id, "view", name), name, shown, default=True))
        self._lists[list_id] = found
        self._keep_list(found)
        return found

    def _count_of(self, title: str) -> int:
        made = int(self.store.things("count").get(title, 0))
        self.store.put("count", title, made + 1)
        return made

    def _url_name(self, site: Site, title: str) -> str:
        plain = re.sub(r"[^\w .\-]", "", title).strip() or "List"
        taken = {found.url_name for found in self.lists(site.id, system=True)}
        name, number = plain, 0
        while name in taken:
            number += 1
            name = f"{plain}{number}"
        return name

    def update_list(self, list_id: str, **changes: Any) -> WorkList:
        """Set title, description or hidden of a list."""
        with self.bulk():
            found = self.get_list(list_id)
            for name, value in changes.items():
                setattr(found, name, value)
            self._touch(found)
            return found

    def delete_list(self, list_id: str) -> None:
        """Remove a list with all it holds."""
        with self.bulk():
            found = self.get_list(list_id)
            del self._lists[found.id]
            self.store.drop("list", found.id)
            self.store.drop_items(found.id)

    def _touch(self, found: WorkList) -> None:
        found.counter += 1
        found.modified_at = self.clock.iso()
        self._keep_list(found)

    @contextmanager
    def schema_write(self, list_id: str) -> Iterator[None]:
        """Keep other schema writes out of a list while one runs.

        Raises:
            EmulatedError: another one runs (409 save conflict).
        """
        with self.lock:
            if list_id in self._busy:
                raise errors.save_conflict()
            self._busy.add(list_id)
        try:
            yield
        finally:
            self._busy.discard(list_id)

    # columns

    def column(self, list_id: str, reference: str) -> Column:
        """Give a column by internal name or guid.

        Raises:
            EmulatedError: the list has none such (404).
        """
        found = self.get_list(list_id)
        if reference in found.columns:
            return found.columns[reference]
        for column in found.columns.values():
            if reference.strip("{}").lower() == column.id:
                return column
        raise errors.not_found()

    def add_column(self, list_id: str, column: Column) -> Column:
        """Add a column; its `id` is given here where it is empty, its display name is its name.

        Raises:
            EmulatedError: the name is taken (409), or the kind cannot be indexed (400).
        """
        with self.bulk():
            found = self.get_list(list_id)
            if column.name in found.columns:
                raise errors.EmulatedError(409, "nameAlreadyExists", "The specified name already exists")
            made = replace(
                column,
                id=column.id or guid(found.id, "column", column.name),
                display_name=column.display_name or column.name,
                indexed=column.indexed or column.unique,
            )
            self._check_index(found, made)
            found.columns[made.name] = made
            default_view = found.views[0]
            if not made.hidden and not found.system:
                default_view.fields.append(made.name)
            self._touch(found)
            return made

    def update_column(self, list_id: str, reference: str, **changes: Any) -> Column:
        """Set members of a column: display_name, required, indexed, unique, choices, formatter and so on.

        Raises:
            EmulatedError: it cannot be indexed, or holds duplicates that unique forbids (400).
        """
        with self.bulk():
            found, column = self.get_list(list_id), self.column(list_id, reference)
            made = replace(column, **changes)
            made.indexed = made.indexed or made.unique
            self._check_index(found, made)
            if made.unique and not column.unique:
                self._check_duplicates(found, made)
            found.columns[made.name] = made
            self._unique.pop((found.id, made.name), None)
            self._touch(found)
            return made

    def delete_column(self, list_id: str, reference: str) -> None:
        """Remove a column and its values."""
        with self.bulk():
            found, column = self.get_list(list_id), self.column(list_id, reference)
            del found.columns[column.name]
            for view in found.views:
                view.fields = [name for name in view.fields if name != column.name]
            for item in found.items.values():
                if item.fields.pop(column.name, None) is not None:
                    self._keep_item(found, item)
            self._touch(found)

    def _check_index(self, found: WorkList, column: Column) -> None:
        before = found.columns.get(column.name)
        if not column.indexed or (before is not None and before.indexed):
            return
        if column.kind not in INDEXABLE or column.many:
            raise errors.invalid(f"The field '{column.name}' cannot be indexed.")
        if sum(other.indexed and other.name != "ID" for other in found.columns.values()) >= INDEX_LIMIT:
            raise errors.invalid("You have reached the maximum number of indexed columns for this list.")
        if len(found.items) >= _INDEX_ROWS:
            raise errors.too_many_resources(int(self.switches["too_many_resources_status"]))

    def _check_duplicates(self, found: WorkList, column: Column) -> None:
        held = [item.fields[column.name] for item in found.items.values() if column.name in item.fields]
        if len({unique_key(value) for value in held}) < len(held):
            raise errors.duplicate([column.name])

    # views

    def view(self, list_id: str, reference: str) -> View:
        """Give a view by guid or title (the first of that title).

        Raises:
            EmulatedError: the list has none such (404).
        """
        wanted = reference.strip("{}").casefold()
        for view in self.get_list(list_id).views:
            if wanted in (view.id, view.title.casefold()):
                return view
        raise errors.not_found("The specified view is invalid.")

    def add_view(self, list_id: str, title: str, **members: Any) -> View:
        """Add a view; a second one of the same title is a second view, as in the real service."""
        with self.bulk():
            found = self.get_list(list_id)
            view = View(
                guid(found.id, "view", title, found.counter), title, members.pop("fields", []), **members
            )
            found.views.append(view)
            self._settle_default(found, view)
            return view

    def update_view(self, list_id: str, reference: str, **changes: Any) -> View:
        """Set members of a view."""
        with self.bulk():
            found, view = self.get_list(list_id), self.view(list_id, reference)
            for name, value in changes.items():
                setattr(view, name, value)
            self._settle_default(found, view)
            return view

    def _settle_default(self, found: WorkList, view: View) -> None:
        for other in found.views if view.default else ():
            other.default = other is view
        self._touch(found)

    def delete_view(self, list_id: str, reference: str) -> None:
        """Remove a view."""
        with self.bulk():
            found = self.get_list(list_id)
            found.views.remove(self.view(list_id, reference))
            self._touch(found)
