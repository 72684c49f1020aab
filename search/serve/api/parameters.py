"""The parameters of an address -> what is asked of the index, and how it is to be given.

Every option of the command ``search`` has its parameter here, or a reason in ELSEWHERE why it has
none. The page, the API and its description read the same table.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from search.model import FACETS
from search.output.styles import DEFAULT_SNIPPET_CHARS, Style
from search.query.faults import Strictness
from search.request import DEFAULT_LIMIT, DEFAULT_TIMEOUT_SECONDS, UNSAID_LIMIT, Request, Sort
from search.serve.api.kinds import Kind, Parameter, shown, value_of
from search.serve.limits import MOST_CONTEXT, MOST_PASSAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_GO_ON = "go on with offset=NEXT, where NEXT is the next of the answer before"

QUERY = Parameter("q", Kind.TEXT, "The query, in the query language.", "QUERY", "query")
IDS = Parameter(
    "id", Kind.TEXTS, "ARTICLE#DIGEST, ARTICLE#p7 or ARTICLE; # is written %23.", "--get", "ids"
)
SIMILAR = Parameter(
    "similar", Kind.TEXT, "Passages about the same as the one of this id.", "--similar", "similar"
)
ALL = Parameter("all", Kind.FLAG, "Require all words.", "--any/--all", "all_words")
LITERAL = Parameter("literal", Kind.FLAG, "Take all characters as words.", "--literal")
STRICT = Parameter("strict", Kind.FLAG, "Refuse a malformed query.", "--strict")
LIMIT = Parameter(
    "limit",
    Kind.COUNT,
    f"Passages at most, {DEFAULT_LIMIT} unless said; of ids {MOST_PASSAGES:,}.",
    "--limit",
    "limit",
    most=MOST_PASSAGES,
    remedy=_GO_ON,
)
OFFSET = Parameter("offset", Kind.COUNT, "Leave out so many.", "--offset", "offset")
CONTEXT = Parameter(
    "context",
    Kind.COUNT,
    "Neighbouring paragraphs on either side.",
    "--context",
    "context",
    most=MOST_CONTEXT,
)
TIMEOUT = Parameter(
    "timeout",
    Kind.SECONDS,
    f"Seconds the search may take, {DEFAULT_TIMEOUT_SECONDS:g} unless said.",
    "--timeout",
    "timeout_seconds",
)
COUNTED_BY = Parameter(
    "facets",
    Kind.NAMES,
    f"Count the passages by these fields: {', '.join(FACETS)}, or one of where.",
    "--facets",
    "facets",
)

#: What narrows down, orders and selects.
ASKING = (
    QUERY,
    SIMILAR,
    ALL,
    Parameter("broaden", Kind.FLAG, "Add words that the best share.", "--broaden", "broaden"),
    LITERAL,
    STRICT,
    Parameter("article", Kind.TEXTS, "Only this article.", "--article", "articles"),
    Parameter("source", Kind.TEXTS, "Only this file, folder or host.", "--source", "sources"),
    Parameter("lang", Kind.TEXTS, "Only articles in this language.", "--lang", "languages"),
    Parameter("after", Kind.TEXT, "Only articles published after it.", "--after", "after"),
    Parameter("before", Kind.TEXT, "Only articles published before it.", "--before", "before"),
    Parameter("where", Kind.TEXTS, "FIELD=VALUE of an article.", "--where", "where"),
    LIMIT,
    OFFSET,
    Parameter(
        "sort",
        Kind.TEXT,
        "The order of the passages.",
        "--sort",
        "sort",
        choices=tuple(sort.value for sort in Sort),
    ),
    Parameter(
        "per_article",
        Kind.COUNT,
        "Passages at most of one article.",
        "--per-article",
        "per_article",
        least=1,
    ),
    Parameter("all_copies", Kind.FLAG, "Show copies.", "--all-copies", "all_copies"),
    COUNTED_BY,
    CONTEXT,
    Parameter("explain", Kind.FLAG, "Tell the parts of scores.", "--explain", "explain"),
    TIMEOUT,
)

BUDGET = Parameter(
    "budget",
    Kind.COUNT,
    "The best passages whole, as many as fit into so many characters.",
    "--budget",
    least=1,
)
FIELDS = Parameter(
    "fields", Kind.NAMES, "In JSON only these keys, in CSV and TSV these columns.", "--fields"
)
SNIPPET = Parameter(
    "snippet",
    Kind.COUNT,
    f"Cut longer paragraphs to a snippet of so many characters, {DEFAULT_SNIPPET_CHARS} unless "
    "said.",
    "--snippet",
    least=20,
)
FULL = Parameter("full", Kind.FLAG, "Show paragraphs whole.", "--full")

#: How an answer is given.
GIVING = (
    Parameter(
        "format",
        Kind.TEXT,
        "The form of the answer, json unless said.",
        "--format",
        choices=tuple(style.value for style in Style if style.is_named),
    ),
    Parameter("template", Kind.TEXT, "A text for each passage, as in {id}.", "--template"),
    Parameter("list_articles", Kind.FLAG, "The ids of articles, a line each.", "--list-articles"),
    Parameter("vimgrep", Kind.FLAG, "path:line:column:text for each passage.", "--vimgrep"),
    Parameter("count", Kind.FLAG, "Only how many match, as a number.", "--count"),
    FIELDS,
    BUDGET,
    SNIPPET,
    FULL,
)

#: Options of the command that are no parameters, and why.
ELSEWHERE = {
    "--index": "the service has one index",
    "--in": "the service has one index",
    "--refresh": "the service never writes",
    "--batch": "POST the lines to /api/batch",
    "--suggest": "ask /api/suggest",
    "--schema": "ask /api/schema",
    "--json": "that is format=json, and what is given unless said",
    "--jsonl": "that is format=jsonl",
    "--color": "a terminal has colours",
    "--no-pager": "a terminal has a pager",
    "--link": "a terminal has links; in JSON each passage has its own",
    "--quiet": "the total of an answer tells whether anything was found",
    "--null": "an id has no line end in it",
    "--completion": "a shell completes",
    "--help": "/openapi.json describes all addresses",
    "--version": "/openapi.json has it",
}

# What is said elsewhere for a parameter.
_ALIASES = {
    "query": "q",
    "n": "limit",
    "size": "limit",
    "per_page": "limit",
    "page": "offset",
    "start": "offset",
    "any": "all",
    "language": "lang",
    "c": "count",
    "l": "list_articles",
    "style": "format",
    "get": "id",
    "ids": "id",
    "text": "q",
    "facet": "facets",
    "field": "fields",
}


def read_parameters(given: Iterable[tuple[str, str]], known: Sequence[Parameter]) -> dict[str, Any]:
    """The values of the parameters given, by name.

    Raises:
        UsageError: one is not known, given twice, or its value is none.
    """
    by_name = {one.name: one for one in known}
    values: dict[str, Any] = {}
    for name, text in given:
        if name not in by_name:
            raise UsageError(f"unknown parameter {shown(name)}", hint=_meant(name, by_name))
        parameter = by_name[name]
        if parameter.kind is Kind.TEXTS:
            values[name] = (*values.get(name, ()), value_of(parameter, text))
        elif name in values:
            raise UsageError(f"{name} is given twice", hint="give it once")
        else:
            values[name] = value_of(parameter, text)
    return values


def request_of(values: Mapping[str, Any], known: Sequence[Parameter]) -> Request:
    """The request that values make; UsageError where they do not go together."""
    if values.get("literal") and values.get("strict"):
        raise UsageError("literal takes any text and strict refuses some", hint="choose one")
    if "similar" in values:
        _check_similar(values)
    fields = {one.field: values[one.name] for one in known if one.field and one.name in values}
    if "sort" in fields:
        fields["sort"] = Sort(fields["sort"])
    strictness = Strictness.STRICT if values.get("strict") else Strictness.LENIENT
    fields["strictness"] = Strictness.LITERAL if values.get("literal") else strictness
    fields.setdefault("limit", UNSAID_LIMIT)
    fields.setdefault("timeout_seconds", DEFAULT_TIMEOUT_SECONDS)
    try:
        return Request(**fields)
    except ValueError as error:
        raise UsageError(str(error)) from error


def as_parameter(option: str) -> str:
    """How an option of the command is called in an address.

    >>> as_parameter("--per-article"), as_parameter("-C N"), as_parameter("--format tsv")
    ('per_article', 'context', 'format=tsv')
    """
    if option == "-C N":
        return CONTEXT.name
    return option.lstrip("-").replace("-", "_").replace(" ", "=")


def _check_similar(values: Mapping[str, Any]) -> None:
    """Refuse what makes no sense beside similar: what is asked must not be ignored."""
    if values.get("q"):
        raise UsageError("similar stands in the place of q", hint="leave out one of them")
    for name in ("broaden", "literal", "strict", "all"):
        if values.get(name):
            raise UsageError("similar takes the words of a passage", hint=f"leave out {name}")


def _meant(name: str, known: Iterable[str]) -> str:
    """What to write in the place of a name that is unknown."""
    names = list(known)
    word = as_parameter(name)
    elsewhere = {as_parameter(option): reason for option, reason in ELSEWHERE.items()}
    for meant in (word, _ALIASES.get(word), CONTEXT.name if name == "C" else None):
        if meant in names:
            return f"did you mean {meant}?"
    if word in elsewhere:
        return elsewhere[word]
    near = get_close_matches(word, names, 1)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(names)}"
