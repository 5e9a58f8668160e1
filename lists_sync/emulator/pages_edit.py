"""The form of an item: filled as a person fills it, checked, and saved as that person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lists_sync.emulator.clock import iso, parse
from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.pages_cells import LONDON, Cells, date_text
from lists_sync.emulator.pages_frame import (
    column_title,
    editable,
    frame,
    item_address,
    item_name,
    own_columns,
    page_address,
    useful_first,
)
from lists_sync.emulator.pages_item import BY_THE_BOT
from lists_sync.emulator.records import Actor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import FormData

    from lists_sync.emulator.records import Column, Item, WorkList
    from lists_sync.emulator.state import State

_WIDGETS = {
    "note": "note",
    "number": "number",
    "yesno": "check",
    "date": "date",
    "datetime": "datetime-local",
    "choice": "select",
    "choices": "checks",
    "person": "select",
}
CHANGED_MEANWHILE = "Somebody else changed this item while you were editing."


class FormError(Exception):
    """What stands in the way of saving, one sentence each; `head` says what became of it."""

    def __init__(self, head: str, problems: list[str], *, status: int = 422) -> None:
        super().__init__(head)
        self.status = status
        self.head = head
        self.problems = problems


def form_page(
    state: State,
    found: WorkList,
    item: Item | None,
    *,
    sent: FormData | None = None,
    error: FormError | None = None,
) -> dict[str, Any]:
    """What the form's template needs; what was sent stands in the fields again after an error."""
    held: Mapping[str, Any] = item.fields if item else {}
    values = held if sent is None else _as_sent(found, sent)
    return {
        **frame(state, found),
        "heading": f"Edit {item_name(found, item)}" if item else f"Add to {found.title}",
        "etag": _etag(item, sent),
        "problem_head": error.head if error else "",
        "problems": error.problems if error else [],
        "people": sorted(
            ({"email": user.email, "name": user.name} for user in state.users() if user.enabled),
            key=lambda person: person["name"].casefold(),
        ),
        "who": str(sent.get("_who", "")) if sent else "",
        "fields": [
            _field(state, found, column, values.get(column.name), held=held.get(column.name))
            for column in useful_first(editable(found))
        ],
        "bot_title": BY_THE_BOT,
        "bot_fields": _bot_fields(state, found, item),
        "back_href": item_address(state, found, item.id) if item else page_address(state, found),
    }


def _bot_fields(state: State, found: WorkList, item: Item | None) -> list[dict[str, Any]]:
    """What the bot wrote, to be read beside the form: people's forms have these columns hidden."""
    if item is None:
        return []
    cells = Cells(state, found)
    return [
        {"title": column_title(column), "cell": cells.of(item, column)}
        for column in own_columns(found)
        if column.bot and column.kind != "note"
    ]


def _etag(item: Item | None, sent: FormData | None) -> str:
    if item is None:
        return ""
    return str(sent.get("_etag", "")) if sent is not None else item.etag


def save(state: State, found: WorkList, item: Item | None, sent: FormData) -> Item:
    """Save what was sent, as the person it names; only values that differ are written.

    Raises:
        FormError: nobody is named, a value cannot be held, or the item was changed meanwhile.
    """
    who = str(sent.get("_who", ""))
    if not any(user.email == who and user.enabled for user in state.users()):
        raise FormError("Nothing was saved.", ["Choose who you are."])
    values, problems = _read(state, found, sent)
    if problems:
        raise FormError("Nothing was saved. Please correct this:", problems)
    actor = Actor(email=who)
    try:
        if item is None:
            kept = {name: value for name, value in values.items() if value is not None}
            return state.create_item(found.id, kept, actor=actor)
        changes = {name: value for name, value in values.items() if _touched(state, found, item, name, sent)}
        match = str(sent.get("_etag", ""))
        state.check_match(item, match)
        return state.update_item(found.id, item.id, changes, actor=actor, if_match=match) if changes else item
    except EmulatedError as problem:
        raise _form_error(problem) from problem


def _touched(state: State, found: WorkList, item: Item, name: str, sent: FormData) -> bool:
    """Whether the person changed the field: what was sent is compared with what the form had shown.

    Comparing stored values would take the second 01:30 of an October night, or choices stored in
    another order than the boxes stand in, for an edit.
    """
    shown = _field(state, found, found.columns[name], item.fields.get(name))
    texts = [str(one).replace("\r\n", "\n") for one in sent.getlist(name)]
    if shown["widget"] == "check":
        return bool(texts) is not bool(shown["value"])
    if shown["widget"] in {"checks", "select"}:
        return {text for text in texts if text} != {one["value"] for one in shown["options"] if one["chosen"]}
    return texts != [shown["value"].replace("\r\n", "\n")]


def _form_error(problem: EmulatedError) -> FormError:
    if problem.inner == "entityTagDoesNotMatch":
        told = "Your changes were not saved. Open the item again, look at it, and enter them once more."
        return FormError(CHANGED_MEANWHILE, [told], status=409)
    return FormError("Nothing was saved. Please correct this:", [problem.sp_message])


def _field(state: State, found: WorkList, column: Column, value: Any, *, held: Any = None) -> dict[str, Any]:
    zone = state.site(found.site_id).time_zone
    return {
        "name": column.name,
        "title": column_title(column),
        "hint": " ".join(part for part in (column.description, _date_hint(column, held, zone)) if part),
        "required": column.required,
        "widget": _WIDGETS.get(column.kind, "text") if not _own_words(column) else "own",
        "value": _input_text(column, value, zone),
        "options": _options(state, found, column, value),
    }


def _date_hint(column: Column, held: Any, zone: str) -> str:
    """How the stored date reads in UK form: a browser draws its date fields in its own country's way."""
    if column.kind not in {"date", "datetime"} or not isinstance(held, str):
        return ""
    timed = column.kind == "datetime"
    return f"Now {date_text(held, zone, with_time=timed)}{', UK time' if timed and zone == LONDON else ''}."


def _own_words(column: Column) -> bool:
    return column.kind == "choice" and column.fill_in


def _input_text(column: Column, value: Any, zone: str) -> Any:
    if column.kind == "yesno":
        return bool(value)
    if value is None:
        return ""
    if column.kind in {"date", "datetime"} and isinstance(value, str) and value.endswith("Z"):
        form = "%Y-%m-%d" if column.kind == "date" else "%Y-%m-%dT%H:%M:%S"
        return parse(value).astimezone(ZoneInfo(zone)).strftime(form).removesuffix(":00")
    return value["Url"] if isinstance(value, dict) else str(value)


def _options(state: State, found: WorkList, column: Column, value: Any) -> list[dict[str, Any]]:
    chosen = value if isinstance(value, list) else [value]
    if column.kind in {"choice", "choices"}:
        # A word that the column does not offer is kept: saving must not lose what is stored.
        words = list(dict.fromkeys([*column.choices, *(word for word in chosen if word)]))
        return [{"value": word, "text": word, "chosen": word in chosen} for word in words]
    if column.kind == "person":
        emails = [state.lookup_email(found.site_id, one) if isinstance(one, int) else one for one in chosen]
        people = {email: email for email in emails if email} | {
            user.email: user.name for user in state.users()
        }
        ordered = sorted(people.items(), key=lambda pair: pair[1].casefold())
        return [{"value": email, "text": name, "chosen": email in emails} for email, name in ordered]
    return []


def _as_sent(found: WorkList, sent: FormData) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in editable(found):
        texts = [str(one) for one in sent.getlist(column.name)]
        values[column.name] = texts if column.kind == "choices" else (texts[0] if texts else None)
    return values


def _read(state: State, found: WorkList, sent: FormData) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    problems = []
    for column in editable(found):
        title = column_title(column)
        texts = [str(one).replace("\r\n", "\n") for one in sent.getlist(column.name) if str(one).strip()]
        try:
            values[column.name] = _value(state, found, column, texts)
        except (ValueError, EmulatedError):
            problems.append(f"{title}: “{texts[0]}” cannot be stored here.")
        if column.required and values.get(column.name) is None and not texts:
            problems.append(f"{title} must be given.")
    return values, problems


def _value(state: State, found: WorkList, column: Column, texts: list[str]) -> Any:
    if column.kind == "yesno":
        return bool(texts)
    if not texts:
        return None
    text = texts[0]
    if column.kind == "choices":
        return texts
    return text if column.kind in {"text", "note", "choice"} else _typed(state, found, column, text)


def _typed(state: State, found: WorkList, column: Column, text: str) -> Any:
    if column.kind == "number":
        return int(text) if text.lstrip("-").isdigit() else float(text)
    if column.kind == "person":
        one = state.ensure_user(found.site_id, text).id
        return [one] if column.many else one
    if column.kind in {"date", "datetime"}:
        zone = ZoneInfo(state.site(found.site_id).time_zone)
        return iso(datetime.fromisoformat(text).replace(tzinfo=zone))
    if column.kind == "hyperlink":
        return {"Url": text, "Description": text}
    return text
