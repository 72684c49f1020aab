"""Runs and segments -> the lists of a field, by numpy: nothing is done term by term but naming.

A *run* has the postings of a batch of documents, a *part* those of several runs or of a segment.
All of them follow each other: every document of one is above all documents of those before it. So
the postings of a term are those of each one behind the other, and where they go is known from how
many there are. Terms are brought together in slices of the lexicon, so that no more than one slice
of all postings is ever in memory beside the runs.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from indexer.storage.lexicons import Lexicon, sorted_terms, starts_of, united
from indexer.storage.packing import Postings, pack, unpack
from indexer.text import in_c
from indexer.text.sorting import Run, run_of
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from indexer.storage.postings import FieldPostings
    from indexer.text.terms import AnyTerms
    from indexer.text.words import Numbers

# About so many positions, or bytes of a segment, are brought together at a time.
_SLICE = 1 << 20


def run_of_postings(postings: Mapping[bytes, Sequence[Any]], terms: AnyTerms) -> Run:
    """The run of postings as PostingTable collects them, [document, places ...] by term."""
    numbers: list[int] = []
    docs: list[int] = []
    positions: list[int] = []
    for term, flat in postings.items():
        number = terms[term]
        for doc, places in zip(flat[::2], flat[1::2], strict=True):
            own = [places] if isinstance(places, int) else places
            numbers += [number] * len(own)
            docs += [doc] * len(own)
            positions += own
    return run_of(
        np.array(numbers, np.int64), np.array(docs, np.int64), np.array(positions, np.int64)
    )


def run_of_values(values: Sequence[bytes | str], docs: Sequence[int], terms: AnyTerms) -> Run:
    """The run of a field whose terms, or their texts, stand in a document once, at position 0."""
    numbers = np.frombuffer(terms.numbers(values), np.int32)
    return run_of(numbers, np.array(docs, np.int64), np.zeros(len(docs), np.int64))


class Piece(NamedTuple):
    """What one run or part has for some terms.

    Attributes:
        places: where those terms go, rising.
        own: which of the terms of postings they are.
        postings: of these terms and perhaps of others.
        base: what their documents are counted from.
    """

    places: Numbers
    own: Numbers
    postings: Postings | Run
    base: int = 0


class Part(Protocol):
    """The postings of a field that some documents have."""

    @property
    def lexicon(self) -> Lexicon:
        """Its terms."""

    @property
    def weights(self) -> Numbers:
        """By term, about how many positions it has."""

    def some(self, low: int, high: int, /) -> Iterator[Piece]:
        """Yield what it has of the terms at some neighbouring places, its documents rising."""


class RunsPart:
    """Runs brought together."""

    def __init__(self, runs: Sequence[Run], terms: AnyTerms) -> None:
        self._runs = runs
        self.lexicon, ranks = _lexicon(runs, terms)
        places = [ranks[run.terms] for run in runs]
        # In half of the room that such numbers take by themselves: there are many runs.
        self._orders = [np.argsort(place).astype(np.uint32) for place in places]
        # By run, the places of its terms in the lexicon, rising.
        self._places = [place[order] for place, order in zip(places, self._orders, strict=True)]
        self.weights: Numbers = np.zeros(len(self.lexicon), np.int64)
        for run, order, place in zip(self._runs, self._orders, self._places, strict=True):
            self.weights[place] += _steps(run.ends)[order]

    def some(self, low: int, high: int) -> Iterator[Piece]:
        """Yield what each run has of the terms at some neighbouring places."""
        for run, order, place in zip(self._runs, self._orders, self._places, strict=True):
            start, end = place.searchsorted(np.array((low, high), place.dtype))
            at = place[start:end] - place.dtype.type(low)
            yield Piece(at, order[start:end], run, run.base)


class SegmentPart:
    """A segment under new document numbers, those left out that are -1."""

    def __init__(self, postings: FieldPostings, numbers: Sequence[int] | None) -> None:
        """Take a field; numbers is None where all keep theirs."""
        self._postings = postings
        self.lexicon = Lexicon.of_segment(postings)
        self._numbers = None if numbers is None else np.array(numbers, np.int64)
        starts = np.asarray(postings.starts).astype(np.int64)
        self.weights: Numbers = starts[1:] - starts[:-1]

    def some(self, low: int, high: int) -> Iterator[Piece]:
        """Yield what is live of the terms at some neighbouring places; a term may have none."""
        own = np.arange(high - low)
        found = unpack(self._postings, own + low, positions=True)
        self._postings.release()
        yield Piece(own, own, found if self._numbers is None else self._live(found))

    def _live(self, found: Postings) -> Postings:
        """Postings under their new numbers, without those of documents that have none."""
        first, _, docs, frequencies, positions = found
        docs = np.asarray(self._numbers)[docs]
        live = docs >= 0
        if live.all():
            return found._replace(docs=docs)
        return Postings(
            np.append(0, np.cumsum(live))[first],
            np.append(0, np.cumsum(np.where(live, frequencies, 0)))[first],
            docs[live],
            frequencies[live],
            positions[np.repeat(live, frequencies)],
        )


class Lists(NamedTuple):
    """The lists of some neighbouring terms.

    Attributes:
        terms: the terms one behind the other, those left out that have no postings.
        term_sizes: of each, in bytes.
        lists: one behind the other.
        sizes: of each, in bytes.
    """

    terms: bytes
    term_sizes: Numbers
    lists: NDArray[np.uint8]
    sizes: Numbers


def merged(parts: Sequence[Part]) -> Iterator[Lists]:
    """Yield the lists of all terms of several parts, slice after slice."""
    lexicon, places = united([part.lexicon for part in parts])
    weights = np.zeros(len(lexicon) + 1, np.int64)
    for part, place in zip(parts, places, strict=True):
        weights[place + 1] += part.weights
    sums = np.cumsum(weights)
    steps = np.arange(_SLICE, sums[-1] + _SLICE, _SLICE)
    bounds = np.unique(np.append(0, np.minimum(sums.searchsorted(steps), len(lexicon))))
    del weights, sums  # as much as the terms themselves, until all are merged
    for low, high in pairwise(bounds.tolist()):
        pieces: list[Piece] = []
        for part, place in zip(parts, places, strict=True):
            start, end = place.searchsorted(np.array((low, high), place.dtype)).tolist()
            at = place[start:end] - place.dtype.type(low)
            pieces += [piece._replace(places=at[piece.places]) for piece in part.some(start, end)]
        lists, sizes = lists_of(high - low, pieces)
        raw, term_sizes = lexicon.between(low, high), lexicon.sizes(low, high)
        has_some = sizes > 0
        if not has_some.all():
            starts = starts_of(term_sizes)
            own = zip(starts[:-1][has_some].tolist(), starts[1:][has_some].tolist(), strict=True)
            raw = b"".join([raw[start:end] for start, end in own])
            term_sizes, sizes = term_sizes[has_some], sizes[has_some]
        yield Lists(raw, term_sizes, lists, sizes)


def lists_of(count: int, pieces: Sequence[Piece]) -> tuple[NDArray[np.uint8], Numbers]:
    """The lists of so many terms in several pieces, one behind the other, and their sizes.

    A term without postings has none, of size 0.
    """
    if in_c.merging is not None:
        columns = [
            (places, own, of.first, of.ends, of.docs, of.frequencies, of.positions, base)
            for places, own, of, base in pieces
        ]
        raw, raw_sizes = in_c.merging.lists_of(count, columns)
        return np.frombuffer(raw, np.uint8), np.frombuffer(raw_sizes, np.int32)
    sizes = np.zeros(count, np.int32)
    found = _one_behind_the_other(count, pieces)
    has_some = found.first[1:] > found.first[:-1]
    if not has_some.any():
        return np.zeros(0, np.uint8), sizes
    lists, starts = pack(_with_postings(found, has_some))
    sizes[has_some] = np.diff(starts)
    return lists, sizes


def _with_postings(postings: Postings, has_some: NDArray[np.bool_]) -> Postings:
    """The same without the terms that have none."""
    first, ends = postings.first, postings.ends
    return postings._replace(
        first=np.append(first[:-1][has_some], first[-1]),
        ends=np.append(ends[:-1][has_some], ends[-1]),
    )


def _lexicon(runs: Sequence[Run], terms: AnyTerms) -> tuple[Lexicon, Numbers]:
    """The terms of all runs, and by the number of a term its place among them."""
    used = np.zeros(len(terms), np.bool_)
    for run in runs:
        used[run.terms] = True
    numbers = used.nonzero()[0]
    lexicon, order = sorted_terms(numbers, terms)
    ranks = np.zeros(len(terms), np.uint32)
    ranks[numbers[order]] = np.arange(len(order))
    return lexicon, ranks


def _one_behind_the_other(count: int, pieces: Sequence[Piece]) -> Postings:
    """Bring together the postings that several have for each of so many terms."""
    first, places = _places_of(count, pieces, [piece.postings.first for piece in pieces])
    docs = np.empty(int(first[-1]), np.int64)
    frequencies = _room([piece.postings.frequencies for piece in pieces], len(docs))
    for piece, (target, each) in zip(pieces, places, strict=True):
        own = piece.postings.docs[each]
        docs[target] = own.astype(np.int64) + piece.base if piece.base else own
        frequencies[target] = piece.postings.frequencies[each]
    ends, places = _places_of(count, pieces, [piece.postings.ends for piece in pieces])
    positions = _room([piece.postings.positions for piece in pieces], int(ends[-1]))
    for piece, (target, each) in zip(pieces, places, strict=True):
        positions[target] = piece.postings.positions[each]
    return Postings(first, ends, docs, frequencies, positions)


def _room(columns: Sequence[Numbers], size: int) -> Numbers:
    """Room for so many of the numbers in some columns."""
    return np.empty(size, np.result_type(np.uint8, *(values.dtype for values in columns)))


def _places_of(
    count: int, pieces: Sequence[Piece], starts: Sequence[Numbers]
) -> tuple[Numbers, Iterator[tuple[Numbers, Numbers]]]:
    """Where values go that several pieces have for each of so many terms.

    Args:
        count: how many terms there are.
        pieces: which terms each has.
        starts: by piece, where the values of all its terms begin, and their end.

    Returns: by term, where its values begin, and their end; and by piece, where those of its terms
        go and where they are.
    """
    totals = np.zeros(count + 1, np.int64)
    counts = [_steps(start)[piece.own] for piece, start in zip(pieces, starts, strict=True)]
    for piece, own_counts in zip(pieces, counts, strict=True):
        totals[piece.places + 1] += own_counts
    first = np.cumsum(totals)
    return first, _places(first, pieces, starts, counts)


def _places(
    first: Numbers, pieces: Sequence[Piece], starts: Sequence[Numbers], counts: Sequence[Numbers]
) -> Iterator[tuple[Numbers, Numbers]]:
    free = first[:-1].copy()
    for piece, start, own in zip(pieces, starts, counts, strict=True):
        before = np.cumsum(own) - own
        each = np.arange(int(own.sum()))
        target = np.repeat(free[piece.places] - before, own) + each
        each += np.repeat(start[piece.own] - before, own)
        yield target, each
        free[piece.places] += own


def _steps(ends: Numbers) -> NDArray[np.int64]:
    """How far it is from each number to the next."""
    return np.diff(ends).astype(np.int64)
