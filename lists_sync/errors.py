"""Every error of lists_sync, in one tree whose families say who must act.

    ListsSyncError
    |- DefinitionError     the author of a file        SettingsError, FileError, TableError
    |- AdministratorError  the provider's administrator SignInError, ForbiddenError, MissingError,
    |                                                   DriftError
    |- ServiceError        Microsoft, or the network   ThrottledError, UnavailableError, ProtocolError
    |- NextRunError        the next run                ConflictError, ResyncError, BusyError, StoppedError
    |- RefusedError        a person must decide        LimitError, PartialDataError
    `- StateError          whoever keeps the machine   StateVersionError, StateDamagedError, StateFullError

An item's own failure is an answer in the result and never an exception: only sign-in, a broken
store, a limit or a bad file stops a run. Every error carries one plain sentence, where it arose, and
the next step. No secret, free text, file name of a provider or personal detail may enter either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of a file, told with its place.

    Args:
        where: `file:line`, or list and item.
        what: one plain sentence.
    """

    where: str
    what: str

    def __str__(self) -> str:
        """Tell the place and the fault in one line."""
        return f"{self.where}: {self.what}"


class ListsSyncError(Exception):
    """The work could not be done.

    Args:
        message: what happened, in one sentence.
        where: `file:line`, list and item, or address without its query.
        hint: what to do next.
    """

    exit_code = 1

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """Tell place, fault and way on in one line."""
        place = f"{self.where}: " if self.where else ""
        way_on = f" {self.hint}" if self.hint else ""
        return f"{place}{self.message}{way_on}"


class DefinitionError(ListsSyncError):
    """A file or setting is not usable; its author mends it."""

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        hint: str = "",
        problems: Sequence[Problem] = (),
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        """Tell every problem on a line of its own, after the sentence."""
        head = super().__str__()
        if not self.problems:
            return head
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


class SettingsError(DefinitionError):
    """A setting is missing or unusable."""


class FileError(DefinitionError):
    """A definition file is missing, unreadable or wrong."""


class TableError(DefinitionError):
    """A tracker to assess is missing, unreadable or lacks what is needed."""


class AdministratorError(ListsSyncError):
    """The provider's administrator must act."""


class SignInError(AdministratorError):
    """Microsoft refused the sign-in, or the token for this service."""


class ForbiddenError(AdministratorError):
    """The app is signed in but has no right to this."""


class MissingError(AdministratorError):
    """A site, list, column or person that the configuration names is not there."""


class DriftError(AdministratorError):
    """A list's columns are not what the schema says."""


class ServiceError(ListsSyncError):
    """Microsoft's service or the network did not answer as it should."""

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        hint: str = "",
        status: int = 0,
        code: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s


class ThrottledError(ServiceError):
    """Microsoft asked for patience longer than the run may wait."""


class UnavailableError(ServiceError):
    """The service could not be reached, or failed for a while."""


class ProtocolError(ServiceError):
    """An answer was not of the documented shape, or refused what we sent."""


class NextRunError(ListsSyncError):
    """Nothing is broken: the next run settles it."""


class ConflictError(NextRunError):
    """Somebody changed the item between reading and writing."""


class ResyncError(NextRunError):
    """The delta link has expired; the list must be read from the start.

    Args:
        location: the fresh delta address that the service gave, "" where it gave none.
    """

    def __init__(self, message: str, *, location: str = "", where: str = "", hint: str = "") -> None:
        super().__init__(message, where=where, hint=hint)
        self.location = location


class BusyError(NextRunError):
    """Another process holds the local state."""


class StoppedError(NextRunError):
    """The program was told to end; what was in hand was finished and noted."""


class RefusedError(ListsSyncError):
    """The bot will not go on before a person decides."""


class LimitError(RefusedError):
    """A plan is larger than its job allows, or the job allows nothing."""


class PartialDataError(RefusedError):
    """What was read is not whole, so nothing may be concluded from it."""


class StateError(ListsSyncError):
    """The local state cannot be used."""


class StateVersionError(StateError):
    """The local state was written by a newer version."""


class StateDamagedError(StateError):
    """The local state is damaged."""


class StateFullError(StateError):
    """The disk that holds the local state is full."""
