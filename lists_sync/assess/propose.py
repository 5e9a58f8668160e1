"""Which of their columns and words are which of ours: proposed, with how sure that is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from lists_sync.assess.dates import BLANK, read_column
from lists_sync.assess.names import known, never, plain, title_score, word_score
from lists_sync.assess.sheets import Cell, Sheet
from lists_sync.model import Column, Kind, ListSchema

MAPPED_PCT = 60
"""Below this nothing is proposed."""

SURE_PCT = 80
"""Below this a person is asked to look."""

JUDGED_WORDS: Mapping[str, tuple[str, ...]] = {
    "actions": ("Status", "RiskRating"),
    "register": (),
    "deadline_changes": ("Decision",),
    "managers": ("Active",),
}
"""By list: the columns whose words decide a figure; other choice columns only have to be filled."""

_SAMPLE = 400
_WORDS_LIMIT = 60
_EMAIL = re.compile(r"[^\s@|;,<>]+@[^\s@|;,<>]+\.[^\s@|;,<>]+")
_NAME = re.compile(r"[^\W\d_][^\d@]*[\s,][^\d@]*[^\W\d_]\.?")


@dataclass(frozen=True)
class Guess:
    """What stands for what, and how sure that is; 100 and `given` where a person said it."""

    value: str
    pct: int
    given: bool = False


@dataclass(frozen=True)
class Proposal:
    """A mapping of one sheet.

    Args:
        columns: by our column: their title.
        words: by our column: by their word: our word.
        unknown: by our column: their words that are none of ours, and on how many rows each stands.
        left: their titles that stand for nothing of ours.
    """

    key: str
    sheet: str
    columns: Mapping[str, Guess]
    words: Mapping[str, Mapping[str, Guess]] = field(default_factory=dict)
    unknown: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    left: tuple[str, ...] = ()

    def theirs(self, ours: str) -> str:
        """Give their title for our column, "" for none."""
        return self.columns[ours].value if ours in self.columns else ""


def propose(
    sheet: Sheet,
    schema: ListSchema,
    *,
    zone: ZoneInfo,
    given: Mapping[str, str | None] | None = None,
    given_words: Mapping[str, Mapping[str, str | None]] | None = None,
) -> Proposal:
    """Propose a mapping of a sheet to a list.

    Args:
        given: what a person said: our column -> their title, None to leave it out.
        given_words: likewise: our column -> their word -> ours.

    Returns:
        every title at most once; the same sheet always gives the same proposal.
    """
    said = dict(given or {})
    columns = {ours: Guess(theirs, 100, given=True) for ours, theirs in said.items() if theirs}
    taken = {guess.value for guess in columns.values()}
    for score, _, _, ours, theirs in sorted(_candidates(sheet, schema, zone), key=lambda one: one[:3]):
        if ours not in columns and ours not in said and theirs not in taken:
            columns[ours] = Guess(theirs, round(-score))
            taken.add(theirs)
    ordered = {column.name: columns[column.name] for column in schema.columns if column.name in columns}
    words, unknown = _words(sheet, schema, ordered, given_words or {})
    left = tuple(title for title in sheet.titles if title not in taken and plain(title) not in never())
    return Proposal(schema.key, sheet.name, ordered, words, unknown, left)


def _candidates(
    sheet: Sheet, schema: ListSchema, zone: ZoneInfo
) -> Iterable[tuple[float, int, int, str, str]]:
    """Yield (minus the score, our place, their place, ours, theirs) of every pair worth proposing."""
    values = {
        title: [cell for cell in sheet.column(title) if cell is not None][:_SAMPLE] for title in sheet.titles
    }
    for mine, column in enumerate(schema.columns):
        if column.bot:
            continue
        for place, title in enumerate(sheet.titles):
            score = _score(schema.key, column, _names(sheet, title), values[title], zone)
            if score >= MAPPED_PCT:
                yield -round(score, 3), mine, place, column.name, title


def _names(sheet: Sheet, title: str) -> tuple[str, ...]:
    declared = sheet.declared.get(title)
    return (title, declared.name) if declared and declared.name else (title,)


def _score(key: str, column: Column, names: Sequence[str], values: Sequence[Cell], zone: ZoneInfo) -> float:
    what = known(key, column.name)
    title = plain(names[0])
    if title in never() or (what.ruled_out & set(title.split()) and title not in what.names):
        return 0.0
    by_name = max(title_score(name, what) for name in names)
    share = _share(key, column, values, zone)
    if share is None:
        return by_name
    if column.name in JUDGED_WORDS[key] and share >= 0.95 and len({plain(str(one)) for one in values}) > 1:  # noqa: PLR2004
        by_name = max(by_name, MAPPED_PCT + 5.0)  # the words alone tell such a column
    if share < 0.3:  # noqa: PLR2004  # what stands there contradicts the title
        return MAPPED_PCT if by_name == 100 and share > 0 else by_name * 0.4  # noqa: PLR2004
    return by_name * (0.8 + 0.2 * share)


def _share(key: str, column: Column, values: Sequence[Cell], zone: ZoneInfo) -> float | None:
    """Give the share of values that look like what the column holds; None where values say nothing."""
    if not values:
        return None
    if column.kind in (Kind.DATE, Kind.DATETIME):
        reads = [one for one in read_column(values, zone=zone) if one != BLANK]
        return sum(not one.wrong or one.month_above_12 for one in reads) / len(reads) if reads else None
    if column.name in JUDGED_WORDS[key]:
        return _word_share(key, column, values)
    test = _TESTS.get(column.name) or _TESTS.get(column.kind)
    return sum(map(test, values)) / len(values) if test else None


def _word_share(key: str, column: Column, values: Sequence[Cell]) -> float:
    counts = Counter(_word(value) for value in values)
    if len(counts) > _WORDS_LIMIT:
        return 0.0
    hits = sum(count for word, count in counts.items() if _best_word(key, column, word).pct >= MAPPED_PCT)
    return hits / len(values)


def _word(value: Cell) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or bool(re.fullmatch(r"-?[\d,]*\.?\d+\s?%?", str(value)))


def _is_email(value: Any) -> bool:
    return isinstance(value, str) and bool(_EMAIL.search(value))


def _is_person(value: Any) -> bool:
    return isinstance(value, str) and (_is_email(value) or (len(value) < 80 and bool(_NAME.fullmatch(value))))  # noqa: PLR2004


def _is_ref(value: Any) -> bool:
    text = _word(value)
    return len(text) <= 40 and any(char.isdigit() for char in text) and text.count(" ") < 4  # noqa: PLR2004


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "ActionRef": _is_ref,
    "Email": _is_email,
    Kind.NUMBER: _is_number,
    Kind.PERSON: _is_person,
    Kind.TEXT: _is_text,
    Kind.NOTE: _is_text,
}
"""By column name or kind: what a value of it looks like."""


def offered(column: Column) -> tuple[str, ...]:
    """Give the words that a mapping may name for a column."""
    return ("Yes", "No") if column.kind is Kind.YESNO else column.choices


def _best_word(key: str, column: Column, word: str) -> Guess:
    spellings = known(key, column.name).words
    scores = [(word_score(word, ours, spellings.get(ours, ())), ours) for ours in offered(column)]
    score, ours = max(scores, key=lambda one: one[0], default=(0.0, ""))
    return Guess(ours, round(score))


def _words(
    sheet: Sheet,
    schema: ListSchema,
    columns: Mapping[str, Guess],
    given: Mapping[str, Mapping[str, str | None]],
) -> tuple[dict[str, dict[str, Guess]], dict[str, dict[str, int]]]:
    """Propose our word for each of theirs; words that are ours already are kept as they are."""
    words: dict[str, dict[str, Guess]] = {}
    unknown: dict[str, dict[str, int]] = {}
    for name in JUDGED_WORDS[schema.key]:
        if name not in columns:
            continue
        column, said = schema.column(name), {plain(word): ours for word, ours in given.get(name, {}).items()}
        found: dict[str, Guess] = {}
        counts = Counter(_word(cell) for cell in sheet.column(columns[name].value) if cell is not None)
        for word in sorted(counts, key=lambda one: (-counts[one], one)):
            guess = _best_word(schema.key, column, word)
            if plain(word) in said:
                guess = Guess(said[plain(word)] or "", 100 if said[plain(word)] else 0, given=True)
            if guess.pct >= MAPPED_PCT:
                found[word] = guess
            else:
                unknown.setdefault(name, {})[word] = counts[word]
        words[name] = found
    return words, unknown
