"""The verb that judges a provider's own tracker without a tenant."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from lists_sync.cli.show import WIDTH, print_json

if TYPE_CHECKING:
    from lists_sync.assess.judge import Assessment


def assess(  # noqa: PLR0917  # options of the command line
    file: Annotated[Path, typer.Argument(help="The tracker: a workbook (.xlsx, .xlsm) or a CSV file.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="A mapping file that confirms or corrects the proposal.")
    ] = None,
    sheet: Annotated[
        str, typer.Option("--sheet", help="The sheet to judge; the one that fits best otherwise.")
    ] = "",
    at: Annotated[
        str | None,
        typer.Option("--at", help="Judge as at this time, as 2026-11-23T08:15 (UK time) or with Z."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write your rows with the result columns here (.xlsx or .csv)."),
    ] = None,
    write_mapping: Annotated[
        Path | None, typer.Option("--write-mapping", help="Write the proposed mapping here, ready to edit.")
    ] = None,
    register: Annotated[
        Path | None, typer.Option("--register", help="The register of agreed due dates.")
    ] = None,
    changes: Annotated[
        Path | None, typer.Option("--changes", help="The deadline changes and their decisions.")
    ] = None,
    managers: Annotated[
        Path | None, typer.Option("--managers", help="The managers, and who of them is active.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Judge your own tracker (csv, xlsx) by controls 1.1, 1.2 and 1.4; needs no tenant and sends nothing.

    Proposes which of your columns and words are which of ours, and says what could not be judged and why.

    Example: lists-sync assess tracker.xlsx --out result.xlsx --write-mapping mapping.yaml
    """
    from lists_sync.assess.gather import Request
    from lists_sync.assess.judge import assess_file
    from lists_sync.assess.mapping_text import check_new
    from lists_sync.assess.mapping_text import write_mapping as write
    from lists_sync.assess.output import check_target, write_results
    from lists_sync.context import load_definitions

    dotenv = Path(".env")
    definitions = load_definitions(os.environ, dotenv if dotenv.is_file() else None)
    zone = definitions.provider.calendar.zone
    further = {"register": register, "deadline_changes": changes, "managers": managers}
    given = {key: path for key, path in further.items() if path is not None}
    inputs = [file, *given.values(), *([mapping] if mapping else [])]
    if out:
        check_target(out, inputs)
    if write_mapping:
        check_new(write_mapping)
    assessment = assess_file(Request(file, _moment(at, zone), mapping, sheet, given), definitions)
    written = []
    if write_mapping:
        write(write_mapping, assessment.mapping)
        written.append(
            f"Mapping written to {write_mapping}: edit it, then use --mapping {write_mapping.name}"
        )
    if out:
        write_results(out, assessment)
        written.append(f"Rows with results written to {out}")
    _show(assessment, zone, written=written, as_json=as_json)


def _show(assessment: Assessment, zone: ZoneInfo, *, written: list[str], as_json: bool) -> None:
    from lists_sync.assess.report import print_assessment, to_document

    if as_json:
        print_json(to_document(assessment, written=written))
        return
    from rich.console import Console

    print_assessment(assessment, Console(width=WIDTH, highlight=False), zone=zone, written=written)


def _moment(text: str | None, zone: ZoneInfo) -> datetime:
    from datetime import UTC

    from lists_sync.clock import now
    from lists_sync.errors import SettingsError

    if text is None:
        return now()
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as fault:
        hint = "Write it as 2026-11-23T08:15."
        raise SettingsError("--at is not a time.", hint=hint) from fault
