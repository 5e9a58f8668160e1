"""Lists of the workspace, each with its columns and views."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lists_sync.emulator import errors
from lists_sync.emulator.builtin import builtin_columns
from lists_sync.emulator.ids import guid
from lists_sync.emulator.records import Column, Site, View, WorkList
from lists_sync.emulator.state_columns import ColumnState

if TYPE_CHECKING:
    from collections.abc import Iterable


class ListState(ColumnState):
    """Lists and libraries of the sites."""

    def add_site(self, path: str, title: str, *, time_zone: str = "Europe/London") -> Site:
        """Make a site with its user information list."""
        with self.bulk():
            now = self.clock.iso()
            site = Site(guid("site", path), guid("web", path), path, title, time_zone, now)
            self._sites[site.id] = site
            self.store.put("site", site.id, site)
            self._add_list(site, "User Information List", template="userInformation", url_name="users")
            return site

    def lists(self, site_id: str, *, system: bool = False) -> list[WorkList]:
        """Give the lists of a site; the hidden ones of the system only on request."""
        return [
            found
            for found in self._lists.values()
            if found.site_id == site_id and (system or not found.system)
        ]

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
