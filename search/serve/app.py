"""The service as one ASGI application: all that is served, and what stands before it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from indexer.errors import EXIT_CRASH, Failure, PassageSearchError
from search.serve.api.kinds import shown
from search.serve.api.routes import Api
from search.serve.guard.asking import Guard, Guarding
from search.serve.guard.headers import SafeHeaders
from search.serve.guard.sizes import Sized
from search.serve.health import Health
from search.serve.mcp.http import McpOverHttp
from search.serve.metrics import Metrics
from search.serve.page.article_page import ArticleRoutes
from search.serve.page.assets import Assets
from search.serve.page.error_pages import with_pages
from search.serve.page.search_page import PageRoutes
from search.serve.page.templating import templates_of
from search.serve.problems import NotFoundError, problem, problem_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request as HttpRequest
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from search.serve.service import Service


def app_of(
    service: Service,
    guard: Guard | None = None,
    *,
    on_unexpected: Callable[[Exception], object] = lambda _error: None,
) -> ASGIApp:
    """The application that answers from a service; when it ends, the service does.

    Args:
        service: what is asked.
        guard: who may ask; None: who asks by an address or as localhost.
        on_unexpected: called with an error that nobody foresaw, which was answered with 500.
    """
    metrics = Metrics(service)
    answering = _answering(service, metrics)
    sized = Sized(_Telling(answering, on_unexpected), service.limits)
    guarded = Guarding(sized, guard or Guard())
    return metrics.counting(SafeHeaders(guarded), answering.routes)


def _answering(service: Service, metrics: Metrics) -> Starlette:
    """What answers requests that may be answered."""
    mcp = McpOverHttp(service)
    assets = Assets()
    templates = templates_of(assets)
    page = PageRoutes(service, templates)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with mcp.running():
            warming = asyncio.create_task(page.warm())
            try:
                yield
                await warming
            finally:
                service.close()

    answering = Starlette(
        routes=[
            *Api(service).routes(),
            *page.routes(),
            *ArticleRoutes(service, templates).routes(),
            *assets.routes(),
            *mcp.routes(),
            *Health(service).routes(),
            *metrics.routes(),
        ],
        # Level 9, the default, takes three times as long and saves 3 % of the bytes.
        middleware=[Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)],
        exception_handlers=with_pages(
            {PassageSearchError: _told, HTTPException: _refused, Exception: _unexpected}, templates
        ),
        lifespan=lifespan,
    )
    # They would name a scheme, and it is not known which one a proxy in front of this speaks.
    answering.router.redirect_slashes = False
    return answering


class _Telling:
    """Tells of errors that nobody foresaw; by then Starlette has answered them."""

    def __init__(self, app: ASGIApp, tell: Callable[[Exception], object]) -> None:
        self._app = app
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            self._tell(error)


async def _told(_http: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, PassageSearchError)
    return problem_of(error)


async def _refused(http: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.NOT_FOUND:
        return problem_of(NotFoundError(f"there is nothing at {shown(http.url.path)}"))
    failure = Failure("usage", error.detail or status.phrase, "", 2)
    return problem(status, failure, headers=error.headers)


async def _unexpected(_http: HttpRequest, error: Exception) -> Response:
    message = f"unexpected error: {type(error).__name__}"
    failure = Failure("unexpected", message, "please report it", EXIT_CRASH)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, failure)
