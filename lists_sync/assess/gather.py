"""Finds the sheets of a request, maps their columns and reads their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lists_sync.assess.mapping import MAIN, OTHERS, MappingFile
from lists_sync.assess.names import known, plain, title_score
from lists_sync.assess.people import People, learn_all
from lists_sync.assess.propose import Proposal, propose
from lists_sync.assess.rows import Rows, read_rows
from lists_sync.assess.sheets import Sheet
from lists_sync.assess.tables import REQUIRED, choose, read_sheets, recognise
from lists_sync.errors import TableError
from lists_sync.model import Kind, ListSchema

if TYPE_CHECKING:
    from lists_sync.context import Definitions

_ALIKE = 90


@dataclass(frozen=True)
class Request:
    """What a person asked to have judged.

    Args:
        further: by list key: a file of its own.
    """

    file: Path
    moment: datetime
    mapping: Path | None = None
    sheet: str = ""
    further: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A sheet in use: where it came from, how it is mapped, and its rows."""

    key: str
    file: str
    sheet: Sheet
    proposal: Proposal
    rows: Rows


class Gatherer:
    """Finds, maps and reads the sheets of one request."""

    def __init__(
        self, request: Request, given: MappingFile, people: People, definitions: Definitions
    ) -> None:
        self.request, self.given, self.people = request, given, people
        self.schemas = definitions.schemas
        self.zone = definitions.provider.calendar.zone

    def find(self) -> tuple[Sheet, str, dict[str, tuple[str, Sheet, Proposal]]]:
        """Give the tracker's sheet, why it is that one, and the further lists that there are."""
        name = self.request.file.name
        sheets = read_sheets(self.request.file)
        wanted = self.request.sheet or self.given.part(MAIN).sheet
        tracker, chosen = choose(sheets, self.schemas[MAIN], named=wanted, where=name)
        others = {}
        rest = [sheet for sheet in sheets if sheet is not tracker]
        for key in OTHERS:
            path = self.request.further.get(key)
            found = self._in_file(key, path) if path else self._in_book(key, rest)
            if found is not None:
                others[key] = found
                rest = [sheet for sheet in rest if sheet is not found[1]]
        return tracker, chosen, others

    def _in_file(self, key: str, path: Path) -> tuple[str, Sheet, Proposal]:
        schema = self.schemas[key]
        sheets = read_sheets(path)
        sheet, _ = choose(sheets, schema, named=self.given.part(key).sheet, where=path.name)
        return path.name, sheet, self._map(sheet, schema, where=path.name)

    def _in_book(self, key: str, rest: Sequence[Sheet]) -> tuple[str, Sheet, Proposal] | None:
        name, wanted = self.request.file.name, self.given.part(key).sheet
        if wanted:
            sheet: Sheet | None = choose(rest, self.schemas[key], named=wanted, where=name)[0]
        else:
            sheet = recognise(rest, self.schemas[key])
        return (name, sheet, self._map(sheet, self.schemas[key], where=name)) if sheet else None

    def _map(self, sheet: Sheet, schema: ListSchema, *, where: str) -> Proposal:
        """Propose a mapping with what the mapping file says of it; the essential columns must be there."""
        self.given.check(schema.key, sheet)
        part = self.given.part(schema.key)
        titles = {plain(title): title for title in sheet.titles}
        columns = {
            ours: titles.get(plain(theirs)) if theirs else None for ours, theirs in part.columns.items()
        }
        proposal = propose(sheet, schema, zone=self.zone, given=columns, given_words=part.choices)
        missing = [
            group for group in REQUIRED[schema.key] if not any(name in proposal.columns for name in group)
        ]
        if missing:
            raise _missing(missing, sheet, schema, where)
        return proposal

    def read(self, tracker: Sheet, others: Mapping[str, tuple[str, Sheet, Proposal]]) -> tuple[Source, ...]:
        """Read every sheet; managers first, since they tell whose name has which address."""
        name = self.request.file.name
        found = {MAIN: (name, tracker, self._map(tracker, self.schemas[MAIN], where=name)), **others}
        if "managers" in found:
            _, sheet, proposal = found["managers"]
            if proposal.theirs("Manager") and proposal.theirs("Email"):
                learn_all(
                    self.people,
                    sheet.column(proposal.theirs("Manager")),
                    sheet.column(proposal.theirs("Email")),
                )
        return tuple(self._source(key, *found[key]) for key in (MAIN, *OTHERS) if key in found)

    def _source(self, key: str, file: str, sheet: Sheet, proposal: Proposal) -> Source:
        rows = read_rows(
            sheet,
            proposal,
            self.schemas[key],
            people=self.people,
            zone=self.zone,
            moment=self.request.moment,
            month_first=self.given.month_first,
            where=file,
        )
        if not rows.items:
            raise TableError("The sheet has titles but no rows.", where=file)
        return Source(key, file, sheet, proposal, rows)


def _missing(missing: Sequence[tuple[str, ...]], sheet: Sheet, schema: ListSchema, where: str) -> TableError:
    wanted = " and ".join(" or ".join(group) for group in missing)
    place = f", sheet {sheet.name!r}" if sheet.name else ""
    like = [
        title
        for group in missing
        for title in sheet.titles
        if title_score(title, known(schema.key, group[0])) > _ALIKE
    ]
    kinds = {schema.column(group[0]).kind for group in missing}
    holds = "no dates" if kinds <= {Kind.DATE, Kind.DATETIME} else "something else"
    odd = f" {like[0]!r} is called like it but holds {holds}." if like else ""
    indent = "" if schema.key == MAIN else f"{schema.key}: "
    hint = f'Name it in a mapping file: {indent}columns: {{{missing[0][0]}: "your title"}} (--mapping FILE).'
    return TableError(f"No column for {wanted} was found.{odd}", where=f"{where}{place}", hint=hint)
