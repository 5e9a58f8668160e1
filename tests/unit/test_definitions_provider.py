"""What the provider's file becomes: the built-in one, and a provider's own."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from lists_sync.definitions import Job, ListMapping, load_jobs, load_provider, load_schemas
from lists_sync.errors import FileError
from lists_sync.model import ListSchema
from lists_sync.shipped import shipped


@pytest.fixture(scope="module")
def schemas() -> dict[str, ListSchema]:
    return load_schemas(shipped("list_schemas"))


@pytest.fixture(scope="module")
def jobs(schemas: dict[str, ListSchema]) -> dict[str, Job]:
    return load_jobs(shipped("jobs"), schemas)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "provider.yaml"
    path.write_bytes((shipped("templates") / "provider.yaml").read_bytes())
    return path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_built_in_provider_is_complete(schemas: dict[str, ListSchema], jobs: dict[str, Job]) -> None:
    """Every store has a site and every role somebody in it."""
    provider = load_provider(None, schemas, jobs)
    assert set(provider.stores) == {schema.store for schema in schemas.values()}
    assert provider.stores["evidence"] == "/sites/evidence"
    assert all(provider.roles.values())
    assert len(provider.roles) == 13
    assert provider.roles["Registered Manager"] == ("amara.nwosu@rosewood.example",)


def test_a_copy_of_the_built_in_provider_is_a_provider(own: Path, schemas: dict[str, ListSchema]) -> None:
    """What `init` writes can be used as it stands."""
    assert load_provider(own, schemas) == load_provider(None, schemas)


def test_the_calendar_holds_the_providers_own_days(own: Path, schemas: dict[str, ListSchema]) -> None:
    """Closure days, extra days and hours arrive in the working calendar."""
    change(own, "closure_days: []", "closure_days: [2026-12-24]")
    change(own, "extra_working_days: []", "extra_working_days: [2026-12-19]")
    change(own, 'day_end: "18:00"', 'day_end: "17:30"')
    calendar = load_provider(own, schemas).calendar
    assert not calendar.is_working_day(date(2026, 12, 24))
    assert calendar.is_working_day(date(2026, 12, 19))
    assert calendar.day_end == time(17, 30)


def test_a_weekend_may_be_operational(own: Path, schemas: dict[str, ListSchema]) -> None:
    """Evidence is then validated on days that are not worked otherwise."""
    change(own, "operational_days: [Mon, Tue, Wed, Thu, Fri]", "operational_days: [Mon, Sat, Sun]")
    calendar = load_provider(own, schemas).calendar
    assert calendar.operational.is_working_day(date(2026, 11, 28))
    assert not calendar.is_working_day(date(2026, 11, 28))


def test_those_of_a_lines_service_come_first(own: Path, schemas: dict[str, ListSchema]) -> None:
    """Then those who answer for all services, then the others; all are told."""
    people = "[{email: A@x.example, service: Ash}, {email: b@x.example}, {email: c@x.example, service: Elm}]"
    change(own, "Unit Manager: [daniel.osei@rosewood.example]", f"Unit Manager: {people}")
    provider = load_provider(own, schemas)
    assert provider.people("Unit Manager", " elm ") == ("c@x.example", "b@x.example", "a@x.example")
    assert provider.people("Unit Manager") == ("b@x.example", "a@x.example", "c@x.example")


def test_a_role_that_nobody_holds_has_no_people(own: Path, schemas: dict[str, ListSchema]) -> None:
    """It may be empty or left out; escalations then pass to the next role."""
    change(own, "Clinical Lead: [sofia.marsh@rosewood.example]", "Clinical Lead: []")
    change(own, "  Performance Analyst: [ivan.petrov@rosewood.example]\n", "")
    provider = load_provider(own, schemas)
    assert provider.people("Clinical Lead") == provider.people("Performance Analyst") == ()


def test_a_list_of_the_providers_own_is_mapped(own: Path, schemas: dict[str, ListSchema]) -> None:
    """Title, columns and words arrive; what is not named keeps our name."""
    mapping = "{columns: {DueDate: Due}, choices: {Status: {Done: Closed, No: Cancelled}}}"
    change(own, "lists: {}", f"lists:\n  actions: {mapping}")
    actions = load_provider(own, schemas).lists["actions"]
    words = {"Status": {"Done": "Closed", "No": "Cancelled"}}
    assert actions == ListMapping("Enforcement actions", {"DueDate": "Due"}, words)
    assert (actions.theirs("DueDate"), actions.theirs("Owner")) == ("Due", "Owner")


def test_fill_in_columns_take_any_word(own: Path, schemas: dict[str, ListSchema]) -> None:
    """A theme that only the provider has is no fault."""
    change(own, "lists: {}", "lists: {actions: {choices: {RiskTheme: {Meds: Night care}}}}")
    assert load_provider(own, schemas).lists["actions"].choices["RiskTheme"] == {"Meds": "Night care"}


def test_own_numbers_take_the_place_of_the_jobs(
    own: Path, schemas: dict[str, ListSchema], jobs: dict[str, Job]
) -> None:
    """Rule and setting change, the job's fingerprint with them, and other jobs stay as they are."""
    numbers = "{settings.due_soon_hours: 72}"
    change(
        own,
        "thresholds: {}",
        f"thresholds: {{deadline-status: {numbers}, slippage-review: {{escalate.recovery.reaches: 2}}}}",
    )
    told = load_provider(own, schemas, jobs).apply_thresholds(jobs)
    assert told["deadline-status"].settings["due_soon_hours"] == 72
    assert told["slippage-review"].escalate["recovery"].reaches == 2
    assert told["slippage-review"].digest != jobs["slippage-review"].digest
    assert told["deadline-integrity"] == jobs["deadline-integrity"]


def test_the_company_name_defaults_to_the_providers(own: Path, schemas: dict[str, ListSchema]) -> None:
    """Blanks and signs are left out, since a User-Agent takes none."""
    change(own, "user_agent: RosewoodCare\n", "")
    change(own, "name: Rosewood Care", 'name: "Ash & Elm (North)"')
    assert load_provider(own, schemas).user_agent == "AshElmNorth"


def test_all_faults_of_the_file_are_told_at_once(own: Path, schemas: dict[str, ListSchema]) -> None:
    """Faults of place, calendar and people stand together, in order of lines."""
    change(own, "time_zone: Europe/London", "time_zone: Mars/Olympus")
    change(own, "review_days: [Mon, Wed, Fri]", "review_days: [Mo]")
    change(own, "[tom.ellery@rosewood.example]", "[tom]")
    with pytest.raises(FileError) as refused:
        load_provider(own, schemas)
    lines = [int(problem.where.rpartition(":")[2]) for problem in refused.value.problems]
    assert len(lines) == 3
    assert lines == sorted(lines)
