"""The embedded Microsoft 365 workspace: one process on loopback that answers as the real services do.

It knows nothing of the engine; the two meet on the wire only.
"""
