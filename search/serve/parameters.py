"""The parameters of an address -> what is asked of the index, and how it is to be given.

Every option of the command ``search`` has its parameter here, or a reason beside the table why it
has none. The page, the API and its description read the same table.
"""

from __future__ import annotations

import sys
from difflib import get_close_matches
from enum import Enum
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from indexer.tuples import NamedTuple
from search.query.faults import Strictness
from search.request import DEFAULT_TIMEOUT_SECONDS, UNSAID_LIMIT, Request, Sort
from search.serve.limits import MOST_CONTEXT, MOST_PASSAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Kind(Enum):
    """What the value of a parameter is."""

    TEXT = "text"
    TEXTS = "texts"  # it may be given several times
    NAMES = "names"  # with commas between them
    COUNT = "whole number"
    SECONDS = "number of seconds"
    FLAG = "true or false"


class Parameter(NamedTuple):
    """One parameter.

    Attributes:
        name: as it stands in an address.
        kind: what its value is.
        told: what it means, for people.
        option: the option of the command that it stands for.
        field: the field of Request that it gives; "" where it says how the answer is given.
        choices: the values there are; none for any.
        least, most: the bounds of a number.
    """

    name: str
    kind: Kind
    told: str
    option: str = ""
    field: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = sys.maxsize


QUERY = Parameter("q", Kind.TEXT, "The query, in the query language.", "QUERY", "query")
CONTEXT = Parameter(
    "context",
    Kind.COUNT,
    "Neighbouring paragraphs on either side.",
    "--context",
    "context",
    most=MOST_CONTEXT,
)
LIMIT = Parameter("limit", Kind.COUNT, "Passages at most.", "--limit", "limit", most=MOST_PASSAGES)
OFFSET = Parameter("offset", Kind.COUNT, "Leave out so many.", "--offset", "offset")
TIMEOUT = Parameter(
    "timeout", Kind.SECONDS, "Time the search may take.", "--timeout", "timeout_seconds"
)

#: What narrows down, orders and selects.
ASKING = (
    QUERY,
    Parameter("similar", Kind.TEXT, "Passages about the same as this one.", "--similar", "similar"),
    Parameter("all", Kind.FLAG, "Require all words.", "--any/--all", "all_words"),
    Parameter("broaden", Kind.FLAG, "Add words that the best share.", "--broaden", "broaden"),
    Parameter("literal", Kind.FLAG, "Take all characters as words.", "--literal"),
    Parameter("strict", Kind.FLAG, "Refuse a malformed query.", "--strict"),
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
    Parameter("facets", Kind.NAMES, "Count by these fields.", "--facets", "facets"),
    CONTEXT,
    Parameter("explain", Kind.FLAG, "Tell the parts of scores.", "--explain", "explain"),
    TIMEOUT,
)


def read_parameters(given: Iterable[tuple[str, str]], known: Sequence[Parameter]) -> dict[str, Any]:
    """The values of the parameters given, by name.

    Raises:
        UsageError: one is not known, given twice, or its value is none.
    """
    by_name = {one.name: one for one in known}
    values: dict[str, Any] = {}
    for name, text in given:
        if name not in by_name:
            near = get_close_matches(name, by_name, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(by_name)}"
            raise UsageError(f"unknown parameter {name!r}", hint=hint)
        parameter = by_name[name]
        if parameter.kind is Kind.TEXTS:
            values[name] = (*values.get(name, ()), text)
        elif name in values:
            raise UsageError(f"{name} is given twice", hint="give it once")
        else:
            values[name] = _value(parameter, text)
    return values


def request_of(values: Mapping[str, Any], known: Sequence[Parameter]) -> Request:
    """The request that values make; UsageError where they do not go together."""
    if values.get("literal") and values.get("strict"):
        raise UsageError("literal takes any text and strict refuses some", hint="choose one")
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


def _value(parameter: Parameter, text: str) -> Any:
    name = parameter.name
    match parameter.kind:
        case Kind.FLAG:
            if text not in {"", "0", "1", "false", "true"}:
                raise UsageError(f"{name} must be true or false, not {text!r}")
            return text not in {"0", "false"}
        case Kind.COUNT:
            if not (text.isascii() and text.isdecimal()):
                raise UsageError(f"{name} must be a whole number, not {text!r}")
            number = int(text[:20])
            if not parameter.least <= number <= parameter.most:
                most = "" if parameter.most == sys.maxsize else f", {parameter.most:,} at most"
                raise UsageError(f"{name} must be {parameter.least:,} at least{most}, not {text}")
            return number
        case Kind.SECONDS:
            try:
                return float(text)
            except ValueError as error:
                raise UsageError(f"{name} must be a number of seconds, not {text!r}") from error
        case Kind.NAMES:
            return tuple(dict.fromkeys(name.strip() for name in text.split(",")))
        case _:
            if parameter.choices and text not in parameter.choices:
                choices = ", ".join(parameter.choices)
                raise UsageError(f"{name} must be one of {choices}, not {text!r}")
            return text
