"""What a job remembers: from its own records and the mirror's versions, never from a side file."""

from lists_sync.memory.history import first_seen
from lists_sync.memory.recall import Memory
from lists_sync.memory.records import remembered

__all__ = ["Memory", "first_seen", "remembered"]
