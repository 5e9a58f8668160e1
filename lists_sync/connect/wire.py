"""Between our values and Graph's fields, for one list and the provider's names for it.

Source: what Graph takes and gives for each kind of column; none of the writing rules is in its own manual.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from lists_sync import clock
from lists_sync.errors import MissingError
from lists_sync.model import Column, Kind, ListSchema, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from zoneinfo import ZoneInfo

_COLLECTION = "Collection(Edm.String)"
_ALWAYS = ("Title", "Modified", "Created")
_OF_FILES = ("FileLeafRef",)
_FINER_THAN_S = re.compile(r"\.\d+")


@dataclass(frozen=True)
class Wire:
    """How one list's values stand on the wire.

    Args:
        zone: the site's, in which a day begins.
        columns: our column name -> the provider's, where they differ.
        choices: our column name -> {the provider's word: ours}.
    """

    schema: ListSchema
    zone: ZoneInfo
    columns: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def name(self, column: str) -> str:
        """Give the provider's internal name of our column."""
        return self.columns.get(column, column)

    def field_name(self, column: Column) -> str:
        """Give the member of `fields` that holds a column: of a person the lookup id."""
        name = self.name(column.name)
        return f"{name}LookupId" if column.kind is Kind.PERSON else name

    def selected(self) -> tuple[str, ...]:
        """Give the members of `fields` to ask for."""
        own = [self.field_name(column) for column in self.schema.columns]
        extra = (*_ALWAYS, *(_OF_FILES if self.schema.library else ()))
        return tuple(dict.fromkeys([*own, *extra]))

    def encode(self, values: Mapping[str, Value], person_id: Callable[[str], int]) -> dict[str, Any]:
        """Give the fields that set these columns; None clears a column.

        Args:
            values: by our column name.
            person_id: gives the lookup id of an e-mail in the list's site.

        Raises:
            KeyError: the schema has no such column.
        """
        fields: dict[str, Any] = {}
        for name, value in values.items():
            column = self._column(name)
            if column.kind is Kind.CHOICES:
                fields[f"{self.name(name)}@odata.type"] = _COLLECTION
            fields[self.field_name(column)] = self._encoded(column, value, person_id)
        return fields

    def decode(self, fields: Mapping[str, Any], email: Callable[[int], str]) -> dict[str, Value]:
        """Give our values by our column names; what is absent, or not of the column's kind, is None."""
        return {column.name: self._decoded(column, fields, email) for column in self.schema.columns}

    def literal(self, column: str, value: str | float) -> tuple[str, str]:
        """Give the name and the literal of a filter that asks for equality.

        Returns:
            a field's name and an OData literal; a quote in a text is doubled, so that no value can change
            the filter's meaning.
        """
        own = self._column(column)
        theirs = self._theirs(own, str(value)) if isinstance(value, str) else value
        if isinstance(theirs, str):
            doubled = theirs.replace("'", "''")
            return self.field_name(own), f"'{doubled}'"
        return self.field_name(own), f"{theirs:g}" if isinstance(theirs, float) else str(theirs)

    def _column(self, name: str) -> Column:
        if name == "Title":
            return next((c for c in self.schema.columns if c.name == name), Column(name, Kind.TEXT))
        return self.schema.column(name)

    def _encoded(self, column: Column, value: Value, person_id: Callable[[str], int]) -> Any:
        if column.kind is Kind.CHOICES:
            words = value if isinstance(value, tuple) else ()
            return [self._theirs(column, word) for word in words]
        if value is None or value == "":
            return False if column.kind is Kind.YESNO else None
        if column.kind is Kind.PERSON:
            return person_id(str(value))
        if column.kind is Kind.CHOICE:
            return self._theirs(column, str(value))
        if column.kind is Kind.NUMBER:
            return _number(value)
        return self._instant(value) if isinstance(value, date) else value

    def _instant(self, value: date) -> str:
        """Give an instant in UTC; of a day, its first by the site's clock."""
        moment = value if isinstance(value, datetime) else datetime.combine(value, time(), self.zone)
        return clock.iso(moment.astimezone(UTC))

    def _theirs(self, column: Column, word: str) -> str:
        words = self.choices.get(column.name, {})
        return next((theirs for theirs, ours in words.items() if ours == word), word)

    def _decoded(self, column: Column, fields: Mapping[str, Any], email: Callable[[int], str]) -> Value:
        raw = fields.get(self.field_name(column))
        if column.kind is Kind.YESNO:
            return raw is True
        if raw is None:
            return None
        if column.kind is Kind.PERSON:
            return email(int(raw)) if str(raw).isdigit() else None
        if column.kind is Kind.NUMBER:
            return raw if isinstance(raw, int | float) and not isinstance(raw, bool) else None
        return self._worded(column, raw)

    def _worded(self, column: Column, raw: Any) -> Value:
        if column.kind in (Kind.DATE, Kind.DATETIME):
            return self._moment(column, str(raw))
        words = self.choices.get(column.name, {})
        if column.kind is not Kind.CHOICES:
            return words.get(str(raw), str(raw))
        mapped = {words.get(str(word), str(word)) for word in raw} if isinstance(raw, list) else set()
        known = [word for word in column.choices if word in mapped]
        return (*known, *sorted(mapped.difference(known))) or None

    def _moment(self, column: Column, raw: str) -> Value:
        moment = parsed(raw)
        if moment is None or column.kind is Kind.DATETIME:
            return moment
        return moment.astimezone(self.zone).date()


def _number(value: Value) -> int | float | None:
    """Give a number that JSON has, a whole one without a fraction; None for what is not finite."""
    number = float(value) if isinstance(value, int | float) else math.nan
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


_WHOLE_SECONDS = len("2026-11-23T08:15:00Z")


def parsed(raw: Any) -> datetime | None:
    """Read an instant as the services write them, to the second; None for anything else."""
    try:
        if isinstance(raw, str) and len(raw) == _WHOLE_SECONDS:  # the usual form, and the quick way
            return clock.parse(raw)
        return clock.parse(_FINER_THAN_S.sub("", str(raw)))
    except ValueError:
        return None


def zone_name(time_zone_id: int) -> str:
    """Give the IANA name of a site's time zone.

    Raises:
        MissingError: SharePoint's id is not among those known here.
    """
    try:
        return _ZONES[time_zone_id]
    except KeyError:
        raise MissingError(
            f"The site's time zone (SharePoint's id {time_zone_id}) is not known.",
            where="time zone",
            hint="Set the site to the zone of its services, or report the id.",
        ) from None


_ZONES = {
    2: "Europe/London",
    3: "Europe/Paris",
    4: "Europe/Berlin",
    5: "Europe/Athens",
    6: "Europe/Budapest",
    9: "America/Halifax",
    10: "America/New_York",
    11: "America/Chicago",
    12: "America/Denver",
    13: "America/Los_Angeles",
    14: "America/Anchorage",
    15: "Pacific/Honolulu",
    17: "Pacific/Auckland",
    18: "Australia/Brisbane",
    19: "Australia/Adelaide",
    20: "Asia/Tokyo",
    21: "Asia/Singapore",
    22: "Asia/Bangkok",
    23: "Asia/Kolkata",
    24: "Asia/Dubai",
    27: "Asia/Jerusalem",
    28: "America/St_Johns",
    29: "Atlantic/Azores",
    31: "Atlantic/Reykjavik",
    38: "America/Phoenix",
    42: "Australia/Hobart",
    44: "Australia/Darwin",
    45: "Asia/Shanghai",
    49: "Africa/Cairo",
    50: "Africa/Johannesburg",
    51: "Europe/Moscow",
    56: "Africa/Nairobi",
    57: "Europe/Warsaw",
    59: "Europe/Kyiv",
    73: "Australia/Perth",
    74: "Asia/Riyadh",
    76: "Australia/Sydney",
    87: "Asia/Karachi",
    93: "UTC",
}
