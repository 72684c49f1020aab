"""Query tree -> how it was read, in short lines for people; pure.

A line is "what is wanted of them: part, part". Where a part is a group by itself, each part has a
line of its own, indented by two more spaces.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from search.query.spelling import PLACE_FIELDS, Field, spell_dates
from search.query.tree import (
    And,
    Boost,
    DateRange,
    Everything,
    Fuzzy,
    InArticle,
    Near,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefer,
    Prefix,
    Ranked,
    Regex,
    Term,
    Wildcard,
    children_of,
    is_filter,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from search.query.tree import Leaf, Query

_INDENT = "  "
# A name has rarely more words; a title, or a sentence, is not meant as a phrase.
_LONGEST_NAME = 4
_IN_FIELD = {
    Field.TEXT: "{}",
    Field.OWN: "{} in the paragraph itself",
    Field.TITLE: "{} in the title",
    Field.HEADING: "{} in a heading",
    Field.ARTICLE: "article {}",
    Field.SOURCE: "source {}",
    Field.LANG: "articles in language {}",
    Field.AUTHOR: "articles by {}",
    Field.WHERE: "articles with {}",
    **{field: field.value + " {}" for field in PLACE_FIELDS},
}
_EVERY = "every passage"


def reading(query: Query) -> tuple[str, ...]:
    """How a query was read, line by line.

    Words beside each other that begin with capitals, as names do, get a line that tells how they
    are asked for as a phrase.

    >>> from search.query.parser import parse_query
    >>> print(*reading(parse_query("patrols school lang:en").query), sep="; ")
    any of, those with more and rarer ones first: patrols, school; only from articles in language en
    """
    return (*_lines(query), *map(_as_phrase, _names(query)))


def _lines(query: Query) -> Iterator[str]:
    """Yield the lines of a query; one line for what is no group."""
    match query:
        case Nothing():
            yield "nothing: there are no words to search for"
        case Ranked(children):
            wanted = [child for child in children if not is_filter(child)]
            yield from _wanted("any of, those with more and rarer ones first", wanted)
            yield from _only(child for child in children if is_filter(child))
        case And(children):
            negated = [child.child for child in children if isinstance(child, Not)]
            positive = [child for child in children if not isinstance(child, Not)]
            wanted = [child for child in positive if not is_filter(child)]
            yield from _wanted("all of", wanted)
            for child in positive:
                if is_filter(child):
                    yield f"only from {_filter(child)}"
            yield from _group("without", negated)
        case Not(child):
            yield from (_EVERY, *_group("without", [child]))
        case Or(children) if not is_filter(query):
            yield from _group("one of, or several", children)
        case Prefer(required, optional):
            item = _item(required)
            yield from [f"required: {item}"] if item else _lines(required)
            yield from _group("better with", [one for one in optional if not is_filter(one)])
            yield from _only(child for child in optional if is_filter(child))
        case InArticle(children):
            negated = [child.child for child in children if isinstance(child, Not)]
            wanted = [child for child in children if not isinstance(child, Not)]
            yield from _group("any of, from articles that have them all somewhere", wanted)
            yield from _group("from no article that has anywhere", negated)
        case Boost(child, factor) if _item(query) is None:
            yield f"its score times {factor:g}:"
            yield from _indented(_lines(child))
        case _ if is_filter(query):
            yield from (_EVERY, f"only from {_filter(query)}")
        case _:
            item = _item(query) or str(query)
            yield item if isinstance(query, Everything) else f"passages with: {item}"


def _wanted(head: str, parts: Sequence[Query]) -> Iterator[str]:
    """Yield the lines of what passages are found by; a single part needs no head."""
    if not parts:
        yield _EVERY
    elif len(parts) == 1:
        yield from _lines(parts[0])
    else:
        yield from _group(head, parts)


def _group(head: str, parts: Sequence[Query]) -> Iterator[str]:
    """Yield the lines of a group: one, if no part is a group by itself; none without parts."""
    items = list(map(_item, parts))
    leaves = [part for part in parts if isinstance(part, Term) and part.field is Field.OWN]
    if len(leaves) == len(parts) > 1:  # said once
        head, items = f"{head}, in the paragraph itself", list(map(_words, leaves))
    if all(items):
        yield from [f"{head}: {', '.join(filter(None, items))}"] if items else []
        return
    yield f"{head}:"
    for part, item in zip(parts, items, strict=True):
        yield from _indented([item] if item else _lines(part))


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"{_INDENT}{line}" for line in lines)


def _item(query: Query) -> str | None:
    """What is no group by itself, in a few words."""
    match query:
        case Everything():
            return _EVERY
        case Near(children, words):
            near = " and ".join(_item(child) or str(child) for child in children)
            return f"{near} with at most {_counted(words)} between, in any order"
        case Boost(child, factor):
            item = _item(child)
            return f"{item} (its score times {factor:g})" if item else None
        case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy() | Regex():
            return _IN_FIELD[query.field].format(_words(query))
        case _ if is_filter(query):
            return _filter(query)
        case _:
            return None


def _words(leaf: Leaf) -> str:
    """The words that a leaf stands for, wherever they are looked for."""
    match leaf:
        case Phrase(text, slop):
            between = f" with at most {_counted(slop)} between" if slop else ""
            return f'the phrase "{text}"{between}'
        case Prefix(text):
            return f"words that begin with {text}"
        case Wildcard(pattern):
            return f"words like {pattern}"
        case Fuzzy(text, distance):
            return f"words at most {distance} letter{'s' * (distance > 1)} off {text}"
        case Regex(pattern):
            return f"words that match /{pattern}/"
        case Term(text):
            return f'"{text}"' if any(map(str.isspace, text)) else text
        case _:
            return str(leaf)


def _counted(words: int) -> str:
    return f"{words} word{'s' * (words != 1)}"


def _only(filters: Iterable[Query]) -> Iterator[str]:
    """Yield what restricts ranked words: values of one field are alternatives, fields all hold."""
    by_field: dict[object, list[str]] = {}
    for child in filters:
        key: object = getattr(child, "field", child)
        if isinstance(child, DateRange) and child.first and child.last:
            key = DateRange
        by_field.setdefault(key, []).append(_filter(child))
    for values in by_field.values():
        yield f"only from {' or '.join(values)}"


def _filter(query: Query) -> str:
    """What speaks of whole articles, in a few words; of a group what it would be written as."""
    match query:
        case DateRange(first, last):
            return f"articles {_dates(spell_dates(first, last))}"
        case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy() | Regex():
            return _IN_FIELD[query.field].format(_words(query))
        case Or(children):
            return " or ".join(map(_filter, children))
        case _:
            return f"articles with {query}"


def _dates(spelt: str) -> str:
    """A value of published: in words."""
    if spelt == "*":
        return "that have a date"
    first, dots, last = spelt.partition("..")
    if first and last:
        return f"published from {first} to {last}"
    if not dots:
        return f"published {first}"
    return f"published {first} or later" if first else f"published {last} or earlier"


# Names


def _names(query: Query) -> Iterator[Phrase]:
    """Yield runs of bare words that begin with capitals, of those that stand side by side."""
    words = query.optional if isinstance(query, Prefer) else children_of(query)
    if not isinstance(query, Ranked | And | Prefer):
        return
    run: list[str] = []
    for child in (*words, Nothing()):
        if isinstance(child, Term) and child.field is Field.TEXT and child.text[:1].isupper():
            run.append(child.text)
            continue
        if 2 <= len(run) <= _LONGEST_NAME:
            yield Phrase(" ".join(run))
        run = []
        if isinstance(query, And):  # such as words side by side, and one that is excluded
            yield from _names(child)


def _as_phrase(phrase: Phrase) -> str:
    spelt = str(phrase)
    return f"as a phrase it would be {spelt}, in a shell {shlex.quote(spelt)}"
