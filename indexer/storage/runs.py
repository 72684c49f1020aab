"""Runs of postings -> the lists of a segment, by numpy: nothing is done term by term but naming.

A run has the postings of some documents, whether a batch of new ones or an old segment. The runs
of a field follow each other: every document of one is above all documents of those before it. So
the postings of a term are those of each run one behind the other, and where they go is known from
how many there are.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from indexer.storage.packing import Postings, pack, unpack
from indexer.text.sorting import Run, narrow, run_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from indexer.storage.postings import FieldPostings
    from indexer.text.inverting import Terms
    from indexer.text.words import Numbers

# About so many positions are brought together at a time.
_SLICE_POSITIONS = 1 << 20


def run_of_postings(postings: Mapping[bytes, Sequence[Any]], terms: Terms) -> Run:
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


def run_of_values(values: Sequence[bytes], docs: Sequence[int], terms: Terms) -> Run:
    """The run of a field that has one term in a document, at position 0."""
    numbers = np.fromiter(map(terms.__getitem__, values), np.int64, len(values))
    return run_of(numbers, np.array(docs, np.int64), np.zeros(len(docs), np.int64))


def run_of_segment(postings: FieldPostings, numbers: Sequence[int], terms: Terms) -> Run:
    """The run of a field of a segment under new document numbers, leaving out those that are -1."""
    names = np.fromiter(map(terms.__getitem__, postings.terms()), np.int64, len(postings))
    first, ends, docs, frequencies, positions = unpack(
        postings, np.arange(len(postings)), positions=True
    )
    docs = np.array(numbers, np.int64)[docs]
    live = docs >= 0
    if not live.all():
        positions = positions[np.repeat(live, frequencies)]
        ends = np.append(0, np.cumsum(np.where(live, frequencies, 0)))[first]
        first = np.append(0, np.cumsum(live))[first]
        docs, frequencies = docs[live], frequencies[live]
    left = first[1:] > first[:-1]
    return Run(
        names[left],
        np.append(first[:-1][left], len(docs)),
        np.append(ends[:-1][left], len(positions)),
        narrow(docs),
        narrow(frequencies),
        narrow(positions),
    )


class MergedRuns:
    """The runs of a field brought together.

    Attributes:
        lexicon: their terms, sorted.
    """

    def __init__(self, runs: Sequence[Run], terms: Terms) -> None:
        self._runs = runs
        self.lexicon, ranks = _lexicon(runs, terms)
        places = [ranks[run.terms] for run in runs]
        self._orders = [np.argsort(place) for place in places]
        # By run, the places of its terms in the lexicon, rising.
        self._places = [place[order] for place, order in zip(places, self._orders, strict=True)]

    def lists(self) -> Iterator[tuple[Numbers, Numbers]]:
        """Yield the lists of some terms after those of others, each with their sizes in bytes."""
        sizes = np.zeros(len(self.lexicon) + 1, np.int64)
        for run, order, place in zip(self._runs, self._orders, self._places, strict=True):
            sizes[place + 1] += np.diff(run.ends)[order]
        sums = np.cumsum(sizes)
        steps = np.arange(_SLICE_POSITIONS, sums[-1] + _SLICE_POSITIONS, _SLICE_POSITIONS)
        bounds = np.unique(np.append(0, np.minimum(sums.searchsorted(steps), len(self.lexicon))))
        for start, end in pairwise(bounds.tolist()):
            lists, starts = pack(self._some(start, end))
            yield lists, np.diff(starts)

    def _some(self, start: int, end: int) -> Postings:
        """The postings of the terms at some neighbouring places."""
        by_posting: list[_Part] = []
        by_position: list[_Part] = []
        for run, order, place in zip(self._runs, self._orders, self._places, strict=True):
            low, high = place.searchsorted((start, end))
            own, at = order[low:high], place[low:high] - start
            by_posting.append(_Part(at, run.first, own, (run.docs, run.frequencies)))
            by_position.append(_Part(at, run.ends, own, (run.positions,)))
        first, (docs, frequencies) = _one_behind_the_other(end - start, by_posting)
        ends, (positions,) = _one_behind_the_other(end - start, by_position)
        return Postings(first, ends, docs.astype(np.int64), frequencies, positions)


def _lexicon(runs: Sequence[Run], terms: Terms) -> tuple[list[bytes], Numbers]:
    """The sorted terms of all runs, and by the number of a term its place among them."""
    used = np.zeros(len(terms), np.bool_)
    for run in runs:
        used[run.terms] = True
    names = terms.names
    order = sorted(used.nonzero()[0].tolist(), key=names.__getitem__)
    ranks = np.zeros(len(terms), np.int64)
    ranks[order] = np.arange(len(order))
    return [names[number] for number in order], ranks


class _Part(NamedTuple):
    """What one run has for some terms.

    Attributes:
        places: those of the terms, rising.
        starts: where the values of all its terms begin, and their end.
        own: which of those the terms are.
        columns: the values of all its terms.
    """

    places: Numbers
    starts: Numbers
    own: Numbers
    columns: tuple[Numbers, ...]


def _one_behind_the_other(count: int, parts: Sequence[_Part]) -> tuple[Numbers, list[Numbers]]:
    """Bring together the values that several runs have for each of so many terms.

    Returns: by term, where its values begin, and their end; and the columns.
    """
    totals = np.zeros(count + 1, np.int64)
    counts = [np.diff(part.starts)[part.own] for part in parts]
    for part, own in zip(parts, counts, strict=True):
        totals[part.places + 1] += own
    first = np.cumsum(totals)
    free = first[:-1].copy()
    columns = zip(*(part.columns for part in parts), strict=True)
    merged = [
        np.empty(int(first[-1]), np.result_type(np.uint8, *(values.dtype for values in column)))
        for column in columns
    ]
    for part, own in zip(parts, counts, strict=True):
        before = np.cumsum(own) - own
        each = np.arange(int(own.sum()))
        target = np.repeat(free[part.places] - before, own) + each
        each += np.repeat(part.starts[part.own] - before, own)
        for values, column in zip(merged, part.columns, strict=True):
            values[target] = column[each]
        free[part.places] += own
    return first, merged
