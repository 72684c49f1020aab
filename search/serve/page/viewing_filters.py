"""What a search is narrowed down to, and to what else it could be, as links; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.terminal import one_line
from indexer.tuples import NamedTuple
from search.model import FACETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from search.model import Facet
    from search.serve.page.addresses import Asked

#: Beside those that every index has, so many fields are counted by, and so many values are shown.
MOST_FIELDS = 6
MOST_VALUES = 50
#: What is shown before the others are unfolded.
_FIRST_VALUES = 6
#: Which parameters are shown as filters, and how; those with {} show their value.
_TOLD = {
    "similar": "like {}",
    "article": "article: {}",
    "source": "from: {}",
    "lang": "language: {}",
    "after": "after {}",
    "before": "before {}",
    "per_article": "{} of each article",
    "limit": "{} a page",
    "literal": "every character as text",
    "strict": "refuse malformed queries",
    "broaden": "with words that the best share",
    "all_copies": "with copies",
    "explain": "scores explained",
}
_HEADS = {
    "article": "Article",
    "author": "Author",
    "language": "Language",
    "year": "Year",
    "site": "Site",
}
_WILDCARD = re.compile(r"([*?\\])")
_PLAIN = re.compile(r"\\([*?\\])")


class Chip(NamedTuple):
    """A filter in force, and the address of the page without it."""

    told: str
    address: str


class Value(NamedTuple):
    """A value of a field: how many of what was found has it, and the page that has those alone."""

    told: str
    passages: int
    address: str


class Group(NamedTuple):
    """A field with its values; the first ones, and the others, which are folded."""

    head: str
    first: tuple[Value, ...]
    others: tuple[Value, ...]
    more: int


def counted_fields(fields: Sequence[str]) -> tuple[str, ...]:
    """By which fields the page counts, of those that an index has."""
    others = [one for one in fields if one not in FACETS][:MOST_FIELDS]
    return ("author", "year", "site", "language", *others, "article")


def chips(asked: Asked) -> tuple[Chip, ...]:
    """The filters in force, each with a way out."""
    return tuple(_chips(asked))


def _chips(asked: Asked) -> Iterator[Chip]:
    year = _year(asked)
    if year:
        yield Chip(
            f"year: {year}",
            asked.removed("after", asked.value("after"))
            .removed("before", asked.value("before"))
            .address,
        )
    for name, value in asked.pairs:
        if name in {"after", "before"} and year:
            continue
        if name == "where":
            told = one_line(value.replace("=", ": ", 1))
        elif name in _TOLD:
            told = _TOLD[name].format(one_line(value))
        else:
            continue
        plain = _PLAIN.sub(r"\1", told) if name in {"where", "article"} else told
        yield Chip(plain, asked.removed(name, value).address)


def _year(asked: Asked) -> str:
    """The one year that the search is narrowed down to, "" where it is not a year."""
    after, before = asked.value("after"), asked.value("before")
    if re.fullmatch(r"[0-9]{4}", after) and re.fullmatch(r"[0-9]{4}", before):
        between = int(before) - int(after)
        return f"{int(after) + 1:04}" if between == 2 else ""
    return ""


def groups(facets: Sequence[Facet], asked: Asked, titles: Mapping[str, str]) -> tuple[Group, ...]:
    """The fields by which it is worth to narrow down, with links.

    Args:
        facets: what was counted.
        asked: what they narrow down.
        titles: by the ids of articles, where they are known.
    """
    return tuple(_groups(facets, asked, titles))


def _groups(facets: Sequence[Facet], asked: Asked, titles: Mapping[str, str]) -> Iterator[Group]:
    for facet in facets:
        counts = facet.counts[:MOST_VALUES]
        is_named = facet.field in FACETS or bool(asked.value("facets"))
        is_telling = is_named or any(number > 1 for _, number in counts)
        if len(counts) < 2 or not is_telling:
            continue  # all have it, or each has its own: there is nothing to choose
        if facet.field == "year":
            counts = tuple(sorted(counts, reverse=True))
        values = [
            Value(
                one_line((titles.get(value) if facet.field == "article" else None) or value),
                number,
                _narrowed(asked, facet.field, value).address,
            )
            for value, number in counts
        ]
        more = len(facet.counts) - len(counts) + facet.more
        head = _HEADS.get(facet.field, one_line(facet.field).capitalize())
        first, others = values[:_FIRST_VALUES], values[_FIRST_VALUES:]
        yield Group(head, tuple(first), tuple(others), more)


def _narrowed(asked: Asked, field: str, value: str) -> Asked:
    """What is asked, of passages alone that have a value."""
    exact = _WILDCARD.sub(r"\\\1", value)
    match field:
        case "article":
            return asked.added("article", exact)
        case "language":
            return asked.added("lang", value)
        case "year" if value.isdecimal():
            year = int(value)
            return asked.replaced("after", f"{year - 1:04}").replaced("before", f"{year + 1:04}")
        case _:
            return asked.added("where", f"{field}={exact}")
