"""Passage text + resolved units -> the spans to highlight; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.model import Span
from indexer.text.analysis import (
    FormKind,
    encoded,
    occurrences,
    stemmer,
    tagged,
    tagged_pair,
)
from search.chains import find_chains
from search.plan import Form
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from search.plan import Lookup, Resolved


_RANKED = frozenset({FormKind.WORD, FormKind.PAIR})


class MatchFinder:
    """Finds, in the paragraphs of one result, the words that units of the text field stand on."""

    def __init__(self, units: Iterable[Resolved]) -> None:
        self._units = [one for one in units if one.unit.field is Field.TEXT]
        lookups = [
            lookup for one in self._units for sequence in one.sequences for lookup in sequence
        ]
        self._exact = _terms(lookups, Form.EXACT)
        self._stems = _terms(lookups, Form.STEM)

    def find(self, text: str, language: str) -> tuple[Span, ...]:
        """The spans to highlight, sorted and disjoint.

        Args:
            text: the paragraph.
            language: its article's, which decides the stems.
        """
        exact: dict[bytes, dict[int, Span]] = {}
        stems: dict[bytes, dict[int, Span]] = {}
        stem = stemmer(language)
        for form, position, start, end, kind in occurrences(text):
            if form in self._exact and kind is not FormKind.PAIR:
                exact.setdefault(encoded(form), {})[position] = Span(start, end)
            if self._stems and kind in _RANKED:
                is_word = kind is FormKind.WORD
                stemmed = tagged(stem(form), language) if is_word else tagged_pair(form)
                if stemmed in self._stems:
                    stems.setdefault(encoded(stemmed), {})[position] = Span(start, end)
        spans: set[Span] = set()
        for resolved in self._units:
            for sequence in resolved.sequences:
                found = [
                    _places(exact if lookup.form is Form.EXACT else stems, lookup.terms)
                    for lookup in sequence
                ]
                if all(found):
                    spans.update(_chained(sequence, found, resolved.unit.slop))
        return _disjoint(spans)


def _terms(lookups: Iterable[Lookup], form: Form) -> frozenset[str]:
    return frozenset(
        term.decode("utf-8", "surrogatepass")
        for lookup in lookups
        if lookup.form is form
        for term in lookup.terms
    )


def _places(places: dict[bytes, dict[int, Span]], terms: Sequence[bytes]) -> dict[int, Span]:
    """Where any of the terms stands, by position."""
    if len(terms) == 1:
        return places.get(terms[0], {})
    return {
        position: span
        for term in terms
        if term in places
        for position, span in places[term].items()
    }


def _chained(
    sequence: Sequence[Lookup], found: Sequence[dict[int, Span]], slop: int
) -> Iterator[Span]:
    """Yield the spans of the places where a whole sequence stands."""
    if len(sequence) == 1:
        yield from found[0].values()
        return
    positions = [(lookup.offset, list(at)) for lookup, at in zip(sequence, found, strict=True)]
    offsets = sorted({lookup.offset for lookup in sequence})
    for chain in find_chains(positions, slop):
        at_offset = dict(zip(offsets, chain, strict=True))
        for lookup, at in zip(sequence, found, strict=True):
            yield at[at_offset[lookup.offset]]


def _disjoint(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans that overlap or touch become one: forms lie over their parts, 巡逻 is one word."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)
