"""The query tree and its canonical spelling; knows neither the index nor how words are analysed.

The parser makes trees from text, the lower-case functions make them in code. Both keep the rules
the printer relies on: And in And, Or in Or and Ranked in Ranked are merged, groups of one are
unwrapped, Nothing and NOT NOT vanish, and no Not stands among the children of Ranked.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from search.query.faults import MAX_BOOST
from search.query.nodes import Node, place
from search.query.spelling import (
    ARTICLE,
    PLACE_FIELDS,
    QUOTES,
    RAW_FIELDS,
    DateWord,
    Field,
    is_shouted,
    named,
    read_pattern,
    spell_dates,
    spell_raw,
    spell_term,
    spell_word,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from indexer.model import Span


class _Binding(IntEnum):
    """How tightly a node's spelling holds together, loosest first."""

    SEQUENCE = 0
    OR = 1
    AND = 2
    NOT = 3
    BOOST = 4
    ATOM = 5


# To look up the member of an enumeration takes a while.
_SEQUENCE, _OR, _AND, _NOT, _BOOST, _ATOM = _Binding


def _within(child: Query, binding: _Binding) -> str:
    return str(child) if child.binding >= binding else f"({child})"


def _spelt(text: str) -> str:
    """The text of a group, so that it is not taken for prose in capitals: a boost shows syntax."""
    return f"({text})^1" if is_shouted(text) else text


# Leaves


class _Leaf(Node):
    """What every leaf has: its place in the query text, which does not count for equality."""

    binding: ClassVar[_Binding] = _ATOM
    span: Span | None = place(default=None, kw_only=True)


class Term(_Leaf):
    """A word as it was typed; analysis may make several tokens of it, or none.

    For article and source it is the whole value, for where FIELD=VALUE.
    """

    text: str
    field: Field = Field.TEXT

    def __str__(self) -> str:
        if self.field in RAW_FIELDS:
            return spell_raw(self.field, self.text)
        return named(self.field, spell_term(self.text))


_ESCAPED_IN_PHRASES = str.maketrans({mark: "\\" + mark for mark in QUOTES + "\\*"})


class Phrase(_Leaf):
    """Words in this order: text is what stood between the quotes, white space collapsed.

    slop is the number of other words that may stand between them in all, 0 for none.
    """

    text: str
    slop: int = 0
    field: Field = Field.TEXT

    def __str__(self) -> str:
        words = self.text
        if not words.replace(" ", "").isalnum():  # as most are
            words = words.translate(_ESCAPED_IN_PHRASES)
        return named(self.field, f'"{words}"' + (f"~{self.slop}" if self.slop else ""))


class Prefix(_Leaf):
    """Words that begin with the letters typed."""

    text: str
    field: Field = Field.TEXT

    def __str__(self) -> str:
        if self.text.isalnum():  # as most are
            return named(self.field, f"{self.text}*")
        return named(self.field, spell_word(self.text + "*", frozenset({len(self.text)})))


class Wildcard(_Leaf):
    r"""Words of a pattern: ``*`` any characters, ``?`` any one, ``\`` before a literal ``*?\``."""

    pattern: str
    field: Field = Field.TEXT

    def __str__(self) -> str:
        text, wild = read_pattern(self.pattern)
        if self.field in RAW_FIELDS:
            return spell_raw(self.field, text, wild)
        return named(self.field, spell_word(text, wild))


class Fuzzy(_Leaf):
    """Words at most distance edits away from text."""

    text: str
    distance: Literal[1, 2] = 1
    field: Field = Field.TEXT

    def __str__(self) -> str:
        ending = "~" if self.distance == 1 else f"~{self.distance}"
        return named(self.field, spell_word(self.text) + ending)


class Regex(_Leaf):
    """Words that match a regular expression as a whole; pattern compiles and has no white space."""

    pattern: str
    field: Field = Field.TEXT

    def __str__(self) -> str:
        body = re.sub(r"(\\.)|/", lambda match: match[1] or "\\/", self.pattern, flags=re.DOTALL)
        return named(self.field, f"/{body}/")


class DateRange(_Leaf):
    """Passages of articles published from first to last, both included; None is an open end.

    With both ends open: articles whose date is known.
    """

    first: date | None
    last: date | None

    def __str__(self) -> str:
        return f"{DateWord.PUBLISHED.value}:{spell_dates(self.first, self.last)}"


class Everything(_Leaf):
    """Every passage."""

    def __str__(self) -> str:
        return "*"


class Nothing(Node):
    """No passage: what a text without words asks for."""

    binding: ClassVar[_Binding] = _ATOM

    def __str__(self) -> str:
        return ""


# Groups


class _Siblings(Node):
    """What Ranked, And, Or and InArticle share."""

    children: tuple[Query, ...]


class Ranked(_Siblings):
    """Passages with any of the children, those with more and rarer ones first."""

    binding: ClassVar[_Binding] = _SEQUENCE

    def __str__(self) -> str:
        return _spelt(" ".join([_within(child, _OR) for child in self.children]))


class And(_Siblings):
    """Passages with all of the children."""

    binding: ClassVar[_Binding] = _AND

    def __str__(self) -> str:
        return _spelt(" AND ".join([_within(child, _NOT) for child in self.children]))


class Or(_Siblings):
    """Passages with one of the children or more."""

    binding: ClassVar[_Binding] = _OR

    def __str__(self) -> str:
        return _spelt(" OR ".join([_within(child, _AND) for child in self.children]))


class InArticle(_Siblings):
    """Passages with any of the children, from articles that have all of them in some passage.

    Of a negated child: from articles that have it in none.
    """

    binding: ClassVar[_Binding] = _ATOM

    def __str__(self) -> str:
        return f"{ARTICLE}({' '.join([_within(child, _OR) for child in self.children])})"


class Near(Node):
    """Passages with all of the children, words or phrases, near each other in any order.

    words is the number of other words that may stand between the first and the last in all.
    """

    binding: ClassVar[_Binding] = _ATOM
    children: tuple[Query, ...]
    words: int

    def __str__(self) -> str:
        return f"NEAR({' '.join(map(str, self.children))}, {self.words})"


class Not(Node):
    """Passages without the child."""

    binding: ClassVar[_Binding] = _NOT
    child: Query

    def __str__(self) -> str:
        return _spelt(f"NOT {_within(self.child, _BOOST)}")


class Prefer(Node):
    """Passages with the required part; the optional ones only add to the score."""

    binding: ClassVar[_Binding] = _SEQUENCE
    required: Query
    optional: tuple[Query, ...]

    def __str__(self) -> str:
        required: tuple[Query, ...] = (self.required,)
        # A Not beside a + would be read as excluding from the whole, hence parentheses for those.
        if isinstance(self.required, And) and not _has_not(self.required.children):
            required = self.required.children
        return _spelt(
            " ".join(
                [
                    *(f"+{_within(child, _BOOST)}" for child in required),
                    *(_within(child, _OR) for child in self.optional),
                ]
            )
        )


class Boost(Node):
    """The child, its score times factor, which is above 0 and at most MAX_BOOST."""

    binding: ClassVar[_Binding] = _BOOST
    child: Query
    factor: float

    def __str__(self) -> str:
        return f"{_within(self.child, _ATOM)}^{repr(self.factor).removesuffix('.0')}"


Leaf: TypeAlias = Term | Phrase | Prefix | Wildcard | Fuzzy | Regex | DateRange | Everything
Query: TypeAlias = Leaf | Nothing | Ranked | And | Or | InArticle | Near | Not | Prefer | Boost

_WordLeaf = Term | Phrase | Prefix | Wildcard | Fuzzy | Regex
_SCORED_GROUPS = (Ranked, And, Or, InArticle, Near, Prefer, Boost)

#: Fields of whole articles, and places in them, which restrict rather than rank.
FILTER_FIELDS = PLACE_FIELDS | {
    *(Field.ARTICLE, Field.SOURCE, Field.LANG, Field.AUTHOR, Field.WHERE)
}


# Reading


def children_of(query: Query) -> tuple[Query, ...]:
    """Return the nodes directly below query, in order; a leaf has none."""
    match query:
        case Ranked(children) | And(children) | Or(children) | InArticle(children):
            return children
        case Near(children):
            return children
        case Not(child) | Boost(child):
            return (child,)
        case Prefer(required, optional):
            return (required, *optional)
        case _:
            return ()


def leaves(query: Query) -> Iterator[Leaf]:
    """Yield the leaves of query in order, repeated ones as often as they stand in it."""
    return _leaves(query, (*_SCORED_GROUPS, Not))


def positive_leaves(query: Query) -> Iterator[Leaf]:
    """Yield the leaves that a passage may be found by: those that stand under no Not."""
    return _leaves(query, _SCORED_GROUPS)


def _leaves(query: Query, entered: tuple[type[Query], ...]) -> Iterator[Leaf]:
    waiting = [query]
    while waiting:
        node = waiting.pop()
        if isinstance(node, entered):
            waiting.extend(reversed(children_of(node)))
        elif isinstance(node, _Leaf):
            yield node


def is_filter(query: Query) -> bool:
    """Tell whether query speaks of articles and places only; a group does if all in it does.

    Beside ranked words it restricts: `lang:en patrols` finds patrols in English articles only.
    """
    children = children_of(query)
    if children:
        return all(map(is_filter, children))
    return isinstance(query, DateRange) or getattr(query, "field", None) in FILTER_FIELDS


# Making


def rebuild(query: Query, children: Sequence[Query]) -> Query:
    """Return query with other nodes in the place of children_of(query), by the rules of trees."""
    match query:
        case Ranked():
            return ranked(*children)
        case And():
            return all_of(*children)
        case Or():
            return any_of(*children)
        case InArticle():
            return in_article(*children)
        case Near(_, words):
            return near(words, *children)
        case Prefer():
            return preferred(*children)
        case Boost(_, factor):
            return boosted(children[0], factor)
        case Not():
            return negated(children[0])
        case _:
            return query


def all_of(*children: Query) -> Query:
    """Return the query for what matches all children."""
    return _joined(And, children)


def any_of(*children: Query) -> Query:
    """Return the query for what matches a child or more."""
    return _joined(Or, children)


def in_article(*children: Query) -> Query:
    """Return the query for what matches any child in an article that has them all."""
    each = (
        one for child in children for one in (child.children if isinstance(child, And) else [child])
    )
    kept = tuple(child for child in each if not isinstance(child, Nothing))
    if not kept or (len(kept) == 1 and not isinstance(kept[0], Not)):
        return kept[0] if kept else Nothing()
    return InArticle(kept)


def near(words: int, *children: Query) -> Query:
    """Return the query for what has all children near each other, or has them if none can be."""
    kept = tuple(dict.fromkeys(child for child in children if not isinstance(child, Nothing)))
    if len(kept) < 2:
        return kept[0] if kept else Nothing()
    return Near(kept, words) if can_be_near(kept) else all_of(*kept)


def can_be_near(children: Sequence[Query]) -> bool:
    """Whether the words between children can be counted: words, phrases, patterns of one text."""
    fields = {
        child.field if isinstance(child, _WordLeaf) and not getattr(child, "slop", 0) else None
        for child in children
    }
    return len(fields) == 1 and fields.isdisjoint({None, *RAW_FIELDS, Field.LANG})


def ranked(*children: Query) -> Query:
    """Return the query for children side by side: any of them, but none of the negated ones."""
    return all_of(_beside(children), *(child for child in children if isinstance(child, Not)))


def side_by_side(children: Sequence[Query], *, all_words: bool) -> Query:
    """Return the query for words side by side: any of them, or all that are not negated."""
    if not all_words:
        return ranked(*children)
    return all_of(*sorted(children, key=lambda child: isinstance(child, Not)))


def _beside(children: Sequence[Query]) -> Query:
    """What stands side by side and is not negated; a * among words adds nothing to them."""
    joined = _joined(Ranked, [child for child in children if not isinstance(child, Not)])
    wanted = joined.children if isinstance(joined, Ranked) else ()
    if all(isinstance(child, Everything) or is_filter(child) for child in wanted):
        return joined
    return _joined(Ranked, [child for child in wanted if not isinstance(child, Everything)])


def preferred(required: Query, *optional: Query) -> Query:
    """Return the query for required, better with the optional ones and never with negated ones."""
    beside = _beside(optional)
    unwanted = [child for child in optional if isinstance(child, Not)]
    match required, beside:
        case Nothing(), _:
            return all_of(beside, *unwanted)
        case _, Nothing():
            return all_of(required, *unwanted)
        case Not(), _:
            return all_of(beside, required, *unwanted)
    extras = beside.children if isinstance(beside, Ranked) else (beside,)
    return all_of(Prefer(required, extras), *unwanted)


def negated(child: Query) -> Query:
    """Return the query for what child does not match."""
    match child:
        case Nothing():
            return child
        case Not(inner):
            return inner
        case _:
            return Not(child)


def boosted(child: Query, factor: float) -> Query:
    """Return child with its score times factor, which is MAX_BOOST at most.

    A Not has no score, and 1 changes none.
    """
    if factor == 1.0 or isinstance(child, Not | Nothing):
        return child
    return Boost(child, min(factor, MAX_BOOST))


def _joined(kind: type[And | Or | Ranked], children: Sequence[Query]) -> Query:
    flat: list[Query] = []
    for child in children:
        if isinstance(child, kind):
            flat.extend(child.children)
        elif not isinstance(child, Nothing):
            flat.append(child)
    match flat:
        case []:
            return Nothing()
        case [only]:
            return only
        case _:
            return kind(tuple(flat))


def _has_not(children: tuple[Query, ...]) -> bool:
    return any(isinstance(child, Not) for child in children)
