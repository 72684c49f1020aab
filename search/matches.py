"""Passage text + resolved units -> the spans to highlight; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from indexer.model import Span
from indexer.text.analysis import (
    FormKind,
    encoded,
    occurrences,
    stemmer,
    tagged,
    tagged_pair,
)
from search.chains import Stretch, find_chains, find_windows
from search.plan import Form, width
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from search.plan import Lookup, Resolved, Sequences

_Found: TypeAlias = "dict[bytes, dict[int, Span]]"


_RANKED = frozenset({FormKind.WORD, FormKind.PAIR})


class MatchFinder:
    """Finds, in the paragraphs of one result, the words that units of the text field stand on."""

    def __init__(self, units: Iterable[Resolved]) -> None:
        self._units = [one for one in units if one.unit.field is Field.TEXT]
        lookups = [
            lookup
            for one in self._units
            for sequences in (one.sequences, *one.near)
            for sequence in sequences
            for lookup in sequence
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
            slop = resolved.unit.slop
            for sequence in resolved.sequences:
                for _, standing in _chains(sequence, exact, stems, slop):
                    spans.update(standing)
            if resolved.near:
                spans.update(_nearby(resolved.near, exact, stems, slop))
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


def _chains(
    sequence: Sequence[Lookup], exact: _Found, stems: _Found, slop: int
) -> Iterator[tuple[int, list[Span]]]:
    """Yield (first position, spans) of each place where a whole sequence stands."""
    found = [
        _places(exact if lookup.form is Form.EXACT else stems, lookup.terms) for lookup in sequence
    ]
    if not all(found):
        return
    positions = [(lookup.offset, list(at)) for lookup, at in zip(sequence, found, strict=True)]
    offsets = sorted({lookup.offset for lookup in sequence})
    for chain in find_chains(positions, slop):
        at_offset = dict(zip(offsets, chain, strict=True))
        yield (
            chain[0],
            [at[at_offset[lookup.offset]] for lookup, at in zip(sequence, found, strict=True)],
        )


def _nearby(parts: Sequence[Sequences], exact: _Found, stems: _Found, words: int) -> Iterator[Span]:
    """Yield the spans of parts wherever all of them stand near each other."""
    found: list[dict[Stretch, set[Span]]] = []
    for sequences in parts:
        stretches: dict[Stretch, set[Span]] = {}
        for sequence in sequences:
            length = max(lookup.offset for lookup in sequence)
            for first, standing in _chains(sequence, exact, stems, 0):
                stretches.setdefault(Stretch(first, first + length), set()).update(standing)
        found.append(stretches)
    widths = map(width, parts)
    for window in find_windows(list(zip(widths, found, strict=True)), words):
        for stretch, stretches in zip(window, found, strict=True):
            yield from stretches[stretch]


def _disjoint(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans that overlap or touch become one: forms lie over their parts, 巡逻 is one word."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)
