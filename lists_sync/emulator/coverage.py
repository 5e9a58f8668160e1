"""What the workspace serves and what can be switched, as the tables of its page in the manual.

`python -m lists_sync.emulator.coverage` prints them.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lists_sync.emulator import control, pages, sharepoint, signin, teams
from lists_sync.emulator.graph import service
from lists_sync.emulator.graph.routes import SERVED
from lists_sync.emulator.sharepoint_table import covered
from lists_sync.emulator.state import State
from lists_sync.emulator.switches import SWITCHES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.routing import BaseRoute

_GRAPH = "/v1.0"
_REST = "/sites/{site}/_api/"


def served() -> list[tuple[str, str, str]]:
    """Every service, method and path that is answered, in the order of the page."""
    state = State()
    rows = [("Sign-in", *row) for row in _of_routes(signin.routes(state))]
    rows += [("Graph", *row) for row in _of_routes(service.routes(state)) if "{rest" not in row[1]]
    rows.append(("Graph", "POST", f"{_GRAPH}/$batch"))
    rows += [("Graph", method, _GRAPH + path) for method, path, _ in SERVED]
    rows.append(("SharePoint REST", "POST", f"{_REST}$batch"))
    rows += [("SharePoint REST", method, _REST + shape) for method, shape in covered() if sharepoint.HANDLERS]
    rows += [
        ("SharePoint CSOM", *row) for row in _of_routes(sharepoint.routes(state)) if "_vti_bin" in row[1]
    ]
    rows += [("Teams", *row) for row in _of_routes(teams.routes(state)) if row[1].startswith("/teams")]
    rows += [("Pages", *row) for row in _of_routes(pages.routes(state))]
    rows += [("Control", *row) for row in _of_routes([*control.routes(state), *teams.routes(state)])
             if row[1].startswith("/_workspace")]  # fmt: skip
    state.close()
    return list(dict.fromkeys(rows))


def _of_routes(routes: Iterable[BaseRoute]) -> list[tuple[str, str]]:
    found = []
    for route in routes:
        path = str(getattr(route, "path", "")).replace(":path}", "}")
        methods = set(getattr(route, "methods", None) or {"GET"}) - {"HEAD"}
        found += [(method, path) for method in sorted(methods)]
    return found


def paths_table() -> str:
    """The table of served paths: a line a path, its methods together."""
    methods: dict[tuple[str, str], list[str]] = {}
    for service_name, method, path in served():
        methods.setdefault((service_name, path), []).append(method)
    rows = [(name, ", ".join(held), f"`{path}`") for (name, path), held in methods.items()]
    return _table(("service", "methods", "path"), rows)


def switches_table() -> str:
    """The table of switches, with their defaults and what Microsoft leaves open."""
    rows = []
    for name, switch in SWITCHES.items():
        default = str(switch.default).lower() if isinstance(switch.default, bool) else str(switch.default)
        words = f" One of {', '.join(f'`{word}`' for word in switch.words)}." if switch.words else ""
        rows.append((f"`{name}`", f"`{default}`", switch.does + words, switch.left_open))
    return _table(("switch", "default", "what it does", "what Microsoft leaves open"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in lines)


def tables() -> str:
    """Both tables, a blank line between them."""
    return f"{paths_table()}\n\n{switches_table()}\n"


if __name__ == "__main__":
    sys.stdout.write(tables())
