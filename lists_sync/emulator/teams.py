"""A stand-in for the Workflows webhook of Teams: takes posts and keeps them to be looked at."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lists_sync.emulator.ids import guid
from lists_sync.emulator.teams_card import failure

if TYPE_CHECKING:
    from starlette.requests import Request

    from lists_sync.emulator.state import State

_CHANNEL = re.compile(r"[\w .\-]{1,80}")
_KIND = "post"


@dataclass(frozen=True)
class Post:
    """A post that was accepted; `failure` says why no card came of it, "" where one did."""

    number: int
    at: str
    channel: str
    body: Any
    failure: str


def posts(state: State) -> list[Post]:
    """The posts so far, oldest first."""
    with state.lock:
        rows = state.store.things(_KIND).values()
    return sorted((Post(**row) for row in rows), key=lambda post: post.number)


def routes(state: State) -> list[Route]:
    """The webhook's route, and the list of what it was sent."""

    async def take(request: Request) -> Response:
        return _take(state, request, await request.body())

    async def show(_: Request) -> Response:
        return JSONResponse({"posts": [_shown(post) for post in posts(state)]})

    return [
        Route("/teams/{channel}", take, methods=["POST"]),
        Route("/_workspace/posts", show, methods=["GET"]),
    ]


def _take(state: State, request: Request, content: bytes) -> Response:
    channel = request.path_params["channel"]
    if not _CHANNEL.fullmatch(channel):
        return _refused(404, "WorkflowNotFound", "The workflow could not be found.")
    if "authorization" in request.headers:
        told = "The request must be authenticated only by Shared Access scheme."
        return _refused(401, "DirectApiAuthorizationRequired", told)
    try:
        body = json.loads(content)
    except ValueError:
        return _refused(
            400, "InvalidRequestContent", "The request content is not valid and could not be deserialized."
        )
    # The real trigger accepts anything that is JSON; what is wrong shows in the run history only.
    with state.bulk():
        number = len(state.store.things(_KIND)) + 1
        post = {
            "number": number,
            "at": state.clock.iso(),
            "channel": channel,
            "body": body,
            "failure": failure(body),
        }
        state.store.put(_KIND, f"{number:08d}", post)
    return Response(status_code=202, headers={"x-ms-workflow-run-id": guid("post", channel, number)})


def _refused(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)


def _shown(post: Post) -> dict[str, Any]:
    return {
        "n": post.number,
        "at": post.at,
        "channel": post.channel,
        "body": post.body,
        "posted": not post.failure,
        "failure": post.failure,
    }
