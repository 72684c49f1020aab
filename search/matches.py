"""Passage text + resolved units -> the spans to highlight; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from indexer.model import Span
from indexer.text.analysis import (
    FormKind,
    shape_of,
    stemmer,
    tagged,
    tagged_pair,
    token_pattern,
)
from search.chains import Stretch, find_chains, find_windows
from search.plan import Form as IndexedForm
from search.plan import width as width_of
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from search.plan import Lookup, Resolved, Sequences

# By term and position.
_Found: TypeAlias = "dict[bytes, dict[int, Span]]"
# A term, whether it is an exact form, and its offset, start and end in a token.
_Standing: TypeAlias = "tuple[bytes, bool, int, int, int]"
# The positions that a token takes, and what of it is wanted.
_Wanted: TypeAlias = "tuple[int, tuple[_Standing, ...]]"


# Characters that mean the same to the tokenizer as one of ASCII: an apostrophe, what a name may
# follow directly, and what it may not.
_SIMPLER = str.maketrans(
    dict.fromkeys("‘’", "'")
    | dict.fromkeys("“«", '"')
    | {"\xa0": " "}
    | dict.fromkeys("”»„‹›–—…•§¶†→←↑↩×÷±−≤≥≠≈°©®€£¥", "!")
)


# What is wanted of most tokens: they take a position.
_PLAIN: _Wanted = (1, ())
# The stemmer of this language changes no first letter, so that most words need not be stemmed.
_KEEPING_FIRST = "en"


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
        self._exact = _terms(lookups, IndexedForm.EXACT)
        self._stems = _terms(lookups, IndexedForm.STEM)

        # A sentence without spaces has a pair for each of its characters.
        mark = tagged_pair("")
        self._pairs = {
            stem.removeprefix(mark): term
            for stem, term in self._stems.items()
            if stem.startswith(mark)
        }
        head = f"{_KEEPING_FIRST}:"
        self._first_letters = {stem[len(head)] for stem in self._stems if stem.startswith(head)}
        # By language, what is wanted of each token that was seen: a page has most of them often.
        self._seen: dict[str, dict[str, _Wanted]] = {}

    def find(self, text: str, language: str) -> tuple[Span, ...]:
        """The spans to highlight, sorted and disjoint.

        Args:
            text: the paragraph.
            language: its article's, which decides the stems.
        """
        exact: _Found = {}
        stems: _Found = {}
        seen = self._seen.setdefault(language, {})
        known = seen.get
        if not text.isascii():
            # Quotes and dashes are all that is not ASCII in many texts, and ASCII is cut faster.
            simpler = text.translate(_SIMPLER)
            text = simpler if simpler.isascii() else text
        position = 0
        for match in token_pattern(text).finditer(text):
            token = match[0]
            found = known(token)
            if found is None:
                found = seen[token] = self._wanted(token, language)
            width, wanted = found
            if wanted:
                at = match.start()
                for term, is_exact, offset, start, end in wanted:
                    places = (exact if is_exact else stems).setdefault(term, {})
                    places[position + offset] = Span(at + start, at + end)
            position += width
        spans: set[Span] = set()
        for resolved in self._units:
            slop = resolved.unit.slop
            for sequence in resolved.sequences:
                for _, standing in _chains(sequence, exact, stems, slop):
                    spans.update(standing)
            if resolved.near:
                spans.update(_nearby(resolved.near, exact, stems, slop))
        return _disjoint(spans)

    def _wanted(self, token: str, language: str) -> _Wanted:
        """The forms of a token that are asked for."""
        if token.isalnum() and token.isascii():  # one plain word, as nearly all are
            word = token.lower()
            exact, stems = self._exact.get(word), None
            if self._stems and (language != _KEEPING_FIRST or word[0] in self._first_letters):
                stems = self._stems.get(tagged(stemmer(language)(word), language))
            if exact is None and stems is None:
                return _PLAIN
            end = len(token)
            found = ((exact, True), (stems, False))
            return 1, tuple((term, which, 0, 0, end) for term, which in found if term is not None)
        shape = shape_of(token)
        wanted: list[_Standing] = []
        pairs, exact_forms, stems_of_words = self._pairs, self._exact, self._stems
        is_pair, is_word = FormKind.PAIR, FormKind.WORD
        for offset, form, start, end, kind in shape.forms:
            if kind is is_pair:
                if form in pairs:
                    wanted.append((pairs[form], False, offset, start, end))
                continue
            if form in exact_forms:
                wanted.append((exact_forms[form], True, offset, start, end))
            if kind is is_word and stems_of_words:
                term = stems_of_words.get(tagged(stemmer(language)(form), language))
                if term is not None:
                    wanted.append((term, False, offset, start, end))
        return shape.width, tuple(wanted)


def _terms(lookups: Iterable[Lookup], form: IndexedForm) -> dict[str, bytes]:
    return {
        term.decode("utf-8", "surrogatepass"): term
        for lookup in lookups
        if lookup.form is form
        for term in lookup.terms
    }


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
        _places(exact if lookup.form is IndexedForm.EXACT else stems, lookup.terms)
        for lookup in sequence
    ]
    if not all(found):
        return
    if len(found) == 1:
        yield from ((position, [span]) for position, span in sorted(found[0].items()))
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
    widths = map(width_of, parts)
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
