"""Occurrences of terms -> postings: one sort of integers, the term above, the place below."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from indexer.text.words import Numbers


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
    bits = count.bit_length()
    keys = (terms.astype(np.int64) << bits) | np.arange(count)
    keys.sort()
    rows = keys & ((1 << bits) - 1)
    keys >>= bits
    docs, positions = docs[rows], positions[rows]
    starts = np.flatnonzero(_changes(keys) | _changes(docs))
    of_postings = keys[starts]
    first = np.flatnonzero(_changes(of_postings))
    return Run(
        of_postings[first],
        np.append(first, len(starts)),
        np.append(starts[first], count),
        narrow(docs[starts]),
        narrow(np.diff(starts, append=count)),
        narrow(positions),
    )


def _changes(values: Numbers) -> NDArray[np.bool_]:
    """Whether each value differs from the one before it; the first does."""
    changes = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes


def narrow(values: Numbers) -> Numbers:
    """The same numbers, none below 0, in the narrowest unsigned type that holds them all."""
    narrowest: Numbers = values.astype(np.min_scalar_type(int(values.max(initial=0))))
    return narrowest
