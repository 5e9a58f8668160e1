"""What the files say: lists, jobs, provider and settings, checked as a whole before anything is done.

Every fault of every file is told at once, with file and line, in words for the file's author.
"""

from lists_sync.definitions.jobs import EscalateRule, Job, Limits, MessageRule, Schedule, load_jobs
from lists_sync.definitions.locate import Located, load_yaml
from lists_sync.definitions.mapping import ListMapping
from lists_sync.definitions.provider import Provider, load_provider
from lists_sync.definitions.schemas import load_schemas, load_words
from lists_sync.definitions.settings import Settings, load_settings

__all__ = [
    "EscalateRule",
    "Job",
    "Limits",
    "ListMapping",
    "Located",
    "MessageRule",
    "Provider",
    "Schedule",
    "Settings",
    "load_jobs",
    "load_provider",
    "load_schemas",
    "load_settings",
    "load_words",
    "load_yaml",
]
