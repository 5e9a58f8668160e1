"""What must agree between a job, the lists it names and the program's own copy of the job."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any

from lists_sync.definitions.locate import Located, load_yaml
from lists_sync.definitions.schemas import RECORD_COLUMNS
from lists_sync.definitions.shape import unknown
from lists_sync.definitions.times import act_by_fault, stands_by_fault, weekdays_fault
from lists_sync.errors import Problem
from lists_sync.shipped import shipped

if TYPE_CHECKING:
    from lists_sync.definitions.job_shapes import EscalateShape, JobShape
    from lists_sync.definitions.jobs import Job
    from lists_sync.model import ListSchema

OF_A_RUN = ("slot", "day", "burst")
OF_A_FINDING = ("ref", "due_day", "day", "slot", "burst", "review")
"""What the key of an escalation may name in braces: of a rule on a measure, and on a finding."""

OF_A_STEP = ("key", "step")
"""What it must name of a rule that goes up the chain."""

OWNER = "Action Owner"
NEXT_IN_CHAIN = "next in chain"
STATUS_MOVES = frozenset(
    {("actions", "Status"), ("actions", "ClosedOn"), ("escalations", "Status"), ("closure_holds", "Until")}
)
"""The few columns of people that a control may move (list, column)."""

_COMPARATORS = ("above", "reaches", "below", "blank")
_KINDS_OF_DAYS = ("working", "operational", "review")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_HOLD_UNTIL = re.compile(r"next working day ([01][0-9]|2[0-3]):[0-5][0-9]|next passing closure")
_FINDING = re.compile(r"[a-z][a-z0-9_]*")

Schemas = Mapping[str, "ListSchema"]
Told = Iterator[tuple[tuple[str | int, ...], str]]


def job_faults(stem: str, job: JobShape, located: Located, schemas: Schemas) -> Iterator[Problem]:
    """Give everything in a job that does not agree with its file's name, the lists or the roles."""
    checks = (
        _name(stem, job),
        _schedule(job),
        _messages(job),
        _holds(job, schemas),
        _lists(job, schemas),
        _record(job, schemas),
        _settings(stem, job),
        _people(job, schemas),
    )
    for check in checks:
        for place, what in check:
            yield located.problem(place, what)
    for name, rule in job.escalate.items():
        for place, what in _rule(job, rule):
            yield located.problem(("escalate", name, *place), what)


def shared_names(jobs: Mapping[str, Job], files: Mapping[str, Located]) -> Iterator[Problem]:
    """Tell what two jobs share that is one's own, and what one says of another that is not so."""
    yield from _along(jobs, files)
    records: dict[str, str] = {}
    keys: dict[str, str] = {}
    for stem, job in jobs.items():
        if job.record in records:
            yield files[stem].problem(("record",), f"`record` is also that of {records[job.record]}.yaml.")
        if job.record:
            records[job.record] = stem
        for name, rule in job.escalate.items():
            if rule.key in keys:
                place = ("escalate", name, "key")
                yield files[stem].problem(place, f"`key` is also used by {keys[rule.key]}.")
            keys[rule.key] = f"{stem}.yaml, rule {name}"


def _along(jobs: Mapping[str, Job], files: Mapping[str, Located]) -> Iterator[Problem]:
    """Tell jobs that never run, and slots at which a job takes along what cannot be."""
    taken = {name for job in jobs.values() for name in job.along}
    for stem, job in jobs.items():
        if not job.schedule.slots and stem not in taken:
            yield files[stem].problem((), "`schedule` is missing, and no other job takes this one `along`.")
        for name, slots in job.along.items():
            place = ("along", name)
            if name not in jobs or jobs[name].schedule.slots:
                own = [other for other, one in jobs.items() if not one.schedule.slots]
                told = f"`along` names {name}, which is no job without slots of its own."
                yield files[stem].problem(place, f"{told}{unknown(name, own)}")
            wrong = [slot for slot in slots if slot not in job.schedule.slots]
            if wrong:
                yield files[stem].problem(
                    place, f"`along` names {wrong[0]:%H:%M}, which is no slot of this job."
                )


def _name(stem: str, job: JobShape) -> Told:
    if job.name != stem or not _NAME.fullmatch(job.name):
        yield ("name",), f"`name` must be the file's name, {stem}, in small letters and hyphens."
    for group, names in (("escalate", job.escalate), ("messages", job.messages)):
        for name in names:
            if not _NAME.fullmatch(name):
                yield (group, name), f"`{name}` must be in small letters and hyphens."


def _messages(job: JobShape) -> Told:
    for name in list(job.messages)[1:]:
        yield ("messages", name), f"`{name}` is a second message; a job makes one a slot."
    for name, message in job.messages.items():
        for key in ("when", "unless"):
            measure = getattr(message, key)
            if measure and measure not in job.measures and not _FINDING.fullmatch(measure):
                known = unknown(measure, job.measures)
                yield ("messages", name, key), f"`{key}` names no measure or finding of this job.{known}"


def _holds(job: JobShape, schemas: Schemas) -> Told:
    if not job.holds:
        return
    kinds = {c.name: c.choices for c in schemas["closure_holds"].columns}.get("Kind", ())
    if "closure_holds" not in (*job.reads, *job.also_reads):
        yield ("holds",), "`holds` needs closure_holds under `also_reads`."
    if "hold_until" not in job.settings:
        yield ("holds",), "`holds` needs `settings.hold_until`."
    elif fault := hold_until_fault(job.settings["hold_until"]):
        yield ("settings", "hold_until"), f"`settings.hold_until` {fault}"
    for name, hold in job.holds.items():
        if hold.rule not in job.escalate:
            yield (
                ("holds", name, "rule"),
                f"`rule` names no rule of this job.{unknown(hold.rule, job.escalate)}",
            )
        if hold.kind not in kinds:
            yield ("holds", name, "kind"), f"`kind` is none of {', '.join(kinds)}."
        if hold.measure and hold.measure not in job.measures:
            known = unknown(hold.measure, job.measures)
            yield (
                ("holds", name, "measure"),
                f"`measure` names {hold.measure}, no measure of this job.{known}",
            )


def hold_until_fault(value: Any) -> str:
    """Say what is wrong with the end of a hold; "" where nothing is."""
    if isinstance(value, str) and _HOLD_UNTIL.fullmatch(value):
        return ""
    return "must be next working day 08:00 (or another time of day) or next passing closure."


def _schedule(job: JobShape) -> Told:
    schedule = job.schedule
    if schedule is None:
        return
    if isinstance(schedule.days, str):
        if schedule.days not in _KINDS_OF_DAYS:
            kinds = ", ".join(_KINDS_OF_DAYS)
            yield ("schedule", "days"), f"`schedule.days` must be one of {kinds}, or a list: [Tue, Thu]."
    elif fault := weekdays_fault(schedule.days):
        yield ("schedule", "days"), f"`schedule.days` {fault}"
    if list(schedule.slots) != sorted(set(schedule.slots)):
        yield ("schedule", "slots"), "`schedule.slots` must be in order of time, each once."
    for slot in schedule.records or ():
        if slot not in schedule.slots:
            yield ("schedule", "records"), f"`schedule.records` names {slot:%H:%M}, which is no slot."
    if schedule.stands_by is not None and (fault := stands_by_fault(schedule.stands_by, schedule.slots)):
        yield ("schedule", "stands_by"), f"`schedule.stands_by` {fault}"


def _lists(job: JobShape, schemas: Schemas) -> Told:
    for name in ("reads", "also_reads", "makes"):
        for number, key in enumerate(getattr(job, name)):
            if key not in schemas:
                yield (name, number), f"`{name}` names {key}, which is no list.{unknown(key, schemas)}"
    for key, columns in job.writes.items():
        if key not in schemas:
            yield ("writes", key), f"`writes` names {key}, which is no list.{unknown(key, schemas)}"
            continue
        for number, name in enumerate(columns):
            if fault := _written_fault(schemas[key], name):
                yield ("writes", key, number), fault
    written = {name for columns in job.writes.values() for name in columns}
    for number, name in enumerate(job.stays):
        if name not in written:
            yield ("stays", number), f"`stays` names {name}, which this job does not write."


def _written_fault(schema: ListSchema, name: str) -> str:
    columns = {column.name: column for column in schema.columns}
    if name not in columns:
        return f"{schema.key} has no column {name}.{unknown(name, columns)}"
    if not columns[name].bot and (schema.key, name) not in STATUS_MOVES:
        return f"{schema.key}.{name} belongs to people; a job writes result columns only."
    return ""


def _record(job: JobShape, schemas: Schemas) -> Told:
    if not job.record:
        if job.measures:
            yield ("measures",), "`measures` needs a `record` to keep them in."
        return
    records = [key for key, schema in schemas.items() if schema.record]
    if job.record not in records:
        yield ("record",), f"`record` names no record list.{unknown(job.record, records)}"
        return
    columns = [c.name for c in schemas[job.record].columns if c.name not in RECORD_COLUMNS]
    for number, measure in enumerate(job.measures):
        if measure not in columns:
            told = f"`measures` names {measure}, which {job.record} has no column for."
            yield ("measures", number), told + unknown(measure, columns)
        elif measure in job.measures[:number]:
            yield ("measures", number), f"`measures` names {measure} a second time."


@lru_cache(maxsize=64)
def _own_settings(name: str) -> tuple[tuple[str, Any], ...] | None:
    """Give the settings of the shipped job, or None where none of that name is shipped."""
    path = shipped("jobs") / f"{name}.yaml"
    settings = load_yaml(path).value.get("settings") if path.exists() else None
    return tuple(settings.items()) if isinstance(settings, dict) else None


def _settings(stem: str, job: JobShape) -> Told:
    own = _own_settings(stem)
    if own is None:
        return
    known = dict(own)
    for name, value in job.settings.items():
        if name not in known:
            yield ("settings", name), f"`settings.{name}` is not known here.{unknown(name, known)}"
        elif fault := setting_fault(value, known[name]):
            yield ("settings", name), f"`settings.{name}` {fault}"
    for name in known.keys() - job.settings.keys():
        yield ("settings",), f"`settings.{name}` is missing."


def setting_fault(value: Any, like: Any) -> str:
    """Say why a value cannot stand where another stood; "" where it can."""
    if isinstance(like, bool):
        return "" if isinstance(value, bool) else "must be true or false."
    if isinstance(like, int | float):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if number and value >= 0 else "must be a number, 0 or more."
    return "" if isinstance(value, type(like)) else "must be of the same kind as before."


def _people(job: JobShape, schemas: Schemas) -> Told:
    known = known_roles(schemas)
    named: list[tuple[tuple[str | int, ...], str]] = [(("role",), job.role)]
    for name, rule in job.escalate.items():
        if rule.to != NEXT_IN_CHAIN:
            named.append((("escalate", name, "to"), rule.to))
        named += [(("escalate", name, "copy"), role) for role in rule.copy_]
        if rule.otherwise:
            named.append((("escalate", name, "otherwise"), rule.otherwise))
    for name, message in job.messages.items():
        named.append((("messages", name, "to"), message.to))
        named += [(("messages", name, "copy"), role) for role in message.copy_]
    for place, role in named:
        if known and role not in known:
            yield place, f"`{place[-1]}` names {role}, which is no known role.{unknown(role, known)}"
    if job.role == OWNER:
        yield ("role",), f"`role` cannot be {OWNER}: a job belongs to a role."


def known_roles(schemas: Schemas) -> tuple[str, ...]:
    """Give the roles that an escalation may go to, Action Owner with them; () where no list says so."""
    if "escalations" not in schemas:
        return ()
    columns = {column.name: column.choices for column in schemas["escalations"].columns}
    return columns.get("ToRole", ())


def _rule(job: JobShape, rule: EscalateShape) -> Told:
    told = {name: getattr(rule, name) for name in _COMPARATORS}
    given = [name for name, value in told.items() if value is not None and value is not False]
    if bool(rule.measure) == bool(rule.finding):
        yield (), "The rule needs either a `measure` or a `finding`."
    elif rule.measure:
        if rule.measure not in job.measures:
            known = unknown(rule.measure, job.measures)
            yield ("measure",), f"`measure` names {rule.measure}, which this job does not measure.{known}"
        if len(given) != 1:
            yield (
                ((given[1],) if given else ()),
                "The rule needs exactly one of above, reaches, below and blank.",
            )
    else:
        if given:
            yield (given[0],), "A rule on a `finding` takes none of above, reaches, below and blank."
        if not _FINDING.fullmatch(rule.finding):
            yield ("finding",), "`finding` must be in small letters and underscores."
    if rule.when and rule.when not in job.measures and not _FINDING.fullmatch(rule.when):
        known = unknown(rule.when, job.measures)
        yield ("when",), f"`when` names no measure or finding of this job.{known}"
    if fault := act_by_fault(rule.act_by):
        yield ("act_by",), f"`act_by` {fault}"
    yield from _key(rule)


def _key(rule: EscalateShape) -> Told:
    try:
        parts = list(Formatter().parse(rule.key))
    except ValueError:
        yield ("key",), "`key` has a brace without its partner."
        return
    names = [name for _, name, _, _ in parts if name is not None]
    known: tuple[str, ...] = OF_A_FINDING if rule.finding else OF_A_RUN
    if rule.to == NEXT_IN_CHAIN:
        known = OF_A_STEP
    for name in names:
        if name not in known:
            yield ("key",), f"`key` names {{{name}}}; known here are {_braced(known)}."
    if not names:
        yield ("key",), f"`key` must name one of {_braced(known)}, or it is raised only once for ever."
    elif rule.to == NEXT_IN_CHAIN and set(names) != set(OF_A_STEP):
        yield ("key",), f"`key` must name {_braced(OF_A_STEP)}, or a step is raised only once for ever."
    elif rule.finding and not rule.measure and rule.to != NEXT_IN_CHAIN and "ref" not in names:
        yield ("key",), "`key` must name {ref}, since each finding is raised by itself."


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
