"""What the jobs of a folder become."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from lists_sync.definitions import EscalateRule, Job, Limits, Schedule, load_jobs, load_schemas
from lists_sync.errors import FileError
from lists_sync.model import ListSchema, Severity
from lists_sync.shipped import shipped


@pytest.fixture(scope="module")
def schemas() -> dict[str, ListSchema]:
    return load_schemas(shipped("list_schemas"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    directory = tmp_path / "jobs"
    directory.mkdir()
    path = directory / "deadline-integrity.yaml"
    path.write_bytes((shipped("jobs") / "deadline-integrity.yaml").read_bytes())
    return path


def load(path: Path, schemas: dict[str, ListSchema]) -> Job:
    return load_jobs(path.parent, schemas)[path.stem]


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_job_mirrors_its_file(own: Path, schemas: dict[str, ListSchema]) -> None:
    """Schedule, rule and limits arrive typed."""
    job = load(own, schemas)
    assert job.schedule == Schedule("working", (time(9, 45),), (time(9, 45),), (time(10, 30),))
    assert job.escalate["defects"] == EscalateRule(
        severity=Severity.WARNING,
        to="Operations Manager",
        act_by={"minutes": 90},
        key="deadline-integrity/defects/{slot}",
        template="deadline-integrity-defects",
        measure="IntegrityDefects",
        above=5,
    )
    assert job.writes == {"actions": ("IntegrityDefects",)}
    assert job.limits == Limits(20000, 200)


def test_a_key_of_the_job_has_its_line(own: Path, schemas: dict[str, ListSchema]) -> None:
    """`explain` can point at the threshold that decided."""
    line = load(own, schemas).file_lines["escalate.defects.above"]
    assert own.read_text(encoding="utf-8").splitlines()[line - 1].strip() == "above: 5"


def test_the_fingerprint_stays_where_only_remarks_change(own: Path, schemas: dict[str, ListSchema]) -> None:
    """A remark or another layout is no other policy."""
    before = load(own, schemas).digest
    change(own, "above: 5", "above: 5.0   # as agreed")
    assert load(own, schemas).digest == before


def test_the_fingerprint_moves_with_every_number(own: Path, schemas: dict[str, ListSchema]) -> None:
    """Another threshold is another policy."""
    before = load(own, schemas).digest
    change(own, "above: 5", "above: 6")
    assert load(own, schemas).digest != before


def test_missing_limits_are_not_given(own: Path, schemas: dict[str, ListSchema]) -> None:
    """A job without limits loads; the gate before writing then stops it."""
    change(own, "limits: {changed_items: 20000, messages: 200}", "")
    assert load(own, schemas).limits == Limits(None, None)


def test_a_setting_that_the_program_does_not_know_is_refused(
    own: Path, schemas: dict[str, ListSchema]
) -> None:
    """A misspelt setting would else be ignored in silence."""
    change(own, "directory_check: false", "directory_check: false\n  directry: true")
    with pytest.raises(FileError, match=r"`settings\.directry` is not known here"):
        load(own, schemas)


def test_a_missing_setting_is_refused(own: Path, schemas: dict[str, ListSchema]) -> None:
    """What the control needs must stand in the file."""
    change(own, "settings:\n", "settings: {}\n")
    change(own, "  directory_check: false\n", "")
    with pytest.raises(FileError, match=r"`settings\.directory_check` is missing"):
        load(own, schemas)


def test_a_setting_of_another_kind_is_refused(own: Path, schemas: dict[str, ListSchema]) -> None:
    """`yes` is text in YAML 1.2, and a switch is true or false."""
    change(own, "directory_check: false", "directory_check: 3")
    with pytest.raises(FileError, match=r"`settings\.directory_check` must be true or false"):
        load(own, schemas)


def test_two_jobs_cannot_share_record_and_key(own: Path, schemas: dict[str, ListSchema]) -> None:
    """Both are told, at the later file."""
    twin = own.with_name("second.yaml")
    twin.write_text(own.read_text(encoding="utf-8").replace("name: deadline-integrity", "name: second"))
    with pytest.raises(FileError) as refused:
        load_jobs(own.parent, schemas)
    told = [problem.what for problem in refused.value.problems]
    assert told == [
        "`record` is also that of deadline-integrity.yaml.",
        "`key` is also used by deadline-integrity.yaml, rule defects.",
    ]


@pytest.mark.parametrize(
    "act_by",
    ["{minutes: 90}", "{hours: 1.5}", "{working_hours: 4}", "close of day", "next day 09:00", "moment"],
)
def test_every_way_to_say_by_when_is_taken(own: Path, schemas: dict[str, ListSchema], act_by: str) -> None:
    """The six ways of the escalation table are all understood."""
    change(own, "act_by: {minutes: 90}", f"act_by: {act_by}")
    assert load(own, schemas).escalate["defects"].act_by


def test_the_limit_of_a_rule_is_its_one_number(own: Path, schemas: dict[str, ListSchema]) -> None:
    """Whichever comparator is given, messages can name the number."""
    change(own, "above: 5", "reaches: 4")
    assert load(own, schemas).escalate["defects"].limit == 4
