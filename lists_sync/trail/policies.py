"""The files by which runs judged, each state of them kept once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from lists_sync.definitions.policy import Policy
from lists_sync.mirror.tables import policy

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Policies:
    """The policies of this local state, by digest."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def keep(self, one: Policy) -> str:
        """Commit a policy unless it is kept already; gives its digest."""
        if self.find(one.digest) is None:
            with self.engine.begin() as connection:
                connection.execute(insert(policy).values(digest=one.digest, content=one.pack()))
        return one.digest

    def find(self, digest: str) -> Policy | None:
        """Give the policy of that digest; None where it is not kept, or is no longer what it was."""
        with self.engine.connect() as connection:
            content = connection.scalar(select(policy.c.content).where(policy.c.digest == digest))
        if content is None:
            return None
        try:
            found = Policy.unpack(content)
        except ValueError:
            return None
        return found if found.digest == digest else None
