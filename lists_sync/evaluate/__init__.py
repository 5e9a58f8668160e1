"""From a snapshot and a job to what should stand: measures, result values, escalations."""

from lists_sync.evaluate.judge import Circumstances, evaluate

__all__ = ["Circumstances", "evaluate"]
