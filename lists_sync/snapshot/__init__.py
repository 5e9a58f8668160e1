"""From items as the wire gives them to typed frames at one moment."""

from lists_sync.snapshot.build import FrameCache, build

__all__ = ["FrameCache", "build"]
