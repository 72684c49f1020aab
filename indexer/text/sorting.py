"""Occurrences of terms -> postings: one sort by term that keeps their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from indexer.text.words import Numbers


_MOST_BY_RADIX = 1 << 16


class Run(NamedTuple):
    """The postings of one field of some documents, by term and then by document.

    Attributes:
        terms: the numbers of the terms, each once.
        first: by term, its first place in docs and frequencies; one more than there are terms.
        ends: the same in positions.
        docs, frequencies: as FieldPostings gives them.
        positions: document after document.
    """

    terms: Numbers
    first: Numbers
    ends: Numbers
    docs: Numbers
    frequencies: Numbers
    positions: Numbers


def run_of(terms: Numbers, docs: Numbers, positions: Numbers) -> Run:
    """The postings that occurrences of terms make, in the order of their documents."""
    count = len(terms)
    ranks, different = _ranks(terms)
    if len(different) <= _MOST_BY_RADIX:
        # Numbers of 16 bits are sorted by radix, in a third of the time.
        rows = ranks.astype(np.uint16).argsort(kind="stable")
    else:
        bits = count.bit_length()
        keys = (ranks << bits) | np.arange(count)
        keys.sort()
        rows = keys & ((1 << bits) - 1)
    ends = np.append(0, np.cumsum(np.bincount(ranks, minlength=len(different))))
    docs, positions = docs[rows], positions[rows]
    begins = _changes(docs)
    begins[ends[:-1]] = True
    starts = begins.nonzero()[0]
    return Run(
        different,
        np.append(starts.searchsorted(ends[:-1]), len(starts)),
        ends,
        narrow(docs[starts]),
        narrow(np.diff(starts, append=count)),
        narrow(positions),
    )


def _ranks(terms: Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The place of each term among the different ones, and those, rising."""
    used = np.zeros(int(terms.max(initial=-1)) + 1, np.bool_)
    used[terms] = True
    different = used.nonzero()[0]
    ranks = np.zeros(len(used), np.int64)
    ranks[different] = np.arange(len(different))
    return ranks[terms], different


def _changes(values: Numbers) -> NDArray[np.bool_]:
    """Whether each value differs from the one before it; the first does."""
    changes = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes


def narrow(values: Numbers) -> Numbers:
    """The same numbers, none below 0, in the narrowest unsigned type that holds them all."""
    narrowest: Numbers = values.astype(np.min_scalar_type(int(values.max(initial=0))))
    return narrowest
