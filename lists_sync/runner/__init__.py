"""One run of one job: the stations in order, and nothing else."""

from lists_sync.runner.report import Report
from lists_sync.runner.run import run_job

__all__ = ["Report", "run_job"]
