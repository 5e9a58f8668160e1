"""The evidence library: small files with the text a careful home would keep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from lists_sync.sample.cast import Cast, Row
from lists_sync.sample.words import THEMES

_KINDS = {theme.theme: theme.evidence for theme in THEMES}
_SLUGS = str.maketrans({"/": "-", " ": "-", ",": None, "(": None, ")": None})
_POINTS = (
    "Practice agreed with the written procedure.",
    "Two entries lacked a time; both were put right on the shift.",
    "Night records matched the day's plan.",
    "The check was repeated after a week with the same result.",
    "Equipment was in date and labelled.",
    "Handover named the change and who would watch it.",
    "The tool's third question needs rewording.",
)
_OLD_DAYS = 130


def library(cast: Cast) -> list[Row]:
    """Give the files, for every line as many as the cast says, and those with something wrong."""
    files: list[Row] = []
    old = set(cast.parts["outdated evidence"])
    refs = list(cast.rows)
    for place, (ref, count) in enumerate(cast.files.items()):
        for number in range(1, count + 1):
            shares = number == 1 and place % 11 == 0 and ref not in old
            also = _neighbour(cast, refs, place) if shares else None
            ago = _OLD_DAYS + 3 * number if ref in old else cast.rng.randrange(4, 44)
            files.append(_file(cast, ref, number, ago=ago, also=also))
    _spoil(cast, files)
    return files


def _neighbour(cast: Cast, refs: list[str], place: int) -> str | None:
    other = refs[(place + 1) % len(refs)]
    spoken_for = ("never validated", "validation too old", "evidence overdue", "outdated evidence")
    taken = {ref for part in (*spoken_for, "nearly complete without evidence") for ref in cast.parts[part]}
    return None if other in taken else other


def _file(cast: Cast, ref: str, number: int, *, ago: int, also: str | None) -> Row:
    row, rng = cast.rows[ref], cast.rng
    kinds = _KINDS.get(row.get("RiskTheme", ""), ("Policy / procedure",))
    kind = kinds[number % len(kinds)]
    dated = cast.days.weekday_on(-ago)
    name = f"{ref.translate(_SLUGS)}-{_slug(kind)}-{number}.txt".lower()
    refs = f"{ref}; {also}" if also else ref
    return {
        "name": name,
        "unique_id": str(UUID(int=rng.getrandbits(128), version=4)),
        "text": _text(rng, kind, refs, row, dated),
        "fields": {
            "ActionRef": refs,
            "EvidenceType": kind,
            "SourceDate": dated.isoformat(),
            "Summary": f"{kind} for {refs}.",
        },
    }


def _slug(kind: str) -> str:
    return "-".join(word for word in kind.translate(_SLUGS).split("-") if word)


def _text(rng: Random, kind: str, refs: str, row: Mapping[str, Any], dated: date) -> str:
    looked = rng.randrange(6, 21)
    agreed = looked - rng.randrange(0, 4)
    until = dated - timedelta(days=rng.randrange(5, 12))
    head = [
        kind,
        f"For {refs}: {row['Title']}.",
        f"{row['Service']}, {until.isoformat()} to {dated.isoformat()}.",
        f"Records looked at: {looked}. In order: {agreed}.",
    ]
    return "\n".join([*head, *rng.sample(_POINTS, rng.choice((1, 2, 3)))]) + "\n"


def _spoil(cast: Cast, files: list[Row]) -> None:
    """Add the files that a machine check must speak up about."""
    lines = cast.parts["due this week"]
    wrong = [_file(cast, lines[place], 8, ago=12 + place, also=None) for place in range(7)]
    empty, copied, nameless, unknown, other, mistyped, undated = wrong
    empty["text"] = ""
    copied["text"] = files[0]["text"]
    nameless["fields"].pop("ActionRef")
    unknown["fields"]["ActionRef"] = "WN-014/99"
    other["fields"]["ActionRef"] = "ZZ-000/01"
    mistyped["name"] = mistyped["name"].replace(".txt", ".pdf")
    undated["fields"].pop("SourceDate")
    files.extend(wrong)
