"""The sorted terms of a field that is written, one behind the other; there may be millions."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from heapq import merge
from itertools import pairwise, repeat
from typing import TYPE_CHECKING

import numpy as np

from indexer.text.sorting import sorted_order
from indexer.text.terms import Terms
from indexer.text.words import seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.storage.postings import FieldPostings
    from indexer.text.terms import AnyTerms
    from indexer.text.words import Numbers

_TERMS_AT_A_TIME = 1 << 12


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Sorted terms.

    Attributes:
        raw: one behind the other.
        starts: where each begins and the last one ends.
    """

    raw: bytes | memoryview
    starts: Numbers

    @classmethod
    def of(cls, terms: Sequence[bytes]) -> Lexicon:
        """Those of a list."""
        return cls(b"".join(terms), starts_of(np.fromiter(map(len, terms), np.int64, len(terms))))

    @classmethod
    def of_segment(cls, postings: FieldPostings) -> Lexicon:
        """Those of a field of a segment, which are left where they are."""
        return cls(postings.blob, np.asarray(postings.offsets))

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[bytes]:
        """Yield them, of which only some are held at a time."""
        for start in range(0, len(self), _TERMS_AT_A_TIME):
            own = self.starts[start : start + _TERMS_AT_A_TIME + 1].tolist()
            raw = bytes(self.raw[own[0] : own[-1]])
            yield from [raw[at - own[0] : end - own[0]] for at, end in pairwise(own)]

    def sizes(self, low: int, high: int) -> Numbers:
        """The sizes of those at some neighbouring places, in bytes."""
        return np.diff(self.starts[low : high + 1])

    def between(self, low: int, high: int) -> bytes:
        """Those at some neighbouring places, one behind the other."""
        return bytes(self.raw[int(self.starts[low]) : int(self.starts[high])])


def starts_of(sizes: Numbers) -> Numbers:
    """Where each of several things begins that are one behind the other, and the last one ends."""
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts


def sorted_terms(numbers: Numbers, terms: AnyTerms) -> tuple[Lexicon, Numbers]:
    """The terms of some numbers, all different, as a lexicon, and which of the numbers is where."""
    wanted = np.ascontiguousarray(numbers, np.int32)
    if isinstance(terms, Terms):
        some = terms.named(wanted)
        order = sorted_order(some)
        return Lexicon.of([*map(some.__getitem__, order.tolist())]), order
    raw_order, raw, raw_sizes = terms.sorted(wanted)
    lexicon = Lexicon(raw, starts_of(np.frombuffer(raw_sizes, np.int32)))
    return lexicon, np.frombuffer(raw_order, np.int32)


def united(lexicons: Sequence[Lexicon]) -> tuple[Lexicon, list[Numbers]]:
    """The terms of all lexicons, sorted, and by lexicon the places of its own among them.

    They are gone through side by side: none but the terms that come out are held.
    """
    if len(lexicons) == 1:
        return lexicons[0], [np.arange(len(lexicons[0]))]
    terms: list[bytes] = []
    places = [array("I") for _ in lexicons]
    tagged = (zip(terms, repeat(number)) for number, terms in enumerate(lexicons))
    for term, number in merge(*tagged):
        if not terms or term != terms[-1]:
            terms.append(term)
        places[number].append(len(terms) - 1)
    return Lexicon.of(terms), [seen(own) for own in places]
