"""A plan's units and structure -> what OpenSearch is asked; pure.

A passage there has all that it is found by: the tokens of its own text, its headings, its article's
title and author, and the values of its article. So a match is one query, and it finds what the
local backend finds: a sequence is a phrase of our own tokens, position by position.
"""

from __future__ import annotations

from itertools import product
from math import prod
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

from indexer.errors import UsageError
from indexer.storage.remote.wire import NOTHING, TOGETHER, escaped, sent_term
from indexer.text.analysis import encoded
from search.plan import (
    All,
    Always,
    AnyOf,
    ArticleFilter,
    OfArticles,
    PassageFilter,
    PlaceFilter,
    Without,
    width,
)
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from search.plan import Lookup, Match, Resolved, Sequences

#: A query, as OpenSearch has it.
Asked = dict[str, Any]

#: The field of tokens of each text field.
TOKENS = {
    Field.TEXT: "body",
    Field.HEADING: "heading",
    Field.TITLE: "title",
    Field.AUTHOR: "author",
}
#: So many values may be named in a query.
MOST_TERMS = 65_536
_MOST_SLOP = (1 << 31) - 1
# The parts of NEAR may be there in so many combinations of widths.
_MOST_SPELLINGS = 64

EVERY: Asked = {"match_all": {}}
NONE: Asked = {"match_none": {}}


class Values(Protocol):
    """Looks up what a query has to name.

    What is asked for the first time is not known yet, which is None: it is looked up together with
    all else that is asked for until something is asked for again.
    """

    def fitting(self, wanted: ArticleFilter, field: str) -> Sequence[str] | None:
        """The values of a field, as they are sent, that pass a test by a pattern."""

    def articles(self, query: Asked) -> Sequence[str] | None:
        """The keys of the articles with a passage that a query finds."""

    def printed(self, article_id: str) -> Sequence[str] | None:
        """The ids, as they are sent, that are printed as this one."""


class Asking:
    """Makes queries of the parts of one plan."""

    def __init__(self, resolved: Sequence[Resolved], values: Values) -> None:
        self._resolved = resolved
        self._values = values
        self._unknown = 0

    def match(self, match: Match) -> Asked:
        """What finds the passages that match.

        It is made anew until all is known that it names; what is named inside of what is named
        comes after that.
        """
        while True:
            self._unknown = 0
            asked = self._match(match)
            if not self._unknown:
                return asked

    def _known(self, values: Sequence[str] | None) -> Sequence[str]:
        """Values; none as long as they are not known, which is noted."""
        if values is None:
            self._unknown += 1
            return ()
        return values

    def _match(self, match: Match) -> Asked:
        match match:
            case int():
                one = self._resolved[match]
                return unit_query(one, TOKENS[one.unit.field])
            case ArticleFilter():
                return any_of([self._valued(match, field) for field in match.index_fields])
            case PlaceFilter(values):
                return any_of([self._valued(values, field) for field in values.index_fields])
            case PassageFilter():
                return self._named(match)
            case All(parts):
                spread = [part for part in parts if isinstance(part, OfArticles)]
                wanted = [
                    self._match(part)
                    for part in parts
                    if not isinstance(part, Without | OfArticles)
                ]
                unwanted = [self._match(one.part) for one in parts if isinstance(one, Without)]
                if spread:
                    wanted.append(self._in_all(spread))
                return {"bool": {"filter": wanted, "must_not": unwanted}}
            case AnyOf():
                any_part = list(_any_of(match))
                units = [self._resolved[part] for part in any_part if isinstance(part, int)]
                others = [self._match(part) for part in any_part if not isinstance(part, int)]
                return any_of([*any_units(units), *others])
            case Without(part):
                return {"bool": {"must_not": [self._match(part)]}}
            case OfArticles():
                return self._in_all([match])
            case Always(matches):
                return EVERY if matches else NONE

    def _in_all(self, spread: Sequence[OfArticles]) -> Asked:
        """What finds the passages of the articles that all of some parts find."""
        common: dict[str, None] | None = None
        for one in spread:
            before = self._unknown
            query = self._of_articles(one.part)
            if self._unknown > before:
                continue  # what it names comes first
            keys = self._known(self._values.articles(query))
            common = dict.fromkeys(key for key in keys if common is None or key in common)
        return {"terms": {"key": list(common)}} if common else NONE

    def _of_articles(self, match: Match) -> Asked:
        """What finds passages of the articles that a part finds, or whose title it is in."""
        if isinstance(match, AnyOf):
            return any_of([self._of_articles(part) for part in match.parts])
        found = self._match(match)
        if isinstance(match, int):
            one = self._resolved[match]
            if one.unit.field is Field.TEXT and not one.unit.own:
                return any_of([found, unit_query(one, TOKENS[Field.TITLE])])
        return found

    def _valued(self, wanted: ArticleFilter, field: str) -> Asked:
        if wanted.pattern is not None:
            found = self._known(self._values.fitting(wanted, field))
            return {"terms": {field: list(found)}} if found else NONE
        if wanted.head:
            return {"prefix": {field: escaped(wanted.head)}}
        if wanted.equal is not None:
            return {"term": {field: sent_term(encoded(wanted.equal))}}
        bounds = {"gte": escaped(wanted.first)}
        if wanted.last:
            bounds["lt"] = f"{escaped(wanted.last)}~"
        return {"range": {field: bounds}}

    def _named(self, wanted: PassageFilter) -> Asked:
        name = wanted.name
        own = sent_term(encoded(name.article_id))
        marks: list[Asked] = [{"term": {"digest": escaped(name.mark)}}]
        if name.number is not None:
            marks.append({"term": {"n": name.number}})
        articles = [own, *self._known(self._values.printed(name.article_id))]
        return {"bool": {"filter": [{"terms": {"article": articles}}, any_of(marks)]}}


def any_of(parts: Sequence[Asked]) -> Asked:
    """What any part finds."""
    if len(parts) == 1:
        return parts[0]
    return {"bool": {"should": list(parts), "minimum_should_match": 1}} if parts else NONE


def _any_of(match: AnyOf) -> Iterator[Match]:
    """Yield the parts of a match, and in the place of those that are such the parts of these."""
    for part in match.parts:
        if isinstance(part, AnyOf):
            yield from _any_of(part)
        else:
            yield part


def any_units(units: Sequence[Resolved]) -> list[Asked]:
    """What finds passages that hold any of some units, each in the field that it is of.

    Words are looked for together: a cluster takes 1,024 parts of a query.
    """
    terms: dict[str, dict[str, None]] = {}
    parts = []
    for one in units:
        field = TOKENS[one.unit.field]
        if one.near or any(len(sequence) != 1 for sequence in one.sequences):
            parts.append(unit_query(one, field))
            continue
        of_field = terms.setdefault(field, {})
        for (lookup,) in one.sequences:
            of_field.update(dict.fromkeys(map(sent_term, lookup.terms)))
    return [
        *(
            {"terms": {field: some[start : start + MOST_TERMS]}}
            for field, of_field in terms.items()
            for some in [list(of_field)]
            for start in range(0, len(some), MOST_TERMS)
        ),
        *parts,
    ]


def unit_query(one: Resolved, field: str) -> Asked:
    """What finds the documents that hold a unit in a field of tokens."""
    if one.near:
        return _near(one, field)
    return sequences_query(one, one.sequences, field)


def sequences_query(one: Resolved, sequences: Sequences, field: str) -> Asked:
    """What finds the documents that hold any of some sequences of a unit."""
    terms = [term for sequence in sequences if len(sequence) == 1 for term in sequence[0].terms]
    parts: list[Asked] = []
    if terms:
        parts.append({"terms": {field: list(dict.fromkeys(map(sent_term, terms)))}})
    parts += [_phrase(one, sequence, field) for sequence in sequences if _is_phrase(sequence)]
    return any_of(parts)


def _is_phrase(sequence: Sequence[Lookup]) -> bool:
    return len(sequence) > 1 and all(lookup.terms for lookup in sequence)


def _phrase(one: Resolved, sequence: Sequence[Lookup], field: str) -> Asked:
    if one.unit.slop or len({lookup.offset for lookup in sequence}) < len(sequence):
        return _spans(sequence, field, min(one.unit.slop, _MOST_SLOP))
    by_offset = {lookup.offset: lookup.terms for lookup in sequence}
    first, last = min(by_offset), max(by_offset)
    text = " ".join(
        TOGETHER.join(map(sent_term, by_offset[offset])) if offset in by_offset else NOTHING
        for offset in range(first, last + 1)
    )
    return {"match_phrase": {field: {"query": text}}}


def _spans(sequence: Sequence[Lookup], field: str, slop: int) -> Asked:
    """A sequence position by position, with room between the positions."""
    at: dict[int, Asked] = {}
    for lookup in sorted(sequence, key=attrgetter("offset")):
        span = _any_of_spans([{"span_term": {field: sent_term(term)}} for term in lookup.terms])
        if lookup.offset in at:  # both stand there
            span = {"span_containing": {"big": at[lookup.offset], "little": span}}
        at[lookup.offset] = span
    clauses: list[Asked] = []
    before: int | None = None
    for offset, span in sorted(at.items()):
        if before is not None and offset - before > 1:
            clauses.append({"span_gap": {field: offset - before - 1}})
        clauses.append(span)
        before = offset
    if len(clauses) == 1:
        return clauses[0]
    return {"span_near": {"clauses": clauses, "slop": slop, "in_order": True}}


def _near(one: Resolved, field: str) -> Asked:
    """Parts near each other in any order, by the positions that each of them takes.

    How far they may be from each other goes by the longest spelling of each, and in a cluster by
    what is there: so what is shorter may be so much farther.
    """
    parts: list[list[tuple[int, Asked]]] = []
    for alternatives, sequences in zip(one.unit.near, one.near, strict=True):
        by_width: dict[int, list[Asked]] = {}
        for sequence in sequences:
            if sequence and all(lookup.terms for lookup in sequence):
                own = 1 + max(lookup.offset for lookup in sequence)
                by_width.setdefault(own, []).append(_spans(sequence, field, 0))
        if not by_width:
            return NONE
        longest = width(alternatives)
        parts.append([(longest - own, _any_of_spans(spans)) for own, spans in by_width.items()])
    if prod(map(len, parts)) > _MOST_SPELLINGS:
        raise UsageError(
            f"{one.unit.label} may be written in too many ways for OpenSearch",
            hint="ask for fewer words near each other",
        )
    return any_of([_in_any_order(chosen, one.unit.slop) for chosen in product(*parts)])


def _in_any_order(parts: Sequence[tuple[int, Asked]], slop: int) -> Asked:
    """Parts near each other, each with the positions that it takes less than it may."""
    if len(parts) == 1:
        return parts[0][1]
    room = min(slop + sum(less for less, _ in parts), _MOST_SLOP)
    return {"span_near": {"clauses": [part for _, part in parts], "slop": room, "in_order": False}}


def _any_of_spans(spans: Sequence[Asked]) -> Asked:
    return spans[0] if len(spans) == 1 else {"span_or": {"clauses": list(spans)}}


def fields_with(one: Resolved) -> Mapping[str, float]:
    """The fields of tokens that a unit ranks by, and what each counts beside the own text."""
    if one.unit.field is not Field.TEXT or one.unit.own:
        return {TOKENS[one.unit.field]: 1.0}
    return {"body": 1.0, "heading": 0.5, "title": 0.7}
