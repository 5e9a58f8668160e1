"""The gate before writing: a plan goes only if it is within its job's limits; missing and zero mean stop."""

from __future__ import annotations

from typing import Protocol

from lists_sync.errors import LimitError


class Limits(Protocol):
    """What a job's YAML allows one run."""

    @property
    def changed_items(self) -> int | None:
        """Items of people's lists that one run may change."""

    @property
    def messages(self) -> int | None:
        """Escalations and messages that one run may make."""


def check_limits(job: str, limits: Limits, *, changed_items: int, messages: int) -> None:
    """Return only if the plan may go.

    Raises:
        LimitError: a limit is missing, zero, or smaller than what the plan holds; nothing was written.
    """
    _check(job, "changed_items", limits.changed_items, changed_items, "items to change")
    _check(job, "messages", limits.messages, messages, "messages to make")


def _check(job: str, name: str, limit: int | None, planned: int, what: str) -> None:
    if planned == 0:
        return
    if not limit or limit < 0:
        raise LimitError(
            f"{job} has {planned} {what}, and its limits name no {name}; nothing was written.",
            where=f"jobs/{job}.yaml",
            hint=f"Look at `lists-sync run {job} --dry-run`, then set limits.{name}.",
        )
    if planned > limit:
        raise LimitError(
            f"{job} has {planned} {what}; its limit is {limit}; nothing was written.",
            where=f"jobs/{job}.yaml",
            hint=f"Look at `lists-sync run {job} --dry-run`; if that is right, raise limits.{name}.",
        )
