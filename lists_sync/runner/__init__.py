"""One run of one job, or all of a day's: the stations in order, and nothing else."""

from lists_sync.runner.day import run_day, slots_of_day
from lists_sync.runner.report import Report
from lists_sync.runner.run import run_job

__all__ = ["Report", "run_day", "run_job", "slots_of_day"]
