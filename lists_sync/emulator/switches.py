"""What may be switched, with the setting that most tenants are believed to have.

A switch whose `left_open` says something stands for a matter that Microsoft's documents do not settle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Switch:
    """One switch.

    Args:
        default: its setting in a fresh workspace; what replaces it must be of the same kind.
        does: what it governs, in a line.
        left_open: what Microsoft leaves open about it, "" where it is documented.
        words: the words that a switch of text may be set to.
    """

    default: Any
    does: str
    left_open: str = ""
    words: tuple[str, ...] = ()


def _on(does: str, left_open: str = "") -> Switch:
    return Switch(default=True, does=does, left_open=left_open)


def _off(does: str, left_open: str = "") -> Switch:
    return Switch(default=False, does=does, left_open=left_open)


SWITCHES: dict[str, Switch] = {
    # paging and queries
    "default_top": Switch(200, "Rows on a page of Graph where `$top` is not given."),
    "max_top": Switch(1000, "A larger `$top` is cut to this.", "The largest `$top` is not documented."),
    "threshold": Switch(5000, "Rows that a query without a usable index may touch."),
    "too_many_resources_status": Switch(
        422, "Graph's status beyond the threshold.", "Reports since 2022 name 422, older ones 429."
    ),
    "modified_indexed": _off(
        "Created and Modified may be filtered by.", "Whether they are indexed is not documented."
    ),
    # values
    "null_clears": _on(
        "`null` empties a column; off, it is refused.", "How a value is cleared is not documented."
    ),
    "bare_dates": Switch(
        "utc",
        "How a date without a zone is read.",
        "The form of dates sent is not documented.",
        ("utc", "site"),
    ),
    "local_dates_in_create": _off(
        "Answers of a create name the site's local time and still say Z.",
        "Seen by several users, never explained.",
    ),
    "lookup_id_text": _on("A person's id may be sent as text.", "Whether it may is not documented."),
    # concurrency
    "stale_status": Switch(
        412, "Graph's status for an If-Match that no longer holds.", "412 is documented; 409 was also seen."
    ),
    "stale_code": Switch(
        "resourceModified", "Graph's code for the same.", "The body of that refusal is not documented."
    ),
    "schema_write_s": Switch(0.001, "Seconds for which a change of columns or views keeps others out (409)."),
    "version_limit": Switch(50, "Versions kept of an item."),
    # delta
    "delta_available": _on("Delta of list items; off as in the national clouds."),
    "delta_fields_without_expand": _off(
        "Delta gives values without `$expand=fields`.", "Whether it does is not documented."
    ),
    "delta_days": Switch(60, "Days for which a delta link holds."),
    "delta_duplicates": _off("Delta gives its first changed row twice, as it may."),
    "delta_shuffled": _off("Delta gives a page's rows the other way round.", "No order is documented."),
    # batches
    "batch_shuffled": _on("Answers of a Graph batch come in another order than asked."),
    "batch_bare_parts": _off(
        "Parts without a body come without `headers` and `body`.",
        "Which members such a part has is not documented.",
    ),
    "sharepoint_batch_limit": Switch(
        100, "Parts in one batch of SharePoint REST.", "The limit is used by clients, not documented."
    ),
    # limits of use
    "licences": Switch(0, "Licences of the tenant, which set its limits; 0 counts units and refuses nobody."),
    "throttle_clock": Switch("wall", "Whose minutes the limits run by.", words=("wall", "workspace")),
    "retry_after": Switch(
        "integer",
        "How Retry-After is written.",
        "All three forms were seen.",
        ("integer", "decimal", "absent"),
    ),
    # time
    "clock_skew_s": Switch(0, "Seconds by which the `Date` of answers is ahead of this machine's clock."),
    # sign-in and grants
    "token_lifetime_s": Switch(3599, "Seconds for which a token holds."),
    "apps": Switch(
        {}, "Client id to `secret`, `certificate` (PEM), `roles`, `name`; empty, any app may sign in."
    ),
    "sites_selected": _off("The app has only the sites that `grants` names."),
    "grants": Switch({}, "Site path to roles, while `sites_selected` is on."),
    # files
    "office_upload_alters": _off(
        "An Office file comes back altered, in size and hash.", "Seen by many, documented nowhere."
    ),
    "download_minutes": Switch(
        60, "Minutes for which a download address holds.", "The document says a few, an hour was seen."
    ),
    # SharePoint REST
    "secret_tokens_on_sharepoint": _off("SharePoint takes a token that a secret bought."),
    "overwrite_version_supported": _on(
        "`bNewDocumentUpdate` makes no new version.",
        "Known of documents; unproven of plain list items.",
    ),
}

DEFAULTS: dict[str, Any] = {name: switch.default for name, switch in SWITCHES.items()}


def check(settings: dict[str, Any]) -> None:
    """Say nothing where each switch is there and of its kind.

    Raises:
        ValueError: a name or a setting that there is not; the sentence names it.
    """
    unknown = sorted(set(map(str, settings)) - set(SWITCHES))
    if unknown:
        raise ValueError(f"There is no switch named {', '.join(unknown)}.")
    for name, value in settings.items():
        switch = SWITCHES[name]
        if switch.words and value not in switch.words:
            raise ValueError(f"switches.{name}: {value!r} is none of {', '.join(switch.words)}.")
        if not _alike(switch.default, value):
            raise ValueError(f"switches.{name}: {value!r} is not {_KINDS[type(switch.default)]}.")


_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a word", dict: "a table"}


def _alike(default: Any, value: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    return isinstance(value, int | float if isinstance(default, float) else type(default))
