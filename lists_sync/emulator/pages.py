"""The pages of the workspace: lists, items, forms, files and posts as a person sees them."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from lists_sync.emulator.clock import iso
from lists_sync.emulator.errors import EmulatedError
from lists_sync.emulator.pages_cells import LONDON, date_text, linked
from lists_sync.emulator.pages_edit import FormError, form_page, save
from lists_sync.emulator.pages_frame import editable, item_address, page_address
from lists_sync.emulator.pages_home import home_sites
from lists_sync.emulator.pages_item import item_page
from lists_sync.emulator.pages_list import list_page
from lists_sync.emulator.teams import posts
from lists_sync.emulator.teams_card import blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from lists_sync.emulator.records import Item, WorkList
    from lists_sync.emulator.state import State

_FOLDER = Path(__file__).with_name("pages")
_SAFE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# Shown in the browser; anything else is handed over as a download.
_SHOWN_TYPES = {"text/plain", "application/pdf", "image/png", "image/jpeg"}
_READ_ONLY = "lists-sync writes this list and people read it. Go back to the list; nothing was saved."


class Pages:
    """Draws the pages of one workspace."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.filters["linked"] = linked

    def draw(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page from its template, with the headers that every page has."""
        now = self._state.clock.now()
        told = {"iso": iso(now), "text": date_text(iso(now), LONDON)}
        text = self._templates.get_template(template).render(now=told, **values)
        return HTMLResponse(text, status, headers=_SAFE_HEADERS)

    def problem(self, status: int, heading: str, sentence: str, *, back: WorkList | None = None) -> Response:
        """A page that says what is wrong, with the way back to a list where one is known."""
        way = {"title": back.title, "href": page_address(self._state, back)} if back else None
        return self.draw("problem.html", status, heading=heading, sentence=sentence, back=way)

    def missing(self, request: Request) -> Response:
        """What an address that leads nowhere answers: a page for a browser, a bare line for a program."""
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse("Not Found", 404)
        return self.problem(404, "Not found", "No page has this address. Choose a list to go on.")

    def home(self) -> Response:
        """All sites with their lists."""
        return self.draw("home.html", sites=home_sites(self._state))

    def teams(self) -> Response:
        """What was posted to the channels, newest first."""
        shown = [
            {
                "channel": post.channel,
                "iso": post.at,
                "when": date_text(post.at, LONDON),
                "failure": post.failure,
                "blocks": blocks(post.body),
            }
            for post in reversed(posts(self._state))
        ]
        return self.draw("teams.html", posts=shown)

    def get(self, request: Request) -> Response:
        """A page or file below a site."""
        try:
            found, rest = self._find(request)
            page = rest.removeprefix("Forms/") if found.is_library else rest
            if page.lower() == "allitems.aspx":
                return self.draw("list.html", **list_page(self._state, found, request.query_params))
            if page.lower() == "newform.aspx":
                return self._form(found, None)
            if page.lower() in {"dispform.aspx", "editform.aspx"}:
                return self._item(request, found, page.lower())
            return self._other(found, rest)
        except EmulatedError:
            return self._not_found(request)

    def _not_found(self, request: Request, more: str = "") -> Response:
        """Say what is not there: the list, or an item or file in it."""
        try:
            found = self._find(request)[0]
        except EmulatedError:
            return self.problem(404, "Not found", f"No list has this address.{more} Choose one to go on.")
        told = f"{found.title} holds no such item, file or page; it may have been deleted.{more}"
        return self.problem(404, "Not found", told, back=found)

    def _item(self, request: Request, found: WorkList, page: str) -> Response:
        item = self._wanted(request, found)
        if page == "editform.aspx":
            return self._form(found, item)
        return self.draw("item.html", **item_page(self._state, found, item, request.query_params))

    def _form(self, found: WorkList, item: Item | None) -> Response:
        if not editable(found):
            return self.problem(403, "Read only", _READ_ONLY, back=found)
        return self.draw("edit.html", **form_page(self._state, found, item))

    def _other(self, found: WorkList, rest: str) -> Response:
        if not rest or rest.lower() == "forms":
            return RedirectResponse(page_address(self._state, found), 302, headers=_SAFE_HEADERS)
        number = rest.removesuffix("_.000")
        if not found.is_library and number.isdigit():
            return RedirectResponse(item_address(self._state, found, int(number)), 302, headers=_SAFE_HEADERS)
        if rest.lower().endswith(".aspx"):
            view = quote(rest.removeprefix("Forms/")[: -len(".aspx")])
            return RedirectResponse(
                f"{page_address(self._state, found)}?view={view}", 302, headers=_SAFE_HEADERS
            )
        return self._file(self._state.library_file(found.id, rest))

    def _file(self, item: Item) -> Response:
        name = item.file.name if item.file else "file"
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        way = "inline" if kind in _SHOWN_TYPES else "attachment"
        headers = {
            **_SAFE_HEADERS,
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Content-Disposition": f"{way}; filename*=UTF-8''{quote(name)}",
        }
        return Response(self._state.content(item), media_type=kind, headers=headers)

    def post(self, request: Request, sent: Any) -> Response:
        """Save a form, and show the item; or the form again with what is wrong."""
        try:
            found, rest = self._find(request)
            page = rest.removeprefix("Forms/").lower()
            if page not in {"editform.aspx", "newform.aspx"} or (page == "newform.aspx" and found.is_library):
                return self.problem(405, "Not possible", "This page takes no forms.")
            item = self._wanted(request, found) if page == "editform.aspx" else None
        except EmulatedError:
            return self._not_found(request, " Nothing was saved.")
        if not editable(found):
            return self.problem(403, "Read only", _READ_ONLY, back=found)
        before = item.number if item else 0
        try:
            saved = save(self._state, found, item, sent)
        except FormError as problem:
            again = form_page(self._state, found, item, sent=sent, error=problem)
            return self.draw("edit.html", problem.status, **again)
        said = "made" if item is None else "saved" if saved.number != before else "same"
        address = f"{item_address(self._state, found, saved.id)}&said={said}"
        return RedirectResponse(address, 303, headers=_SAFE_HEADERS)

    def _find(self, request: Request) -> tuple[WorkList, str]:
        site = self._state.site_by_path(f"/sites/{request.path_params['site']}")
        rest = f"{site.path}/{request.path_params['rest']}"
        for found in self._state.lists(site.id):
            root = self._state.list_path(found)
            if rest.casefold() == root.casefold() or rest.casefold().startswith(f"{root}/".casefold()):
                return found, rest[len(root) :].strip("/")
        return self._state.find_list(site.id, request.path_params["rest"].split("/")[-1]), ""

    def _wanted(self, request: Request, found: WorkList) -> Item:
        number = request.query_params.get("ID", "")
        return self._state.item(found.id, int(number) if number.isdigit() else -1)


def same_origin(request: Request) -> bool:
    """Whether a form was sent from one of our own pages: browsers say so, and no other site can."""
    said = request.headers.get("origin") or request.headers.get("referer") or ""
    return bool(said) and urlsplit(said).netloc == request.headers.get("host")


def missing_page(state: State) -> Callable[[Request, Exception], Response]:
    """What the whole workspace answers where no service and no page has the address."""
    pages = Pages(state)
    return lambda request, _: pages.missing(request)


def routes(state: State) -> list[Route]:
    """The routes of all pages; those below a site come last, since they take what is left."""
    pages = Pages(state)

    def home(_: Request) -> Response:
        return pages.home()

    def teams(_: Request) -> Response:
        return pages.teams()

    def style(_: Request) -> Response:
        return Response((_FOLDER / "style.css").read_bytes(), media_type="text/css", headers=_SAFE_HEADERS)

    def site(_: Request) -> Response:
        return RedirectResponse("/", 302, headers=_SAFE_HEADERS)

    async def below(request: Request) -> Response:
        if request.method != "POST":
            return await run_in_threadpool(pages.get, request)
        if not same_origin(request):
            return pages.problem(
                403, "Refused", "A form must be sent from a page of this workspace. Open the item here."
            )
        async with request.form() as sent:
            return await run_in_threadpool(pages.post, request, sent)

    return [
        Route("/", home),
        Route("/teams/", teams),
        Route("/_pages/style.css", style),
        Route("/sites/{site}", site),
        Route("/sites/{site}/{rest:path}", below, methods=["GET", "POST"]),
    ]
