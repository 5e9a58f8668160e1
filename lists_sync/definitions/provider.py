"""The provider: its sites, calendar and people, and where its own lists and numbers differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from lists_sync.definitions.jobs import Job
from lists_sync.definitions.locate import Located, load_yaml
from lists_sync.definitions.mapping import ListMapping, MappingShape, list_mapping, mapping_faults
from lists_sync.definitions.roles import People, PersonShape, people_of, role_faults
from lists_sync.definitions.shape import Shape, read_shape, refuse, unknown
from lists_sync.definitions.thresholds import overridden, threshold_faults
from lists_sync.definitions.times import WEEKDAYS, Day, Time, weekdays_fault
from lists_sync.errors import Problem
from lists_sync.model import ListSchema
from lists_sync.shipped import shipped
from lists_sync.worktime import Calendar

_HOST = re.compile(r"[a-z0-9][a-z0-9-]*\.sharepoint\.(com|us|cn|de)")
_SITE = re.compile(r"/|/(sites|teams)/[^/\\?#%*:|\"<>\s]+")
_COMPANY = re.compile(r"[A-Za-z0-9]{1,40}")
_WEEK = WEEKDAYS[:5]
_DAY_KEYS = ("working_days", "operational_days", "review_days", "challenge_days")

Text = Annotated[str, Field(min_length=1)]


class CalendarShape(Shape):
    """The calendar as the file has it."""

    subdivision: Literal["ENG", "WLS", "SCT", "NIR"] = "ENG"
    working_days: list[str] = Field(default_factory=lambda: list(_WEEK))
    closure_days: list[Day] = Field(default_factory=list)
    extra_working_days: list[Day] = Field(default_factory=list)
    day_start: Time = time(8)
    day_end: Time = time(18)
    operational_days: list[str] = Field(default_factory=lambda: list(_WEEK))
    review_days: list[str] = Field(default_factory=lambda: ["Mon", "Wed", "Fri"])
    challenge_days: list[str] = Field(default_factory=lambda: ["Tue", "Thu"])
    shift_end: Time = time(20)


class ProviderShape(Shape):
    """The provider as the file has it."""

    name: Text
    hostname: Text
    time_zone: Text = "Europe/London"
    user_agent: str = ""
    stores: dict[str, Text]
    calendar: CalendarShape = CalendarShape()
    roles: dict[str, list[PersonShape]]
    lists: dict[str, MappingShape] = Field(default_factory=dict)
    thresholds: dict[str, dict[str, Any]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Provider:
    """The provider.

    Args:
        hostname: of its SharePoint.
        time_zone: IANA name.
        stores: by store: the path of its site.
        calendar: its working days and hours.
        challenge_days: weekdays of the deadline challenge.
        shift_end: local time at which live proof is compared once more.
        roles: by role: e-mails, lower case; a role that nobody holds is absent or empty.
        services: by role and e-mail: the services that this person holds the role for; none means all.
        lists: by list key: how the provider's own list differs.
        thresholds: by job and dotted key: numbers in place of the job's own.
        user_agent: company name in the User-Agent header.
    """

    name: str
    hostname: str
    time_zone: str
    stores: Mapping[str, str]
    calendar: Calendar
    challenge_days: tuple[str, ...]
    shift_end: time
    roles: Mapping[str, tuple[str, ...]]
    services: People = field(default_factory=dict)
    lists: Mapping[str, ListMapping] = field(default_factory=dict)
    thresholds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    user_agent: str = ""

    def people(self, role: str, service: str = "") -> tuple[str, ...]:
        """Give who holds a role: those of that service first, then those of all services, then the others."""
        return people_of(self.roles.get(role, ()), self.services.get(role, {}), service)

    def apply_thresholds(self, jobs: Mapping[str, Job]) -> dict[str, Job]:
        """Give the jobs with this provider's own numbers and shift end; the digest tells them apart."""
        return {name: self._own(job) for name, job in jobs.items()}

    def _own(self, job: Job) -> Job:
        schedule = job.schedule.with_shift_end(self.shift_end)
        return overridden(replace(job, schedule=schedule), self.thresholds.get(job.name, {}))


def load_provider(
    path: Path | None,
    schemas: Mapping[str, ListSchema],
    jobs: Mapping[str, Job] | None = None,
) -> Provider:
    """Read the provider.

    Args:
        path: its file; None for the built-in sample provider.
        schemas: the lists that it may map, and whose stores it must place.
        jobs: the jobs whose numbers it may replace; None leaves `thresholds` unchecked.

    Raises:
        FileError: with every fault of the file at once.
    """
    located = load_yaml(path or shipped("templates") / "provider.yaml")
    shape, problems = read_shape(located, ProviderShape)
    provider = None
    if shape:
        problems += _faults(shape, located, schemas, jobs)
        provider = _provider(shape, schemas) if not problems else None
    refuse(located.name, problems)
    if provider is None:
        raise AssertionError("unreachable: what has no problem has a shape")
    return provider


def _provider(shape: ProviderShape, schemas: Mapping[str, ListSchema]) -> Provider:
    services: dict[str, dict[str, tuple[str, ...]]] = {}
    for role, people in shape.roles.items():
        for person in people:
            held = services.setdefault(role, {})
            own = (person.service,) if person.service else ()
            held[person.email] = (*held.get(person.email, ()), *own)
    return Provider(
        name=shape.name,
        hostname=shape.hostname,
        time_zone=shape.time_zone,
        stores=dict(shape.stores),
        calendar=_calendar(shape),
        challenge_days=tuple(shape.calendar.challenge_days),
        shift_end=shape.calendar.shift_end,
        roles={role: tuple(services.get(role, {})) for role in shape.roles},
        services=services,
        lists={key: list_mapping(one, schemas[key]) for key, one in shape.lists.items()},
        thresholds={job: dict(numbers) for job, numbers in shape.thresholds.items()},
        user_agent=shape.user_agent or re.sub(r"[^A-Za-z0-9]", "", shape.name)[:40],
    )


def _calendar(shape: ProviderShape) -> Calendar:
    days = shape.calendar
    return Calendar(
        zone=ZoneInfo(shape.time_zone),
        working_weekdays=_numbers(days.working_days),
        subdivision=days.subdivision,
        closure_days=frozenset(days.closure_days),
        extra_days=frozenset(days.extra_working_days),
        day_start=days.day_start,
        day_end=days.day_end,
        operational_weekdays=_numbers(days.operational_days),
        review_weekdays=_numbers(days.review_days),
        shift_end=days.shift_end,
    )


def _numbers(names: Iterable[str]) -> frozenset[int]:
    return frozenset(WEEKDAYS.index(name) for name in names)


def _faults(
    shape: ProviderShape,
    located: Located,
    schemas: Mapping[str, ListSchema],
    jobs: Mapping[str, Job] | None,
) -> Iterator[Problem]:
    told = [*_place_faults(shape), *_store_faults(shape, schemas), *_calendar_faults(shape.calendar)]
    told += role_faults(shape.roles, schemas)
    told += mapping_faults(shape.lists, schemas)
    if jobs is not None:
        told += threshold_faults(shape.thresholds, jobs)
    for place, what in told:
        yield located.problem(place, what)


def _place_faults(shape: ProviderShape) -> Iterator[tuple[tuple[str, ...], str]]:
    if not _HOST.fullmatch(shape.hostname):
        yield ("hostname",), "`hostname` must be a SharePoint host name like contoso.sharepoint.com."
    if shape.user_agent and not _COMPANY.fullmatch(shape.user_agent):
        yield ("user_agent",), "`user_agent` must be letters and digits, at most 40."
    try:
        ZoneInfo(shape.time_zone)
    except (KeyError, ValueError, OSError):
        yield ("time_zone",), "`time_zone` names no known time zone; take a name like Europe/London."


def _store_faults(
    shape: ProviderShape, schemas: Mapping[str, ListSchema]
) -> Iterator[tuple[tuple[str, ...], str]]:
    needed = sorted({schema.store for schema in schemas.values()})
    for store in needed:
        if store not in shape.stores:
            yield ("stores",), f"`stores` must say which site holds `{store}`."
    for store, site in shape.stores.items():
        if store not in needed:
            yield ("stores", store), f"`stores` names {store}, which no list uses.{unknown(store, needed)}"
        if not _SITE.fullmatch(site):
            yield ("stores", store), f"`stores.{store}` must be the path of a site like /sites/governance."


def _calendar_faults(days: CalendarShape) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for key in _DAY_KEYS:
        if fault := weekdays_fault(getattr(days, key)):
            yield ("calendar", key), f"`calendar.{key}` {fault}"
    if days.day_start == days.day_end:
        yield ("calendar", "day_end"), "`calendar.day_end` must not be the same as day_start."
    for key in ("closure_days", "extra_working_days"):
        seen: set[date] = set()
        for number, day in enumerate(getattr(days, key)):
            if day in seen:
                yield ("calendar", key, number), f"`calendar.{key}` names {day} twice."
            seen.add(day)
    for number, day in enumerate(days.extra_working_days):
        if day in days.closure_days:
            place = ("calendar", "extra_working_days", number)
            yield place, f"{day} stands in closure_days and in extra_working_days; take one."
