"""Every shipped definition file loads, and says what the specification of the lists says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lists_sync.definitions import load_jobs, load_provider, load_schemas, load_settings, load_words
from lists_sync.model import Kind, ListSchema
from lists_sync.shipped import shipped

ROOT = Path(__file__).parents[2]

SOURCES = {
    "actions": "Enforcement actions",
    "register": "Compliance master register",
    "deadline_changes": "Deadline changes",
    "managers": "Managers",
    "evidence": "Evidence",
    "burst_samples": "Burst samples",
    "retests": "Competence retests",
    "complaints": "Complaints",
    "closure_reviews": "Closure reviews",
    "escalations": "Escalations",
    "closure_holds": "Closure holds",
    "control_runs": "Control runs",
}
RECORDS = {
    "deadline_status": ("Deadline status", "governance"),
    "deadline_integrity": ("Deadline integrity log", "compliance register"),
    "workload_rebalance": ("Workload rebalance", "regional portal"),
    "slippage_classification": ("Slippage classification", "improvement library"),
    "board_deadline_summary": ("Board deadline summary", "executive vault"),
    "burst_sampler": ("Burst sampler", "evidence"),
    "evidence_validity": ("Evidence validity review", "clinical workspace"),
    "live_proof_comparison": ("Live-proof comparison", "unit folder"),
    "retest_matrix": ("Competence retest matrix", "workforce platform"),
    "burst_closure_log": ("Burst-cycle closure log", "regional portal"),
    "closure_gate_register": ("Closure-gate register", "compliance submissions"),
    "closure_comparison": ("Closure comparison", "quality analytics"),
    "closure_experience": ("Closure experience", "insight register"),
    "closure_decisions": ("Closure decisions", "decision log"),
    "executive_closure_control": ("Executive closure control", "executive vault"),
}
UNIQUE = {
    "actions": "ActionRef",
    "register": "ActionRef",
    "managers": "Email",
    "burst_samples": "SampleKey",
    "complaints": "ComplaintRef",
    "escalations": "EscalationKey",
    "closure_holds": "HoldKey",
    "control_runs": "RunKey",
}
INDEXED = {
    "actions": {"ActionRef", "NoticeRef", "Service", "RiskRating", "DueDate", "Status"},
    "deadline_changes": {"ActionRef"},
    "evidence": {"ActionRef"},
    "burst_samples": {"SampleKey", "BurstId", "ActionRef"},
    "retests": {"BurstId", "ActionRef"},
    "complaints": {"ComplaintRef", "RiskTheme", "ActionRef"},
    "closure_reviews": {"ActionRef"},
    "escalations": {"EscalationKey", "Control", "ActBy", "Status"},
    "control_runs": {"RunKey", "Control", "RanAt", "Result"},
}


@pytest.fixture(scope="module")
def schemas() -> dict[str, ListSchema]:
    return load_schemas(shipped("list_schemas"))


def test_there_are_twelve_lists_and_fifteen_records(schemas: dict[str, ListSchema]) -> None:
    """Twenty-seven lists, by key and display name; records stand in the store of their step."""
    plain = {key: schema.title for key, schema in schemas.items() if not schema.record}
    records = {key: (schema.title, schema.store) for key, schema in schemas.items() if schema.record}
    assert plain == SOURCES
    assert records == RECORDS


def test_unique_and_indexed_columns_are_as_specified(schemas: dict[str, ListSchema]) -> None:
    """What the bot looks rows up by is indexed, what names a row is unique."""
    for key, schema in schemas.items():
        if schema.record:
            continue
        assert [c.name for c in schema.columns if c.unique] == ([UNIQUE[key]] if key in UNIQUE else []), key
        expected = INDEXED.get(key, {UNIQUE[key]} if key in UNIQUE else set())
        assert {c.name for c in schema.columns if c.indexed} == expected, key


def test_records_begin_alike_and_belong_to_the_bot(schemas: dict[str, ListSchema]) -> None:
    """Key, slot, time, first run and faults come first; people write nothing there."""
    for schema in schemas.values():
        if schema.record:
            assert [c.name for c in schema.columns[:5]] == [
                "RecordKey",
                "Slot",
                "RanAt",
                "FirstRun",
                "DataFaults",
            ]
            assert all(c.bot for c in schema.columns)
            assert {c.name for c in schema.columns if c.indexed} >= {"RecordKey", "Slot"}


def test_required_columns_are_as_specified(schemas: dict[str, ListSchema]) -> None:
    """The columns that a provider's own list must map."""
    required = {k: [c.name for c in s.columns if c.required] for k, s in schemas.items()}
    assert {key: names for key, names in required.items() if names} == {
        "actions": ["Title", "ActionRef", "RiskRating", "Owner", "DueDate", "Status"],
        "register": ["ActionRef", "RegisteredDueDate"],
        "deadline_changes": ["ActionRef", "NewDueDate", "Decision", "ApprovedOn"],
        "managers": ["Manager", "Email", "Active", "WeeklyHours"],
        "evidence": ["ActionRef"],
        "retests": ["BurstId", "ActionRef", "StaffRef", "StagesTotal", "StagesCorrect", "RetestedAt"],
        "complaints": ["ComplaintRef", "RiskTheme", "ReceivedOn"],
        "closure_reviews": ["ActionRef"],
    }


def test_only_the_result_columns_belong_to_the_bot(schemas: dict[str, ListSchema]) -> None:
    """On the lists that people keep, the bot has no more than its own columns."""
    bot = {
        key: [c.name for c in schemas[key].bot_columns]
        for key in ("actions", "managers", "retests", "complaints")
    }
    assert bot == {
        "actions": [
            "DeadlineState",
            "HighRiskOverdue",
            "SlippageBand",
            "IntegrityDefects",
            "EvidenceState",
            "EarlyWarnings",
            "SuggestedOwner",
            "GateOutcome",
            "GateReasons",
        ],
        "managers": ["Pressure", "LoadState", "OpenLines", "OverdueLines"],
        "retests": ["CorrectPercent"],
        "complaints": [],
    }


def test_active_defaults_to_yes_and_nothing_else_does(schemas: dict[str, ListSchema]) -> None:
    """The browser's own default would be yes everywhere."""
    switches = {c.name: c.default for s in schemas.values() for c in s.columns if c.kind is Kind.YESNO}
    assert {name for name, default in switches.items() if default} == {"Active"}
    assert all(isinstance(default, bool) for default in switches.values())


def test_reference_data_has_the_words_it_must() -> None:
    """Thirty-four quality statements, nine warnings, seven reasons, nine checks, thirteen roles."""
    words = load_words(shipped("list_schemas"))
    counts = {name: len(told) for name, told in words.items()}
    assert counts["quality_statements"] == 34
    assert (counts["early_warnings"], counts["gate_reasons"], counts["evidence_checks"]) == (9, 7, 9)
    assert (counts["roles"], counts["recipients"]) == (13, 14)


def test_themes_are_the_same_in_actions_and_complaints(schemas: dict[str, ListSchema]) -> None:
    """Complaints are linked by theme, so both lists offer the same words, and take others."""
    ours, theirs = schemas["actions"].column("RiskTheme"), schemas["complaints"].column("RiskTheme")
    assert ours.choices == theirs.choices
    assert ours.fill_in
    assert theirs.fill_in


def test_shipped_jobs_and_provider_load(schemas: dict[str, ListSchema]) -> None:
    """Each job keeps every column of its record list, and has a control of its own."""
    jobs = load_jobs(shipped("jobs"), schemas)
    load_provider(None, schemas, jobs)
    assert len({job.control for job in jobs.values()}) == len(jobs)
    for job in jobs.values():
        if job.record:
            names = {column.name for column in schemas[job.record].columns[5:]}
            assert set(job.measures) <= names


def test_templates_that_jobs_name_are_shipped(schemas: dict[str, ListSchema]) -> None:
    """No escalation or message is without its text."""
    for job in load_jobs(shipped("jobs"), schemas).values():
        for rule in (*job.escalate.values(), *job.messages.values()):
            assert list(shipped("templates").glob(f"{rule.template}.*")), rule.template


def test_the_example_of_dotenv_names_every_setting() -> None:
    """It loads as it stands, and still loads with every remark sign before a name taken away."""
    path = ROOT / ".env.example"
    assert load_settings({}, path).emulator_url == ""
    named = set(re.findall(r"^#?(LISTS_SYNC_[A-Z_]+)=", path.read_text(encoding="utf-8"), flags=re.MULTILINE))
    from lists_sync.definitions.settings import _READERS, PREFIX

    assert named >= {PREFIX + name for name in _READERS}
    assert any("TEAMS_WEBHOOK_" in name for name in named)


def test_init_can_copy_out_the_example_of_dotenv() -> None:
    """The wheel ships the templates folder, so the example stands there too, word for word."""
    assert (shipped("templates") / "env.example").read_bytes() == (ROOT / ".env.example").read_bytes()


def test_every_value_of_the_specification_is_spelt_as_there(schemas: dict[str, ListSchema]) -> None:
    """Words that controls compare are those of the specification, in its order."""
    column = schemas["actions"].column
    assert column("DeadlineState").choices == ("Overdue", "Due within 48 h", "On track", "No due date")
    assert column("SlippageBand").choices == (
        "On schedule",
        "Missed under 24 h",
        "Missed 24 h or more",
        "Not due",
    )
    assert column("IntegrityDefects").choices == (
        "Mismatched deadline",
        "Missing evidence due date",
        "Inactive owner",
        "Unusable value",
    )
    assert column("EvidenceState").choices == ("None", "Not sampled", "Awaiting review", "Valid", "Invalid")
    assert column("Status").choices[-4:] == ("Proposed for closure", "Deferred", "Closed", "Cancelled")
