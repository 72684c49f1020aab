"""What the tools take: their arguments with a schema for programs, and the reading of them.

An argument that is a field of ``Request`` has its name and its meaning, and is read as a line of a
batch is. Which fields have no argument is said in ``NOT_TAKEN``: models choose worse the more there
is to choose from.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from indexer.schema import count, flag, listed, one_of, record, text
from search.request import DEFAULT_LIMIT, Request, Sort
from search.request_json import request_of
from search.serve.limits import MOST_CONTEXT, MOST_PASSAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.schema import Schema

#: Characters of an answer: what it takes to say anything, where no budget is given, and at most.
LEAST_BUDGET_CHARS = 1_000
DEFAULT_BUDGET_CHARS = 8_000
MOST_BUDGET_CHARS = 100_000
#: Ids of one call.
MOST_IDS = 100
#: What may be passed over; no index has so many.
MOST_OFFSET = 1_000_000_000
#: Articles of a list, where no limit is given.
DEFAULT_ARTICLES = 20

#: The fields of a request that no tool takes, and why.
NOT_TAKEN = {
    "strictness": "what a model writes is taken as well as can be, and warnings tell the rest",
    "all_copies": "copies say the same again, and characters are few",
    "cited": "each passage has its link",
    "explain": "the parts of scores are for who tunes the ranking",
    "broaden": "a model thinks of other words by itself",
    "advice": "who finds nothing is always told why",
    "timeout_seconds": "the service says how long a search may take",
}

_SHOWN_CHARS = 60


def _texts(told: str) -> Schema:
    return listed(told, {"type": "string"})


def _upto(told: str, most: int, default: int, *, least: int = 0) -> Schema:
    return {**count(told, least=least), "maximum": most, "default": default}


_QUERY = text("In the query language, see the description of search_passages.")
_OFFSET = _upto('How many to pass over; the "next" of the answer before goes here.', MOST_OFFSET, 0)
_BUDGET = _upto(
    "Characters that the answer may have at most. What does not fit is left out whole and named.",
    MOST_BUDGET_CHARS,
    DEFAULT_BUDGET_CHARS,
    least=LEAST_BUDGET_CHARS,
)
_CONTEXT = _upto("Neighbouring paragraphs to add on either side.", MOST_CONTEXT, 0)
_NARROWING: dict[str, Schema] = {
    "articles": _texts("Only these articles, by id; * and ? are wildcards."),
    "sources": _texts("Only these files, folders or hosts."),
    "languages": _texts("Only articles in these languages, two letters each."),
    "after": text("Only articles published after this day, month or year, such as 2025-01."),
    "before": text("Only articles published before this day, month or year."),
    "where": _texts(
        'Only articles that say so of themselves: FIELD=VALUE, such as "section=sports".'
    ),
}

SEARCH: dict[str, Schema] = {
    "query": text("What to look for, in the query language."),
    "similar": text("In place of a query: the id of a passage, to find others about the same."),
    "limit": _upto("Passages at most.", MOST_PASSAGES, DEFAULT_LIMIT, least=1),
    "offset": _OFFSET,
    "budget": _BUDGET,
    "context": _CONTEXT,
    **_NARROWING,
    "sort": {
        **one_of("The order: best first, newest first, or by article.", *(s.value for s in Sort)),
        "default": Sort.SCORE.value,
    },
    "per_article": count(
        "Passages at most of one article; 1 for as many articles as can be.", least=1
    ),
    "all_words": {**flag("Whether each passage must have all words, not any."), "default": False},
    "facets": _texts("Count what was found by these: article, author, language, year, site, ..."),
}
PASSAGES: dict[str, Schema] = {
    "ids": {
        **_texts("ARTICLE#DIGEST as searches give them, ARTICLE#p7 by number, or ARTICLE for all."),
        "minItems": 1,
        "maxItems": MOST_IDS,
    },
    "context": _CONTEXT,
    "offset": _OFFSET,
    "budget": _BUDGET,
}
ARTICLE: dict[str, Schema] = {
    "article": text("The id of an article; that of one of its passages begins there."),
    "offset": {
        **count("Paragraphs to pass over; 0 is the beginning."),
        "maximum": MOST_OFFSET,
    },
    "limit": _upto("Paragraphs at most.", MOST_PASSAGES, MOST_PASSAGES, least=1),
    "budget": _BUDGET,
}
ARTICLES: dict[str, Schema] = {
    "query": {
        **_QUERY,
        "description": "Only articles with passages that match this query, such as title:plums.",
    },
    **_NARROWING,
    "limit": _upto("Articles at most.", MOST_PASSAGES, DEFAULT_ARTICLES, least=1),
    "offset": _OFFSET,
    "budget": _BUDGET,
}


def input_schema(arguments: Mapping[str, Schema], required: Sequence[str]) -> Schema:
    """The schema of a tool's arguments; others than these are refused."""
    optional = [name for name in arguments if name not in required]
    schema = record("", dict(arguments), optional=optional)
    del schema["description"]
    return schema


def read_arguments(
    given: Mapping[str, Any], known: Mapping[str, Schema], required: Sequence[str]
) -> dict[str, Any]:
    """The arguments that are given, with the defaults of numbers that are not.

    Null is as good as left out, as some programs send all that they know of.

    Raises:
        UsageError: one is not known, is missing, or a number is out of its bounds.
    """
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"the arguments are {', '.join(known)}"
            raise UsageError(f"unknown argument {_shown(name)}", hint=hint)
    values = {name: value for name, value in given.items() if value is not None}
    for name in required:
        if name not in values:
            raise UsageError(f"{name} is missing", hint=f"it is: {known[name]['description']}")
    for name, schema in known.items():
        if schema.get("type") == "integer" and name in values:
            values[name] = _number(name, values[name], schema)
        elif name in _NO_FIELDS and name in values and not isinstance(values[name], str):
            raise UsageError(f"{name} must be a text, not {_shown(values[name])}")
    if len(values.get("ids", ())) > MOST_IDS:
        raise UsageError(f"ids has more than {MOST_IDS}", hint="ask for them in several calls")
    if values.get("ids") == []:
        raise UsageError("ids has none", hint="name the passages to get")
    values.setdefault("budget", DEFAULT_BUDGET_CHARS)
    return values


#: Arguments that are no fields of a request.
_NO_FIELDS = frozenset({"article", "budget"})


def asked_request(values: Mapping[str, Any], defaults: Request) -> Request:
    """The request that arguments make; what they do not name is as in defaults.

    Raises:
        UsageError: a value is of another type.
    """
    fields = {name: value for name, value in values.items() if name not in _NO_FIELDS}
    return request_of(fields, defaults)


def _number(name: str, value: Any, schema: Schema) -> int:
    """A whole number in its bounds; 5.0 is one, as in JSON Schema."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise UsageError(f"{name} must be a whole number, not {_shown(value)}")
    least, most = schema["minimum"], schema.get("maximum")
    if value < least or (most is not None and value > most):
        bounds = f"{least:,} at least" if most is None else f"from {least:,} to {most:,}"
        raise UsageError(f"{name} must be {bounds}, not {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    """A value for a message; it may be of any size."""
    told = json.dumps(value, ensure_ascii=True)
    return told if len(told) <= _SHOWN_CHARS else f"{told[:_SHOWN_CHARS]}..."
