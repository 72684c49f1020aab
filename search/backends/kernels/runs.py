"""Operations on sorted arrays of document numbers, and counts that are made of them; pure numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from indexer.storage.packing import positions_of_one

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from indexer.storage.postings import FieldPostings

    Docs: TypeAlias = NDArray[np.int64]
    Numbers: TypeAlias = NDArray[Any]

NO_DOCS: Docs = np.zeros(0, np.int64)
# A document, or a candidate's rank, in the upper half of a key; a number or position in the lower.
HALF = 32
LOWER = (1 << HALF) - 1
# One of so many scores tells where the best begin.
_SAMPLED = 16


class ArrayCounts:
    """How often something occurs: documents, rising, and the number in each."""

    __slots__ = ("docs", "numbers")

    def __init__(self, docs: Docs, numbers: Numbers) -> None:
        self.docs = docs
        self.numbers = numbers

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.docs)

    def get(self, doc: int, default: float, /) -> float:
        """Return the occurrences in one document."""
        if not len(self.docs):
            return default
        at = self.docs.searchsorted(doc)
        if at == len(self.docs) or self.docs[at] != doc:
            return default
        return float(self.numbers[at])


NO_COUNTS = ArrayCounts(NO_DOCS, NO_DOCS)


def saturated(numbers: Numbers, addends: Any, worth: float) -> NDArray[np.float64]:
    """What numbers of occurrences are worth: worth x n / (n + addend)."""
    frequencies: NDArray[np.float64] = numbers.astype(np.float64)
    below = frequencies + addends
    frequencies *= worth
    frequencies /= below
    return frequencies


def least_of_best(scores: NDArray[np.float64], wanted: int) -> float:
    """The lowest of so many of the highest scores; there are more, and one is wanted at least."""
    if len(scores) > _SAMPLED * _SAMPLED * wanted:
        # Of some of them the lowest is no higher than that of all, and few others are above it.
        scores = scores[scores >= least_of_best(scores[::_SAMPLED].copy(), wanted)]
    first = len(scores) - wanted
    return float(np.partition(scores, first)[first])


def starts_of(values: Docs) -> NDArray[np.int64]:
    """The places where a sorted array has another value than before."""
    if len(values) < 2:
        return np.arange(len(values))
    changed = np.empty(len(values), np.bool_)
    changed[0] = True
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed.nonzero()[0]


def find(docs: Docs, wanted: Docs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of wanted documents that are among others, and where they are there."""
    if not len(docs):
        return NO_DOCS, NO_DOCS
    # Both of one type, or all of the longer array would be converted.
    places = docs.searchsorted(wanted.astype(docs.dtype, copy=False))
    at = (docs.take(places, mode="clip") == wanted).nonzero()[0]
    return at, places[at]


def common(one: Docs, other: Docs) -> Docs:
    """What two sorted arrays have in common."""
    if len(other) < len(one):
        one, other = other, one
    return one[find(other, one)[0]]


def positions_in(
    postings: FieldPostings,
    places: Sequence[int],
    docs: Docs,
    unpacked: Callable[[FieldPostings, int], tuple[Docs, Numbers]],
) -> Docs:
    """Where any of some terms stands in documents, as rank of the document << 32 | position.

    They are in rising order. What unpacked gives are the documents and frequencies of a term.
    """
    found: list[Docs] = []
    for place in places:
        own_docs, frequencies = unpacked(postings, place)
        ranks, at = find(own_docs, docs)
        if not len(at):
            continue
        firsts = np.empty(len(at), np.int64)
        firsts[0] = frequencies[: at[0]].sum(dtype=np.int64)
        firsts[1:] = np.add.reduceat(frequencies, at, dtype=np.int64)[:-1]
        numbers = frequencies[at].astype(np.int64)
        # From each first position on as many as there are.
        each = (firsts.cumsum() - numbers.cumsum() + numbers).repeat(numbers)
        each += np.arange(len(each))
        positions = positions_of_one(postings, place)[each]
        found.append((ranks << HALF).repeat(numbers) | positions)
    if len(found) < 2:
        return found[0] if found else NO_DOCS
    keys = np.concatenate(found)
    keys.sort()
    return keys
