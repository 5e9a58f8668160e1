"""Lists as anybody might fill them: items on the wire, with blanks and nonsense among them."""

from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from lists_sync.definitions.jobs import load_jobs
from lists_sync.definitions.provider import load_provider
from lists_sync.definitions.schemas import load_schemas
from lists_sync.model import Item, Kind
from lists_sync.shipped import shipped
from lists_sync.snapshot import build

ZONE = ZoneInfo("Europe/London")
SCHEMAS = load_schemas(shipped("list_schemas"))
PROVIDER = load_provider(None, SCHEMAS)
JOBS = PROVIDER.apply_thresholds(load_jobs(shipped("jobs"), SCHEMAS))
DAY = datetime(2026, 10, 26, tzinfo=UTC)  # a Monday, the working day after a clock change
PEOPLE = {7: "ada@rosewood.example", 8: "ben@rosewood.example", 9: "cyd@rosewood.example"}
REFS = ("A/1", "a/1", "A/2", "B", " B ", "C", None)
FILES = ("f1", "f2", "f3", "f4")
BURSTS = ("B-2026-10-26", "B-2026-10-23", "B-2026-10-22", "b-2026-10-20")
SERVICES = ("North", "South", "north ", None)
MOST = ("actions", "evidence", "burst_samples")


def moment_of(job):
    """Give the instant of a job's first slot that writes its record, on the day of the laws."""
    at = (job.schedule.records or job.schedule.slots or (time(9),))[0]
    return PROVIDER.calendar.instant(DAY.date(), at)


def _instant(dice):
    """Give an instant around the day, a local midnight now and then; None for a blank."""
    kind = dice.randrange(6)
    if kind == 0:
        return None
    if kind == 1:
        return "2031-12-24T00:00:00Z"
    at = DAY + timedelta(minutes=dice.randrange(-20 * 24 * 60, 20 * 24 * 60))
    if kind == 2:  # one in six
        at = PROVIDER.calendar.start_of_day(DAY.date() + timedelta(days=dice.randrange(-40, 12)))
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


_WORDED = {
    "ActionRef": REFS,
    "LinkedActions": ("A/2", "B; C", None),
    "Service": SERVICES,
    "StaffRef": ("S-1", "S-2", None),
    "BurstId": BURSTS,
    "RiskTheme": ("Falls", "Medicines", None),
}
_OF_KIND = {
    Kind.TEXT: ("x", None),
    Kind.NOTE: ("x", None),
    Kind.NUMBER: (0, 1, 2.5, 4, 10, 40, None, None, -1, "many"),
    Kind.YESNO: (True, False),
    Kind.PERSON: ("7", "8", "9", None),
}


def _value(column, dice):
    if column.name in _WORDED:
        return dice.choice(_WORDED[column.name])
    if column.kind in (Kind.DATE, Kind.DATETIME):
        return _instant(dice)
    if column.kind is Kind.CHOICE:
        # Words that decide what a control does are drawn often; one that no list offers, now and then.
        return dice.choice((*column.choices, *column.choices, None, "Nonsense"))
    if column.kind is Kind.CHOICES:
        return dice.sample(column.choices, dice.randrange(3))
    return dice.choice(_OF_KIND[column.kind])


def _row(key, number, dice):
    row = {}
    for column in SCHEMAS[key].columns:
        wire = f"{column.name}LookupId" if column.kind is Kind.PERSON else column.name
        row[wire] = _value(column, dice)
    _name(key, number, row)
    return {name: value for name, value in row.items() if value not in (None, [])}


def _name(key, number, row):
    """Give the columns that name a row what the bot would have given them."""
    if key == "burst_samples":
        row["SampleKey"] = f"{row['BurstId']}/{FILES[number % len(FILES)]}"
    for name in ("EscalationKey", "HoldKey", "RecordKey", "RunKey"):
        if name in row:
            row[name] = f"{key}/{number}"


def items_of(job, seed, size):
    """Give items of every list that a job has to do with; the same for the same seed and size.

    Args:
        size: rows of the lists that matter most; the others have half as many.
    """
    dice = Random(seed)  # the same lists for the same seed are the point
    items = {}
    for key in sorted(job.keys):
        count = size if key in MOST else (size + 1) // 2
        items[key] = [
            Item(
                key,
                number,
                f'"{FILES[number % len(FILES)] if key == "evidence" else f"{key}-{number}"},1"',
                _row(key, number, dice),
                DAY - timedelta(days=1),
            )
            for number in range(1, count + 1)
        ]
    return items


def snapshot_of(items, moment):
    """Give the snapshot of drawn items."""
    stores = {schema.store for schema in SCHEMAS.values()}
    return build(
        items,
        SCHEMAS,
        people=dict.fromkeys(stores, PEOPLE),
        zones=dict.fromkeys(stores, ZONE),
        provider_zone=ZONE,
        moment=moment,
    )
