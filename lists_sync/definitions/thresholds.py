"""A provider's own numbers in place of those of a job's file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lists_sync.definitions.job_checks import hold_until_fault, setting_fault
from lists_sync.definitions.jobs import Job, digest_of
from lists_sync.definitions.shape import unknown

_COMPARATORS = ("above", "reaches", "below")


def numbers_of(job: Job) -> dict[str, Any]:
    """Give what a provider may replace in a job, by dotted key: `settings.due_soon_hours`."""
    numbers: dict[str, Any] = {f"settings.{name}": value for name, value in job.settings.items()}
    for name, rule in job.escalate.items():
        for comparator in _COMPARATORS:
            if (value := getattr(rule, comparator)) is not None:
                numbers[f"escalate.{name}.{comparator}"] = value
    return numbers


def threshold_faults(
    thresholds: Mapping[str, Mapping[str, Any]], jobs: Mapping[str, Job]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Tell jobs and keys that do not exist, and values of another kind."""
    for name, given in thresholds.items():
        if name not in jobs:
            yield ("thresholds", name), f"`thresholds` names {name}, which is no job.{unknown(name, jobs)}"
            continue
        known = numbers_of(jobs[name])
        for key, value in given.items():
            place = ("thresholds", name, key)
            if key not in known:
                yield place, f"{name} has no `{key}` to replace.{unknown(key, known)}"
            elif fault := setting_fault(value, known[key]) or (
                hold_until_fault(value) if key == "settings.hold_until" else ""
            ):
                yield place, f"`{key}` {fault}"


def overridden(job: Job, given: Mapping[str, Any]) -> Job:
    """Give the job with these numbers; without any, the job itself."""
    if not given:
        return job
    settings, rules = dict(job.settings), dict(job.escalate)
    for key, value in given.items():
        group, _, rest = key.partition(".")
        if group == "settings":
            settings[rest] = value
        else:
            name, _, comparator = rest.rpartition(".")
            change: dict[str, Any] = {comparator: value}
            rules[name] = replace(rules[name], **change)
    digest = digest_of([job.digest, dict(given)])
    return replace(job, settings=settings, escalate=rules, digest=digest)
