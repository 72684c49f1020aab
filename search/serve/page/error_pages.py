"""Errors for people: what programs get as problem details, as a page, for who opened an address.

Which error is which is decided once, where problems are made; here a problem only becomes a page.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from indexer.terminal import one_line
from indexer.tuples import NamedTuple
from search.serve.page.addresses import article_address
from search.serve.page.article_page import NoArticleError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from jinja2 import Environment
    from starlette.requests import Request as HttpRequest

    Handler = Callable[[HttpRequest, Exception], Awaitable[Response]]

#: What programs ask, whatever they accept.
_FOR_PROGRAMS = ("/api/", "/mcp", "/openapi.json", "/healthz", "/metrics", "/static/")
_OF_PROBLEMS = frozenset({"content-length", "content-type"})


class _Link(NamedTuple):
    """Where else to look."""

    told: str
    address: str


def with_pages(
    handlers: Mapping[type[Exception], Handler], templates: Environment
) -> dict[type[Exception], Handler]:
    """The handlers of errors, each of which answers browsers with a page."""
    template = templates.get_template("error.html")

    def paged(handler: Handler) -> Handler:
        async def handle(http: HttpRequest, error: Exception) -> Response:
            problem = await handler(http, error)
            if not wants_page(http):
                problem.headers["Vary"] = "Accept"
                return problem
            told = json.loads(bytes(problem.body))
            headers = {
                name: value for name, value in problem.headers.items() if name not in _OF_PROBLEMS
            }
            shown = template.render(
                title=one_line(told["title"]),
                message=_sentence(told["detail"]),
                hint=_sentence(told.get("hint") or ""),
                nearest=_nearest(error),
                status=problem.status_code,
                phrase=HTTPStatus(problem.status_code).phrase,
            )
            return HTMLResponse(shown, problem.status_code, {**headers, "Vary": "Accept"})

        return handle

    return {kind: paged(handler) for kind, handler in handlers.items()}


def wants_page(http: HttpRequest) -> bool:
    """Whether somebody reads the answer in a browser: they accept HTML by name, programs do not."""
    if http.url.path == "/api" or http.url.path.startswith(_FOR_PROGRAMS):
        return False
    for accepted in http.headers.get("accept", "").lower().split(","):
        kind, *parameters = (one.strip().replace(" ", "") for one in accepted.split(";"))
        if kind in {"text/html", "application/xhtml+xml"}:
            return not any(one in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for one in parameters)
    return False


def _sentence(text: str) -> str:
    """A message, which begins small as it stands after the name of a command, as people read it."""
    shown = one_line(text).rstrip(".")
    return shown[:1].upper() + shown[1:]


def _nearest(error: Exception) -> _Link | None:
    if not isinstance(error, NoArticleError) or not error.nearest:
        return None
    return _Link(one_line(error.nearest), article_address(error.nearest, ""))
