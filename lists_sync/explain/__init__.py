"""Why a line stands as it does: each flag by its rule, its values, its thresholds and its run.

Everything is read from the local state alone, so a copy of it is enough.
"""

from lists_sync.explain.line import explain_lines
from lists_sync.explain.told import Explained, FlagTold, LineTold

__all__ = ["Explained", "FlagTold", "LineTold", "explain_lines"]
