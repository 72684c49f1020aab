"""The tools that a language model is given by MCP: what each is called, takes, and answers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Any

from indexer.errors import PassageSearchError, UsageError
from indexer.model import SCHEMA_VERSION
from indexer.reports import article_record
from indexer.tuples import NamedTuple
from search.opening import NO_INDEX
from search.request import DEFAULT_LIMIT, Request, Sort
from search.serve.limits import MOST_PASSAGES
from search.serve.mcp import arguments, teaching
from search.serve.mcp.answers import (
    FOUND,
    GOT,
    NEIGHBOURS,
    READ,
    Answer,
    dumped,
    error_answer,
    list_answer,
    most_fitting,
    page_answer,
    unknown_answer,
)
from search.serve.mcp.schemas import article_schema, articles_schema, page_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from indexer.model import ArticleRecord
    from indexer.schema import Schema
    from search.output.fields import Field
    from search.serve.service import Service
    from search.serve.source import Served


class Tool(NamedTuple):
    """One tool.

    Attributes:
        name, title: what programs and people call it.
        told: what it is for, for a model.
        takes: the schema of each argument.
        required: those that must be there.
        gives: the schema of what it answers.
        answer: the answer to arguments that were read, in so many seconds.
    """

    name: str
    title: str
    told: str
    takes: Mapping[str, Schema]
    required: tuple[str, ...]
    gives: Schema
    answer: Callable[[Served, Mapping[str, Any], float], Answer]

    @property
    def input_schema(self) -> Schema:
        """The schema of its arguments."""
        return arguments.input_schema(self.takes, self.required)


class Tools:
    """Carries out the tools on a service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._by_name = {tool.name: tool for tool in tools()}

    def find(self, name: str) -> Tool | None:
        """The tool of a name."""
        return self._by_name.get(name)

    async def call(self, tool: Tool, given: Mapping[str, Any]) -> Answer:
        """What a tool answers; an error of the user or the index is an answer as well."""
        try:
            values = arguments.read_arguments(given, tool.takes, tool.required)
        except PassageSearchError as error:
            return error_answer(error, arguments.DEFAULT_BUDGET_CHARS)
        due = self._service.due(Request(timeout_seconds=inf))
        try:
            return await self._service.ask(
                lambda served: tool.answer(served, values, due.now().timeout_seconds)
            )
        except PassageSearchError as error:
            return error_answer(error, values["budget"])


@cache
def tools() -> tuple[Tool, ...]:
    """All tools, the one to begin with first."""
    return (
        Tool(
            "search_passages",
            "Search passages",
            teaching.SEARCH,
            arguments.SEARCH,
            (),
            page_schema((*FOUND, *NEIGHBOURS)),
            _search,
        ),
        Tool(
            "get_passages",
            "Get passages by id",
            teaching.PASSAGES,
            arguments.PASSAGES,
            ("ids",),
            page_schema((*GOT, *NEIGHBOURS)),
            _get,
        ),
        Tool(
            "read_article",
            "Read an article",
            teaching.ARTICLE,
            arguments.ARTICLE,
            ("article",),
            article_schema(READ),
            _read,
        ),
        Tool(
            "list_articles",
            "List articles",
            teaching.ARTICLES,
            arguments.ARTICLES,
            (),
            articles_schema(),
            _list,
        ),
    )


# What they do


def _search(served: Served, values: Mapping[str, Any], seconds: float) -> Answer:
    request = arguments.asked_request(values, _defaults(seconds))
    if not (request.query.strip() or request.similar or request.is_narrowed):
        raise UsageError("there is no query", hint='give one, such as "query": "hotline arrests"')
    budget = values["budget"]
    page = served.index.answer(replace(request, limit=min(request.limit, most_fitting(budget))))
    if page.unknown:
        return unknown_answer(page, budget)
    return page_answer(page, budget, _with_neighbours(FOUND, request), lead=_lead(served))


def _get(served: Served, values: Mapping[str, Any], seconds: float) -> Answer:
    budget = values["budget"]
    request = arguments.asked_request(values, _defaults(seconds))
    page = served.index.answer(replace(request, limit=_most(budget)))
    if page.unknown and not page.total:
        return unknown_answer(page, budget)
    return page_answer(page, budget, _with_neighbours(GOT, request), lead=_lead(served))


def _read(served: Served, values: Mapping[str, Any], seconds: float) -> Answer:
    index, budget, name = served.index, values["budget"], values["article"]
    one = index.answer(Request(ids=(name,), limit=1, timeout_seconds=seconds))
    if one.unknown:
        return unknown_answer(one, budget)
    first = one.passages[0].paragraph if one.passages else None
    article_id = first.article_id if first else name
    begin = values.get("offset", first.number - 1 if first else 0)
    limit = min(values.get("limit", MOST_PASSAGES), _most(budget))
    request = Request(ids=(article_id,), offset=begin, limit=limit, timeout_seconds=seconds)
    page = index.answer(request)
    known = index.article(article_id)
    if page.unknown or known is None:  # it was removed between the two
        return unknown_answer(page, budget)
    facts = dumped(_fitting(known, budget))
    return page_answer(
        page,
        budget,
        READ,
        lead=_lead(served),
        wrapped=lambda told: f'{{"article": {facts}, "page": {told}}}',
    )


def _list(served: Served, values: Mapping[str, Any], seconds: float) -> Answer:
    index, budget, offset = served.index, values["budget"], values.get("offset", 0)
    limit = min(values.get("limit", arguments.DEFAULT_ARTICLES), most_fitting(budget))
    asked = arguments.asked_request(
        {**values, "limit": limit}, replace(_defaults(seconds), cited=False)
    )
    lead = _lead(served)
    if asked.query.strip() or asked.is_narrowed:
        page = index.answer(
            replace(
                asked,
                sort=Sort.SCORE if asked.query.strip() else Sort.ARTICLE,
                per_article=1,
                all_copies=True,
                facets=("article",),
            )
        )
        if not page.total:
            empty = page_answer(page._replace(facets=()), budget, ())
            lead = [*lead, *empty.notes]
        (facet,) = page.facets or (None,)
        total = len(facet.counts) + facet.more if facet else 0
        found = (index.article(one.article.article_id) for one in page.passages)
        records = [one for one in found if one is not None]
    else:
        total = index.backend.statistics.articles
        records = list(islice(index.articles(offset=offset), limit))
    return list_answer(
        {"schema_version": SCHEMA_VERSION},
        [_fitting(one, budget) for one in records],
        budget,
        total=total,
        offset=offset,
        lead=lead,
    )


def _defaults(seconds: float) -> Request:
    return Request(limit=DEFAULT_LIMIT, cited=True, timeout_seconds=seconds)


def _most(budget_chars: int) -> int:
    return min(MOST_PASSAGES, most_fitting(budget_chars))


def _with_neighbours(fields: Sequence[Field], request: Request) -> Sequence[Field]:
    return (*fields, *NEIGHBOURS) if request.context else fields


def _lead(served: Served) -> Sequence[str]:
    return (NO_INDEX,) if served.is_sample else ()


def _fitting(known: ArticleRecord, budget_chars: int) -> dict[str, Any]:
    """The record of an article, without its further columns where those take most of a budget."""
    whole = article_record(known)
    if len(dumped(whole)) > budget_chars // 4:
        del whole["extra"]
    return whole
