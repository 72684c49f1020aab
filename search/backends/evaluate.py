"""Plan + segments -> which passages match, and how often each unit occurs in them."""

from __future__ import annotations

import re
import warnings
from bisect import bisect_left
from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

from indexer.text.analysis import encoded
from search.backends.near import near_terms
from search.chains import Stretch, find_chains, find_windows
from search.model import Warned
from search.patterns import glob_expression
from search.plan import (
    All,
    Alternatives,
    Always,
    AnyOf,
    ArticleFilter,
    Element,
    Form,
    Lookup,
    Match,
    OfArticles,
    Pattern,
    Resolved,
    Sequences,
    Unit,
    Without,
    width,
)
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView
    from search.backends.ranking import UnitCounts
    from search.deadline import Deadline

MOST_EXPANSIONS = 1024

#: The index fields of each text field: exact forms and stems.
INDEX_FIELDS = {
    Field.TEXT: {Form.EXACT: "exact", Form.STEM: "stems"},
    Field.HEADING: {Form.EXACT: "heading_exact", Form.STEM: "heading_stems"},
    Field.TITLE: {Form.EXACT: "title_exact", Form.STEM: "title_stems"},
    Field.AUTHOR: {Form.EXACT: "author_exact", Form.STEM: "author_exact"},
}
#: Fields that are indexed once for the whole article.
ARTICLE_FIELDS = frozenset({Field.TITLE, Field.AUTHOR})

Counts: TypeAlias = dict[int, int]


def resolve(unit: Unit, segments: Sequence[SegmentView], deadline: Deadline) -> Resolved:
    """Expand the patterns of a unit; at most MOST_EXPANSIONS terms a pattern, the commonest."""
    warnings: list[Warned] = []

    def lookup(element: Element) -> Lookup:
        if element.pattern is Pattern.EQUAL:
            return Lookup(element.offset, element.form, (encoded(element.text),))
        found = _expand(element, unit.field, segments, deadline)
        if unit.field is Field.TEXT:  # words that only rank; they are the first to go
            for field in (Field.HEADING, Field.TITLE):
                for term in _expand(element, field, segments, deadline):
                    found.setdefault(term, 0)
        if len(found) > MOST_EXPANSIONS:
            message = (
                f"{unit.label} stands for {len(found):,} words; the "
                f"{MOST_EXPANSIONS:,} found most often are searched"
            )
            warnings.append(Warned(message, unit.span))
        ranked = sorted(found, key=lambda term: (-found[term], term))
        return Lookup(element.offset, element.form, tuple(sorted(ranked[:MOST_EXPANSIONS])))

    def lookups(alternatives: Alternatives) -> Sequences:
        return tuple(tuple(map(lookup, sequence)) for sequence in alternatives)

    return Resolved(
        unit,
        lookups(unit.alternatives),
        lookups(unit.telling),
        tuple(map(lookups, unit.near)),
        warnings[-1] if warnings else None,
    )


def _expand(
    element: Element, text_field: Field, segments: Sequence[SegmentView], deadline: Deadline
) -> dict[bytes, int]:
    """The terms of a field that a pattern stands for, with the live documents that hold each."""
    field = INDEX_FIELDS[text_field][element.form]
    found: dict[bytes, int] = defaultdict(int)
    for segment in segments:
        postings = segment.postings(field)
        if postings is not None:
            for place in _expand_places(element, field, segment, postings, deadline):
                if live := segment.live_count_at(postings, place):
                    found[postings.term(place)] += live
    return found


def _expand_places(
    element: Element,
    field: str,
    segment: SegmentView,
    postings: FieldPostings,
    deadline: Deadline,
) -> Iterator[int]:
    text = element.text
    if element.pattern is Pattern.PREFIX:
        yield from postings.prefix_range(encoded(text))
        return
    if element.pattern is Pattern.FUZZY:
        for term in near_terms(segment, field, text, element.distance, deadline):
            yield postings.find(encoded(term))
        return
    import regex  # noqa: PLC0415 - it has a time limit, and only patterns pay for its import

    if element.pattern is Pattern.WILDCARD:
        head = re.match(r"[^*?\\]*", text)
        places = postings.prefix_range(encoded(head[0] if head else ""))
        compiled = regex.compile(glob_expression(text), regex.DOTALL)
    else:
        places = range(len(postings))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the parser let it pass
            compiled = regex.compile(text, regex.IGNORECASE | regex.V0)
    for place in places:
        try:
            if compiled.fullmatch(postings.term(place).decode(), timeout=deadline.left_seconds()):
                yield place
        except TimeoutError:
            deadline.left_seconds()


def count_near(
    parts: Sequence[Sequences],
    words: int,
    field: Field,
    segment: SegmentView,
    deadline: Deadline,
) -> Counts:
    """How often parts stand within so many words of each other; as count()."""
    found: list[dict[int, list[Stretch]]] = []
    for sequences in parts:
        stretches: dict[int, list[Stretch]] = defaultdict(list)
        for sequence in sequences:
            deadline.left_seconds()
            for doc, chains in _stretches(sequence, field, segment, deadline):
                stretches[doc] += chains
        found.append(stretches)
    widths = [width(sequences) for sequences in parts]
    totals: Counts = {}
    for doc in set.intersection(*(set(stretches) for stretches in found)) - segment.deleted:
        of_parts = [stretches[doc] for stretches in found]
        number = sum(1 for _ in find_windows(list(zip(widths, of_parts, strict=True)), words))
        if number:
            totals[doc] = number
    return totals


def _stretches(
    sequence: Sequence[Lookup], field: Field, segment: SegmentView, deadline: Deadline
) -> Iterator[tuple[int, list[Stretch]]]:
    """Yield (document, where the sequence stands in it)."""
    parts = _parts(sequence, field, segment)
    length = max(lookup.offset for lookup in sequence)
    for doc, starts in _sequence_starts(parts, 0, deadline) if parts else ():
        yield doc, [Stretch(start, start + length) for start in starts]


def _parts(
    sequence: Sequence[Lookup], field: Field, segment: SegmentView
) -> list[tuple[int, FieldPostings, list[int]]]:
    """The offsets and postings of a sequence; none if one of its elements is nowhere."""
    parts = []
    for lookup in sequence:
        postings = segment.postings(INDEX_FIELDS[field][lookup.form])
        places = [
            place
            for term in lookup.terms
            if postings is not None and (place := postings.find(term)) >= 0
        ]
        if postings is None or not places:
            return []
        parts.append((lookup.offset, postings, places))
    return parts


def count(
    sequences: Sequence[tuple[Lookup, ...]],
    slop: int,
    field: Field,
    segment: SegmentView,
    deadline: Deadline,
) -> Counts:
    """How often sequences occur in each live document of a segment, looked up in a text field.

    Returns: document -> occurrences, at least 1. For a field of the whole article the documents
        are article records, else paragraphs.
    """
    totals: Counts = {}
    for sequence in sequences:
        deadline.left_seconds()
        parts = _parts(sequence, field, segment)
        if len(parts) == 1:
            counts = _count_terms(parts[0][1], parts[0][2])
        elif parts:
            counts = {doc: len(starts) for doc, starts in _sequence_starts(parts, slop, deadline)}
        else:
            continue
        totals = counts if not totals else _add(totals, counts)
    if segment.deleted:
        deleted = segment.deleted
        totals = {doc: n for doc, n in totals.items() if doc not in deleted}
    return totals


def _add(totals: Counts, counts: Counts) -> Counts:
    for doc, number in counts.items():
        totals[doc] = totals.get(doc, 0) + number
    return totals


def _count_terms(postings: FieldPostings, places: Sequence[int]) -> Counts:
    totals: Counts = {}
    for place in places:
        counts = dict(
            zip(postings.docs(place).tolist(), postings.frequencies(place).tolist(), strict=True)
        )
        totals = counts if not totals else _add(totals, counts)
    return totals


class _Term:
    """The postings of one term, with positions found by document."""

    def __init__(self, postings: FieldPostings, place: int) -> None:
        self.docs = postings.docs(place)
        self._positions = postings.positions(place)
        self._starts = list(accumulate(postings.frequencies(place), initial=0))

    def positions(self, doc: int) -> list[int]:
        """The positions in one document, none if the term is not there."""
        index = bisect_left(self.docs, doc)
        if index == len(self.docs) or self.docs[index] != doc:
            return []
        return self._positions[self._starts[index] : self._starts[index + 1]].tolist()


def _sequence_starts(
    parts: Sequence[tuple[int, FieldPostings, list[int]]], slop: int, deadline: Deadline
) -> Iterator[tuple[int, list[int]]]:
    """Yield (document, start positions) wherever the parts stand in their order."""
    candidates: set[int] | None = None
    for _, postings, places in sorted(parts, key=lambda part: _total(part[1], part[2])):
        docs = {doc for place in places for doc in postings.docs(place).tolist()}
        candidates = docs if candidates is None else candidates & docs
        if not candidates:
            return
    terms = [(offset, [_Term(p, place) for place in places]) for offset, p, places in parts]
    for number, doc in enumerate(sorted(candidates or ())):
        if number % 1024 == 0:
            deadline.left_seconds()
        positions = [
            (offset, [p for term in alternatives for p in term.positions(doc)])
            for offset, alternatives in terms
        ]
        chains = list(find_chains(positions, slop))
        if chains:
            yield doc, [chain[0] for chain in chains]


def _total(postings: FieldPostings, places: Iterable[int]) -> int:
    return sum(postings.doc_count(place) for place in places)


def matching(
    match: Match, found: Sequence[UnitCounts], segment: SegmentView
) -> set[int] | frozenset[int]:
    """The live paragraphs of a segment that match; found is of the plan's units."""
    match match:
        case int():
            return set(found[match].body)
        case ArticleFilter():
            return {doc for record in _records(match, segment) for doc in segment.children(record)}
        case All(parts):
            wanted = [part for part in parts if not isinstance(part, Without)]
            sets = [matching(part, found, segment) for part in wanted]
            sets.sort(key=len)
            every = set(sets[0]) if sets else set(segment.passages)
            for other in sets[1:]:
                every &= other
            for part in parts:
                if isinstance(part, Without):
                    every -= matching(part.part, found, segment)
            return every
        case AnyOf(parts):
            docs: set[int] = set()
            for part in parts:
                docs |= matching(part, found, segment)
            return docs
        case Without(part):
            return segment.passages - matching(part, found, segment)
        case OfArticles(part):
            records = _articles(part, found, segment)
            return {doc for record in records for doc in segment.children(record)}
        case Always(matches):
            return segment.passages if matches else set()


def _articles(match: Match, found: Sequence[UnitCounts], segment: SegmentView) -> set[int]:
    """The records of articles with a passage that matches, or with a title that holds a unit."""
    match match:
        case AnyOf(parts):
            return set().union(*(_articles(part, found, segment) for part in parts))
        case int():
            titled = set(found[match].titles)
        case _:
            titled = set()
    return titled | {segment.parents[doc] for doc in matching(match, found, segment)}


def _records(wanted: ArticleFilter, segment: SegmentView) -> Iterator[int]:
    compiled = re.compile(wanted.pattern) if wanted.pattern is not None else None
    for field in wanted.index_fields:
        postings = segment.postings(field)
        if postings is None:
            continue
        if wanted.equal is not None:
            place = postings.find(encoded(wanted.equal))
            places = range(place, place + 1) if place >= 0 else range(0)
        elif compiled is not None:
            places = range(len(postings))
        else:
            end = postings.lower(f"{wanted.last}~".encode()) if wanted.last else len(postings)
            places = range(postings.lower(wanted.first.encode()), end)
        for place in places:
            if compiled and not compiled.search(postings.term(place).decode("utf-8", "replace")):
                continue
            yield from (doc for doc in postings.docs(place) if doc not in segment.deleted)
