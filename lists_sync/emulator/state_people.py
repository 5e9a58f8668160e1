"""The directory, and each site's own list of the people it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lists_sync.emulator import errors
from lists_sync.emulator.ids import guid
from lists_sync.emulator.records import Actor, Item, User, WorkList
from lists_sync.emulator.state_lists import ListState

if TYPE_CHECKING:
    from collections.abc import Mapping

CLAIM = "i:0#.f|membership|"
SYSTEM_LOGIN = "SHAREPOINT\\system"


class PeopleState(ListState):
    """Accounts of the directory, and lookup ids site by site."""

    def users(self) -> list[User]:
        """Give all accounts of the directory."""
        return list(self._users.values())

    def add_user(self, email: str, name: str = "", *, enabled: bool = True, upn: str = "") -> User:
        """Add an account, or change the one with that e-mail address."""
        with self.bulk():
            shown = name or email.partition("@")[0]
            user = User(guid("user", email.lower()), upn or email, email, shown, enabled)
            self._users[user.id] = user
            self.store.put("user", user.id, user)
            return user

    def remove_user(self, reference: str) -> None:
        """Delete an account; what sites know of the person stays."""
        with self.bulk():
            user = self.user(reference)
            del self._users[user.id]
            self.store.drop("user", user.id)

    def user(self, reference: str) -> User:
        """Give the account with that id, UPN, e-mail or claims login, whatever the letters' case.

        Raises:
            EmulatedError: there is none (404).
        """
        wanted = reference.removeprefix(CLAIM).casefold()
        for user in self._users.values():
            if wanted in (user.id, user.upn.casefold(), user.email.casefold()):
                return user
        raise errors.EmulatedError(
            404,
            "Request_ResourceNotFound",
            f"Resource '{reference}' does not exist or one of its queried reference-property objects are not "
            "present.",
            sp_code="-2146232832, Microsoft.SharePoint.SPException",
            sp_status=400,
            sp_message=f"The specified user {reference} could not be found.",
        )

    def user_list(self, site_id: str) -> WorkList:
        """Give the site's User Information List; its item ids are the site's lookup ids."""
        for found in self._lists.values():
            if found.site_id == site_id and found.template == "userInformation":
                return found
        raise errors.not_found()

    def site_users(self, site_id: str) -> list[Item]:
        """Give everybody the site knows; fields Title, Name (login), EMail, UserName."""
        return list(self.user_list(site_id).items.values())

    def site_user(self, site_id: str, lookup_id: int) -> Item:
        """Give the person with that lookup id on the site.

        Raises:
            EmulatedError: the site knows none (404; SharePoint says 500).
        """
        item = self.user_list(site_id).items.get(lookup_id)
        if item is None:
            raise errors.EmulatedError(
                404,
                "itemNotFound",
                "User cannot be found.",
                sp_code="-2146232832, Microsoft.SharePoint.SPException",
                sp_status=500,
            )
        return item

    def ensure_user(self, site_id: str, reference: str) -> Item:
        """Make the site know an account of the directory.

        Returns:
            The person's item in the User Information List; its id is the lookup id.

        Raises:
            EmulatedError: the directory has no such account.
        """
        user = self.user(reference)
        return self._known(
            site_id,
            {"Name": CLAIM + user.upn.lower(), "Title": user.name, "EMail": user.email, "UserName": user.upn},
        )

    def lookup_email(self, site_id: str, lookup_id: int) -> str:
        """Give the e-mail of a lookup id, "" where the site knows none."""
        item = self.user_list(site_id).items.get(lookup_id)
        return str(item.fields.get("EMail", "")) if item else ""

    def actor_id(self, site_id: str, actor: Actor) -> int:
        """Give the lookup id of whoever makes a change; the site knows them afterwards."""
        if actor.email:
            return self.ensure_user(site_id, actor.email).id
        if actor.app_id:
            name = self.switches["apps"].get(actor.app_id, {}).get("name", f"App {actor.app_id}")
            return self._known(
                site_id, {"Name": f"i:0i.t|ms.sp.ext|{actor.app_id}@{self.tenant_id}", "Title": name}
            ).id
        return self._known(site_id, {"Name": SYSTEM_LOGIN, "Title": "System Account"}).id

    def _known(self, site_id: str, fields: Mapping[str, str]) -> Item:
        with self.bulk():
            found = self.user_list(site_id)
            login = fields["Name"]
            known = self._logins.setdefault(site_id, {})
            if login not in known:
                known.update({str(item.fields["Name"]): item.id for item in found.items.values()})
            if login in known:
                return found.items[known[login]]
            return self._add_known(found, known, dict(fields))

    def _add_known(self, found: WorkList, known: dict[str, int], fields: dict[str, str]) -> Item:
        first = 1_073_741_823 if fields["Name"] == SYSTEM_LOGIN else 0
        item_id = first or max(found.next_id, 7 + 4 * list(self._sites).index(found.site_id))
        now = self.clock.iso()
        item = Item(item_id, guid(found.id, fields["Name"]), dict(fields), now, now, item_id, item_id)
        found.items[item_id] = item
        known[fields["Name"]] = item_id
        if not first:
            found.next_id = item_id + 1
            self.store.put("next", found.id, found.next_id)
        self._keep_item(found, item)
        return item

    def _empty(self) -> None:
        super()._empty()
        self._logins: dict[str, dict[str, int]] = {}
