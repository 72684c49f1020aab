"""The API: addresses below /api -> the JSON that the command prints, and its other forms."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.responses import StreamingResponse
from starlette.routing import Route

from indexer.errors import UsageError
from search.model import FACETS as FIELDS_COUNTED
from search.output.render import render_suggestions
from search.output.schema import schema
from search.output.styles import Form, Style
from search.serve.api.articles import ArticlesApi
from search.serve.api.batching import batch_lines
from search.serve.api.bodies import Body, answered, constant
from search.serve.api.endpoints import (
    ARTICLE,
    ARTICLES,
    BATCH,
    FACETS,
    OPENAPI,
    OPENAPI_TYPE,
    PASSAGE,
    PASSAGES,
    SCHEMA,
    SCHEMA_TYPE,
    SEARCH,
    SUGGEST,
)
from search.serve.api.giving import Giving, read_giving
from search.serve.api.nowhere import Nowhere
from search.serve.api.openapi import openapi
from search.serve.api.parameters import IDS, read_parameters, request_of
from search.serve.api.unknown_ids import unknown_error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request as HttpRequest
    from starlette.responses import Response

    from search.request import Request
    from search.serve.api.endpoints import Endpoint
    from search.serve.api.kinds import Parameter
    from search.serve.service import Service
    from search.serve.source import Served

# Parameters by which something is asked without words.
_WITHOUT_WORDS = frozenset(
    {"q", "similar", "facets", "article", "source", "lang", "after", "before", "where"}
)


class Api:
    """Answers what is asked below /api."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """The addresses, and what answers there; below /api all that are none as well."""
        articles = ArticlesApi(self._service)
        routes = [
            _route(SEARCH, self._search),
            _route(PASSAGES, self._passages),
            _route(PASSAGE, self._passage),
            _route(ARTICLES, articles.listed),
            _route(ARTICLE, articles.one),
            _route(FACETS, self._facets),
            _route(SUGGEST, self._suggest),
            _route(BATCH, self._batch),
            _route(SCHEMA, self._schema),
            _route(OPENAPI, self._openapi),
        ]
        nowhere = Nowhere(tuple(routes))
        return [*routes, Route("/api", nowhere), Route("/api/{rest:any_text}", nowhere)]

    async def _search(self, http: HttpRequest) -> Response:
        values = read_parameters(http.query_params.multi_items(), SEARCH.parameters)
        if values.keys().isdisjoint(_WITHOUT_WORDS):
            raise UsageError("nothing is asked for", hint="add a query, as in /api/search?q=word")
        return await self._passages_of(http, values, SEARCH.parameters)

    async def _passages(self, http: HttpRequest) -> Response:
        values = read_parameters(http.query_params.multi_items(), PASSAGES.parameters)
        if "id" not in values:
            raise UsageError("no id is given", hint="add one, as in /api/passages?id=ARTICLE%23p7")
        return await self._passages_of(http, values, PASSAGES.parameters)

    async def _passage(self, http: HttpRequest) -> Response:
        values = read_parameters(http.query_params.multi_items(), PASSAGE.parameters)
        values[IDS.name] = (http.path_params["id"],)
        return await self._passages_of(http, values, (*PASSAGE.parameters, IDS))

    async def _facets(self, http: HttpRequest) -> Response:
        values = read_parameters(http.query_params.multi_items(), FACETS.parameters)
        values.setdefault("facets", tuple(one for one in FIELDS_COUNTED if one != "article"))
        request = replace(request_of(values, FACETS.parameters), limit=0)
        return await self._page(http, request, Giving(Form(Style.JSON)))

    async def _passages_of(
        self, http: HttpRequest, values: dict[str, Any], known: tuple[Parameter, ...]
    ) -> Response:
        giving = read_giving(values)
        request = giving.asked_of(request_of(values, known), has_limit="limit" in values)
        return await self._page(http, request, giving)

    async def _page(self, http: HttpRequest, request: Request, giving: Giving) -> Response:
        due = self._service.due(request)

        def given(served: Served) -> Body:
            found = served.index.answer(due.now())
            # JSON tells of those of several ids that are unknown, no other form does.
            if found.unknown and not (found.passages and giving.form.style is Style.JSON):
                raise unknown_error(found)
            page, text = giving.given(found)
            return Body(text, giving.media_type, page.next_offset, page.total, page.partial)

        return await answered(self._service, http, given)

    async def _suggest(self, http: HttpRequest) -> Response:
        values = read_parameters(http.query_params.multi_items(), SUGGEST.parameters)
        if "q" not in values:
            raise UsageError("there is no query", hint="add one, as in /api/suggest?q=word")
        request = request_of(values, SUGGEST.parameters)
        due = self._service.due(request)

        def suggested(served: Served) -> Body:
            found = served.index.suggest_for(due.now())
            return Body("".join(render_suggestions(request.query, found, style=Style.JSON)))

        return await answered(self._service, http, suggested)

    async def _batch(self, http: HttpRequest) -> Response:
        values = read_parameters(http.query_params.multi_items(), BATCH.parameters)
        giving = read_giving(values)
        defaults = request_of(values, BATCH.parameters)
        defaults = giving.asked_of(defaults, has_limit="limit" in values)
        lines = await http.body()
        answers = batch_lines(self._service, lines, defaults, giving)
        return StreamingResponse(
            answers, media_type=next(iter(BATCH.answers)), headers={"Cache-Control": "no-store"}
        )

    async def _schema(self, http: HttpRequest) -> Response:
        return constant(http, _schema_text(), SCHEMA_TYPE)

    async def _openapi(self, http: HttpRequest) -> Response:
        return constant(http, openapi(), OPENAPI_TYPE)


@cache
def _schema_text() -> str:
    return json.dumps(schema(), indent=2) + "\n"


def _route(one: Endpoint, answer: Callable[[HttpRequest], Awaitable[Response]]) -> Route:
    return Route(one.path.replace("{id}", "{id:any_text}"), answer, methods=[one.method])
