"""The words of an invented enforcement plan: themes, titles, kinds of evidence."""

from __future__ import annotations

from typing import NamedTuple

from lists_sync.sample.people import COURT, HOMECARE, HOUSE


class Notice(NamedTuple):
    """One notice or plan whose requirements became action lines."""

    ref: str
    kind: str
    service: str | None
    lines: int
    issued_days_ago: int


NOTICES = (
    Notice("WN-014", "Warning notice (s29)", COURT, 40, 84),
    Notice("AP-022", "Action plan request", HOUSE, 36, 70),
    Notice("NP-007", "Notice of proposal – impose/vary/remove conditions", HOMECARE, 30, 63),  # noqa: RUF001  # CQC's own dash
    Notice("CI-031", "Commissioner / local authority improvement plan", None, 26, 98),
    Notice("IQ-009", "Internal quality improvement plan", None, 22, 77),
)


class Theme(NamedTuple):
    """A risk theme with what an inspector would tie to it."""

    theme: str
    regulation: str
    statements: tuple[str, ...]
    evidence: tuple[str, ...]
    titles: tuple[str, ...]


_SAFE_CARE, _GOVERNANCE, _STAFFING = (
    "Reg 12 Safe care and treatment",
    "Reg 17 Good governance",
    "Reg 18 Staffing",
)

THEMES = (
    Theme(
        "Medicines",
        _SAFE_CARE,
        ("Medicines optimisation",),
        ("MAR chart / eMAR extract", "Medicines audit", "Competency assessment"),
        (
            "Count controlled medicines at every handover",
            "Record the reason for each as-needed dose",
            "Check fridge temperatures twice a day",
            "Reconcile medicines within a day of admission",
        ),
    ),
    Theme(
        "Care planning and risk assessment",
        _SAFE_CARE,
        ("Assessing needs", "Involving people to manage risks"),
        ("Care plan audit", "Observation / spot-check form", "Survey / feedback summary"),
        (
            "Review every moving plan after a change of need",
            "Bring risk assessments and daily notes into line",
            "Agree choking plans with the speech therapy team",
            "Refresh care plans after each hospital stay",
        ),
    ),
    Theme(
        "Governance and audit",
        _GOVERNANCE,
        ("Governance, management and sustainability",),
        (
            "Meeting minutes (staff, residents, governance)",
            "Policy / procedure",
            "External report / letter",
        ),
        (
            "Trace each audit finding to a dated action",
            "Hold the monthly quality meeting with a quorum",
            "Report themes of incidents to the board",
            "Sample closed actions for lasting effect",
        ),
    ),
    Theme(
        "Training and competence",
        _STAFFING,
        ("Safe and effective staffing",),
        ("Training matrix", "Competency assessment", "Observation / spot-check form"),
        (
            "Observe practice after each refresher course",
            "Close gaps in catheter care competence",
            "Bring moving and handling training up to date",
            "Test what agency staff know before a first shift",
        ),
    ),
    Theme(
        "Staffing and deployment",
        _STAFFING,
        ("Safe and effective staffing",),
        ("Rota / dependency tool", "Meeting minutes (staff, residents, governance)"),
        (
            "Match night staffing to the dependency tool",
            "Plan breaks so that no lounge is left alone",
            "Cover late visits within the agreed window",
        ),
    ),
    Theme(
        "Safeguarding",
        "Reg 13 Safeguarding service users from abuse and improper treatment",
        ("Safeguarding",),
        ("Safeguarding log", "Policy / procedure", "Training matrix"),
        (
            "Refer concerns on the day they are raised",
            "Log body maps with each unexplained mark",
            "Review restrictions with the advocate",
        ),
    ),
    Theme(
        "Infection prevention and control",
        _SAFE_CARE,
        ("Infection prevention and control",),
        ("IPC / cleaning audit", "Observation / spot-check form"),
        (
            "Audit hand hygiene on every unit each week",
            "Replace worn seating that cannot be cleaned",
            "Separate clean and used linen at all times",
        ),
    ),
    Theme(
        "Falls",
        _SAFE_CARE,
        ("Involving people to manage risks", "Learning culture"),
        ("Incident and accident analysis", "Care plan audit"),
        (
            "Analyse falls by place and hour each week",
            "Check sensor mats at the start of each shift",
            "Review footwear and walking aids monthly",
        ),
    ),
    Theme(
        "Fire safety",
        "Reg 15 Premises and equipment",
        ("Safe environments",),
        ("Environment / maintenance / fire / water check", "External report / letter"),
        (
            "Drill night evacuation with the real rota",
            "Repair doors that do not close fully",
            "Keep evacuation plans current on each floor",
        ),
    ),
    Theme(
        "Complaints handling",
        "Reg 16 Receiving and acting on complaints",
        ("Listening to and involving people",),
        ("Complaints log / response", "Survey / feedback summary"),
        (
            "Answer complaints within the published time",
            "Tell complainants what changed because of them",
            "Bring complaint themes to the monthly meeting",
        ),
    ),
    Theme(
        "Dignity and person-centred care",
        "Reg 9 Person-centred care",
        ("Person-centred care", "Kindness, compassion and dignity"),
        ("Survey / feedback summary", "Observation / spot-check form"),
        (
            "Offer choices at every meal and record them",
            "Answer call bells within five minutes",
            "Plan activities with those who stay in their rooms",
        ),
    ),
    Theme(
        "Consent / MCA / DoLS",
        "Reg 11 Need for consent",
        ("Consent to care and treatment",),
        ("DoLS / MCA record", "Care plan audit"),
        (
            "Assess capacity decision by decision",
            "Renew authorisations before they lapse",
            "Record best-interest meetings in one place",
        ),
    ),
)

REQUIREMENTS = (
    "Two consecutive weekly audits above 90 percent, with the tool attached.",
    "Records of ten cases across both day and night shifts.",
    "Observation of practice by somebody other than the owner, dated and signed off.",
    "Trend of the last eight weeks with the source named.",
)
CLOSURE_RULES = (
    "Failure rate down by 15 percent or more and one outside view.",
    "Two clear audits four weeks apart, then panel.",
    "Practice seen on three shifts and complaints on the theme falling.",
)
METHODS = (
    "Document review",
    "Live observation",
    "Record match",
    "Staff competence re-test",
    "Audit re-run",
    "Feedback / survey",
)
PROGRESS = (
    "Tool agreed, first round done.",
    "Second audit booked.",
    "Waiting for the supplier's date.",
    "Practice checks begun on two units.",
    "Draft with the governance meeting.",
)
