"""From mapped rows to items as the wire has them; the item's id is the row's number in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from lists_sync.assess.dates import read_column
from lists_sync.assess.people import People
from lists_sync.assess.propose import JUDGED_WORDS, Proposal
from lists_sync.assess.sheets import Cell, Sheet, row_words
from lists_sync.assess.values import wire_values
from lists_sync.clock import iso
from lists_sync.errors import TableError
from lists_sync.model import Column, Item, Kind, ListSchema

NOON = time(12)
_DATES = (Kind.DATE, Kind.DATETIME)


@dataclass(frozen=True)
class Rows:
    """A sheet as items.

    Args:
        notes: what a reader of the figures must know about how the sheet was read.
        ambiguous_count: dates whose day and month could change places.
    """

    items: tuple[Item, ...]
    notes: tuple[str, ...]
    ambiguous_count: int = 0


def as_judged(schema: ListSchema) -> ListSchema:
    """Give a list's schema as an assessment needs it.

    Words that decide no figure may be the provider's own, and so are no faults here.
    """
    judged = JUDGED_WORDS.get(schema.key, ())
    columns = tuple(
        replace(column, fill_in=True)
        if column.kind in (Kind.CHOICE, Kind.CHOICES) and column.name not in judged
        else column
        for column in schema.columns
    )
    return replace(schema, columns=columns)


def read_rows(
    sheet: Sheet,
    proposal: Proposal,
    schema: ListSchema,
    *,
    people: People,
    zone: ZoneInfo,
    moment: datetime,
    month_first: bool = False,
    where: str = "",
) -> Rows:
    """Turn the rows of a sheet into items.

    Raises:
        TableError: the column of due dates holds something, but never a date.
    """
    fields: list[dict[str, Any]] = [{} for _ in sheet.rows]
    notes: list[str] = []
    ambiguous = 0
    for name, guess in proposal.columns.items():
        column = schema.column(name)
        cells = sheet.column(guess.value)
        if column.kind in _DATES:
            dates = _Dates(column, guess.value, sheet, list(sheet.numbers))
            wire = dates.read(cells, zone, month_first=month_first, where=where)
            if name == "ClosedOn":
                wire = _closing_times(wire, zone, moment)
            ambiguous += dates.ambiguous_count
            notes += dates.notes
        else:
            wire, told = wire_values(column, cells, proposal, people)
            rows = [sheet.numbers[at] for at in told]
            notes += (
                [f"{guess.value!r} names several people in {row_words(rows)}: the first is taken"]
                if rows
                else []
            )
        for place, value in zip(fields, wire, strict=True):
            if value is not None:
                place[name] = value
    items = (
        Item(schema.key, number, f'"{number:08d}-assess,1"', values)
        for number, values in zip(sheet.numbers, fields, strict=True)
    )
    return Rows(tuple(items), (*sheet.notes, *notes), ambiguous)


def _closing_times(wire: Sequence[str | None], zone: ZoneInfo, moment: datetime) -> list[str | None]:
    """Take a closing day without a time at its noon, today at the moment.

    At midnight a line closed the day after its due day would count as in time, and at the day's end as a
    whole day late.
    """
    today, bare = moment.astimezone(zone).date(), len("2026-11-23")

    def at(value: str | None) -> str | None:
        if value is None or len(value) != bare:
            return value
        day = date.fromisoformat(value)
        if day == today:
            return iso(moment)
        return iso(datetime.combine(day, NOON, tzinfo=zone).astimezone(UTC))

    return [at(value) for value in wire]


@dataclass
class _Dates:
    """Reads one column of dates and keeps what there is to say of it."""

    column: Column
    title: str
    sheet: Sheet
    numbers: list[int]
    ambiguous_count: int = 0
    notes: tuple[str, ...] = ()

    def read(
        self, cells: Sequence[Cell], zone: ZoneInfo, *, month_first: bool, where: str
    ) -> list[str | None]:
        declared = self.sheet.declared.get(self.title)
        day_only = self.column.kind is Kind.DATE or (declared is not None and declared.day_only)
        reads = read_column(cells, zone=zone, day_only=day_only, month_first=month_first)
        if (
            self.column.name == "DueDate"
            and any(one.wrong for one in reads)
            and not any(one.at for one in reads)
        ):
            first = next(number for one, number in zip(reads, self.numbers, strict=True) if one.wrong)
            told = f"The column {self.title!r} stands for DueDate but holds no date; see row {first}."
            raise TableError(told, where=where, hint="Name the right column in a mapping file (--mapping).")
        ambiguous = [number for one, number in zip(reads, self.numbers, strict=True) if one.ambiguous]
        turned = [number for one, number in zip(reads, self.numbers, strict=True) if one.month_above_12]
        bare = sum(one.at is not None and not isinstance(one.at, datetime) for one in reads)
        self.ambiguous_count = len(ambiguous)
        self.notes = tuple(self._told(ambiguous, turned, bare))
        return [one.wire for one in reads]

    def _told(self, ambiguous: list[int], turned: list[int], bare: int) -> list[str]:
        told = []
        if ambiguous:
            many = "1 date" if len(ambiguous) == 1 else f"{len(ambiguous)} dates"
            told.append(
                f"{self.title!r}: {many} could be read two ways, as 03/04/2026; read as the UK writes them, "
                f"3 April ({row_words(ambiguous)})"
            )
        if turned:
            told.append(
                f"{self.title!r}: {row_words(turned)} would be a date only with the month first; "
                "if the column is written so, say `dates: month first` in the mapping file"
            )
        if bare and self.column.name == "ClosedOn":
            days = "1 closing day" if bare == 1 else f"{bare} closing days"
            told.append(f"{self.title!r}: {days} without a time, taken at noon of that day")
        return told
