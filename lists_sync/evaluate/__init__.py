"""From a snapshot and a job to what should stand: measures, result values, escalations."""

from lists_sync.evaluate.judge import evaluate

__all__ = ["evaluate"]
