"""The local copy of the lists, kept as versions, beside what was sent and what was run."""
