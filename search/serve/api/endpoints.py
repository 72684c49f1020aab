"""The endpoints of the API: what each is for, its parameters, and what answers there.

The routes, the description in OpenAPI and the hint for an address that is none are made of these.
"""

from __future__ import annotations

from indexer.tuples import NamedTuple
from search.output.styles import Style
from search.serve.api.giving import media_type_of
from search.serve.api.kinds import Kind, Parameter
from search.serve.api.parameters import (
    ALL,
    ASKING,
    BUDGET,
    CONTEXT,
    COUNTED_BY,
    FIELDS,
    FULL,
    GIVING,
    IDS,
    LIMIT,
    LITERAL,
    OFFSET,
    QUERY,
    SIMILAR,
    SNIPPET,
    STRICT,
    TIMEOUT,
)
from search.serve.limits import MOST_PASSAGES

#: What "{id}" is, in an address.
ID = Parameter("id", Kind.TEXT, "The id, percent-encoded: # is %23, ? is %3F; / may stay.")
DEFAULT_ARTICLES = 100

_ARTICLES = LIMIT._replace(told=f"Articles at most, {DEFAULT_ARTICLES} unless said.")
_OF_ARTICLE = LIMIT._replace(told=f"Passages at most, {MOST_PASSAGES:,} unless said.")
_OF_PAGE = {"limit", "offset", "sort", "context", "explain"}
_LIST = (CONTEXT, LIMIT, OFFSET, TIMEOUT, *(one for one in GIVING if one.name != "count"))

SCHEMA_TYPE = "application/schema+json"
OPENAPI_TYPE = "application/vnd.oai.openapi+json;version=3.1"


class Endpoint(NamedTuple):
    """One endpoint.

    Attributes:
        path: with "{id}" for an id.
        told: what it gives, for people.
        answers: the content types that it gives, each with the definition in the schema that its
            JSON is of; "" for what is none.
        parameters: those behind the question mark.
        method: by which it is asked; GET has HEAD with it.
    """

    path: str
    told: str
    answers: dict[str, str]
    parameters: tuple[Parameter, ...] = ()
    method: str = "GET"


_PAGE = {
    media_type_of(style): {Style.JSON: "page", Style.JSONL: "some_keys"}.get(style, "")
    for style in (*Style,)
}

SEARCH = Endpoint(
    "/api/search", "The passages that answer a query, the best first.", _PAGE, (*ASKING, *GIVING)
)
PASSAGES = Endpoint(
    "/api/passages", "The passages that ids name, in their order.", _PAGE, (IDS, *_LIST)
)
PASSAGE = Endpoint("/api/passages/{id}", "The passage, or the passages, of an id.", _PAGE, _LIST)
ARTICLES = Endpoint(
    "/api/articles",
    "The articles, by id.",
    {"application/json": "article_page"},
    (_ARTICLES, OFFSET),
)
ARTICLE = Endpoint(
    "/api/articles/{id}",
    "An article with its passages, in its order.",
    {"application/json": "article_with_passages"},
    (_OF_ARTICLE, OFFSET, CONTEXT, TIMEOUT),
)
FACETS = Endpoint(
    "/api/facets",
    "How many of the passages that match have each value of fields; no passages.",
    {"application/json": "page"},
    tuple(
        one._replace(told=f"{one.told} Unless said all but article.") if one is COUNTED_BY else one
        for one in ASKING
        if one.name not in _OF_PAGE
    ),
)
SUGGEST = Endpoint(
    "/api/suggest",
    "Spellings for words of a query that are in no passage.",
    {"application/json": "suggestions"},
    (QUERY, ALL, LITERAL, STRICT, TIMEOUT),
)
BATCH = Endpoint(
    "/api/batch",
    "The answer to each line of the body, a line of JSON each, in their order.",
    {media_type_of(Style.JSONL): "batch_line"},
    (*(one for one in ASKING if one not in {QUERY, SIMILAR}), FIELDS, BUDGET, SNIPPET, FULL),
    method="POST",
)
SCHEMA = Endpoint("/api/schema", "The JSON Schema of all that is given as JSON.", {SCHEMA_TYPE: ""})
OPENAPI = Endpoint("/openapi.json", "This description.", {OPENAPI_TYPE: ""})

ENDPOINTS = (
    *(SEARCH, PASSAGES, PASSAGE, ARTICLES, ARTICLE, FACETS, SUGGEST, BATCH, SCHEMA, OPENAPI),
)
