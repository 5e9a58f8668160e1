"""A job as its file has it, before it is checked against the lists."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from lists_sync.definitions.shape import Shape
from lists_sync.definitions.times import OptionalTime, Slots, SlotTime

Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]


class ScheduleShape(Shape):
    """When a job runs, as a file has it."""

    days: str | list[str]
    slots: Annotated[Slots, Field(min_length=1)]
    records: list[SlotTime] | None = None
    stands_by: Any = None


class EscalateShape(Shape):
    """One escalation rule as a file has it."""

    measure: str = ""
    finding: str = ""
    above: float | None = None
    reaches: float | None = None
    below: float | None = None
    blank: bool = False
    in_a_row: Annotated[int, Field(ge=1, le=10)] = 1
    at: Literal["", "shift end"] = ""
    when: str = ""
    severity: Literal["Information", "Warning", "Critical"]
    to: Text
    otherwise: str = ""
    copy_: list[Text] = Field(default_factory=list, alias="copy")
    act_by: Any
    key: Text
    template: Text


class HoldShape(Shape):
    """One hold as a file has it."""

    rule: Text
    kind: Text
    measure: str = ""


class MessageShape(Shape):
    """One message as a file has it."""

    to: Text
    when: str = ""
    unless: str = ""
    finding: str = "pressing"
    copy_: list[Text] = Field(default_factory=list, alias="copy")
    meeting: OptionalTime = None
    lines: Annotated[int, Field(ge=1, le=50)] = 10
    template: Text


class LimitsShape(Shape):
    """What one run may do, as a file has it."""

    changed_items: Count | None = None
    messages: Count | None = None


class JobShape(Shape):
    """A job as a file has it."""

    name: Text
    title: Text
    control: Text
    role: Text
    purpose: Text
    source: Text
    schedule: ScheduleShape | None = None
    reads: Annotated[list[Text], Field(min_length=1)]
    also_reads: list[Text] = Field(default_factory=list)
    writes: dict[str, list[Text]] = Field(default_factory=dict)
    stays: list[Text] = Field(default_factory=list)
    makes: list[Text] = Field(default_factory=list)
    record: str = ""
    record_per: Literal["slot", "burst", "line"] = "slot"
    along: dict[str, list[SlotTime]] = Field(default_factory=dict)
    measures: list[Text] = Field(default_factory=list)
    settings: dict[str, Any] = Field(default_factory=dict)
    escalate: dict[str, EscalateShape] = Field(default_factory=dict)
    holds: dict[str, HoldShape] = Field(default_factory=dict)
    messages: dict[str, MessageShape] = Field(default_factory=dict)
    limits: LimitsShape = LimitsShape()
