"""Passage text + resolved units -> the spans to highlight; pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from indexer.analysis import FormKind, encoded, occurrences, stemmer, tagged
from indexer.model import Span
from search.evaluate import find_chains
from search.plan import Form
from search.query import Field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from search.evaluate import Resolved


def find_matches(text: str, language: str, units: Iterable[Resolved]) -> tuple[Span, ...]:
    """The words of a paragraph that units of the text field stand on, sorted and disjoint.

    Args:
        text: the paragraph.
        language: its article's, which decides the stems.
        units: what the query asks for; those of other fields are left out.
    """
    places: dict[tuple[Form, bytes], dict[int, Span]] = defaultdict(dict)
    stem = stemmer(language)
    for form, position, start, end, kind in occurrences(text):
        span = Span(start, end)
        places[Form.EXACT, encoded(form)][position] = span
        if kind is FormKind.WORD:
            stemmed = encoded(tagged(stem(form), language))
            places[Form.STEM, stemmed][position] = span
    spans: set[Span] = set()
    for resolved in units:
        if resolved.unit.field is not Field.TEXT:
            continue
        for sequence in resolved.sequences:
            found = [
                {
                    position: span
                    for term in lookup.terms
                    for position, span in places.get((lookup.form, term), {}).items()
                }
                for lookup in sequence
            ]
            positions = [
                (lookup.offset, list(at)) for lookup, at in zip(sequence, found, strict=True)
            ]
            offsets = sorted({lookup.offset for lookup in sequence})
            for chain in find_chains(positions, resolved.unit.slop):
                at_offset = dict(zip(offsets, chain, strict=True))
                for lookup, at in zip(sequence, found, strict=True):
                    spans.add(at[at_offset[lookup.offset]])
    return _disjoint(spans)


def _disjoint(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans that overlap or touch become one: forms lie over their parts, 巡逻 is one word."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)
