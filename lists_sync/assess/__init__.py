"""Judges a provider's own tracker, as Lists and Excel export it, without a tenant.

A file becomes a table, the table gets a proposed mapping, the mapped rows become the snapshot that the
controls judge everywhere else. What the file cannot answer stays blank and is said, never 0.
"""
