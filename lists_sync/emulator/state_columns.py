"""Sites, and the columns and views of their lists."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lists_sync.emulator import errors
from lists_sync.emulator.ids import guid
from lists_sync.emulator.records import Column, Site, View, WorkList
from lists_sync.emulator.state_base import StateBase
from lists_sync.emulator.values import INDEXABLE, unique_key

if TYPE_CHECKING:
    from collections.abc import Iterator

INDEX_LIMIT = 20
_INDEX_ROWS = 20_000


class SiteState(StateBase):
    """The sites of the tenancy."""

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


class ColumnState(SiteState):
    """The definition of a list: its columns and its views."""

    def get_list(self, list_id: str) -> WorkList:
        """Give the list of that guid.

        Raises:
            EmulatedError: there is none (404).
        """
        found = self._lists.get(list_id.strip("{}").lower())
        if found is None:
            raise errors.no_list(list_id, self.base_url)
        return found

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
